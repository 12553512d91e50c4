"""How far a unit is covered: every kind of rule x met, short, over, wrong setting, returned (R1-R5, Q9-Q12, Q16)."""

import pytest

from tests.units.coverage_builders import CHANGES, MEDIA, NOTES, RISKS, cell, claim, facts, item, several, unit
from units.coverage import UnitFacts, Verdict, cover
from units.gaps import GapKind, Party, gaps_of, over_evidenced
from units.kinds import Ask, GroupKind, Section
from units.methods import Method
from units.outline import UnitOutline
from units.setting_policy import Setting, SettingPolicy

ALL = unit(item(1, 11, 12))
TWO_OF_THREE = unit(item(1, 11, 12, 13, at_least=2))
ONE_OR_MORE = unit(item(1, 11, 12, at_least=1))
MEDIA_WANTED = unit(item(1, several(11, 2), kind=GroupKind.DISTINCT))
INSIDE_A_POINT = unit(item(1, 11, several(12, 2)))
OBLIGATION = unit(item(1, 11, kind=GroupKind.OBLIGATION))
TWO_CHANGES = unit(item(1, 11, 12, per_instance="change", instances=2))
SHARED_CHANGES = unit(item(1, 11, per_instance="change", instances=2), item(2, 21, per_instance="change", instances=2))
EACH_RISK = unit(item(1, 11, 12, per_instance="risk"))
CONDITION = unit(item(1, 11), item(2, kind=GroupKind.CONDITION))
NOTHING = unit(item(1, kind=GroupKind.SCOPE), item(2, 21, kind=GroupKind.EXAMPLE))
TWICE = unit(item(1, cell(11, times=2)))
BY_SIGHT = unit(item(1, cell(11, methods=frozenset({Method.OBSERVATION}))))
KNOW = unit(item(1, 11, section=Section.KNOW))

RETURNED = {"verdict": Verdict.RETURNED}
SIMULATED = {"setting": Setting.SIMULATION}
SAID = ((Ask.EVERY_INSTANCE, 1),)


@pytest.mark.parametrize(
    ("whole", "given", "required", "accepted", "is_satisfied"),
    [
        pytest.param(ALL, facts(claim(11), claim(12)), 2, 2, True, id="all: met"),
        pytest.param(ALL, facts(claim(11)), 2, 1, False, id="all: short"),
        pytest.param(ALL, facts(claim(11), claim(12), claim(12, 2)), 2, 2, True, id="all: over"),
        pytest.param(ALL, facts(claim(11), claim(12, **SIMULATED)), 2, 1, False, id="all: wrong setting"),
        pytest.param(ALL, facts(claim(11), claim(12, **RETURNED)), 2, 1, False, id="all: returned"),
        pytest.param(ALL, facts(), 2, 0, False, id="all: withdrawn, so none"),
        pytest.param(ALL, facts(claim(11), claim(None, 2)), 2, 1, False, id="all: the whole unit fills no cell"),
        pytest.param(TWO_OF_THREE, facts(claim(11), claim(13)), 2, 2, True, id="n of N: met"),
        pytest.param(TWO_OF_THREE, facts(claim(11), claim(11, 2)), 2, 1, False, id="n of N: one point twice is short"),
        pytest.param(TWO_OF_THREE, facts(claim(11), claim(12), claim(13)), 2, 2, True, id="n of N: over reads n/n"),
        pytest.param(TWO_OF_THREE, facts(claim(11), claim(12, **SIMULATED)), 2, 1, False, id="n of N: wrong setting"),
        pytest.param(TWO_OF_THREE, facts(claim(11), claim(12, **RETURNED)), 2, 1, False, id="n of N: returned"),
        pytest.param(ONE_OR_MORE, facts(claim(12)), 1, 1, True, id="one or more: met"),
        pytest.param(ONE_OR_MORE, facts(), 1, 0, False, id="one or more: short"),
        pytest.param(
            MEDIA_WANTED,
            facts(claim(11, 1, 61), claim(11, 1, 62), named=MEDIA),
            2,
            2,
            True,
            id="distinct: one item, two",
        ),
        pytest.param(
            MEDIA_WANTED, facts(claim(11, 1, 61), claim(11, 2, 61), named=MEDIA), 2, 1, False, id="distinct: one twice"
        ),
        pytest.param(
            MEDIA_WANTED,
            facts(claim(11, 1, 61), claim(11, 2, 62), claim(11, 3, 63), named=MEDIA),
            2,
            2,
            True,
            id="distinct: over",
        ),
        pytest.param(MEDIA_WANTED, facts(claim(11), claim(11, 2), named=MEDIA), 2, 0, False, id="distinct: not named"),
        pytest.param(
            MEDIA_WANTED,
            facts(claim(11, 1, 61), claim(11, 2, 62, **SIMULATED), named=MEDIA),
            2,
            1,
            False,
            id="distinct: wrong setting",
        ),
        pytest.param(
            MEDIA_WANTED,
            facts(claim(11, 1, 61), claim(11, 2, 62, **RETURNED), named=MEDIA),
            2,
            1,
            False,
            id="distinct: returned",
        ),
        pytest.param(
            INSIDE_A_POINT, facts(claim(11), claim(12, 1, 61), named=MEDIA), 3, 2, False, id="inside a point: short"
        ),
        pytest.param(
            INSIDE_A_POINT,
            facts(claim(11), claim(12, 1, 61), claim(12, 2, 63), named=MEDIA),
            3,
            3,
            True,
            id="inside a point: met",
        ),
        pytest.param(OBLIGATION, facts(claim(11)), 1, 1, True, id="obligation: met"),
        pytest.param(OBLIGATION, facts(claim(11, **RETURNED)), 1, 0, False, id="obligation: returned"),
        pytest.param(
            TWO_CHANGES,
            facts(*(claim(point, 1, change) for point in (11, 12) for change in (51, 52)), named=CHANGES),
            4,
            4,
            True,
            id="two changes: met",
        ),
        pytest.param(
            TWO_CHANGES,
            facts(claim(11, 1, 51), claim(12, 1, 52), claim(11, 2, 53), named=CHANGES),
            4,
            2,
            False,
            id="two changes: three halves are short",
        ),
        pytest.param(
            TWO_CHANGES,
            facts(*(claim(point, 1, change) for point in (11, 12) for change in (51, 52, 53)), named=CHANGES),
            4,
            4,
            True,
            id="two changes: over",
        ),
        pytest.param(TWO_CHANGES, facts(claim(11), claim(12), named=CHANGES), 4, 0, False, id="two changes: which?"),
        pytest.param(
            TWO_CHANGES,
            facts(claim(11, 1, 51), claim(12, 1, 51), named=CHANGES[:1]),
            4,
            2,
            False,
            id="two changes: one named",
        ),
        pytest.param(
            SHARED_CHANGES,
            facts(claim(11, 1, 51), claim(11, 1, 52), claim(21, 1, 52), claim(21, 1, 53), named=CHANGES),
            4,
            3,
            False,
            id="the same two in both items: short",
        ),
        pytest.param(
            SHARED_CHANGES,
            facts(*(claim(point, 1, change) for point in (11, 21) for change in (52, 53)), named=CHANGES),
            4,
            4,
            True,
            id="the same two in both items: met",
        ),
        pytest.param(EACH_RISK, facts(claim(11), claim(12), confirmed=SAID), 2, 2, True, id="open set: none named"),
        pytest.param(EACH_RISK, facts(claim(11), claim(12)), 2, 2, False, id="open set: not confirmed"),
        pytest.param(
            EACH_RISK,
            facts(claim(11), claim(12, 1, 71), named=RISKS, confirmed=SAID),
            4,
            3,
            False,
            id="open set: one for all, one for one",
        ),
        pytest.param(
            EACH_RISK,
            facts(claim(11), claim(12, 1, 71), claim(12, 2, 72), named=RISKS, confirmed=SAID),
            4,
            4,
            True,
            id="open set: each named",
        ),
        pytest.param(CONDITION, facts(claim(11)), 1, 1, False, id="condition: open"),
        pytest.param(CONDITION, facts(claim(11), confirmed=((Ask.CONDITION, 2),)), 1, 1, True, id="condition: met"),
        pytest.param(NOTHING, facts(), 1, 0, False, id="nothing to tick: 0 of 0 is not done"),
        pytest.param(NOTHING, facts(confirmed=(NOTES,)), 1, 0, False, id="nothing to tick: words alone"),
        pytest.param(NOTHING, facts(claim(None)), 1, 1, False, id="nothing to tick: a claim alone"),
        pytest.param(NOTHING, facts(claim(None), confirmed=(NOTES,)), 1, 1, True, id="nothing to tick: met"),
        pytest.param(
            NOTHING,
            facts(claim(None, **SIMULATED), confirmed=(NOTES,)),
            1,
            0,
            False,
            id="nothing to tick: wrong setting",
        ),
        pytest.param(TWICE, facts(claim(11), claim(11, 2)), 2, 2, True, id="shown twice: met"),
        pytest.param(TWICE, facts(claim(11)), 2, 1, False, id="shown twice: short"),
        pytest.param(
            BY_SIGHT, facts(claim(11, methods=frozenset({Method.OBSERVATION}))), 1, 1, True, id="methods: accepted one"
        ),
        pytest.param(
            BY_SIGHT, facts(claim(11, methods=frozenset({Method.QUESTIONING}))), 1, 0, False, id="methods: another"
        ),
        pytest.param(ALL, facts(claim(11), waived=frozenset({12})), 2, 2, True, id="waived: met"),
        pytest.param(ALL, facts(waived=frozenset({11, 12})), 2, 2, False, id="waived: nothing accepted"),
    ],
)
def test_every_kind_of_rule(
    whole: UnitOutline, given: UnitFacts, required: int, accepted: int, is_satisfied: bool
) -> None:
    coverage = cover(whole, given)
    assert (coverage.required, coverage.accepted) == (required, accepted)
    assert coverage.is_satisfied is is_satisfied
    assert (not gaps_of(coverage)) is is_satisfied


@pytest.mark.parametrize(
    ("policy", "setting", "cover_counts", "know_counts"),
    [
        (SettingPolicy.REAL_JOB_PREFERRED, Setting.PLACEMENT, True, True),
        (SettingPolicy.REAL_JOB_EXPECTED, Setting.RWE, True, True),
        (SettingPolicy.REAL_JOB_PREFERRED, Setting.SIMULATION, False, True),
        (SettingPolicy.SIMULATION_ALLOWED, Setting.SIMULATION, True, True),
        (SettingPolicy.REAL_JOB_REQUIRED, Setting.PLACEMENT, False, False),
        (SettingPolicy.REAL_JOB_REQUIRED, Setting.SIMULATION, False, True),
        (SettingPolicy.REAL_JOB_REQUIRED, Setting.STAGED_EMERGENCY, False, True),
        (SettingPolicy.DRILLS_EXCEPTED, Setting.STAGED_EMERGENCY, True, True),
        (SettingPolicy.DRILLS_EXCEPTED, Setting.SIMULATION, False, True),
        (SettingPolicy.NO_SIMULATION, Setting.SIMULATION, False, False),
        (SettingPolicy.NO_SIMULATION, Setting.STAGED_EMERGENCY, False, False),
    ],
)
def test_settings_are_ruled_for_each_section(
    policy: SettingPolicy, setting: Setting, cover_counts: bool, know_counts: bool
) -> None:
    """R5, Q16: in each of the six policies, for what must be covered and for what must be known."""
    for whole, counts in (
        (unit(*OBLIGATION.groups, policy=policy), cover_counts),
        (unit(*KNOW.groups, policy=policy), know_counts),
    ):
        coverage = cover(whole, facts(claim(11, setting=setting)))
        assert coverage.is_covered is counts
        assert bool(coverage.barred) is not counts


def test_claimed_runs_ahead_of_accepted() -> None:
    waiting = claim(12, verdict=Verdict.UNDECIDED)
    coverage = cover(ALL, facts(claim(11), waiting))
    assert (coverage.required, coverage.claimed, coverage.accepted) == (2, 2, 1)
    first, second = coverage.groups[0].criteria
    assert (first.is_satisfied, second.is_satisfied) == (True, False)
    assert (first.is_needed, second.is_needed) == (False, True)


def test_a_point_is_not_needed_once_its_item_has_enough() -> None:
    """R2: three of five groups covered where two are asked for leave nothing to do."""
    coverage = cover(TWO_OF_THREE, facts(claim(11), claim(12)))
    assert [criterion.is_needed for criterion in coverage.groups[0].criteria] == [False, False, False]
    assert coverage.groups[0].covered == 2


def test_the_sentences_name_the_move_and_who_makes_it() -> None:
    whole = unit(
        item(4, 41, 42),
        item(5, 51, 52, 53, 54, 55, at_least=2),
        item(6, several(61, 2), kind=GroupKind.DISTINCT),
        item(7, 71, per_instance="change", instances=2),
    )
    given = facts(
        claim(41, 14, setting=Setting.PLACEMENT, verdict=Verdict.UNDECIDED),
        claim(51, 9, verdict=Verdict.UNDECIDED),
        claim(61, 3, 61),
        claim(61, 4, verdict=Verdict.UNDECIDED),
        named=MEDIA,
    )
    told = [(gap.what, gap.who) for gap in gaps_of(cover(whole, given))]
    assert told == [
        ("41 and 42 need evidence.", Party.CANDIDATE),
        ("Item 5: one of five covered, needs two.", Party.CANDIDATE),
        ("Item 6 needs two, each a different medium: one is there.", Party.CANDIDATE),
        ("Item 7 asks for two changes. Name them: none is named so far.", Party.CANDIDATE),
        ("E14 was gathered in a work placement, which unit X1 does not allow.", Party.CANDIDATE),
        ("E4 does not say which medium it shows for item 6.", Party.CANDIDATE),
        ("E9 waits for a decision on 51.", Party.ASSESSOR),
    ]


def test_items_that_are_numbered_alike_are_told_apart() -> None:
    """PRACTICE §2: the print repeats numbers, as A17 does its item 5."""
    whole = unit(
        item(1, cell(11, "5a"), cell(12, "5b"), which="first"),
        item(2, cell(21, "5a"), cell(22, "5b"), which="second", at_least=1),
        item(3, cell(31, "5a"), which="third"),
        item(4, which="fourth", kind=GroupKind.CONDITION),
    )
    given = facts(claim(11, verdict=Verdict.UNDECIDED), claim(12, 2, verdict=Verdict.RETURNED))
    assert [gap.what for gap in gaps_of(cover(whole, given))] == [
        "5b of the first item 1 needs evidence.",
        "The second item 2: none of two covered, needs one.",
        "5a of the third item 3 needs evidence.",
        "E1 waits for a decision on 5a of the first item 1.",
        "The fourth item 4 is a condition, which must be confirmed.",
    ]


def test_an_accepted_claim_that_came_to_be_barred_goes_back_to_the_assessor() -> None:
    (missing, barred) = gaps_of(cover(OBLIGATION, facts(claim(11, 2, setting=Setting.RWE))))
    assert missing.kind is GapKind.COVERAGE
    assert (barred.kind, barred.who, barred.evidence) == (GapKind.BARRED, Party.ASSESSOR, (2,))


def test_a_method_that_a_criterion_does_not_accept_is_told() -> None:
    (_, gap) = gaps_of(
        cover(BY_SIGHT, facts(claim(11, 4, methods=frozenset({Method.QUESTIONING}), verdict=Verdict.UNDECIDED)))
    )
    assert gap.what == "E4 cannot count. 11 accepts Observation only."


def test_too_much_evidence_is_told_and_wanted_repetition_is_not() -> None:
    four = facts(*(claim(11, evidence) for evidence in range(1, 5)))
    assert over_evidenced(cover(OBLIGATION, four)) == (
        "Item 1 has four accepted pieces of evidence. It needs one: more is not better.",
    )
    assert over_evidenced(cover(TWICE, four)) == ()
