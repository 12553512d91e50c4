"""The sheets of the standard itself and of its units."""

from units.kinds import GroupKind, NoteKind, Section
from units.methods import Method
from units.setting_policy import SettingPolicy
from units.spreadsheets.columns import NUMBER, OF_UNIT, ROW, Column, Holds, RowOf, Table

_UNIT_COLUMN = Column(
    heading="Unit", key=OF_UNIT, about="The code of a unit on the sheet Units.", is_needed=True, width=10
)

STANDARD = Table(
    sheet="Standard",
    name="",
    about="One row: which standard this is. Its code and edition together name it.",
    is_needed=True,
    columns=(
        Column(
            heading="Code",
            key="code",
            about="A short name for the standard: letters, digits, dots, hyphens and underscores. Keep it when you "
            "make a new edition of the same standard.",
            is_needed=True,
            width=26,
        ),
        Column(
            heading="Edition",
            key="edition",
            about="The edition, such as “April 2010” or “April 2010, with our criteria”. What is loaded stays as it "
            "is: give changed rules another edition. Candidates stay on the edition that they are registered on.",
            is_needed=True,
            width=26,
        ),
        Column(heading="Title", key="title", about="The standard's title.", is_needed=True, width=50),
        Column(heading="Source", key="source", about="What this was copied from.", is_needed=True, width=50),
        Column(
            heading="Awarding note", key="awarding_note", about="Who developed or published it, as printed.", width=40
        ),
        Column(
            heading="Assessed evidence",
            key="assessed_evidence",
            about="The paragraph above the evidence table, as printed.",
            width=40,
        ),
    ),
)

UNITS = Table(
    sheet="Units",
    name="units",
    about="One row for each unit, in the order in which they are printed.",
    is_needed=True,
    columns=(
        Column(heading="Code", key="code", about="The unit's code, such as 304 or A14.", is_needed=True, width=10),
        Column(
            heading="Title",
            key="title",
            about="The title exactly as printed, misprints and all; empty where none is printed.",
            is_needed=True,
            blank="",
            width=60,
        ),
        Column(
            heading="Title to show",
            key="display_title",
            about="A corrected title, where the printed one is missing or misprinted.",
            width=60,
        ),
        Column(
            heading="Setting",
            key="setting_policy",
            about="Where evidence may come from. real_job_preferred and real_job_expected: a real job, or a realistic "
            "working environment or placement (the two wordings). simulation_allowed: the same, and simulation. "
            "real_job_required: a real job only; simulation for what must be known. drills_excepted: the same, and "
            "staged emergency practice. no_simulation: a real job only, and no simulation for anything.",
            choices=tuple(SettingPolicy.values),
            is_needed=True,
            width=22,
        ),
        Column(heading="Level", key="level", about="The level, where you know it.", width=8),
        Column(
            heading="Credits", key="credits", about="The credits, where you know them.", holds=Holds.NUMBER, width=8
        ),
    ),
)

ELEMENTS = Table(
    sheet="Elements",
    name="elements",
    within=OF_UNIT,
    about="The elements of units that print them, in order.",
    columns=(
        _UNIT_COLUMN,
        Column(heading="Number", key="number", about="The element's number, such as 304.1.", is_needed=True, width=10),
        Column(
            heading="Text",
            key="text",
            about="The element as printed in the list of elements.",
            is_needed=True,
            width=60,
        ),
        Column(
            heading="Instruction", key="instruction", about="The line that its criteria are printed under.", width=60
        ),
    ),
)

ITEMS = Table(
    sheet="Items",
    name="groups",
    within=OF_UNIT,
    about="Each unit as it is printed, from top to bottom: a row for each note and each numbered item, and below its "
    "item a row for each point. To add what must be done or known, add an item with the section “do” or “know” and its "
    "points below.",
    columns=(
        _UNIT_COLUMN,
        Column(
            heading="Row",
            key=ROW,
            about="What this row is. note: item 1, 2 or 3, on setting, sector and sufficiency. item: a numbered item. "
            "point: a lettered, numbered or bulleted point of the item above it.",
            choices=tuple(row.value for row in RowOf),
            is_needed=True,
            width=8,
        ),
        Column(
            heading="Section",
            key="section",
            about="For an item: what candidates must cover, do or know.",
            choices=tuple(Section.values),
            is_needed=True,
            width=9,
        ),
        Column(
            heading="Kind",
            key="kind",
            about="For a note: setting, sector or sufficiency. For an item: points, each needed unless “At least” says "
            "how many; distinct, a number of different values without letters; obligation, one thing that must be "
            "shown, without letters; condition, confirmed by the assessor rather than ticked; example and scope, "
            "never required.",
            choices=(*NoteKind.values, *GroupKind.values),
            is_needed=True,
            width=12,
        ),
        Column(
            heading="Number",
            key=NUMBER,
            about="The number or letter as printed, without its full stop; empty for a bullet.",
            is_needed=True,
            width=9,
        ),
        Column(heading="Text", key="text", about="The words as printed.", is_needed=True, width=80),
        Column(
            heading="At least",
            key="at_least",
            about="For an item with points: how many of them are enough; empty where all are needed.",
            holds=Holds.NUMBER,
            width=9,
        ),
        Column(
            heading="Different values",
            key="wanted_values",
            about="How many different values are wanted, as in “two different communication media”.",
            holds=Holds.NUMBER,
            width=10,
        ),
        Column(
            heading="Values of",
            key="value_name",
            about="What they are values of, for one of them: “communication medium”.",
            width=20,
        ),
        Column(
            heading="For each",
            key="per_instance",
            about="For an item: what every point is needed for each of, for one of them: “change”, “risk”.",
            width=14,
        ),
        Column(
            heading="How many of these",
            key="instances",
            about="How many of them, where the number is fixed (“two changes”); empty where it is not (“each risk”).",
            holds=Holds.NUMBER,
            width=10,
        ),
        Column(
            heading="Should",
            key="is_should",
            about="yes where it is printed as “should”: required, yet the assessor may waive it with a reason.",
            holds=Holds.YES_OR_NO,
            choices=("yes", "no"),
            width=8,
        ),
        Column(
            heading="Methods",
            key="methods",
            about="The only assessment methods that are accepted, with commas between: O, Q, PE, WT, PD. Empty where "
            "any will do.",
            holds=Holds.CODES,
            choices=tuple(Method.values),
            width=12,
        ),
        Column(
            heading="Times",
            key="times",
            about="How many different pieces of evidence must show it, where it is more than one.",
            holds=Holds.NUMBER,
            width=8,
        ),
        Column(
            heading="Element",
            key="element",
            about="For an item: the number of the element that it belongs to, from the sheet Elements.",
            width=10,
        ),
        Column(
            heading="Our reading",
            key="reading",
            about="For an item: how it is read where its print is silent, in your words.",
            width=40,
        ),
    ),
)

CONFLICTS = Table(
    sheet="Conflicts",
    name="conflicts",
    within=OF_UNIT,
    about="Units that are known to contradict another unit, to be shown to assessor and internal verifier.",
    columns=(
        _UNIT_COLUMN,
        Column(heading="Other unit", key="unit", about="The other unit's code.", is_needed=True, width=10),
        Column(
            heading="About", key="about", about="What the two say differently, in your words.", is_needed=True, width=80
        ),
    ),
)
