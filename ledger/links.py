"""One link of a chain as plain data: what its digest covers. Pure: an archive is verified without a database."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from ledger.canonical import digest, note_digest

# Which fields are digested, and how. A later form gets a new number and this one stays readable.
FORM = 1


@dataclass(frozen=True, kw_only=True)
class NoteContent:
    """What is left of a note: its salt and text, or only the fact that it was disposed of."""

    salt: str
    text: str
    is_disposed: bool

    def matches(self, expected_digest: str) -> bool:
        """Whether the text is the one that the event refers to. Of a disposed note only emptiness can be asked."""
        if self.is_disposed:
            return not self.salt and not self.text
        return note_digest(salt=self.salt, text=self.text) == expected_digest


@dataclass(frozen=True, kw_only=True)
class Link:
    """Everything an event says, in the order in which a reader asks."""

    chain: str
    sequence: int
    type: str
    at: datetime
    actor_id: int | None
    actor_role: str
    subject: str
    data: Mapping[str, Any]
    note_digest: str
    previous: str

    @property
    def digest(self) -> str:
        """SHA-256 over every field in canonical JSON, the previous link's digest among them, as hex."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return digest({"form": FORM, **vars(self), "at": at})


# What an event and its link both say, by the same names.
SAID = tuple(field.name for field in fields(Link) if field.name != "chain")
