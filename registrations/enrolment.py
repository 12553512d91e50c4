"""Registering a candidate: the registration, the portfolio it needs, and a record for each unit."""

import datetime
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction

from centres.models import Membership, User
from centres.people.actions import lock_centre
from centres.permissions import check_coordinates
from ledger.actions import tell
from ledger.events import EventType
from registrations import actions as registrations
from registrations.models import Portfolio, Registration, UnitRecord
from registrations.permissions import (
    check_registration_open,
    check_unit_fits,
    check_unit_people,
)
from units.models import Qualification, Unit


@transaction.atomic
def register_candidate(
    *,
    candidate: User,
    qualification: Qualification,
    units: Sequence[Unit],
    assessor: User,
    iv: User,
    number: str,
    employer: str,
    site: str,
    started_on: datetime.date,
    expected_end_on: datetime.date | None,
    by: Membership,
) -> Registration:
    """Register a candidate at the centre of ``by`` and open a unit record for each unit.

    Raises as ``registrations.actions.create_registration`` does: ValidationError by field, PermissionDenied
    unless ``by`` coordinates the centre. The candidate's portfolio at this centre is opened with their first
    registration here.
    """
    registration = registrations.create_registration(
        candidate=candidate,
        qualification=qualification,
        units=units,
        assessor=assessor,
        iv=iv,
        number=number,
        employer=employer,
        site=site,
        started_on=started_on,
        expected_end_on=expected_end_on,
        by=by,
    )
    portfolio, _ = Portfolio.objects.get_or_create(centre=by.centre, candidate=candidate)
    for unit in units:
        _open_record(registration=registration, portfolio=portfolio, unit=unit, by=by)
    return registration


@transaction.atomic
def add_unit(*, registration: Registration, unit: Unit, by: Membership) -> UnitRecord:
    """Open a record for one more unit of the registration's qualification.

    Raises ValidationError when the registration is not active, has the unit already, or the unit is not of the
    qualification or may not be taken with the others (Q30), or its assessor or IV is not approved for it.
    """
    check_coordinates(centre=registration.centre, by=by)
    # As whoever completes it or hands it over does: they look at all its units.
    lock_centre(by.centre)
    registration = Registration.objects.select_for_update().get(pk=registration.pk, centre=by.centre)
    check_registration_open(registration)
    if not registration.qualification.units.filter(pk=unit.pk).exists():
        raise ValidationError({"unit": f"{registration.qualification} does not have unit {unit.code}."})
    if registration.unit_records.filter(unit=unit).exists():
        raise ValidationError({"unit": "This registration has that unit already."})
    check_unit_fits(registration=registration, unit=unit)
    check_unit_people(registration=registration, unit=unit, assessor=registration.assessor, iv=registration.iv)
    portfolio = Portfolio.objects.get(centre=by.centre, candidate=registration.candidate)
    return _open_record(registration=registration, portfolio=portfolio, unit=unit, by=by)


def _open_record(*, registration: Registration, portfolio: Portfolio, unit: Unit, by: Membership) -> UnitRecord:
    unit_record = UnitRecord.objects.create(registration=registration, portfolio=portfolio, unit=unit)
    tell(EventType.UNIT_ADDED, about=unit_record, by=by, registration=registration.pk, unit=unit.code)
    return unit_record
