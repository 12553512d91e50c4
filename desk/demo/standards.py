"""What the demo centre's coordinator is about to load: one file ready to look at, one that is not."""

import dataclasses
from io import BytesIO

from centres.models import Membership
from centres.standards.actions import hand_in_standard
from units.documents import CriterionDocument, GroupDocument
from units.kinds import GroupKind, Section
from units.models import Unit
from units.spreadsheets.writing import write_spreadsheet, write_template
from units.stored import stored_document


def hand_in_own_edition(unit: Unit, by: Membership) -> None:
    """The unit's standard with what the centre's candidates must know besides (Q2)."""
    document = stored_document(unit.standard)
    added = GroupDocument(
        section=Section.KNOW,
        kind=GroupKind.POINTS,
        printed_number="C",
        text="For our centre you also need to know and understand:",
        criteria=(
            CriterionDocument(printed_label="a", text="how your organisation tells customers what they may expect"),
            CriterionDocument(printed_label="b", text="whom to ask when you cannot give what was promised"),
        ),
    )
    units = tuple(
        dataclasses.replace(each, groups=(*each.groups, added)) if each.code == unit.code else each
        for each in document.units
    )
    ours = dataclasses.replace(document, edition="2026, with our own", units=units)
    hand_in_standard(file=BytesIO(write_spreadsheet(ours)), name="304 with our own.xlsx", by=by)


def hand_in_the_template(by: Membership) -> None:
    """The template as it was downloaded: its example is still in it."""
    hand_in_standard(file=BytesIO(write_template()), name="standard-template.xlsx", by=by)
