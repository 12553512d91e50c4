"""What is open to external verifiers, for the coordinator who opens it (Q25)."""

from dataclasses import dataclass

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, Value, When

from centres.models import AccessGrant, Membership, Role, ScopeKind
from centres.queries import today
from registrations.models import Registration


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
