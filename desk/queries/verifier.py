"""The homes of internal and external verifiers: what to sign, what was drawn, what could be drawn (R42, R49, Q25)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from centres.models import AccessGrant, Membership, ScopeKind
from desk.queries.signatures import SignatureDue, signatures_due_from
from registrations.models import RecordState, Registration, RegistrationStatus, UnitRecord
from registrations.queries import records_for, records_listed_for, registrations_for, verified_by
from signoff.models import SamplingMark, Signature
from signoff.permissions import VERIFIABLE

PER_PAGE = 25


@dataclass(frozen=True, kw_only=True)
class IVHome:
    """Everything on an internal verifier's page. ``page``: complete records that nobody has sampled."""

    due: Sequence[SignatureDue]
    drawn: Sequence[UnitRecord]
    page: Page[UnitRecord]
    registrations: int


@dataclass(frozen=True, kw_only=True)
class OpenRegistration:
    """A registration that is open to an external verifier: until when, and how much of it was drawn."""

    registration: Registration
    grant: AccessGrant
    units: int
    drawn: int


@dataclass(frozen=True, kw_only=True)
class EVHome:
    """Everything on an external verifier's page."""

    due: Sequence[SignatureDue]
    drawn: Sequence[UnitRecord]
    open: Sequence[OpenRegistration]


def iv_home(seat: Membership, *, page: str | None = None) -> IVHome:
    """The home page of an internal verifier, in a constant number of queries."""
    to_sample = (
        _shown(records_for(seat))
        .filter(
            verified_by(seat.person),
            ~Exists(_marks("iv")),
            state=RecordState.COMPLETE,
            registration__status__in=VERIFIABLE,
        )
        .order_by("completed_at", "pk")
    )
    due = signatures_due_from(seat)
    return IVHome(
        due=due,
        drawn=_drawn_too_early(seat, due),
        page=Paginator(to_sample, PER_PAGE).get_page(page),
        registrations=registrations_for(seat).filter(status=RegistrationStatus.ACTIVE).count(),
    )


def ev_home(seat: Membership) -> EVHome:
    """The home page of an external verifier, in a constant number of queries. Access ends by itself (Q25)."""
    grants: dict[int, AccessGrant] = {}
    running = AccessGrant.objects.running().filter(
        person=seat.person, centre=seat.centre_id, scope_kind=ScopeKind.REGISTRATION
    )
    for grant in running.order_by("ends_on", "pk"):
        grants[grant.scope_id] = grant  # the longest one counts
    drawn_of_each = Count(
        "unit_records",
        distinct=True,
        filter=Q(unit_records__in=records_listed_for(seat).filter(Exists(_marks("ev"))).order_by().values("pk")),
    )
    registrations = (
        registrations_for(seat)
        .select_related("candidate", "qualification", "assessor", "iv")
        .annotate(units=Count("unit_records", distinct=True), drawn=drawn_of_each)
        .order_by("candidate__name", "pk")
    )
    due = signatures_due_from(seat)
    return EVHome(
        due=due,
        drawn=_drawn_too_early(seat, due),
        open=tuple(
            OpenRegistration(
                registration=registration,
                grant=grants[registration.pk],
                units=getattr(registration, "units", 0),
                drawn=getattr(registration, "drawn", 0),
            )
            for registration in registrations
            if registration.pk in grants
        ),
    )


def _drawn_too_early(seat: Membership, due: Sequence[SignatureDue]) -> list[UnitRecord]:
    """What this verifier has drawn and cannot sign for yet: interim samples of records still in the making."""
    signed = Signature.objects.filter(record=OuterRef("pk"), slot=seat.role, voided_at=None)
    mine = _marks(seat.role).filter(verifier=seat.person)
    return list(
        _shown(records_for(seat))
        .filter(Exists(mine), ~Exists(signed))
        .exclude(pk__in=[each.record.pk for each in due])
        .order_by("registration__candidate__name", "pk")
    )


def _shown(records: QuerySet[UnitRecord]) -> QuerySet[UnitRecord]:
    """With whatever a line of a list says."""
    return records.select_related("unit", "registration__candidate", "registration__assessor", "own_assessor")


def _marks(capacity: str) -> QuerySet[SamplingMark]:
    return SamplingMark.objects.filter(record=OuterRef("pk"), capacity=capacity, withdrawn_at=None)
