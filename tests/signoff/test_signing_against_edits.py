"""Somebody signs while something changes that the signature is about: over what was shown, or not at all.

Each change races a signature several times, a little ahead of it and a little behind, until either has come first.
Either the signature came first and stands over exactly what was shown, and the change was refused or may follow by the
rules; or the change came first, and the signature is refused in words or says what the register then said (R35, R48,
R66, Q22a).
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from centres.authority.actions import end_approval, give_approval, record_award, strike_out_award
from centres.models import AccessGrant, Award, Membership, ScopeKind
from centres.people.actions import end_role, give_role
from evidence.items.actions import withdraw_evidence
from evidence.models import Claim, ClaimState, Evidence
from ledger.events import EventType
from ledger.models import Event
from proof.verify import faults
from registrations.access.actions import end_access
from registrations.models import RecordState, UnitRecord
from signoff.actions import mark_sample, sign, unlock, withdraw_sample
from signoff.contents import RECORD_RELATIONS, contents_of_record
from signoff.handover.leavers import pass_on as hand_over
from signoff.handover.reassigning import reassign
from signoff.models import SamplingMark, Signature, Slot
from signoff.moving_on import change_status
from signoff.snapshot import snapshot_of
from tests.at_once import at_once, told
from tests.evidence.builders import World, add_item, add_offered_item, claim, grant, make_world, replace, today
from tests.evidence.decisions import judge_it
from tests.signoff.builders import BY_PASSWORD, confirm_sufficient, judge, seen_by, sign_line

pytestmark = pytest.mark.django_db(transaction=True)

# How long the signature and the change wait after the start, in seconds, if the other is not done before.
STAGGERED = ((0, 0), (0.03, 0), (0, 0.03))
# How long the one waits that has come first each time; in the end until the other is done.
LONGER = (0.2, 60)
SIGNATURE, CHANGE = "the signature", "the change"
_SIGNED = {EventType.RECORD_SIGNED, EventType.RECORD_COUNTERSIGNED, EventType.HEADS_SEALED}


@dataclass(frozen=True)
class Race:
    """A line, what happens beside it, and whether that may still happen once the line is signed."""

    slot: Slot
    change: Callable[[World, UnitRecord], Any]
    may_follow: bool
    # Where the signature may be given after the change all the same, it must show so.
    signs_afterwards: bool = False


def item_of(record: UnitRecord) -> Evidence:
    return Evidence.objects.filter(claims__record=record, state="offered").order_by("-pk")[0]


def replace_it(world: World, record: UnitRecord) -> Any:
    item = item_of(record)
    return replace(world, item, title=f"Kettle, told {item.versions.count() + 1} times")


def withdraw(world: World, record: UnitRecord) -> Any:
    item = item_of(record)
    return withdraw_evidence(evidence=item, revision=item.revision, why="Wrong shop", by=world.candidate)


def claim_more(world: World, record: UnitRecord) -> Any:
    return claim(world, add_item(world, with_file=True), world.criteria[:1], record=record)


def suspend(world: World, record: UnitRecord) -> Any:
    registration = type(record.registration).objects.get(pk=record.registration_id)
    return change_status(
        registration=registration,
        revision=registration.revision,
        status="suspended",
        on=today(),
        why="Illness",
        by=world.coordinator,
    )


def strike_out(seat: str) -> Callable[[World, UnitRecord], Any]:
    def strike(world: World, record: UnitRecord) -> Any:
        (award,) = Award.objects.filter(person=getattr(world, seat).person, struck_out_at=None)
        return strike_out_award(award=award, why="Not theirs", by=world.coordinator)

    return strike


def end_role_of(seat: str) -> Callable[[World, UnitRecord], Any]:
    return lambda world, record: end_role(membership=getattr(world, seat), by=world.coordinator)


def end_approval_of(seat: str) -> Callable[[World, UnitRecord], Any]:
    def end(world: World, record: UnitRecord) -> Any:
        given = getattr(world, seat).person.unit_approvals.get(unit=record.unit, ends_on=None)
        return end_approval(approval=given, ends_on=given.starts_on, by=world.coordinator)

    return end


def hand_the_assessors_work_over(world: World, record: UnitRecord) -> Any:
    return hand_over(
        person=world.assessor.person,
        assessor=world.countersigner.person,
        iv=None,
        items=[f"registration-{world.registration.pk}-assessor"],
        why="She left",
        by=world.coordinator,
    )


def unlock_it(world: World, record: UnitRecord) -> Any:
    return unlock(record_id=record.pk, reason="A mistake", by=world.coordinator)


def close_the_visit(world: World, record: UnitRecord) -> Any:
    (opened,) = AccessGrant.objects.running().filter(person=world.ev.person, scope_kind=ScopeKind.REGISTRATION)
    return end_access(grant=opened, by=world.coordinator)


RACES: dict[str, Race] = {
    "replace evidence": Race(Slot.CANDIDATE, replace_it, may_follow=True),
    "withdraw evidence": Race(Slot.CANDIDATE, withdraw, may_follow=False),
    "return a claim": Race(
        Slot.CANDIDATE,
        lambda w, r: judge_it(item_of(r), w.assessor, is_accepted=False, comment="Blurred", confirmation=None),
        may_follow=False,
    ),
    "claim more": Race(Slot.CANDIDATE, claim_more, may_follow=False),
    "hand the assessor’s work over": Race(Slot.CANDIDATE, hand_the_assessors_work_over, may_follow=True),
    "suspend the registration": Race(Slot.CANDIDATE, suspend, may_follow=True),
    "end the candidate’s role": Race(Slot.CANDIDATE, end_role_of("candidate"), may_follow=True),
    "strike out the assessor’s award": Race(
        Slot.ASSESSOR, strike_out("assessor"), may_follow=True, signs_afterwards=True
    ),
    "end the assessor’s role": Race(Slot.ASSESSOR, end_role_of("assessor"), may_follow=True),
    "end the assessor’s approval": Race(Slot.ASSESSOR, end_approval_of("assessor"), may_follow=True),
    "unlock": Race(Slot.ASSESSOR, unlock_it, may_follow=True),
    "strike out the countersigner’s award": Race(
        Slot.ASSESSOR_COUNTERSIGNATURE, strike_out("countersigner"), may_follow=True
    ),
    "end the countersigner’s approval": Race(
        Slot.ASSESSOR_COUNTERSIGNATURE, end_approval_of("countersigner"), may_follow=True
    ),
    "take the sample back": Race(
        Slot.IV, lambda w, r: withdraw_sample(record_id=r.pk, reason="Too many", by=w.iv), may_follow=False
    ),
    "end the IV’s role": Race(Slot.IV, end_role_of("iv"), may_follow=True),
    "close the visit": Race(Slot.EV, close_the_visit, may_follow=True),
}
SIGNERS = {
    Slot.CANDIDATE: "candidate",
    Slot.ASSESSOR: "assessor",
    Slot.ASSESSOR_COUNTERSIGNATURE: "countersigner",
    Slot.IV: "iv",
    Slot.EV: "ev",
}


@pytest.fixture(autouse=True)
def _nobody_is_mailed(settings: Any) -> None:
    """Mail has tests of its own, and would be read for in the threads of these."""
    settings.LEDGER_LISTENERS = []


@pytest.mark.parametrize("name", RACES)
def test_a_signature_is_over_what_was_shown_or_is_not_given(name: str) -> None:
    race, world = RACES[name], make_world()
    came_first: set[str] = set()
    for waits, change_waits in turns(came_first):
        record = make_due(world, race.slot)
        seat = getattr(world, SIGNERS[race.slot])
        digest, last = seen_by(seat, record, race.slot), Event.objects.latest("pk").pk

        def signs(seat: Membership = seat, record: UnitRecord = record, digest: str = digest) -> Signature:
            return sign(
                record_id=record.pk,
                slot=race.slot,
                typed_name=seat.person.name,
                seen_digest=digest,
                proof=BY_PASSWORD,
                by=seat,
            )

        is_signed, is_changed = threading.Event(), threading.Event()
        answers = at_once(
            [
                partial(staggered, signs, waits, other=is_changed, done=is_signed),
                partial(staggered, partial(race.change, world, record), change_waits, other=is_signed, done=is_changed),
            ]
        )
        came_first.add(check(race, answers, digest=digest, last=last))
    assert came_first == {SIGNATURE, CHANGE}


def staggered(act: Callable[[], Any], seconds: float, *, other: threading.Event, done: threading.Event) -> Any:
    """Acts when so many seconds are over or the other is done, and says when it is done itself."""
    other.wait(timeout=seconds)
    try:
        return act()
    finally:
        done.set()


def turns(came_first: set[str]) -> Iterator[tuple[float, float]]:
    """How long either waits, turn by turn: first as good as together, then longer while one has never come first."""
    yield from STAGGERED
    for seconds in LONGER:
        if came_first == {SIGNATURE}:
            yield seconds, 0
        elif came_first == {CHANGE}:
            yield 0, seconds


def check(race: Race, answers: list[Any], *, digest: str, last: int) -> str:
    """What came of one race: whether it was as it must be. Returns which came first."""
    signature = answers[0] if isinstance(answers[0], Signature) else None
    words, is_changed = told(answers), not told(answers[1:])
    assert signature or is_changed, words
    assert all(words), "whoever is refused is told why"
    assert list(faults()) == []
    if signature is None:
        assert not Signature.objects.filter(voided_at=None, slot=race.slot).exists()
        return CHANGE
    signature = Signature.objects.get(pk=signature.pk)
    assert signature.snapshot_digest == digest, "what was shown is what was signed"
    if signature.voided_at is None:
        record = UnitRecord.objects.select_related(*RECORD_RELATIONS).get(pk=signature.record_id)
        now = snapshot_of(contents_of_record(record, with_files=True))
        assert now["record"] == signature.snapshot["record"]
    if not is_changed:
        return SIGNATURE
    assert race.may_follow, "it was let through on a record that is signed"
    new = Event.objects.filter(pk__gt=last).order_by("pk")
    told_of_it = next(event.pk for event in new if event.type in _SIGNED)
    change = next(event.pk for event in new if event.type not in _SIGNED)
    if race.signs_afterwards:
        assert signature.needs_countersignature is (change < told_of_it), "the duty is not what the register said"
    else:
        assert told_of_it < change, "it was signed without authority, or over what had changed"
    return SIGNATURE if told_of_it < change else CHANGE


# --- Making the line due again ----------------------------------------------------------------------------------------


def make_due(world: World, slot: Slot) -> UnitRecord:
    """The candidate's record, or the trainee's for a countersignature, just before this line, whatever happened."""
    restore_people(world)
    is_second = slot is Slot.ASSESSOR_COUNTERSIGNATURE
    registration = world.trainee_registration if is_second else world.registration
    candidate = world.trainee_candidate if is_second else world.candidate
    assessor = world.trainee if is_second else world.assessor
    restore_registration(world, registration.pk)
    record = registration.unit_records.get()
    if record.state != RecordState.OPEN:
        unlock(record_id=record.pk, reason="Once more", by=world.coordinator)
    accepted = Claim.objects.filter(record=record).filter(state=ClaimState.ACCEPTED).count()
    drafts = Evidence.objects.filter(claims__record=record, state="draft").distinct()
    for draft in drafts:
        withdraw_evidence(evidence=draft, revision=draft.revision, why="Not needed", by=candidate)
    if Claim.objects.filter(record=record).filter(state=ClaimState.UNDECIDED).exists():
        judge(item_of(record), by=assessor)
    elif accepted < len(world.criteria):
        judge(add_offered_item(world, seat=candidate, record=record), by=assessor)
    if not record.confirmations.filter(kind="sufficient", lapsed_at=None, confirmed_by=assessor.person).exists():
        confirm_sufficient(record, by=assessor)
    order = [Slot.CANDIDATE, Slot.ASSESSOR, Slot.IV, Slot.EV]
    before = {Slot.ASSESSOR_COUNTERSIGNATURE: order[:2], Slot.EV: order[:2]}.get(
        slot, order[: order.index(slot)] if slot in order else []
    )
    for line in before:
        sign_line(record, line, by=candidate if line is Slot.CANDIDATE else assessor)
    verifier = {Slot.IV: world.iv, Slot.EV: world.ev}.get(slot)
    if verifier and not SamplingMark.objects.filter(record=record).filter(capacity=slot, withdrawn_at=None).exists():
        mark_sample(record_id=record.pk, reason="Ten per cent", by=verifier)
    if (
        slot is Slot.EV
        and not AccessGrant.objects.running().filter(person=world.ev.person, scope_kind="unit_record").exists()
    ):
        mark_sample(record_id=record.pk, reason="Ten per cent", by=world.ev)
    return UnitRecord.objects.get(pk=record.pk)


def restore_people(world: World) -> None:
    """Roles, approvals, awards and the visit as they were."""
    for name in ("candidate", "assessor", "countersigner", "iv"):
        seat = getattr(world, name)
        seat = give_role(person=seat.person, role=seat.role, by=world.coordinator)
        setattr(world, name, Membership.objects.select_related("person", "centre").get(pk=seat.pk))
        if name == "candidate":
            continue
        capacity = "iv" if name == "iv" else "assessor"
        if not seat.person.unit_approvals.filter(unit=world.unit, ends_on=None).exists():
            # From a day of its own in the past, on which it can be ended at once.
            since = today() - timedelta(days=30 - seat.person.unit_approvals.count())
            give_approval(person=seat.person, unit=world.unit, capacity=capacity, starts_on=since, by=world.coordinator)
        if not seat.person.awards.filter(struck_out_at=None).exists():
            record_award(
                person=seat.person,
                kind="V1" if name == "iv" else "A1",
                number=f"A-{Award.objects.count()}",
                awarded_on=today(),
                by=world.coordinator,
            )
    if not AccessGrant.objects.running().filter(person=world.ev.person, scope_kind="registration").exists():
        grant(world, world.ev, world.registration)


def restore_registration(world: World, pk: int) -> None:
    """Active, and its assessor the one who had it."""
    registration = type(world.registration).objects.select_related("centre", "candidate", "iv").get(pk=pk)
    if registration.status == "suspended":
        registration = change_status(
            registration=registration,
            revision=registration.revision,
            status="active",
            on=today(),
            why="Well again",
            by=world.coordinator,
        )
    if registration.assessor_id == world.countersigner.person_id:
        reassign(
            registration=registration,
            revision=registration.revision,
            assessor=world.assessor.person,
            iv=registration.iv,
            why="She is back",
            by=world.coordinator,
        )
