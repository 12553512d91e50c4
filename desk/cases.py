"""Who is told of a case: the coordinators that one was opened, the candidate what became of their appeal (R54).

What a case says stays behind the sign-in: a message tells that there is something to read.
"""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.urls import reverse

from centres.models import Role, User
from centres.queries import centre_people
from desk.messages import Notice, is_here
from ledger.events import EventType
from ledger.models import Event
from registrations.models import Case, CaseKind

_WHAT = {
    EventType.CASE_OPENED: "was opened",
    EventType.CASE_STEP: "has gone on",
    EventType.CASE_CLOSED: "was closed",
}


def _accused(case: Case) -> User | None:
    """Whom a case is about who is not told of it by mail: they read it, where it is theirs to read, at the centre."""
    if case.kind == CaseKind.APPEAL:
        return None
    return case.person or (case.registration.candidate if case.registration else None)


def notices_of_cases(events: Iterable[Event]) -> Iterator[Notice]:
    """One message for each event in a case to each person whom it is for, but whoever did it."""
    told = [event for event in events if event.type in _WHAT]
    cases = Case.objects.select_related("centre", "registration__candidate", "person").in_bulk(
        [int(event.subject.partition(":")[2]) for event in told]
    )
    for event in told:
        case = cases.get(int(event.subject.partition(":")[2]))
        if case is None:
            continue
        people = []
        if event.type == EventType.CASE_OPENED:
            people = [one for one in centre_people(case.centre, Role.COORDINATOR) if one != _accused(case)]
        if case.kind == CaseKind.APPEAL and case.registration is not None:
            candidate = case.registration.candidate
            people += [candidate] if is_here(candidate, case.centre, Role.CANDIDATE) else []
        for person in people:
            if person.pk == event.actor_id:
                continue
            yield Notice(
                to=person.email,
                subject=f"{case.get_kind_display()} {case.pk} {_WHAT[EventType(event.type)]}",
                templates=("mail/case.txt", "mail/case.html"),
                context={
                    "person": person,
                    "case": case,
                    "what": _WHAT[EventType(event.type)],
                    "url": settings.SITE_URL + reverse("case", args=[case.pk]),
                },
            )
