"""What the page of an item's claims shows: every cell of the candidate's units, and what stands on it already."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from centres.permissions import why_not
from evidence.models import Claim, ClaimState, Evidence, UnitRecord
from evidence.permissions.portfolio import check_unlocked
from evidence.queries.progress import progress_of
from units.coverage import UnitCoverage
from units.kinds import Section
from units.outline import CriterionOutline, GroupOutline, SectionOutline, UnitOutline
from units.queries import outlines
from units.setting_policy import may_count

WHOLE = "unit"

# Live claims by unit record and criterion (None: the unit as a whole).
type Claims = dict[tuple[int, int | None], list[Claim]]


@dataclass(frozen=True, kw_only=True)
class CellToClaim:
    """One cell. ``claim`` is this item's live claim, ``others`` are other items'; no criterion: the unit as a whole."""

    record: UnitRecord
    criterion: CriterionOutline | None
    claim: Claim | None
    comment: str
    others: tuple[Claim, ...]
    is_needed: bool
    barred: str

    @property
    def key(self) -> str:
        """The cell's name in the form."""
        return f"{self.record.pk}-{self.criterion.id if self.criterion else WHOLE}"

    @property
    def label(self) -> str:
        return self.criterion.label if self.criterion else f"{self.record.unit.code}, whole unit"

    @property
    def text(self) -> str:
        return self.criterion.text if self.criterion else "The unit as a whole"

    @property
    def is_accepted(self) -> bool:
        """An accepted claim stays as it is."""
        return self.claim is not None and self.claim.state == ClaimState.ACCEPTED


@dataclass(frozen=True, kw_only=True)
class GroupToClaim:
    outline: GroupOutline
    cells: tuple[CellToClaim, ...]


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
    def cells(self) -> Iterator[CellToClaim]:
        """Every cell in print order, the unit as a whole at the end."""
        for section in self.sections:
            for group in section.groups:
                yield from group.cells
        yield self.whole

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
        .prefetch_related("judgements")
    )
    for claim in live:
        claims[claim.record_id, claim.criterion_id].append(claim)
    return [_unit(evidence, record, units[record.unit_id], claims, progress[record.pk].coverage) for record in records]


def _unit(
    evidence: Evidence, record: UnitRecord, outline: UnitOutline, claims: Claims, accepted: UnitCoverage
) -> UnitToClaim:
    version = evidence.current_version
    assert version is not None  # an item is made together with its first version

    def barred_in(section: Section) -> str:
        ruling = may_count(outline.setting_policy, version.setting, section)
        return "" if ruling.allowed else ruling.reason

    def cell(criterion: CriterionOutline | None, section: Section, is_needed: bool) -> CellToClaim:
        here = claims.get((record.pk, criterion.id if criterion else None), [])
        mine = next((claim for claim in here if claim.evidence_id == evidence.pk), None)
        judgements = list(mine.judgements.all()) if mine else []
        return CellToClaim(
            record=record,
            criterion=criterion,
            claim=mine,
            comment=judgements[-1].comment if judgements and mine and mine.state == ClaimState.RETURNED else "",
            others=tuple(claim for claim in here if claim.evidence_id != evidence.pk),
            is_needed=is_needed,
            barred=barred_in(section),
        )

    def group(item: GroupOutline) -> GroupToClaim:
        cells = [
            cell(
                criterion,
                criterion.section,
                accepted.by_criterion[criterion.id].is_needed,
            )
            for criterion in item.criteria
            if criterion.is_ticked
        ]
        return GroupToClaim(outline=item, cells=tuple(cells))

    return UnitToClaim(
        record=record,
        outline=outline,
        locked=why_not(check_unlocked, record),
        sections=tuple(
            SectionToClaim(
                outline=section,
                groups=tuple(group(item) for item in section.groups if item.is_ticked),
                barred=barred_in(section.section),
            )
            for section in outline.sections
        ),
        whole=cell(None, Section.COVER, accepted.wants_whole_unit and not accepted.is_covered),
        needed=accepted.required,
        accepted=accepted.accepted,
    )
