"""Who reads which case (R53, R54, R64)."""

from django.db.models import Q, QuerySet

from centres.models import Membership, Role
from registrations.models import Case, CaseKind
from registrations.queries import registrations_for


def cases_for(seat: Membership) -> QuerySet[Case]:
    """The cases that open to this seat, open ones first, with the people they name.

    Coordinator: all of the centre, but suspicions against themself, which another follows. Candidate: the appeals about
    their own registrations. IV and EV: appeals and sanctions about registrations that are open to them; malpractice is
    the coordinator's until it has an outcome that is entered as a sanction. Nobody else reads any.
    """
    cases = Case.objects.filter(centre=seat.centre).select_related(
        "registration__candidate", "registration__qualification", "person", "opened_by", "closed_by", "centre"
    )
    match seat.role:
        case Role.COORDINATOR:
            about_them = Q(person=seat.person) | Q(person=None, registration__candidate=seat.person)
            return cases.exclude(about_them, kind=CaseKind.MALPRACTICE)
        case Role.CANDIDATE:
            return cases.filter(kind=CaseKind.APPEAL, registration__candidate=seat.person)
        case Role.IV | Role.EV:
            readable = registrations_for(seat).order_by().values("pk")
            return cases.filter(kind__in=(CaseKind.APPEAL, CaseKind.SANCTION), registration__in=readable)
    return cases.none()
