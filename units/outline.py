"""A unit with all that is printed for it, as one immutable value: what pages, gate and PDF read.

Made of a unit's document: of a loaded one by `queries.outlines`, which keeps what it made; of one that is only handed
in by `outline_of` itself. Nothing here touches the database.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count

from ledger.canonical import digest
from units import plain_words
from units.coverage import Need, Point, UnitRules
from units.declarations import DEFAULT_DECLARATIONS, Declaration
from units.documents import (
    Conflict,
    ElementDocument,
    GroupDocument,
    Heading,
    NoteDocument,
    StandardDocument,
    UnitDocument,
)
from units.kinds import IMPLIED_KINDS, TICKED_KINDS, GroupKind, Section, criterion_label
from units.methods import Method
from units.setting_policy import SettingPolicy
from units.text import ordinal_word


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionOutline:
    """One cell. `is_ticked`: claims are made against it; `is_implied`: it repeats its group's text.

    `value_name`, `methods` (none: any will do) and `times` are as in `models.Criterion`.
    """

    id: int
    position: int
    label: str
    text: str
    wanted_values: int
    value_name: str = ""
    methods: frozenset[Method] = frozenset()
    times: int = 1
    section: Section
    is_ticked: bool
    is_implied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOutline:
    """One numbered item. `text` is what it asks for: its own words, or the instruction of its element."""

    id: int
    position: int
    section: Section
    kind: GroupKind
    printed_number: str
    text: str
    element: ElementDocument | None
    at_least: int | None
    per_instance: str
    instances: int | None
    is_should: bool
    reading: str
    criteria: tuple[CriterionOutline, ...]

    @property
    def is_ticked(self) -> bool:
        """Whether claims are made here: conditions, examples and scope notes are only read."""
        return self.kind in TICKED_KINDS

    @property
    def labels(self) -> frozenset[str]:
        """What it is called on the page: its number, where it is not ticked or is its one cell, else its cells'."""
        return frozenset(criterion.label for criterion in self.criteria if criterion.is_ticked) or frozenset(
            filter(None, [self.printed_number])
        )

    @property
    def notes(self) -> str:
        """What stands beside it on screen and on paper (`plain_words.notes`): "" where it wants every point, once."""
        return plain_words.notes(self)

    @property
    def is_implied(self) -> bool:
        """Whether its one cell repeats it, so that the item needs no line of its own."""
        return any(criterion.is_implied for criterion in self.criteria)

    def notes_beside(self, criterion: CriterionOutline) -> str:
        """What stands beside one cell: what it wants besides, and the item's own notes where it has no line."""
        return plain_words.notes_beside(self, criterion)

    def need(self, which: str = "") -> Need:
        """The same item as the coverage rules see it; `which` of those that are numbered alike."""
        return Need(
            group_id=self.id,
            section=self.section,
            kind=self.kind,
            label=self.printed_number,
            which=which,
            text=self.text,
            points=tuple(
                Point(
                    id=criterion.id,
                    label=criterion.label,
                    text=criterion.text,
                    wanted=criterion.wanted_values,
                    value_name=criterion.value_name,
                    methods=criterion.methods,
                    times=criterion.times,
                )
                for criterion in self.criteria
                if criterion.is_ticked
            ),
            at_least=self.at_least,
            per_instance=self.per_instance,
            instances=self.instances,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionOutline:
    """*Cover*, *do* or *know*, with its heading and instruction; only sections that hold something exist."""

    section: Section
    title: str
    instruction: str
    groups: tuple[GroupOutline, ...]

    @property
    def criteria(self) -> tuple[CriterionOutline, ...]:
        """The section's cells in print order."""
        return tuple(criterion for group in self.groups for criterion in group.criteria)


@dataclass(frozen=True, slots=True)
class ToName:
    """What the candidate names once for a unit and picks when claiming (R3): "change", "communication medium".

    `wanted` is how many the unit asks for, None of an open set; `groups` are the items that speak of them.
    """

    word: str
    wanted: int | None
    groups: tuple[GroupOutline, ...]


@dataclass(frozen=True, kw_only=True)
class UnitOutline:
    """One unit of one edition.

    `method_key` pairs codes with printed names. `declarations` and `method_key` are those of unit 304 where the
    standard prints none. `headings` has the keys notes, elements, assessed_evidence, method_key and sign_off.
    """

    id: int
    code: str
    title: str
    display_title: str
    level: str = ""
    credits: int | None = None
    setting_policy: SettingPolicy
    standard_id: int
    standard_title: str
    edition: str
    conflicts: tuple[Conflict, ...]
    notes: tuple[NoteDocument, ...]
    elements: tuple[ElementDocument, ...]
    sections: tuple[SectionOutline, ...]
    headings: Mapping[str, Heading]
    assessed_evidence: str
    method_key: tuple[tuple[str, str], ...]
    declarations: tuple[Declaration, ...]

    @property
    def shown_title(self) -> str:
        """The title to display: the corrected one where there is one (Q14)."""
        return self.display_title or self.title

    @property
    def is_coverage_only(self) -> bool:
        """Whether there are no *do* and *know* criteria: sign-off says so (Q2)."""
        return all(section.section is Section.COVER for section in self.sections)

    @cached_property
    def groups(self) -> tuple[GroupOutline, ...]:
        """Every numbered item, section by section."""
        return tuple(group for section in self.sections for group in section.groups)

    @cached_property
    def criteria(self) -> tuple[CriterionOutline, ...]:
        """Every cell that is claimed against, in reading order: cover, do, know."""
        return tuple(criterion for group in self.groups for criterion in group.criteria if criterion.is_ticked)

    @cached_property
    def rules(self) -> UnitRules:
        """What `coverage.cover` counts by."""
        needs = tuple(group.need(self._which(group)) for group in self.groups)
        return UnitRules(code=self.code, policy=self.setting_policy, needs=needs)

    @cached_property
    def doubled(self) -> frozenset[str]:
        """The labels that are printed more than once, since the print repeats numbers (PRACTICE §2)."""
        found = Counter(label for group in self.groups for label in group.labels)
        return frozenset(label for label, count in found.items() if count > 1)

    @cached_property
    def wording(self) -> str:
        """A digest of all that is printed of it and may be mended within its edition, to tell later that it was."""
        return digest(
            {
                "title": self.title,
                "notes": [note.text for note in self.notes],
                "elements": [[element.text, element.instruction] for element in self.elements],
                "groups": [[group.text, *(criterion.text for criterion in group.criteria)] for group in self.groups],
            }
        )

    def place_of(self, criterion_id: int) -> int:
        """The position in the unit of the item that a cell belongs to."""
        return next(
            group.position for group in self.groups for criterion in group.criteria if criterion.id == criterion_id
        )

    def _which(self, group: GroupOutline) -> str:
        """Which of those numbered alike an item is, where their labels do not tell; else ""."""
        if not group.labels & self.doubled:
            return ""
        alike = [other.id for other in self.groups if other.printed_number == group.printed_number]
        return ordinal_word(alike.index(group.id) + 1)

    @cached_property
    def can_be_waived(self) -> frozenset[int]:
        """The ids of the criteria that are printed as a "should" (Q11)."""
        return frozenset(criterion.id for group in self.groups if group.is_should for criterion in group.criteria)

    @cached_property
    def criteria_by_id(self) -> dict[int, CriterionOutline]:
        """The cells that are claimed against, by id."""
        return {criterion.id: criterion for criterion in self.criteria}

    def instance_word(self, criterion_id: int) -> str:
        """What a claim on this cell is for one of, such as "change" (R3); "" where there is nothing to name."""
        need, point = self.rules.points[criterion_id]
        return need.instance_word(point)

    def must_name_instance(self, criterion_id: int) -> bool:
        """Whether a claim on this cell counts only once it says for which (`coverage.Need.must_name`)."""
        need, point = self.rules.points[criterion_id]
        return need.must_name(point)

    @cached_property
    def to_name(self) -> tuple[ToName, ...]:
        """Everything that the candidate names here, in print order; items with the same word share it."""
        found: dict[str, tuple[list[int | None], list[GroupOutline]]] = {}
        for group in self.groups:
            for criterion in group.criteria if group.is_ticked else ():
                if word := self.instance_word(criterion.id):
                    wanted, groups = found.setdefault(word, ([], []))
                    wanted.append(group.instances if group.per_instance else criterion.wanted_values)
                    groups.append(group)
        return tuple(
            ToName(word, max((one for one in wanted if one), default=None), tuple(dict.fromkeys(groups)))
            for word, (wanted, groups) in found.items()
        )


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
    groups = [_group(place, group, elements.get(group.element), ids) for place, group in enumerate(unit.groups, 1)]
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
