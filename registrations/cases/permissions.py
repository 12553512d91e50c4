"""Who may follow a case (R53, R54)."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q

from centres.models import Membership, User
from centres.permissions import check_coordinates
from registrations.models import Case, CaseKind, Registration


def _answers_for(registration: Registration, person: User) -> bool:
    """Whether somebody is assessor or IV of a registration, or of one unit of it."""
    if person.pk in (registration.assessor_id, registration.iv_id):
        return True
    return registration.unit_records.filter(Q(own_assessor=person) | Q(own_iv=person)).exists()


def check_may_follow(*, case: Case, by: Membership) -> None:
    """Whether this seat may add a step to the case or close it.

    Nobody follows a case about themself, nor an appeal on what they assess or verify (R54). Raises PermissionDenied for
    them and unless the seat coordinates the centre, ValidationError once the case is closed.
    """
    check_coordinates(centre=case.centre, by=by)
    about = case.person_id or (case.registration.candidate_id if case.registration else None)
    if about == by.person_id:
        raise PermissionDenied("This case is about you, so another coordinator of the centre follows and closes it.")
    if case.kind == CaseKind.APPEAL and case.registration and _answers_for(case.registration, by.person):
        raise PermissionDenied(
            "You assess or verify what this appeal is about, so another coordinator follows and closes it."
        )
    if not case.is_open:
        raise ValidationError("This case is closed. Open another one that names it.")
