"""What holds of coverage whatever the unit and the claims, and that it agrees with a slow, obvious reading."""

from dataclasses import replace
from itertools import combinations
from random import Random

import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from tests.units.coverage_builders import cell, claim, facts, item, unit
from units.coverage import ClaimFacts, Named, UnitFacts, Verdict, cover
from units.gaps import gaps_of
from units.kinds import GroupKind, Section
from units.methods import Method
from units.outline import CriterionOutline, GroupOutline, UnitOutline
from units.setting_policy import RULES, Reach, Setting, SettingPolicy

NAMED = (
    *(Named(id, "change", f"change {id}") for id in (901, 902, 903)),
    *(Named(id, "risk", f"risk {id}") for id in (911, 912)),
    *(Named(id, "medium", f"medium {id}") for id in (921, 922, 923)),
)
METHODS = st.frozensets(st.sampled_from(Method), min_size=1, max_size=2)


@st.composite
def items(draw: st.DrawFn, group_id: int) -> GroupOutline:
    """One item of any kind of rule."""
    section = draw(st.sampled_from(Section))
    shape = draw(
        st.sampled_from(["all", "at least", "distinct", "obligation", "changes", "risks", "condition", "scope"])
    )
    if shape in ("condition", "scope"):
        return item(group_id, kind=GroupKind(shape), section=section)
    if shape == "distinct":
        point = cell(group_id * 10, f"{group_id}", wanted_values=draw(st.integers(2, 3)), value_name="medium")
        return item(group_id, point, kind=GroupKind.DISTINCT, section=section)
    points = [
        cell(
            group_id * 10 + place,
            f"{group_id}{place}",
            times=draw(st.sampled_from([1, 1, 1, 2])),
            methods=draw(st.sampled_from([frozenset[Method](), frozenset({Method.OBSERVATION})])),
        )
        for place in range(1 if shape == "obligation" else draw(st.integers(1, 3)))
    ]
    kind = GroupKind.OBLIGATION if shape == "obligation" else GroupKind.POINTS
    at_least = draw(st.integers(1, len(points))) if shape == "at least" or draw(st.integers(0, 4)) == 0 else None
    instances = {"changes": {"per_instance": "change", "instances": 2}, "risks": {"per_instance": "risk"}}
    if shape == "obligation":
        at_least = None
    return item(group_id, *points, kind=kind, section=section, at_least=at_least, **instances.get(shape, {}))


@st.composite
def units(draw: st.DrawFn) -> UnitOutline:
    needs = [draw(items(group_id)) for group_id in range(1, draw(st.integers(0, 4)) + 1)]
    return unit(*needs, policy=draw(st.sampled_from(SettingPolicy)))


@st.composite
def claims_for(draw: st.DrawFn, outline: UnitOutline) -> ClaimFacts:
    criterion = draw(st.sampled_from([None, *outline.cells]))
    instance = None
    if criterion is not None:
        need, point = outline.cells[criterion]
        word = need.instance_word(point)
        instance = draw(st.sampled_from([None, *(one.id for one in NAMED if one.of == word)]))
    return claim(
        criterion,
        draw(st.integers(1, 4)),
        instance,
        setting=draw(st.sampled_from([*[Setting.REAL_JOB] * 4, *Setting])),
        methods=draw(METHODS),
        verdict=draw(st.sampled_from(Verdict)),
        is_offered=draw(st.booleans()),
    )


def whole(outline: UnitOutline) -> list[ClaimFacts]:
    """Accepted claims that leave nothing out: everything for every name there is, by observation in a real job."""
    found = [claim(None, 1, methods=frozenset({Method.OBSERVATION}))]
    for need, point in outline.cells.values():
        word = need.instance_word(point)
        for one in [one.id for one in NAMED if one.of == word] or [None]:
            for evidence in range(1, point.times + 1):
                found.append(claim(point.id, evidence, one, methods=frozenset({Method.OBSERVATION})))
    return found


@st.composite
def cases(draw: st.DrawFn) -> tuple[UnitOutline, UnitFacts]:
    """Half of them are whole but for a claim or two, so that done and nearly done are both met with often."""
    outline = draw(units())
    if draw(st.booleans()):
        every = whole(outline)
        missing = draw(st.sets(st.integers(0, len(every) - 1), max_size=2))
        claims = [one for place, one in enumerate(every) if place not in missing]
        confirmed = set(outline.asks)
    else:
        places = {"unique_by": lambda one: (one.evidence_id, one.criterion_id, one.instance_id)}
        claims = draw(st.lists(claims_for(outline), max_size=14, **places))
        confirmed = draw(st.sets(st.sampled_from(outline.asks))) if outline.asks else set()
    absent = draw(st.sets(st.sampled_from(NAMED), max_size=3))
    named = tuple(one for one in NAMED if one not in absent)
    ids = {one.id for one in named}
    kept = tuple(one for one in claims if one.instance_id is None or one.instance_id in ids)
    waived = draw(st.frozensets(st.sampled_from([*outline.cells]), max_size=1)) if outline.cells else frozenset[int]()
    return outline, facts(*kept, named=named, waived=waived, confirmed=tuple(confirmed))


# --- The rules written a second time, as one would check them with a pencil ------------------------------------------


def counts(outline: UnitOutline, one: ClaimFacts) -> bool:
    """R5 and the criterion's methods, straight from the table."""
    need, point = outline.cells.get(one.criterion_id or 0, (None, None))
    section = need.section if need else Section.COVER
    reach = RULES[outline.setting_policy][one.setting]
    if reach is Reach.NONE or (reach is Reach.KNOW and section is not Section.KNOW):
        return False
    return not (point and point.methods) or bool(point.methods & one.methods)


def is_full(
    need: GroupOutline, point: CriterionOutline, given: UnitFacts, claims: list[ClaimFacts], instance: Named | None
) -> bool:
    if point.id in given.waived:
        return True
    here = [one for one in claims if one.criterion_id == point.id]
    if point.wanted_values > 1:
        return len({one.instance_id for one in here if one.instance_id is not None}) >= point.wanted_values
    if instance is not None:
        for_all = need.instances is None
        here = [one for one in here if one.instance_id == instance.id or (for_all and one.instance_id is None)]
    return len({one.evidence_id for one in here}) >= point.times


def holds(need: GroupOutline, given: UnitFacts, claims: list[ClaimFacts], instance: Named | None) -> bool:
    full = sum(is_full(need, point, given, claims, instance) for point in need.cells)
    return full >= (need.at_least or len(need.cells))


def must_name(need: GroupOutline, point: CriterionOutline) -> bool:
    return bool(need.instances) or point.wanted_values > 1


def is_done(outline: UnitOutline, given: UnitFacts) -> bool:
    """Whether a unit is covered and confirmed, by trying every pair of changes."""
    claims = [one for one in given.claims if one.verdict is Verdict.ACCEPTED and counts(outline, one)]
    ticked = [need for need in outline.groups if need.cells]
    if any(ask not in given.confirmed for ask in outline.asks):
        return False
    if not ticked:
        return any(one.criterion_id is None for one in claims)
    plain = [need for need in ticked if not need.per_instance]
    risks = [need for need in ticked if need.per_instance == "risk"]
    changes = [need for need in ticked if need.per_instance == "change"]
    named = {word: [one for one in given.named if one.of == word] for word in ("change", "risk")}
    every_risk: list[Named | None] = [*named["risk"]] or [None]
    placed = [
        one
        for one in claims
        if one.criterion_id is None or one.instance_id is not None or not must_name(*outline.cells[one.criterion_id])
    ]
    return (
        bool(placed)
        and all(holds(need, given, claims, None) for need in plain)
        and all(holds(need, given, claims, risk) for need in risks for risk in every_risk)
        and (
            not changes
            or any(
                all(holds(need, given, claims, change) for need in changes for change in pair)
                for pair in combinations(named["change"], 2)
            )
        )
    )


@given(cases())
def test_the_engine_agrees_with_the_pencil(case: tuple[UnitOutline, UnitFacts]) -> None:
    assert cover(*case).is_satisfied is is_done(*case)


@given(cases())
def test_what_is_not_done_has_a_sentence(case: tuple[UnitOutline, UnitFacts]) -> None:
    coverage = cover(*case)
    assert coverage.is_satisfied or gaps_of(coverage)


@pytest.mark.parametrize("wanted", [True, False])
def test_done_and_not_done_are_both_met_with(wanted: bool) -> None:
    """Of a strategy that made nothing but bare units, the properties would say little."""
    outline, given_facts = find(cases(), lambda case: is_done(*case) is wanted and len(case[0].ticked) > 2)
    assert cover(outline, given_facts).is_satisfied is wanted


@given(cases(), st.data())
def test_accepting_a_claim_never_lowers_coverage(case: tuple[UnitOutline, UnitFacts], data: st.DataObject) -> None:
    outline, given_facts = case
    if not given_facts.claims:
        return
    chosen = data.draw(st.sampled_from(given_facts.claims))
    accepted = replace(chosen, verdict=Verdict.ACCEPTED)
    after = replace(given_facts, claims=tuple(accepted if one == chosen else one for one in given_facts.claims))
    assert_no_less(outline, given_facts, after)


@given(cases(), st.data())
def test_withdrawing_a_claim_never_raises_coverage(case: tuple[UnitOutline, UnitFacts], data: st.DataObject) -> None:
    outline, given_facts = case
    if not given_facts.claims:
        return
    chosen = data.draw(st.sampled_from(given_facts.claims))
    after = replace(given_facts, claims=tuple(one for one in given_facts.claims if one != chosen))
    assert_no_less(outline, after, given_facts)


def assert_no_less(outline: UnitOutline, before: UnitFacts, after: UnitFacts) -> None:
    """In every measure and at every level."""
    less, more = cover(outline, before), cover(outline, after)
    assert more.accepted >= less.accepted
    assert more.is_satisfied or not less.is_satisfied
    for low, high in zip(less.groups, more.groups, strict=True):
        assert high.accepted >= low.accepted
        for lower, higher in zip(low.criteria, high.criteria, strict=True):
            assert higher.accepted >= lower.accepted


@given(cases(), st.randoms())
def test_the_order_of_claims_is_irrelevant(case: tuple[UnitOutline, UnitFacts], random: Random) -> None:
    outline, given_facts = case
    shuffled = list(given_facts.claims)
    random.shuffle(shuffled)
    first, second = cover(outline, given_facts), cover(outline, replace(given_facts, claims=tuple(shuffled)))
    assert (first.required, first.claimed, first.accepted) == (second.required, second.claimed, second.accepted)
    assert first.groups == second.groups
    assert {gap.what for gap in gaps_of(first) if not gap.evidence} == {
        gap.what for gap in gaps_of(second) if not gap.evidence
    }


@given(cases())
def test_no_unit_is_done_without_an_accepted_claim(case: tuple[UnitOutline, UnitFacts]) -> None:
    coverage = cover(*case)
    if coverage.is_satisfied:
        assert any(one.verdict is Verdict.ACCEPTED for one in coverage.facts.claims)
    assert coverage.required >= 1


@given(cases())
def test_accepted_never_passes_claimed_nor_claimed_required(case: tuple[UnitOutline, UnitFacts]) -> None:
    coverage = cover(*case)
    for one in (coverage, *coverage.groups, *coverage.by_criterion.values()):
        assert 0 <= one.accepted <= one.claimed <= one.required
