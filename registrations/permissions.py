"""When a registration may be completed and its certificate claimed, and which people may answer for a unit."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError

from centres.authority.register import units_not_approved, why_not_approved
from centres.models import Capacity, Centre, Role, User
from centres.queries import holds_role, today
from registrations.combination import combination_of
from registrations.models import Registration
from registrations.states import ENDED
from units.models import Unit


def check_unit_fits(*, registration: Registration, unit: Unit) -> None:
    """Raise ValidationError, under ``unit``, where the unit would make its units wrong, as no other would mend (Q30).

    What was wrong before, since the rules were loaded afterwards, does not keep other units out.
    """
    before = combination_of(registration).wrong
    made_wrong = [reason for reason in combination_of(registration, and_unit=unit).wrong if reason not in before]
    if made_wrong:
        raise ValidationError({"unit": made_wrong})


def check_unit_people(
    *,
    registration: Registration,
    unit: Unit,
    assessor: User,
    iv: User,
    stays: tuple[User, ...] = (),
    assessor_field: str = "unit",
    iv_field: str = "unit",
) -> None:
    """Raise ValidationError unless both are approved for the unit today and all three people differ (R40, R41).

    ``stays``: its assessor and IV so far, of whom approval is not asked again.
    """
    candidate = registration.candidate
    if assessor == candidate:
        raise ValidationError({assessor_field: "A candidate cannot be their own assessor."})
    if iv == candidate:
        raise ValidationError({iv_field: "A candidate cannot be their own internal verifier."})
    if iv == assessor:
        raise ValidationError({iv_field: "Nobody verifies their own assessment decisions."})
    before = dict(zip((Capacity.ASSESSOR, Capacity.IV), stays, strict=False))
    for person, capacity, role, field in (
        (assessor, Capacity.ASSESSOR, Role.ASSESSOR, assessor_field),
        (iv, Capacity.IV, Role.IV, iv_field),
    ):
        if before.get(capacity) == person:
            continue
        if reason := why_may_not_answer_for(person, registration.centre, [unit], capacity=capacity, role=role):
            raise ValidationError({field: reason})


def check_registration_open(registration: Registration) -> None:
    """Raises ValidationError unless work on the registration may go on: it is active."""
    if not registration.is_open:
        raise ValidationError(
            f"This registration is {registration.get_status_display().lower()}, so nothing on it can be changed."
        )


def check_registration_not_ended(registration: Registration) -> None:
    """Raises ValidationError once the registration has ended: it is read-only from then on."""
    if registration.status in ENDED:
        raise ValidationError(
            f"This registration is {registration.get_status_display().lower()}; it can be read but no longer changed."
        )


def why_may_not_answer_for(person: User, centre: Centre, units: Iterable[Unit], *, capacity: str, role: str) -> str:
    """Why a person may not be named as assessor or IV for units today: no role, or no approval. "" when they may."""
    if not holds_role(person, centre, role):
        return f"{person} is not an {Role(role).label.lower()} at {centre}."
    wanted = Unit.objects.filter(pk__in=[unit.pk for unit in units])
    missing = units_not_approved(person, centre, wanted, capacity, today())
    if not missing:
        return ""
    return why_not_approved(person, missing, capacity, today()) + " Give the approval on their page first."
