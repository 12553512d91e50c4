"""Prints beside what the ledger told of them when they were made: the file, its code, and what it confirms (R66).

Prints live in a room below, `records`; they are read here by the names by which a unit record leads to them.
"""

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import QuerySet

from evidence.models import Portfolio, UnitRecord
from ledger.events import EventType
from ledger.models import Event

# A row of `UnitRecord.prints`, and what the ledger calls each of its columns.
_COLUMNS = {
    "print": "prints__pk",
    "unit_record": "pk",
    "sha256": "prints__blob__sha256",
    "contents_digest": "prints__contents_digest",
    "code_digest": "prints__code_digest",
    "record_state": "prints__record_state",
    "record_digest": "prints__record_digest",
    "signatures": "prints__signature_ids",
}


def subject_of_print(number: int) -> str:
    """What the ledger calls a print."""
    return f"print:{number}"


def facts_of_print(number: int) -> dict[str, Any]:
    """What the ledger tells of a print that is ready: its file, and all that its code confirms. One query.

    Raises IndexError when there is no such print.
    """
    return _facts(UnitRecord.objects.filter(prints=number))[0]


def told_of_print(number: int) -> dict[str, Any] | None:
    """What the ledger told of it when it was made; None where it tells nothing. One query."""
    told = Event.objects.filter(type=EventType.PRINT_MADE, subject=subject_of_print(number))
    return told.order_by("pk").values_list("data", flat=True).first()


def faults_of_prints(batch: Collection[Portfolio]) -> Iterator[tuple[str, str]]:
    """The prints of some portfolios that are not as told. Each fault as two texts: which, and what is wrong with it.

    Two queries. Rows first: what is made in between is told of by then, and looked at again before it is reported.
    """
    stands = _facts(UnitRecord.objects.filter(portfolio__in=batch, prints__state="ready").order_by("prints__pk"))
    chains = [portfolio.chain for portfolio in batch]
    events = Event.objects.filter(chain__key__in=chains, type=EventType.PRINT_MADE).select_related("chain")
    told = {event.data.get("print"): event for event in events.order_by("pk")}
    for facts in stands:
        event = told.pop(facts["print"], None)
        if event is None or event.data != facts:
            why = "the ledger does not tell of it" if event is None else "the ledger tells otherwise of it"
            yield f"Print {facts['print']} of unit record {facts['unit_record']}", why
    for number, event in told.items():
        name = f"Print {number}, event {event.sequence} of {event.chain.key}"
        yield name, "the ledger tells of it, and it is gone"


def _facts(records: QuerySet[UnitRecord]) -> list[dict[str, Any]]:
    rows = records.values_list(*_COLUMNS.values())
    return [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
