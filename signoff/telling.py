"""A kind of row that the ledger tells of, and the comparing of its rows with their events (R66).

`tellings.py` has the kinds.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from django.db.models import Expression, F, Model, Q, QuerySet

from ledger.events import EventType
from ledger.models import Event
from ledger.queries import with_notes

_NOT_TOLD = "the ledger does not tell of it"
_OTHERWISE = "the ledger tells otherwise of it"
_OTHER_WORDS = "its words are not those that the ledger keeps"
_GONE = "the ledger tells of it, and it is gone"


@dataclass(frozen=True)
class Said:
    """What a row, or an event, says: about which thing, facts that both hold, and words; None where it keeps none."""

    about: Hashable
    facts: tuple[object, ...]
    words: str | None = None


@dataclass(frozen=True, kw_only=True)
class Telling:
    """One kind of row that the ledger tells of. Rows about one thing stand in the order of their events."""

    name: str
    types: tuple[EventType, ...]
    model: type[Model]
    # How a row leads to the portfolio or centre in whose chain it is told of, and what else is fetched with it.
    owner: str
    related: tuple[str, ...] = ()
    annotated: Mapping[str, Expression] = field(default_factory=dict)
    # Which rows were told of: all of them, or those that something further happened to.
    where: Q = field(default_factory=Q)
    of_row: Callable[[Any], Said]
    # None: the event tells nothing of this.
    of_event: Callable[[Any], Said | None]
    # Whether the row was written anew each time, so that only the last event counts.
    is_latest: bool = False
    # What a row says that nothing has happened to, and so nothing is told of.
    untouched: tuple[object, ...] | None = None

    def rows(self, owners: Collection[Model]) -> QuerySet[Any]:
        """The rows of some portfolios or centres in the order in which they were written, each with `owned_by`."""
        rows = self.model._default_manager.filter(self.where, **{f"{self.owner}__in": owners})
        if self.related:
            rows = rows.select_related(*self.related)
        rows = rows.annotate(owned_by=F(self.owner), **self.annotated).order_by("pk")
        # A registration leads to its portfolio by each of its units.
        return rows.distinct() if "unit_records" in self.owner else rows


def faults_of(tellings: Iterable[Telling], owners: Mapping[str, Model]) -> Iterator[tuple[str, str]]:
    """What the ledger tells otherwise of, in portfolios or centres by the keys of their chains.

    Each fault as two texts: which, and what is wrong with it. One query for each kind of row, and one for the events.
    """
    # Rows first: what is written in between is told of by then, and looked at again before it is reported.
    kept = [(telling, list(telling.rows(list(owners.values())))) for telling in tellings]
    types = [kind for telling, _ in kept for kind in telling.types]
    told: Mapping[str, list[Event]] = defaultdict(list)
    events = Event.objects.filter(chain__key__in=owners, type__in=types).select_related("chain")
    for event in with_notes(events.order_by("pk")):
        told[event.type].append(event)
    for telling, rows in kept:
        its = sorted((event for kind in telling.types for event in told[kind]), key=lambda event: event.pk)
        yield from _differences(telling, rows, its, owners)


def _differences(
    telling: Telling, rows: Iterable[Any], events: Iterable[Event], owners: Mapping[str, Model]
) -> Iterator[tuple[str, str]]:
    kept: dict[Hashable, list[tuple[Model, Said]]] = defaultdict(list)
    for row in rows:
        said = telling.of_row(row)
        kept[row.owned_by, said.about].append((row, said))
    told: dict[Hashable, list[tuple[Event, Said]]] = defaultdict(list)
    for event in events:
        its_words = telling.of_event(event)
        if its_words is None:
            continue
        about = owners[event.chain.key].pk, its_words.about
        if telling.is_latest:
            told[about].clear()
        told[about].append((event, its_words))
    for each in [*kept, *(each for each in told if each not in kept)]:
        for mine, its in zip_longest(kept.get(each, ()), told.get(each, ())):
            if mine is None:
                event = its[0]
                yield f"{telling.name}, event {event.sequence} of {event.chain.key}", _GONE
            elif its is None and mine[1].facts == telling.untouched:
                continue
            elif why := _NOT_TOLD if its is None else _difference(mine[1], its[1]):
                yield f"{telling.name} {mine[0].pk}", why


def _difference(mine: Said, its: Said) -> str:
    if mine.facts != its.facts:
        return _OTHERWISE
    return _OTHER_WORDS if None not in (mine.words, its.words) and mine.words != its.words else ""
