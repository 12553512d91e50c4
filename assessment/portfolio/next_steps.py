"""The one thing that a candidate can do now (R63): used by the portfolio page and the candidate's home."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from assessment.portfolio.queries import RecordLine
from evidence.models import Claim, ClaimState, Evidence, EvidenceState
from registrations.models import Portfolio, RecordState


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do, why, and where. ``url`` is empty when there is nothing to do but wait."""

    title: str
    text: str
    label: str = ""
    url: str = ""


def next_step(portfolio: Portfolio, lines: Sequence[RecordLine]) -> NextStep | None:
    """The next step in a portfolio whose unit records are given; None once nothing is open. One query.

    Order: mend what was returned, finish drafts, sign what is fully accepted, then fill what is still empty.
    """
    open_lines = [line for line in lines if line.record.is_open]
    signed = [line for line in lines if line.record.state != RecordState.OPEN]
    if not open_lines:
        return None if not signed else NextStep("Nothing waits for you", "Your units are signed by you, or finished.")
    in_open = Q(record__in=[line.record.pk for line in open_lines])
    returned = Claim.objects.filter(in_open, evidence=OuterRef("pk"), state=ClaimState.RETURNED)
    item = (
        Evidence.objects.filter(portfolio=portfolio)
        .exclude(state=EvidenceState.WITHDRAWN)
        .annotate(
            has_returned=Exists(returned),
            live=Count("claims", filter=~Q(claims__state=ClaimState.WITHDRAWN)),
        )
        .filter(Q(has_returned=True) | Q(state=EvidenceState.DRAFT))
        .select_related("current_version")
        .order_by("-has_returned", "number")
        .first()
    )
    if item is not None:
        return _finish(item)
    for line in open_lines:
        if line.progress.coverage.is_covered and not line.progress.undecided:
            return NextStep(
                f"Look at unit {line.record.unit.code}: every criterion is accepted",
                "The record says what is left to do before you sign it.",
                f"Open unit {line.record.unit.code}",
                reverse("record", args=[line.record.pk]),
            )
    for line in open_lines:
        coverage = line.progress.coverage
        if left := coverage.required - coverage.claimed:
            return NextStep(
                f"Add evidence for unit {line.record.unit.code}",
                f"{left} of its {coverage.required} cells have nothing yet.",
                "Add evidence",
                reverse("add_evidence", args=[portfolio.pk]),
            )
    waiting = sum(line.progress.undecided for line in open_lines)
    return NextStep("Nothing waits for you", f"Your assessor has {waiting} of your claims to judge.")


def _finish(item: Evidence) -> NextStep:
    version = item.current_version
    title = version.title if version else ""
    at = reverse("evidence", args=[item.pk])
    if getattr(item, "has_returned", False):
        return NextStep(f"Mend {item.reference}: your assessor returned it", title, f"Open {item.reference}", at)
    if not getattr(item, "live", 0):
        to = reverse("claims", args=[item.pk])
        return NextStep(f"Choose the criteria that {item.reference} is for", title, "Choose criteria", to)
    return NextStep(f"Offer {item.reference} to your assessor", title, f"Open {item.reference}", at)
