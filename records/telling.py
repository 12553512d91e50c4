"""What the ledger is told of a print: its file, and all that its code confirms (R66)."""

from typing import Any

from django.db.models import QuerySet

from ledger.events import EventType
from ledger.models import Event
from records.models import PrintedRecord

# What the ledger calls each column of a print.
_COLUMNS = {
    "print": "pk",
    "unit_record": "record",
    "sha256": "blob__sha256",
    "contents_digest": "contents_digest",
    "code_digest": "code_digest",
    "record_state": "record_state",
    "record_digest": "record_digest",
    "signatures": "signature_ids",
}


def subject_of_print(number: int) -> str:
    """What the ledger calls a print."""
    return f"print:{number}"


def facts_of_print(number: int) -> dict[str, Any]:
    """What the ledger tells of a print that is ready. One query. Raises IndexError when there is no such print."""
    return facts_of_prints(PrintedRecord.objects.filter(pk=number))[0]


def told_of_print(number: int) -> dict[str, Any] | None:
    """What the ledger told of it when it was made; None where it tells nothing. One query."""
    told = Event.objects.filter(type=EventType.PRINT_MADE, subject=subject_of_print(number))
    return told.order_by("pk").values_list("data", flat=True).first()


def facts_of_prints(prints: QuerySet[PrintedRecord]) -> list[dict[str, Any]]:
    """The same of several, in their order."""
    rows = prints.values_list(*_COLUMNS.values())
    return [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
