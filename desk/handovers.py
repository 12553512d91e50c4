"""Who is told that work was handed over: those who take it, and the candidates whose assessor is another now (Q23)."""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.urls import reverse

from centres.models import Registration, Role, User
from evidence.models import UnitRecord
from ledger.events import EventType
from ledger.models import Event
from ledger.queries import with_notes

from .messages import Notice, is_here


def notices_of_handovers(events: Iterable[Event]) -> Iterator[Notice]:
    """One message to whoever took over in each capacity, and one to each candidate who has another assessor now."""
    told = [event.pk for event in events if event.type == EventType.HANDED_OVER]
    if not told:
        return
    for event in with_notes(Event.objects.filter(pk__in=told)).order_by("pk"):
        yield from _notices(event)


def _notices(event: Event) -> Iterator[Notice]:
    data = event.data
    relations = ("candidate", "centre", "assessor")
    whole = list(Registration.objects.filter(pk__in=data["registrations"]).select_related(*relations))
    units = list(
        UnitRecord.objects.filter(pk__in=data["unit_records"]).select_related(
            "unit", "own_assessor", "registration__assessor", "registration__candidate", "registration__centre"
        )
    )
    registrations = {one.pk: one for one in [*whole, *(record.registration for record in units)]}
    people = User.objects.in_bulk([pk for pk in (data["assessor"], data["iv"], int(event.subject.split(":")[1])) if pk])
    leaver = people[int(event.subject.split(":")[1])]
    centre = next(iter(registrations.values())).centre
    for role in (Role.ASSESSOR, Role.IV):
        taker = people.get(data[role.value])
        if taker is None or not is_here(taker, centre, role):
            continue
        yield Notice(
            to=taker.email,
            subject=f"The work of {leaver} was handed over to you",
            templates=("mail/handed_over.txt", "mail/handed_over.html"),
            context={
                "person": taker,
                "leaver": leaver,
                "role": role.label.lower(),
                "is_assessor": role is Role.ASSESSOR,
                "candidates": sorted({one.candidate.name for one in registrations.values()}),
                "reason": event.note,  # type: ignore[attr-defined]
                "url": settings.SITE_URL + reverse("home"),
            },
        )
    if not data["assessor"]:
        return
    for candidate in sorted({one.candidate for one in registrations.values()}, key=lambda one: one.pk):
        if not is_here(candidate, centre, Role.CANDIDATE):
            continue
        assessed = [one for one in whole if one.candidate == candidate and one.assessor_id == data["assessor"]]
        its_units = [
            record.unit.code
            for record in units
            if record.registration.candidate == candidate and record.assessor.pk == data["assessor"]
        ]
        if assessed or its_units:
            yield Notice(
                to=candidate.email,
                subject=f"Your assessor is now {people[data['assessor']]}",
                templates=("mail/new_assessor.txt", "mail/new_assessor.html"),
                context={
                    "candidate": candidate,
                    "leaver": leaver,
                    "assessor": people[data["assessor"]],
                    "units": [] if assessed else its_units,
                    "url": settings.SITE_URL + reverse("home"),
                },
            )
