"""The kinds of things a unit is made of (PRACTICE §2): closed lists, shared by tables, files and the pure rules."""

from enum import StrEnum

from django.db import models


class Section(models.TextChoices):
    """The three tables of a unit record. *Cover* and *do* are performance, *know* is knowledge (R5)."""

    COVER = "cover", "What you must cover"
    DO = "do", "What you must do"
    KNOW = "know", "What you must know"


class GroupKind(models.TextChoices):
    """What a numbered item asks for. Only the first three are ever ticked."""

    POINTS = "points", "lettered points, all or at least some of them"
    DISTINCT = "distinct", "a number of different values, without letters"
    OBLIGATION = "obligation", "one thing that must be shown, without letters"
    CONDITION = "condition", "a condition on the evidence, confirmed by the assessor"
    EXAMPLE = "example", "examples, never required"
    SCOPE = "scope", "a note on scope, never required"


TICKED_KINDS = frozenset({GroupKind.POINTS, GroupKind.DISTINCT, GroupKind.OBLIGATION})

# These print no letters, so the one cell that a claim is made against is implied by the item itself.
IMPLIED_KINDS = frozenset({GroupKind.DISTINCT, GroupKind.OBLIGATION})


class NoteKind(models.TextChoices):
    """What a unit's note settles: items 1 to 3 of every unit."""

    SETTING = "setting", "where the evidence comes from"
    SECTOR = "sector", "which sectors will do"
    SUFFICIENCY = "sufficiency", "how much is enough"


class Ask(StrEnum):
    """What is confirmed by the assessor instead of being ticked."""

    NOTES = "notes"  # Q12: setting, sector and sufficiency, of a unit with nothing to tick
    CONDITION = "condition"
    EVERY_INSTANCE = "every_instance"  # R3: an open set is complete when the assessor says so


# An ask and the group that it is about; the notes are about none.
type Confirmed = tuple[Ask, int | None]


class Nation(models.TextChoices):
    """What the award is called where it is taken (Q28)."""

    NVQ = "NVQ", "NVQ"
    SVQ = "SVQ", "SVQ"


def criterion_label(*, kind: str, printed_number: str, printed_label: str, position: int) -> str:
    """What a cell is called on the page: "304.1.1", "1a", "7".

    Takes the group's kind and printed number, the criterion's printed label and its position in the group. A label that
    holds a number stands alone; a letter follows the group's number; an unlettered item is called by its number, and a
    bullet by number and position. The label is for reading: identity is the position, since print repeats numbers.
    """
    if any(character.isdigit() for character in printed_label):
        return printed_label
    if printed_label:
        return f"{printed_number}{printed_label}"
    return printed_number if kind in IMPLIED_KINDS else f"{printed_number}.{position}"
