"""The outline that pages, gate and PDF read: whole, kept, and built in a number of queries that never grows."""

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.units.coverage_builders import claim, facts
from tests.units.kinds_of_items import standard_of_all_kinds
from units.actions import load_standard
from units.coverage import cover
from units.declarations import DEFAULT_DECLARATIONS
from units.gaps import gaps_of
from units.kinds import Section, criterion_label
from units.models import Criterion, Unit
from units.queries import forget_outlines, outlines, qualifications, unit_outline
from units.standard_files import standard_paths

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _cold() -> None:
    forget_outlines()


@pytest.fixture
def loaded() -> dict[str, int]:
    """Ids of all units by code; where the small standard repeats a code of the printed ones, its unit is meant."""
    for path in standard_paths():
        load_standard(path=path)
    load_standard(document=standard_of_all_kinds())
    return dict(Unit.objects.order_by("pk").values_list("code", "pk"))


def test_304_as_a_page_needs_it(loaded: dict[str, int]) -> None:
    unit = unit_outline(loaded["304"])
    assert (unit.title, unit.shown_title) == ("", "Use customer service as a competitive tool")
    assert [(s.section.value, s.title, len(s.groups), len(s.criteria)) for s in unit.sections] == [
        ("cover", "What you must cover", 3, 7),
        ("do", "What you must do", 2, 12),
        ("know", "What you must know", 1, 8),
    ]
    assert [code for code, _ in unit.method_key] == ["O", "Q", "PE", "WT", "PD"]
    assert unit.sections[1].groups[0].text == "To organise customer service to gain a competitive advantage, you must:"
    assert unit.headings["elements"].instruction.startswith("When you have completed this unit")
    assert not unit.is_coverage_only
    assert not Unit.objects.get(pk=unit.id).is_coverage_only
    assert cover(unit, facts()).required == 27
    assert cover(unit, facts(*map(claim, unit.criteria_by_id))).is_covered


def test_items_that_the_print_numbers_alike_are_told_apart(loaded: dict[str, int]) -> None:
    """A17 prints two items 5 with the same letters; no other unit of 2010 has such."""
    of_2010 = Unit.objects.filter(standard__code__contains="evidence-requirements")
    units = [unit_outline(pk) for pk in of_2010.values_list("pk", flat=True)]
    doubled = {unit.code: unit for unit in units if unit.doubled}
    assert set(doubled) == {"A17"}
    assert sorted(doubled["A17"].doubled) == ["5a", "5b", "5c"]
    told = [gap.what for gap in gaps_of(cover(doubled["A17"], facts()))]
    assert told[1] == "5a, 5b and 5c of the first item 5 need evidence."
    assert told[3] == "5a, 5b and 5c of the second item 5 need evidence."


def test_a14_borrows_the_statements_and_the_method_key_of_304(loaded: dict[str, int]) -> None:
    a14, record_304 = unit_outline(loaded["A14"]), unit_outline(loaded["304"])
    assert a14.declarations == record_304.declarations == DEFAULT_DECLARATIONS
    assert a14.method_key == record_304.method_key
    assert a14.is_coverage_only
    assert Unit.objects.get(pk=a14.id).is_coverage_only
    assert [section.section for section in a14.sections] == [Section.COVER]
    assert [conflict.unit for conflict in a14.conflicts] == ["304"]


@pytest.mark.parametrize(
    ("code", "labels", "needed"),
    [
        ("B4", ["5a", "5b", "5c", "5d", "5e", "5f"], 4),
        ("A17", ["5a", "7"], 4),
        ("D2", ["5a", "5b"], 4),
        ("D3", ["4.1", "4.2", "6"], 2),
        ("D6", ["6a", "7c"], 3),
        ("D13", [], 1),
        ("F6", [], 1),
    ],
)
def test_every_kind_of_item_becomes_what_must_be_met(
    loaded: dict[str, int], code: str, labels: list[str], needed: int
) -> None:
    """n of N (R2), two values, two changes (R3), bullets and obligations, examples, nothing to tick (Q12)."""
    unit = unit_outline(loaded[code])
    assert [criterion.label for criterion in unit.criteria] == labels
    assert cover(unit, facts()).required == needed


@pytest.mark.usefixtures("loaded")
def test_a_criterion_calls_itself_what_the_outline_calls_it() -> None:
    units = Unit.objects.values_list("pk", flat=True)
    by_id = {c.id: c for pk in units for g in unit_outline(pk).groups for c in g.criteria}
    rows = Criterion.objects.select_related("group")
    assert {row.pk: (row.label, row.text) for row in rows} == {c.id: (c.label, c.text) for c in by_id.values()}


@pytest.mark.parametrize(
    ("kind", "number", "label", "position", "expected"),
    [
        ("points", "304.1", "304.1.1", 1, "304.1.1"),
        ("points", "1", "a", 1, "1a"),
        ("points", "", "a", 1, "a"),
        ("points", "7", "", 1, "7.1"),
        ("points", "7", "", 3, "7.3"),
        ("obligation", "7", "", 1, "7"),
        ("distinct", "7", "", 1, "7"),
    ],
)
def test_labels(kind: str, number: str, label: str, position: int, expected: str) -> None:
    found = criterion_label(kind=kind, printed_number=number, printed_label=label, position=position)
    assert found == expected


def test_one_unit_or_seven_cost_the_same_and_kept_ones_cost_one(
    loaded: dict[str, int], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(5):
        unit_outline(loaded["304"])
    with django_assert_num_queries(1):
        unit_outline(loaded["304"])
    forget_outlines()
    with django_assert_num_queries(5):
        found = outlines([*loaded.values(), 10**9])
    assert set(found) == set(loaded.values())
    with django_assert_num_queries(1):
        outlines(loaded.values())


def test_a_mended_edition_is_built_anew(loaded: dict[str, int]) -> None:
    before = unit_outline(loaded["B4"])
    assert unit_outline(loaded["B4"]) is before
    data = standard_of_all_kinds()
    data["units"][0]["display_title"] = "Recognise everybody"
    load_standard(document=data)
    assert unit_outline(loaded["B4"]).shown_title == "Recognise everybody"
    assert before.shown_title == "Recognise diversity"


def test_an_unknown_unit(loaded: dict[str, int]) -> None:
    with pytest.raises(Unit.DoesNotExist):
        unit_outline(10**9)
    assert outlines([]) == {}


@pytest.mark.engine("order")
def test_qualifications_list_their_units_in_order(
    loaded: dict[str, int], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        found = {
            award.code: [(member.unit.code, member.is_mandatory) for member in award.members.all()]
            for award in qualifications()
        }
    printed = found.pop("customer-service-evidence-requirements")
    assert (len(printed), printed[0], printed[19], printed[67]) == (
        68,
        ("F1", False),
        ("A14", False),
        ("D20", False),
    )
    assert found == {
        "customer-service-nvq": [("304", False)],
        "svq-2": [("F6", True), ("B4", False)],
        "nvq-2": [("B4", True)],
    }
