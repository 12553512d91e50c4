"""What witnesses signed, beside the installation's signature over it and what the ledger tells (R11, R21, R66).

Each fault as two texts: which, and what is wrong with it.
"""

from collections.abc import Iterable, Iterator

from evidence.models import Testimony
from evidence.testimonies.signing import is_as_signed
from ledger.events import EventType
from ledger.models import Event


def faults_of_testimonies(batch: Iterable[Testimony]) -> Iterator[tuple[str, str]]:
    """Testimonies (with request and evidence) that are not as signed, or that the ledger tells otherwise of."""
    testimonies = list(batch)
    events = Event.objects.filter(
        type__in=[EventType.TESTIMONY_GIVEN, EventType.TESTIMONY_SUSPENDED],
        subject__in=[f"testimony:{testimony.pk}" for testimony in testimonies],
    )
    told = {(event.subject, event.type): event.data.get("digest") for event in events}
    for testimony in testimonies:
        name, subject = f"Testimony {testimony.pk} on {testimony.request.evidence}", f"testimony:{testimony.pk}"
        if not is_as_signed(testimony):
            yield name, "it is not what the witness signed"
        if told.get((subject, EventType.TESTIMONY_GIVEN)) != testimony.digest:
            yield name, "the ledger does not tell of it as it stands"
        if testimony.is_suspended != ((subject, EventType.TESTIMONY_SUSPENDED) in told):
            yield name, "whether it is suspended is not what the ledger tells"


def faults_of_tellings(batch: Iterable[Event]) -> Iterator[tuple[str, str]]:
    """Events (with their chains) that tell of a testimony which is gone."""
    events = {int(event.subject.partition(":")[2]): event for event in batch}
    there = set(Testimony.objects.filter(pk__in=events).values_list("pk", flat=True))
    for pk, event in events.items():
        if pk not in there:
            yield (
                f"Testimony {pk}, event {event.sequence} of {event.chain.key}",
                "the ledger tells of it, and it is gone",
            )
