"""What the ledger tells, with the people's names, for a page to show."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format

from centres.models import Role, User
from ledger.chains import portfolio_chain
from ledger.events import EventType
from ledger.models import Event
from ledger.queries import events_in, with_notes
from registrations.models import Registration, RegistrationStatus

_ICONS = {
    EventType.CANDIDATE_REGISTERED: "user-plus",
    EventType.REGISTRATION_CHANGED: "pencil-line",
    EventType.REGISTRATION_STATUS_CHANGED: "flag",
    EventType.REGISTRATION_REASSIGNED: "users",
    EventType.UNIT_ADDED: "plus",
    EventType.UNIT_REASSIGNED: "users",
    EventType.UNIT_STAYED: "users",
}
_OF_UNITS = (EventType.UNIT_ADDED, EventType.UNIT_REASSIGNED, EventType.UNIT_STAYED)


@dataclass(frozen=True)
class Entry:
    """One thing that happened: what, who in which role, when and, where it was said, why."""

    what: str
    who: str
    when: datetime.datetime
    note: str
    icon: str = ""


def history_of_registration(registration: Registration, *, most: int = 50) -> list[Entry]:
    """The latest ``most`` events about a registration and who answers for its units, newest first. Three queries."""
    chain = portfolio_chain(centre_id=registration.centre_id, candidate_id=registration.candidate_id)
    of_units = [f"unit_record:{pk}" for pk in registration.unit_records.values_list("pk", flat=True)]
    told = events_in(chain).filter(
        Q(subject=f"registration:{registration.pk}") | Q(subject__in=of_units, type__in=_OF_UNITS)
    )
    return entries(with_notes(told).order_by("-sequence")[:most])


def entries(events: Iterable[Event]) -> list[Entry]:
    """Events (from ``with_notes``) as entries, in the order given; one more query, for the names."""
    given = list(events)
    names = dict(User.objects.filter(pk__in={event.actor_id for event in given}).values_list("pk", "name"))
    return [
        Entry(
            what=_what(event),
            who=_who(names.get(event.actor_id, "") if event.actor_id else "", event.actor_role),
            when=event.at,
            note="The note has been disposed of." if event.note_is_disposed else event.note,  # type: ignore[attr-defined]
            icon=_ICONS.get(EventType(event.type), ""),
        )
        for event in given
    ]


def _what(event: Event) -> str:
    """The event in words, with the detail that its data hold."""
    data: dict[str, Any] = event.data
    match event.type:
        case EventType.REGISTRATION_STATUS_CHANGED:
            before, after = (RegistrationStatus(status).label for status in data["status"])
            day = date_format(datetime.date.fromisoformat(data["on"]), "SHORT_DATE_FORMAT")
            return f"From {before.lower()} to {after.lower()}, as of {day}"
        case EventType.UNIT_ADDED | EventType.UNIT_REASSIGNED | EventType.UNIT_STAYED:
            return f"{event.label}: {data['unit']}"
        case _:
            return event.label


def _who(name: str, role: str) -> str:
    name = name or "The system"
    return f"{name} ({Role(role).label.lower()})" if role in Role.values else name
