"""The sheets of the awards that candidates register for, with their rules of combination (Q30)."""

from units.kinds import Nation
from units.spreadsheets.columns import BARRED_UNITS, OF_QUALIFICATION, Column, Holds, Table

_QUALIFICATION_COLUMN = Column(
    heading="Qualification",
    key=OF_QUALIFICATION,
    about="The code of an award on the sheet Qualifications.",
    is_needed=True,
    width=26,
)

QUALIFICATIONS = Table(
    sheet="Qualifications",
    name="qualifications",
    about="One row for each award that candidates can register for. Without one nobody can register.",
    columns=(
        Column(
            heading="Code",
            key="code",
            about="A short name, or the awarding body's number.",
            is_needed=True,
            width=26,
        ),
        Column(heading="Title", key="title", about="The title to show.", is_needed=True, width=60),
        Column(heading="Level", key="level", about="The level, where you know it.", width=8),
        Column(
            heading="Nation",
            key="nation",
            about="NVQ, or SVQ in Scotland; NVQ where empty.",
            choices=tuple(Nation.values),
            width=8,
        ),
        Column(
            heading="Units in all",
            key="at_least_units",
            about="How many units a candidate takes at least, mandatory ones counted; empty where you do not know.",
            holds=Holds.NUMBER,
            width=9,
        ),
        Column(
            heading="Credits in all",
            key="at_least_credits",
            about="How many credits they bring at least; every unit then needs its credits.",
            holds=Holds.NUMBER,
            width=9,
        ),
        Column(
            heading="Credits at the level",
            key="at_least_credits_at_level",
            about="How many of the credits come from units at the award's level or above; every unit then needs its "
            "level, a whole number.",
            holds=Holds.NUMBER,
            width=12,
        ),
    ),
)

UNIT_GROUPS = Table(
    sheet="Unit groups",
    name="groups",
    within=OF_QUALIFICATION,
    about="The groups of units that candidates choose from, where the award has any.",
    columns=(
        _QUALIFICATION_COLUMN,
        Column(
            heading="Name", key="name", about="What the group is called, such as “Group B”.", is_needed=True, width=30
        ),
        Column(
            heading="At least",
            key="at_least_units",
            about="How many of its units are taken at least.",
            holds=Holds.NUMBER,
            width=9,
        ),
        Column(
            heading="At most",
            key="at_most_units",
            about="How many of its units are taken at most.",
            holds=Holds.NUMBER,
            width=9,
        ),
        Column(
            heading="Credits",
            key="at_least_credits",
            about="How many credits its units bring at least; each of them then needs its credits.",
            holds=Holds.NUMBER,
            width=9,
        ),
    ),
)

QUALIFICATION_UNITS = Table(
    sheet="Qualification units",
    name="units",
    within=OF_QUALIFICATION,
    about="The units of each award, in order.",
    columns=(
        _QUALIFICATION_COLUMN,
        Column(heading="Unit", key="unit", about="The code of a unit on the sheet Units.", is_needed=True, width=10),
        Column(
            heading="Mandatory",
            key="is_mandatory",
            about="yes where every candidate takes it, otherwise no.",
            holds=Holds.YES_OR_NO,
            choices=("yes", "no"),
            is_needed=True,
            width=11,
        ),
        Column(heading="Group", key="group", about="The name of the group that it belongs to, if any.", width=30),
    ),
)

BARRED = Table(
    sheet="Barred combinations",
    name="barred",
    within=OF_QUALIFICATION,
    about="Sets of units of which candidates take one at most, where the award has any.",
    columns=(
        _QUALIFICATION_COLUMN,
        Column(
            heading="Units",
            key=BARRED_UNITS,
            about="The codes of the units, with commas between.",
            holds=Holds.CODES,
            is_needed=True,
            width=40,
        ),
    ),
)
