"""Who may register candidates, and which people may answer for a unit."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from centres.authority import is_approved
from centres.models import Capacity, Centre, Membership, Registration, Role, User
from units.models import Unit


def check_may_enrol(*, by: Membership) -> None:
    """Raise PermissionDenied unless ``by`` is a centre coordinator."""
    if by.role != Role.COORDINATOR:
        raise PermissionDenied("Registrations are kept by the centre coordinator.")


def check_unit_people(
    *,
    registration: Registration,
    unit: Unit,
    assessor: User,
    iv: User,
    centre: Centre,
    assessor_field: str = "unit",
    iv_field: str = "unit",
) -> None:
    """Raise ValidationError unless both are approved for the unit today and all three people differ (R40, R41)."""
    today = timezone.localdate()
    candidate = registration.candidate
    if assessor == candidate:
        raise ValidationError({assessor_field: "A candidate cannot be their own assessor."})
    if iv == candidate:
        raise ValidationError({iv_field: "A candidate cannot be their own internal verifier."})
    if iv == assessor:
        raise ValidationError({iv_field: "Nobody verifies their own assessment decisions."})
    for person, capacity, role, field in (
        (assessor, Capacity.ASSESSOR, Role.ASSESSOR, assessor_field),
        (iv, Capacity.IV, Role.IV, iv_field),
    ):
        if not person.memberships.active().filter(centre=centre, role=role).exists():
            raise ValidationError({field: f"{person.name} is no {Role(role).label.lower()} here."})
        if not is_approved(person=person, centre=centre, unit=unit, capacity=capacity, day=today):
            raise ValidationError(
                {field: f"{person.name} is not approved as {Capacity(capacity).label.lower()} for unit {unit.code}."}
            )
