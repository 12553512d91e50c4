"""What the page of an item's claims shows: every cell of the candidate's units, and what stands on it already."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from centres.permissions import why_not
from evidence.models import Claim, ClaimState, Evidence
from evidence.progress import progress_of
from registrations.models import UnitRecord
from registrations.unit_records import check_unlocked
from units.coverage import Named, UnitCoverage
from units.kinds import Section
from units.outline import CriterionOutline, GroupOutline, SectionOutline, ToName, UnitOutline
from units.queries import outlines
from units.setting_policy import may_count
from units.text import several

WHOLE = "unit"

# Live claims by unit record, criterion (None: the unit as a whole) and instance (None: none, or all of them).
type Claims = dict[tuple[int, int | None, int | None], list[Claim]]


@dataclass(frozen=True, kw_only=True)
class CellToClaim:
    """One cell. ``claim`` is this item's live claim, ``others`` are other items'; no criterion: the unit as a whole.

    ``instance``: the change, medium or risk that it is for, where the unit asks for several (R3); ``word`` is what they
    are. ``is_split``: it is one of several lines of its point; ``is_unplaced``: it ought to say which, and does not.
    """

    record: UnitRecord
    criterion: CriterionOutline | None
    instance: Named | None = None
    word: str = ""
    is_split: bool = False
    is_unplaced: bool = False
    claim: Claim | None
    comment: str
    others: tuple[Claim, ...]
    is_needed: bool
    barred: str

    @property
    def key(self) -> str:
        """The cell's name in the form."""
        whole = f"{self.record.pk}-{self.criterion.id if self.criterion else WHOLE}"
        return f"{whole}-{self.instance.id}" if self.instance else whole

    @property
    def label(self) -> str:
        if self.criterion is None:
            return f"{self.record.unit.code}, whole unit"
        return f"{self.criterion.label} for “{self.instance.name}”" if self.instance else self.criterion.label

    @property
    def text(self) -> str:
        return self.criterion.text if self.criterion else "The unit as a whole"

    @property
    def instance_text(self) -> str:
        """Which of several it is for, as one line of the point; "" where the point has one line only."""
        if self.instance:
            return self.instance.name
        return f"No {self.word} named" if self.is_unplaced else f"Every {self.word}"

    @property
    def is_accepted(self) -> bool:
        """An accepted claim stays as it is."""
        return self.claim is not None and self.claim.state == ClaimState.ACCEPTED


@dataclass(frozen=True, kw_only=True)
class PointToClaim:
    """One criterion with its cells: one, or one for each change, medium or risk that was named (R3).

    ``is_split``: the cells are lines of their own below the point, and there may be none of them yet.
    """

    criterion: CriterionOutline
    cells: tuple[CellToClaim, ...]
    is_split: bool
    word: str
    note: str


@dataclass(frozen=True, kw_only=True)
class WordToName:
    """What the candidate names here before claiming; ``is_enough`` once as many are named as the unit asks for."""

    record: UnitRecord
    position: int
    asked: ToName
    named: int

    @property
    def key(self) -> str:
        """Its name in the form."""
        return f"{self.record.pk}-{self.position}"

    @property
    def several(self) -> str:
        """The word in the plural."""
        return several(self.asked.word)

    @property
    def is_enough(self) -> bool:
        return self.named >= (self.asked.wanted or 1)


@dataclass(frozen=True, kw_only=True)
class GroupToClaim:
    """One item. ``to_name``: what is named at it, which is the first that speaks of it."""

    outline: GroupOutline
    points: tuple[PointToClaim, ...]
    to_name: tuple[WordToName, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SectionToClaim:
    outline: SectionOutline
    groups: tuple[GroupToClaim, ...]
    barred: str


@dataclass(frozen=True, kw_only=True)
class UnitToClaim:
    """One unit record. ``locked`` says why nothing can be claimed in it, and is empty where something can."""

    record: UnitRecord
    outline: UnitOutline
    locked: str
    sections: tuple[SectionToClaim, ...]
    whole: CellToClaim
    needed: int
    accepted: int

    @property
    def points(self) -> Iterator[PointToClaim]:
        """Every criterion in print order."""
        for section in self.sections:
            for group in section.groups:
                yield from group.points

    @property
    def cells(self) -> Iterator[CellToClaim]:
        """Every cell in print order, the unit as a whole at the end."""
        for point in self.points:
            yield from point.cells
        yield self.whole

    @property
    def to_name(self) -> Iterator[WordToName]:
        """Everything that is named in the unit."""
        for section in self.sections:
            for group in section.groups:
                yield from group.to_name

    @property
    def barred(self) -> str:
        """Why evidence from this setting counts nowhere in the unit; empty where it counts for something (R5)."""
        reasons = {cell.barred for cell in self.cells}
        return reasons.pop() if len(reasons) == 1 else ""

    @property
    def claimed_here(self) -> tuple[Claim, ...]:
        """This item's live claims in the unit."""
        return tuple(cell.claim for cell in self.cells if cell.claim is not None)


def units_to_claim(evidence: Evidence) -> list[UnitToClaim]:
    """All unit records of the item's portfolio with their cells, in a constant number of queries."""
    records = list(UnitRecord.objects.filter(portfolio=evidence.portfolio_id).select_related("unit", "registration"))
    units = outlines({record.unit_id for record in records})
    progress = progress_of(records)
    claims: Claims = defaultdict(list)
    live = (
        Claim.objects.filter(record__in=[record.pk for record in records])
        .exclude(state=ClaimState.WITHDRAWN)
        .select_related("evidence")
    )
    for claim in live:
        claims[claim.record_id, claim.criterion_id, claim.instance_id].append(claim)
    return [
        _Builder(evidence, record, units[record.unit_id], claims, progress[record.pk].coverage).unit()
        for record in records
    ]


class _Builder:
    """One unit record with its cells, built from what was read."""

    def __init__(
        self, evidence: Evidence, record: UnitRecord, outline: UnitOutline, claims: Claims, coverage: UnitCoverage
    ) -> None:
        version = evidence.current_version
        assert version is not None  # an item is made together with its first version
        self._setting = version.setting
        self._evidence, self._record, self._outline = evidence, record, outline
        self._claims, self._coverage = claims, coverage

    def unit(self) -> UnitToClaim:
        coverage = self._coverage
        return UnitToClaim(
            record=self._record,
            outline=self._outline,
            locked=why_not(check_unlocked, self._record),
            sections=tuple(
                SectionToClaim(
                    outline=section,
                    groups=tuple(self._group(item) for item in section.groups if item.is_ticked),
                    barred=self._barred_in(section.section),
                )
                for section in self._outline.sections
            ),
            whole=self._cell(None, is_needed=coverage.wants_whole_unit and not coverage.is_covered),
            needed=coverage.required,
            accepted=coverage.accepted,
        )

    def _barred_in(self, section: Section) -> str:
        ruling = may_count(self._outline.setting_policy, self._setting, section)
        return "" if ruling.allowed else ruling.reason

    def _group(self, item: GroupOutline) -> GroupToClaim:
        return GroupToClaim(
            outline=item,
            points=tuple(self._point(item, criterion) for criterion in item.criteria if criterion.is_ticked),
            to_name=tuple(
                WordToName(record=self._record, position=position, asked=asked, named=len(self._named(asked.word)))
                for position, asked in enumerate(self._outline.to_name, start=1)
                if asked.groups[0] is item
            ),
        )

    def _point(self, item: GroupOutline, criterion: CriterionOutline) -> PointToClaim:
        is_needed = self._coverage.by_criterion[criterion.id].is_needed
        word = self._outline.instance_word(criterion.id)
        must_name = self._outline.must_name_instance(criterion.id)
        named = self._named(word)
        is_split = must_name or bool(named)
        cell = partial(self._cell, criterion, word=word, is_split=is_split)
        cells = [cell(is_needed=is_needed, instance=one) for one in named]
        general = cell(is_needed=is_needed and not named, is_unplaced=must_name)
        if not must_name or general.claim:
            cells.insert(0, general)
        return PointToClaim(
            criterion=criterion,
            cells=tuple(cells),
            is_split=is_split,
            word=word,
            note=item.notes_beside(criterion),
        )

    def _named(self, word: str) -> list[Named]:
        return [one for one in self._coverage.facts.named if one.of == word]

    def _cell(
        self,
        criterion: CriterionOutline | None,
        *,
        is_needed: bool,
        instance: Named | None = None,
        word: str = "",
        is_split: bool = False,
        is_unplaced: bool = False,
    ) -> CellToClaim:
        where = (self._record.pk, criterion.id if criterion else None, instance.id if instance else None)
        here = self._claims.get(where, [])
        mine = next((claim for claim in here if claim.evidence_id == self._evidence.pk), None)
        return CellToClaim(
            record=self._record,
            criterion=criterion,
            instance=instance,
            word=word,
            is_split=is_split,
            is_unplaced=is_unplaced,
            claim=mine,
            comment=mine.comment if mine and mine.state == ClaimState.RETURNED else "",
            others=tuple(claim for claim in here if claim.evidence_id != self._evidence.pk),
            is_needed=is_needed,
            barred=self._barred_in(criterion.section if criterion else Section.COVER),
        )
