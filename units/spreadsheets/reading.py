"""A spreadsheet as plain JSON data of the standard format, which remembers the row that each place came from."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from units.spreadsheets.cells import UNREADABLE, Row, Spot, Workbook, read_workbook
from units.spreadsheets.sheets import (
    BARRED,
    BARRED_UNITS,
    FIRST_ROW,
    ITEMS,
    NUMBER,
    OF_UNIT,
    QUALIFICATIONS,
    ROW,
    STANDARD,
    TABLES,
    UNITS,
    RowOf,
    Table,
)
from units.standard_files import Problem
from units.text import uncapitalised

_PLACE = re.compile(r"\b(?:units|qualifications|method_key|sections|declarations)\[\d+\](?:\[\d+\]|\.\w+)*")
_LAST_STEP = re.compile(r"\.(\w+)$|\[\d+\]$")
# What the check says of a JSON file, in words for a row.
_IN_WORDS = {"is missing": "fill this in", "is not a known field": "leave this empty in a row of this kind"}


@dataclass(frozen=True, slots=True)
class _Place:
    """A row; the field that its column *Number* fills; the one field that the place is about, where it is one."""

    table: Table
    row: int
    number_field: str = ""
    field: str = ""

    def spot(self, key: str) -> Spot:
        key = self.field or key
        return Spot(self.table.sheet, self.row, self.table.heading(NUMBER if key == self.number_field else key))


@dataclass(slots=True)
class Reading:
    """What was read: `data` is for `standard_files.check`; of what is wrong with sheets and cells it cannot know."""

    workbook: Workbook
    data: dict[str, Any] = field(default_factory=dict)
    places: dict[str, _Place] = field(default_factory=dict)
    problems: dict[Spot, list[str]] = field(default_factory=dict)

    def tell(self, spot: Spot, what: str) -> None:
        """Add a problem."""
        self.problems.setdefault(spot, []).append(what)

    def tell_cell(self, table: Table, row: int, key: str, what: str) -> None:
        """Add a problem with one cell, unless it could not be read, or has no column: that is told already."""
        spot = Spot(table.sheet, row, table.heading(key))
        if key not in self.workbook.sheets[table.sheet].lacking and spot not in self.problems:
            self.tell(spot, what)

    def rows(self, table: Table) -> list[Row]:
        """The rows of one sheet that hold anything."""
        sheet = self.workbook.sheets.get(table.sheet)
        return sheet.rows if sheet else []

    def told(self, found_by_check: Iterable[Problem]) -> list[Problem]:
        """Every problem with its spot in words, sheet by sheet and from top to bottom.

        What the check misses because a cell or column could not be read is not told twice.
        """
        found = [(spot, what) for spot, several in self.problems.items() for what in several]
        for place, what in found_by_check:
            spot, key = self._find(place)
            if spot not in self.problems and not self._is_lacking(spot, key):
                what = _PLACE.sub(lambda match: uncapitalised(str(self._find(match[0])[0])), what)
                found.append((spot, _IN_WORDS.get(what, what)))
        order = {table.sheet: index for index, table in enumerate(TABLES)}
        found.sort(key=lambda problem: (order.get(problem[0].sheet, -1), problem[0].row))
        return [(str(spot), what) for spot, what in found]

    def _find(self, place: str) -> tuple[Spot, str]:
        """The spot of a JSON place, and the field of its row that it is about."""
        if not place:
            return Spot(), ""
        key, left = "", place
        while left not in self.places:
            last = _LAST_STEP.search(left)
            if last is None:
                break
            key, left = last[1] or key, left[: last.start()]
        if left in self.places:
            return self.places[left].spot(key), key
        list_of = next((table for table in TABLES if table.name == left and not table.within), None)
        if list_of:
            return Spot(list_of.sheet), ""
        return Spot(STANDARD.sheet, FIRST_ROW, STANDARD.heading(left)), left

    def _is_lacking(self, spot: Spot, key: str) -> bool:
        sheet = self.workbook.sheets.get(spot.sheet)
        return bool(spot.sheet) and (sheet is None or (bool(spot.heading) and key in sheet.lacking))


def read_spreadsheet(content: bytes) -> Reading:
    """Read a spreadsheet made from the template. Raises cells.NotReadable for a file that cannot be opened at all."""
    reading = Reading(read_workbook(content))
    for spot, what in reading.workbook.problems:
        reading.tell(spot, what)
    _read_standard(reading)
    units, awards = _read_list(reading, UNITS), _read_list(reading, QUALIFICATIONS)
    for table in TABLES:
        if table is ITEMS:
            _read_items(reading, units)
        elif table.within:
            _read_within(reading, table, units if table.within == OF_UNIT else awards)
        elif table not in (STANDARD, UNITS, QUALIFICATIONS):
            _read_list(reading, table)
    if units.some_unreadable:
        # Nothing can be said of awards whose units may be there.
        reading.data.pop(QUALIFICATIONS.name, None)
    return reading


@dataclass(frozen=True, slots=True)
class _Parents:
    """The units, or the awards, by code. One whose code cannot be read may be what a row of another sheet looks for."""

    table: Table
    by_code: dict[str, tuple[str, dict[str, Any]]]
    some_unreadable: bool


def _fields(row: Row, table: Table) -> dict[str, Any]:
    """The row's values that are fields of the format, with what its empty cells stand for."""
    blanks = {column.key: column.blank for column in table.columns if column.blank is not None}
    if UNREADABLE in row.values:
        # It may stand in one of these: nothing follows from their being empty then.
        blanks = dict.fromkeys(blanks, "…")
    return blanks | {key: value for key, value in row.values.items() if key[0] not in "@!"}


def _read_standard(reading: Reading) -> None:
    rows = reading.rows(STANDARD)
    for row in rows[1:]:
        reading.tell(Spot(STANDARD.sheet, row.number), "a file holds one standard: delete this row")
    for row in rows[:1]:
        reading.data.update(_fields(row, STANDARD))
        for column in STANDARD.columns:
            reading.places[column.key] = _Place(STANDARD, row.number, field=column.key)


def _read_list(reading: Reading, table: Table) -> _Parents:
    parents: dict[str, tuple[str, dict[str, Any]]] = {}
    entries = reading.data.setdefault(table.name, []) if table.is_needed else []
    for row in reading.rows(table):
        place, entry = f"{table.name}[{len(entries)}]", _fields(row, table)
        entries.append(entry)
        reading.places[place] = _Place(table, row.number)
        if "code" in entry:
            parents.setdefault(entry["code"], (place, entry))
    if entries:
        reading.data[table.name] = entries
    sheet = reading.workbook.sheets.get(table.sheet)
    # Of two with one code, one may be meant to have another.
    is_known = sheet is not None and sheet.is_whole and len(parents) == len(entries)
    return _Parents(table, parents, some_unreadable=not is_known)


def _parent(reading: Reading, table: Table, row: Row, parents: _Parents) -> tuple[str, dict[str, Any]] | None:
    """The unit or award that a row belongs to; None, with the problem told, where it names none that there is."""
    code = row.values.get(table.within)
    found = parents.by_code.get(code) if code else None
    if found is None and not (code and parents.some_unreadable):
        what = f"there is no “{code}” on the sheet {parents.table.sheet}" if code else _IN_WORDS["is missing"]
        reading.tell_cell(table, row.number, table.within, what)
    return found


def _read_within(reading: Reading, table: Table, parents: _Parents) -> None:
    for row in reading.rows(table):
        parent = _parent(reading, table, row, parents)
        if parent:
            place, entry = parent
            found = row.values.get(BARRED_UNITS, []) if table is BARRED else _fields(row, table)
            _append(reading, place, entry, table.name, found, _Place(table, row.number))


def _append(reading: Reading, parent: str, into: dict[str, Any], name: str, entry: Any, came_from: _Place) -> str:
    entries = into.setdefault(name, [])
    place = f"{parent}.{name}[{len(entries)}]"
    entries.append(entry)
    reading.places[place] = came_from
    return place


def _read_items(reading: Reading, units: _Parents) -> None:
    """Notes and items go to their unit, points to the item above them."""
    item: tuple[str, dict[str, Any]] | None = None
    unit_of_item = ""
    # After a row that cannot be placed, the points below it cannot be either: it is told once.
    is_lost = False
    for row in reading.rows(ITEMS):
        try:
            row_of = RowOf(row.values.get(ROW, ""))
        except ValueError:
            reading.tell_cell(ITEMS, row.number, ROW, "say note, item or point")
            item, is_lost = None, True
            continue
        entry, came_from = _item_fields(row, row_of), _Place(ITEMS, row.number, row_of.number_field)
        if row_of is RowOf.POINT:
            if item:
                if row.values.get(OF_UNIT, unit_of_item) != unit_of_item:
                    what = f"the item above belongs to {unit_of_item}: a point stands below its own item"
                    reading.tell_cell(ITEMS, row.number, OF_UNIT, what)
                _append(reading, *item, "criteria", entry, came_from)
            elif not is_lost:
                reading.tell(Spot(ITEMS.sheet, row.number), "a point needs the row of its item above it")
            continue
        unit = _parent(reading, ITEMS, row, units)
        item, is_lost, unit_of_item = None, unit is None, row.values.get(OF_UNIT, "")
        if unit and row_of is RowOf.NOTE:
            _append(reading, *unit, "notes", entry, came_from)
        elif unit:
            item = (_append(reading, *unit, ITEMS.name, entry, came_from), entry)


def _item_fields(row: Row, row_of: RowOf) -> dict[str, Any]:
    numbered = {row_of.number_field: row.values[NUMBER]} if NUMBER in row.values else {}
    return numbered | {key: value for key, value in row.values.items() if key[0] not in "@!"}
