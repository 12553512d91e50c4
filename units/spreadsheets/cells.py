"""The cells of a spreadsheet as plain values, read without trusting the file: limits first, formulas never."""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from units.spreadsheets.sheets import GUIDE, TABLES, Column, Holds, Table
from units.text import collapsed, folded

# Many times what the evidence requirements of 68 units take (read in 0.1 s), and no more than is read in a few seconds.
MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED = 8 * 1024 * 1024
MOST_PARTS = 200
MOST_SHEETS = 20
MOST_ROWS = 10_000
MOST_COLUMNS = 50
LONGEST_CELL = 10_000

THE_FILE = "The file"
# Among a row's values where one of its cells could not be read.
UNREADABLE = "!"
_LARGEST_NUMBER = 10**9
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
_YES_OR_NO = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
# What the reader of spreadsheets, the ZIP archive or the XML below may raise on a file that is damaged or made to harm.
_DAMAGED = (
    AttributeError,
    EOFError,
    IndexError,
    InvalidFileException,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
_DAMAGE = "the file is damaged. Open it in your spreadsheet program, save it anew as .xlsx and choose that copy"


class NotReadable(ValueError):
    """A file that is no spreadsheet, or one that is not to be opened; the message says why, after its name."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands: in the file, in a sheet, in a row of it, in a column."""

    sheet: str = ""
    row: int = 0
    heading: str = ""

    def __str__(self) -> str:
        row = f"row {self.row}" if self.row else ""
        return ", ".join(filter(None, [f"Sheet {self.sheet}", row, self.heading])) if self.sheet else THE_FILE


class _StopsHere(Exception):
    """The rest of a sheet is not read."""

    def __init__(self, spot: Spot, what: str) -> None:
        super().__init__(what)
        self.spot, self.what = spot, what


@dataclass(frozen=True, slots=True)
class Row:
    """One row with anything in it: its number in the sheet, and its values by the keys of their columns."""

    number: int
    values: dict[str, Any]


@dataclass(slots=True)
class Sheet:
    """The rows of one sheet, in order; the keys of columns that it does not have; whether all of it was read."""

    rows: list[Row] = field(default_factory=list)
    lacking: set[str] = field(default_factory=set)
    is_whole: bool = False


@dataclass(slots=True)
class Workbook:
    """What was read: sheets by name, and what is wrong with sheets and cells, each with its spot."""

    sheets: dict[str, Sheet] = field(default_factory=dict)
    problems: list[tuple[Spot, str]] = field(default_factory=list)


def read_workbook(content: bytes) -> Workbook:
    """Read every cell that the layout knows. Raises NotReadable for what is no spreadsheet or goes beyond the limits.

    A formula, an error, a date or a number where text should be, and text that is too long are problems with their
    spot, and the cell counts as empty.
    """
    _refuse_bombs(content)
    workbook = Workbook()
    # It warns of parts that it leaves out, such as pictures: nothing of ours.
    with warnings.catch_warnings(action="ignore"):
        try:
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
            names = book.sheetnames
        except _DAMAGED as error:
            raise NotReadable(_DAMAGE) from error
        if len(names) > MOST_SHEETS:
            raise NotReadable(f"it has {len(names)} sheets, and {MOST_SHEETS} are the most that can be read")
        known = {folded(table.sheet): table for table in TABLES}
        for name in names:
            table = known.get(folded(name))
            if table:
                workbook.sheets[table.sheet] = _read_sheet(book[name], table, workbook.problems)
            elif folded(name) != folded(GUIDE):
                spot = Spot(f"“{name[:40]}”")
                workbook.problems.append((spot, "is not a sheet of the template. Give it its name back, or delete it"))
        book.close()
    for table in TABLES:
        if table.is_needed and table.sheet not in workbook.sheets:
            workbook.problems.append((Spot(table.sheet), "is missing. Copy it from the template"))
    return workbook


def _refuse_bombs(content: bytes) -> None:
    """Before anything is unpacked. What a member claims to be is also the most that Python unpacks of it."""
    if len(content) > MOST_BYTES:
        raise NotReadable(f"it is larger than {MOST_BYTES // 1024**2} MB")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except _DAMAGED as error:
        raise NotReadable(_DAMAGE) from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise NotReadable("it unpacks to far more than a standard holds. Copy your rows into a fresh template")


def _read_sheet(sheet: Any, table: Table, problems: list[tuple[Spot, str]]) -> Sheet:
    read = Sheet()
    try:
        rows = _rows(sheet, table)
        headings = _columns(next(rows, (1, ()))[1], table, problems)
        columns = {place: column for place, column in headings.items() if column}
        read.lacking = {column.key for column in table.columns} - {column.key for column in columns.values()}
        for number, cells in rows:
            values = dict(_values(cells, headings, table, number, problems))
            if values:
                read.rows.append(Row(number, values))
        read.is_whole = True
    except _StopsHere as stop:
        problems.append((stop.spot, stop.what))
    except _DAMAGED:
        problems.append((Spot(table.sheet), f"cannot be read: {_DAMAGE}"))
    return read


def _rows(sheet: Any, table: Table) -> Iterator[tuple[int, Any]]:
    """Rows with their numbers, whatever size the sheet claims. Raises _StopsHere where it goes beyond the limits."""
    if not hasattr(sheet, "reset_dimensions"):
        raise _StopsHere(Spot(table.sheet), "holds a chart instead of rows")
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > MOST_ROWS:
            what = f"has rows below row {MOST_ROWS}, where reading stops. Delete the empty rows at its end"
            raise _StopsHere(Spot(table.sheet), what)
        if len(cells) > MOST_COLUMNS:
            what = f"is wider than {MOST_COLUMNS} columns; reading stops here"
            raise _StopsHere(Spot(table.sheet, number), what)
        yield number, cells


def _columns(cells: Any, table: Table, problems: list[tuple[Spot, str]]) -> dict[int, Column | None]:
    """The columns by their place in the row; None for one whose heading says nothing to us."""
    by_heading = {folded(column.heading): column for column in table.columns}
    found: dict[int, Column | None] = {}
    for place, cell in enumerate(cells):
        written = collapsed(str(cell.value or ""))
        if not written:
            continue
        column = by_heading.get(folded(written))
        if column is None:
            what = f"“{written[:40]}” is not a column of this sheet. Give it its heading back, or delete it"
            problems.append((Spot(table.sheet, 1), what))
        elif column in found.values():
            problems.append((Spot(table.sheet, 1), f"there are two columns “{column.heading}”"))
            column = None
        found[place] = column
    for column in table.columns:
        if column.is_needed and column not in found.values():
            what = f"the column “{column.heading}” is missing. Copy its heading from the template"
            problems.append((Spot(table.sheet, 1), what))
    return found


def _values(
    cells: Any, columns: dict[int, Column | None], table: Table, number: int, problems: list[tuple[Spot, str]]
) -> Iterator[tuple[str, Any]]:
    for place, cell in enumerate(cells):
        if cell.value is None or (isinstance(cell.value, str) and not cell.value.strip()):
            continue
        if place not in columns:
            # Told once, at its first row.
            columns[place] = None
            what = f"column {get_column_letter(place + 1)} has no heading in row 1"
            problems.append((Spot(table.sheet, number), what))
        elif column := columns[place]:
            try:
                value = _value(cell, column)
                if value not in ("", []):
                    yield column.key, value
            except NotReadable as wrong:
                problems.append((Spot(table.sheet, number, column.heading), str(wrong)))
                # The row is not empty, even where this is all that stands in it.
                yield UNREADABLE, None


def _value(cell: Any, column: Column) -> Any:
    """A cell as the format wants it. Raises NotReadable, saying what to do, for what would have to be guessed."""
    value = cell.value
    if cell.data_type == "f":
        raise NotReadable("holds a formula. Write the text or number itself")
    if cell.data_type == "e":
        raise NotReadable(f"holds the error {str(value)[:20]}. Write the text or number itself")
    if isinstance(value, date | datetime | time | timedelta):
        raise NotReadable("holds a date or time. Set the cell to text and write it as it is printed")
    if isinstance(value, str):
        value = collapsed(_ESCAPED.sub(_unescaped, value))
        if len(value) > LONGEST_CELL:
            raise NotReadable(f"is longer than {LONGEST_CELL} characters")
    match column.holds:
        case Holds.NUMBER:
            return _number(value)
        case Holds.YES_OR_NO:
            said = value if isinstance(value, bool) else _YES_OR_NO.get(str(value).casefold())
            if said is None:
                raise NotReadable("say yes or no")
            return said
        case Holds.CODES:
            return [_chosen(code, column) for code in re.split(r"[,;/\s]+", _text(value)) if code]
    return _chosen(_text(value), column)


def _chosen(text: str, column: Column) -> str:
    """A word as the closed list spells it."""
    return next((choice for choice in column.choices if choice.casefold() == text.casefold()), text)


def _unescaped(escaped: re.Match[str]) -> str:
    """Spreadsheets write characters that XML cannot hold by their number, and an underscore that looks so too."""
    return chr(int(escaped[1], 16))


def _number(value: Any) -> int:
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value):
        return int(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and abs(value) < _LARGEST_NUMBER and value == int(value):
        return int(value)
    raise NotReadable("must be a whole number")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        raise NotReadable("holds TRUE or FALSE. Set the cell to text and write it as it is printed")
    if isinstance(value, float) or (isinstance(value, int) and abs(value) >= _LARGEST_NUMBER):
        # 304.10 has become 304.1 by now: what was printed can no longer be told.
        raise NotReadable(f"holds the number {str(value)[:20]}. Set the cell to text and write it as it is printed")
    return str(value)
