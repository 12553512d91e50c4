"""What a page shows of a witness's testimony, and who sees it (R20, R64)."""

from dataclasses import dataclass

from django.db.models import QuerySet

from centres.models import Membership, Role
from centres.permissions import why_not
from evidence.models import Evidence, EvidenceState, EvidenceVersion, Testimony, TestimonyRequest
from evidence.queries import evidence_for
from evidence.testimonies.permissions import check_may_ask
from units.methods import Method


@dataclass(frozen=True, slots=True)
class Asking:
    """How far the asking of one item's witness is, with what this seat may do about it.

    ``why_not_ask`` is None for a seat that never asks; "" where the candidate may.
    """

    latest: TestimonyRequest | None
    why_not_ask: str | None

    @property
    def comes_first(self) -> bool:
        """Whether asking is what the candidate could do next."""
        return self.why_not_ask == "" and self.latest is None

    @property
    def waits(self) -> bool:
        return self.latest is not None and self.latest.state == "waiting"


def testimonies_for(seat: Membership) -> QuerySet[Testimony]:
    """The testimonies on evidence that opens to this seat."""
    return Testimony.objects.filter(request__evidence__in=evidence_for(seat).order_by().values("pk"))


def requests_for(seat: Membership) -> QuerySet[TestimonyRequest]:
    """The requests about evidence that opens to this seat."""
    return TestimonyRequest.objects.filter(evidence__in=evidence_for(seat).order_by().values("pk"))


def asking_of(evidence: Evidence, version: EvidenceVersion, seat: Membership) -> Asking | None:
    """How far the asking is; None for evidence that no witness is needed for, and for older versions.

    One query, and for the candidate those of ``check_may_ask``.
    """
    if Method.WITNESS_TESTIMONY not in version.methods or version.pk != evidence.current_version_id:
        return None
    is_asked_here = seat.role == Role.CANDIDATE and evidence.state != EvidenceState.WITHDRAWN
    return Asking(
        latest=evidence.testimony_requests.select_related("witness", "testimony").first(),
        why_not_ask=why_not(check_may_ask, evidence, seat) if is_asked_here else None,
    )
