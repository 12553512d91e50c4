"""The assessor's queue: what waits, how long, and in which order (R63)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessment.judging.queue import candidates_waiting, days_since, queue_for, waiting_since
from assessment.models import Judgement
from assessment.queries import hang_judgements
from evidence.models import Claim, Evidence, EvidenceVersion
from registrations.models import Registration
from signoff.handover.reassigning import reassign_unit
from signoff.moving_on import change_status
from tests.evidence.builders import World, add_item, add_offered_item, claim, join, offer, register, today
from tests.signoff.builders import candidate_signed, judge

Costs = Callable[..., AbstractContextManager[Any]]


def aged(item: Evidence, days: int) -> Evidence:
    """An item as if it had been handed in, claimed and offered so many days ago."""
    then = timezone.now() - timedelta(days=days)
    Evidence.objects.filter(pk=item.pk).update(offered_at=then)
    EvidenceVersion.objects.filter(evidence=item).update(made_at=then)
    Claim.objects.filter(evidence=item).update(made_at=then)
    return item


def queued(world: World, who: str = "assessor") -> list[str]:
    return [item.reference for item in queue_for(getattr(world, who))]


def test_the_oldest_comes_first_with_its_claims_counted(world: World) -> None:
    aged(add_offered_item(world, world.criteria[:2]), 3)
    aged(add_offered_item(world, world.criteria[2:3]), 20)
    first, second = queue_for(world.assessor)
    assert [(item.reference, item.waiting) for item in (first, second)] == [("E2", 1), ("E1", 2)]
    assert days_since(first.waiting_since, timezone.now()) == 20


def test_drafts_and_what_is_judged_do_not_wait(world: World) -> None:
    draft = add_item(world)
    claim(world, draft, world.criteria[:1])
    item = add_offered_item(world, world.criteria[:2])
    assert queued(world) == ["E2"]
    judge(item, by=world.assessor, is_accepted=False, comment="Which customer?")
    assert queued(world) == []
    offer(world, draft)
    assert queued(world) == ["E1"]


def test_what_waits_only_in_part_is_counted_in_part(world: World) -> None:
    item = add_offered_item(world, world.criteria[:2])
    judge(item, by=world.assessor)
    claim(world, item, world.criteria[2:5])
    assert [found.waiting for found in queue_for(world.assessor)] == [3]


@pytest.mark.parametrize(
    "who", ["other_assessor", "trainee", "countersigner", "foreign_assessor", "candidate", "iv", "coordinator"]
)
def test_it_waits_for_the_units_assessor_alone(world: World, who: str) -> None:
    add_offered_item(world, world.criteria[:1])
    assert queued(world) == ["E1"]
    assert queued(world, who) == []
    assert candidates_waiting(getattr(world, who)) == []


def test_a_unit_given_to_somebody_else_waits_for_them(world: World) -> None:
    """Q24."""
    add_offered_item(world, world.criteria[:1])
    reassign_unit(
        record_id=world.record.pk,
        own_assessor=world.countersigner.person,
        own_iv=None,
        why="Holiday",
        by=world.coordinator,
    )
    assert (queued(world), queued(world, "countersigner")) == ([], ["E1"])


@pytest.mark.stage(reach=candidate_signed)
def test_nothing_waits_on_a_suspended_registration_or_a_signed_record(world: World) -> None:
    Claim.objects.update(state="undecided")
    assert queued(world) == []


def test_a_suspended_registration_waits_for_nobody(world: World) -> None:
    add_offered_item(world, world.criteria[:1])
    change_status(
        registration=world.registration,
        revision=world.registration.revision,
        status="suspended",
        on=today(),
        why="Leave",
        by=world.coordinator,
    )
    assert queued(world) == []


def test_a_claim_on_a_unit_that_has_closed_keeps_nothing_from_being_offered_to_another(world: World) -> None:
    """It cannot be unticked there any more, and nobody judges it."""
    second = register(
        world.coordinator, world.candidate, assessor=world.other_assessor, iv=world.other_iv, units=[world.other_unit]
    )
    item = add_item(world)
    claim(world, item, world.criteria[:1])
    claim(world, item, [None], record=second.unit_records.get())
    Registration.objects.filter(pk=world.registration.pk).update(status="withdrawn", ended_on=today())
    offer(world, item)
    assert [waiting.pk for waiting in queue_for(world.other_assessor)] == [item.pk]
    assert not queue_for(world.assessor).exists()


def test_waiting_starts_when_claim_version_and_offer_are_all_there(world: World) -> None:
    item = aged(add_offered_item(world, world.criteria[:1]), 30)
    judge(item, by=world.assessor)
    Judgement.objects.update(judged_at=timezone.now() - timedelta(days=25))
    (late,) = claim(world, item, world.criteria[1:2])[-1:]
    Claim.objects.filter(pk=late.pk).update(made_at=timezone.now() - timedelta(days=4))
    (found,) = queue_for(world.assessor)
    assert days_since(found.waiting_since, timezone.now()) == 4
    EvidenceVersion.objects.filter(evidence=item).update(made_at=timezone.now() - timedelta(days=2))
    (found,) = queue_for(world.assessor)
    assert days_since(found.waiting_since, timezone.now()) == 2


def test_a_claim_mended_after_its_return_has_not_waited_since_it_was_made(world: World) -> None:
    item = aged(add_offered_item(world, world.criteria[:1]), 30)
    judge(item, by=world.assessor, is_accepted=False, comment="Where on the page?")
    Judgement.objects.update(judged_at=timezone.now() - timedelta(days=5))
    Claim.objects.update(state="undecided")
    (found,) = queue_for(world.assessor)
    assert days_since(found.waiting_since, timezone.now()) == 5


@pytest.mark.parametrize("returned", [False, True])
def test_the_judge_page_counts_days_as_the_queue_does(world: World, returned: bool) -> None:
    item = aged(add_offered_item(world, world.criteria[:3]), 9)
    if returned:
        judge(item, by=world.assessor, is_accepted=False, comment="Where?")
        Claim.objects.filter(evidence=item).update(state="undecided")
    (found,) = queue_for(world.assessor)
    version = found.current_version
    assert waiting_since(found, version, hang_judgements(list(found.claims.all()))) == found.waiting_since


def test_candidates_are_counted_by_item_oldest_first(world: World) -> None:
    aged(add_offered_item(world, world.criteria[:4]), 2)
    aged(add_offered_item(world, world.criteria[4:6]), 1)
    second = join(world.coordinator, "candidate", "Cecil Second")
    registration = register(world.coordinator, second, assessor=world.assessor, iv=world.iv, units=[world.unit])
    record = registration.unit_records.get()
    aged(add_offered_item(world, world.criteria[:1], seat=second, record=record), 12)
    waiting = candidates_waiting(world.assessor)
    assert [(one.candidate.name, one.items, one.oldest_days) for one in waiting] == [
        ("Cecil Second", 1, 12),
        ("Carla Candidate", 2, 2),
    ]
    assert waiting[1].portfolio_id == world.portfolio.pk


def test_the_queue_costs_the_same_for_one_and_three(world: World, django_assert_num_queries: Costs) -> None:
    for count in (1, 3):
        while Evidence.objects.count() < count:
            add_offered_item(world, world.criteria[:2])
        with django_assert_num_queries(1):
            shown = [
                (one.reference, one.current_version.title, one.portfolio.candidate.name)
                for one in queue_for(world.assessor)
            ]
        assert len(shown) == count
        with django_assert_num_queries(1):
            assert candidates_waiting(world.assessor)[0].items == count
