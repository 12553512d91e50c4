"""Evidence that stays at work: the assessor records having seen it there (R12)."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from assessment.method_records.permissions import check_may_record_seen
from assessment.models import SeenAtWork
from centres.models import Membership
from evidence.items.actions import locked_evidence
from evidence.models import Evidence
from ledger.actions import tell
from ledger.events import EventType

LONGEST_PLACE = 200


@transaction.atomic
def record_seen(
    *, evidence: Evidence, version_id: int, seen_on: datetime.date, where: str, by: Membership
) -> SeenAtWork:
    """Record that the assessor saw the item at work, on which day and where. Said twice, it is recorded once.

    ``version_id`` is the version that the page showed. Raises as ``check_may_record_seen`` does; ValidationError by
    field without a place, for a day to come, and when the evidence was replaced meanwhile.
    """
    evidence = locked_evidence(evidence.pk)
    check_may_record_seen(evidence, by)
    version = evidence.current_version
    assert version is not None  # the check has looked
    if version.pk != version_id:
        raise ValidationError(
            f"{evidence.reference} has been replaced since you opened this page. Look at the new version first.",
            code="stale",
        )
    where, errors = " ".join(where.split()), dict[str, str]()
    if not where:
        errors["where"] = "Say where you saw it."
    elif len(where) > LONGEST_PLACE:
        errors["where"] = f"Say it in {LONGEST_PLACE} letters."
    if seen_on > timezone.localdate():
        errors["seen_on"] = "This date is still to come."
    if errors:
        raise ValidationError(errors)
    seen, is_new = SeenAtWork.objects.get_or_create(version=version, seen_by=by.person, seen_on=seen_on, where=where)
    if is_new:
        tell(
            EventType.SEEN_AT_WORK,
            about=evidence,
            by=by,
            note=where,
            reference=evidence.reference,
            version=version.ordinal,
            seen_on=seen_on.isoformat(),
        )
    return seen
