"""Progress in two measures, and the next step made of it (R1, R2, R5, R63, Q12)."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from assessment.portfolio.next_steps import next_step
from assessment.portfolio.queries import record_lines
from evidence.models import ClaimState, Evidence
from evidence.progress import RecordProgress, progress_of
from registrations.models import RecordState, UnitRecord
from tests.evidence.builders import World, add_item, add_offered_item, claim, offer, register
from units.kinds import Section

QUERIES = 2


def progress(world: World) -> RecordProgress:
    return progress_of([world.record])[world.record.pk]


def judge(evidence: Evidence, state: str) -> None:
    evidence.claims.update(state=state, judged_version=Evidence.objects.get(pk=evidence.pk).current_version)


def test_claimed_runs_ahead_of_accepted(world: World) -> None:
    accepted = add_offered_item(world, world.criteria[:5])
    judge(accepted, ClaimState.ACCEPTED)
    returned = add_offered_item(world, world.criteria[5:7])
    judge(returned, ClaimState.RETURNED)
    add_offered_item(world, world.criteria[7:10])
    claim(world, add_item(world), world.criteria[10:11])
    found = progress(world)
    assert (found.coverage.claimed, found.coverage.required) == (9, 27)
    assert found.coverage.accepted == 5
    assert (found.undecided, found.returned, found.in_drafts) == (3, 2, 1)


def test_a_cell_counts_once_however_often_it_is_claimed(world: World) -> None:
    add_offered_item(world, world.criteria[:2])
    add_offered_item(world, world.criteria[:2])
    assert progress(world).coverage.claimed == 2


def test_a_claim_on_the_unit_as_a_whole_fills_no_cell(world: World) -> None:
    add_offered_item(world, [None])
    assert progress(world).coverage.claimed == 0


def test_evidence_from_a_barred_setting_does_not_count(world: World) -> None:
    """304 requires a real job: simulation may support what one must know, and a placement nothing (R5)."""
    know = [criterion for criterion in world.criteria if criterion.group.section == Section.KNOW]
    simulated = add_offered_item(world, setting="simulation", simulation_basis="The returns desk")
    assert progress(world).coverage.claimed == len(know) == 8
    judge(simulated, ClaimState.ACCEPTED)
    assert progress(world).coverage.accepted == 8
    judge(add_offered_item(world, setting="placement"), ClaimState.ACCEPTED)
    assert progress(world).coverage.accepted == 8


def test_an_accepted_claim_counts_by_the_version_it_was_judged_on(world: World) -> None:
    evidence = add_offered_item(world)
    judge(evidence, ClaimState.ACCEPTED)
    later = evidence.current_version
    later.pk, later.ordinal, later.setting = None, 2, "placement"
    later.save()
    Evidence.objects.filter(pk=evidence.pk).update(current_version=later)
    found = progress(world)
    assert (found.coverage.accepted, found.coverage.is_covered) == (27, True)


def test_progress_costs_the_same_for_one_record_and_for_three(
    world: World, django_assert_num_queries: Callable[[int], AbstractContextManager]
) -> None:
    add_offered_item(world)
    one = list(UnitRecord.objects.filter(pk=world.record.pk))
    progress_of(one)  # the outlines are kept from now on
    with django_assert_num_queries(QUERIES):
        progress_of(one)
    other = register(
        world.coordinator, world.candidate, assessor=world.other_assessor, iv=world.other_iv, units=[world.other_unit]
    ).unit_records.get()
    add_offered_item(world, record=other)
    three = list(UnitRecord.objects.all())[:3]
    progress_of(three)
    with django_assert_num_queries(QUERIES):
        progress_of(three)


# --- The next step ----------------------------------------------------------------------------------------------------


def step(world: World) -> str:
    found = next_step(world.portfolio, record_lines(world.portfolio, world.candidate))
    return found.title if found else ""


def test_the_next_step_follows_the_work(world: World) -> None:
    assert step(world) == "Add evidence for unit 304"
    draft = add_item(world)
    assert step(world) == "Choose the criteria that E1 is for"
    claim(world, draft, world.criteria)
    assert step(world) == "Offer E1 to your assessor"
    offer(world, draft)
    assert step(world) == "Nothing waits for you"
    judge(draft, ClaimState.RETURNED)
    assert step(world) == "Mend E1: your assessor returned it"
    judge(draft, ClaimState.ACCEPTED)
    assert step(world) == "Look at unit 304: every criterion is accepted"
    UnitRecord.objects.filter(pk=world.record.pk).update(state=RecordState.CANDIDATE_SIGNED)
    assert step(world) == "Nothing waits for you"


@pytest.mark.parametrize("state", [ClaimState.RETURNED])
def test_mending_comes_before_new_drafts(world: World, state: str) -> None:
    add_item(world)
    judge(add_offered_item(world, world.criteria[:1]), state)
    assert step(world) == "Mend E2: your assessor returned it"
