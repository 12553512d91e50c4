"""What an assessor confirms of a whole unit, and how that lapses."""

from django.db import transaction
from django.utils import timezone

from centres.models import Membership
from evidence.models import UnitConfirmation, UnitConfirmationKind, UnitRecord
from evidence.permissions.judging import check_may_confirm
from ledger.actions import record
from ledger.events import EventType


@transaction.atomic
def confirm_unit(*, record_id: int, kind: str, by: Membership) -> UnitConfirmation:
    """The assessor confirms that the evidence of a unit is sufficient (R4, R17), or that they reviewed the earlier
    judgements of somebody else (Q23).

    It takes the place of what an earlier assessor of the unit confirmed. Raises as ``check_may_confirm`` does.
    """
    unit_record = locked_record(record_id)
    check_may_confirm(record=unit_record, kind=kind, by=by)
    unit_record.confirmations.filter(kind=kind, lapsed_at=None).update(lapsed_at=timezone.now())
    confirmation = UnitConfirmation.objects.create(record=unit_record, kind=kind, confirmed_by=by.person)
    record(
        type=EventType.UNIT_CONFIRMED,
        chain=unit_record.portfolio.chain,
        subject=f"unit_record:{unit_record.pk}",
        by=by.person,
        role=by.role,
        data={"kind": str(UnitConfirmationKind(kind))},
    )
    return confirmation


def lapse_confirmations(*, unit_record: UnitRecord, by: Membership) -> None:
    """End the confirmations of a unit because a claim or judgement on it has changed, in the caller's transaction."""
    lapsed = unit_record.confirmations.filter(lapsed_at=None).update(lapsed_at=timezone.now())
    if lapsed:
        record(
            type=EventType.CONFIRMATION_LAPSED,
            chain=unit_record.portfolio.chain,
            subject=f"unit_record:{unit_record.pk}",
            by=by.person,
            role=by.role,
            data={"count": lapsed},
        )


def locked_record(record_id: int) -> UnitRecord:
    """The unit record with the people and unit it speaks of, its row locked until the transaction ends."""
    return (
        UnitRecord.objects.select_for_update(of=("self",))
        .select_related(
            "registration__candidate",
            "registration__assessor",
            "registration__iv",
            "registration__centre",
            "own_assessor",
            "own_iv",
            "portfolio",
            "unit",
        )
        .get(pk=record_id)
    )
