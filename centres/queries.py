"""Reads about people and registrations, limited to who is asking (R64, Q24, Q25)."""

from datetime import date, timedelta
from typing import Any

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from centres.models import (
    AccessGrant,
    Award,
    Centre,
    CompetenceNote,
    DrawnSignature,
    Invitation,
    Membership,
    RealisticWorkingEnvironment,
    RecognisedAward,
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


def running_grants(person: User, kind: ScopeKind) -> QuerySet[AccessGrant, int]:
    """Subquery: the ids of the rows of one kind that are open to a person today (Q25)."""
    return AccessGrant.objects.running().filter(person=person, scope_kind=kind).values_list("scope_id", flat=True)


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
