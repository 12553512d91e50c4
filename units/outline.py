"""A unit with all that is printed for it, as one immutable value: what pages, gate and PDF read.

Built by `queries.outlines`, which keeps built outlines. Nothing here touches the database.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from ledger.canonical import digest
from units import plain_words
from units.coverage import Need, Point, UnitRules
from units.declarations import Declaration
from units.kinds import TICKED_KINDS, GroupKind, NoteKind, Section
from units.methods import Method
from units.setting_policy import SettingPolicy
from units.text import ordinal_word


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteOutline:
    """One of items 1 to 3, as printed."""

    printed_number: str
    kind: NoteKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementOutline:
    """One element and the line its criteria are printed under."""

    id: int
    number: str
    text: str
    instruction: str


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
    element: ElementOutline | None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A printed heading of another part of the record, and the instruction below it."""

    title: str
    instruction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A known contradiction with another unit, to be shown to assessor and IV (Q1)."""

    unit: str
    about: str


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
    setting_policy: SettingPolicy
    standard_id: int
    standard_title: str
    edition: str
    conflicts: tuple[Conflict, ...]
    notes: tuple[NoteOutline, ...]
    elements: tuple[ElementOutline, ...]
    sections: tuple[SectionOutline, ...]
    headings: dict[str, Heading]
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
