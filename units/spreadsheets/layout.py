"""All sheets of a standard's spreadsheet, in their order, each with the words that explain it to whoever fills it in.

A sheet is one list of the standard format, a row one entry, a column one field. Only the sheet *Items* is more: it
holds a unit as it is printed, from top to bottom, and the column *Row* says what each of its rows is.
"""

from units.declarations import Owner
from units.methods import Method
from units.spreadsheets.award_sheets import BARRED, QUALIFICATION_UNITS, QUALIFICATIONS, UNIT_GROUPS
from units.spreadsheets.columns import Column, Table
from units.spreadsheets.unit_sheets import CONFLICTS, ELEMENTS, ITEMS, STANDARD, UNITS

METHOD_KEY = Table(
    sheet="Method key",
    name="method_key",
    about="The printed key of assessment methods; empty where none is printed.",
    columns=(
        Column(
            heading="Code",
            key="code",
            about="The letters used in the evidence table.",
            choices=tuple(Method.values),
            is_needed=True,
            width=8,
        ),
        Column(heading="Name", key="name", about="The method's name as printed.", is_needed=True, width=40),
    ),
)

HEADINGS = Table(
    sheet="Headings",
    name="sections",
    about="Printed headings of the parts of a unit record; empty where none are printed.",
    columns=(
        Column(
            heading="Part",
            key="section",
            about="Which part of the record.",
            choices=("notes", "elements", "assessed_evidence", "method_key", "cover", "do", "know", "sign_off"),
            is_needed=True,
            width=18,
        ),
        Column(heading="Title", key="title", about="The heading as printed.", is_needed=True, width=40),
        Column(heading="Instruction", key="instruction", about="What is printed below the heading.", width=60),
    ),
)

STATEMENTS = Table(
    sheet="Statements",
    name="declarations",
    about="The statements of the sign-off block, in the order in which they are printed; empty where none are printed.",
    columns=(
        Column(
            heading="Owner",
            key="owner",
            about="Whose statement it is, as printed; none for one that names nobody.",
            choices=tuple(owner.value for owner in Owner),
            is_needed=True,
            width=12,
        ),
        Column(heading="Text", key="text", about="The statement, word for word.", is_needed=True, width=100),
    ),
)

TABLES = (
    STANDARD,
    UNITS,
    ELEMENTS,
    ITEMS,
    CONFLICTS,
    QUALIFICATIONS,
    UNIT_GROUPS,
    QUALIFICATION_UNITS,
    BARRED,
    METHOD_KEY,
    HEADINGS,
    STATEMENTS,
)
