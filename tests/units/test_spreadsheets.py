"""Standards as spreadsheets: what goes out comes back, and what is wrong is told by its row, all of it at once."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from tests.files.samples import word
from tests.units.kinds_of_items import standard_of_all_kinds
from tests.units.malformed_sheets import MALFORMED, both
from tests.units.structured import structured_standard
from tests.units.workbooks import Spoil, cell, document_of_all_kinds, good, part, saved, spoilt, with_part
from units.documents import StandardDocument, document_to_data
from units.kinds import IMPLIED_KINDS, GroupKind, NoteKind, Section
from units.methods import Method
from units.setting_policy import SettingPolicy
from units.spreadsheets.reading import read_spreadsheet
from units.spreadsheets.sheets import BARRED_UNITS, GUIDE, NUMBER, TABLES
from units.spreadsheets.writing import write_spreadsheet, write_template
from units.standard_files import FOLDER, SCHEMA_FILE, check, read_standard_file, write_standard
from units.uploads import LONGEST_LIST, MOST_PROBLEMS, MOST_VALUES, NotReadable, read_upload


def read_back(content: bytes) -> StandardDocument:
    read = read_upload(content, "standard.xlsx")
    assert read.problems == ()
    assert read.document is not None
    return read.document


# --- There and back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["evidence-requirements-2010.json", "unit-304-record.json"])
def test_a_printed_standard_comes_back_as_it_went(name: str) -> None:
    document = read_standard_file(FOLDER / name)
    assert read_back(write_spreadsheet(document)) == document


@pytest.mark.parametrize("data", [standard_of_all_kinds(), structured_standard()], ids=["kinds", "structure"])
def test_every_kind_of_item_and_rule_comes_back(data: Any) -> None:
    assert read_back(write_spreadsheet(check(data))) == check(data)


def test_the_file_itself_comes_back_too() -> None:
    document = document_of_all_kinds()
    read = read_upload(write_standard(document).encode(), "standard.json")
    assert (read.document, read.problems) == (document, ())


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp", "Zs"]) | st.just(" "), min_size=1, max_size=30
).map(lambda text: " ".join(text.split()) or "x")
TRICKY = st.sampled_from(["=1+1", "+44", "-", "@here", "_x0041_", "_x005F_", "#REF!", "TRUE", "1", "007", "1.10", "'a"])
WORDS = TEXT | TRICKY
SHORT = st.text("abcXYZ019.-", min_size=1, max_size=8)
METHODS = st.lists(st.sampled_from(list(Method)), unique=True, max_size=2).map(lambda some: [str(one) for one in some])


@st.composite
def points(draw: st.DrawFn) -> dict[str, Any]:
    found = {"text": draw(WORDS), "times": draw(st.integers(1, 3)), "methods": draw(METHODS)}
    return {key: value for key, value in found.items() if value not in (1, [])}


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(GroupKind))
    found: dict[str, Any] = {"section": str(draw(st.sampled_from(Section))), "kind": str(kind), "text": draw(WORDS)}
    if kind is GroupKind.POINTS:
        found["criteria"] = draw(st.lists(points(), min_size=1, max_size=3))
        if draw(st.booleans()):
            found["at_least"] = draw(st.integers(1, len(found["criteria"])))
        if draw(st.booleans()):
            found["per_instance"] = draw(TEXT)
    elif kind not in IMPLIED_KINDS:
        found["criteria"] = draw(st.lists(points(), max_size=2))
    if kind is GroupKind.DISTINCT:
        found |= {"wanted_values": draw(st.integers(2, 9)), "value_name": draw(TEXT)}
    if draw(st.booleans()):
        found |= {"is_should": True, "reading": draw(WORDS)}
    return found


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    codes = draw(st.lists(SHORT, min_size=1, max_size=3, unique=True))
    units = []
    for code in codes:
        groups = draw(st.lists(items(), max_size=3))
        for place, group in enumerate(groups):
            # An instance's word stands for one set in the whole unit.
            if "per_instance" in group:
                group["per_instance"] = f"{group['per_instance']} {place}"
        units.append(
            {
                "code": code,
                "title": draw(WORDS),
                "setting_policy": str(draw(st.sampled_from(SettingPolicy))),
                "notes": [
                    {"kind": str(kind), "text": draw(WORDS)} for kind in draw(st.sets(st.sampled_from(NoteKind)))
                ],
                "groups": groups,
            }
        )
    awards = [{"code": "a", "title": draw(WORDS), "units": [{"unit": code, "is_mandatory": True} for code in codes]}]
    return {"code": draw(SHORT), "edition": draw(WORDS), "title": draw(WORDS), "source": draw(WORDS)} | {
        "units": units,
        "qualifications": draw(st.sampled_from([awards, []])),
    }


@settings(max_examples=60, deadline=None)
@given(documents())
def test_whatever_stands_in_a_standard_comes_back(data: dict[str, Any]) -> None:
    document = check(data)
    assert read_back(write_spreadsheet(document)) == document


def test_every_field_of_the_format_has_a_column() -> None:
    """Or a sheet; ordinals are the order of the rows. What the format learns, the spreadsheet learns too."""
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))

    def fields(node: Any) -> set[str]:
        nodes = [node, *(schema["$defs"][name] for name in () if name)]
        return {
            name
            for each in nodes
            for name, below in each.get("properties", {}).items()
            for name in ({name} | fields(below.get("items", {})))
        }

    known = {column.key for table in TABLES for column in table.columns} | {table.name for table in TABLES}
    known |= {"$schema", "ordinal", "units", "notes", "criteria", "printed_number", "printed_label"}
    assert {NUMBER, BARRED_UNITS} <= known
    asked = set().union(*(fields(node) for node in [schema, *schema["$defs"].values()]))
    assert asked - known == set()


def test_a_column_forgotten_is_a_loud_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    units = next(table for table in TABLES if table.sheet == "Units")
    short = replace(units, columns=tuple(column for column in units.columns if column.key != "level"))
    monkeypatch.setattr(
        "units.spreadsheets.writing.TABLES", tuple(short if table is units else table for table in TABLES)
    )
    with pytest.raises(ValueError, match="The sheet Units has no column for level"):
        write_spreadsheet(document_of_all_kinds())


# --- As people see it ------------------------------------------------------------------------------------------------


def test_the_template_explains_itself_and_helps_to_choose() -> None:
    book = load_workbook(io.BytesIO(write_template()))
    assert book.sheetnames == [GUIDE, *(table.sheet for table in TABLES)]
    explained = {(row[0].value, row[1].value) for row in book[GUIDE].iter_rows(min_row=2)}
    for table in TABLES:
        sheet = book[table.sheet]
        assert sheet.freeze_panes == "A2"
        assert [cell.value for cell in sheet[1]] == [column.heading for column in table.columns]
        assert explained >= {(table.sheet, column.heading) for column in table.columns}
        offered = {
            str(rule.sqref).rstrip("0123456789").split(":")[0].rstrip("0123456789"): rule.formula1
            for rule in sheet.data_validations.dataValidation
        }
        assert len(offered) == sum(bool(column.choices) and column.heading != "Methods" for column in table.columns)
        assert all(len(listed) <= 257 for listed in offered.values())
    assert book["Items"]["B3"].value == "item"


def test_the_template_can_be_read_but_its_example_not_loaded() -> None:
    assert not read_spreadsheet(write_template()).problems
    read = read_upload(write_template(), "template.xlsx")
    assert [place for place, _ in read.problems] == [
        "Sheet Standard, row 2, Code", "Sheet Units, row 2, Code", "Sheet Qualifications, row 2, Code",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "#REF!"])
def test_text_that_looks_like_a_formula_goes_out_as_text(text: str) -> None:
    data = standard_of_all_kinds()
    data["units"][0]["title"] = text
    written = write_spreadsheet(check(data))
    found = load_workbook(io.BytesIO(written))["Units"]["B2"]
    assert (found.value, found.data_type) == (text, "s")
    assert found.quotePrefix or text[0] == "#"
    assert b"<f>" not in b"".join(part(f"xl/worksheets/sheet{n}.xml", written) for n in range(1, len(TABLES) + 2))


def test_text_that_no_cell_can_hold_is_refused_rather_than_cut() -> None:
    data = standard_of_all_kinds()
    data["source"] = "x" * 32_768
    with pytest.raises(ValueError, match="No cell can hold a text of 32768 characters"):
        write_spreadsheet(check(data))


LENIENT: list[tuple[str, Spoil]] = [
    ("codes typed as numbers", both(cell("Standard", "Edition", 2, 2010), cell("Units", "Level", 3, 4))),
    ("numbers typed as text", cell("Units", "Credits", 3, " 10 ")),
    ("line breaks and double spaces", cell("Items", "Text", 4, " Age\n ")),
    ("carriage returns of another program", cell("Items", "Text", 4, "Age_x000D_\n")),
    ("capitals", both(cell("Items", "Kind", 3, "Points"), cell("Items", "Row", 3, "ITEM"))),
    ("methods in small letters", cell("Items", "Methods", 13, "o;wt")),
    ("yes in other words", both(cell("Items", "Should", 22, True), cell("Qualification units", "Mandatory", 2, "Y"))),
    ("headings in capitals", lambda book: [setattr(one, "value", one.value.upper()) for one in book["Items"][1]]),
    ("columns in another order", lambda book: book["Units"].move_range("A1:A8", cols=8)),
    ("empty rows", lambda book: book["Items"].insert_rows(12, 3)),
    ("points that do not repeat their unit", cell("Items", "Unit", 4, None)),
    ("no guide", lambda book: book.remove(book[GUIDE])),
    ("sheets in small letters", lambda book: setattr(book["Items"], "title", "items ")),
    ("a hidden sheet of ours", lambda book: setattr(book["Statements"], "sheet_state", "hidden")),
]


@pytest.mark.parametrize("spoil", [row[1] for row in LENIENT], ids=[row[0] for row in LENIENT])
def test_what_can_be_understood_is_taken(spoil: Spoil) -> None:
    assert read_back(spoilt(spoil)) == read_back(good())


# --- What is wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("spoil", "place", "what"), [row[1:] for row in MALFORMED], ids=[row[0] for row in MALFORMED])
def test_what_is_wrong_is_told_once_and_by_its_row(spoil: Spoil, place: str, what: str) -> None:
    read = read_upload(spoilt(spoil), "standard.xlsx")
    assert read.document is None
    assert [found for found in read.problems if found[0] == place and found[1].startswith(what)], read.problems
    assert read.problem_count == 1, read.problems


def test_everything_is_told_at_once_in_the_order_of_the_sheets() -> None:
    content = spoilt(
        both(
            cell("Statements", "Owner", 2, "ev"),
            cell("Items", "Text", 4, "=A1"),
            cell("Items", "At least", 19, 3),
            cell("Units", "Code", 4, "B 4"),
            cell("Units", "Setting", 2, "anywhere"),
            cell("Standard", "Title", 2, None),
        )
    )
    read = read_upload(content, "standard.xlsx")
    assert [place for place, _ in read.problems] == [
        "Sheet Standard, row 2, Title",
        "Sheet Units, row 2, Setting",
        "Sheet Units, row 4, Code",
        "Sheet Items, row 4, Text",
        "Sheet Items, row 15, Unit",
        "Sheet Items, row 18, Unit",
        "Sheet Items, row 19, At least",
        "Sheet Statements, row 2, Owner",
    ]


def test_what_only_the_caller_knows_is_told_by_its_row_too() -> None:
    read = read_upload(good(), "standard.xlsx", also=lambda found: [("units[2].groups[0].criteria[1].text", "no")])
    assert read.problems == (("Sheet Items, row 17, Text", "no"),)
    read = read_upload(
        write_standard(document_of_all_kinds()).encode(), "s.json", also=lambda found: [("edition", "no")]
    )
    assert read.problems == (("edition", "no"),)


def test_many_problems_are_counted_and_not_all_kept() -> None:
    def spoil(book: Workbook) -> None:
        for row in range(40, 400):
            book["Items"].cell(row, 1).value = "B4"

    read = read_upload(spoilt(spoil), "standard.xlsx")
    assert (len(read.problems), read.problem_count) == (MOST_PROBLEMS, 360)


# --- What is no standard, or made to harm ----------------------------------------------------------------------------

BOMB = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "xxxxxxxxxx"><!ENTITY c "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>"""


OURS = b'<!DOCTYPE b [<!ENTITY c SYSTEM "file:///etc/hostname">]>'
SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</worksheet>'
ROWS = b"<sheetData>%s</sheetData>"
A_CELL = SHEET % (ROWS % b"<row r='1'><c r='A1' t='inlineStr'><is><t>&c;</t></is></c></row>")
UNITS_SHEET, STRINGS, TYPES = "xl/worksheets/sheet3.xml", "xl/sharedStrings.xml", "[Content_Types].xml"
SOME_STRINGS = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&c;</t></si></sst>'


def with_strings(strings: bytes) -> bytes:
    """The bytes with a table of strings, which we write into the cells themselves."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    entry = f'<Override PartName="/{STRINGS}" ContentType="{kind}"/></Types>'.encode()
    return with_part(STRINGS, strings, with_part(TYPES, part(TYPES).replace(b"</Types>", entry)))


def xlsx_named(content: bytes) -> tuple[bytes, str]:
    return content, "standard.xlsx"


def with_macros() -> bytes:
    return with_part("xl/vbaProject.bin", b"x")


def many_sheets() -> bytes:
    book = Workbook()
    for number in range(30):
        book.create_sheet(f"S{number}")
    return saved(book)


NOT_READABLE: list[tuple[str, Callable[[], tuple[bytes, str]], str]] = [
    ("a Word document renamed", lambda: xlsx_named(word()), "its content is a Word document"),
    ("a Word document", lambda: (word(), "standard.docx"), "is neither a spreadsheet (.xlsx) nor a standard"),
    ("an old spreadsheet", lambda: (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.xls"), "Save it as .xlsx"),
    ("text renamed", lambda: xlsx_named(b"Unit,Row\n"), "its content"),
    ("nothing", lambda: xlsx_named(b""), "is empty"),
    ("no name", lambda: (good(), ""), "is neither"),
    ("a name without ending", lambda: (good(), "standard"), "is neither"),
    ("macros", lambda: xlsx_named(with_macros()), "contains macros"),
    ("junk of 10 MB", lambda: xlsx_named(bytes(range(256)) * 40_960), "its content"),
    ("more than 10 MB", lambda: xlsx_named(bytes(10 * 1024**2 + 1)), "is too big: a standard may take 10 MB"),
    ("more than 10 MB of JSON", lambda: (b" " * (10 * 1024**2 + 1), "a.json"), "is too big"),
    ("a bomb of noughts", lambda: xlsx_named(with_part("xl/media/a.bin", bytes(9 * 1024**2))), "unpacks to far more"),
    ("many sheets", lambda: xlsx_named(many_sheets()), "it has 31 sheets"),
    ("a spoilt list of sheets", lambda: xlsx_named(with_part("xl/workbook.xml", b"<x")), "the file is damaged"),
    ("a cut off sheet", lambda: xlsx_named(with_part(UNITS_SHEET, SHEET[:60])), "the file is damaged"),
    ("a bomb in a sheet", lambda: xlsx_named(with_part(UNITS_SHEET, BOMB + A_CELL)), "the file is damaged"),
    ("a bomb in the strings", lambda: xlsx_named(with_strings(BOMB + SOME_STRINGS)), "the file is damaged"),
    ("a file of the server", lambda: xlsx_named(with_part(UNITS_SHEET, OURS + A_CELL)), "the file is damaged"),
]


@pytest.mark.parametrize(("make", "what"), [row[1:] for row in NOT_READABLE], ids=[row[0] for row in NOT_READABLE])
def test_what_is_neither_file_nor_spreadsheet_is_refused_in_a_sentence(
    make: Callable[[], tuple[bytes, str]], what: str
) -> None:
    with pytest.raises(NotReadable) as refusal:
        read_upload(*make())
    assert what in str(refusal.value)
    assert str(refusal.value).endswith(".")


DAMAGED_SHEETS: list[tuple[str, bytes, str]] = [
    ("a row far below", SHEET % (ROWS % b'<row r="1"/><row r="99999999999"/>'), "has rows below row 10000"),
    ("a row without number", SHEET % (ROWS % b'<row r="x"/>'), "cannot be read"),
    ("a column far away", SHEET % (ROWS % b'<row r="1"><c r="ZZZ1"><v>1</v></c></row>'), "is wider than 50 columns"),
    ("a string that is not there", SHEET % (ROWS % b'<row r="1"><c r="A1" t="s"><v>7</v></c></row>'), "cannot be read"),
    ("a number of 4000 digits", SHEET % (ROWS % (b'<row r="1"><c r="A1"><v>' + b"9" * 4000 + b"</v></c></row>")),
     "99999999999999999999"),
    ("a size that lies", SHEET % (b'<dimension ref="A1:XFD1048576"/>' + ROWS % b""), "the column “Code” is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("sheet", "what"), [row[1:] for row in DAMAGED_SHEETS], ids=[row[0] for row in DAMAGED_SHEETS])
def test_a_damaged_sheet_is_a_problem_and_never_a_crash(sheet: bytes, what: str) -> None:
    read = read_upload(with_part(UNITS_SHEET, sheet), "standard.xlsx")
    assert next(place for place, problem in read.problems if what in problem).startswith("Sheet Units")


def test_a_row_beyond_a_size_that_lies_is_read() -> None:
    """Otherwise rows would be left out without a word."""
    sheet = part(UNITS_SHEET).replace(b'ref="A1:F8"', b'ref="A1:F3"')
    assert sheet != part(UNITS_SHEET)
    assert read_back(with_part(UNITS_SHEET, sheet)) == read_back(good())


JUNK_FILES: list[tuple[str, bytes, tuple[str, str]]] = [
    ("not JSON", b"Unit,Row", ("The file", "line 1, column 1: this is not JSON (Expecting value)")),
    ("a list", b"[]", ("The file", "must be an object")),
    ("too deep", b"[" * 500 + b"]" * 500, ("[0]" * 12, "is nested too deep")),
    ("far too deep", b"[" * 100_000, ("The file", "this is not a standard: nested too deep, or a number too long")),
    ("a long list", b'{"units": [' + b"1," * LONGEST_LIST + b"1]}", ("units", "holds more than 1000 entries")),
    ("a long text", b'{"source": "' + b"x" * 10_001 + b'"}', ("source", "is longer than 10000 characters")),
    ("too much", b"[" + b",".join([b"[" + b",".join([b"1"] * 900) + b"]"] * (MOST_VALUES // 900 + 1)) + b"]",
     ("The file", f"holds more than {MOST_VALUES} values: that is no standard")),
    ("10 MB of entries", b'{"units": [' + b"1," * (5 * 1024**2 - 10) + b"1]}",
     ("units", "holds more than 1000 entries")),
    ("half a letter", b'{"\\ud800\\u0000": 1}', ("��", "is not a known field")),
]  # fmt: skip


@pytest.mark.parametrize(("content", "problem"), [row[1:] for row in JUNK_FILES], ids=[row[0] for row in JUNK_FILES])
def test_junk_is_told_apart_before_it_is_checked(content: bytes, problem: tuple[str, str]) -> None:
    read = read_upload(content, "standard.json")
    assert problem in read.problems


def test_what_is_quoted_from_a_file_is_cut() -> None:
    data = document_to_data(document_of_all_kinds())
    data["units"][0]["setting_policy"] = "x" * 9_000
    (problem,) = read_upload(json.dumps(data).encode(), "standard.json").problems
    assert problem[0] == "units[0].setting_policy"
    assert len(problem[1]) == 301


def test_a_zip_archive_that_says_xlsx_is_told() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(NotReadable, match="is a ZIP archive or damaged"):
        read_upload(content.getvalue(), "standard.xlsx")
