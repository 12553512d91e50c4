"""A centre's word that the *do* and *know* criteria of coverage-only units are met and held elsewhere (Q2)."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from centres.models import Membership
from centres.people.actions import lock_centre
from centres.permissions import check_coordinates
from ledger.actions import tell
from ledger.events import EventType
from registrations.models import HeldElsewhere
from units.models import Unit

LONGEST_PLACE = 200


@transaction.atomic
def confirm_held_elsewhere(*, units: Iterable[Unit], where: str, by: Membership) -> list[HeldElsewhere]:
    """The coordinator confirms for the centre where the criteria of some units are held (Q2). All of them or none.

    The same words for the same units twice are said once. Raises PermissionDenied unless ``by`` coordinates the centre;
    ValidationError, by field, without units or a place, for a unit whose criteria the standard prints, and for one
    that is confirmed already with another place.
    """
    check_coordinates(centre=by.centre, by=by)
    centre, where, given = lock_centre(by.centre), where.strip(), list(units)
    errors: dict[str, str] = {}
    if not where:
        errors["where"] = "Say where they are held, so that a verifier finds them."
    elif len(where) > LONGEST_PLACE:
        errors["where"] = f"Say it in {LONGEST_PLACE} characters."
    live = HeldElsewhere.objects.filter(centre=centre, unit__in=given, ended_at=None).select_related("unit")
    standing = {row.unit_id: row for row in live}
    if not given:
        errors["units"] = "Choose at least one unit."
    elif printed := [unit.code for unit in given if not unit.is_coverage_only]:
        errors["units"] = f"The standard holds the criteria of {', '.join(printed)}: they are claimed here."
    elif other := [row.unit.code for row in standing.values() if row.where != where]:
        errors["units"] = f"Confirmed already with another place: {', '.join(other)}. End that first."
    if errors:
        raise ValidationError(errors)
    return [standing.get(unit.pk) or _confirm(unit, where, by) for unit in given]


@transaction.atomic
def end_held_elsewhere(*, held: HeldElsewhere, by: Membership) -> HeldElsewhere:
    """The centre's word ends: records not signed yet wait for a new one; what is signed keeps it. Twice ends it once.

    Raises PermissionDenied unless ``by`` coordinates the centre.
    """
    held = HeldElsewhere.objects.select_for_update(of=("self",)).select_related("centre", "unit").get(pk=held.pk)
    check_coordinates(centre=held.centre, by=by)
    if held.ended_at is not None:
        return held
    held.ended_at, held.ended_by = timezone.now(), by.person
    held.save(update_fields=["ended_at", "ended_by"])
    tell(EventType.HELD_ELSEWHERE_ENDED, about=held, by=by, held_elsewhere=held.pk, unit=held.unit.code)
    return held


def _confirm(unit: Unit, where: str, by: Membership) -> HeldElsewhere:
    held = HeldElsewhere.objects.create(centre=by.centre, unit=unit, where=where, confirmed_by=by.person)
    tell(
        EventType.HELD_ELSEWHERE_CONFIRMED,
        about=held,
        by=by,
        note=where,
        held_elsewhere=held.pk,
        unit=unit.code,
    )
    return held
