"""What a unit asks for, in words: a sentence for every kind of rule, and the policy table of R5 in words."""

from typing import Any

import pytest

from tests.units.test_setting_policy import COLUMNS, TABLE
from units import rules_in_words
from units.kinds import IMPLIED_KINDS, TICKED_KINDS, GroupKind, Section
from units.methods import Method
from units.outline import CriterionOutline, GroupOutline, SectionOutline, UnitOutline
from units.setting_policy import SettingPolicy

POINTS, DISTINCT, OBLIGATION = GroupKind.POINTS, GroupKind.DISTINCT, GroupKind.OBLIGATION
CHANGES = {"per_instance": "change", "instances": 2}
WAIVABLE = "Required; your assessor may waive it with a reason."
EVERY_RISK = "Your assessor confirms that every risk is covered."

# Kind, number of points, what else the item says; its words; and those that also stand beside it on the unit record:
# None for all of them. What every item wants anyway does not stand there.
RULES: list[tuple[GroupKind, int, dict[str, Any], str, str | None]] = [
    (POINTS, 1, {}, "This point is needed.", ""),
    (POINTS, 2, {}, "Both points are needed.", ""),
    (POINTS, 5, {}, "All five points are needed.", ""),
    (POINTS, 13, {}, "All 13 points are needed.", ""),
    (POINTS, 5, {"at_least": 2}, "At least two of these five; more is welcome.", None),
    (POINTS, 6, {"at_least": 1}, "At least one of these six; more is welcome.", None),
    (POINTS, 2, {"at_least": 2}, "Both points are needed.", None),
    (POINTS, 3, CHANGES, "Each point for each of two changes. You name them once.", None),
    (POINTS, 1, CHANGES, "This point for each of two changes. You name them once.", None),
    (POINTS, 2, CHANGES | {"instances": 1}, "Each point for one change.", None),
    (POINTS, 4, {"per_instance": "risk"}, f"Each point for every risk. {EVERY_RISK}", None),
    (
        POINTS,
        5,
        CHANGES | {"at_least": 2},
        "At least two of these five for each of two changes; more is welcome. You name them once.",
        None,
    ),
    (
        POINTS,
        5,
        {"per_instance": "risk", "at_least": 3},
        f"At least three of these five for every risk; more is welcome. {EVERY_RISK}",
        None,
    ),
    (POINTS, 2, {"is_should": True}, f"Both points are needed. {WAIVABLE}", WAIVABLE),
    (POINTS, 6, {"reading": "Taken literally."}, "All six points are needed. Taken literally.", "Taken literally."),
    (
        DISTINCT,
        1,
        {"wanted": 2, "value_name": "communication medium"},
        "Two different communication media. You name them once.",
        None,
    ),
    (DISTINCT, 1, {"wanted": 3, "reading": "So."}, "Three different ones. You name them once. So.", None),
    (
        DISTINCT,
        1,
        CHANGES | {"wanted": 2, "value_name": "party"},
        "Two different parties for each of two changes. You name them once.",
        None,
    ),
    (OBLIGATION, 1, {}, "This must be shown.", ""),
    (OBLIGATION, 1, {"is_should": True}, f"This must be shown. {WAIVABLE}", WAIVABLE),
    (
        OBLIGATION,
        1,
        {"per_instance": "step"},
        "This must be shown for every step. Your assessor confirms that every step is covered.",
        None,
    ),
    (
        OBLIGATION,
        1,
        {"methods": {Method.WITNESS_TESTIMONY, Method.OBSERVATION}, "times": 3},
        "This must be shown. Only by Observation or Witness Testimony. Shown by at least three different pieces of "
        "evidence.",
        "Only by Observation or Witness Testimony. Shown by at least three different pieces of evidence.",
    ),
    (GroupKind.CONDITION, 0, {}, "Not ticked: your assessor confirms it.", None),
    (GroupKind.CONDITION, 0, {"is_should": True}, "Not ticked: your assessor confirms it.", None),
    (GroupKind.EXAMPLE, 3, {}, "Only to read: never required.", None),
    (GroupKind.SCOPE, 0, {"reading": "So."}, "Only to read: never required. So.", None),
]


def item(kind: GroupKind, points: int, facts: dict[str, Any], **changed: Any) -> GroupOutline:
    """An item with so many points, each with the wanted values, methods and times of `facts`."""
    facts = facts | changed
    cells = tuple(
        CriterionOutline(
            id=number,
            position=number,
            label=f"1.{number}",
            text="An item" if kind in IMPLIED_KINDS else f"Point {number}",
            wanted_values=facts.get("wanted", 1),
            value_name=facts.get("value_name", ""),
            methods=frozenset(facts.get("methods", ())),
            times=facts.get("times", 1),
            section=Section.COVER,
            is_ticked=kind in TICKED_KINDS,
            is_implied=kind in IMPLIED_KINDS,
        )
        for number in range(1, points + 1)
    )
    return GroupOutline(
        id=1,
        position=1,
        section=Section.COVER,
        kind=kind,
        printed_number="1",
        text="An item",
        element=None,
        at_least=facts.get("at_least"),
        per_instance=facts.get("per_instance", ""),
        instances=facts.get("instances"),
        is_should=facts.get("is_should", False),
        reading=facts.get("reading", ""),
        criteria=cells,
    )


def test_every_kind_of_item_is_in_the_table() -> None:
    assert {kind for kind, *_ in RULES} == set(GroupKind)


@pytest.mark.parametrize(("kind", "points", "facts", "words", "noted"), RULES)
def test_the_rule_of_an_item_in_words(
    kind: GroupKind, points: int, facts: dict[str, Any], words: str, noted: str | None
) -> None:
    """R2, R3, Q9 to Q11; beside the item stands the same, less what every item wants anyway."""
    group = item(kind, points, facts)
    assert group.words == words
    assert group.notes == rules_in_words.notes(group) == (words if noted is None else noted)
    if group.is_implied:
        # It has no line of its own: its words stand beside its one cell, and are not said twice.
        assert rules_in_words.cell_in_words(group.criteria[0]) == ()
        assert group.notes_beside(group.criteria[0]) == group.notes


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, ()),
        (CHANGES | {"at_least": 1, "is_should": True}, ()),
        ({"wanted": 2, "value_name": "formal method"}, ("Two different formal methods.", "You name them once.")),
        ({"wanted": 2}, ("Two different ones.", "You name them once.")),
        ({"methods": {Method.PRODUCT_EVIDENCE}}, ("Only by Product Evidence.",)),
        ({"methods": set(Method) - {Method.QUESTIONING}, "times": 2}, None),
    ],
)
def test_what_one_point_wants_besides(facts: dict[str, Any], words: tuple[str, ...] | None) -> None:
    if words is None:
        methods = "Observation, Product Evidence, Witness Testimony or Professional Discussion"
        words = (f"Only by {methods}.", "Shown by at least two different pieces of evidence.")
    group = item(POINTS, 2, facts)
    assert rules_in_words.cell_in_words(group.criteria[1]) == words
    assert group.notes_beside(group.criteria[1]) == " ".join(words)
    read_only = item(GroupKind.EXAMPLE, 2, facts)
    assert rules_in_words.cell_in_words(read_only.criteria[0]) == ()


@pytest.mark.parametrize(
    ("one", "more"),
    [
        ("change", "changes"),
        ("changes", "changes"),
        ("communication medium", "communication media"),
        ("party", "parties"),
        ("way", "ways"),
        ("approach", "approaches"),
        ("process", "processes"),
        ("team member", "team members"),
    ],
)
def test_more_than_one(one: str, more: str) -> None:
    assert rules_in_words.several(one) == more


@pytest.mark.parametrize("policy", SettingPolicy)
def test_the_policy_as_a_table(policy: SettingPolicy) -> None:
    """R5, Q16: a line for each setting, with what it counts for, and a sentence that says the same."""
    lines = rules_in_words.setting_lines(policy)
    assert tuple(line.setting.value for line in lines) == COLUMNS
    for line, allowed in zip(lines, TABLE[policy], strict=True):
        assert (line.counts_for_performance, line.counts_for_knowledge) == ("C" in allowed, "K" in allowed)
        assert ("cannot" not in line.sentence) is line.counts_for_performance
        if line.counts_for_knowledge and not line.counts_for_performance:
            assert "only what you must know" in line.sentence


def unit(*groups: GroupOutline, section: Section = Section.COVER) -> UnitOutline:
    sections = (SectionOutline(section=section, title="", instruction="", groups=groups),) if groups else ()
    return UnitOutline(
        id=1,
        code="F1",
        title="A unit",
        display_title="",
        setting_policy=SettingPolicy.NO_SIMULATION,
        standard_id=1,
        standard_title="",
        edition="",
        conflicts=(),
        notes=(),
        elements=(),
        sections=sections,
        headings={},
        assessed_evidence="",
        method_key=(),
        declarations=(),
    )


def test_what_is_unusual_about_a_unit() -> None:
    """Q2, Q12."""
    ticked, read = item(POINTS, 2, {}), item(GroupKind.CONDITION, 0, {})
    assert rules_in_words.unit_in_words(unit(ticked, section=Section.DO)) == ()
    assert rules_in_words.unit_in_words(unit(ticked)) == (rules_in_words.COVERAGE_ONLY,)
    for nothing in (unit(), unit(read)):
        assert rules_in_words.unit_in_words(nothing) == (rules_in_words.NOTHING_TO_TICK, rules_in_words.COVERAGE_ONLY)
