"""What waits for an assessor, oldest first (R63)."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from assessment.models import Judgement
from centres.models import Membership, User
from evidence.models import Claim, ClaimState, Evidence, EvidenceState, EvidenceVersion
from registrations.models import RecordState, RegistrationStatus, UnitRecord
from registrations.queries import assessed_by

# A claim waits from the moment when it, its item's version and the offer were all there; and one that was returned and
# mended, not while it lay with the candidate: it counts from its return, since no moment is kept of the mending.
_JUDGED_AT = Judgement.objects.filter(claim=OuterRef("claims__pk")).order_by("-judged_at").values("judged_at")[:1]
_SINCE = Min(
    Greatest(
        "claims__made_at",
        "current_version__made_at",
        "offered_at",
        Coalesce(Subquery(_JUDGED_AT), "claims__made_at"),
    )
)


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
    """Items waiting for this assessor's judgement, oldest first.

    Each has ``waiting``, the number of its claims that wait, and ``waiting_since``.
    """
    return (
        Evidence.objects.filter(claims__in=waiting_claims(seat))
        .annotate(
            waiting=Count("claims", distinct=True),
            waiting_since=_SINCE,
        )
        .select_related("current_version", "portfolio__candidate")
        .order_by("waiting_since", "pk")
    )


def candidates_waiting(seat: Membership) -> list[WaitingCandidate]:
    """The candidates with something to judge, the one who has waited longest first. One query."""
    now = timezone.now()
    rows = (
        Evidence.objects.filter(claims__in=waiting_claims(seat))
        .values("portfolio_id", "portfolio__candidate_id", "portfolio__candidate__name")
        .annotate(items=Count("pk", distinct=True), oldest=_SINCE)
        .order_by("oldest", "portfolio_id")
    )
    return [
        WaitingCandidate(
            portfolio_id=row["portfolio_id"],
            candidate=User(pk=row["portfolio__candidate_id"], name=row["portfolio__candidate__name"]),
            items=row["items"],
            oldest_days=days_since(row["oldest"], now),
        )
        for row in rows
    ]


def waiting_since(evidence: Evidence, version: EvidenceVersion, claims: Iterable[Claim]) -> datetime.datetime | None:
    """Since when the first of an item's claims has waited, as the queue counts it; None when none waits."""
    if evidence.offered_at is None:
        return None
    since = [
        max(
            claim.made_at,
            version.made_at,
            evidence.offered_at,
            *(judgement.judged_at for judgement in claim.judgements),
        )
        for claim in claims
        if claim.state == ClaimState.UNDECIDED
    ]
    return min(since, default=None)


def days_since(moment: datetime.datetime, now: datetime.datetime) -> int:
    """Whole days between two moments."""
    return (now - moment).days
