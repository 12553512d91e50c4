"""Drawing samples, taking them back, and opening a signed record again (R42, R48, R49, Q25)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from centres.models import AccessGrant, ScopeKind
from evidence.claims.actions import add_claim
from evidence.models import Claim, ClaimState, Evidence
from evidence.queries import evidence_for
from ledger.events import EventType
from ledger.models import Event
from ledger.queries import events_about, with_notes
from registrations.access.actions import end_access
from registrations.models import RecordState, RegistrationStatus
from registrations.queries import records_for
from signoff.actions import mark_sample, unlock, withdraw_sample
from signoff.gate import Kind
from signoff.models import SamplingMark, Signature, Slot, Unlocking
from signoff.queries import open_contents, pending_for, record_page
from tests.evidence.builders import World, add_offered_item, criteria_of, grant, replace, today
from tests.signoff.builders import (
    REACH,
    again,
    awaiting_countersignature,
    awaiting_iv_countersignature,
    candidate_signed,
    complete,
    confirm_sufficient,
    externally_verified,
    judge,
    ready,
    refused,
    sign_line,
    verified,
)
from units.gaps import Party

NOT_THEIRS = (
    "coordinator",
    "candidate",
    "assessor",
    "other_assessor",
    "other_iv",
    "expired_ev",
    "foreign_iv",
    "foreign_coordinator",
)


@pytest.mark.stage(reach=complete)
def test_nobody_else_draws_a_record(world: World):
    record = world.record
    for name in NOT_THEIRS:
        with pytest.raises(PermissionDenied):
            mark_sample(record_id=record.pk, reason="Ten per cent", by=getattr(world, name))
    assert SamplingMark.objects.count() == 0


@pytest.mark.parametrize("state", [state for state in RecordState if state != RecordState.EXTERNALLY_VERIFIED])
def test_an_ev_draws_in_any_state(world: World, state: str):
    """Sampling may be interim."""
    record = REACH[state](world)
    if record.registration_id != world.registration.pk:
        AccessGrant.objects.filter(person=world.ev.person).update(scope_id=record.registration_id)
    assert mark_sample(record_id=record.pk, reason="Visit", by=world.ev).capacity == "ev"


@pytest.mark.stage(reach=complete)
def test_evidence_opens_to_the_ev_with_the_draw_and_until_their_access_ends(world: World):
    """Q25."""
    record = world.record
    assert not records_for(world.ev).filter(pk=record.pk).exists()
    mark_sample(record_id=record.pk, reason="Visit", by=world.ev)
    assert records_for(world.ev).filter(pk=record.pk).exists()
    grant = AccessGrant.objects.get(scope_kind=ScopeKind.UNIT_RECORD, scope_id=record.pk)
    assert (grant.person, grant.starts_on, grant.ends_on) == (
        world.ev.person,
        today(),
        today() + timedelta(days=30),
    )


@pytest.mark.stage(reach=complete)
def test_what_was_drawn_closes_with_the_registration(world: World):
    """The coordinator ends the visit early: nothing of it stays open (Q25)."""
    record = world.record
    mark_sample(record_id=record.pk, reason="Visit", by=world.ev)
    visit = AccessGrant.objects.get(person=world.ev.person, scope_kind=ScopeKind.REGISTRATION)
    end_access(grant=visit, by=world.coordinator)
    assert not records_for(world.ev).exists()
    assert not evidence_for(world.ev).exists()


@pytest.mark.stage(reach=complete)
def test_a_sample_that_the_ev_takes_back_closes(world: World):
    record = world.record
    mark_sample(record_id=record.pk, reason="Visit", by=world.ev)
    withdraw_sample(record_id=record.pk, reason="The wrong candidate", by=world.ev)
    assert not records_for(world.ev).exists()


@pytest.mark.stage(reach=complete)
def test_on_a_later_visit_what_was_drawn_opens_again_under_the_same_mark(world: World):
    record = world.record
    drawn = mark_sample(record_id=record.pk, reason="Visit", by=world.ev)
    for grant_of_visit in AccessGrant.objects.filter(person=world.ev.person):
        end_access(grant=grant_of_visit, by=world.coordinator)
    with pytest.raises(PermissionDenied, match="not open to you"):
        mark_sample(record_id=record.pk, reason="Too late", by=world.ev)
    grant(world, world.ev, world.registration)
    assert mark_sample(record_id=record.pk, reason="Second visit", by=world.ev) == drawn
    assert records_for(world.ev).get() == record
    of_record = AccessGrant.objects.filter(scope_kind=ScopeKind.UNIT_RECORD).order_by("pk")
    assert [opened.reason for opened in of_record] == ["Visit", "Second visit"]
    with pytest.raises(ValidationError, match="already"):
        mark_sample(record_id=record.pk, reason="Twice", by=world.ev)


@pytest.mark.stage(reach=complete)
def test_a_record_is_drawn_once_in_each_capacity(world: World):
    record = world.record
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    mark_sample(record_id=record.pk, reason="Visit", by=world.ev)
    with pytest.raises(ValidationError, match="Ivor Verifier has drawn this unit record already"):
        mark_sample(record_id=record.pk, reason="Again", by=world.iv)
    assert SamplingMark.objects.count() == 2


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_a_sample_needs_a_reason(world: World, reason: str):
    with pytest.raises(ValidationError) as refusal:
        mark_sample(record_id=world.record.pk, reason=reason, by=world.iv)
    assert set(refusal.value.error_dict) == {"reason"}


@pytest.mark.stage(reach=complete)
def test_a_sample_taken_back_leaves_the_line_blank_and_a_trace(world: World):
    record = world.record
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    withdraw_sample(record_id=record.pk, reason="The wrong candidate", by=world.iv)
    with pytest.raises(ValidationError, match="Mark this record"):
        sign_line(record, Slot.IV, by=world.iv)
    told = with_notes(events_about(f"unit_record:{record.pk}")).filter(type=EventType.SAMPLING_MARK_WITHDRAWN).get()
    assert told.note == "The wrong candidate"


@pytest.mark.stage(reach=complete)
def test_who_may_take_a_sample_back(world: World):
    record = world.record
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    for name in ("ev", "coordinator", "assessor", "other_iv", "candidate"):
        with pytest.raises((PermissionDenied, ValidationError)):
            withdraw_sample(record_id=record.pk, reason="No", by=getattr(world, name))
    sign_line(record, Slot.IV, by=world.iv)
    with pytest.raises(ValidationError, match="has signed for this sample"):
        withdraw_sample(record_id=record.pk, reason="Too late", by=world.iv)


# --- Unlocking -------------------------------------------------------------------------------------------------------

BEFORE_VERIFICATION = (candidate_signed, complete)
AFTER_VERIFICATION = (awaiting_iv_countersignature, verified, externally_verified)


@pytest.mark.parametrize("reach", BEFORE_VERIFICATION)
@pytest.mark.parametrize("who", ["assessor", "coordinator"])
def test_the_assessor_or_the_coordinator_unlocks_before_verification(world: World, reach, who: str):
    """R48: signatures void, state open, reason kept."""
    record = reach(world)
    standing = Signature.objects.filter(record=record).count()
    unlock(record_id=record.pk, reason="A reference was wrong", by=getattr(world, who))
    record = again(record)
    assert (record.state, record.completed_at) == (RecordState.OPEN, None)
    assert Signature.objects.filter(record=record).filter(voided_at=None).count() == 0
    assert Signature.objects.filter(record=record).exclude(voided_by=None).count() == standing
    told = with_notes(events_about(f"unit_record:{record.pk}")).filter(type=EventType.RECORD_UNLOCKED).get()
    assert told.note == "A reference was wrong"
    assert len(told.data["voided"]) == standing


@pytest.mark.parametrize("reach", AFTER_VERIFICATION)
def test_after_a_verifier_signed_only_the_coordinator_unlocks(world: World, reach):
    """R48."""
    record = reach(world)
    with pytest.raises(PermissionDenied, match="only the centre coordinator"):
        unlock(record_id=record.pk, reason="Please", by=world.assessor)
    assert again(record).state == record.state
    unlock(record_id=record.pk, reason="The EV sent it back", by=world.coordinator)
    assert again(record).state == RecordState.OPEN


@pytest.mark.stage(reach=complete)
def test_nobody_else_unlocks(world: World):
    record = world.record
    for name in ("candidate", "iv", "ev", "other_assessor", "countersigner", "foreign_coordinator", "foreign_assessor"):
        with pytest.raises(PermissionDenied):
            unlock(record_id=record.pk, reason="Please", by=getattr(world, name))
    assert Unlocking.objects.count() == 0


def test_an_open_record_has_nothing_to_unlock(world: World):
    with pytest.raises(ValidationError, match="nothing to unlock"):
        unlock(record_id=ready(world).pk, reason="Please", by=world.coordinator)


@pytest.mark.stage(reach=candidate_signed)
def test_an_unlocking_needs_a_reason(world: World):
    record = world.record
    with pytest.raises(ValidationError) as refusal:
        unlock(record_id=record.pk, reason=" ", by=world.assessor)
    assert set(refusal.value.error_dict) == {"reason"}
    assert again(record).state == RecordState.CANDIDATE_SIGNED


@pytest.mark.parametrize("status", [RegistrationStatus.SUSPENDED, RegistrationStatus.COMPLETED])
@pytest.mark.stage(reach=complete)
def test_a_registration_that_does_not_go_on_is_not_unlocked(world: World, status: str):
    record = world.record
    world.registration.status = status
    world.registration.ended_on = today() if status == RegistrationStatus.COMPLETED else None
    world.registration.save()
    with pytest.raises(ValidationError, match=status):
        unlock(record_id=record.pk, reason="Please", by=world.coordinator)


@pytest.mark.stage(reach=verified)
def test_an_unlocked_record_takes_new_signatures_from_the_first(world: World):
    """R48: demands new ones; the sample stays drawn."""
    record = world.record
    unlock(record_id=record.pk, reason="A reference was wrong", by=world.coordinator)
    with pytest.raises(ValidationError, match="candidate’s signature comes first"):
        sign_line(record, Slot.ASSESSOR, by=world.assessor)
    confirm_sufficient(record, by=world.assessor)
    sign_line(record, Slot.CANDIDATE, by=world.candidate)
    sign_line(record, Slot.ASSESSOR, by=world.assessor)
    sign_line(record, Slot.IV, by=world.iv)
    assert again(record).state == RecordState.VERIFIED
    assert Signature.objects.filter(record=record).count() == 6


@pytest.mark.stage(reach=complete)
def test_evidence_replaced_since_is_judged_again_once_the_record_is_open(world: World):
    """Q22, Q22a: signed, it kept the version it was judged on; open, it speaks of the evidence as it is now."""
    record = world.record
    item = Evidence.objects.get()
    other = add_offered_item(world, criteria_of(world.unit)[:1], seat=world.trainee_candidate,
        record=world.trainee_registration.unit_records.get())  # fmt: skip
    judge(other, by=world.trainee)
    replace(world, item)
    assert set(Claim.objects.filter(record=record).values_list("state", flat=True)) == {ClaimState.ACCEPTED}
    unlock(record_id=record.pk, reason="The receipt has no date", by=world.assessor)
    assert set(Claim.objects.filter(record=record).values_list("state", flat=True)) == {ClaimState.UNDECIDED}
    assert other.claims.get().state == ClaimState.ACCEPTED
    told = Event.objects.get(type=EventType.CLAIM_CHANGED)
    assert (told.data["reference"], len(told.data["claims"])) == ("E1", 27)
    refused(record, Slot.CANDIDATE, by=world.candidate, match="E1 waits for a decision since", error=ValidationError)
    judge(item, by=world.assessor)
    confirm_sufficient(record, by=world.assessor)
    sign_line(record, Slot.CANDIDATE, by=world.candidate)


@pytest.mark.stage(reach=complete)
def test_an_unlocked_record_goes_back_to_the_assessor(world: World):
    """R48: nobody signs again before they have looked at it again; what was not replaced stays judged."""
    record = world.record
    unlock(record_id=record.pk, reason="A slip", by=world.coordinator)
    (missing,) = record_page(record.pk, world.candidate).gate.missing
    assert (missing.kind, missing.who) == (Kind.SUFFICIENCY, Party.ASSESSOR)
    refused(record, Slot.CANDIDATE, by=world.candidate, match="confirmed as sufficient", error=ValidationError)
    assert set(Claim.objects.filter(record=record).values_list("state", flat=True)) == {ClaimState.ACCEPTED}
    confirm_sufficient(record, by=world.assessor)
    assert record_page(record.pk, world.candidate).gate.is_open


@pytest.mark.stage(reach=candidate_signed)
def test_a_signed_record_takes_no_claim(world: World):
    """R66: evidence/ refuses writes by the state that signing sets."""
    record = world.record
    with pytest.raises(ValidationError, match="signed"):
        add_claim(
            evidence=Evidence.objects.get(),
            record=record,
            criterion=criteria_of(world.unit)[0],
            locator="page 2",
            by=world.assessor,
        )


@pytest.mark.parametrize(
    "act",
    [
        lambda world: mark_sample(record_id=world.record.pk, reason="Visit", by=world.ev),
        lambda world: withdraw_sample(record_id=world.record.pk, reason="No", by=world.iv),
        lambda world: unlock(record_id=world.record.pk, reason="Why", by=world.coordinator),
    ],
    ids=["mark", "withdraw", "unlock"],
)
@pytest.mark.stage(reach=complete)
def test_each_action_writes_its_event_or_nothing(world: World, monkeypatch: pytest.MonkeyPatch, act):
    """HOUSE, habits 6 and 12."""
    record = world.record
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)

    def stored() -> tuple[object, ...]:
        return (
            again(record).state,
            SamplingMark.objects.filter(withdrawn_at=None).count(),
            Signature.objects.filter(voided_at=None).count(),
            AccessGrant.objects.count(),
            Event.objects.count(),
        )

    def fail(*_: object, **kwargs: object) -> None:
        raise OSError("The disk is full.")

    before = stored()
    with monkeypatch.context() as patched:
        patched.setattr("signoff.actions.tell", fail)
        with pytest.raises(OSError, match="disk is full"):
            act(world)
    assert stored() == before
    act(world)
    assert stored() != before


# --- What waits for whom ---------------------------------------------------------------------------------------------


def waiting(world: World) -> dict[str, list[int]]:
    seats = ("assessor", "trainee", "countersigner", "other_assessor", "iv", "other_iv", "ev", "coordinator")
    found = {name: [record.pk for record in pending_for(getattr(world, name))] for name in seats}
    return {name: pks for name, pks in found.items() if pks}


@pytest.mark.stage(reach=ready)
def test_pending_signatures_follow_from_roles_and_assignments(world: World):
    """HOUSE decided 6."""
    record = world.record
    assert waiting(world) == {}
    assert [one.record.pk for one in open_contents(world.candidate) if one.gate.is_open] == [record.pk]
    assert not any(one.gate.is_open for one in open_contents(world.other_candidate))
    sign_line(record, Slot.CANDIDATE, by=world.candidate)
    assert open_contents(world.candidate) == []
    assert waiting(world) == {"assessor": [record.pk]}
    sign_line(record, Slot.ASSESSOR, by=world.assessor)
    assert waiting(world) == {}
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    mark_sample(record_id=record.pk, reason="Visit", by=world.ev)
    assert waiting(world) == {"iv": [record.pk]}
    sign_line(record, Slot.IV, by=world.iv)
    assert waiting(world) == {"ev": [record.pk]}
    sign_line(record, Slot.EV, by=world.ev)
    assert waiting(world) == {}


@pytest.mark.stage(reach=awaiting_countersignature)
def test_a_countersignature_waits_for_all_who_could_give_it(world: World):
    record = world.trainee_record
    assert waiting(world) == {"assessor": [record.pk], "countersigner": [record.pk]}


@pytest.mark.stage(reach=awaiting_iv_countersignature)
def test_an_ivs_countersignature_waits_for_all_who_could_give_it(world: World):
    record = world.record
    assert waiting(world) == {}
    world.other_iv.person.unit_approvals.update(unit=world.unit)
    assert waiting(world) == {"other_iv": [record.pk]}
