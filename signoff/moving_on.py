"""A registration moves on: suspended, resumed, withdrawn, completed, its certificate recorded (Q30, R48)."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from centres.models import Membership
from centres.people.actions import lock_centre
from centres.permissions import check_coordinates
from evidence.items.actions import judge_replaced_again
from registrations import actions as registrations
from registrations.combination import combination_of
from registrations.models import RecordState, Registration, RegistrationStatus, UnitRecord
from signoff.handover.permissions import WAITS_FOR_ITS_IV


@transaction.atomic
def change_status(
    *, registration: Registration, revision: int, status: str, on: datetime.date, why: str, by: Membership
) -> Registration:
    """Move a registration on, as ``registrations.actions.change_status`` does.

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


def check_may_move_on(*, registration: Registration, status: str) -> None:
    """Raise ValidationError, under ``status``, unless the registration may be completed, or its certificate recorded.

    Whether it is a legal move, and any other move, is for ``centres`` to say. The combination of units is looked at
    both times: the rules may have been loaded in between.
    """
    if status == RegistrationStatus.COMPLETED:
        check_may_complete(registration=registration)
    elif status == RegistrationStatus.CERTIFICATED:
        check_combination_complete(registration=registration)


def check_combination_complete(*, registration: Registration) -> None:
    """Raise ValidationError, under ``status``, while its units do not make up the qualification (Q30)."""
    if problems := combination_of(registration).sentences:
        raise ValidationError({"status": list(problems)})


def check_may_complete(*, registration: Registration) -> None:
    """Raise ValidationError, under ``status``, while its units do not make up the qualification, a unit record is not
    complete, or an IV has drawn one and the sample is not closed: what they may send back must still be open to change
    (Q30, R48)."""
    unfinished = list(
        UnitRecord.objects.filter(registration=registration, completed_at=None)
        .order_by("unit__position", "unit__code")
        .values_list("unit__code", flat=True)
    )
    reasons = list(combination_of(registration).sentences)
    if unfinished:
        reasons.append(f"Not every unit is signed yet: {', '.join(unfinished)}.")
    if reasons:
        raise ValidationError({"status": reasons})
    sampled = list(
        UnitRecord.objects.filter(
            WAITS_FOR_ITS_IV | Q(state=RecordState.AWAITING_IV_COUNTERSIGNATURE), registration=registration
        )
        .order_by("unit__position", "unit__code")
        .values_list("unit__code", flat=True)
        .distinct()
    )
    if sampled:
        raise ValidationError(
            {"status": f"The internal verifier has not finished what they sampled: {', '.join(sampled)}."}
        )
