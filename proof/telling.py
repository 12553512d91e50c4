"""A kind of row that the ledger tells of, and the comparing of its rows with their events (R66).

`tellings.py` has the kinds.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import Any

from django.db.models import Expression, F, Model, Q, QuerySet

from ledger.events import EventType
from ledger.models import Event
from ledger.queries import with_notes

_NOT_TOLD = "the ledger does not tell of it"
_OTHERWISE = "the ledger tells otherwise of it"
_OTHER_WORDS = "its words are not those that the ledger keeps"
_ANOTHER_TIME = "the ledger tells of it at another time"
_GONE = "the ledger tells of it, and it is gone"
# A row and its event are written in one transaction, each with the time at which it was made.
_APART = timedelta(minutes=5)
_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
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
    # The column that holds when it happened, which is when it was told.
    when: str = ""
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


@dataclass(frozen=True, slots=True)
class _Kept:
    """A row, or an event, as little of it as is compared: memory holds a whole register of them."""

    name: str
    said: Said
    at: datetime | None


# By owner, and by what is spoken of.
type _ByThing = dict[tuple[int, Hashable], list[_Kept]]


def faults_of(tellings: Iterable[Telling], owners: Mapping[str, Model]) -> Iterator[tuple[str, str]]:
    """What the ledger tells otherwise of, in portfolios or centres by the keys of their chains.

    Each fault as two texts: which, and what is wrong with it. One query for each kind of row, and one for the events.
    """
    # Rows first: what is written in between is told of by then, and looked at again before it is reported.
    kept = [(telling, _kept_rows(telling, owners)) for telling in tellings]
    wanted: dict[str, list[int]] = defaultdict(list)
    for number, (telling, _) in enumerate(kept):
        for kind in telling.types:
            wanted[kind].append(number)
    told: list[_ByThing] = [defaultdict(list) for _ in kept]
    events = Event.objects.filter(chain__key__in=owners, type__in=wanted).select_related("chain").order_by("pk")
    for event in with_notes(events).iterator(chunk_size=_AT_A_TIME):
        for number in wanted[event.type]:
            _hear(event, kept[number][0], owners, told[number])
    for (telling, rows), its in zip(kept, told, strict=True):
        yield from _differences(telling, rows, its)


def _kept_rows(telling: Telling, owners: Mapping[str, Model]) -> _ByThing:
    kept: _ByThing = defaultdict(list)
    for row in telling.rows(list(owners.values())).iterator(chunk_size=_AT_A_TIME):
        said, at = telling.of_row(row), getattr(row, telling.when) if telling.when else None
        kept[row.owned_by, said.about].append(_Kept(f"{telling.name} {row.pk}", said, at))
    return kept


def _hear(event: Event, telling: Telling, owners: Mapping[str, Model], told: _ByThing) -> None:
    said = telling.of_event(event)
    if said is None:
        return
    about = owners[event.chain.key].pk, said.about
    if telling.is_latest:
        told[about].clear()
    name = f"{telling.name}, event {event.sequence} of {event.chain.key}"
    told[about].append(_Kept(name, said, event.at if telling.when else None))


def _differences(telling: Telling, kept: _ByThing, told: _ByThing) -> Iterator[tuple[str, str]]:
    for each in [*kept, *(each for each in told if each not in kept)]:
        for mine, its in zip_longest(kept.get(each, ()), told.get(each, ())):
            if mine is None:
                yield its.name, _GONE
            elif its is None and mine.said.facts == telling.untouched:
                continue
            elif why := _NOT_TOLD if its is None else _difference(mine, its):
                yield mine.name, why


def _difference(mine: _Kept, its: _Kept) -> str:
    if mine.said.facts != its.said.facts:
        return _OTHERWISE
    if None not in (mine.said.words, its.said.words) and mine.said.words != its.said.words:
        return _OTHER_WORDS
    return _ANOTHER_TIME if mine.at and its.at and abs(mine.at - its.at) > _APART else ""


def number_in(event: Event) -> int:
    """The id in an event's subject, such as "claim:12"."""
    return int(event.subject.rpartition(":")[2])


def note_of(event: Any) -> str | None:
    """The event's note as `with_notes` fetched it; None when it was disposed of."""
    return None if event.note_is_disposed else event.note


def day_of(day: date | None) -> str | None:
    """A day as events tell it."""
    return day.isoformat() if day else None
