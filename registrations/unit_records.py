"""A unit record held while it is written to: locked, found open, and its confirmations ended by what changes."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from centres.models import Membership
from ledger.actions import tell
from ledger.events import EventType
from registrations.models import RecordState, UnitRecord


def lapse_confirmations(*, unit_record: UnitRecord, by: Membership | None) -> None:
    """End the confirmations of a unit because a claim or judgement on it has changed, in the caller's transaction.

    ``by`` is None where a witness did it, who has no account.
    """
    lapsed = unit_record.confirmations.filter(lapsed_at=None).update(lapsed_at=timezone.now())
    if lapsed:
        tell(EventType.CONFIRMATION_LAPSED, about=unit_record, by=by, count=lapsed)


def locked_record(record_id: int) -> UnitRecord:
    """The unit record with the people and unit it speaks of, its row locked until the transaction ends.

    They are read once it is locked: a query that waits for a lock reads what it joins as it was before it waited.
    """
    UnitRecord.objects.select_for_update().get(pk=record_id)
    return UnitRecord.objects.select_related(
        "registration__candidate",
        "registration__assessor",
        "registration__iv",
        "registration__centre",
        "own_assessor",
        "own_iv",
        "portfolio",
        "unit__standard",
    ).get(pk=record_id)


LOCKED = "Unit {code} is signed, so nothing in it can be changed. If something is wrong, ask the assessor to unlock it."
NOT_ACTIVE = "The registration for unit {code} is {status}, so nothing in it can be changed."


def check_unlocked(record: UnitRecord) -> None:
    """Nothing of the record is signed and its registration goes on (HOUSE decided 2, R66). Raises ValidationError."""
    if record.state != RecordState.OPEN:
        raise ValidationError(LOCKED.format(code=record.unit.code), code="locked")
    if not record.registration.is_open:
        status = record.registration.get_status_display().lower()
        raise ValidationError(NOT_ACTIVE.format(code=record.unit.code, status=status), code="locked")
