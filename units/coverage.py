"""How far a unit is covered (R1, R2, R3, Q9, Q12). Pure: dataclasses in, dataclasses out, no database."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from units.kinds import TICKED_KINDS, GroupKind, Section

WHOLE_UNIT_LABEL = "Whole unit"
WHOLE_UNIT_TEXT = "At least one piece of evidence for the unit as a whole"


@dataclass(frozen=True, slots=True)
class Point:
    """One cell that a reference goes into. `wanted` is how many distinct values it takes to fill it."""

    id: int
    label: str
    text: str
    wanted: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One numbered item of a unit. Without `at_least`, every point is needed."""

    group_id: int
    section: Section
    kind: GroupKind
    label: str = ""
    text: str = ""
    points: tuple[Point, ...] = ()
    at_least: int | None = None

    @property
    def is_ticked(self) -> bool:
        """Whether anything has to be claimed here: conditions, examples and scope notes are never ticked."""
        return self.kind in TICKED_KINDS and bool(self.points)


@dataclass(frozen=True, slots=True)
class Missing:
    """What is still to be shown in one place: all of `points`, or `still_needed` of them where that is fewer."""

    group_id: int | None
    section: Section | None
    label: str
    text: str
    points: tuple[Point, ...]
    still_needed: int


@dataclass(frozen=True, slots=True)
class GroupCoverage:
    """One item's share: `needed` and `met` count cells, `met_points` are the ids of those that are full."""

    need: Need
    needed: int
    met: int
    met_points: frozenset[int]

    @property
    def is_complete(self) -> bool:
        return self.met >= self.needed


@dataclass(frozen=True, slots=True)
class Coverage:
    """A unit's coverage: `met` of `needed` cells, and the same per ticked group in print order.

    `wants_whole_unit` marks a unit with nothing to tick: its one need is an accepted claim on the unit as a whole.
    """

    needed: int
    met: int
    groups: tuple[GroupCoverage, ...]
    wants_whole_unit: bool = False

    @property
    def is_complete(self) -> bool:
        return self.met >= self.needed

    def missing(self) -> tuple[Missing, ...]:
        """What is still missing, per group and point, in print order; empty exactly when the unit is complete."""
        if self.wants_whole_unit and not self.is_complete:
            return (Missing(None, None, WHOLE_UNIT_LABEL, WHOLE_UNIT_TEXT, (), 1),)
        return tuple(_missing_in(group) for group in self.groups if not group.is_complete)

    def of(self, group_id: int) -> GroupCoverage | None:
        """The share of one group, or None where nothing is ticked in it."""
        return next((group for group in self.groups if group.need.group_id == group_id), None)


def progress(
    needs: Iterable[Need],
    met: Set[int],
    whole_unit_met: bool,
    values: Mapping[int, int] | None = None,
) -> Coverage:
    """Count what is covered.

    `needs` are the unit's items, `met` the ids of points with at least one claim that counts, `whole_unit_met` whether
    a claim on the unit as a whole counts. `values` says, for points that want several, how many distinct values their
    claims show; a met point shows one unless it says more.

    "n of N" needs n distinct points and reads n/n, more is welcome (R2, Q9). A point that wants several values is
    as many cells. A unit with nothing to tick needs one claim on the whole (Q12): 0 of 0 is not done. Raises nothing.
    """
    shown = values or {}
    groups = tuple(_cover(need, met, shown) for need in needs if need.is_ticked)
    if not groups:
        return Coverage(needed=1, met=int(whole_unit_met), groups=(), wants_whole_unit=True)
    return Coverage(
        needed=sum(group.needed for group in groups),
        met=sum(group.met for group in groups),
        groups=groups,
    )


def _cover(need: Need, met: Set[int], values: Mapping[int, int]) -> GroupCoverage:
    filled = {
        point.id: min(point.wanted, max(1, values.get(point.id, 1))) if point.id in met else 0 for point in need.points
    }
    full = frozenset(point.id for point in need.points if filled[point.id] == point.wanted)
    if need.at_least is not None:
        return GroupCoverage(need, need.at_least, min(need.at_least, len(full)), full)
    return GroupCoverage(need, sum(point.wanted for point in need.points), sum(filled.values()), full)


def _missing_in(group: GroupCoverage) -> Missing:
    need = group.need
    points = tuple(point for point in need.points if point.id not in group.met_points)
    return Missing(need.group_id, need.section, need.label, need.text, points, group.needed - group.met)
