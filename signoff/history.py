"""What the ledger tells of a unit record, in words for its page."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from evidence.models import Claim
from ledger.events import EventType
from ledger.models import Event
from registrations.history import Entry, entries
from registrations.models import UnitConfirmationKind
from signoff.models import Slot
from signoff.statements import PRINTED_LINES
from units.text import capitalised

_ICONS = {
    EventType.RECORD_SIGNED: "signature",
    EventType.RECORD_COUNTERSIGNED: "signature",
    EventType.RECORD_UNLOCKED: "lock-open",
    EventType.RECORD_PRINTED: "printer",
    EventType.SAMPLING_MARKED: "search-check",
    EventType.SAMPLING_MARK_WITHDRAWN: "circle-slash",
    EventType.UNIT_CONFIRMED: "badge-check",
    EventType.CRITERION_WAIVED: "circle-slash",
    EventType.WAIVER_WITHDRAWN: "undo-2",
    EventType.CLAIM_ACCEPTED: "check",
    EventType.CLAIM_RETURNED: "undo-2",
    EventType.INSTANCE_NAMED: "tag",
    EventType.INSTANCE_RENAMED: "tag",
    EventType.INSTANCE_REMOVED: "tag",
    EventType.UNIT_ADDED: "plus",
    EventType.UNIT_REASSIGNED: "user-round-cog",
    EventType.UNIT_STAYED: "user-round-cog",
}
# What became of a change, a medium or a risk; the note beside it tells its name.
_OF_NAMES = {
    EventType.INSTANCE_NAMED: "named",
    EventType.INSTANCE_RENAMED: "renamed",
    EventType.INSTANCE_REMOVED: "removed",
}


def told(events: Iterable[Event]) -> list[Entry]:
    """Events (from `queries.history_of_record`) as entries for the timeline, in the order given. Two more queries."""
    given = list(events)
    labels = _criteria(given)
    return [
        replace(entry, what=_what(event, labels), icon=_ICONS.get(EventType(event.type), ""), note=_note(event, entry))
        for event, entry in zip(given, entries(given), strict=True)
    ]


def _criteria(events: Iterable[Event]) -> dict[str, str]:
    """What each judged claim is for, by the subject of its event. Without it, twenty-seven entries read alike."""
    claims = [event.subject.removeprefix("claim:") for event in events if event.subject.startswith("claim:")]
    found = Claim.objects.filter(pk__in=claims, criterion__isnull=False).select_related("criterion__group", "instance")
    return {f"claim:{claim.pk}": claim.label for claim in found}


def _what(event: Event, labels: Mapping[str, str]) -> str:
    slot = event.data.get("slot")
    if slot in Slot:
        return f"{event.label}: {PRINTED_LINES[Slot(slot)].lower()}"
    if event.type == EventType.RECORD_UNLOCKED:
        count = len(event.data.get("voided", ()))
        return f"{event.label}: {count} signature{'' if count == 1 else 's'} void"
    if event.type == EventType.UNIT_CONFIRMED:
        return f"{event.label}: {UnitConfirmationKind(event.data['kind']).label.lower()}"
    if event.type in (EventType.CRITERION_WAIVED, EventType.WAIVER_WITHDRAWN):
        return f"{event.label}: {', '.join(event.data['labels'])}"
    if event.type in _OF_NAMES:
        return f"{capitalised(event.data['of'])} {_OF_NAMES[EventType(event.type)]}"
    reference = event.data.get("reference")
    told = ", ".join(filter(None, [reference, labels.get(event.subject)]))
    return f"{event.label}: {told}" if told else event.label


def _note(event: Any, entry: Entry) -> str:
    """The note, which `with_notes` has fetched."""
    return "The note has been disposed of." if event.note_is_disposed else entry.note
