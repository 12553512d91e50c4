"""What the description of a standard's spreadsheet is made of: sheets with columns."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto


class Holds(Enum):
    """What a cell may hold."""

    TEXT = auto()
    NUMBER = auto()
    YES_OR_NO = auto()
    CODES = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: `key` is its field in the standard format, `choices` its closed list.

    `blank` is what an empty cell stands for; None leaves the field out.
    """

    heading: str
    key: str
    about: str
    holds: Holds = Holds.TEXT
    choices: tuple[str, ...] = ()
    is_needed: bool = False
    blank: str | None = None
    width: int = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One sheet. `name` is its list in the standard format, in the unit or award that the column `within` names."""

    sheet: str
    name: str
    about: str
    columns: tuple[Column, ...]
    within: str = ""
    is_needed: bool = False

    def column(self, key: str) -> Column | None:
        """The column of a field, if it has one."""
        return next((column for column in self.columns if column.key == key), None)

    def heading(self, key: str) -> str:
        """What the column of a field is called; "" where it has none."""
        column = self.column(key)
        return column.heading if column else ""


GUIDE = "How to fill in"
# Row 1 holds the headings.
FIRST_ROW = 2

# Keys of columns that are no field of their row: they say where it belongs, and what it is.
OF_UNIT = "@unit"
OF_QUALIFICATION = "@qualification"
ROW = "@row"
# The printed number of a note or item, and the printed letter of a point.
NUMBER = "@number"
# The row itself, which is a list of codes.
BARRED_UNITS = "@units"


class RowOf(StrEnum):
    """What a row of the sheet *Items* is."""

    NOTE = "note"
    ITEM = "item"
    POINT = "point"

    @property
    def number_field(self) -> str:
        """The field that the column *Number* fills."""
        return "printed_label" if self is RowOf.POINT else "printed_number"
