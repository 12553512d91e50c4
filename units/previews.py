"""A standard that is not loaded yet, unit by unit in words, as the catalogue will say it. Pure."""

from dataclasses import dataclass

from units.catalogue import SectionInWords, in_words
from units.documents import CriterionDocument, GroupDocument, NoteDocument, StandardDocument, UnitDocument
from units.kinds import IMPLIED_KINDS, TICKED_KINDS, Section, criterion_label
from units.outline import CriterionOutline, ElementOutline, GroupOutline, SectionOutline
from units.setting_policy import SettingPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPreview:
    """One unit of a file: its notes as printed, and every item with its rule in words."""

    code: str
    title: str
    printed_title: str
    policy: str
    level: str
    credits: int | None
    notes: tuple[NoteDocument, ...]
    sections: tuple[SectionInWords, ...]
    conflicts: tuple[str, ...]

    @property
    def cells(self) -> int:
        """How many points are ticked."""
        return sum(len(item.points) or 1 for section in self.sections for item in section.items if item.is_ticked)

    @property
    def has_do_or_know(self) -> bool:
        """Whether more than what must be covered is told (Q2)."""
        return any(section.anchor != f"section-{Section.COVER.value}" for section in self.sections)


def preview(document: StandardDocument) -> tuple[UnitPreview, ...]:
    """Every unit of a document, in order."""
    titles = {part.section: part.title for part in document.sections}
    instructions = {part.section: part.instruction for part in document.sections}
    return tuple(
        UnitPreview(
            code=unit.code,
            title=unit.display_title or unit.title,
            printed_title=unit.title if unit.display_title else "",
            policy=str(SettingPolicy(unit.setting_policy).label),
            level=unit.level,
            credits=unit.credits,
            notes=unit.notes,
            sections=tuple(
                in_words(
                    SectionOutline(
                        section=section,
                        title=titles.get(section.value, str(section.label)),
                        instruction=instructions.get(section.value, ""),
                        groups=groups,
                    )
                )
                for section in Section
                if (groups := _groups(unit, section))
            ),
            conflicts=tuple(f"{conflict.unit}: {conflict.about}" for conflict in unit.conflicts),
        )
        for unit in document.units
    )


def _groups(unit: UnitDocument, section: Section) -> tuple[GroupOutline, ...]:
    """The items of one section as outlines, whose ids are their places: there are no rows yet."""
    elements = {
        element.number: ElementOutline(
            id=place, number=element.number, text=element.text, instruction=element.instruction
        )
        for place, element in enumerate(unit.elements)
    }
    return tuple(
        _group(group, place, elements.get(group.element))
        for place, group in enumerate(unit.groups, start=1)
        if group.section == section
    )


def _group(group: GroupDocument, place: int, element: ElementOutline | None) -> GroupOutline:
    cells: tuple[tuple[CriterionDocument | GroupDocument, str], ...] = tuple(
        (point, point.printed_label) for point in group.criteria
    )
    if group.kind in IMPLIED_KINDS:
        cells = ((group, ""),)
    return GroupOutline(
        id=place,
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
                id=position,
                position=position,
                label=criterion_label(
                    kind=group.kind, printed_number=group.printed_number, printed_label=label, position=position
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
            for position, (cell, label) in enumerate(cells, start=1)
        ),
    )
