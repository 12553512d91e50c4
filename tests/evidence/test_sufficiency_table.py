"""Occasions, customers, period and what is warned of, as tables: the pure part (R4, R15, R18, R23)."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.sufficiency.weighing import AcceptedClaim, Sufficiency, weigh
from units.kinds import Section
from units.methods import Method

TODAY = date(2026, 11, 22)
MONDAY, FRIDAY = date(2026, 11, 2), date(2026, 11, 6)
ONE_DATE = "All of it comes from one date. Is that a sufficient period of time?"
TESTIMONY = "Witness testimony alone carries this unit."
O, Q, PE, WT, PD = (  # noqa: E741  # the trade's letters
    Method.OBSERVATION,
    Method.QUESTIONING,
    Method.PRODUCT_EVIDENCE,
    Method.WITNESS_TESTIMONY,
    Method.PROFESSIONAL_DISCUSSION,
)


def a_claim(
    number: int = 1, day: date = MONDAY, *methods: Method, to: date | None = None, **said: Any
) -> AcceptedClaim:
    return AcceptedClaim(
        evidence_id=number,
        reference=f"E{number}",
        title=f"Item {number}",
        first_day=day,
        last_day=to or day,
        methods=frozenset(methods or {PE}),
        **said,
    )


def weighed(*claims: AcceptedClaim) -> Sufficiency:
    return weigh(claims, today=TODAY, current_months=24)


def test_nothing_accepted_is_nothing_to_warn_of() -> None:
    shown = weighed()
    assert (shown.items, shown.dates, shown.occasions, shown.customers, shown.methods) == (0, 0, (), (), ())
    assert (shown.first_day, shown.last_day, shown.warnings) == (None, None, ())


@pytest.mark.parametrize(
    ("claims", "occasions"),
    [
        ([a_claim(1), a_claim(2)], [(MONDAY, "", 2)]),
        ([a_claim(1), a_claim(1, label="1a")], [(MONDAY, "", 1)]),
        ([a_claim(1), a_claim(2, FRIDAY)], [(MONDAY, "", 1), (FRIDAY, "", 1)]),
        ([a_claim(2, FRIDAY), a_claim(1)], [(MONDAY, "", 1), (FRIDAY, "", 1)]),
        ([a_claim(1, occasion="Sale"), a_claim(2, occasion=" sale ")], [(MONDAY, "Sale", 2)]),
        ([a_claim(1, occasion="Sale"), a_claim(2)], [(MONDAY, "Sale", 1), (MONDAY, "", 1)]),
        (
            [a_claim(1, occasion="Sale"), a_claim(2, FRIDAY, occasion="Sale")],
            [(MONDAY, "Sale", 1), (FRIDAY, "Sale", 1)],
        ),
        ([a_claim(1, to=FRIDAY), a_claim(2)], [(MONDAY, "", 1), (MONDAY, "", 1)]),
    ],
)
def test_an_occasion_is_a_date_and_a_name(claims: list[AcceptedClaim], occasions: list[tuple[date, str, int]]) -> None:
    found = [(one.first_day, one.name, len(one.pieces)) for one in weighed(*claims).occasions]
    assert sorted(found) == sorted(occasions)
    assert [day for day, _, _ in found] == sorted(day for day, _, _ in found)


def test_customers_count_once_whatever_their_spelling() -> None:
    shown = weighed(
        a_claim(1, customer="Customer A"),
        a_claim(2, FRIDAY, customer="customer  a"),
        a_claim(3, FRIDAY, customer="The man in the wheelchair"),
        a_claim(4, FRIDAY),
    )
    assert shown.customers == ("Customer A", "The man in the wheelchair")
    assert [one.customers for one in shown.occasions] == [("Customer A",), ("customer  a", "The man in the wheelchair")]


@pytest.mark.parametrize(
    ("claims", "warning"),
    [
        ([a_claim(1)], ONE_DATE),
        ([a_claim(1), a_claim(2)], ONE_DATE),
        ([a_claim(1, occasion="Sale"), a_claim(2, occasion="Quiet morning")], ONE_DATE),
        ([a_claim(1), a_claim(2, FRIDAY)], ""),
        # One piece that went on for days does not come from one date.
        ([a_claim(1, to=FRIDAY)], ""),
        (
            [a_claim(1, occasion="Sale"), a_claim(2, FRIDAY, occasion="sale")],
            "All of it comes from one occasion: “Sale”. Was it shown on others, too?",
        ),
        ([a_claim(1, occasion="Sale"), a_claim(2, FRIDAY, occasion="Stock-taking")], ""),
        ([a_claim(1, occasion="Sale"), a_claim(2, FRIDAY)], ""),
    ],
)
def test_one_date_or_one_occasion_is_warned_of(claims: list[AcceptedClaim], warning: str) -> None:
    """R4."""
    assert weighed(*claims).warnings == ((warning,) if warning else ())


@pytest.mark.parametrize(
    ("customers", "is_warned"),
    [
        (["", ""], False),
        (["A", "A"], True),
        (["A", " a"], True),
        (["A", ""], True),
        (["A", "B"], False),
    ],
)
def test_one_customer_is_warned_of(customers: list[str], is_warned: bool) -> None:
    """R4: evidence that names no customer, such as a report, says nothing either way."""
    days = (MONDAY, FRIDAY)
    claims = [a_claim(number, days[number], customer=word) for number, word in enumerate(customers)]
    told = "Only one customer is named: “A”. Was it shown with different customers?"
    assert (told in weighed(*claims).warnings) == is_warned


@pytest.mark.parametrize(
    ("last_days", "warning"),
    [
        ([date(2024, 11, 22), MONDAY], ""),
        ([date(2024, 11, 21), MONDAY], "E1 is older than 24 months. Does it still show what the candidate can do now?"),
        (
            [date(2024, 1, 5), date(2023, 6, 1), MONDAY],
            "E1 and E2 are older than 24 months. Do they still show what the candidate can do now?",
        ),
        (
            [date(2024, 1, 5), date(2023, 6, 1), date(2022, 3, 3), MONDAY],
            "E1, E2 and E3 are older than 24 months. Do they still show what the candidate can do now?",
        ),
    ],
)
def test_old_evidence_is_warned_of_by_its_last_date(last_days: list[date], warning: str) -> None:
    """R18."""
    began = date(2020, 1, 1)
    claims = [a_claim(number, began, to=day) for number, day in enumerate(last_days, start=1)]
    shown = weighed(*claims)
    # The references are in the order of the timeline; all began together, so it is the order of their ends.
    told = [word for word in shown.warnings if "older than" in word]
    assert len(told) == bool(warning)
    if told:
        assert sorted(told[0].replace(",", " ").split()) == sorted(warning.replace(",", " ").split())
    assert {piece.reference for one in shown.occasions for piece in one.pieces if piece.is_old} == {
        f"E{number}" for number, day in enumerate(last_days, start=1) if day < date(2024, 11, 22)
    }


@pytest.mark.parametrize(
    ("methods", "is_warned"),
    [([{WT}, {WT}], True), ([{WT}, {PE}], False), ([{WT, O}, {WT}], False), ([{PE}, {PE}], False)],
)
def test_testimony_alone_is_warned_of(methods: list[set[Method]], is_warned: bool) -> None:
    """R23."""
    claims = [a_claim(number, MONDAY, *some) for number, some in enumerate(methods)]
    assert (TESTIMONY in weighed(*claims).warnings) == is_warned


@pytest.mark.parametrize(
    ("claims", "labels"),
    [
        ([("1a", Section.DO, {Q})], "1a"),
        ([("1a", Section.DO, {Q, PD})], "1a"),
        ([("2", Section.DO, {Q}), ("10", Section.DO, {PD}), ("2", Section.DO, {PD})], "2, 10"),
        ([("1a", Section.DO, {Q}), ("1a", Section.DO, {O})], ""),
        ([("1a", Section.DO, {Q, PE})], ""),
        ([("1a", Section.KNOW, {Q})], ""),
        ([("1a", Section.COVER, {Q})], ""),
        ([("", None, {Q})], ""),
    ],
)
def test_doing_that_rests_on_talk_is_warned_of(
    claims: list[tuple[str, Section | None, set[Method]]], labels: str
) -> None:
    """R15: in print order."""
    given_claims = [
        a_claim(number, MONDAY, *methods, label=label, section=section)
        for number, (label, section, methods) in enumerate(claims)
    ]
    told = [word for word in weighed(*given_claims).warnings if "discussion" in word]
    assert told == ([f"These rest on questioning or discussion only: {labels}."] if labels else [])


DAYS = st.integers(0, 2000).map(lambda days: TODAY - timedelta(days=days))


@given(st.lists(st.tuples(st.integers(1, 8), DAYS, st.integers(0, 400)), min_size=1, max_size=12))
def test_every_mark_lies_on_the_strip(pieces: list[tuple[int, date, int]]) -> None:
    shown = weighed(*(a_claim(number, day, to=day + timedelta(days=lasted)) for number, day, lasted in pieces))
    assert sum(len(one.pieces) for one in shown.occasions) == shown.items == len({number for number, _, _ in pieces})
    for one in shown.occasions:
        assert 0 <= one.start <= shown.span - 1
        assert 1 <= one.width <= shown.span - one.start
        assert one.start <= (one.first_day - shown.first_day).days
    assert shown.span == (shown.last_day - shown.first_day).days + 1
