"""A standard as a spreadsheet: filled for changing it, or with an example for making one (Q2)."""

import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from units.documents import StandardDocument, document_from_data, document_to_data
from units.spreadsheets.cells import MOST_ROWS
from units.spreadsheets.sheets import (
    BARRED,
    BARRED_UNITS,
    FIRST_ROW,
    GUIDE,
    ITEMS,
    NUMBER,
    OF_UNIT,
    ROW,
    STANDARD,
    TABLES,
    Column,
    Holds,
    RowOf,
    Table,
)

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# One unit with each kind of row, and one award. It cannot be loaded as it is: its codes say so.
_EXAMPLE = Path(__file__).with_name("example.json")
EXAMPLE_CODE = "EXAMPLE"
# A cell takes no more; what writes it would cut the rest off without a word.
_LONGEST_IN_A_CELL = 32_767
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_LOOKS_LIKE_A_FORMULA = ("=", "+", "-", "@")
_HEADING = Font(bold=True, color="FFFFFF")
_HEADING_GROUND = PatternFill("solid", fgColor="1F3A6E")
_WRAPPED = Alignment(vertical="top", wrap_text=True)
_OPENING = (
    "Each sheet is one list; its first row names the columns. Fill in one row for each entry and keep the headings.",
    "Copy words exactly as they are printed. Line breaks and double spaces become single spaces.",
    "Write text and numbers, no formulas. What stays empty is left out.",
    "Upload the file at your centre's standards. You see what it says before anything is loaded.",
)


def write_template() -> bytes:
    """The empty template: a unit of every kind of row as an example, to be overwritten."""
    return write_spreadsheet(document_from_data(json.loads(_EXAMPLE.read_text(encoding="utf-8"))))


def write_spreadsheet(document: StandardDocument) -> bytes:
    """The document as the bytes of a spreadsheet; reading them gives the same document.

    Raises ValueError for a text that no cell can hold.
    """
    data = document_to_data(document, with_ordinals=False)
    book = Workbook()
    assert isinstance(book.active, Worksheet)
    _write_guide(book.active)
    for table in TABLES:
        _write_sheet(book.create_sheet(table.sheet), table, _rows_of(table, data))
    bytes_of = io.BytesIO()
    book.save(bytes_of)
    return bytes_of.getvalue()


def _rows_of(table: Table, data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of one sheet, by the keys of its columns."""
    if table is STANDARD:
        yield {column.key: data[column.key] for column in table.columns if column.key in data}
    elif table is ITEMS:
        for unit in data["units"]:
            for row in _items_of(unit):
                yield {OF_UNIT: unit["code"]} | row
    elif not table.within:
        for entry in data.get(table.name, ()):
            yield {key: value for key, value in entry.items() if not isinstance(value, list)}
    else:
        parents = data["units"] if table.within == OF_UNIT else data.get("qualifications", ())
        for parent in parents:
            for entry in parent.get(table.name, ()):
                yield {table.within: parent["code"]} | ({BARRED_UNITS: entry} if table is BARRED else entry)


def _items_of(unit: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for note in unit.get("notes", ()):
        yield _item_row(RowOf.NOTE, note)
    for group in unit.get("groups", ()):
        yield _item_row(RowOf.ITEM, group)
        for point in group.get("criteria", ()):
            yield _item_row(RowOf.POINT, point)


def _item_row(row_of: RowOf, entry: dict[str, Any]) -> dict[str, Any]:
    row = {key: value for key, value in entry.items() if key not in ("criteria", row_of.number_field)}
    return {ROW: row_of.value, NUMBER: entry.get(row_of.number_field, "")} | row


def _write_sheet(sheet: Worksheet, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    _write_headings(sheet, [(column.heading, column.width) for column in table.columns])
    keys = {column.key for column in table.columns}
    for place, column in enumerate(table.columns, start=1):
        letter = get_column_letter(place)
        if column.holds in (Holds.TEXT, Holds.CODES):
            # So that 304.10 stays as it is typed.
            sheet.column_dimensions[letter].number_format = "@"
        if column.choices and column.holds is not Holds.CODES:
            sheet.add_data_validation(_drop_down(column, f"{letter}{FIRST_ROW}:{letter}{MOST_ROWS}"))
    for number, row in enumerate(rows, start=FIRST_ROW):
        if row.keys() - keys:
            raise ValueError(f"The sheet {table.sheet} has no column for {', '.join(sorted(row.keys() - keys))}.")
        for place, column in enumerate(table.columns, start=1):
            if column.key in row:
                _write(sheet.cell(number, place), row[column.key], column)


def _write_headings(sheet: Worksheet, headings: list[tuple[str, int]]) -> None:
    for place, (heading, width) in enumerate(headings, start=1):
        cell = sheet.cell(1, place, heading)
        cell.font, cell.fill, cell.alignment = _HEADING, _HEADING_GROUND, _WRAPPED
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"


def _drop_down(column: Column, cells: str) -> DataValidation:
    listed = ",".join(column.choices)
    return DataValidation(
        type="list",
        formula1=f'"{listed}"',
        allow_blank=True,
        showErrorMessage=True,
        errorTitle=column.heading,
        error=f"One of: {listed}"[:250],
        sqref=cells,
    )


def _write(cell: Cell, value: Any, column: Column) -> None:
    if isinstance(value, bool):
        value = "yes" if value else "no"
    elif isinstance(value, list):
        value = ", ".join(value)
    cell.alignment = _WRAPPED
    if isinstance(value, int):
        cell.value = value
        return
    if value:
        _write_text(cell, value)


def _write_text(cell: Cell, text: str) -> None:
    """Text as text, whatever it starts with: never a formula, neither now nor when somebody edits the cell."""
    text = _LOOKS_ESCAPED.sub("_x005F_", text)
    if len(text) > _LONGEST_IN_A_CELL:
        raise ValueError(f"No cell can hold a text of {len(text)} characters.")
    cell.value = text
    cell.data_type = "s"
    cell.number_format = "@"
    if text.startswith(_LOOKS_LIKE_A_FORMULA):
        cell.quotePrefix = True


def _write_guide(sheet: Worksheet) -> None:
    sheet.title = GUIDE
    _write_headings(sheet, [("Sheet", 20), ("Column", 20), ("What goes there", 100), ("One of", 40)])
    for line in _OPENING:
        sheet.append(["", "", line])
    for table in TABLES:
        sheet.append([table.sheet, "", table.about])
        for column in table.columns:
            sheet.append([table.sheet, column.heading, column.about, ", ".join(column.choices)])
    for row in sheet.iter_rows(min_row=FIRST_ROW):
        for cell in row:
            cell.alignment = _WRAPPED
        if not row[1].value:
            row[0].font = row[2].font = Font(bold=True)
