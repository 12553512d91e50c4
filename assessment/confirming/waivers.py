"""What an assessor does without, for a reason that the IV sees: criteria that are printed as a "should" (Q11)."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from assessment.permissions import check_may_waive
from centres.models import Membership
from ledger.actions import tell
from ledger.events import EventType
from registrations.models import Waiver
from registrations.unit_records import lapse_confirmations, locked_record
from units.queries import unit_outline

LONGEST_REASON = 300


@transaction.atomic
def waive_criteria(*, record_id: int, criteria: Collection[int], reason: str, by: Membership) -> list[Waiver]:
    """The unit's assessor does without some of its "should" criteria, for one reason (Q11). All of them or none.

    What was confirmed of the unit lapses. The same form sent twice waives once. Raises as ``check_may_waive`` does;
    ValidationError under ``criteria`` for none, for what is no "should" and for what is waived already, and under
    ``reason`` without one or where it is too long to keep.
    """
    unit_record = locked_record(record_id)
    outline = unit_outline(unit_record.unit_id)
    check_may_waive(record=unit_record, can_be_waived=outline.can_be_waived, by=by)
    reason, wanted = reason.strip(), [one for one in outline.criteria if one.id in criteria]
    errors: dict[str, str] = {}
    if not criteria:
        errors["criteria"] = "Tick what you waive."
    elif not set(criteria) <= outline.can_be_waived:
        errors["criteria"] = "Only what is printed as a “should” can be waived."
    if not reason:
        errors["reason"] = "Say why the unit can do without it. The internal verifier reads this."
    elif len(reason) > LONGEST_REASON:
        errors["reason"] = f"Say it in {LONGEST_REASON} characters."
    if errors:
        raise ValidationError(errors)
    standing = {row.criterion_id: row for row in unit_record.waivers.filter(withdrawn_at=None)}
    if taken := [one for one in wanted if one.id in standing]:
        same = [standing[one.id] for one in taken]
        if len(same) == len(wanted) and {(row.waived_by_id, row.reason) for row in same} == {(by.person_id, reason)}:
            return same
        raise ValidationError({"criteria": f"Waived already: {', '.join(one.label for one in taken)}."})
    made = [
        Waiver.objects.create(record=unit_record, criterion_id=one.id, reason=reason, waived_by=by.person)
        for one in wanted
    ]
    tell(
        EventType.CRITERION_WAIVED,
        about=unit_record,
        by=by,
        note=reason,
        criteria=[one.id for one in wanted],
        labels=[one.label for one in wanted],
    )
    lapse_confirmations(unit_record=unit_record, by=by)
    return made


@transaction.atomic
def withdraw_waiver(*, waiver_id: int, by: Membership) -> Waiver:
    """The unit's assessor asks for a waived criterion after all; doing it twice changes nothing.

    What was confirmed of the unit lapses. Raises as ``check_may_waive`` does.
    """
    unit_record = locked_record(Waiver.objects.only("record_id").get(pk=waiver_id).record_id)
    waiver = Waiver.objects.select_related("criterion__group").get(pk=waiver_id)
    waiver.record = unit_record
    can_be_waived = unit_outline(unit_record.unit_id).can_be_waived
    check_may_waive(record=unit_record, can_be_waived=can_be_waived, by=by)
    if waiver.withdrawn_at is not None:
        return waiver
    waiver.withdrawn_at, waiver.withdrawn_by = timezone.now(), by.person
    waiver.save(update_fields=["withdrawn_at", "withdrawn_by"])
    tell(
        EventType.WAIVER_WITHDRAWN,
        about=unit_record,
        by=by,
        criteria=[waiver.criterion_id],
        labels=[waiver.criterion.label],
    )
    lapse_confirmations(unit_record=unit_record, by=by)
    return waiver
