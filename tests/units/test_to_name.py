"""What a unit has the candidate name: which change, which medium, which risk (R3)."""

import pytest

from tests.units.kinds_of_items import standard_of_all_kinds
from units.actions import load_standard
from units.models import Unit
from units.outline import UnitOutline
from units.queries import unit_outline
from units.standard_files import standard_paths

pytestmark = pytest.mark.django_db


def outline(code: str) -> UnitOutline:
    return unit_outline(Unit.objects.get(code=code).pk)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        # unit, then each word with how many are wanted and the items that speak of it
        ("B4", []),
        ("A17", [("communication medium", 2, ["7"])]),
        ("D2", [("change", 2, ["5"])]),
        ("D6", [("value", 2, ["6"]), ("risk", None, ["7"])]),
        ("D13", []),
    ],
)
def test_each_kind_of_item_says_what_is_named(code: str, expected: list[tuple[str, int | None, list[str]]]) -> None:
    load_standard(document=standard_of_all_kinds())
    named = outline(code).to_name
    assert [(one.word, one.wanted, [group.printed_number for group in one.groups]) for one in named] == expected


@pytest.mark.parametrize(
    ("code", "label", "word", "is_asked"),
    [
        ("B4", "5a", "", False),
        ("A17", "5a", "", False),
        ("A17", "7", "communication medium", True),
        ("D2", "5b", "change", True),
        ("D6", "6a", "value", True),
        ("D6", "7c", "risk", False),
    ],
)
def test_each_cell_says_what_a_claim_names(code: str, label: str, word: str, is_asked: bool) -> None:
    load_standard(document=standard_of_all_kinds())
    unit = outline(code)
    (cell,) = [criterion.id for criterion in unit.criteria if criterion.label == label]
    assert (unit.instance_word(cell), unit.must_name_instance(cell)) == (word, is_asked)


def test_the_printed_units_with_something_to_name() -> None:
    for path in standard_paths():
        load_standard(path=path)
    found = {
        unit.code: [(one.word, one.wanted, len(one.groups)) for one in unit_outline(unit.pk).to_name]
        for unit in Unit.objects.all()
        if unit_outline(unit.pk).to_name
    }
    assert found == {
        "A17": [("communication medium", 2, 1)],
        "B16": [("communication medium", 2, 1)],
        "C6": [("risk", None, 1)],
        "D2": [("change", 2, 2)],
        "D9": [("step", None, 1)],
        "D11": [("team member", None, 1)],
        "D12": [("formal method", 2, 1)],
    }
