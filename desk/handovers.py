"""Who is told that work was handed over: those who take it, and the candidates whose assessor is another now (Q23)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from centres.models import Centre, Role, User
from desk.messages import Notice, is_here
from ledger.events import EventType
from ledger.models import Event
from ledger.queries import with_notes
from registrations.models import Registration, UnitRecord


def notices_of_handovers(events: Iterable[Event]) -> Iterator[Notice]:
    """One message to whoever took over in each capacity, and one to each candidate who has another assessor now."""
    told = [event.pk for event in events if event.type == EventType.HANDED_OVER]
    if not told:
        return
    for event in with_notes(Event.objects.filter(pk__in=told)).order_by("pk"):
        yield from _notices(event)


def _notices(event: Event) -> Iterator[Notice]:
    leaver = User.objects.get(pk=int(event.subject.partition(":")[2]))
    for role in (Role.ASSESSOR, Role.IV):
        work = _Work.of(event, role)
        if work is None:
            continue
        if is_here(work.taker, work.centre, role):
            yield Notice(
                to=work.taker.email,
                subject=f"The work of {leaver} was handed over to you",
                templates=("mail/handed_over.txt", "mail/handed_over.html"),
                context={
                    "person": work.taker,
                    "leaver": leaver,
                    "role": role.label.lower(),
                    "is_assessor": role is Role.ASSESSOR,
                    "candidates": sorted({one.candidate.name for one in work.registrations}),
                    "reason": event.note,  # type: ignore[attr-defined]
                    "url": settings.SITE_URL + reverse("home"),
                },
            )
        if role is Role.ASSESSOR:
            yield from _to_candidates(work, leaver)


@dataclass(frozen=True, kw_only=True)
class _Work:
    """What one person took over in one capacity: whole registrations, and units of their own."""

    taker: User
    whole: list[Registration]
    units: list[UnitRecord]

    @classmethod
    def of(cls, event: Event, role: Role) -> "_Work | None":
        taker, capacity = event.data[role.value], role.value
        if taker is None:
            return None
        registrations = Registration.objects.filter(pk__in=event.data["registrations"][capacity])
        units = UnitRecord.objects.filter(pk__in=event.data["unit_records"][capacity])
        return cls(
            taker=User.objects.get(pk=taker),
            whole=list(registrations.select_related("candidate", "centre", "assessor")),
            units=list(
                units.select_related(
                    "unit",
                    "own_assessor",
                    "registration__assessor",
                    "registration__candidate",
                    "registration__centre",
                )
            ),
        )

    @property
    def registrations(self) -> list[Registration]:
        return [*self.whole, *(record.registration for record in self.units)]

    @property
    def centre(self) -> Centre:
        return self.registrations[0].centre


def _to_candidates(work: _Work, leaver: User) -> Iterator[Notice]:
    """To each whose assessor is another now, unless that has changed again since."""
    for candidate in sorted({one.candidate for one in work.registrations}, key=lambda one: one.pk):
        if not is_here(candidate, work.centre, Role.CANDIDATE):
            continue
        assessed = [one for one in work.whole if one.candidate == candidate and one.assessor == work.taker]
        mine = [record for record in work.units if record.registration.candidate == candidate]
        its_units = [record.unit.code for record in mine if record.assessor == work.taker]
        if assessed or its_units:
            yield Notice(
                to=candidate.email,
                subject=f"Your assessor is now {work.taker}",
                templates=("mail/new_assessor.txt", "mail/new_assessor.html"),
                context={
                    "candidate": candidate,
                    "leaver": leaver,
                    "assessor": work.taker,
                    "units": [] if assessed else its_units,
                    "url": settings.SITE_URL + reverse("home"),
                },
            )
