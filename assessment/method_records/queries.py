"""Signed records, agreed discussions and kept questions, limited to who is asking (R16, R64)."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from assessment.models import AgreedDiscussion, BankedQuestion, MethodRecord
from centres.authority.register import approved_units
from centres.models import Capacity, Membership, Role
from evidence.models import Claim, ClaimState, Evidence
from evidence.queries import evidence_for
from registrations.models import Portfolio, UnitRecord
from registrations.queries import assessed_by, records_for
from units.models import Unit


def method_records_for(seat: Membership) -> QuerySet[MethodRecord]:
    """The signed records of the evidence that opens to this seat, of every version of it."""
    return MethodRecord.objects.filter(version__evidence__in=evidence_for(seat).order_by().values("pk"))


def records_beside(evidence: Evidence) -> QuerySet[MethodRecord]:
    """Every record of an item, oldest first, for a list of links. One query."""
    return evidence_records().filter(version__evidence=evidence)


def evidence_records() -> QuerySet[MethodRecord]:
    """Records with what a line about each of them says."""
    return MethodRecord.objects.select_related("version", "corrected_by").defer("body")


def claimed_for(record: MethodRecord, seat: Membership) -> list[str]:
    """The labels of what the evidence of a record is claimed for, in records that open to this seat. One query."""
    live = (
        Claim.objects.filter(evidence=record.version.evidence_id, record__in=records_for(seat).order_by().values("pk"))
        .exclude(state=ClaimState.WITHDRAWN)
        .select_related("record__unit", "criterion__group", "instance")
        .order_by("record", "criterion__group__position", "criterion__position", "pk")
    )
    return [claim.label for claim in live]


def discussions_for(seat: Membership) -> QuerySet[AgreedDiscussion]:
    """The discussions that were agreed: with this candidate, or with the candidates that this assessor assesses."""
    discussions = AgreedDiscussion.objects.filter(portfolio__centre=seat.centre_id)
    if seat.role == Role.CANDIDATE:
        return discussions.filter(portfolio__candidate=seat.person)
    if seat.role == Role.ASSESSOR:
        assessed = UnitRecord.objects.filter(assessed_by(seat.person), portfolio__centre=seat.centre_id)
        return discussions.filter(portfolio__in=assessed.order_by().values("portfolio"))
    return discussions.none()


def discussions_ahead(seat: Membership, portfolio: Portfolio) -> QuerySet[AgreedDiscussion]:
    """Those of a portfolio that are neither written up nor called off."""
    return discussions_for(seat).filter(portfolio=portfolio, called_off_at=None, records=None)


def questions_kept(seat: Membership) -> QuerySet[BankedQuestion]:
    """The questions that this assessor keeps at this centre, newest first."""
    return BankedQuestion.objects.filter(owner=seat.person, centre=seat.centre_id, removed_at=None).select_related(
        "unit"
    )


def questions_to_ask(seat: Membership, portfolio: Portfolio) -> QuerySet[BankedQuestion]:
    """Those that suit a candidate: kept for a unit that the assessor assesses in the portfolio, or for any."""
    units = UnitRecord.objects.filter(assessed_by(seat.person), portfolio=portfolio).order_by().values("unit")
    return questions_kept(seat).filter(Q(unit=None) | Q(unit__in=units))


def units_to_ask_about(seat: Membership) -> QuerySet[Unit]:
    """The units that an assessor is approved for today."""
    return Unit.objects.filter(pk__in=approved_units(seat.person, seat.centre, Capacity.ASSESSOR, timezone.localdate()))
