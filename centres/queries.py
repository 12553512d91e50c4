"""Reads about people and registrations, limited to who is asking (R64, Q24, Q25)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from units.kinds import Section
from units.models import Group, Unit

from .models import (
    AccessGrant,
    Award,
    Centre,
    CompetenceNote,
    DrawnSignature,
    HeldElsewhere,
    Invitation,
    Membership,
    RealisticWorkingEnvironment,
    RecognisedAward,
    Registration,
    RegistrationStatus,
    Role,
    ScopeKind,
    UnitApproval,
    User,
)


def seats_of(person: Any) -> QuerySet[Membership]:
    """The active memberships of a person, with centre and person, in the order of the role switch."""
    return Membership.objects.active().filter(person=person).select_related("centre", "person")


def centre_people(centre: Centre, role: str) -> QuerySet[User]:
    """Who holds a role at a centre at this moment, by name."""
    held = Membership.objects.active().filter(centre=centre, role=role)
    return User.objects.filter(pk__in=held.values("person")).order_by("name", "pk")


def holds_role(person: User, centre: Centre, role: str) -> bool:
    """Whether a person holds a role at a centre at this moment."""
    return Membership.objects.active().filter(person=person, centre=centre, role=role).exists()


def people_of(seat: Membership) -> QuerySet[User]:
    """Everybody who holds or has held a role at the coordinator's centre; nobody for any other role (Q24)."""
    if seat.role != Role.COORDINATOR:
        return User.objects.none()
    return User.objects.filter(pk__in=Membership.objects.filter(centre=seat.centre).values("person")).order_by(
        "name", "pk"
    )


def people_listed(seat: Membership, *, search: str = "", role: str = "", left: bool = False) -> QuerySet[User]:
    """The people list: those who hold a role here now, or with ``left`` those who no longer do.

    ``search`` looks in name and e-mail address, ``role`` keeps one role. Each person carries ``roles_here``, a list of
    the active memberships at this centre.
    """
    here = Membership.objects.active().filter(centre=seat.centre)
    people = people_of(seat)
    people = people.exclude(pk__in=here.values("person")) if left else people.filter(pk__in=here.values("person"))
    if role:
        people = people.filter(pk__in=here.filter(role=role).values("person"))
    if search:
        people = people.filter(Q(name__icontains=search) | Q(email__icontains=search))
    return people.prefetch_related(Prefetch("memberships", queryset=here, to_attr="roles_here"))


def memberships_of(seat: Membership) -> QuerySet[Membership]:
    """The roles that a coordinator keeps: those of the own centre."""
    if seat.role != Role.COORDINATOR:
        return Membership.objects.none()
    return Membership.objects.filter(centre=seat.centre).select_related("person", "centre")


def invitations_for(seat: Membership) -> QuerySet[Invitation]:
    """The invitations of the coordinator's centre."""
    if seat.role != Role.COORDINATOR:
        return Invitation.objects.none()
    return Invitation.objects.filter(centre=seat.centre).select_related("centre", "invited_by")


def invitations_pending(seat: Membership) -> QuerySet[Invitation]:
    """Invitations neither accepted nor withdrawn: those that wait, and those that have expired."""
    return invitations_for(seat).filter(accepted_at=None, withdrawn_at=None)


def awards_of(seat: Membership) -> QuerySet[Award]:
    """The award register of the coordinator's centre, struck-out entries and all."""
    if seat.role != Role.COORDINATOR:
        return Award.objects.none()
    return _with_titles(Award.objects.filter(centre=seat.centre))


def _with_titles(awards: QuerySet[Award]) -> QuerySet[Award]:
    """Awards as pages show them; each carries ``kind_title``."""
    titles = RecognisedAward.objects.filter(code=OuterRef("kind")).values("title")
    return awards.select_related("person", "recorded_by", "certificate").annotate(
        kind_title=Coalesce(Subquery(titles), F("kind"))
    )


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


def competence_notes(person: User, centre: Centre) -> QuerySet[CompetenceNote]:
    """What is noted of a person's competence at a centre, newest first (R36)."""
    return CompetenceNote.objects.filter(person=person, centre=centre).select_related("noted_by")


def approvals_of(seat: Membership) -> QuerySet[UnitApproval]:
    """The unit approvals that the coordinator's centre has given."""
    if seat.role != Role.COORDINATOR:
        return UnitApproval.objects.none()
    return approvals_at(seat.centre)


def approvals_at(centre: Centre) -> QuerySet[UnitApproval]:
    """The unit approvals of a centre, for narrowing to a person whose authority may be read."""
    return UnitApproval.objects.filter(centre=centre).select_related("person", "unit", "given_by")


def grants_of(seat: Membership) -> QuerySet[AccessGrant]:
    """Every grant at the coordinator's centre, running or past, latest end first.

    Each carries ``candidate_name``, ``registration_number`` and ``registration_id`` of what it opens, and ``unit_code``
    where that is one unit record.
    """
    if seat.role != Role.COORDINATOR:
        return AccessGrant.objects.none()

    def of_scope(field: str) -> Case:
        whole = Registration.objects.filter(pk=OuterRef("scope_id"))
        by_record = Registration.objects.filter(unit_records__pk=OuterRef("scope_id"))
        return Case(
            When(scope_kind=ScopeKind.REGISTRATION, then=Subquery(whole.values(field))),
            default=Subquery(by_record.values(field)),
        )

    unit = Registration.objects.filter(unit_records__pk=OuterRef("scope_id")).values("unit_records__unit__code")
    return (
        AccessGrant.objects.filter(centre=seat.centre)
        .select_related("person", "granted_by")
        .annotate(
            candidate_name=of_scope("candidate__name"),
            registration_number=of_scope("number"),
            registration_id=of_scope("pk"),
            unit_code=Case(When(scope_kind=ScopeKind.UNIT_RECORD, then=Subquery(unit)), default=Value("")),
        )
    )


@dataclass(frozen=True)
class GrantsListed:
    """The access page: what is open or will be, and what is over."""

    current: list[AccessGrant]
    past: QuerySet[AccessGrant]


def grants_listed(seat: Membership) -> GrantsListed:
    """The grants of the coordinator's centre, apart: in force or still to come, and over."""
    is_current = Q(ended_at=None, ends_on__gte=today())
    grants = grants_of(seat)
    return GrantsListed(
        current=list(grants.filter(is_current).order_by("ends_on", "person__name", "pk")),
        past=grants.exclude(is_current),
    )


def running_grants(person: User, kind: ScopeKind) -> QuerySet[AccessGrant, int]:
    """Subquery: the ids of the rows of one kind that are open to a person today (Q25)."""
    return AccessGrant.objects.running().filter(person=person, scope_kind=kind).values_list("scope_id", flat=True)


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


# States of a unit record, a row of a room below, so they are named and not imported.
_ASSESSOR_NOT_SIGNED = ("open", "candidate_signed")
_IV_NOT_SIGNED = (*_ASSESSOR_NOT_SIGNED, "awaiting_countersignature", "complete")


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
                unit_records__own_assessor=person, unit_records__state__in=_ASSESSOR_NOT_SIGNED
            )
            return going_on.filter(Q(assessor=person) | Q(pk__in=of_a_unit.values("pk")))
        case Role.IV:
            of_a_unit = Registration.objects.filter(unit_records__own_iv=person, unit_records__state__in=_IV_NOT_SIGNED)
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


def environments_of(seat: Membership) -> QuerySet[RealisticWorkingEnvironment]:
    """The register of realistic working environments of the coordinator's centre: those still approved first (R7)."""
    if seat.role != Role.COORDINATOR:
        return RealisticWorkingEnvironment.objects.none()
    return (
        RealisticWorkingEnvironment.objects.filter(centre=seat.centre)
        .select_related("centre", "recorded_by", "ended_by")
        .order_by(F("ended_on").desc(nulls_first=True), "name", "pk")
    )


def environments_to_name(centre_id: int) -> QuerySet[RealisticWorkingEnvironment]:
    """Those that evidence may come from: approved still, or a year ago, since evidence is handed in afterwards (R7)."""
    return RealisticWorkingEnvironment.objects.filter(
        Q(ended_on=None) | Q(ended_on__gte=today() - timedelta(days=365)), centre=centre_id
    )


def drawn_signature_of(person: User) -> DrawnSignature | None:
    """The drawing that somebody keeps to stand beside their printed name, if they keep one (Q26)."""
    return DrawnSignature.objects.select_related("blob").filter(person=person).first()


def account_of(email: str) -> User | None:
    """The account that an e-mail address signs in to: its main address, or another that was proved."""
    return (
        User.objects.filter(Q(email__iexact=email) | Q(emailaddress__email__iexact=email, emailaddress__verified=True))
        .order_by("pk")
        .first()
    )


def today() -> date:
    """The day at the place of the installation: authority and access run by days, not by moments."""
    return timezone.localdate()
