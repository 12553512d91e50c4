"""What waits for an assessor, oldest first (R63)."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from centres.models import Membership, RegistrationStatus, User
from evidence.models import Claim, ClaimState, Evidence, EvidenceState, RecordState, UnitRecord
from evidence.queries.scope import assessed_by


@dataclass(frozen=True)
class WaitingCandidate:
    """One candidate of an assessor with something to judge: how many items, and how old the oldest is in days."""

    portfolio_id: int
    candidate: User
    items: int
    oldest_days: int


def waiting_claims(seat: Membership) -> QuerySet[Claim]:
    """Undecided claims on offered evidence that this assessor judges: their open units in registrations that go on."""
    records = UnitRecord.objects.filter(
        assessed_by(seat.person),
        state=RecordState.OPEN,
        registration__centre=seat.centre,
        registration__status=RegistrationStatus.ACTIVE,
    )
    return Claim.objects.filter(
        record__in=records.order_by().values("pk"), state=ClaimState.UNDECIDED, evidence__state=EvidenceState.OFFERED
    )


def queue_for(seat: Membership) -> QuerySet[Evidence]:
    """Items waiting for this assessor's judgement, oldest first, each with ``waiting`` (claims) and ``waiting_since``."""
    return (
        Evidence.objects.filter(claims__in=waiting_claims(seat))
        .annotate(
            waiting=Count("claims", distinct=True),
            waiting_since=Min("current_version__made_at"),
        )
        .select_related("current_version", "portfolio__candidate")
        .order_by("waiting_since", "pk")
    )


def candidates_waiting(seat: Membership) -> list[WaitingCandidate]:
    """The candidates with something to judge, the one who has waited longest first. One query."""
    today = timezone.now()
    rows = (
        Evidence.objects.filter(claims__in=waiting_claims(seat))
        .values("portfolio_id", "portfolio__candidate_id", "portfolio__candidate__name")
        .annotate(items=Count("pk", distinct=True), oldest=Min("current_version__made_at"))
        .order_by("oldest")
    )
    return [
        WaitingCandidate(
            portfolio_id=row["portfolio_id"],
            candidate=User(pk=row["portfolio__candidate_id"], name=row["portfolio__candidate__name"]),
            items=row["items"],
            oldest_days=days_since(row["oldest"], today),
        )
        for row in rows
    ]


def days_since(moment: datetime.datetime, now: datetime.datetime) -> int:
    """Whole days between two moments."""
    return (now - moment).days
