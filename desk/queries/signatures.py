"""Whose signature a unit record waits for, derived from state, roles, approvals, awards and sampling marks.

Nothing here names a future signer in the database (HOUSE decided 6): a hand-over or a new award shows at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from centres.authority.register import awards_counting
from centres.models import Capacity, Membership, Role, UnitApproval, User
from registrations.models import RecordState, UnitRecord
from signoff.contents import RECORD_RELATIONS, contents_of
from signoff.contents_rows import has_left, live_marks
from signoff.models import SamplingMark, Signature, Slot
from signoff.permissions import SLOT_ROLES, VERIFIABLE
from signoff.queries import pending_for
from signoff.states import FROZEN, LINE_NAMES

# Which approvals discharge which countersignature.
_CAPACITY_OF = {
    RecordState.AWAITING_COUNTERSIGNATURE: Capacity.ASSESSOR,
    RecordState.AWAITING_IV_COUNTERSIGNATURE: Capacity.IV,
}
# The lines that wait for one named person, whatever they hold today.
_NAMED = frozenset({Slot.ASSESSOR, Slot.IV, Slot.EV})
_ROLE_OF = {Capacity.ASSESSOR: Role.ASSESSOR, Capacity.IV: Role.IV}


@dataclass(frozen=True, kw_only=True)
class SignatureDue:
    """One line of a signed-into record that waits: since when, and who could give it. Nobody may be able to.

    ``left``: whoever is named for it and does not hold the role any more, so that their work is to be handed over, or
    for an EV has no access any more, so that another draws the record anew.
    """

    record: UnitRecord
    slot: Slot
    since: datetime
    people: tuple[User, ...]
    left: tuple[User, ...] = ()

    @property
    def line(self) -> str:
        return LINE_NAMES[self.slot]

    @property
    def days(self) -> int:
        """Whole days that it has waited."""
        return (timezone.now() - self.since).days


def signatures_due(records: Iterable[UnitRecord]) -> list[SignatureDue]:
    """What signed-into records wait for, longest wait first; four queries however many, and those that read who had a
    part where a second IV is waited for.

    In: records fetched with ``signoff.contents.RECORD_RELATIONS``. A record that waits for nobody (open, complete and
    not drawn, or finished) gives nothing. R33, R35, Q4, Q6.
    """
    frozen = [record for record in records if record.state in FROZEN]
    signed: dict[int, dict[str, Signature]] = defaultdict(dict)
    for signature in Signature.objects.filter(record__in=frozen, voided_at=None).select_related("signer"):
        signed[signature.record_id][signature.slot] = signature
    drawn: dict[int, dict[str, SamplingMark]] = defaultdict(dict)
    for mark in live_marks(frozen):
        drawn[mark.record_id][mark.capacity] = mark
    qualified = _qualified_for(record for record in frozen if record.state in _CAPACITY_OF)
    had_a_part = _had_a_part(frozen)
    due = [
        SignatureDue(record=record, slot=slot, since=since, people=people)
        for record in frozen
        if (found := _next(record, signed[record.pk], drawn[record.pk], qualified, had_a_part))
        for slot, since, people in [found]
    ]
    cut_off = {pk for pk, marks in drawn.items() if SamplingMark.Verifier.EV in marks and has_left(marks["ev"])}
    return sorted(_without_leavers(due, cut_off), key=lambda each: (each.since, each.record.pk))


def _without_leavers(due: list[SignatureDue], cut_off: set[int]) -> list[SignatureDue]:
    """Nothing waits for somebody who has left the role, nor for an EV whose access has ended: `cut_off` are the records
    of such (PRACTICE §5, pain 9; Q25). One query, where somebody is named."""
    named = [each for each in due if each.slot in _NAMED]
    if not named:
        return due
    held = set(
        Membership.objects.active()
        .filter(person__in={person.pk for each in named for person in each.people})
        .values_list("person", "centre", "role")
    )

    def holds(each: SignatureDue, person: User) -> bool:
        if each.slot is Slot.EV and each.record.pk in cut_off:
            return False
        return each.slot not in _NAMED or (person.pk, each.record.portfolio.centre_id, SLOT_ROLES[each.slot]) in held

    return [
        replace(
            each,
            people=tuple(person for person in each.people if holds(each, person)),
            left=tuple(person for person in each.people if not holds(each, person)),
        )
        for each in due
    ]


def signatures_due_from(seat: Membership) -> list[SignatureDue]:
    """The signatures that this seat could give now, longest wait first. A candidate's are not among them, nor what an
    IV had a part in and cannot countersign."""
    due = signatures_due(pending_for(seat).select_related(*RECORD_RELATIONS))
    return [each for each in due if each.slot is not Slot.IV_COUNTERSIGNATURE or seat.person in each.people]


def records_awaiting_signature(records: QuerySet[UnitRecord]) -> QuerySet[UnitRecord]:
    """Those of the records on which a signature can be due, with all that `signatures_due` reads.

    On a registration that is suspended or has been withdrawn nothing is signed, so nobody is waited for.
    """
    marked = SamplingMark.objects.filter(record=OuterRef("pk"), withdrawn_at=None)
    waiting = Q(
        state__in=[
            RecordState.CANDIDATE_SIGNED,
            RecordState.AWAITING_COUNTERSIGNATURE,
            RecordState.AWAITING_IV_COUNTERSIGNATURE,
        ]
    ) | (Q(state__in=[RecordState.COMPLETE, RecordState.VERIFIED]) & Exists(marked))
    return records.filter(waiting, registration__status__in=VERIFIABLE).select_related(*RECORD_RELATIONS)


def _next(
    record: UnitRecord,
    signed: Mapping[str, Signature],
    drawn: Mapping[str, SamplingMark],
    qualified: Mapping[tuple[int, int, str], list[User]],
    had_a_part: Mapping[int, frozenset[int]],
) -> tuple[Slot, datetime, tuple[User, ...]] | None:
    last = max((signature.signed_at for signature in signed.values()), default=record.opened_at)
    of_iv, of_ev = drawn.get(SamplingMark.Verifier.IV), drawn.get(SamplingMark.Verifier.EV)
    match record.state:
        case RecordState.CANDIDATE_SIGNED:
            return Slot.ASSESSOR, last, (record.assessor,)
        case RecordState.AWAITING_COUNTERSIGNATURE:
            barred = {record.registration.candidate_id, _signer(signed, Slot.ASSESSOR), record.iv.pk}
            barred |= {of_iv.verifier_id} if of_iv else set()
            return Slot.ASSESSOR_COUNTERSIGNATURE, last, _others(record, Capacity.ASSESSOR, qualified, barred)
        case RecordState.COMPLETE if of_iv:
            # After a hand-over the mark stays with the record, and the new IV signs.
            return Slot.IV, max(last, of_iv.marked_at), (record.iv,)
        case RecordState.AWAITING_IV_COUNTERSIGNATURE:
            barred = {record.registration.candidate_id, record.assessor.pk, *(one.signer_id for one in signed.values())}
            barred |= had_a_part[record.pk]
            return Slot.IV_COUNTERSIGNATURE, last, _others(record, Capacity.IV, qualified, barred)
        case RecordState.COMPLETE | RecordState.VERIFIED if of_ev:
            return Slot.EV, max(last, of_ev.marked_at), (of_ev.verifier,)
    return None


def _had_a_part(records: Iterable[UnitRecord]) -> dict[int, frozenset[int]]:
    """Who cannot countersign as an IV, by record, where that is what it waits for (R40, Q4)."""
    waiting = [record for record in records if record.state == RecordState.AWAITING_IV_COUNTERSIGNATURE]
    return {pk: contents.assessed_by for pk, contents in contents_of(waiting).items()} if waiting else {}


def _signer(signed: Mapping[str, Signature], slot: Slot) -> int | None:
    return signed[slot].signer_id if slot in signed else None


def _others(
    record: UnitRecord,
    capacity: Capacity,
    qualified: Mapping[tuple[int, int, str], list[User]],
    barred: set[int | None],
) -> tuple[User, ...]:
    people = qualified.get((record.portfolio.centre_id, record.unit_id, capacity), [])
    return tuple(person for person in people if person.pk not in barred)


def _qualified_for(records: Iterable[UnitRecord]) -> dict[tuple[int, int, str], list[User]]:
    """Who is qualified and approved today, by centre, unit and capacity (R33). One query."""
    wanted = {
        (record.portfolio.centre_id, record.unit_id, _CAPACITY_OF[RecordState(record.state)]) for record in records
    }
    today = timezone.localdate()
    found: dict[tuple[int, int, str], list[User]] = defaultdict(list)
    conditions = Q(pk__in=[])
    for centre, unit, capacity in wanted:
        conditions |= Q(centre=centre, unit=unit, capacity=capacity)
    approvals = (
        UnitApproval.objects.filter(conditions, Q(ends_on=None) | Q(ends_on__gte=today), starts_on__lte=today)
        .filter(_holds_role_and_award(today))
        .select_related("person")
        .order_by("person__name", "pk")
    )
    for approval in approvals:
        people = found[(approval.centre_id, approval.unit_id, approval.capacity)]
        if approval.person not in people:
            people.append(approval.person)
    return found


def _holds_role_and_award(today: date) -> Q:
    held = Membership.objects.active().filter(person=OuterRef("person"), centre=OuterRef("centre"))
    condition = Q(pk__in=[])
    for capacity, role in _ROLE_OF.items():
        condition |= (
            Q(capacity=capacity)
            & Exists(held.filter(role=role))
            & Exists(awards_counting(capacity, today).filter(person=OuterRef("person"), centre=OuterRef("centre")))
        )
    return condition
