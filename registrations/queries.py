"""Who sees which registration, portfolio and unit record (R64, Q24, Q25). Every page fetches through these; strangers
find nothing.

All take the seat acted from and look at its centre only, whatever else the person is elsewhere.
"""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from centres.authority.register import approved_units, awards_on
from centres.models import Award, Capacity, Centre, Membership, Role, ScopeKind, User
from centres.queries import _with_titles, running_grants
from registrations.models import HeldElsewhere, Portfolio, RecordState, Registration, RegistrationStatus, UnitRecord
from registrations.states import ASSESSOR_NOT_SIGNED, IV_NOT_SIGNED
from units.kinds import Section
from units.models import Group, Unit


def assessed_by(person: User) -> Q:
    """The unit records that a person answers for as assessor now (Q24)."""
    return Q(own_assessor=person) | Q(own_assessor=None, registration__assessor=person)


def verified_by(person: User) -> Q:
    """The unit records that a person answers for as IV now (Q24)."""
    return Q(own_iv=person) | Q(own_iv=None, registration__iv=person)


def records_for(seat: Membership) -> QuerySet[UnitRecord]:
    """The unit records that open to this seat.

    Candidate: their own. Assessor and IV: those they answer for, and those that wait for a countersignature they could
    give; an IV also what they were granted. Coordinator: the centre's. EV: those drawn, while the grant runs (Q25).
    """
    records = UnitRecord.objects.filter(portfolio__centre=seat.centre_id)
    person = seat.person
    match seat.role:
        case Role.CANDIDATE:
            return records.filter(portfolio__candidate=person)
        case Role.ASSESSOR:
            return records.filter(
                assessed_by(person) | _awaiting(RecordState.AWAITING_COUNTERSIGNATURE, seat, Capacity.ASSESSOR)
            )
        case Role.IV:
            return records.filter(
                verified_by(person)
                | _awaiting(RecordState.AWAITING_IV_COUNTERSIGNATURE, seat, Capacity.IV)
                | Q(pk__in=running_grants(person, ScopeKind.UNIT_RECORD))
            )
        case Role.COORDINATOR:
            return records
        case Role.EV:
            # Both grants: when the coordinator ends the one, what was drawn under it closes too.
            return records.filter(
                registration__in=running_grants(person, ScopeKind.REGISTRATION),
                pk__in=running_grants(person, ScopeKind.UNIT_RECORD),
            )
    return records.none()


def records_listed_for(seat: Membership) -> QuerySet[UnitRecord]:
    """The unit records that this seat may know of: an EV lists registrations opened to them before drawing (Q25)."""
    if seat.role != Role.EV:
        return records_for(seat)
    return UnitRecord.objects.filter(
        registration__in=running_grants(seat.person, ScopeKind.REGISTRATION), portfolio__centre=seat.centre_id
    )


def portfolios_for(seat: Membership) -> QuerySet[Portfolio]:
    """The portfolios that hold something for this seat. What of each is seen, the other queries decide."""
    portfolios = Portfolio.objects.filter(centre=seat.centre_id)
    if seat.role == Role.CANDIDATE:
        return portfolios.filter(candidate=seat.person)
    if seat.role == Role.COORDINATOR:
        return portfolios
    return portfolios.filter(pk__in=records_listed_for(seat).order_by().values("portfolio"))


def _awaiting(state: str, seat: Membership, capacity: Capacity) -> Q:
    """Records that wait for a countersignature this person could give, on awards and approvals of today (R33)."""
    today = timezone.localdate()
    units = approved_units(seat.person, seat.centre, capacity, today)
    is_qualified = Exists(awards_on(seat.person, seat.centre, capacity, today))
    return Q(is_qualified, state=state, unit__in=units) & ~Q(portfolio__candidate=seat.person)


def authority_readable(seat: Membership) -> QuerySet[User]:
    """Assessors and IVs, past ones too, whose awards, approvals and competence this seat may read (R30, R36).

    Coordinator and IV: those of the centre. EV: those named on registrations open to them today (Q25). Assessor:
    themself.
    """
    kept = Membership.objects.filter(centre=seat.centre, role__in=(Role.ASSESSOR, Role.IV)).values("person")
    staff = User.objects.filter(pk__in=kept)
    match seat.role:
        case Role.COORDINATOR | Role.IV:
            return staff
        case Role.ASSESSOR:
            return staff.filter(pk=seat.person_id)
        case Role.EV:
            opened = registrations_for(seat).order_by()
            return staff.filter(
                Q(pk__in=opened.values("assessor"))
                | Q(pk__in=opened.values("iv"))
                | Q(pk__in=opened.filter(unit_records__own_assessor__isnull=False).values("unit_records__own_assessor"))
                | Q(pk__in=opened.filter(unit_records__own_iv__isnull=False).values("unit_records__own_iv"))
            )
    return User.objects.none()


def awards_readable(seat: Membership) -> QuerySet[Award]:
    """The awards on the centre's register that this seat may read, with their certificates."""
    people = authority_readable(seat).order_by().values("pk")
    return _with_titles(Award.objects.filter(centre=seat.centre, person__in=people))


def registrations_for(seat: Membership) -> QuerySet[Registration]:
    """The registrations at the seat's centre that the seat may read (R64).

    Candidate: their own. Assessor and IV: where they are named, on the whole or on a unit of it. Coordinator: all of
    the centre. EV: those that are open to them today (Q25).
    """
    registrations = Registration.objects.filter(centre=seat.centre)
    person = seat.person
    match seat.role:
        case Role.CANDIDATE:
            return registrations.filter(candidate=person)
        case Role.ASSESSOR:
            of_a_unit = Registration.objects.filter(unit_records__own_assessor=person)
            return registrations.filter(Q(assessor=person) | Q(pk__in=of_a_unit.values("pk")))
        case Role.IV:
            of_a_unit = Registration.objects.filter(unit_records__own_iv=person)
            return registrations.filter(Q(iv=person) | Q(pk__in=of_a_unit.values("pk")))
        case Role.COORDINATOR:
            return registrations
        case Role.EV:
            return registrations.filter(pk__in=running_grants(person, ScopeKind.REGISTRATION))
        case _:
            return registrations.none()


def registrations_naming(person: User, centre: Centre, role: str) -> QuerySet[Registration]:
    """The registrations still going on that name a person in a role: what an end of that role leaves to reassign."""
    going_on = Registration.objects.filter(
        centre=centre, status__in=[RegistrationStatus.ACTIVE, RegistrationStatus.SUSPENDED]
    ).select_related("candidate", "qualification")
    match role:
        case Role.CANDIDATE:
            return going_on.filter(candidate=person)
        case Role.ASSESSOR:
            # What they have signed stays theirs, and nobody waits for them there (R66).
            of_a_unit = Registration.objects.filter(
                unit_records__own_assessor=person, unit_records__state__in=ASSESSOR_NOT_SIGNED
            )
            return going_on.filter(Q(assessor=person) | Q(pk__in=of_a_unit.values("pk")))
        case Role.IV:
            of_a_unit = Registration.objects.filter(unit_records__own_iv=person, unit_records__state__in=IV_NOT_SIGNED)
            return going_on.filter(Q(iv=person) | Q(pk__in=of_a_unit.values("pk")))
        case Role.EV:
            return going_on.filter(pk__in=running_grants(person, ScopeKind.REGISTRATION))
        case _:
            return going_on.none()


def coverage_only_units(seat: Membership) -> QuerySet[Unit]:
    """The units in use at the coordinator's centre whose standard prints no *do* and *know* criteria (Q2)."""
    if seat.role != Role.COORDINATOR:
        return Unit.objects.none()
    in_use = Registration.objects.filter(centre=seat.centre, unit_records__isnull=False).values("unit_records__unit")
    beyond_cover = Group.objects.filter(unit=OuterRef("pk"), section__in=(Section.DO, Section.KNOW))
    return (
        Unit.objects.filter(~Exists(beyond_cover), pk__in=in_use)
        .select_related("standard")
        .order_by("standard__title", "standard__edition", "standard_id", "position")
    )


def units_not_held(seat: Membership) -> QuerySet[Unit]:
    """Those of which nobody has confirmed for the centre where the criteria are held: their records wait (Q2)."""
    confirmed = HeldElsewhere.objects.filter(centre=seat.centre, ended_at=None)
    return coverage_only_units(seat).exclude(pk__in=confirmed.values("unit"))


def held_elsewhere_of(seat: Membership) -> QuerySet[HeldElsewhere]:
    """What was ever confirmed so for the coordinator's centre, in the order of units."""
    if seat.role != Role.COORDINATOR:
        return HeldElsewhere.objects.none()
    return (
        HeldElsewhere.objects.filter(centre=seat.centre)
        .select_related("unit__standard", "confirmed_by", "centre")
        .order_by("unit__standard__title", "unit__standard__edition", "unit__standard_id", "unit__position", "pk")
    )


def held_elsewhere(centre_id: int, unit_ids: Iterable[int]) -> dict[int, HeldElsewhere]:
    """The centre's word that stands for each of some units, by unit id, with who gave it (Q2). One query."""
    rows = HeldElsewhere.objects.filter(centre=centre_id, unit__in=set(unit_ids), ended_at=None)
    return {row.unit_id: row for row in rows.select_related("confirmed_by")}


def own_records(seat: Membership | None, unit: Unit) -> list[tuple[str, int]]:
    """A candidate's registrations on a unit: the qualification's title and the id of the unit record. Else none."""
    if seat is None or seat.role != Role.CANDIDATE:
        return []
    return list(
        registrations_for(seat)
        .filter(unit_records__unit=unit)
        .order_by("-started_on", "pk")
        .values_list("qualification__title", "unit_records__pk")
    )


def registrations_in(portfolio: Portfolio, seat: Membership) -> QuerySet[Registration]:
    """The registrations that a portfolio serves, as far as this seat may see them."""
    return (
        registrations_for(seat)
        .filter(candidate=portfolio.candidate_id)
        .select_related("qualification", "assessor", "iv")
        .order_by("-started_on", "-pk")
    )
