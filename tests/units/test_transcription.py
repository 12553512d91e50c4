"""The two standard files against the printed text they were taken from (PRACTICE §2, Q14).

The rules of the evidence requirements have their own tables, in test_printed_rules.
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from units.actions import load_standard
from units.documents import StandardDocument, UnitDocument
from units.kinds import NoteKind, Section, criterion_label
from units.models import Criterion, Group, Standard, Unit
from units.setting_policy import SettingPolicy
from units.standard_files import FOLDER, read_standard_file, standard_paths, write_standard
from units.stored import stored_document

SOURCES = settings.BASE_DIR / "docs" / "standards"

FAMILIES = {"F": 6, "A": 18, "B": 16, "C": 8, "D": 20}
IN_PRINT_ORDER = [f"{family}{number}" for family, count in FAMILIES.items() for number in range(1, count + 1)]

CORRECTED_TITLES = {
    "F1": ("Communication using customer service Language", "Communicate using customer service language"),
    "F4": (
        "Demonstrate understand of the rules that impact on improvements in customer service",
        "Demonstrate understanding of the rules that impact on improvements in customer service",
    ),
    "A11": ("Deal with incoming telephone calls from customer", "Deal with incoming telephone calls from customers"),
    "B1": ("Do you job in a customer-friendly way", "Do your job in a customer-friendly way"),
    "B7": ("Deal with customers using bespoken software", "Deal with customers using bespoke software"),
    "D3": (
        "Develop personal performance through delivering customer",
        "Develop personal performance through delivering customer service",
    ),
    "D6": (
        "Develop your own customer service skills though self-study",
        "Develop your own customer service skills through self-study",
    ),
    "D8": (
        "Work with others to improve customer service understanding of customer service management",
        "Work with others to improve customer service",
    ),
}

# Where numbers or letters are not what counting gives: unit and ordinal, printed number, printed letters.
IRREGULAR_NUMBERS = {("A16", 4): "", ("A17", 7): "5", ("A17", 8): "7", ("D13", 4): ""}
IRREGULAR_LETTERS = {("A11", 8): ["c", "d"], ("D3", 4): [""] * 6}


def printed(name: str) -> str:
    """A source with its line-end hyphens joined and its white space collapsed."""
    text = (SOURCES / name).read_text(encoding="utf-8")
    return " ".join(re.sub(r"([-–])\s*\n\s*", r"\1", text).replace("\ufffd", " ").split())


@pytest.fixture(scope="module")
def record_304() -> StandardDocument:
    return read_standard_file(FOLDER / "unit-304-record.json")


@pytest.fixture(scope="module")
def requirements() -> StandardDocument:
    return read_standard_file(FOLDER / "evidence-requirements-2010.json")


def texts_of(unit: UnitDocument) -> Iterator[str]:
    """Every printed text of a unit in reading order; an element's instruction stands above its criteria."""
    instructions = {element.number: element.instruction for element in unit.elements}
    yield from (note.text for note in unit.notes)
    yield from (element.text for element in unit.elements)
    for group in unit.groups:
        yield group.text or instructions[group.element]
        yield from (criterion.text for criterion in group.criteria)


def left_over(source: str, texts: Iterator[str]) -> str:
    """What remains of a source when each text is struck out, in order; fails on one that is not there."""
    rest = []
    for text in texts:
        before, found, source = source.partition(text)
        assert found, f"not printed, or not in this place: {text}"
        rest.append(before)
    return " ".join(" ".join([*rest, source]).split())


def labels_of(unit: UnitDocument, section: Section) -> list[list[str]]:
    return [
        [
            criterion_label(
                kind=group.kind,
                printed_number=group.printed_number,
                printed_label=point.printed_label,
                position=position,
            )
            for position, point in enumerate(group.criteria, start=1)
        ]
        for group in unit.groups
        if group.section is section
    ]


def test_304_holds_its_27_cells_in_reading_order(record_304: StandardDocument) -> None:
    (unit,) = record_304.units
    assert labels_of(unit, Section.COVER) == [["1a", "1b"], ["2a", "2b"], ["3a", "3b", "3c"]]
    assert labels_of(unit, Section.DO) == [
        [f"304.1.{n}" for n in range(1, 5)],
        [f"304.2.{n}" for n in range(1, 9)],
    ]
    assert labels_of(unit, Section.KNOW) == [[f"304.3.{n}" for n in range(1, 9)]]
    assert sum(len(group.criteria) for group in unit.groups) == 27
    assert [element.number for element in unit.elements] == ["304.1", "304.2", "304.3"]
    assert [note.kind.value for note in unit.notes] == ["setting", "sector", "sufficiency"]
    assert unit.setting_policy is SettingPolicy.REAL_JOB_REQUIRED


def test_304_is_printed_text_and_nothing_is_left_out(record_304: StandardDocument) -> None:
    """What is not transcribed is headings, numbers, and the form's own labels, and each is accounted for here."""
    (unit,) = record_304.units
    source = printed("unit-304-record.txt")
    texts = list(texts_of(unit))
    texts.insert(6, record_304.assessed_evidence)
    texts += [declaration.text for declaration in record_304.declarations]
    rest = left_over(source, iter(texts))
    for part in record_304.sections:
        assert part.title in rest
        rest = rest.replace(part.title, "", 1)
        if part.instruction:
            assert part.instruction in rest
            rest = rest.replace(part.instruction, "", 1)
    for method in record_304.method_key:
        assert f"{method.code} {method.name}" in rest
        rest = rest.replace(f"{method.code} {method.name}", "", 1)
    words = [word for word in rest.split() if not re.fullmatch(r"(304\.\d(\.\d)?|[1-3]|[a-c])", word)]
    assert " ".join(words) == (
        "Evidence reference Evidence title Assessment method"
        " Signature of candidate Date Signature of assessor Date Countersignature of assessor Date"
        " Signature of IV (if sampled) Date Countersignature of IV Date Signature of EV (if sampled) Date"
    )


def test_a_hyphen_at_a_line_end_joins_without_a_space(record_304: StandardDocument) -> None:
    assert any("adding non-chargeable items" in text for text in texts_of(record_304.units[0]))


def test_declarations_of_304_are_bound_to_their_signatures(record_304: StandardDocument) -> None:
    """Q7: the statement printed without an owner is bound to the assessor's signature."""
    assert [(d.owner.value, d.signed_by.value) for d in record_304.declarations] == [
        ("none", "assessor"),
        ("candidate", "candidate"),
        ("assessor", "assessor"),
    ]


RUNNING_HEADERS = re.compile(
    r"^ ?Customer Service S/NVQ Evidence Requirements – April 2010 *\n"
    r"Developed by Active IQ, City and Guilds, Edexcel, EDI, IMI, NCFE, *\n"
    r" OU, OCR, SQA, Skills first, VTCT *\n\n"
    r"©2010 CfA Page (?:4|26|60) *\n",
    re.MULTILINE,
)
BULLET = "\uf0b7"


def printed_requirements() -> str:
    """The whole document in one line: three running headers gone, nothing else left out."""
    text, headers = RUNNING_HEADERS.subn("", (SOURCES / "evidence-requirements-2010.txt").read_text(encoding="utf-8"))
    assert headers == 3
    return " ".join(re.sub(r"([-–])\s*\n\s*", r"\1", text).split())


def printed_units() -> dict[str, str]:
    """The same, cut before each unit's heading."""
    parts = re.split(r"(?=\bUnit [A-F]\d+ )", printed_requirements())
    assert parts[0] == ""
    return {part.split()[1]: part.strip() for part in parts[1:]}


def as_printed(unit: UnitDocument) -> str:
    """A unit put together again with its numbers, letters and bullets."""
    parts = ["Unit", unit.code, unit.title]
    for note in unit.notes:
        parts += [f"{note.printed_number}.", note.text]
    for group in unit.groups:
        parts += [*([f"{group.printed_number}."] if group.printed_number else []), group.text]
        for point in group.criteria:
            parts += [f"{point.printed_label}." if point.printed_label else BULLET, point.text]
    return " ".join(parts)


def set_fields(part: Any, *, but: set[str]) -> dict[str, Any]:
    """The fields that do not hold their default, whatever fields there are, but those named."""
    values = {field.name: (getattr(part, field.name), field.default) for field in dataclasses.fields(part)}
    return {name: value for name, (value, default) in values.items() if value != default and name not in but}


def items_of(requirements: StandardDocument) -> dict[tuple[str, int], Any]:
    """Every item after the notes, by unit and ordinal."""
    return {
        (unit.code, ordinal): group
        for unit in requirements.units
        for ordinal, group in enumerate(unit.groups, start=len(unit.notes) + 1)
    }


@pytest.mark.parametrize("code", IN_PRINT_ORDER)
def test_a_unit_of_the_requirements_is_its_print_word_for_word(requirements: StandardDocument, code: str) -> None:
    unit = next(unit for unit in requirements.units if unit.code == code)
    assert as_printed(unit) == printed_units()[code]


def test_the_requirements_put_together_again_are_the_whole_document(requirements: StandardDocument) -> None:
    assert " ".join(as_printed(unit) for unit in requirements.units) == printed_requirements()


def test_68_units_in_print_order(requirements: StandardDocument) -> None:
    codes = [unit.code for unit in requirements.units]
    assert codes == IN_PRINT_ORDER
    assert Counter(code[0] for code in codes) == FAMILIES
    assert len(codes) == 68
    assert sum(len(unit.groups) for unit in requirements.units) == 191
    assert sum(len(group.criteria) for unit in requirements.units for group in unit.groups) == 422


def test_the_three_notes_of_every_unit(requirements: StandardDocument) -> None:
    """Three print a sufficiency note of their own: one without its full stop, two without the customers (R4)."""
    usual = "with different customers on different occasions for your assessor to be confident that you are competent."
    unusual = {}
    for unit in requirements.units:
        assert [(note.printed_number, note.kind) for note in unit.notes] == [
            ("1", NoteKind.SETTING),
            ("2", NoteKind.SECTOR),
            ("3", NoteKind.SUFFICIENCY),
        ]
        if not unit.notes[2].text.endswith(usual):
            unusual[unit.code] = unit.notes[2].text.partition("sufficient ")[2]
    without_customers = "period of time for your assessor to be confident that you are competent."
    assert unusual == {
        "F2": f"period of time {usual}".removesuffix("."),
        "F5": without_customers,
        "F6": without_customers,
    }


def test_numbers_and_letters_stay_as_printed(requirements: StandardDocument) -> None:
    for place, item in items_of(requirements).items():
        assert item.printed_number == IRREGULAR_NUMBERS.get(place, str(place[1])), place
        letters = [point.printed_label for point in item.criteria]
        assert letters == IRREGULAR_LETTERS.get(place, list("abcdefghijkl"[: len(letters)])), place


def test_titles_are_as_printed_with_corrected_ones_beside(requirements: StandardDocument) -> None:
    assert {
        unit.code: (unit.title, unit.display_title) for unit in requirements.units if unit.display_title
    } == CORRECTED_TITLES


def test_nothing_is_invented(requirements: StandardDocument) -> None:
    """Q30: no levels, credits, elements or criteria beyond print; one qualification of all units, none mandatory."""
    for unit in requirements.units:
        held = {"code", "title", "display_title", "setting_policy", "notes", "groups"}
        assert set(set_fields(unit, but=held)) == ({"conflicts"} if unit.code == "A14" else set())
    assert not any((requirements.declarations, requirements.sections, requirements.method_key))
    (award,) = requirements.qualifications
    assert set(set_fields(award, but=set())) == {"code", "title", "units"}
    assert [(member.unit, member.is_mandatory) for member in award.units] == [(code, False) for code in IN_PRINT_ORDER]


def test_misprints_stay(requirements: StandardDocument) -> None:
    """Q14; a dash at a line end joins without a space, with the one before it kept."""
    text = " ".join(as_printed(unit) for unit in requirements.units)
    for misprint in (
        "Realistic WorkingEnvironment",
        "Levels 1,2,3 and 4 –February 2010",
        "Levels 1,2,3 and 4 – February 2010",
        "systems or resources have to let you down",
        "creating a positive with customers:",
        "Non-vernal communication skills",
        "You most provide examples",
        "a customer –friendly way",
        "in a customer-friendly way for customers",
        "delivering reliable customer :",
        "worked in a service a partnership",
        "problems with are:",
        "Bought to your attention",
        "a shortage of recourses",
        "the part you played in;",
        "The self –service technology",
        "information of conduct a transaction",
        "Quantitative #",
        "with who you agree",
    ):
        assert misprint in text


@pytest.mark.django_db
def test_all_68_units_load_and_come_back(requirements: StandardDocument) -> None:
    """To the same bytes. An unlettered item that is ticked stands in the database as the one cell it implies."""
    path = FOLDER / "evidence-requirements-2010.json"
    load_standard(path=path)
    assert write_standard(stored_document(Standard.objects.get())) == path.read_text(encoding="utf-8")
    assert (Unit.objects.count(), Group.objects.count()) == (68, 191)
    assert Criterion.objects.count() == 422 + 7 + 2


def test_the_conflict_is_recorded_on_both_sides(record_304: StandardDocument, requirements: StandardDocument) -> None:
    """Q1: 304 bars realistic working environments and placements, A14 allows them."""
    a14 = next(unit for unit in requirements.units if unit.code == "A14")
    assert [conflict.unit for conflict in record_304.units[0].conflicts] == ["A14"]
    assert [conflict.unit for conflict in a14.conflicts] == ["304"]
    assert a14.setting_policy is SettingPolicy.REAL_JOB_PREFERRED


@pytest.mark.parametrize("path", standard_paths(), ids=lambda path: path.name)
def test_files_are_in_their_written_form(path: Path) -> None:
    """So that an export differs from the file only where the content does."""
    assert write_standard(read_standard_file(path)) == path.read_text(encoding="utf-8")
