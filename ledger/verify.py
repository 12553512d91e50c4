"""Proving that nobody edited what happened (R66), or that only free text was lawfully disposed of (R60).

`check_chain` is pure: it can check one candidate's archive away from any database. The rest feeds it rows, in memory
that does not grow with the ledger.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from itertools import batched
from operator import or_
from typing import Any, Literal

from django.db.models import OuterRef, Q, QuerySet, Subquery

from ledger.anchors import Anchor
from ledger.batches import in_batches
from ledger.chains import HEADS
from ledger.events import EventType
from ledger.keys import known_keys
from ledger.links import Link, NoteContent
from ledger.models import Chain, Event, Note
from ledger.seals import heads_in, is_seal_genuine

State = Literal["sound", "disposed", "broken"]
# For one chain: its length at each seal, and the head it had then.
Anchors = Mapping[int, str]
# As many heads as one query looks for; SQLite takes no more than a thousand conditions.
_HEADS_AT_A_TIME = 100


@dataclass(frozen=True, kw_only=True)
class ChainReport:
    """What became of one chain: events counted, and where and why it breaks if it does."""

    key: str
    state: State
    events: int
    broken_at: int | None = None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class StoredLink:
    """A link as found: what it says, the digest written beside it, and its note (None when there is none)."""

    link: Link
    digest: str
    note: NoteContent | None


def check_chain(
    key: str,
    stored: Iterable[StoredLink],
    *,
    length: int,
    head: str,
    anchors: Anchors,
    kept: Collection[Anchor] = (),
) -> ChainReport:
    """Walk a chain once and say whether it is sound.

    In: its links by sequence; the length and head that it should have; heads that were sealed elsewhere, by length;
    heads of this chain that somebody kept outside the system.
    Out: "broken" with the first place that is wrong; "disposed" when all holds but some notes were disposed of, each
    of them told of by a later event; otherwise "sound".
    """
    count, previous, disposals = 0, "", _Disposals()
    for found in stored:
        count += 1
        why = _fault(found, sequence=count, previous=previous, sealed=anchors.get(count), kept=kept)
        if why:
            return ChainReport(key=key, state="broken", events=count, broken_at=count, why=why)
        disposals.see(found)
        previous = found.digest

    def broken(at: int, why: str) -> ChainReport:
        return ChainReport(key=key, state="broken", events=count, broken_at=at, why=why)

    if count < max([length, *anchors, *(anchor.sequence for anchor in kept)]):
        return broken(count + 1, "Events are missing at the end.")
    if (count, previous) != (length, head):
        return broken(max(count, 1), "The chain's recorded end is not its last event.")
    if (untold := disposals.first_untold()) is not None:
        return broken(untold, "The note was emptied without a record of its disposal.")
    return ChainReport(key=key, state="disposed" if disposals.any_seen else "sound", events=count)


def verify_chain(key: str, *, kept: Collection[Anchor] = ()) -> ChainReport:
    """Check one stored chain against itself, against the chain of heads, and against heads kept outside the system.

    Raises Chain.DoesNotExist for a key that was neither written to nor sealed nor kept.
    """
    seals = _seals() if key == HEADS else _seals().filter(data__has_key=key)
    broken = _broken_heads(seals, key.__eq__)
    return _verify(key, broken.get(key, {}), kept)


def verify_all(
    *, wanted: Callable[[str], bool] = lambda key: True, kept: Collection[Anchor] = ()
) -> Iterator[ChainReport]:
    """Check every chain there is, and every chain that there should be by the chain of heads or by a head that was
    kept outside the system; what is missing comes last. ``wanted`` narrows them by their keys.
    """
    broken = _broken_heads(_seals(), wanted)
    missing = {*broken, *(anchor.chain for anchor in kept)}
    for key in filter(wanted, _keys_of_chains()):
        missing.discard(key)
        yield _verify(key, broken.get(key, {}), kept)
    for key in sorted(filter(wanted, missing)):
        yield _verify(key, broken.get(key, {}), kept)


class _Disposals:
    """Notes found empty, and the events that own up to it."""

    def __init__(self) -> None:
        self._untold: dict[str, int] = {}
        self.any_seen = False

    def see(self, found: StoredLink) -> None:
        if found.note is not None and found.note.is_disposed:
            self._untold[found.link.note_digest] = found.link.sequence
            self.any_seen = True
        if found.link.type == EventType.NOTE_DISPOSED:
            self._untold.pop(str(found.link.data.get("note_digest")), None)

    def first_untold(self) -> int | None:
        return min(self._untold.values(), default=None)


def _fault(found: StoredLink, *, sequence: int, previous: str, sealed: str | None, kept: Collection[Anchor]) -> str:
    """What is wrong with one link in its place; nothing when all is well."""
    link = found.link
    if link.sequence != sequence:
        return "An event is missing here."
    if link.previous != previous:
        return "The event does not follow the one before it."
    if link.digest != found.digest:
        return "The event was changed after it was written."
    if sealed is not None and sealed != found.digest:
        return "The event is not the one that was sealed in the chain of heads."
    if any(anchor.sequence == sequence and anchor.digest != found.digest for anchor in kept):
        return "The event is not the one that was kept outside the system."
    if link.note_digest and found.note is None:
        return "The event's note is missing."
    if link.note_digest and found.note is not None and not found.note.matches(link.note_digest):
        return "The event's note was changed after it was written."
    return ""


def _verify(key: str, anchors: Anchors, kept: Collection[Anchor]) -> ChainReport:
    mine = [anchor for anchor in kept if anchor.chain == key]
    chain = Chain.objects.filter(key=key).first()
    if chain is None and not anchors and not mine:
        raise Chain.DoesNotExist(f"There is no chain {key}.")
    while chain is not None:
        report = check_chain(
            key, _stored_links(chain), length=chain.length, head=chain.head, anchors=anchors, kept=mine
        )
        if report.state == "broken":
            # Events that were appended while we read are no fault.
            now = Chain.objects.filter(key=key).first()
            if now is not None and now.length > chain.length:
                chain = now
                continue
        return _with_seals(report) if key == HEADS else report
    return ChainReport(key=key, state="broken", events=0, broken_at=1, why="The chain is missing.")


def _with_seals(report: ChainReport) -> ChainReport:
    """The report on the chain of heads, with the key's signature on each seal. None goes without: an unsigned one could
    be written by anybody."""
    keys = known_keys()
    for batch in in_batches(_seals(), _HEADS_AT_A_TIME):
        for seal in batch:
            if report.broken_at is not None and report.broken_at <= seal.sequence:
                return report
            if not is_seal_genuine(seal, keys):
                why = "The key’s signature on the seal is not genuine."
                return replace(report, state="broken", broken_at=seal.sequence, why=why)
    return report


def _stored_links(chain: Chain) -> Iterator[StoredLink]:
    note = Note.objects.filter(digest=OuterRef("note_digest"))
    events: QuerySet[Event, Any] = Event.objects.filter(chain=chain).order_by("sequence")
    # Streamed: a chain may be longer than memory is large.
    for event in events.annotate(
        found_note_id=Subquery(note.values("pk")),
        found_salt=Subquery(note.values("salt")),
        found_text=Subquery(note.values("text")),
        found_disposed_at=Subquery(note.values("disposed_at")),
    ).iterator(chunk_size=500):
        yield StoredLink(
            link=event.as_link(chain.key),
            digest=event.digest,
            note=None
            if event.found_note_id is None
            else NoteContent(
                salt=event.found_salt, text=event.found_text, is_disposed=event.found_disposed_at is not None
            ),
        )


def _seals() -> QuerySet[Event]:
    return Event.objects.filter(chain__key=HEADS, type=EventType.HEADS_SEALED)


def _broken_heads(seals: QuerySet[Event], wanted: Callable[[str], bool]) -> dict[str, dict[int, str]]:
    """The sealed heads that no event stands behind, by chain and length: few or none, however many seals there are."""
    broken: dict[str, dict[int, str]] = {}
    sealed = (anchor for batch in in_batches(seals, _HEADS_AT_A_TIME) for seal in batch for anchor in heads_in(seal))
    for anchors in batched((anchor for anchor in sealed if wanted(anchor.chain)), _HEADS_AT_A_TIME):
        ids = dict(Chain.objects.filter(key__in={anchor.chain for anchor in anchors}).values_list("key", "pk"))
        # Nothing else may stand beside the places: SQLite would read every event instead of the index.
        places = [Q(chain=ids[one.chain], sequence=one.sequence) for one in anchors if one.chain in ids]
        found = Event.objects.filter(reduce(or_, places)) if places else Event.objects.none()
        stands = set(found.values_list("chain", "sequence", "digest"))
        for anchor in anchors:
            if (ids.get(anchor.chain), anchor.sequence, anchor.digest) not in stands:
                broken.setdefault(anchor.chain, {})[anchor.sequence] = anchor.digest
    return broken


def _keys_of_chains() -> Iterator[str]:
    """The key of every chain, in the database's own order."""
    chains, batch = Chain.objects.order_by("key").values_list("key", flat=True), list[str]()
    while batch := list(chains.filter(key__gt=batch[-1])[:500] if batch else chains[:500]):
        yield from batch
