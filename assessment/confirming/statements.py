"""What is confirmed of a unit instead of being ticked: derived from the unit, in words for page and print. Pure."""

from dataclasses import dataclass

from registrations.models import UnitConfirmationKind
from units.kinds import Ask
from units.outline import GroupOutline, UnitOutline

_KINDS: dict[Ask, UnitConfirmationKind] = {
    Ask.NOTES: UnitConfirmationKind.NOTES,
    Ask.CONDITION: UnitConfirmationKind.CONDITION,
    Ask.EVERY_INSTANCE: UnitConfirmationKind.EVERY_INSTANCE,
}


@dataclass(frozen=True, slots=True)
class Confirming:
    """One thing to confirm: of the whole unit, or of the item with the id `group_id`."""

    kind: UnitConfirmationKind
    group_id: int | None = None

    @property
    def key(self) -> str:
        """What tells it from the others of a unit, as a form names it: "sufficient", "condition_12"."""
        return str(self.kind) if self.group_id is None else f"{self.kind}_{self.group_id}"


@dataclass(frozen=True, slots=True)
class PrintedItem:
    """What the standard prints of that which is confirmed: number and text."""

    number: str
    text: str


def confirmable(outline: UnitOutline) -> tuple[Confirming, ...]:
    """Everything that the assessor may confirm of a unit, in the order in which it is asked.

    Items 1 to 3 where nothing is ticked (Q12), each condition (PRACTICE §2), each open set of instances (R3), the
    judgements of an earlier assessor (Q23), and at last that there is enough (R4, R17).
    """
    return (
        *(Confirming(_KINDS[ask], group_id) for ask, group_id in outline.asks),
        Confirming(UnitConfirmationKind.REVIEWED),
        Confirming(UnitConfirmationKind.SUFFICIENT),
    )


def statement_of(confirming: Confirming, outline: UnitOutline) -> str:
    """What the assessor says, in one sentence."""
    match confirming.kind:
        case UnitConfirmationKind.SUFFICIENT:
            return (
                "I am confident that this evidence is sufficient: over a long enough time, with different customers, "
                "on different occasions."
            )
        case UnitConfirmationKind.REVIEWED:
            return "I have reviewed the judgements that somebody else made on this unit, and I stand by them."
        case UnitConfirmationKind.NOTES:
            numbers = [note.printed_number for note in outline.notes]
            return f"Items {', '.join(numbers[:-1])} and {numbers[-1]} hold: setting, sector and sufficiency."
        case UnitConfirmationKind.CONDITION:
            return f"The condition in item {_group(confirming, outline).printed_number} is met."
    group = _group(confirming, outline)
    return f"Every {group.per_instance} is covered, as item {group.printed_number} asks."


def printed_of(confirming: Confirming, outline: UnitOutline) -> tuple[PrintedItem, ...]:
    """What the standard prints of it; nothing where the statement says it all."""
    if confirming.kind == UnitConfirmationKind.NOTES:
        return tuple(PrintedItem(note.printed_number, note.text) for note in outline.notes)
    if confirming.group_id is None:
        return ()
    group = _group(confirming, outline)
    points = () if group.is_implied else group.criteria
    return (
        PrintedItem(group.printed_number, group.text),
        *(PrintedItem(criterion.label, criterion.text) for criterion in points),
    )


def _group(confirming: Confirming, outline: UnitOutline) -> GroupOutline:
    return next(group for group in outline.groups if group.id == confirming.group_id)
