"""What a centre's ledger tells of a person, in words for their page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from centres.models import Capacity, Centre, CompetenceKind, Role, User
from ledger.chains import centre_chain
from ledger.events import EventType
from ledger.models import Event
from ledger.queries import events_in, with_notes


@dataclass(frozen=True)
class HistoryEntry:
    """One line of a timeline: what happened, who did it, when, and the note they left."""

    what: str
    who: str
    when: datetime
    note: str
    icon: str


_ICONS = {
    EventType.ROLE_GIVEN: "user-plus",
    EventType.ROLE_ENDED: "user-minus",
    EventType.AWARD_RECORDED: "award",
    EventType.AWARD_WITHDRAWN: "strikethrough",
    EventType.APPROVAL_GIVEN: "badge-check",
    EventType.APPROVAL_ENDED: "badge-minus",
    EventType.AWARD_CERTIFICATE_FILED: "file-check",
    EventType.COMPETENCE_NOTED: "graduation-cap",
    EventType.HANDED_OVER: "users",
    EventType.DRAWN_SIGNATURE_SAVED: "signature",
    EventType.DRAWN_SIGNATURE_REMOVED: "signature",
    EventType.PERSON_CORRECTED: "user-pen",
}


def person_history(person: User, centre: Centre, *, newest: int = 20) -> list[HistoryEntry]:
    """The newest entries about a person in one centre's chain, newest first. Two queries."""
    told = with_notes(events_in(centre_chain(centre.pk)).filter(subject=f"person:{person.pk}"))
    events = list(told.order_by("-sequence")[:newest])
    actors = {event.actor_id for event in events if event.actor_id}
    names = dict(User.objects.filter(pk__in=actors).values_list("pk", "name"))
    return [
        HistoryEntry(
            what=_what(event),
            who=names[event.actor_id] if event.actor_id else "The operators of this system",
            when=event.at,
            note=_note(event),
            icon=_ICONS.get(EventType(event.type), "circle-dot"),
        )
        for event in events
    ]


def _what(event: Event) -> str:
    data: dict[str, Any] = event.data
    match event.type:
        case EventType.ROLE_GIVEN | EventType.ROLE_ENDED:
            detail = Role(data["role"]).label.lower()
        case EventType.AWARD_RECORDED | EventType.AWARD_WITHDRAWN | EventType.AWARD_CERTIFICATE_FILED:
            detail = data["kind"]
        case EventType.COMPETENCE_NOTED:
            detail = CompetenceKind(data["kind"]).label
        case EventType.APPROVAL_GIVEN | EventType.APPROVAL_ENDED:
            return f"{event.label}: {data['unit']} as {Capacity(data['capacity']).label.lower()}"
        case _:
            return event.label
    return f"{event.label}: {detail}"


def _note(event: Any) -> str:
    """The note, once ``with_notes`` has fetched it; the certificate number says what it is."""
    if event.note_is_disposed:
        return "The note has been disposed of."
    return f"Certificate {event.note}" if event.type == EventType.AWARD_RECORDED and event.note else event.note
