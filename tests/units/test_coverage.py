"""Coverage as a pure rule: literal cases of R1, R2, R3 and Q12, and what must hold for every unit there can be."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from units.coverage import Need, Point, progress
from units.kinds import TICKED_KINDS, GroupKind, Section


def need(
    group_id: int, *points: int, at_least: int | None = None, kind: GroupKind = GroupKind.POINTS, wanted: int = 1
) -> Need:
    return Need(
        group_id=group_id,
        section=Section.COVER,
        kind=kind,
        label=str(group_id),
        points=tuple(Point(point, f"{group_id}.{point}", "", wanted) for point in points),
        at_least=at_least,
    )


@pytest.mark.parametrize(
    ("needs", "met", "whole", "expected"),
    [
        pytest.param([need(1, 11, 12)], set(), False, (0, 2), id="nothing met"),
        pytest.param([need(1, 11, 12)], {11}, False, (1, 2), id="every point is needed"),
        pytest.param([need(1, 11, 12)], {11, 12}, False, (2, 2), id="all of them"),
        pytest.param([need(1, 11, 12)], {99}, False, (0, 2), id="points of other units do not count"),
        pytest.param([need(1, 11, 12)], set(), True, (0, 2), id="the whole unit stands in for no point"),
        pytest.param([need(1, 11, 12, 13, 14, at_least=2)], {11}, False, (1, 2), id="two of four, one met"),
        pytest.param([need(1, 11, 12, 13, 14, at_least=2)], {11, 14}, False, (2, 2), id="two of four reads 2/2"),
        pytest.param([need(1, 11, 12, 13, at_least=2)], {11, 12, 13}, False, (2, 2), id="more is welcome"),
        pytest.param([need(1, 11, at_least=1), need(2, 21)], {11}, False, (1, 2), id="one group does not feed another"),
        pytest.param([], set(), False, (0, 1), id="nothing to tick: 0 of 0 is not done"),
        pytest.param([], set(), True, (1, 1), id="nothing to tick: the whole unit is claimed"),
        pytest.param([], {11}, False, (0, 1), id="nothing to tick: a stray point is no claim on the whole"),
        pytest.param([need(1, 11, kind=GroupKind.EXAMPLE)], {11}, False, (0, 1), id="examples are never ticked"),
        pytest.param([need(1, kind=GroupKind.CONDITION), need(2, 21)], set(), True, (0, 1), id="nor conditions"),
        pytest.param([need(1, 11, kind=GroupKind.OBLIGATION)], {11}, False, (1, 1), id="an obligation is one cell"),
        pytest.param([need(1, 11, kind=GroupKind.DISTINCT, wanted=2)], {11}, False, (1, 2), id="one medium of two"),
    ],
)
def test_cases(needs: list[Need], met: set[int], whole: bool, expected: tuple[int, int]) -> None:
    coverage = progress(needs, met, whole)
    assert (coverage.met, coverage.needed) == expected
    assert coverage.is_complete is (expected[0] == expected[1])


def test_distinct_values_fill_a_cell_together() -> None:
    """ "two different communication media": the second medium completes it, a third is welcome."""
    media = need(7, 71, kind=GroupKind.DISTINCT, wanted=2)
    assert [progress([media], {71}, False, {71: n}).met for n in (1, 2, 3)] == [1, 2, 2]
    assert progress([media], set(), False, {71: 5}).met == 0


def test_missing_says_what_would_help() -> None:
    two_of_three, both = need(1, 11, 12, 13, at_least=2), need(2, 21, 22)
    first, second = progress([two_of_three, both], {12, 22}, False).missing()
    assert (first.group_id, [point.id for point in first.points], first.still_needed) == (1, [11, 13], 1)
    assert (second.group_id, [point.id for point in second.points], second.still_needed) == (2, [21], 1)
    (whole,) = progress([], set(), False).missing()
    assert (whole.group_id, whole.points, whole.still_needed) == (None, (), 1)


@st.composite
def units(draw: st.DrawFn) -> tuple[list[Need], set[int]]:
    needs = []
    for number in range(draw(st.integers(0, 5))):
        points = tuple(
            Point(number * 10 + n, f"{number}{n}", "", draw(st.integers(1, 3))) for n in range(draw(st.integers(0, 5)))
        )
        kind = draw(st.sampled_from(GroupKind))
        at_least = draw(st.none() | st.integers(1, len(points))) if points and kind is GroupKind.POINTS else None
        needs.append(Need(group_id=number, section=Section.COVER, kind=kind, points=points, at_least=at_least))
    ids = [point.id for entry in needs for point in entry.points]
    return needs, set(draw(st.lists(st.sampled_from(ids), unique=True))) if ids else set()


values = st.dictionaries(st.integers(0, 60), st.integers(0, 4))


@given(units(), st.booleans(), values)
def test_met_never_exceeds_needed_and_nothing_is_needed_by_no_unit(
    unit: tuple[list[Need], set[int]], whole: bool, shown: dict[int, int]
) -> None:
    needs, met = unit
    coverage = progress(needs, met, whole, shown)
    assert 0 <= coverage.met <= coverage.needed
    assert coverage.needed >= 1
    assert all(0 <= group.met <= group.needed for group in coverage.groups)


@given(units(), st.booleans(), values)
def test_complete_exactly_when_nothing_is_missing(
    unit: tuple[list[Need], set[int]], whole: bool, shown: dict[int, int]
) -> None:
    needs, met = unit
    coverage = progress(needs, met, whole, shown)
    missing = coverage.missing()
    assert coverage.is_complete is (missing == ())
    assert sum(entry.still_needed for entry in missing) == coverage.needed - coverage.met
    assert all(point.id not in met or point.wanted > 1 for entry in missing for point in entry.points)


@given(units(), st.integers(0, 60), st.booleans(), values)
def test_more_never_lowers_progress(
    unit: tuple[list[Need], set[int]], extra: int, whole: bool, shown: dict[int, int]
) -> None:
    needs, met = unit
    before = progress(needs, met, whole, shown)
    for after in (
        progress(needs, met | {extra}, whole, shown),
        progress(needs, met, True, shown),
        progress(needs, met, whole, shown | {extra: shown.get(extra, 0) + 1}),
    ):
        assert (after.met, after.needed) >= (before.met, before.needed)
        assert after.needed == before.needed


@given(units())
def test_meeting_what_is_missing_completes_the_unit(unit: tuple[list[Need], set[int]]) -> None:
    needs, met = unit
    plenty = {point.id: point.wanted for entry in needs for point in entry.points}
    helped = {point.id for entry in progress(needs, met, False, plenty).missing() for point in entry.points}
    assert progress(needs, met | helped, True, plenty).is_complete


@given(units(), st.booleans())
def test_what_is_never_ticked_never_counts(unit: tuple[list[Need], set[int]], whole: bool) -> None:
    needs, met = unit
    ticked = [entry for entry in needs if entry.kind in TICKED_KINDS]
    others = [replace(entry, kind=GroupKind.SCOPE, at_least=None, group_id=-1) for entry in needs]
    assert progress(ticked, met, whole) == progress([*others, *needs], met, whole)
