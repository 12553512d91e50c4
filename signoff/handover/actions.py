"""People leave: what they answer for is handed over in one step, and what the candidate has signed is unlocked for it.

Whoever takes a unit over as assessor reviews it before signing (Q23), and a review changes the record, which nothing
may do under a standing signature (R66). So that becomes void in the same transaction, for the same reason (R48).
"""

from collections.abc import Collection

from django.db import transaction

from centres.models import Membership, User
from centres.people.actions import lock_centre
from centres.permissions import check_coordinates
from ledger.actions import seal_heads
from registrations.models import UnitRecord
from signoff.actions import reopen
from signoff.handover.leavers import pass_on
from signoff.handover.queries import HandoverItem, handover_items


@transaction.atomic
def hand_over(
    *, person: User, assessor: User | None, iv: User | None, items: Collection[str], why: str, by: Membership
) -> list[HandoverItem]:
    """Hand the chosen registrations and units of a person over: all of them or, when one is refused, none.

    In and out as ``signoff.handover.leavers.pass_on``, whose refusals these are; records among them that
    ``HandoverItem.unlocks`` names are unlocked first, each with its own entry in the ledger.
    """
    check_coordinates(centre=by.centre, by=by)
    lock_centre(by.centre)
    to_unlock = _to_unlock(person, assessor, iv, items, by) if why.strip() else []
    for record in to_unlock:
        reopen(record_id=record.pk, reason=why, by=by)
    done = pass_on(person=person, assessor=assessor, iv=iv, items=items, why=why, by=by)
    if to_unlock:
        seal_heads()
    return done


def _to_unlock(
    person: User, assessor: User | None, iv: User | None, items: Collection[str], by: Membership
) -> list[UnitRecord]:
    """The records to unlock, read once every record that changes hands is held: before anything is written, so that
    whoever signs one of them comes first or waits (R66)."""
    chosen = [item for item in handover_items(person=person, seat=by, assessor=assessor, iv=iv) if item.key in items]
    registrations = {item.registration.pk for item in chosen}
    held = UnitRecord.objects.select_for_update(of=("self",)).filter(registration__in=registrations)
    list(held.order_by("pk"))
    return [
        record
        for item in handover_items(person=person, seat=by, assessor=assessor, iv=iv)
        if item.key in items and item.successor and not item.reason
        for record in item.unlocks
    ]
