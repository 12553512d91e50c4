"""Another assessor or internal verifier for a registration, or for one unit of it (Q23, Q24, R40, R41)."""

from django.core.exceptions import ValidationError
from django.db import transaction

from centres.models import Membership, User
from centres.people.actions import lock_centre
from centres.permissions import check_coordinates
from ledger.actions import tell
from ledger.events import EventType
from registrations import actions as registrations
from registrations.models import RecordState, Registration, UnitRecord
from registrations.permissions import check_unit_people
from registrations.states import SIGNED_BY_IV
from signoff.handover.permissions import check_had_no_part, check_unit_goes_on


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
    ``registrations.actions.reassign`` does.
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


def _tell_people(type: EventType, unit_record: UnitRecord, *, why: str, by: Membership) -> None:
    """Who answers for the unit itself from now on; None: whoever the registration names."""
    tell(
        type,
        about=unit_record,
        by=by,
        note=why.strip(),
        assessor=unit_record.own_assessor_id,
        iv=unit_record.own_iv_id,
        unit=unit_record.unit.code,
    )
