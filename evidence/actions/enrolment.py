"""Registering a candidate: the registration, the portfolio it needs, and a record for each unit."""

import datetime
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction

from centres.actions import registrations
from centres.actions.people import lock_centre
from centres.models import Membership, Registration, User
from centres.permissions import check_coordinates, check_registration_open
from evidence.actions.items import judge_replaced_again
from evidence.models import Portfolio, RecordState, UnitRecord
from evidence.permissions.enrolment import (
    check_had_no_part,
    check_may_move_on,
    check_unit_fits,
    check_unit_goes_on,
    check_unit_people,
)
from evidence.states import SIGNED_BY_IV
from ledger.actions import record
from ledger.events import EventType
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

    Raises as ``centres.actions.registrations.create_registration`` does: ValidationError by field, PermissionDenied
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


@transaction.atomic
def reassign_unit(
    *, record_id: int, own_assessor: User | None, own_iv: User | None, why: str, by: Membership
) -> UnitRecord:
    """Give one unit an assessor or IV of its own (Q24), or with None the registration's again.

    The reason is kept in the ledger. Raises ValidationError by field when the person may not act for this unit, when
    assessor, IV and candidate are not three people or the IV had a part in the assessment (R40, R41, Q4), when the
    record has a signature on it, or its registration does not go on: once that was completed only the IV changes, for
    whom a sample waits.
    """
    check_coordinates(centre=by.centre, by=by)
    UnitRecord.objects.select_for_update(of=("self",)).get(pk=record_id, registration__centre=by.centre)
    unit_record = UnitRecord.objects.select_related(
        "registration__assessor", "registration__iv", "unit", "portfolio"
    ).get(pk=record_id)
    is_iv_only = (own_assessor or unit_record.registration.assessor) == unit_record.assessor
    check_unit_goes_on(unit_record, is_iv_only=is_iv_only)
    if unit_record.state in {RecordState.CANDIDATE_SIGNED, RecordState.AWAITING_COUNTERSIGNATURE}:
        if not is_iv_only:
            raise ValidationError(
                {"own_assessor": "The record is being signed. Unlock it before its assessor changes."}
            )
    elif unit_record.state != RecordState.OPEN and own_assessor != unit_record.own_assessor:
        raise ValidationError({"own_assessor": "The assessor has signed this record and stays its assessor."})
    if unit_record.state in SIGNED_BY_IV and own_iv != unit_record.own_iv:
        raise ValidationError({"own_iv": "This record has been verified, so its internal verifier stays."})
    if not why.strip():
        raise ValidationError({"why": "Say why this unit changes hands."})
    if (own_assessor, own_iv) == (unit_record.own_assessor, unit_record.own_iv):
        raise ValidationError("Nobody has been changed: choose another assessor or internal verifier.")
    check_unit_people(
        registration=unit_record.registration,
        unit=unit_record.unit,
        assessor=own_assessor or unit_record.registration.assessor,
        iv=own_iv or unit_record.registration.iv,
        # Whoever has left does not stand in the way of the other's successor.
        stays=(unit_record.assessor, unit_record.iv),
        assessor_field="own_assessor",
        iv_field="own_iv",
    )
    if own_iv != unit_record.own_iv:
        check_had_no_part(record=unit_record, iv=own_iv or unit_record.registration.iv, field="own_iv")
    unit_record.own_assessor, unit_record.own_iv = own_assessor, own_iv
    unit_record.save(update_fields=["own_assessor", "own_iv"])
    _tell_people(EventType.UNIT_REASSIGNED, unit_record, why=why, by=by)
    return unit_record


@transaction.atomic
def reassign(
    *, registration: Registration, revision: int, assessor: User, iv: User, why: str, by: Membership
) -> Registration:
    """Hand a registration to another assessor or IV, for every unit that has none of its own.

    What somebody has signed stays theirs: such a record keeps its assessor, and its IV, as its own. Raises as
    ``centres.actions.registrations.reassign`` does.
    """
    check_coordinates(centre=registration.centre, by=by)
    # The centre before its records, as whoever hands a leaver's work over does, or each would wait for the other.
    lock_centre(by.centre)
    records = list(
        UnitRecord.objects.select_for_update(of=("self",))
        .filter(registration=registration)
        .select_related("unit", "portfolio", "own_assessor", "own_iv")
        .order_by("pk")
    )
    handed_over, stayed, before = [], [], registration.iv_id
    for unit_record in records:
        own = unit_record.own_assessor_id, unit_record.own_iv_id
        if unit_record.completed_at or unit_record.state == RecordState.AWAITING_COUNTERSIGNATURE:
            unit_record.own_assessor_id = unit_record.own_assessor_id or registration.assessor_id
        if unit_record.state in SIGNED_BY_IV:
            unit_record.own_iv_id = unit_record.own_iv_id or registration.iv_id
        if own != (unit_record.own_assessor_id, unit_record.own_iv_id):
            stayed.append(unit_record)
        to_assess = unit_record.own_assessor_id is None and assessor.pk != registration.assessor_id
        to_verify = unit_record.own_iv_id is None and iv.pk != registration.iv_id
        if to_assess or to_verify:
            handed_over.append(unit_record.unit)
    changed = registrations.reassign(
        registration=registration,
        revision=revision,
        assessor=assessor,
        iv=iv,
        units=handed_over,
        why=why,
        by=by,
    )
    for unit_record in records:
        if unit_record.own_iv_id is None and iv.pk != before:
            check_had_no_part(record=unit_record, iv=iv, field="iv")
        if (unit_record.own_assessor_id or assessor.pk) == (unit_record.own_iv_id or iv.pk):
            code = unit_record.unit.code
            raise ValidationError(
                {"iv": f"{iv} assesses unit {code}. Give that unit to another assessor first."}
                if unit_record.own_assessor_id
                else {
                    "assessor": f"{assessor} verifies unit {code}. Give that unit to another internal verifier first."
                }
            )
    UnitRecord.objects.bulk_update(records, ["own_assessor", "own_iv"])
    for unit_record in stayed:
        _tell_people(EventType.UNIT_STAYED, unit_record, why=why, by=by)
    return changed


@transaction.atomic
def change_status(
    *, registration: Registration, revision: int, status: str, on: datetime.date, why: str, by: Membership
) -> Registration:
    """Move a registration on, as ``centres.actions.registrations.change_status`` does.

    Completion also demands that every unit record is complete, no sample open and the qualification made up of these
    units, and the certificate the last once more (Q30), which only this room can see.
    Evidence that was replaced while the registration did not go on is judged again once it does (Q22).
    """
    check_coordinates(centre=registration.centre, by=by)
    # Their rows are locked so that none is unlocked between the look and the move; the centre before them, as above.
    lock_centre(by.centre)
    records = list(
        UnitRecord.objects.select_for_update(of=("self",))
        .filter(registration=registration)
        .select_related("portfolio")
        .order_by("pk")
    )
    check_may_move_on(registration=registration, status=status)
    changed = registrations.change_status(
        registration=registration, revision=revision, status=status, on=on, why=why, by=by
    )
    for unit_record in records:
        unit_record.registration = changed
        judge_replaced_again(unit_record=unit_record, by=by)
    return changed


def _tell_people(type: EventType, unit_record: UnitRecord, *, why: str, by: Membership) -> None:
    """Who answers for the unit itself from now on; None: whoever the registration names."""
    record(
        type=type,
        chain=unit_record.portfolio.chain,
        subject=f"unit_record:{unit_record.pk}",
        by=by.person,
        role=by.role,
        data={
            "assessor": unit_record.own_assessor_id,
            "iv": unit_record.own_iv_id,
            "unit": unit_record.unit.code,
        },
        note=why.strip(),
    )


def _open_record(*, registration: Registration, portfolio: Portfolio, unit: Unit, by: Membership) -> UnitRecord:
    unit_record = UnitRecord.objects.create(registration=registration, portfolio=portfolio, unit=unit)
    record(
        type=EventType.UNIT_ADDED,
        chain=portfolio.chain,
        subject=f"unit_record:{unit_record.pk}",
        by=by.person,
        role=by.role,
        data={"registration": registration.pk, "unit": unit.code},
    )
    return unit_record
