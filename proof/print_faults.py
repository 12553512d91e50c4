"""Prints beside what the ledger told of them when they were made: the file, its code, and what it confirms (R66)."""

from collections.abc import Collection, Iterator

from ledger.events import EventType
from ledger.models import Event
from records.models import PrintedRecord, PrintState
from records.telling import facts_of_prints
from registrations.models import Portfolio


def faults_of_prints(batch: Collection[Portfolio]) -> Iterator[tuple[str, str]]:
    """The prints of some portfolios that are not as told. Each fault as two texts: which, and what is wrong with it.

    Two queries. Rows first: what is made in between is told of by then, and looked at again before it is reported.
    """
    stands = facts_of_prints(
        PrintedRecord.objects.filter(record__portfolio__in=batch, state=PrintState.READY).order_by("pk")
    )
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
