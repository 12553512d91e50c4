"""Who sees what of a portfolio (R64, Q24, Q25). Every page fetches through these; strangers find nothing.

All take the seat acted from and look at its centre only, whatever else the person is elsewhere.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from centres.authority import approved_units, awards_on
from centres.models import Capacity, Membership, Role, ScopeKind, User
from centres.queries import running_grants
from evidence.models import (
    Claim,
    ClaimState,
    Evidence,
    EvidenceFile,
    EvidenceState,
    Portfolio,
    RecordState,
    UnitRecord,
    Witness,
)


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


def _awaiting(state: str, seat: Membership, capacity: Capacity) -> Q:
    """Records that wait for a countersignature this person could give, on awards and approvals of today (R33)."""
    today = timezone.localdate()
    units = approved_units(seat.person, seat.centre, capacity, today)
    is_qualified = Exists(awards_on(seat.person, seat.centre, capacity, today))
    return Q(is_qualified, state=state, unit__in=units) & ~Q(portfolio__candidate=seat.person)
