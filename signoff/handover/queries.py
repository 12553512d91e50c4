"""What somebody answers for at a centre, and why each of it can or cannot go to somebody else today (Q23)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from centres.authority.register import approved_units, why_not_approved
from centres.models import Capacity, Centre, Membership, Role, User
from centres.permissions import why_not
from centres.queries import holds_role
from registrations.models import RecordState, Registration, RegistrationStatus, UnitRecord
from registrations.permissions import check_registration_not_ended
from registrations.queries import registrations_for
from registrations.states import ASSESSOR_NOT_SIGNED, SIGNED_BY_IV
from signoff.handover.permissions import WAITS_FOR_ITS_IV, check_unit_goes_on
from signoff.parts_taken import parts_taken
from units.models import Unit

_GOING_ON = (RegistrationStatus.ACTIVE, RegistrationStatus.SUSPENDED)
_ROLE_OF = {Capacity.ASSESSOR: Role.ASSESSOR, Capacity.IV: Role.IV}


@dataclass(frozen=True, kw_only=True)
class HandoverItem:
    """One registration, or one unit of its own, that somebody answers for in one capacity, and who takes it over.

    ``record`` is None for the whole registration. ``reason``: why it cannot be handed over to them; "" when it can.
    """

    registration: Registration
    record: UnitRecord | None
    capacity: Capacity
    successor: User | None
    reason: str = ""

    @property
    def key(self) -> str:
        """What a form calls it."""
        kind, pk = ("unit", self.record.pk) if self.record else ("registration", self.registration.pk)
        return f"{kind}-{pk}-{self.capacity.value}"

    @property
    def what(self) -> str:
        part = f"Unit {self.record.unit.code}" if self.record else "The registration"
        return f"{part}, as {self.capacity.label.lower()}"

    @property
    def units(self) -> list[UnitRecord]:
        """The unit records that go with it: those that have nobody of their own, and no signature to stay theirs."""
        if self.record is not None:
            return [self.record]
        return [record for record in self.registration.unit_records.all() if self._goes_along(record)]

    @property
    def unlocks(self) -> list[UnitRecord]:
        """Those of them that the candidate has signed: whoever takes over reviews first (Q23), so they are unlocked
        with it, and the candidate signs anew."""
        if self.capacity is not Capacity.ASSESSOR or not self.registration.is_open:
            return []
        return [record for record in self.units if record.state == RecordState.CANDIDATE_SIGNED]

    def _goes_along(self, record: UnitRecord) -> bool:
        if self.capacity is Capacity.ASSESSOR:
            return record.own_assessor_id is None and record.state in ASSESSOR_NOT_SIGNED
        return record.own_iv_id is None and record.state not in SIGNED_BY_IV


def handover_items(*, person: User, seat: Membership, assessor: User | None, iv: User | None) -> list[HandoverItem]:
    """Everything unsigned that a person answers for at the coordinator's centre, each with the reason why not (Q23).

    ``assessor`` and ``iv`` take over what they answer for in that capacity; None: nobody is chosen yet, and no reason
    is given. Thirteen queries at most, however much there is. ``signoff.handover.actions`` decides by the same rules.
    """
    items = [
        HandoverItem(
            registration=registration,
            record=record,
            capacity=capacity,
            successor=assessor if capacity is Capacity.ASSESSOR else iv,
        )
        for registration, record, capacity in [*_whole(person, seat), *_of_their_own(person, seat)]
    ]
    wanted = {one.unit for item in items for one in item.units}
    records = {one.pk for item in items for one in item.units}
    successors = {
        capacity: _Successor.of(someone, seat.centre, capacity, wanted, records if capacity is Capacity.IV else set())
        for capacity, someone in ((Capacity.ASSESSOR, assessor), (Capacity.IV, iv))
        if someone is not None and items
    }
    return [
        HandoverItem(
            registration=item.registration,
            record=item.record,
            capacity=item.capacity,
            successor=item.successor,
            reason=_reason(item, successors[item.capacity]) if item.capacity in successors else "",
        )
        for item in items
    ]


@dataclass(frozen=True, kw_only=True)
class _Successor:
    """What must be known of whoever takes over: role, approvals of today, what they had a part in (R40, R41, Q4)."""

    person: User
    centre: Centre
    capacity: Capacity
    has_role: bool
    approved: frozenset[int]
    parts: Mapping[int, str]

    @classmethod
    def of(
        cls, person: User, centre: Centre, capacity: Capacity, units: Iterable[Unit], records: set[int]
    ) -> "_Successor":
        given = approved_units(person, centre, capacity, timezone.localdate()).filter(unit__in=list(units))
        return cls(
            person=person,
            centre=centre,
            capacity=capacity,
            has_role=holds_role(person, centre, _ROLE_OF[capacity]),
            approved=frozenset(given),
            parts=parts_taken(person=person, records=records) if records else {},
        )


def _whole(person: User, seat: Membership) -> list[tuple[Registration, UnitRecord | None, Capacity]]:
    """The registrations that name the person. A completed one counts while a sample waits for them as its IV."""
    waits = UnitRecord.objects.filter(WAITS_FOR_ITS_IV, registration=OuterRef("pk"), own_iv=None)
    found = (
        registrations_for(seat)
        .filter(
            Q(Q(assessor=person) | Q(iv=person), status__in=_GOING_ON)
            | Q(Exists(waits), iv=person, status=RegistrationStatus.COMPLETED)
        )
        .select_related("candidate", "assessor", "iv", "centre", "qualification")
        .prefetch_related("unit_records__unit", "unit_records__own_assessor", "unit_records__own_iv")
        .order_by("candidate__name", "pk")
    )
    return [
        (registration, None, Capacity.ASSESSOR if registration.assessor_id == person.pk else Capacity.IV)
        for registration in found
    ]


def _of_their_own(person: User, seat: Membership) -> list[tuple[Registration, UnitRecord | None, Capacity]]:
    """The units that name the person as their own assessor or IV, while that signature is not given (Q24).

    On a completed registration those count where a sample waits for them as IV.
    """
    going_on = Q(registration__status__in=_GOING_ON)
    waits = UnitRecord.objects.filter(WAITS_FOR_ITS_IV, pk=OuterRef("pk"))
    completed = Q(Exists(waits), registration__status=RegistrationStatus.COMPLETED)
    found = (
        UnitRecord.objects.filter(registration__in=registrations_for(seat))
        .filter(
            Q(going_on, own_assessor=person, state__in=ASSESSOR_NOT_SIGNED)
            | Q(Q(own_iv=person), ~Q(state__in=SIGNED_BY_IV), going_on | completed)
        )
        .select_related(
            "registration__candidate",
            "registration__assessor",
            "registration__iv",
            "registration__centre",
            "registration__qualification",
            "unit",
            "own_assessor",
            "own_iv",
        )
        .order_by("registration__candidate__name", "unit__position", "pk")
    )
    return [
        (record.registration, record, Capacity.ASSESSOR if record.own_assessor_id == person.pk else Capacity.IV)
        for record in found
    ]


def _reason(item: HandoverItem, to: _Successor) -> str:
    """The first reason why not: the state, then the three people, then role and approval, then a part they had."""
    registration, record = item.registration, item.record
    if record is None:
        reason = why_not(check_registration_not_ended, registration)
    else:
        reason = why_not(check_unit_goes_on, record, is_iv_only=item.capacity is Capacity.IV)
    if reason:
        return reason
    as_what = item.capacity.label.lower()
    if to.person.pk == registration.candidate_id:
        return f"A candidate cannot be their own {as_what}."
    if clash := _clash(item, to):
        return clash
    if not to.has_role:
        return f"{to.person} is not an {as_what} at {to.centre}."
    if missing := [one.unit for one in item.units if one.unit_id not in to.approved]:
        return f"{why_not_approved(to.person, missing, item.capacity, timezone.localdate())}"
    if item.capacity is Capacity.IV:
        for one in item.units:
            if part := to.parts.get(one.pk):
                return f"{to.person} {part}, so they cannot verify it."
    return ""


def _clash(item: HandoverItem, to: _Successor) -> str:
    """Where the successor would assess and verify the same unit (R40)."""
    if item.record is None:
        other = item.registration.iv if item.capacity is Capacity.ASSESSOR else item.registration.assessor
        if other == to.person:
            return f"{to.person} is the other of the two here, and nobody verifies their own assessment decisions."
    for record in item.units:
        if item.capacity is Capacity.ASSESSOR and _iv_of(record, item.registration) == to.person.pk:
            return f"{to.person} verifies unit {record.unit.code}."
        if item.capacity is Capacity.IV and _assessor_of(record, item.registration) == to.person.pk:
            return f"{to.person} assesses unit {record.unit.code}."
    return ""


def _iv_of(record: UnitRecord, registration: Registration) -> int:
    return record.own_iv_id or registration.iv_id


def _assessor_of(record: UnitRecord, registration: Registration) -> int:
    return record.own_assessor_id or registration.assessor_id
