"""The two standard files against the printed text they were taken from (PRACTICE §2, Q14)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from units.documents import StandardDocument, UnitDocument
from units.kinds import Section, criterion_label
from units.setting_policy import SettingPolicy
from units.standard_files import FOLDER, read_standard_file, standard_paths, write_standard

SOURCES = settings.BASE_DIR / "docs" / "standards"


def printed(name: str) -> str:
    """A source with its line-end hyphens joined and its white space collapsed."""
    text = (SOURCES / name).read_text(encoding="utf-8")
    return " ".join(re.sub(r"([-–])\s*\n\s*", r"\1", text).replace("\ufffd", " ").split())


def printed_a14() -> str:
    text = (SOURCES / "evidence-requirements-2010.txt").read_text(encoding="utf-8")
    return " ".join(re.split(r"\bUnit A1[45]\b", text)[1].split())


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


def test_a14_is_printed_text_misprints_and_all_and_nothing_is_left_out(requirements: StandardDocument) -> None:
    unit = next(unit for unit in requirements.units if unit.code == "A14")
    rest = left_over(printed_a14(), iter([unit.title, *texts_of(unit)]))
    assert rest == "1. 2. 3. 4. a. b. 5. a. b. 6. a. b. c."
    assert unit.groups[0].text.startswith("You most provide examples")
    assert labels_of(unit, Section.COVER) == [["4a", "4b"], ["5a", "5b"], ["6a", "6b", "6c"]]
    assert unit.elements == ()
    assert {group.section for group in unit.groups} == {Section.COVER}
    assert requirements.declarations == ()


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
