"""The assessor's decisions: who may judge, what may be accepted, and that all of it happens or nothing."""

import itertools
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from assessment.judging.actions import Confirmation, Verdict, authenticate_witness, judge_claim, judge_item
from assessment.models import ItemConfirmation, Judgement
from centres.models import Role
from evidence.items.actions import change_evidence
from evidence.models import Claim, ClaimState
from evidence.states import CLAIM_MOVES
from ledger.actions import tell
from ledger.events import EventType
from ledger.models import Event
from signoff.handover.reassigning import reassign_unit
from tests.evidence.builders import (
    World,
    add_a_witness,
    add_item,
    add_offered_item,
    approve,
    claim,
    hand_in,
    join,
    words,
)
from tests.evidence.decisions import CONFIRMED, judge_it, standing, version_of
from units.models import Standard
from units.setting_policy import Setting, SettingPolicy, may_count

# --- Accepting and returning ------------------------------------------------------------------------------------------


def test_a_whole_item_is_accepted_in_one_go(world: World) -> None:
    item = add_offered_item(world, world.criteria[:3])
    judge_it(item, world.assessor)
    version = version_of(item)
    assert {(one.state, one.judged_version) for one in item.claims.all()} == {(ClaimState.ACCEPTED, version)}
    assert {judgement.judged_by for judgement in Judgement.objects.all()} == {world.assessor.person}
    confirmed = ItemConfirmation.objects.get()
    assert (confirmed.version, confirmed.confirmed_by, confirmed.is_whole) == (version, world.assessor.person, True)


def test_a_return_needs_a_comment_and_no_confirmation(world: World) -> None:
    item = add_offered_item(world, world.criteria[:1])
    with pytest.raises(ValidationError) as refusal:
        judge_it(item, world.assessor, is_accepted=False, comment="  ", confirmation=None)
    only = item.claims.get()
    assert list(refusal.value.message_dict) == [f"claim_{only.pk}"]
    judge_it(item, world.assessor, is_accepted=False, comment="Which customer was it?", confirmation=None)
    only.refresh_from_db()
    assert only.state == ClaimState.RETURNED
    assert Judgement.objects.get(claim=only).comment == "Which customer was it?"


@pytest.mark.parametrize("ticked", [ticks for ticks in itertools.product([True, False], repeat=3) if not all(ticks)])
def test_valid_authentic_and_current_are_all_demanded_of_an_acceptance(
    world: World, ticked: tuple[bool, bool, bool]
) -> None:
    """R17."""
    item = add_offered_item(world, world.criteria[:1])
    before = standing()
    with pytest.raises(ValidationError, match="valid, authentic and current"):
        judge_it(item, world.assessor, confirmation=Confirmation(*ticked, how_authenticated="Saw it on site"))
    assert standing() == before


def test_how_it_was_authenticated_is_asked(world: World) -> None:
    """R11."""
    item = add_offered_item(world, world.criteria[:1])
    with pytest.raises(ValidationError, match="authentic"):
        judge_it(item, world.assessor, confirmation=Confirmation(True, True, True, " "))


def test_a_confirmation_is_not_taken_back_while_something_accepted_rests_on_it(world: World) -> None:
    item = add_offered_item(world, world.criteria[:1])
    judge_it(item, world.assessor)
    nothing = Confirmation(False, False, False, "")
    with pytest.raises(ValidationError, match="Return those claims"):
        judge_item(evidence=item, version=version_of(item), verdicts=[], confirmation=nothing, by=world.assessor)
    # Returned in the same go, it may be.
    judge_it(item, world.assessor, is_accepted=False, comment="Not hers after all.", confirmation=nothing)
    assert not ItemConfirmation.objects.get().is_whole


def test_a_confirmation_already_made_stays_with_whoever_made_it(world: World) -> None:
    item = add_offered_item(world, world.criteria[:2])
    first, second = item.claims.all()
    judge_item(
        evidence=item,
        version=version_of(item),
        verdicts=[Verdict(first.pk, True)],
        confirmation=CONFIRMED,
        by=world.assessor,
    )
    made_at = ItemConfirmation.objects.get().confirmed_at
    other_words = Confirmation(True, True, True, "Another reason")
    judge_item(
        evidence=item,
        version=version_of(item),
        verdicts=[Verdict(second.pk, True)],
        confirmation=other_words,
        by=world.assessor,
    )
    confirmed = ItemConfirmation.objects.get()
    assert (confirmed.how_authenticated, confirmed.confirmed_at) == ("Saw it on site", made_at)
    assert Event.objects.filter(type=EventType.ITEM_CONFIRMED).count() == 1


@pytest.mark.engine("order")
def test_the_same_decision_sent_twice_is_made_once(world: World) -> None:
    item = add_offered_item(world, world.criteria[:2])
    judge_it(item, world.assessor, is_accepted=False, comment="Which customer?")
    before = standing()
    judge_it(item, world.assessor, is_accepted=False, comment="Which customer?")
    assert standing() == before


def test_an_assessor_may_think_again_and_say_more(world: World) -> None:
    item = add_offered_item(world, world.criteria[:1])
    judge_it(item, world.assessor)
    judge_it(item, world.assessor, is_accepted=False, comment="I overlooked the date.")
    judge_it(item, world.assessor, is_accepted=False, comment="And the place.")
    only = item.claims.get()
    assert only.state == ClaimState.RETURNED
    assert [judgement.comment for judgement in Judgement.objects.filter(claim=only)] == [
        "",
        "I overlooked the date.",
        "And the place.",
    ]


def test_a_claim_moves_as_the_table_says_under_judgement(world: World) -> None:
    """Every state × verdict, by the real action."""
    legal = {(move.source, move.target) for move in CLAIM_MOVES if move.owner == "assessor"}
    stays = {(ClaimState.ACCEPTED, ClaimState.ACCEPTED), (ClaimState.RETURNED, ClaimState.RETURNED)}
    item = add_offered_item(world, world.criteria[:1])
    version = version_of(item)
    judge_it(item, world.assessor, is_accepted=False, comment="First look")
    judge_it(item, world.assessor)
    only = item.claims.get()
    for source, is_accepted in itertools.product(ClaimState.values, [True, False]):
        target = ClaimState.ACCEPTED if is_accepted else ClaimState.RETURNED
        Claim.objects.update(state=source, judged_version=version)
        verdict = Verdict(only.pk, is_accepted, f"{source} {target}")
        if (source, target) in legal | stays:
            judge_claim(claim_id=only.pk, version=version, verdict=verdict, by=world.assessor)
        else:
            with pytest.raises(ValidationError):
                judge_claim(claim_id=only.pk, version=version, verdict=verdict, by=world.assessor)
        only.refresh_from_db()
        assert only.state == (target if (source, target) in legal | stays else source)


# --- What may be accepted ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("policy", "setting"), list(itertools.product(SettingPolicy, Setting)))
def test_what_a_setting_bars_cannot_be_accepted_and_can_be_returned(
    world: World, policy: SettingPolicy, setting: Setting
) -> None:
    """R5, literally: setting × policy × section, and the unit as a whole as performance."""
    world.unit.setting_policy = policy
    world.unit.save(update_fields=["setting_policy"])
    # Outlines are kept until a standard is loaded anew.
    Standard.objects.filter(pk=world.unit.standard_id).update(loaded_at=timezone.now())
    of_section = {one.group.section: one for one in world.criteria}
    basis = "Complaints of last spring" if setting == Setting.SIMULATION else ""
    item = add_offered_item(world, [*of_section.values(), None], setting=setting, simulation_basis=basis)
    for one in item.claims.select_related("criterion__group"):
        section = one.criterion.group.section if one.criterion else "cover"
        verdict = Verdict(one.pk, is_accepted=True)
        if may_count(policy, setting, section).allowed:
            judge_item(
                evidence=item,
                version=version_of(item),
                verdicts=[verdict],
                confirmation=CONFIRMED,
                by=world.assessor,
            )
        else:
            with pytest.raises(ValidationError) as refusal:
                judge_item(
                    evidence=item,
                    version=version_of(item),
                    verdicts=[verdict],
                    confirmation=CONFIRMED,
                    by=world.assessor,
                )
            reason = may_count(policy, setting, section).reason
            assert refusal.value.message_dict == {f"claim_{one.pk}": [reason]}
            back = Verdict(one.pk, is_accepted=False, comment="Not from there.")
            judge_claim(claim_id=one.pk, version=version_of(item), verdict=back, by=world.assessor)


def test_a_testimony_needs_its_witness_authenticated_first(world: World) -> None:
    """R20a."""
    witness = add_a_witness(world)
    item = add_offered_item(world, world.criteria[:1], methods=["WT"], witness=witness)
    with pytest.raises(ValidationError, match="genuine"):
        judge_it(item, world.assessor)
    authenticate_witness(witness=witness, how="Rang the shop’s main number", by=world.assessor)
    judge_it(item, world.assessor)
    assert item.claims.get().state == ClaimState.ACCEPTED


def test_whoever_judges_is_not_the_witness(world: World) -> None:
    """R23: the witness became the unit's assessor after the evidence had been offered."""
    newcomer = approve(world.coordinator, join(world.coordinator, Role.ASSESSOR, "Nora Newcomer"), world.unit)
    witness = add_a_witness(world, name="Nora Newcomer", contact="nora@marsh.example")
    item = add_offered_item(world, world.criteria[:1], methods=["WT"], witness=witness)
    authenticate_witness(witness=witness, how="Met her on site", by=world.assessor)
    reassign_unit(
        record_id=world.record.pk, own_assessor=newcomer.person, own_iv=None, why="Nora is free", by=world.coordinator
    )
    with pytest.raises(ValidationError, match="cannot be a witness"):
        judge_it(item, newcomer)


def test_drafts_and_withdrawn_claims_are_not_judged(world: World) -> None:
    draft = add_item(world)
    claim(world, draft, world.criteria[:1])
    with pytest.raises(ValidationError, match="not offered"):
        judge_it(draft, world.assessor)
    item = add_offered_item(world, world.criteria[:1])
    Claim.objects.filter(evidence=item).update(state=ClaimState.WITHDRAWN)
    gone = Verdict(item.claims.get().pk, is_accepted=True)
    with pytest.raises(ValidationError, match="withdrawn"):
        judge_claim(claim_id=gone.claim_id, version=version_of(item), verdict=gone, by=world.assessor)


def test_a_version_replaced_meanwhile_is_not_judged(world: World) -> None:
    """Q22. Neither are its V, A and C recorded."""
    item = add_offered_item(world, world.criteria[:1])
    looked_at = version_of(item)
    item.refresh_from_db()
    change_evidence(
        evidence=item,
        revision=item.revision,
        files=[hand_in(world.candidate, "sharper.jpg")],
        why="Sharper photo",
        by=world.candidate,
        **words(),
    )
    for verdicts in ([Verdict(item.claims.get().pk, is_accepted=True)], []):
        with pytest.raises(ValidationError, match="replaced") as refusal:
            judge_item(evidence=item, version=looked_at, verdicts=verdicts, confirmation=CONFIRMED, by=world.assessor)
        assert refusal.value.code == "stale"
    assert not ItemConfirmation.objects.exists()


def test_claims_of_another_item_are_not_judged_by_the_way(world: World) -> None:
    item, other = add_offered_item(world, world.criteria[:1]), add_offered_item(world, world.criteria[1:2])
    with pytest.raises(ValidationError):
        judge_item(
            evidence=item,
            version=version_of(item),
            verdicts=[Verdict(other.claims.get().pk, is_accepted=True)],
            confirmation=CONFIRMED,
            by=world.assessor,
        )
    assert other.claims.get().state == ClaimState.UNDECIDED


# --- One transaction, one story ---------------------------------------------------------------------------------------


def test_everything_or_nothing(world: World) -> None:
    item = add_offered_item(world, world.criteria[:3])
    first, second, third = item.claims.all()
    before = standing()
    with pytest.raises(ValidationError):
        judge_item(
            evidence=item,
            version=version_of(item),
            verdicts=[Verdict(first.pk, True), Verdict(second.pk, True), Verdict(third.pk, False, "")],
            confirmation=CONFIRMED,
            by=world.assessor,
        )
    assert standing() == before


@pytest.mark.parametrize("failing_write", [1, 2, 3])
def test_without_its_event_nothing_happens(world: World, failing_write: int) -> None:
    """HOUSE, habit 12: whichever write to the ledger fails."""
    item = add_offered_item(world, world.criteria[:2])
    before = standing()
    calls = itertools.count(1)

    def fail(*told: Any, **facts: Any) -> Any:
        if next(calls) == failing_write:
            raise RuntimeError("the ledger is gone")
        return tell(*told, **facts)

    with patch("assessment.judging.actions.tell", fail), pytest.raises(RuntimeError):
        judge_it(item, world.assessor)
    assert standing() == before


def test_events_tell_it_without_personal_text(world: World) -> None:
    item = add_offered_item(world, world.criteria[:2])
    judge_it(item, world.assessor, is_accepted=False, comment="Ask Mrs Patel.", confirmation=None)
    events = list(Event.objects.filter(type=EventType.CLAIM_RETURNED).order_by("pk"))
    assert {event.subject for event in events} == {f"claim:{one.pk}" for one in item.claims.all()}
    for event in events:
        assert event.chain.key == world.portfolio.chain
        assert (event.actor_id, event.actor_role) == (world.assessor.person_id, "assessor")
        assert "Patel" not in str(event.data)
    judge_it(item, world.assessor)
    assert Event.objects.filter(type=EventType.CLAIM_ACCEPTED).count() == 2
    assert Event.objects.filter(type=EventType.ITEM_CONFIRMED, subject=f"evidence:{item.pk}").count() == 1
