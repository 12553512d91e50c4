"""The sheets and columns of a standard's spreadsheet: described once (sheets.toml), read and written by that."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from units.declarations import Owner
from units.kinds import GroupKind, Nation, NoteKind, Section
from units.methods import Method
from units.setting_policy import SettingPolicy

GUIDE = "How to fill in"
# Row 1 holds the headings.
FIRST_ROW = 2

# Keys of columns that are no field of their row: they say where it belongs, and what it is.
OF_UNIT = "@unit"
ROW = "@row"
# The printed number of a note or item, and the printed letter of a point.
NUMBER = "@number"
# The row itself, which is a list of codes.
BARRED_UNITS = "@units"


class Holds(StrEnum):
    """What a cell may hold."""

    TEXT = "text"
    NUMBER = "number"
    YES_OR_NO = "yes_or_no"
    CODES = "codes"


class RowOf(StrEnum):
    """What a row of the sheet *Items* is."""

    NOTE = "note"
    ITEM = "item"
    POINT = "point"

    @property
    def number_field(self) -> str:
        """The field that the column *Number* fills."""
        return "printed_label" if self is RowOf.POINT else "printed_number"


_CHOICES: dict[str, tuple[str, ...]] = {
    "kinds": (*NoteKind.values, *GroupKind.values),
    "methods": tuple(Method.values),
    "nations": tuple(Nation.values),
    "owners": tuple(Owner.values),
    "rows": tuple(row.value for row in RowOf),
    "sections": tuple(Section.values),
    "setting_policies": tuple(SettingPolicy.values),
    Holds.YES_OR_NO: ("yes", "no"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: `key` is its field in the standard format, `choices` its closed list.

    `blank` is what an empty cell stands for; None leaves the field out.
    """

    heading: str
    key: str
    width: int
    about: str
    holds: Holds = Holds.TEXT
    choices: tuple[str, ...] = ()
    is_needed: bool = False
    blank: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One sheet. `name` is its list in the standard format, in the unit or award that the column `within` names."""

    sheet: str
    name: str
    about: str
    columns: tuple[Column, ...]
    within: str = ""
    is_needed: bool = False

    def heading(self, key: str) -> str:
        """What the column of a field is called; "" where it has none."""
        return next((column.heading for column in self.columns if column.key == key), "")


def _column(told: Mapping[str, Any]) -> Column:
    holds = Holds(told.get("holds", Holds.TEXT))
    choices = told.get("choices", holds)
    known = _CHOICES.get(choices, ()) if isinstance(choices, str) else tuple(choices)
    return Column(**{**told, "holds": holds, "choices": known})


TABLES = tuple(
    Table(**{**told, "columns": tuple(map(_column, told["columns"]))})
    for told in tomllib.loads(Path(__file__).with_name("sheets.toml").read_text(encoding="utf-8"))["table"]
)
_BY_SHEET = {table.sheet: table for table in TABLES}
STANDARD, UNITS, ITEMS = _BY_SHEET["Standard"], _BY_SHEET["Units"], _BY_SHEET["Items"]
QUALIFICATIONS, BARRED = _BY_SHEET["Qualifications"], _BY_SHEET["Barred combinations"]
