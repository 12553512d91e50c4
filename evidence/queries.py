"""Who sees which evidence and which witnesses (R64, Q24, Q25)."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from centres.models import Membership, Role
from evidence.models import Claim, ClaimState, Evidence, EvidenceFile, EvidenceState, Witness
from registrations.models import UnitRecord
from registrations.queries import assessed_by, records_for


def evidence_for(seat: Membership) -> QuerySet[Evidence]:
    """The evidence items that open to this seat. Only the candidate ever sees drafts.

    Assessor: everything offered in portfolios where they answer for a unit, and what is claimed in records they see.
    IV and EV: what is claimed in records they see. Coordinator: everything offered in the centre.
    """
    evidence = Evidence.objects.filter(portfolio__centre=seat.centre_id)
    if seat.role == Role.CANDIDATE:
        return evidence.filter(portfolio__candidate=seat.person)
    # A draft that was withdrawn has never been offered, and stays the candidate's own.
    offered = evidence.exclude(state=EvidenceState.DRAFT).filter(offered_at__isnull=False)
    if seat.role == Role.COORDINATOR:
        return offered
    claimed = Exists(
        Claim.objects.filter(evidence=OuterRef("pk"), record__in=records_for(seat).order_by().values("pk")).exclude(
            state=ClaimState.WITHDRAWN
        )
    )
    if seat.role == Role.ASSESSOR:
        return offered.filter(Q(portfolio__in=_assessed_portfolios(seat)) | claimed)
    return offered.filter(claimed)


def evidence_files_for(seat: Membership) -> QuerySet[EvidenceFile]:
    """The files of every version of the evidence that opens to this seat."""
    return EvidenceFile.objects.filter(version__evidence__in=evidence_for(seat).order_by().values("pk"))


def witnesses_for(seat: Membership) -> QuerySet[Witness]:
    """The witnesses that this seat may know of, with their addresses.

    Candidate: their own list. Coordinator: the centre's. Assessor: the lists of the candidates they assess. Everyone
    but the coordinator and the candidate besides: whoever testifies in evidence that opens to them.
    """
    witnesses = Witness.objects.filter(portfolio__centre=seat.centre_id)
    if seat.role == Role.CANDIDATE:
        return witnesses.filter(portfolio__candidate=seat.person)
    if seat.role == Role.COORDINATOR:
        return witnesses
    testifying = Q(pk__in=evidence_for(seat).order_by().values("versions__witness"))
    if seat.role == Role.ASSESSOR:
        return witnesses.filter(Q(portfolio__in=_assessed_portfolios(seat)) | testifying)
    return witnesses.filter(testifying)


def _assessed_portfolios(seat: Membership) -> QuerySet[UnitRecord, int]:
    assessed = UnitRecord.objects.filter(assessed_by(seat.person), portfolio__centre=seat.centre_id)
    return assessed.order_by().values_list("portfolio_id", flat=True)
