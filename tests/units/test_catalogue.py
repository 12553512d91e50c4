"""The catalogue's search and what it lists, on the outlines of a small standard, read once."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.units.kinds_of_items import standard_of_all_kinds
from units.actions import load_standard
from units.catalogue import LONGEST_SEARCH, MOST_WORDS, PASSAGES_SHOWN, compare, disagree, families, find, words_of
from units.models import Unit
from units.outline import UnitOutline
from units.queries import outlines_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def units(django_db_setup: None, django_db_blocker: Any) -> list[UnitOutline]:
    """The units of the small standard in print order, read once; nothing of them stays in the database."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_standard(document=standard_of_all_kinds())
        rows = list(Unit.objects.select_related("standard").order_by("position"))
        found = outlines_of(rows)
        transaction.set_rollback(True)
    return [found[row.pk] for row in rows]


def codes(units: list[UnitOutline], search: str) -> list[str]:
    return [hit.outline.code for hit in find(units, search)]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("", []),
        ("   ", []),
        ("\0", []),
        ("d3", ["D3"]),
        # The unit of that code comes first, then titles, then the rest, each in print order.
        ("customer", ["A17", "D2"]),
        ("DIVERSITY", ["B4"]),
        ("divers", ["B4"]),
        ("disability", ["B4"]),
        ("personal", ["D3"]),
        ("each risk", ["D6"]),
        ("risk each", ["D6"]),
        ("risk diversity", []),
        ("your", ["D6", "D3"]),
        # Printed with a mistake, displayed without: both are found (Q14).
        ("though", ["D6"]),
        ("through", ["D6"]),
        ("self-study", ["D6"]),
        ("no such words", []),
        ("manager mentor", ["D3"]),
    ],
)
def test_every_word_is_somewhere_in_the_unit(units: list[UnitOutline], search: str, expected: list[str]) -> None:
    assert codes(units, search) == expected


@pytest.mark.parametrize("hostile", ["%", "_", "'", '"', "\\", ".*", "[", "(", "a|b", "<b>", "&lt;", "$", "^", "\0%\0"])
def test_no_character_means_anything(units: list[UnitOutline], hostile: str) -> None:
    texts = {unit.code: json.dumps(str(unit), ensure_ascii=False) for unit in units}
    assert codes(units, f"{hostile}zz") == []
    for code in codes(units, hostile):
        assert hostile.strip("\0") in texts[code]


def test_very_long_and_very_many_words(units: list[UnitOutline]) -> None:
    assert words_of("abcd " * 10_000) == ("abcd",)
    assert len(words_of(" ".join(map(str, range(1000))))) == MOST_WORDS
    assert sum(map(len, words_of("x" * 10_000))) == LONGEST_SEARCH
    assert find(units, "x" * 1_000_000) == []
    assert words_of("Risk risk RISK") == ("RISK",)


def test_either_apostrophe_finds_both(units: list[UnitOutline]) -> None:
    typographic = replace(units[0], display_title="Customers’ and O'Brien's")
    for search in ("customers'", "customers’", "o’brien's"):
        assert codes([typographic], search) == ["B4"]


@settings(max_examples=60, deadline=None)
@given(search=st.text(max_size=30))
def test_what_is_found_holds_every_word_and_its_text_is_whole(units: list[UnitOutline], search: str) -> None:
    """Pieces joined are the text as it is, and what is marked is a word that was looked for."""
    words = [word.casefold() for word in words_of(search)]
    for hit in find(units, search):
        assert "".join(piece.text for piece in hit.code) == hit.outline.code
        assert "".join(piece.text for piece in hit.title) == hit.outline.shown_title
        held = str(hit.outline).casefold()
        assert all(word in held for word in words if word.isascii() and word.isalnum())
        for passage in hit.passages:
            assert any(piece.is_match for piece in passage.pieces)


def test_the_words_are_marked_where_they_stand(units: list[UnitOutline]) -> None:
    (hit,) = find(units, "changes")
    assert hit.outline.code == "D2"
    (passage,) = hit.passages
    assert (passage.label, [(piece.text, piece.is_match) for piece in passage.pieces]) == (
        "5",
        [("two ", False), ("changes", True), (". In each case:", False)],
    )
    (hit,) = find(units, "though")
    assert "though" in [piece.text for piece in hit.printed_title if piece.is_match]
    assert not any(piece.is_match for piece in hit.title)
    assert find(units, "d6")[0].code[0].is_match


def test_an_item_without_points_is_shown_once_and_long_lists_are_cut(units: list[UnitOutline]) -> None:
    """The one cell of an unlettered item repeats it (PRACTICE §2)."""
    (hit,) = find(units, "put record")
    assert [passage.label for passage in hit.passages] == ["6"]
    (hit,) = [one for one in find(units, "e") if one.outline.code == "B4"]
    assert (len(hit.passages), hit.passages_left) == (PASSAGES_SHOWN, 2)


def test_families_are_units_of_the_same_letters_in_print_order(units: list[UnitOutline]) -> None:
    assert [(family.name, len(family.units)) for family in families(units)] == [
        ("B4", 1),
        ("A17", 1),
        ("D2 to D13", 4),
        ("F6", 1),
    ]
    assert len({family.anchor for family in families(units)}) == 4


def test_two_units_that_disagree_side_by_side(units: list[UnitOutline]) -> None:
    """Q1: one of them says so; the comparison is the same thing from either side."""
    by_code = {unit.code: unit for unit in units}
    d13, other = by_code["D13"], replace(by_code["D2"], code="A16")
    assert not disagree(d13, by_code["D2"])
    assert disagree(d13, other)
    assert disagree(other, d13)
    comparison = compare(d13, other)
    assert comparison.about == ("Says the same.",)
    differing = [line.one.setting.value for line in comparison.settings if line.differs]
    assert differing == ["rwe", "placement", "simulation", "staged_emergency"]
    assert comparison.cells == (("What you must cover", 0, 2),)
    assert [(one.title, two.title) for one, two in comparison.shared] == [
        ("What you must cover", "What you must cover")
    ]


def test_items_in_words(units: list[UnitOutline]) -> None:
    d6 = next(unit for unit in units if unit.code == "D6")
    (cover,) = d6.sections
    assert [(item.number, item.words, item.is_ticked, len(item.points)) for item in cover.groups] == [
        ("5", "Only to read: never required.", False, 1),
        ("6", "This point is needed.", True, 1),
        (
            "7",
            "This point for every risk. Your assessor confirms that every risk is covered. "
            "The set is open: the assessor declares that each risk is shown.",
            True,
            1,
        ),
    ]
    point = cover.groups[1].points[0]
    assert (point.label, point.words.split(".")[1].strip()) == ("6a", "You name them once")
