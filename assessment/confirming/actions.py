"""What an assessor confirms of a whole unit and of its conditions, and how that lapses."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from assessment.confirming.statements import Confirming, confirmable
from assessment.permissions import check_may_confirm
from centres.models import Membership
from ledger.actions import tell
from ledger.events import EventType
from registrations.models import UnitConfirmation, UnitConfirmationKind, UnitRecord
from registrations.unit_records import locked_record
from units.queries import unit_outline


@transaction.atomic
def confirm_record(*, record_id: int, wanted: Sequence[Confirming], by: Membership) -> list[UnitConfirmation]:
    """The assessor confirms several things of a unit at once: all of them or, when one is refused, none.

    What can be wanted, ``confirmable`` says: items 1 to 3 (Q12), conditions, open sets (R3), the judgements of an
    earlier assessor (Q23), and that there is enough (R4, R17). It takes the place of what an earlier assessor
    confirmed; what ``by`` has confirmed already stays as it is. Raises as ``check_may_confirm`` does; ValidationError
    for what the unit does not ask for, and where nothing is left to confirm.
    """
    unit_record = locked_record(record_id)
    check_may_confirm(record=unit_record, by=by)
    if not wanted:
        raise ValidationError("Tick what you confirm, or go back.")
    asked = confirmable(unit_outline(unit_record.unit_id))
    if set(wanted) - set(asked):
        raise ValidationError("This unit does not ask for that. Open the page again.")
    live = unit_record.confirmations.filter(lapsed_at=None)
    own = set(live.filter(confirmed_by=by.person).values_list("kind", "group_id"))
    fresh = [one for one in asked if one in wanted and (str(one.kind), one.group_id) not in own]
    if not fresh:
        raise ValidationError("You have confirmed this already.")
    return [_confirm(unit_record, one, by) for one in fresh]


def confirm_unit(*, record_id: int, kind: str, by: Membership) -> UnitConfirmation:
    """The assessor confirms one thing of a whole unit. See ``confirm_record``."""
    wanted = [Confirming(UnitConfirmationKind(kind))]
    return confirm_record(record_id=record_id, wanted=wanted, by=by)[0]


def _confirm(unit_record: UnitRecord, one: Confirming, by: Membership) -> UnitConfirmation:
    earlier = unit_record.confirmations.filter(kind=one.kind, group=one.group_id, lapsed_at=None)
    earlier.update(lapsed_at=timezone.now())
    confirmation = UnitConfirmation.objects.create(
        record=unit_record, kind=one.kind, group_id=one.group_id, confirmed_by=by.person
    )
    facts: dict[str, Any] = {"group": one.group_id} if one.group_id else {}
    tell(
        EventType.UNIT_CONFIRMED,
        about=unit_record,
        by=by,
        kind=str(one.kind),
        **facts,
    )
    return confirmation
