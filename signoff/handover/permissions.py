"""Whose people may change, and who may never verify (R40, R41, Q4)."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q

from centres.models import User
from registrations.models import RecordState, Registration, RegistrationStatus, UnitRecord
from registrations.permissions import check_registration_open
from signoff.models import SamplingMark
from signoff.parts_taken import parts_taken

# Drawn and not signed by its IV, whatever became of the registration since.
WAITS_FOR_ITS_IV = Q(
    Exists(SamplingMark.objects.filter(record=OuterRef("pk"), capacity="iv", withdrawn_at=None)),
    state=RecordState.COMPLETE,
)


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


def check_had_no_part(*, record: UnitRecord, iv: User, field: str) -> None:
    """Raise ValidationError where whoever is to verify a record had a part in assessing it, or countersigned it (R40,
    R41, Q4)."""
    if part := parts_taken(person=iv, records=[record.pk]).get(record.pk):
        raise ValidationError({field: f"{iv} {part}, so they cannot verify it."})
