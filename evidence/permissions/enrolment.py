"""When a registration may be completed and its certificate claimed, and which people may answer for a unit."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db.models import Q

from centres.actions.registrations import why_may_not_answer_for
from centres.models import Capacity, Registration, RegistrationStatus, Role, User
from centres.permissions import check_registration_open
from evidence.models import RecordState, UnitRecord
from evidence.queries.combination import combination_of
from evidence.queries.part_taken import parts_taken
from units.models import Unit

# Drawn and not signed by its IV, whatever became of the registration since. The marks are rows of a room below, so the
# fields are named and not imported.
WAITS_FOR_ITS_IV = Q(state=RecordState.COMPLETE, sampling_marks__capacity="iv", sampling_marks__withdrawn_at=None)


def check_unit_goes_on(record: UnitRecord, *, is_iv_only: bool) -> None:
    """Raise ValidationError unless the people of a unit may change: its registration is active, or it was completed and
    only the IV changes, for whom a sample waits."""
    is_completed = record.registration.status == RegistrationStatus.COMPLETED
    if is_completed and is_iv_only and UnitRecord.objects.filter(WAITS_FOR_ITS_IV, pk=record.pk).exists():
        return
    check_registration_open(record.registration)


def units_that_go_on(registration: Registration, records: Collection[UnitRecord]) -> set[int]:
    """The ids of those of a registration's records whose people may change, by the same rule. One query at most."""
    if registration.status == RegistrationStatus.COMPLETED:
        of_it = UnitRecord.objects.filter(WAITS_FOR_ITS_IV, registration=registration)
        return set(of_it.values_list("pk", flat=True))
    return {record.pk for record in records} if registration.is_open else set()


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


def check_unit_fits(*, registration: Registration, unit: Unit) -> None:
    """Raise ValidationError, under ``unit``, where the unit would make its units wrong, as no other would mend (Q30).

    What was wrong before, since the rules were loaded afterwards, does not keep other units out.
    """
    before = combination_of(registration).wrong
    made_wrong = [reason for reason in combination_of(registration, and_unit=unit).wrong if reason not in before]
    if made_wrong:
        raise ValidationError({"unit": made_wrong})


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


def check_had_no_part(*, record: UnitRecord, iv: User, field: str) -> None:
    """Raise ValidationError where whoever is to verify a record had a part in assessing it, or countersigned it (R40,
    R41, Q4)."""
    if part := parts_taken(person=iv, records=[record.pk]).get(record.pk):
        raise ValidationError({field: f"{iv} {part}, so they cannot verify it."})
