"""What the assessor is shown before confirming that there is enough (R4, R15, R23); who judged before them (Q23)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from assessment.judging.actions import authenticate_witness
from assessment.sufficiency.queries import judgements_of_others, sufficiency_of
from evidence.models import Evidence
from tests.evidence.builders import World, add_a_witness, add_offered_item, today
from tests.signoff.builders import judge
from units.models import Criterion

Costs = Callable[..., AbstractContextManager[Any]]

ONE_DATE = "All of it comes from one date. Is that a sufficient period of time?"
TESTIMONY_ALONE = "Witness testimony alone carries this unit."


def of_section(world: World, section: str) -> list[Criterion]:
    return [one for one in world.criteria if one.group.section == section]


def accept(world: World, criteria: list[Criterion], *, days_ago: int = 10, **said: Any) -> Evidence:
    item = add_offered_item(world, criteria, happened_from=today() - timedelta(days=days_ago), **said)
    judge(item, by=world.assessor)
    return item


def test_nothing_accepted_is_shown_as_nothing(world: World) -> None:
    add_offered_item(world, world.criteria[:3])
    shown = sufficiency_of(world.record)
    assert (shown.items, shown.first_day, shown.occasions, shown.methods, shown.warnings) == (0, None, (), (), ())


def test_period_dates_items_and_methods_are_counted(world: World) -> None:
    """R4, R18."""
    accept(world, world.criteria[:2], days_ago=40, methods=["PE"])
    accept(world, world.criteria[2:4], days_ago=10, methods=["O", "PE"], happened_to=today() - timedelta(days=8))
    accept(world, world.criteria[4:5], days_ago=10, methods=["Q"])
    judge(
        add_offered_item(world, world.criteria[5:6], happened_from=today() - timedelta(days=300)),
        by=world.assessor,
        is_accepted=False,
        comment="Not hers",
    )
    shown = sufficiency_of(world.record)
    assert (shown.items, shown.dates, len(shown.occasions)) == (3, 2, 3)
    assert (shown.first_day, shown.last_day) == (today() - timedelta(days=40), today() - timedelta(days=8))
    assert shown.methods == ("Observation", "Questioning", "Product Evidence")
    assert ONE_DATE not in shown.warnings


def test_one_date_is_warned_of(world: World) -> None:
    accept(world, world.criteria[:2])
    accept(world, world.criteria[2:3])
    assert ONE_DATE in sufficiency_of(world.record).warnings
    accept(world, world.criteria[3:4], days_ago=11)
    assert ONE_DATE not in sufficiency_of(world.record).warnings


def test_testimony_alone_is_warned_of(world: World) -> None:
    """R23."""
    witness = add_a_witness(world)
    authenticate_witness(witness=witness, how="Met her", by=world.assessor)
    accept(world, world.criteria[:2], methods=["WT"], witness=witness)
    assert TESTIMONY_ALONE in sufficiency_of(world.record).warnings
    accept(world, world.criteria[2:3], days_ago=3)
    assert TESTIMONY_ALONE not in sufficiency_of(world.record).warnings


@pytest.mark.parametrize(
    ("section", "methods", "warned"),
    [
        ("do", ["Q"], True),
        ("do", ["PD"], True),
        ("do", ["Q", "PD"], True),
        ("do", ["Q", "PE"], False),
        ("do", ["O"], False),
        ("know", ["Q", "PD"], False),
        ("cover", ["Q"], False),
    ],
)
def test_doing_that_rests_on_talk_is_warned_of(world: World, section: str, methods: list[str], warned: bool) -> None:
    """R15: talk may show what somebody knows, and hardly what they do."""
    criterion = of_section(world, section)[0]
    accept(world, [criterion], methods=methods)
    told = [warning for warning in sufficiency_of(world.record).warnings if "discussion only" in warning]
    assert bool(told) == warned
    if warned:
        assert criterion.label in told[0]
        accept(world, [criterion], days_ago=3, methods=["O"])
        assert not [warning for warning in sufficiency_of(world.record).warnings if "discussion only" in warning]


def test_judgements_of_others_are_listed_for_whoever_takes_over(world: World) -> None:
    """Q23: the last word counts, and only on what is accepted."""
    item = accept(world, world.criteria[:2])
    judge(add_offered_item(world, world.criteria[2:3]), by=world.assessor, is_accepted=False, comment="No")
    assert judgements_of_others(world.record, world.assessor.person) == []
    inherited = judgements_of_others(world.record, world.countersigner.person)
    assert [(one.claim.evidence.reference, one.claim.criterion.label) for one in inherited] == [
        (item.reference, criterion.label) for criterion in world.criteria[:2]
    ]


def test_they_cost_the_same_for_one_and_three(world: World, django_assert_num_queries: Costs) -> None:
    record, me = world.record, world.countersigner.person
    for count in (1, 3):
        while Evidence.objects.count() < count:
            accept(world, world.criteria[:2])
        with django_assert_num_queries(1):
            assert sufficiency_of(record).items == count
        with django_assert_num_queries(2):
            shown = [
                (one.judged_by.name, one.claim.evidence.reference, one.claim.criterion.label)
                for one in judgements_of_others(record, me)
                if one.claim.criterion
            ]
        assert len(shown) == 2 * count
