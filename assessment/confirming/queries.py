"""What is confirmed of a unit record, and what its assessor has still to confirm."""

from dataclasses import dataclass

from assessment.confirming.statements import Confirming, PrintedItem, confirmable, printed_of, statement_of
from centres.models import User
from registrations.models import UnitConfirmation, UnitConfirmationKind, UnitRecord
from units.outline import UnitOutline


@dataclass(frozen=True, slots=True)
class ConfirmationDue:
    """One box to tick: what is said, what the standard prints of it, and who confirmed it, if somebody did.

    `is_done`: the person asked has confirmed it. An earlier assessor's word is shown, and does not stand for theirs.
    """

    confirming: Confirming
    statement: str
    printed: tuple[PrintedItem, ...]
    standing: UnitConfirmation | None
    is_done: bool


def confirmations_due(
    record: UnitRecord, outline: UnitOutline, person: User, *, has_inherited: bool
) -> tuple[ConfirmationDue, ...]:
    """What the unit asks of this assessor, confirmed or not, in order. One query.

    `has_inherited`: whether accepted claims were judged by somebody else, so that a review is asked for (Q23).
    """
    live = {
        Confirming(UnitConfirmationKind(row.kind), row.group_id): row
        for row in record.confirmations.filter(lapsed_at=None).select_related("confirmed_by")
    }
    return tuple(
        ConfirmationDue(
            confirming=one,
            statement=statement_of(one, outline),
            printed=printed_of(one, outline),
            standing=(row := live.get(one)),
            is_done=row is not None and row.confirmed_by_id == person.pk,
        )
        for one in confirmable(outline)
        if has_inherited or one.kind != UnitConfirmationKind.REVIEWED or one in live
    )
