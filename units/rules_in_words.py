"""What a unit asks for, in words that a candidate understands. Pure: outlines in, sentences out.

The words stand here once: the catalogue says all of them, the unit record and its print say those that tell more than
"every point, once" (`notes`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from units.kinds import GroupKind, Section
from units.methods import Method
from units.setting_policy import Setting, may_count
from units.text import in_words, listed, several

if TYPE_CHECKING:  # An outline tells its own notes in these words, so it imports from here.
    from units.outline import CriterionOutline, GroupOutline, UnitOutline

NOTHING_TO_TICK = (
    "Nothing in this unit is ticked point by point. You claim at least one piece of evidence for the unit as a whole; "
    "your assessor confirms items 1 to 3 and decides."
)
COVERAGE_ONLY = (
    "Only what you must cover is printed for this unit. Your centre holds what you must do and know elsewhere, or adds "
    "it; the sign-off says so."
)
NAMED_ONCE = "You name them once."


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingLine:
    """One line of a unit's setting policy: whether evidence from there counts for what you cover and do, and know."""

    setting: Setting
    counts_for_performance: bool
    counts_for_knowledge: bool
    sentence: str

    @property
    def counts(self) -> str:
        """What evidence from there counts for, in a word or two."""
        if self.counts_for_performance:
            return "Counts"
        return "Only for what you must know" if self.counts_for_knowledge else "Does not count"


def setting_lines(policy: str) -> tuple[SettingLine, ...]:
    """The policy as a table, a line for each setting (R5, R6, Q16). Takes a value of SettingPolicy, else ValueError."""
    lines = []
    for setting in Setting:
        performance = may_count(policy, setting, Section.COVER)
        knowledge = may_count(policy, setting, Section.KNOW)
        lines.append(
            SettingLine(
                setting=setting,
                counts_for_performance=performance.allowed,
                counts_for_knowledge=knowledge.allowed,
                sentence=performance.reason,
            )
        )
    return tuple(lines)


def unit_in_words(outline: UnitOutline) -> tuple[str, ...]:
    """What is unusual about a whole unit: nothing to tick (Q12), or no *do* and *know* criteria (Q2)."""
    return tuple(
        sentence
        for sentence, is_so in ((NOTHING_TO_TICK, not outline.criteria), (COVERAGE_ONLY, outline.is_coverage_only))
        if is_so
    )


def item_in_words(group: GroupOutline) -> tuple[str, ...]:
    """The rule of one numbered item, every sentence of it (R2, R3, Q9 to Q11)."""
    return tuple(filter(None, (_quantity(group), *_besides(group))))


def cell_in_words(criterion: CriterionOutline) -> tuple[str, ...]:
    """What one lettered point wants besides; nothing where the item itself says it, or is only read."""
    if criterion.is_implied or not criterion.is_ticked:
        return ()
    values = (f"{_different(criterion)}.", NAMED_ONCE) if criterion.wanted_values > 1 else ()
    return tuple(filter(None, (*values, *_how_shown(criterion))))


def notes(group: GroupOutline) -> str:
    """What stands beside an item on the unit record and its print: its rule, "" where that is every point, once."""
    return " ".join(filter(None, ("" if _is_every_point_once(group) else _quantity(group), *_besides(group))))


def _besides(group: GroupOutline) -> tuple[str, ...]:
    """Who names or confirms instances (R3), how it is shown, whether it can be waived, how it is read (Q10, Q11)."""
    if not group.is_ticked:
        return (group.reading,)
    implied = (sentence for criterion in group.criteria if criterion.is_implied for sentence in _how_shown(criterion))
    is_open = bool(group.per_instance) and not group.instances
    return (
        NAMED_ONCE if group.kind is GroupKind.DISTINCT or (group.instances or 0) > 1 else "",
        f"Your assessor confirms that every {group.per_instance} is covered." if is_open else "",
        *implied,
        "Required; your assessor may waive it with a reason." if group.is_should else "",
        group.reading,
    )


def _how_shown(criterion: CriterionOutline) -> tuple[str, str]:
    methods = [str(method.label) for method in Method if method in criterion.methods]
    return (
        f"Only by {listed(methods, 'or')}." if methods else "",
        f"Shown by at least {in_words(criterion.times)} different pieces of evidence." if criterion.times > 1 else "",
    )


def _is_every_point_once(group: GroupOutline) -> bool:
    return group.kind in (GroupKind.POINTS, GroupKind.OBLIGATION) and group.at_least is None and not group.per_instance


def _quantity(group: GroupOutline) -> str:
    match group.kind:
        case GroupKind.CONDITION:
            return "Not ticked: your assessor confirms it."
        case GroupKind.EXAMPLE | GroupKind.SCOPE:
            return "Only to read: never required."
        case GroupKind.OBLIGATION:
            return f"This must be shown{_for_each(group)}."
        case GroupKind.DISTINCT:
            return f"{', '.join(map(_different, group.criteria))}{_for_each(group)}."
        case GroupKind.POINTS:
            return _points(group)


def _points(group: GroupOutline) -> str:
    number = len(group.criteria)
    if group.at_least is not None and group.at_least < number:
        return f"At least {in_words(group.at_least)} of these {in_words(number)}{_for_each(group)}; more is welcome."
    if group.per_instance:
        return f"{'Each point' if number > 1 else 'This point'}{_for_each(group)}."
    if number == 1:
        return "This point is needed."
    return f"{'Both' if number == 2 else f'All {in_words(number)}'} points are needed."


def _for_each(group: GroupOutline) -> str:
    if not group.per_instance:
        return ""
    if not group.instances:
        return f" for every {group.per_instance}"
    if group.instances == 1:
        return f" for one {group.per_instance}"
    return f" for each of {in_words(group.instances)} {several(group.per_instance)}"


def _different(criterion: CriterionOutline) -> str:
    wanted = several(criterion.value_name) if criterion.value_name else "ones"
    return f"{in_words(criterion.wanted_values).capitalize()} different {wanted}"
