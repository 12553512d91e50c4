"""What the ledger tells, with the people's names, for a page to show."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from centres.models import Role, User
from ledger.models import Event
from ledger.queries import events_about, with_notes


@dataclass(frozen=True)
class Entry:
    """One thing that happened: what, who in which role, when and, where it was said, why."""

    what: str
    who: str
    when: datetime.datetime
    note: str
    icon: str = ""


def history_of(subject: str, *, most: int = 50) -> list[Entry]:
    """The latest ``most`` events about one subject, newest first. Two queries."""
    return entries(with_notes(events_about(subject)).order_by("-at", "-pk")[:most])


def entries(events: Iterable[Event]) -> list[Entry]:
    """Events (from ``with_notes``) as entries, in the order given; one more query, for the names."""
    given = list(events)
    names = dict(User.objects.filter(pk__in={event.actor_id for event in given}).values_list("pk", "name"))
    return [
        Entry(
            what=event.label,
            who=_who(names.get(event.actor_id, "") if event.actor_id else "", event.actor_role),
            when=event.at,
            note=event.note,  # type: ignore[attr-defined]
        )
        for event in given
    ]


def _who(name: str, role: str) -> str:
    name = name or "The system"
    return f"{name} ({Role(role).label.lower()})" if role in Role.values else name
