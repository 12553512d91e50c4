"""The tables of a unit record's page: criteria with the references in their cells, and the evidence assessed. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.urls import reverse

from signoff.contents import ClaimLine, RecordContents
from signoff.to_do import anchor_of
from units.coverage import UnitCoverage
from units.gaps import standing
from units.outline import CriterionOutline, GroupOutline


@dataclass(frozen=True, kw_only=True)
class Chip:
    """An evidence reference in a shaded cell."""

    reference: str
    url: str
    state: str
    locator: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One criterion with the references in its cell. `is_ticked` is false for what is only read."""

    anchor: str
    label: str
    text: str
    is_ticked: bool
    claims: tuple[Chip, ...]
    note: str = ""
    waived: str = ""
    # Nothing more is asked for here, such as a third of "two of these".
    is_unneeded: bool = False


@dataclass(frozen=True, kw_only=True)
class Group:
    """One numbered item: its words, how many points it takes, and its cells."""

    heading: str
    note: str
    standing: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """One of the three tables: what you must cover, do, know."""

    anchor: str
    title: str
    instruction: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, kw_only=True)
class Assessed:
    """A row of the evidence table: reference, title, methods."""

    reference: str
    url: str
    title: str
    methods: str
    state: str


def tables_of(contents: RecordContents, shown: list[tuple[ClaimLine, Chip]]) -> tuple[Table, ...]:
    """Cover, do and know, with the given chips in their cells, the rule of each item and how far it is."""
    waived = {row.criterion_id: f"Waived by {row.waived_by}: {row.reason}" for row in contents.waivers}
    coverage = contents.gate.coverage
    chips: dict[int, list[Chip]] = {}
    for line, chip in shown:
        if line.criterion:
            chips.setdefault(line.criterion.id, []).append(chip)
    return tuple(
        Table(
            anchor=f"section-{section.section.value}",
            title=section.title,
            instruction=section.instruction,
            groups=tuple(_group(group, chips, waived, coverage) for group in section.groups),
        )
        for section in contents.outline.sections
    )


def _group(group: GroupOutline, chips: dict[int, list[Chip]], waived: dict[int, str], coverage: UnitCoverage) -> Group:
    heading = " ".join(filter(None, [group.printed_number, group.text]))
    if group.element and group.element.instruction == group.text:
        heading = f"{group.element.number} {group.text}"
    share = coverage.by_group.get(group.id)
    how_far = standing(share) if share else ""
    return Group(
        heading="" if group.is_implied else heading,
        note=group.notes,
        standing=how_far,
        cells=tuple(_cell(group, criterion, chips, waived, coverage) for criterion in group.criteria),
    )


def _cell(
    group: GroupOutline,
    criterion: CriterionOutline,
    chips: dict[int, list[Chip]],
    waived: dict[int, str],
    coverage: UnitCoverage,
) -> Cell:
    share, cover = coverage.by_group.get(group.id), coverage.by_criterion.get(criterion.id)
    # An item that repeats its one cell has no line of its own to say how far it is.
    how_far = standing(share) if share and group.is_implied else ""
    return Cell(
        anchor=anchor_of(criterion.id),
        label=criterion.label,
        text=criterion.text,
        is_ticked=criterion.is_ticked,
        claims=tuple(chips.get(criterion.id, ())),
        note=" ".join(filter(None, [group.notes_beside(criterion), how_far])),
        is_unneeded=cover is not None and not cover.is_needed,
        waived=waived.get(criterion.id, ""),
    )


def chips_of(lines: Iterable[ClaimLine]) -> list[tuple[ClaimLine, Chip]]:
    """Each line with its chip; the address of an item is made once, however often it is claimed."""
    url_of = cache(lambda evidence_id: reverse("evidence", args=[evidence_id]))
    return [
        (
            line,
            Chip(
                reference=line.reference,
                url=url_of(line.claim.evidence_id),
                state="draft" if line.is_draft else str(line.claim.state),
                locator=line.place,
                title=line.version.title,
            ),
        )
        for line in lines
    ]


def assessed_of(shown: list[tuple[ClaimLine, Chip]]) -> tuple[Assessed, ...]:
    """One row per item. An item counts as accepted here as soon as one of its claims on this unit is."""
    rank = {"accepted": 0, "undecided": 1, "returned": 2, "draft": 3}
    rows: dict[int, Assessed] = {}
    for line, chip in shown:
        earlier = rows.get(line.claim.evidence_id)
        if earlier and rank[earlier.state] <= rank[chip.state]:
            continue
        rows[line.claim.evidence_id] = Assessed(
            reference=chip.reference,
            url=chip.url,
            title=chip.title,
            methods=line.version.method_codes,
            state=chip.state,
        )
    return tuple(rows.values())
