"""What may be accepted on a testimony, and what follows when its witness disowns it (R20a, Q22a)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from evidence import models
from evidence.items.actions import judge_replaced_again
from evidence.models import Claim, ClaimState, Evidence, EvidenceVersion
from evidence.testimonies import actions as testimonies
from evidence.testimonies.actions import give_testimony, suspend_testimony, withdraw_request
from ledger.events import EventType
from ledger.models import Event
from ledger.testing import LedgerWriteFailed, actions_of, expect_events, failing_ledger
from registrations.models import RecordState, UnitRecord
from tests.evidence.builders import (
    World,
    add_offered_item,
    claim,
    hand_in,
    offer,
)
from tests.evidence.testifying import again, answered, ask, change, expire, item_for_witness, offered_testimony, said
from tests.signoff.builders import confirm_sufficient, judge

ASKED, GIVEN, WITHDRAWN = EventType.TESTIMONY_ASKED, EventType.TESTIMONY_GIVEN, EventType.TESTIMONY_WITHDRAWN


# --- What may be accepted ---------------------------------------------------------------------------------------------


def paper(world: World) -> Evidence:
    evidence = item_for_witness(world, with_file=True)
    claim(world, evidence, world.criteria[:1])
    return offer(world, evidence)


def kept_at_work(world: World) -> Evidence:
    evidence = item_for_witness(world, kept_at="In the manager's folder")
    claim(world, evidence, world.criteria[:1])
    return offer(world, evidence)


def suspended(world: World) -> Evidence:
    evidence = offered_testimony(world)
    suspend_testimony(testimony=evidence.current_version.testimony)
    return evidence


def asked(make: Callable[[World], Evidence]) -> Callable[[World], Evidence]:
    def asking(world: World) -> Evidence:
        evidence = make(world)
        ask(world, evidence)
        return evidence

    return asking


def no_longer_asked(world: World) -> Evidence:
    evidence = asked(kept_at_work)(world)
    expire(evidence.testimony_requests.get())
    return evidence


# R12: nothing else stands in the way of a paper that stays at work.
SEE_IT_FIRST = "where and when you saw this at work"


@pytest.mark.parametrize(
    ("make", "why_not"),
    [
        (offered_testimony, ""),
        (paper, ""),
        (asked(paper), ""),
        (kept_at_work, SEE_IT_FIRST),
        (asked(kept_at_work), "has not answered yet"),
        (no_longer_asked, SEE_IT_FIRST),
        (suspended, "is suspended"),
        (lambda world: offered_testimony(world, is_authentic=False), "Record first how you made sure"),
    ],
    ids=["given", "paper", "paper, asked", "at work", "at work, asked", "expired", "suspended", "not authenticated"],
)
def test_a_testimony_is_accepted_once_given_or_on_paper_and_its_witness_authenticated(
    world: World, make: Callable[[World], Evidence], why_not: str
) -> None:
    """R20a. A testimony on paper needs no answer by email."""
    evidence = make(world)
    witness = evidence.current_version.witness
    if make in (paper, kept_at_work) or (not witness.authenticated_at and "Record first" not in why_not):
        make_sure(world, evidence)
    if why_not:
        with pytest.raises(ValidationError, match=why_not):
            judge(evidence, by=world.assessor)
        assert set(evidence.claims.values_list("state", flat=True)) == {ClaimState.UNDECIDED}
    else:
        judge(evidence, by=world.assessor)
        assert set(evidence.claims.values_list("state", flat=True)) == {ClaimState.ACCEPTED}


def make_sure(world: World, evidence: Evidence) -> None:
    """The assessor has made sure of the witness."""
    witness = evidence.current_version.witness
    witness.authenticated_how, witness.authenticated_by = "Rang the shop", world.assessor.person
    witness.authenticated_at = timezone.now()
    witness.save()


# --- "This was not me" ------------------------------------------------------------------------------------------------


def test_a_disowned_testimony_takes_back_what_was_accepted_on_it(world: World) -> None:
    evidence = offered_testimony(world)
    other = add_offered_item(world, world.criteria[2:3])
    judge(evidence, by=world.assessor)
    judge(other, by=world.assessor)
    with expect_events(EventType.TESTIMONY_SUSPENDED) as events:
        testimony = suspend_testimony(testimony=evidence.current_version.testimony)
    assert testimony.is_suspended
    assert set(evidence.claims.values_list("state", flat=True)) == {ClaimState.UNDECIDED}
    assert other.claims.get().state == ClaimState.ACCEPTED, "what rests on something else stays"
    assert events[0].data["unit_records"] == [world.record.pk]
    assert events[0].actor_id is None
    with expect_events(), pytest.raises(ValidationError, match="said this already"):
        suspend_testimony(testimony=testimony)


def test_what_the_assessor_confirmed_of_the_unit_lapses_with_it(world: World) -> None:
    evidence = offered_testimony(world)
    judge(evidence, by=world.assessor)

    confirm_sufficient(world.record, by=world.assessor)
    with expect_events(EventType.TESTIMONY_SUSPENDED, EventType.CONFIRMATION_LAPSED):
        suspend_testimony(testimony=evidence.current_version.testimony)


def test_a_signed_record_keeps_what_it_was_signed_on_until_it_opens_again(world: World) -> None:
    evidence = offered_testimony(world)
    judge(evidence, by=world.assessor)
    UnitRecord.objects.filter(pk=world.record.pk).update(state=RecordState.CANDIDATE_SIGNED)
    with expect_events(EventType.TESTIMONY_SUSPENDED) as events:
        suspend_testimony(testimony=evidence.current_version.testimony)
    assert set(evidence.claims.values_list("state", flat=True)) == {ClaimState.ACCEPTED}
    assert (events[0].data["claims"], events[0].data["kept_in"]) == ([], [world.record.pk])
    UnitRecord.objects.filter(pk=world.record.pk).update(state=RecordState.OPEN)
    with transaction.atomic():
        judge_replaced_again(unit_record=again(world.record), by=world.assessor)
    assert set(evidence.claims.values_list("state", flat=True)) == {ClaimState.UNDECIDED}


def test_the_way_on_is_to_ask_again_or_to_hand_in_paper(world: World) -> None:
    evidence = suspended(world)
    judged = again(evidence)
    give_testimony(request=ask(world, judged), said=said())
    judge(evidence, by=world.assessor)
    assert set(evidence.claims.values_list("state", flat=True)) == {ClaimState.ACCEPTED}
    suspend_testimony(testimony=again(evidence).current_version.testimony)
    change(world, evidence, why="On paper now", files=[hand_in(world.candidate)])
    assert again(evidence).current_version.testimony is None
    judge(evidence, by=world.assessor)


def test_a_draft_with_a_disowned_testimony_is_not_offered(world: World) -> None:
    evidence = item_for_witness(world)
    claim(world, evidence, world.criteria[:1])
    suspend_testimony(testimony=answered(world, evidence))
    with pytest.raises(ValidationError, match="not theirs"):
        offer(world, evidence)


# --- Whole or not at all ----------------------------------------------------------------------------------------------


def everything() -> list[Any]:
    tables = (models.TestimonyRequest, models.Testimony, EvidenceVersion, Evidence, Claim, Event)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_an_action_that_cannot_be_recorded_leaves_nothing_behind(world: World) -> None:
    draft = item_for_witness(world)
    request = ask(world, draft)
    evidence = offered_testimony(world)
    judge(evidence, by=world.assessor)
    renewed = ask(world, evidence)
    steps: dict[str, Callable[[], Any]] = {
        "ask_witness": lambda: ask(world, draft),
        "withdraw_request": lambda: withdraw_request(request=request, by=world.candidate),
        "give, draft": lambda: give_testimony(request=request, said=said()),
        "give, offered": lambda: give_testimony(request=renewed, said=said()),
        "suspend": lambda: suspend_testimony(testimony=evidence.current_version.testimony),
    }
    assert set(actions_of(testimonies)) <= set(steps), "those with a seat; a witness has none"
    before = everything()
    for name, step in steps.items():
        with failing_ledger(), pytest.raises(LedgerWriteFailed):
            step()
        assert everything() == before, name
