"""Spreadsheets that are wrong, each with the place and the words that tell so. Two rooms read this table."""

from datetime import UTC, datetime

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference

from tests.units.workbooks import Spoil, cell


def heading(sheet: str, old: str, new: str | None) -> Spoil:
    """A mutation that renames a column."""

    def spoil(book: Workbook) -> None:
        found = next(one for one in book[sheet][1] if one.value == old)
        found.value = new

    return spoil


def both(*spoils: Spoil) -> Spoil:
    def spoil(book: Workbook) -> None:
        for each in spoils:
            each(book)

    return spoil


def error(sheet: str, name: str, row: int) -> Spoil:
    def spoil(book: Workbook) -> None:
        cell(sheet, name, row, "#REF!")(book)

    return spoil


def drop_row(sheet: str, row: int) -> Spoil:
    return lambda book: book[sheet].delete_rows(row)


def drop_sheet(sheet: str) -> Spoil:
    return lambda book: book.remove(book[sheet])


def rename_sheet(sheet: str, name: str) -> Spoil:
    def spoil(book: Workbook) -> None:
        book[sheet].title = name

    return spoil


def beside(sheet: str, coordinate: str, value: object) -> Spoil:
    def spoil(book: Workbook) -> None:
        book[sheet][coordinate] = value

    return spoil


def a_chart(book: Workbook) -> None:
    chart = BarChart()
    chart.add_data(Reference(book["Units"], min_col=6, min_row=2, max_row=8))
    book.remove(book["Method key"])
    book.create_chartsheet("Method key").add_chart(chart)


LONG = "x" * 10_001

# Name, what is done, and the one problem that follows: its place and how it begins.
MALFORMED: list[tuple[str, Spoil, str, str]] = [
    ("no code", cell("Standard", "Code", 2, None), "Sheet Standard, row 2, Code", "fill this in"),
    ("no edition", cell("Standard", "Edition", 2, "  "), "Sheet Standard, row 2, Edition", "fill this in"),
    (
        "edition is a date",
        cell("Standard", "Edition", 2, datetime(2010, 4, 1, tzinfo=UTC).replace(tzinfo=None)),
        "Sheet Standard, row 2, Edition",
        "holds a date or time. Set the cell to text",
    ),
    ("code with a slash", cell("Standard", "Code", 2, "a/b"), "Sheet Standard, row 2, Code", "'a/b' may hold letters"),
    ("two standards", beside("Standard", "A3", "other"), "Sheet Standard, row 3", "a file holds one standard"),
    ("long edition", cell("Standard", "Edition", 2, "x" * 41), "Sheet Standard, row 2, Edition", "must not be longer"),
    (
        "unit code twice",
        cell("Units", "Code", 4, "A17"),
        "Sheet Units, row 4, Code",
        "'A17' is already used at sheet Units, row 3, Code",
    ),
    (
        "no unit code",
        both(cell("Units", "Code", 7, None), cell("Conflicts", "Unit", 2, "B4"), drop_row("Items", 29)),
        "Sheet Units, row 7, Code",
        "fill this in",
    ),
    ("no title", cell("Units", "Title", 2, None), "Sheet Units, row 2, Title to show", "is needed where no title"),
    ("long title", cell("Units", "Title", 2, "x" * 301), "Sheet Units, row 2, Title", "must not be longer than 300"),
    (
        "unknown setting",
        cell("Units", "Setting", 3, "anywhere"),
        "Sheet Units, row 3, Setting",
        "'anywhere' is not one of real_job_preferred",
    ),
    ("no setting", cell("Units", "Setting", 3, None), "Sheet Units, row 3, Setting", "fill this in"),
    ("credits in words", cell("Units", "Credits", 3, "ten"), "Sheet Units, row 3, Credits", "must be a whole number"),
    ("half a credit", cell("Units", "Credits", 3, 2.5), "Sheet Units, row 3, Credits", "must be a whole number"),
    ("credits below nought", cell("Units", "Credits", 3, -1), "Sheet Units, row 3, Credits", "must be at least 0"),
    ("a formula", cell("Units", "Title", 2, "=A2&B2"), "Sheet Units, row 2, Title", "holds a formula"),
    ("a formula for a number", cell("Items", "At least", 3, "=2+2"), "Sheet Items, row 3, At least", "holds a formula"),
    (
        "a link to a program",
        cell("Items", "Text", 4, '=HYPERLINK("http://evil")'),
        "Sheet Items, row 4, Text",
        "holds a formula",
    ),
    ("an error", error("Items", "Text", 4), "Sheet Items, row 4, Text", "holds the error #REF!"),
    (
        "a number that lost its nought",
        cell("Elements", "Number", 2, 304.1),
        "Sheet Elements, row 2, Number",
        "holds the number 304.1. Set the cell to text",
    ),
    ("true for a text", cell("Items", "Text", 4, True), "Sheet Items, row 4, Text", "holds TRUE or FALSE"),
    ("neither note, item nor point", cell("Items", "Row", 3, "rule"), "Sheet Items, row 3, Row", "say note, item or"),
    ("no row kind", cell("Items", "Row", 3, None), "Sheet Items, row 3, Row", "say note, item or point"),
    ("unknown rule", cell("Items", "Kind", 3, "most"), "Sheet Items, row 3, Kind", "'most' is not one of points,"),
    ("a note's kind on an item", cell("Items", "Kind", 3, "setting"), "Sheet Items, row 3, Kind", "'setting' is not"),
    ("unknown section", cell("Items", "Section", 3, "say"), "Sheet Items, row 3, Section", "'say' is not one of"),
    ("a note with a section", cell("Items", "Section", 2, "cover"), "Sheet Items, row 2, Section", "leave this empty"),
    ("a point with a quantity", cell("Items", "At least", 4, 2), "Sheet Items, row 4, At least", "leave this empty"),
    (
        "no such unit",
        cell("Items", "Unit", 30, "F7"),
        "Sheet Items, row 30, Unit",
        "there is no “F7” on the sheet Units",
    ),
    ("no unit", cell("Items", "Unit", 30, None), "Sheet Items, row 30, Unit", "fill this in"),
    (
        "another unit's point",
        cell("Items", "Unit", 17, "D3"),
        "Sheet Items, row 17, Unit",
        "the item above belongs to D2",
    ),
    (
        "a point without an item",
        both(cell("Items", "Row", 2, "point"), cell("Items", "Kind", 2, None)),
        "Sheet Items, row 2",
        "a point needs the row of its item above it",
    ),
    ("more than there are", cell("Items", "At least", 3, 7), "Sheet Items, row 3, At least", "asks for 7 of 6 points"),
    ("no points", drop_row("Items", 13), "Sheet Items, row 12", "an item of kind 'points' needs at least one point"),
    (
        "letter twice",
        cell("Items", "Number", 5, "a"),
        "Sheet Items, row 5, Number",
        "'a' is already used at sheet Items, row 4, Number",
    ),
    ("no words", cell("Items", "Text", 8, None), "Sheet Items, row 8, Text", "fill this in"),
    ("a text too long", cell("Items", "Text", 8, LONG), "Sheet Items, row 8, Text", "is longer than 10000 characters"),
    ("text that does not print", cell("Items", "Text", 8, "a\u200bb"), "Sheet Items, row 8, Text", "holds a character"),
    ("text turned round", cell("Items", "Text", 8, "a\u202eb"), "Sheet Items, row 8, Text", "holds a character"),
    ("a smuggled zero byte", cell("Items", "Text", 8, "a_x0000_b"), "Sheet Items, row 8, Text", "holds a character"),
    ("instances of nothing", cell("Items", "For each", 15, None), "Sheet Items, row 15, For each", "must say what"),
    (
        "one distinct value",
        cell("Items", "Different values", 14, 1),
        "Sheet Items, row 14, Different values",
        "must be",
    ),
    ("neither yes nor no", cell("Items", "Should", 22, "perhaps"), "Sheet Items, row 22, Should", "say yes or no"),
    ("unknown method", cell("Items", "Methods", 13, "O, X"), "Sheet Items, row 13, Methods", "'X' is not one of O, Q"),
    ("a method twice", cell("Items", "Methods", 13, "O O"), "Sheet Items, row 13, Methods", "'O' is already used"),
    (
        "no such element",
        cell("Items", "Element", 10, "B4.2"),
        "Sheet Items, row 10, Element",
        "this unit has no element",
    ),
    ("conflict with itself", cell("Conflicts", "Other unit", 2, "D13"), "Sheet Conflicts, row 2, Other unit", "a unit"),
    (
        "unit of no award",
        cell("Qualification units", "Qualification", 2, "nvq-9"),
        "Sheet Qualification units, row 2, Qualification",
        "there is no “nvq-9” on the sheet Qualifications",
    ),
    (
        "award of no unit",
        cell("Qualification units", "Unit", 2, "Z9"),
        "Sheet Qualification units, row 2, Unit",
        "no unit 'Z9' in this file",
    ),
    (
        "mandatory or not",
        cell("Qualification units", "Mandatory", 2, None),
        "Sheet Qualification units, row 2, Mandatory",
        "fill this in",
    ),
    (
        "unknown group",
        cell("Qualification units", "Group", 2, "B"),
        "Sheet Qualification units, row 2, Group",
        "this qualification has no group 'B'",
    ),
    (
        "barred unit",
        both(beside("Barred combinations", "A2", "svq-2"), beside("Barred combinations", "B2", "F6, Z9")),
        "Sheet Barred combinations, row 2",
        "this qualification has no unit 'Z9'",
    ),
    ("unknown nation", cell("Qualifications", "Nation", 2, "GB"), "Sheet Qualifications, row 2, Nation", "'GB' is not"),
    ("method not in the key", cell("Method key", "Code", 2, "X"), "Sheet Method key, row 2, Code", "'X' is not one of"),
    (
        "statement of the EV",
        cell("Statements", "Owner", 2, "ev"),
        "Sheet Statements, row 2, Owner",
        "'ev' is not one of",
    ),
    ("heading twice", beside("Headings", "A3", "cover"), "Sheet Headings, row 3, Title", "fill this in"),
    ("no units", drop_sheet("Units"), "Sheet Units", "is missing. Copy it from the template"),
    ("no standard", drop_sheet("Standard"), "Sheet Standard", "is missing. Copy it from the template"),
    ("a sheet of one's own", rename_sheet("Method key", "Notes to self"), "Sheet “Notes to self”", "is not a sheet of"),
    (
        "missing column",
        lambda book: book["Units"].delete_cols(4),
        "Sheet Units, row 1",
        "the column “Setting” is missing",
    ),
    ("column of one's own", heading("Units", "Level", "Grade"), "Sheet Units, row 1", "“Grade” is not a column"),
    ("column twice", heading("Units", "Level", "Credits"), "Sheet Units, row 1", "there are two columns “Credits”"),
    (
        "text without a heading",
        beside("Units", "H3", "remark"),
        "Sheet Units, row 3",
        "column H has no heading in row 1",
    ),
    ("too wide", beside("Units", "BA3", "x"), "Sheet Units, row 3", "is wider than 50 columns"),
    ("too long", beside("Statements", "A10001", "x"), "Sheet Statements", "has rows below row 10000"),
    ("a chart", a_chart, "Sheet Method key", "holds a chart instead of rows"),
    ("the example", cell("Standard", "Code", 2, "EXAMPLE"), "Sheet Standard, row 2, Code", "this is the template's"),
]
