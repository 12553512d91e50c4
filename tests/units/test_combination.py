"""Rules of combination (Q30, pain 16): every rule met, short, over and barred, and what must hold of all of them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from units.combination import (
    GroupRule,
    MemberUnit,
    ProblemKind,
    Structure,
    check_combination,
    is_at_level,
)


def member(
    code: str, group: str = "", *, mandatory: bool = False, credits: int | None = None, level: str = ""
) -> MemberUnit:
    return MemberUnit(code=code, group=group, is_mandatory=mandatory, credits=credits, level=level)


# Two mandatory units in no group, five in B, three in C, one in neither; made for the tests.
MEMBERS = (
    member("F1", mandatory=True, credits=4, level="2"),
    member("F2", mandatory=True, credits=4, level="2"),
    *(member(f"B{n}", "Group B", credits=5, level="2") for n in range(1, 6)),
    *(member(f"C{n}", "Group C", credits=6, level="3") for n in range(1, 4)),
    member("X1"),
)
GROUPS = (GroupRule(name="Group B", at_least_units=3), GroupRule(name="Group C", at_most_units=2))
PLAIN = Structure(level="3", members=MEMBERS, groups=GROUPS)
ENOUGH = ("F1", "F2", "B1", "B2", "B3")


def changed(**values: object) -> Structure:
    return replace(PLAIN, **values)  # type: ignore[arg-type]


def in_b(**values: int) -> Structure:
    return changed(groups=(GroupRule(name="Group B", **values), GROUPS[1]))


WRONG, LEFT_OUT, SHORT = "wrong", "not_chosen", "not_yet_enough"
CASES = [
    ("nothing is asked, nothing chosen", Structure(members=MEMBERS[2:]), (), {}),
    ("nothing is asked, all chosen", Structure(members=MEMBERS[2:]), ("B1", "C1", "X1"), {}),
    ("enough", PLAIN, ENOUGH, {}),
    ("more than enough", PLAIN, (*ENOUGH, "B4", "B5", "C1", "C2", "X1"), {}),
    (
        "one mandatory unit left out",
        PLAIN,
        ENOUGH[1:],
        {LEFT_OUT: ["Unit F1 is mandatory and not chosen."]},
    ),
    (
        "both mandatory units left out",
        PLAIN,
        ENOUGH[2:],
        {LEFT_OUT: ["Units F1 and F2 are mandatory and not chosen."]},
    ),
    (
        "a group short of one",
        PLAIN,
        ENOUGH[:4],
        {SHORT: ["Group B needs at least 3 units; 2 are chosen."]},
    ),
    ("a group short of two", PLAIN, ENOUGH[:3], {SHORT: ["Group B needs at least 3 units; 1 is chosen."]}),
    ("a group short of all", PLAIN, ENOUGH[:2], {SHORT: ["Group B needs at least 3 units; none is chosen."]}),
    (
        "another group does not make up for it",
        PLAIN,
        (*ENOUGH[:4], "C1", "X1"),
        {SHORT: ["Group B needs at least 3 units; 2 are chosen."]},
    ),
    (
        "too many of a group",
        PLAIN,
        (*ENOUGH, "C1", "C2", "C3"),
        {WRONG: ["Group C allows at most 2 units; 3 are chosen."]},
    ),
    ("exactly so many", in_b(at_least_units=3, at_most_units=3), ENOUGH, {}),
    (
        "exactly so many, one over",
        in_b(at_least_units=3, at_most_units=3),
        (*ENOUGH, "B4"),
        {WRONG: ["Group B allows at most 3 units; 4 are chosen."]},
    ),
    ("credits of a group met", in_b(at_least_credits=15), ENOUGH, {}),
    (
        "credits of a group short",
        in_b(at_least_credits=16),
        ENOUGH,
        {SHORT: ["Group B needs at least 16 credits; the units chosen have 15."]},
    ),
    ("units in all met", changed(at_least_units=5), ENOUGH, {}),
    (
        "units in all short",
        changed(at_least_units=6),
        ENOUGH,
        {SHORT: ["The qualification needs at least 6 units; 5 are chosen."]},
    ),
    ("credits in all met", changed(at_least_credits=23), ENOUGH, {}),
    (
        "credits in all short; a unit without credits brings none",
        changed(at_least_credits=24),
        (*ENOUGH, "X1"),
        {SHORT: ["The qualification needs at least 24 credits; the units chosen have 23."]},
    ),
    ("credits at its level met", changed(at_least_credits_at_level=12), (*ENOUGH, "C1", "C2"), {}),
    (
        "credits at its level short; those below do not count",
        changed(at_least_credits_at_level=12),
        (*ENOUGH, "C1"),
        {SHORT: ["The qualification needs at least 12 credits at level 3 or above; the units chosen have 6."]},
    ),
    (
        "credits at its level, none",
        changed(at_least_credits_at_level=1),
        ENOUGH,
        {SHORT: ["The qualification needs at least 1 credit at level 3 or above; the units chosen have none."]},
    ),
    ("one of a barred pair", changed(barred=(("B3", "C1"),)), ENOUGH, {}),
    (
        "both of a barred pair",
        changed(barred=(("B3", "C1"),)),
        (*ENOUGH, "C1"),
        {WRONG: ["Units B3 and C1 may not be taken together."]},
    ),
    (
        "two of three of which one may be taken",
        changed(barred=(("B3", "C1", "X1"),)),
        (*ENOUGH, "X1"),
        {WRONG: ["Units B3 and X1 may not be taken together."]},
    ),
    (
        "all of three of which one may be taken",
        changed(barred=(("B3", "C1", "X1"),)),
        (*ENOUGH, "C1", "X1"),
        {WRONG: ["Only one of units B3, C1 and X1 may be taken."]},
    ),
    (
        "a unit of another qualification",
        PLAIN,
        (*ENOUGH, "Z9"),
        {WRONG: ["Unit Z9 is not part of this qualification."]},
    ),
    (
        "everything at once, what is wrong first",
        changed(barred=(("C1", "C2"),), at_least_units=9),
        ("B1", "C1", "C2", "C3", "Z8", "Z9"),
        {
            WRONG: [
                "Units Z8 and Z9 are not part of this qualification.",
                "Units C1 and C2 may not be taken together.",
                "Group C allows at most 2 units; 3 are chosen.",
            ],
            LEFT_OUT: ["Units F1 and F2 are mandatory and not chosen."],
            SHORT: [
                "Group B needs at least 3 units; 1 is chosen.",
                "The qualification needs at least 9 units; 4 are chosen.",
            ],
        },
    ),
]


@pytest.mark.parametrize(("structure", "chosen", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_every_rule(structure: Structure, chosen: tuple[str, ...], expected: dict[str, list[str]]) -> None:
    found = check_combination(structure, chosen)
    assert {name: list(getattr(found, name)) for name in (WRONG, LEFT_OUT, SHORT)} == {
        WRONG: [],
        LEFT_OUT: [],
        SHORT: [],
        **expected,
    }
    assert list(found.sentences) == [line for name in (WRONG, LEFT_OUT, SHORT) for line in expected.get(name, [])]
    assert found.is_complete is not any(expected.values())


def test_each_part_says_how_far_it_is() -> None:
    structure = changed(
        groups=(
            GroupRule(name="Group B", at_least_units=3, at_least_credits=12),
            GroupRule(name="Group C", at_most_units=2),
        )
    )
    found = check_combination(structure, ("F1", "B1", "B2", "C1", "C2", "C3"))
    assert [(share.part.rule.name, share.words, share.is_met) for share in found.shares] == [
        ("Mandatory units", "1 of 2 units", False),
        ("Group B", "2 of 3 units, 10 of 12 credits", False),
        ("Group C", "3 units, at most 2", False),
        ("Optional units", "0 units", True),
    ]
    assert found.totals == ()
    whole = replace(structure, at_least_units=7, at_least_credits=25, at_least_credits_at_level=18)
    found = check_combination(whole, ("F1", "B1", "B2", "C1", "C2", "C3"))
    assert [(share.part.rule.name, share.words, share.is_met) for share in found.totals] == [
        ("In all", "6 of 7 units, 32 of 25 credits", False),
        ("At level 3 or above", "3 units, 18 of 18 credits", True),
    ]


def test_a_mandatory_unit_of_a_group_is_not_made_up_for_by_another() -> None:
    members = (member("A1", "Group A", mandatory=True), member("A2", "Group A"), member("A3", "Group A"))
    structure = Structure(members=members, groups=(GroupRule(name="Group A", at_least_units=2),))
    found = check_combination(structure, ["A2", "A3"])
    assert found.not_chosen == ("Unit A1 is mandatory and not chosen.",)
    assert (found.shares[0].words, found.shares[0].is_met) == ("2 of 2 units", False)
    assert check_combination(structure, ["A1", "A3"]).is_complete


def test_rules_in_words() -> None:
    rules = [
        (GroupRule(name="G"), ""),
        (GroupRule(name="G", at_least_units=1), "at least 1 unit"),
        (GroupRule(name="G", at_most_units=2), "at most 2 units"),
        (GroupRule(name="G", at_least_units=1, at_most_units=2), "at least 1 unit and at most 2 units"),
        (GroupRule(name="G", at_least_units=2, at_most_units=2), "2 units"),
        (GroupRule(name="G", at_least_units=2, at_least_credits=9), "at least 2 units, at least 9 credits"),
    ]
    assert [rule.words for rule, _ in rules] == [words for _, words in rules]
    one_of_two = Structure(
        members=(member("A1", "G", mandatory=True), member("A2", "G")), groups=(GroupRule(name="G", at_least_units=2),)
    )
    assert one_of_two.parts[0].words == "at least 2 units; A1 is mandatory"
    assert [part.words for part in PLAIN.parts] == ["", "at least 3 units", "at most 2 units", ""]
    everything = changed(at_least_units=7, at_least_credits=30, at_least_credits_at_level=12, barred=(("B1", "C1"),))
    assert everything.sentences == (
        "The qualification needs at least 7 units, 30 credits and 12 credits at level 3 or above.",
        "Units B1 and C1 may not be taken together.",
    )


@pytest.mark.parametrize(
    ("level", "wanted", "expected"),
    [
        ("3", "3", True),
        ("4", "3", True),
        ("2", "3", False),
        ("10", "9", True),
        ("", "3", False),
        ("3", "", False),
        ("Entry 3", "3", False),
        ("3", "Entry 3", False),
        ("²", "1", False),
    ],
)
def test_levels_are_compared_where_they_are_numbers(level: str, wanted: str, expected: bool) -> None:
    assert is_at_level(level, wanted) is expected


@st.composite
def structures(draw: st.DrawFn) -> tuple[Structure, list[str]]:
    """Any structure, also one that nobody could ever meet, and any choice of units, also foreign ones."""
    codes = [f"U{n}" for n in range(draw(st.integers(0, 8)))]
    count = st.none() | st.integers(1, 6)
    names = [f"Group {letter}" for letter in "ABC"[: draw(st.integers(0, 3))]]
    groups = tuple(
        GroupRule(name=name, at_least_units=draw(count), at_most_units=draw(count), at_least_credits=draw(count))
        for name in names
    )
    members = tuple(
        MemberUnit(
            code=code,
            group=draw(st.sampled_from(["", *names])),
            is_mandatory=draw(st.booleans()),
            credits=draw(count),
            level=draw(st.sampled_from(["", "2", "3", "Entry 1"])),
        )
        for code in codes
    )
    sets = st.lists(st.sampled_from(codes), min_size=2, max_size=4, unique=True) if len(codes) > 1 else st.nothing()
    structure = Structure(
        level="3",
        at_least_units=draw(count),
        at_least_credits=draw(count),
        at_least_credits_at_level=draw(count),
        groups=groups,
        members=members,
        barred=tuple(tuple(each) for each in draw(st.lists(sets, max_size=2))) if len(codes) > 1 else (),
    )
    return structure, draw(st.lists(st.sampled_from([*codes, "Z1"])))


def wants(structure: Structure, chosen: list[str]) -> set[tuple[str, str]]:
    """What is not yet enough, by who needs it and what: "Group B needs at least 3 units", whatever is chosen."""
    found = check_combination(structure, chosen)
    return {(problem.kind, problem.text.partition(";")[0]) for problem in found.problems if not problem.is_wrong}


@given(structures())
def test_adding_a_unit_never_makes_a_met_minimum_unmet(drawn: tuple[Structure, list[str]]) -> None:
    structure, chosen = drawn
    for unit in structure.members:
        fewer = {who for who in wants(structure, chosen) if who[0] == ProblemKind.TOO_FEW}
        more = {who for who in wants(structure, [*chosen, unit.code]) if who[0] == ProblemKind.TOO_FEW}
        assert more <= fewer


@given(structures())
def test_leaving_a_unit_out_never_makes_a_choice_wrong(drawn: tuple[Structure, list[str]]) -> None:
    structure, chosen = drawn
    before = check_combination(structure, chosen)
    for code in chosen:
        after = check_combination(structure, [other for other in chosen if other != code])
        assert len(after.wrong) <= len(before.wrong)
        assert before.wrong or not after.wrong


@given(structures(), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(drawn: tuple[Structure, list[str]], random: object) -> None:
    structure, chosen = drawn
    shuffled = [*chosen, *chosen]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert check_combination(structure, shuffled) == check_combination(structure, chosen)


@given(structures())
def test_complete_exactly_when_a_slow_look_at_each_rule_finds_nothing(drawn: tuple[Structure, list[str]]) -> None:
    structure, chosen = drawn
    taken = [unit for unit in structure.members if unit.code in chosen]

    def credits(units: list[MemberUnit]) -> int:
        return sum(unit.credits or 0 for unit in units)

    kept = [
        all(any(unit.code == code for unit in structure.members) for code in chosen),
        all(unit in taken for unit in structure.members if unit.is_mandatory),
        all(len({unit.code for unit in taken} & set(barred)) < 2 for barred in structure.barred),
        len(taken) >= (structure.at_least_units or 0),
        credits(taken) >= (structure.at_least_credits or 0),
        credits([unit for unit in taken if unit.level == "3"]) >= (structure.at_least_credits_at_level or 0),
    ]
    for rule in structure.groups:
        held = [unit for unit in taken if unit.group == rule.name]
        # A group that no unit belongs to asks for nothing: there is nothing of it to choose.
        if any(unit.group == rule.name for unit in structure.members):
            kept += [
                len(held) >= (rule.at_least_units or 0),
                len(held) <= (rule.at_most_units or 99),
                credits(held) >= (rule.at_least_credits or 0),
            ]
    found = check_combination(structure, chosen)
    assert found.is_complete is all(kept)
    if found.is_complete:
        assert all(share.is_met for share in found.shares)


@given(structures())
def test_every_unit_stands_under_one_heading(drawn: tuple[Structure, list[str]]) -> None:
    structure, _ = drawn
    under = [unit for part in structure.parts for unit in part.members]
    assert sorted(unit.code for unit in under) == sorted(unit.code for unit in structure.members)
