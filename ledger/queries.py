"""Reading the ledger. Who may read which chain or subject is for the rooms below to decide: they know the people."""

from django.db.models import Exists, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from ledger.models import Event, Note


def events_about(subject: str) -> QuerySet[Event]:
    """Everything that happened to one subject such as "evidence:12", oldest first."""
    return Event.objects.filter(subject=subject).order_by("at", "id")


def events_in(chain: str) -> QuerySet[Event]:
    """All events of one chain in order; none for a key that was never written to."""
    return Event.objects.filter(chain__key=chain).order_by("sequence")


def with_notes(events: QuerySet[Event]) -> QuerySet[Event]:
    """The same events, each with `note` (blank when there is none) and `note_is_disposed`, in the same query."""
    note = Note.objects.filter(digest=OuterRef("note_digest"))
    return events.annotate(
        note=Coalesce(Subquery(note.values("text")), Value(""), output_field=TextField()),
        note_is_disposed=Exists(note.filter(disposed_at__isnull=False)),
    )
