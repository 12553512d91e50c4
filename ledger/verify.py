"""Proving that nobody edited what happened (R66), or that only free text was lawfully disposed of (R60).

`check_chain` is pure: it can check one candidate's archive away from any database. The rest feeds it rows.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import OuterRef, QuerySet, Subquery

from ledger.chains import HEADS
from ledger.events import EventType
from ledger.links import Link, NoteContent
from ledger.models import Chain, Event, Note

State = Literal["sound", "disposed", "broken"]
# For one chain: its length at each seal, and the head it had then.
Anchors = Mapping[int, str]


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


def check_chain(key: str, stored: Iterable[StoredLink], *, length: int, head: str, anchors: Anchors) -> ChainReport:
    """Walk a chain once and say whether it is sound.

    In: its links by sequence; the length and head that it should have; heads that were sealed elsewhere, by length.
    Out: "broken" with the first place that is wrong; "disposed" when all holds but some notes were disposed of, each
    of them told of by a later event; otherwise "sound".
    """
    count, previous, disposals = 0, "", _Disposals()
    for found in stored:
        count += 1
        why = _fault(found, sequence=count, previous=previous, sealed=anchors.get(count))
        if why:
            return ChainReport(key=key, state="broken", events=count, broken_at=count, why=why)
        disposals.see(found)
        previous = found.digest

    def broken(at: int, why: str) -> ChainReport:
        return ChainReport(key=key, state="broken", events=count, broken_at=at, why=why)

    if count < max([length, *anchors]):
        return broken(count + 1, "Events are missing at the end.")
    if (count, previous) != (length, head):
        return broken(max(count, 1), "The chain's recorded end is not its last event.")
    if (untold := disposals.first_untold()) is not None:
        return broken(untold, "The note was emptied without a record of its disposal.")
    return ChainReport(key=key, state="disposed" if disposals.any_seen else "sound", events=count)


def verify_chain(key: str) -> ChainReport:
    """Check one stored chain against itself and against the chain of heads.

    Raises Chain.DoesNotExist for a key that was neither written to nor sealed.
    """
    anchors = _anchors(_seals().filter(data__has_key=key)).get(key, {})
    return _verify(key, anchors)


def verify_all() -> Iterator[ChainReport]:
    """Check every chain there is, and every chain that the chain of heads says there should be, in order of key."""
    anchors = _anchors(_seals())
    keys = set(Chain.objects.values_list("key", flat=True)) | set(anchors)
    for key in sorted(keys):
        yield _verify(key, anchors.get(key, {}))


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


def _fault(found: StoredLink, *, sequence: int, previous: str, sealed: str | None) -> str:
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
    if link.note_digest and found.note is None:
        return "The event's note is missing."
    if link.note_digest and found.note is not None and not found.note.matches(link.note_digest):
        return "The event's note was changed after it was written."
    return ""


def _verify(key: str, anchors: Anchors) -> ChainReport:
    chain = Chain.objects.filter(key=key).first()
    if chain is None and not anchors:
        raise Chain.DoesNotExist(f"There is no chain {key}.")
    if chain is None:
        return ChainReport(key=key, state="broken", events=0, broken_at=1, why="The chain is missing.")
    return check_chain(key, _stored_links(chain), length=chain.length, head=chain.head, anchors=anchors)


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
    return Event.objects.filter(chain__key=HEADS, type=EventType.HEADS_SEALED).order_by("sequence")


def _anchors(seals: QuerySet[Event]) -> dict[str, dict[int, str]]:
    """Sealed heads by chain and length. A seal that was edited may hold anything; its own chain then reports it."""
    anchors: dict[str, dict[int, str]] = {}
    for data in seals.values_list("data", flat=True).iterator(chunk_size=100):
        for key, sealed in data.items() if isinstance(data, dict) else ():
            match sealed:
                case [int(length), str(head)]:
                    anchors.setdefault(key, {})[length] = head
    return anchors
