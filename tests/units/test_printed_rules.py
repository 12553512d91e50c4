"""Every rule of the evidence requirements against literal tables, typed from the print (PRACTICE §2, Q9-Q12).

What is not in the tables is a list of which every point is needed. An item is named by unit and ordinal, the three
notes counted, since printed numbers repeat.
"""

import re
from typing import Any

import pytest

from tests.units.test_transcription import items_of, set_fields
from units.documents import StandardDocument
from units.kinds import TICKED_KINDS, GroupKind, Section
from units.standard_files import FOLDER, read_standard_file

POLICIES = {
    "real_job_preferred": {"F1", "F2", "B1"} | {f"A{n}" for n in range(1, 19)},
    "real_job_expected": (
        {"B2", "B3", "B4", "B5", "B6", "B7", "B8"}
        | {"C3", "C4", "C5", "C6", "C7", "C8"}
        | {"D1", "D2", "D3", "D4", "D5", "D6", "D7"}
    ),
    "simulation_allowed": {"C1", "C2"},
    "real_job_required": {"B9", "B10", "B11", "B13", "B14", "B15", "B16"} | {f"D{n}" for n in range(8, 21)},
    "drills_excepted": {"B12"},
    "no_simulation": {"F3", "F4", "F5", "F6"},
}
# What the print of the setting note says, in the words that decide: RWE or placement, then simulation.
DECIDING_WORDS = {
    "real_job_preferred": (
        "Wherever possible your evidence should be based on a real job",
        "However, for this Unit, evidence based on a realistic working environment or a work placement is permissible.",
        "Simulation is not allowed for any performance evidence within this unit.",
    ),
    "real_job_expected": (
        "Your evidence should be collected when carrying out a real job",
        "However, for this Unit, evidence collected in a realistic working environment or a work placement is"
        " permissible.",
        "Simulation is not allowed for any performance evidence within this unit.",
    ),
    "simulation_allowed": (
        "Wherever possible your evidence should be based on a real job",
        "However, for this Unit, evidence based on a realistic working environment or a work placement is permissible.",
        "Simulation is also allowed for evidence within this Unit",
    ),
    "real_job_required": (
        "Your evidence should be collected when carrying out a real job",
        "Evidence collected in a realistic working environment or a work placement is not permissible",
        "Simulation is not allowed for any performance evidence within this unit.",
    ),
    "drills_excepted": (
        "Your evidence should be collected when carrying out a real job",
        "Evidence collected in a realistic working environment or a work placement is not permissible for this Unit.",
        "Simulation is not allowed for performance evidence within this unit except when realistic practices are"
        " staged to test emergency procedures.",
    ),
    "no_simulation": (
        "Your evidence should be collected when carrying out a real job",
        "Evidence collected in a realistic working environment or a work placement is not permissible for this Unit.",
        "Simulation is not allowed for any evidence within this Unit.",
    ),
}

# Items that are no list of points, by their ordinals.
CONDITIONS = {"F1": [4], "F2": [4], "F3": [4], "F4": [4], "F5": [4], "F6": [4], "D2": [7], "D18": [5]}
OBLIGATIONS = {"B2": [4], "D3": [6], "D6": [4], "D9": [4, 7], "D10": [6], "D11": [4]}
DISTINCT = {"A17": [8], "B16": [5]}
EXAMPLES = {"D6": [5], "D10": [7], "D11": [8]}
SCOPE = {
    "F3": [5],
    "A1": [4],
    "A2": [4],
    "A3": [4, 7],
    "A4": [4],
    "A5": [4],
    "A6": [4],
    "A7": [4],
    "A8": [4],
    "A11": [4],
    "A12": [4],
    "A13": [4],
    "A16": [4],
    "A18": [4],
    "B7": [4],
    "B8": [5],
    "B9": [4],
    "B10": [6],
    "B14": [5],
    "B15": [5],
    "C2": [5],
    "C6": [4],
    "D1": [4],
    "D7": [4],
    "D9": [8],
    "D10": [4],
    "D13": [4],
    "D14": [6],
    "D16": [5, 6],
    "D17": [4, 6],
    "D18": [4, 6, 7],
    "D19": [5],
    "D20": [4],
}

# Every rule that is more than its kind, with the words that print it.
RULES: dict[tuple[str, int], tuple[str, dict[str, Any]]] = {
    ("A17", 6): ("from two of these groups:", {"at_least": 2}),
    ("A17", 8): ("two different communication media.", {"wanted_values": 2, "value_name": "communication medium"}),
    ("A18", 6): ("Your evidence should include", {"is_should": True}),
    ("B4", 5): ("four of these sources of diversity:", {"at_least": 4}),
    ("B14", 6): ("to three of these groups of people:", {"at_least": 3}),
    ("B16", 4): ("from two of these groups of people:", {"at_least": 2}),
    ("B16", 5): ("two different communication media.", {"wanted_values": 2, "value_name": "communication medium"}),
    ("C6", 6): ("when carrying out a risk assessment you have:", {"per_instance": "risk"}),
    ("C6", 7): ("with two of these groups of people", {"at_least": 2}),
    ("D2", 5): ("must cover two changes", {"per_instance": "change", "instances": 2}),
    ("D2", 6): ("Your evidence for each change", {"per_instance": "change", "instances": 2}),
    ("D3", 4): ("must be one or more of the following", {"at_least": 1}),
    ("D8", 5): ("with two of these groups of people:", {"at_least": 2}),
    ("D8", 6): ("by two of these methods", {"at_least": 2}),
    ("D9", 7): ("in each step of", {"per_instance": "step"}),
    ("D11", 7): ("with each team member to:", {"per_instance": "team member"}),
    ("D14", 5): ("communicating with:", {"reading": "Taken literally: all six are needed."}),
    ("D15", 4): ("from two of the following groups", {"at_least": 2}),
    ("D16", 4): ("You should be able to", {"is_should": True}),
    ("D19", 4): ("must include one or more of the following:", {"at_least": 1}),
}
# And the only point that asks for more than itself.
POINT_RULES = {
    ("D12", 4, "b"): ("two different formal methods", {"wanted_values": 2, "value_name": "formal method"}),
}

NOTHING_TO_TICK = ["F1", "F3", "F4", "F5", "F6", "A16", "D13", "D18", "D20"]


@pytest.fixture(scope="module")
def requirements() -> StandardDocument:
    return read_standard_file(FOLDER / "evidence-requirements-2010.json")


def test_the_policy_of_every_unit(requirements: StandardDocument) -> None:
    assert {unit.code: unit.setting_policy.value for unit in requirements.units} == {
        code: policy for policy, codes in POLICIES.items() for code in codes
    }
    for unit in requirements.units:
        for words in DECIDING_WORDS[unit.setting_policy.value]:
            assert words.lower() in unit.notes[0].text.lower(), (unit.code, words)


def test_the_kind_of_every_item(requirements: StandardDocument) -> None:
    tables = {
        GroupKind.CONDITION: CONDITIONS,
        GroupKind.OBLIGATION: OBLIGATIONS,
        GroupKind.DISTINCT: DISTINCT,
        GroupKind.EXAMPLE: EXAMPLES,
        GroupKind.SCOPE: SCOPE,
    }
    typed = {(unit, place): kind for kind, table in tables.items() for unit in table for place in table[unit]}
    items = items_of(requirements)
    assert {place: item.kind for place, item in items.items() if item.kind is not GroupKind.POINTS} == typed
    lists = {place for place, item in items.items() if item.criteria}
    assert lists == (items.keys() - typed.keys()) | {(unit, place) for unit in EXAMPLES for place in EXAMPLES[unit]}


def test_every_rule_that_is_not_all_points(requirements: StandardDocument) -> None:
    """R2, R3, Q9, Q10, Q11. Everything else is plain, down to fields that the file could carry and print does not."""
    items = items_of(requirements)
    plain = {"section", "kind", "printed_number", "text", "criteria"}
    found = {place: set_fields(item, but=plain) for place, item in items.items()}
    assert {place: rule for place, rule in found.items() if rule} == {place: rule for place, (_, rule) in RULES.items()}
    points = {
        (*place, point.printed_label): set_fields(point, but={"printed_label", "text"})
        for place, item in items.items()
        for point in item.criteria
    }
    assert {place: rule for place, rule in points.items() if rule} == {
        place: rule for place, (_, rule) in POINT_RULES.items()
    }
    for rule_place, (words, _) in RULES.items():
        assert words in items[rule_place].text
    for (code, ordinal, label), (words, _) in POINT_RULES.items():
        (point,) = (point for point in items[code, ordinal].criteria if point.printed_label == label)
        assert words in point.text
    assert {item.section for item in items.values()} == {Section.COVER}


def test_no_quantity_and_no_should_is_read_over(requirements: StandardDocument) -> None:
    """Whatever prints a number, "each", "one or more" or "should" after the notes is in a table, or named here."""
    telling = re.compile(r"\b(one|two|three|four|five|six|each|every|different|should|any or all)\b", re.IGNORECASE)
    found = {
        place
        for place, item in items_of(requirements).items()
        if telling.search(" ".join([item.text, *(point.text for point in item.criteria)]))
    }
    said_in_rules = set(RULES) - {("D14", 5)} | {place[:2] for place in POINT_RULES}
    read_and_plain = {
        ("A3", 6),  # "different customers:", and then lists them
        ("A6", 6),  # b: relevant "to each of your customers"
        ("B2", 4),  # "different customers who have different needs": no number, one obligation
        ("B4", 6),  # "different approaches to different groups"
        ("B11", 5),  # a: "different needs and expectations"
        ("C3", 4),  # "each of the following": all points, as ever
        ("C7", 6),  # a: "different needs and expectations"
        ("D2", 7),  # "Each change ... must be significant": a condition
        ("D6", 5),  # "any or all of the following": examples
        ("D18", 5),  # "the costs you establish for each option": a condition
    }
    assert found == said_in_rules | read_and_plain


def test_units_with_nothing_to_tick(requirements: StandardDocument) -> None:
    """Q12: these must not compute as complete because 0 of 0 is done."""
    assert [
        unit.code for unit in requirements.units if not any(group.kind in TICKED_KINDS for group in unit.groups)
    ] == NOTHING_TO_TICK
