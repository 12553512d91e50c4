"""Appending to the ledger: the only writes there are (R66; HOUSE, decided first, 3)."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from ledger.canonical import canonical_json, note_digest
from ledger.chains import HEADS
from ledger.events import EventType
from ledger.models import Chain, Event, Note
from ledger.seals import signed_seal
from ledger.subjects import HasPk, Named, Seat, Tellable

LONGEST_VALUE = 200
_LARGEST_NUMBER = 2**63 - 1


def tell(type: EventType, /, *, about: Tellable, by: Seat | HasPk | None, note: str = "", **facts: Any) -> Event:
    """Append one event to a chain, in the transaction of the action that it tells of (R66).

    In: what happened; the row that it happened to, which knows its chain and its name there (`ledger/subjects.py`); who
    acted: from a seat, a person without a role, or None for the system; `note`, free text that a person wrote, which
    can be disposed of later (R60); and small JSON-safe facts (ids, states, dates as text, digests). A fact whose name
    is a word of Python's own takes an underscore behind it: ``from_`` is kept as "from".
    Out: the event as stored. After the commit each task in LEDGER_LISTENERS is queued with the chain's key.

    An action that writes to several chains does so in one order, the portfolio's before the centre's, or two of them
    may wait for each other on PostgreSQL.

    Raises RuntimeError outside a transaction, since an event must stand or fall with what it tells of; ValueError for
    an unknown type, a subject that names nothing, an actor without an id, a note of nothing but space, or facts that
    are not JSON-safe or hide free text.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An event is recorded in the transaction of the action that it tells of.")
    person, role = (by.person, by.role) if isinstance(by, Seat) else (by, "")
    event = Event(
        type=EventType(type).value,
        at=timezone.now(),
        actor_id=_actor_id(person),
        actor_role=_checked(role, name="role", longest=40, may_be_blank=True),
        subject=_subject(about.subject),
        data=_json_safe({name.removesuffix("_"): fact for name, fact in facts.items()}),
    )
    return _append(event, chain=_checked(about.chain, name="chain", longest=80), note=note)


@transaction.atomic
def seal_heads() -> Event | None:
    """Append the length and head of every chain that has grown since the last seal to the chain of heads.

    Out: the event, whose data maps each chain's key to [length, head], and which the installation's key signs
    (`ledger/seals.py`); None when no chain has grown. A chain that is being written to at this moment is left for the
    next seal. Raises what `ledger.signing.sign` raises.
    """
    previous = lock_chain(HEADS).head
    grown = list(
        Chain.objects.select_for_update(skip_locked=True)
        .filter(length__gt=F("sealed_length"))
        .exclude(key=HEADS)
        .order_by("key")
    )
    if not grown:
        return None
    for chain in grown:
        chain.sealed_length = chain.length
    Chain.objects.bulk_update(grown, ["sealed_length"], batch_size=500)
    heads = {chain.key: [chain.length, chain.head] for chain in grown}
    return tell(
        EventType.HEADS_SEALED, about=Named(HEADS, "ledger:heads"), by=None, **signed_seal(heads, previous=previous)
    )


@transaction.atomic
def dispose_note(*, event: Event, by: Seat | HasPk | None, reason: str) -> Event:
    """Erase the free text of one event for good; the chain still verifies, as "disposed" (R60).

    Whether retention allows it is for the caller to decide. Out: the event that tells of the disposal, in the same
    chain, with the reason as its note. Raises ValueError when there is no reason, no note, or nothing left of it.
    """
    chain = lock_chain(Chain.objects.only("key").get(pk=event.chain_id).key)
    if not reason.strip():
        raise ValueError("Say why the note is disposed of.")
    note = Note.objects.select_for_update().filter(digest=event.note_digest).first() if event.note_digest else None
    if note is None:
        raise ValueError("This event has no note.")
    if note.disposed_at is not None:
        raise ValueError("This note has been disposed of already.")
    note.salt, note.text, note.disposed_at = "", "", timezone.now()
    note.save(update_fields=["salt", "text", "disposed_at"])
    return tell(
        EventType.NOTE_DISPOSED,
        about=Named(chain.key, event.subject),
        by=by,
        note=reason,
        sequence=event.sequence,
        note_digest=note.digest,
    )


def lock_chain(key: str) -> Chain:
    """The chain's row, held until the transaction ends; made if need be. SQLite holds the whole database instead."""
    chain = Chain.objects.select_for_update().filter(key=key).first()
    if chain is None:
        Chain.objects.get_or_create(key=key)
        chain = Chain.objects.select_for_update().get(key=key)
    return chain


def _append(event: Event, *, chain: str, note: str) -> Event:
    """Lock the chain, put the event at its end with its note, move the head."""
    held = lock_chain(chain)
    event.note_digest = _keep_note(note) if note else ""
    event.chain, event.sequence, event.previous = held, held.length + 1, held.head
    event.digest = event.as_link(chain).digest
    event.save(force_insert=True)
    held.length, held.head = event.sequence, event.digest
    held.save(update_fields=["length", "head"])
    _tell_listeners_after_commit(chain)
    return event


def _keep_note(text: str) -> str:
    if not text.strip():
        raise ValueError("A note says something; leave it out instead.")
    _refuse_unstorable(text, name="note")
    salt = secrets.token_hex(16)
    return Note.objects.create(salt=salt, text=text, digest=note_digest(salt=salt, text=text)).digest


@dataclass(frozen=True)
class _Tell:
    """Queues the listeners' tasks for one chain. Compares by value, so that one commit queues them once."""

    chain: str

    def __call__(self) -> None:
        for path in settings.LEDGER_LISTENERS:
            import_string(path).enqueue(self.chain)


def _tell_listeners_after_commit(chain: str) -> None:
    tell = _Tell(chain)
    # A promise made in an inner step that failed is off the list by now; one that is still on it holds for us too.
    if not any(func == tell for _, func, *_ in connection.run_on_commit):
        transaction.on_commit(tell)


def _actor_id(by: HasPk | None) -> int | None:
    if by is None:
        return None
    if not isinstance(by.pk, int):
        raise ValueError(f"Whoever acts has an id; {by!r} has none.")
    return by.pk


def _subject(subject: str) -> str:
    kind, _, name = subject.partition(":")
    if not kind.isidentifier() or not name or name == "None":
        raise ValueError(f'A subject is a kind and an id, such as "evidence:12", not {subject!r}.')
    return _checked(subject, name="subject", longest=80)


def _checked(value: str, *, name: str, longest: int, may_be_blank: bool = False) -> str:
    if not value and not may_be_blank:
        raise ValueError(f"An event needs a {name}.")
    if len(value) > longest:
        raise ValueError(f"The {name} is longer than {longest} characters.")
    _refuse_unstorable(value, name=name)
    return str(value)


def _refuse_unstorable(text: str, *, name: str) -> None:
    """PostgreSQL stores neither the zero byte nor half of a surrogate pair; refuse both on every engine."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError(f"The {name} holds characters that cannot be stored.")


def _json_safe(data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` as it will come back from the database. Raises ValueError naming the place that is wrong."""
    _check_value(dict(data), place="data")
    plain: dict[str, Any] = json.loads(canonical_json(dict(data)))
    return plain


def _check_value(value: Any, *, place: str) -> None:
    match value:
        case None | bool():
            return
        case str():
            if len(value) > LONGEST_VALUE:
                raise ValueError(f"{place} is longer than {LONGEST_VALUE} characters: free text belongs in the note.")
            _refuse_unstorable(value, name=place)
        case int():
            if abs(value) > _LARGEST_NUMBER:
                raise ValueError(f"{place} is too large a number.")
        case dict():
            for key, inner in value.items():
                if not isinstance(key, str):
                    raise ValueError(f"{place} has the key {key!r}, which is not text.")
                _check_value(key, place=f"a key of {place}")
                _check_value(inner, place=f"{place}[{key!r}]")
        case list() | tuple():
            for position, inner in enumerate(value):
                _check_value(inner, place=f"{place}[{position}]")
        case _:
            # Floats above all: two engines may spell one float in two ways, and the digest would differ.
            raise ValueError(f"{place} is a {value.__class__.__name__}; an event holds text, whole numbers, lists.")
