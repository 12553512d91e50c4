"""A unit's document as the outline that is read: sections, labels and which is which of those numbered alike. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from units.declarations import DEFAULT_DECLARATIONS
from units.documents import ElementDocument, GroupDocument, Heading, StandardDocument, UnitDocument
from units.kinds import IMPLIED_KINDS, TICKED_KINDS, Section, criterion_label
from units.methods import Method
from units.outline import CriterionOutline, GroupOutline, SectionOutline, UnitOutline, doubled_labels
from units.text import ordinal_word

_HEADINGS = {
    heading.section: heading
    for heading in (
        Heading(section="notes", title="You should note"),
        Heading(section="elements", title="Elements in this unit"),
        Heading(section="assessed_evidence", title="Assessed evidence"),
        Heading(section="method_key", title="Assessment method key"),
        Heading(section="sign_off", title="Unit sign-off"),
    )
}


@dataclass(slots=True)
class Ids:
    """The ids of a unit's rows in print order, which are counted instead while there are no rows."""

    unit: int = 0
    standard: int = 0
    groups: Iterator[int] = field(default_factory=lambda: count(1))
    criteria: Iterator[int] = field(default_factory=lambda: count(1))


def outline_of(standard: StandardDocument, unit: UnitDocument, ids: Ids | None = None) -> UnitOutline:
    """A unit as it is read. Of the standard only its own words matter, none of its units."""
    ids = ids or Ids()
    elements = {element.number: element for element in unit.elements}
    headings = {heading.section: heading for heading in standard.sections}
    groups = _told_apart(
        [_group(place, group, elements.get(group.element), ids) for place, group in enumerate(unit.groups, 1)]
    )
    return UnitOutline(
        id=ids.unit,
        code=unit.code,
        title=unit.title,
        display_title=unit.display_title,
        level=unit.level,
        credits=unit.credits,
        setting_policy=unit.setting_policy,
        standard_id=ids.standard,
        standard_title=standard.title,
        edition=standard.edition,
        conflicts=unit.conflicts,
        notes=unit.notes,
        elements=unit.elements,
        sections=tuple(
            SectionOutline(
                section=section,
                title=heading.title if (heading := headings.get(section.value)) else str(section.label),
                instruction=heading.instruction if heading else "",
                groups=members,
            )
            for section in Section
            if (members := tuple(group for group in groups if group.section is section))
        ),
        headings={name: headings.get(name, heading) for name, heading in _HEADINGS.items()},
        assessed_evidence=standard.assessed_evidence,
        method_key=tuple((method.code, method.name) for method in standard.method_key)
        or tuple((method.value, str(method.label)) for method in Method),
        declarations=standard.declarations or DEFAULT_DECLARATIONS,
    )


def _group(place: int, group: GroupDocument, element: ElementDocument | None, ids: Ids) -> GroupOutline:
    return GroupOutline(
        id=next(ids.groups),
        position=place,
        section=group.section,
        kind=group.kind,
        printed_number=group.printed_number,
        text=group.text or (element.instruction if element else ""),
        element=element,
        at_least=group.at_least,
        per_instance=group.per_instance,
        instances=group.instances,
        is_should=group.is_should,
        reading=group.reading,
        criteria=tuple(
            CriterionOutline(
                id=next(ids.criteria),
                position=position,
                label=criterion_label(
                    kind=group.kind,
                    printed_number=group.printed_number,
                    printed_label=cell.printed_label,
                    position=position,
                ),
                text=cell.text,
                wanted_values=cell.wanted_values,
                value_name=cell.value_name,
                methods=frozenset(cell.methods),
                times=cell.times,
                section=group.section,
                is_ticked=group.kind in TICKED_KINDS,
                is_implied=group.kind in IMPLIED_KINDS,
            )
            for position, cell in enumerate(group.cells, 1)
        ),
    )


def _told_apart(groups: Sequence[GroupOutline]) -> list[GroupOutline]:
    """The same, each saying which of those numbered alike it is where their labels do not tell."""
    doubled, seen = doubled_labels(groups), Counter[str]()
    found = []
    for group in groups:
        seen[group.printed_number] += 1
        which = ordinal_word(seen[group.printed_number]) if group.labels & doubled else ""
        found.append(replace(group, which=which))
    return found
