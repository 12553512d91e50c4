"""A unit with all that is printed for it, as one immutable value: what pages, gate and PDF read.

Made of a unit's document (`outlining.py`); those of loaded units are kept by `queries.outlines`. Nothing here touches
the database.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ledger.canonical import digest
from units import rules_in_words
from units.declarations import Declaration
from units.documents import (
    Conflict,
    ElementDocument,
    Heading,
    NoteDocument,
)
from units.kinds import IMPLIED_KINDS, TICKED_KINDS, Ask, Confirmed, GroupKind, Section
from units.methods import Method
from units.setting_policy import SettingPolicy
from units.text import listed


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

    @property
    def required(self) -> int:
        """How much fills the cell once."""
        return max(self.wanted_values, self.times)

    @property
    def words(self) -> str:
        """What it wants besides being shown (`rules_in_words.cell_in_words`)."""
        return " ".join(rules_in_words.cell_in_words(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOutline:
    """One numbered item. `text` is what it asks for: its own words, or the instruction of its element.

    Otherwise as in `models.Group`; `which` tells items apart that the print numbers alike: "first", "second".
    """

    id: int
    position: int
    section: Section
    kind: GroupKind
    printed_number: str
    text: str
    element: ElementDocument | None = None
    at_least: int | None = None
    per_instance: str = ""
    instances: int | None = None
    is_should: bool = False
    reading: str = ""
    criteria: tuple[CriterionOutline, ...]
    which: str = ""

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
    def number(self) -> str:
        """The number it stands at: its element's, where it belongs to one."""
        return self.element.number if self.element else self.printed_number

    @property
    def points(self) -> tuple[CriterionOutline, ...]:
        """What has a line of its own below it."""
        return tuple(criterion for criterion in self.criteria if not criterion.is_implied)

    @property
    def words(self) -> str:
        """Its whole rule (`rules_in_words.item_in_words`)."""
        return " ".join(rules_in_words.item_in_words(self))

    @property
    def notes(self) -> str:
        """What stands beside it on screen and paper (`rules_in_words.notes`): "" where it wants every point, once."""
        return rules_in_words.notes(self)

    @property
    def is_implied(self) -> bool:
        """Whether its one cell repeats it, so that the item needs no line of its own."""
        return any(criterion.is_implied for criterion in self.criteria)

    def notes_beside(self, criterion: CriterionOutline) -> str:
        """What stands beside one cell: what it wants besides, and the item's own notes where it has no line."""
        return self.notes if self.is_implied else criterion.words

    @property
    def cells(self) -> tuple[CriterionOutline, ...]:
        """What a reference goes into; nothing of what is only read."""
        return self.criteria if self.is_ticked else ()

    @property
    def is_open_set(self) -> bool:
        """Whether every point is needed for each of something that nobody can count beforehand (R3)."""
        return self.is_ticked and bool(self.per_instance) and self.instances is None

    @property
    def name(self) -> str:
        """What a sentence calls it: "item 5", "the second item 5"."""
        if not self.printed_number:
            return "an item"
        return f"the {self.which} item {self.printed_number}" if self.which else f"item {self.printed_number}"

    def name_of(self, *criteria: CriterionOutline) -> str:
        """What a sentence calls some of its cells: "5a and 5b", "5a of the second item 5", "item 6" where it is one."""
        if self.kind in IMPLIED_KINDS:
            return self.name
        labels = listed(criterion.label for criterion in criteria)
        return f"{labels} of {self.name}" if self.which else labels

    def instance_word(self, criterion: CriterionOutline) -> str:
        """What a claim on one of its cells is for one of, such as "change"; "" where there is nothing to name."""
        return self.per_instance or ((criterion.value_name or "value") if criterion.wanted_values > 1 else "")

    def must_name(self, criterion: CriterionOutline) -> bool:
        """Whether a claim on one of its cells counts only once it says for which: of an open set it may be for all."""
        return self.instances is not None or criterion.wanted_values > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionOutline:
    """*Cover*, *do* or *know*, with its heading and instruction; only sections that hold something exist."""

    section: Section
    title: str
    instruction: str
    groups: tuple[GroupOutline, ...]

    @property
    def anchor(self) -> str:
        """Its id on a page."""
        return f"section-{self.section.value}"

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
        return tuple(criterion for _, criterion in self.cells.values())

    @cached_property
    def ticked(self) -> tuple[GroupOutline, ...]:
        """The items that claims are made in."""
        return tuple(group for group in self.groups if group.is_ticked)

    @cached_property
    def cells(self) -> Mapping[int, tuple[GroupOutline, CriterionOutline]]:
        """Each cell that is claimed against with its item, by id, in reading order."""
        return {criterion.id: (group, criterion) for group in self.ticked for criterion in group.criteria}

    @cached_property
    def instance_words(self) -> frozenset[str]:
        """What the candidate names: changes, risks, media."""
        return frozenset(to_name.word for to_name in self.to_name)

    @cached_property
    def asks(self) -> tuple[Confirmed, ...]:
        """What the assessor confirms of the unit: conditions, open sets, and where nothing is ticked items 1 to 3."""
        found: list[Confirmed] = [] if self.ticked else [(Ask.NOTES, None)]
        for group in self.groups:
            if group.kind is GroupKind.CONDITION:
                found.append((Ask.CONDITION, group.id))
            elif group.is_open_set:
                found.append((Ask.EVERY_INSTANCE, group.id))
        return tuple(found)

    @cached_property
    def doubled(self) -> frozenset[str]:
        """The labels that are printed more than once in it."""
        return doubled_labels(self.groups)

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
        return self.cells[criterion_id][0].position

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
        group, criterion = self.cells[criterion_id]
        return group.instance_word(criterion)

    def must_name_instance(self, criterion_id: int) -> bool:
        """Whether a claim on this cell counts only once it says for which (`GroupOutline.must_name`)."""
        group, criterion = self.cells[criterion_id]
        return group.must_name(criterion)

    @cached_property
    def to_name(self) -> tuple[ToName, ...]:
        """Everything that the candidate names here, in print order; items with the same word share it."""
        found: dict[str, tuple[list[int | None], list[GroupOutline]]] = {}
        for group, criterion in self.cells.values():
            if word := group.instance_word(criterion):
                wanted, groups = found.setdefault(word, ([], []))
                wanted.append(group.instances if group.per_instance else criterion.wanted_values)
                groups.append(group)
        return tuple(
            ToName(word, max((one for one in wanted if one), default=None), tuple(dict.fromkeys(groups)))
            for word, (wanted, groups) in found.items()
        )


def doubled_labels(groups: Iterable[GroupOutline]) -> frozenset[str]:
    """The labels that are printed more than once, since the print repeats numbers (PRACTICE §2)."""
    found = Counter(label for group in groups for label in group.labels)
    return frozenset(label for label, times in found.items() if times > 1)
