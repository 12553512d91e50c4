"""Claims: one item against many criteria of many units, each cell once (R8, R9, Q12)."""

from collections import Counter
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.claims import actions as module
from evidence.claims.actions import WantedClaim, add_claim, add_twin_claim, update_claims
from evidence.items.actions import withdraw_evidence
from evidence.models import Claim, ClaimState, Evidence
from ledger.events import EventType
from ledger.models import Event
from ledger.testing import LedgerWriteFailed, actions_of, expect_events, failing_ledger
from registrations.models import RecordState, UnitConfirmation, UnitConfirmationKind, UnitRecord
from tests.evidence.builders import (
    World,
    add_a_witness,
    add_item,
    add_offered_item,
    claim,
    criteria_of,
    offer,
    register,
)
from units.models import Criterion


def want(world: World, *criteria: Criterion | None, locator: str = "page 1") -> list[WantedClaim]:
    return [WantedClaim(world.record, criterion, locator) for criterion in criteria]


def update(world: World, evidence: Evidence, wanted: list[WantedClaim], **changed: Any) -> Evidence:
    fresh = Evidence.objects.get(pk=evidence.pk)
    return update_claims(
        **{"evidence": fresh, "revision": fresh.revision, "wanted": wanted, "by": world.candidate} | changed
    )


def live(evidence: Evidence) -> dict[int | None, tuple[str, str]]:
    """State and locator of the item's live claims, by criterion."""
    return {one.criterion_id: (one.state, one.locator) for one in evidence.claims.exclude(state=ClaimState.WITHDRAWN)}


def judge(evidence: Evidence, criterion: Criterion | None, state: str) -> None:
    """As the assessor leaves a claim behind."""
    fresh = Evidence.objects.get(pk=evidence.pk)
    evidence.claims.filter(criterion=criterion).exclude(state=ClaimState.WITHDRAWN).update(
        state=state, judged_version=fresh.current_version
    )


def freeze(record: UnitRecord) -> None:
    """What the first signature does to a record."""
    UnitRecord.objects.filter(pk=record.pk).update(state=RecordState.CANDIDATE_SIGNED)


# --- One item, many criteria ------------------------------------------------------------------------------------------


def test_all_cells_of_a_unit_and_the_unit_as_a_whole_are_claimed_in_one_go(world: World) -> None:
    evidence = add_item(world)
    with expect_events(EventType.CLAIM_MADE) as events:
        update(world, evidence, want(world, *world.criteria, None))
    assert len(live(evidence)) == 28
    assert events[0].data["unit_record"] == world.record.pk
    assert len(events[0].data["claims"]) == 28
    assert {one.made_by for one in evidence.claims.select_related("made_by")} == {world.candidate.person}


def test_one_item_serves_several_units(world: World) -> None:
    other = register(
        world.coordinator, world.candidate, assessor=world.other_assessor, iv=world.other_iv, units=[world.other_unit]
    ).unit_records.get()
    evidence = add_item(world)
    wanted = [*want(world, world.criteria[0]), WantedClaim(other, criteria_of(world.other_unit)[0], "04:10")]
    with expect_events(EventType.CLAIM_MADE, EventType.CLAIM_MADE):
        update(world, evidence, wanted)
    assert set(evidence.claims.values_list("record", flat=True)) == {world.record.pk, other.pk}


def test_what_is_no_longer_wanted_is_withdrawn_and_can_be_claimed_again(world: World) -> None:
    evidence = add_item(world)
    first, second = world.criteria[:2]
    update(world, evidence, want(world, first, second))
    with expect_events(EventType.CLAIM_WITHDRAWN):
        update(world, evidence, want(world, second))
    assert set(live(evidence)) == {second.pk}
    with expect_events(EventType.CLAIM_MADE):
        update(world, evidence, want(world, first, second))
    states = Counter(evidence.claims.filter(criterion=first).values_list("state", flat=True))
    assert states == {ClaimState.WITHDRAWN: 1, ClaimState.UNDECIDED: 1}


def test_saving_the_same_choice_twice_writes_nothing_more(world: World) -> None:
    evidence = add_item(world)
    update(world, evidence, want(world, *world.criteria[:3]))
    revision = Evidence.objects.get(pk=evidence.pk).revision
    with expect_events():
        update(world, evidence, want(world, *world.criteria[:3]))
    assert Evidence.objects.get(pk=evidence.pk).revision == revision


def test_a_new_place_brings_a_returned_claim_back_for_judgement(world: World) -> None:
    first, second = world.criteria[:2]
    evidence = add_offered_item(world, [first, second])
    judge(evidence, first, ClaimState.RETURNED)
    judge(evidence, second, ClaimState.RETURNED)
    with expect_events(EventType.CLAIM_CHANGED):
        update(world, evidence, [*want(world, first, locator="  page  2 "), *want(world, second)])
    assert live(evidence) == {
        first.pk: (ClaimState.UNDECIDED, "page 2"),
        second.pk: (ClaimState.RETURNED, "page 1"),
    }


def test_a_change_of_claims_ends_what_was_confirmed_of_the_unit(world: World) -> None:
    evidence = add_offered_item(world, world.criteria[:1])
    UnitConfirmation.objects.create(
        record=world.record, kind=UnitConfirmationKind.SUFFICIENT, confirmed_by=world.assessor.person
    )
    with expect_events(EventType.CLAIM_MADE, EventType.CONFIRMATION_LAPSED):
        update(world, evidence, want(world, *world.criteria[:2]))


# --- What is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locator", ["", "   ", "x" * 101])
def test_a_claim_has_a_place_of_sensible_length(world: World, locator: str) -> None:
    evidence = add_item(world)
    with expect_events(), pytest.raises(ValidationError, match=world.criteria[0].label):
        update(world, evidence, want(world, world.criteria[0], locator=locator))


def test_a_cell_wanted_twice_is_refused(world: World) -> None:
    evidence = add_item(world)
    with expect_events(), pytest.raises(ValidationError, match="ticked twice"):
        update(world, evidence, want(world, world.criteria[0], world.criteria[0]))


def test_a_criterion_of_another_unit_is_refused(world: World) -> None:
    evidence = add_item(world)
    with expect_events(), pytest.raises(ValidationError, match="not a criterion of unit 304"):
        update(world, evidence, want(world, criteria_of(world.other_unit)[0]))


def test_a_record_of_another_portfolio_is_refused(world: World) -> None:
    evidence = add_item(world)
    theirs = world.trainee_registration.unit_records.get()
    with expect_events(), pytest.raises(ValidationError, match="another portfolio"):
        update(world, evidence, [WantedClaim(theirs, world.criteria[0], "page 1")])


def test_a_locked_record_takes_no_claims_and_loses_none(world: World) -> None:
    evidence = add_offered_item(world, world.criteria[:1])
    freeze(world.record)
    for wanted in (want(world, *world.criteria[:2]), want(world, world.criteria[0], locator="page 9")):
        with expect_events(), pytest.raises(ValidationError, match="Unit 304 is signed"):
            update(world, evidence, wanted)
    with expect_events():
        update(world, evidence, [])
    assert len(live(evidence)) == 1


def test_an_accepted_claim_can_be_neither_unticked_nor_moved(world: World) -> None:
    first = world.criteria[0]
    evidence = add_offered_item(world, [first])
    judge(evidence, first, ClaimState.ACCEPTED)
    with expect_events(), pytest.raises(ValidationError, match="stays ticked"):
        update(world, evidence, [])
    with expect_events(), pytest.raises(ValidationError, match="its place stays “page 1”"):
        update(world, evidence, want(world, first, locator="page 2"))
    assert live(evidence) == {first.pk: (ClaimState.ACCEPTED, "page 1")}


def test_the_unit_s_assessor_or_iv_cannot_be_the_witness_in_it(world: World) -> None:
    witness = add_a_witness(world)
    evidence = add_item(world, methods=["WT"], witness=witness)
    for person in (world.assessor.person, world.iv.person, world.candidate.person):
        witness.contact = person.email.upper()
        witness.save(update_fields=["contact"])
        with expect_events(), pytest.raises(ValidationError, match="cannot be a witness"):
            update(world, evidence, want(world, world.criteria[0]))


def test_a_form_filled_in_on_an_older_state_is_refused(world: World) -> None:
    evidence = add_item(world)
    update(world, evidence, want(world, world.criteria[0]))
    with expect_events(), pytest.raises(ValidationError, match="changed meanwhile by Carla Candidate"):
        update(world, evidence, want(world, world.criteria[1]), revision=1)


def test_withdrawn_evidence_takes_no_claims(world: World) -> None:
    evidence = add_item(world)
    withdraw_evidence(evidence=evidence, revision=1, why="Wrong", by=world.candidate)
    with pytest.raises(ValidationError, match="has been withdrawn"):
        update(world, evidence, want(world, world.criteria[0]))


@pytest.mark.parametrize("who", ["other_candidate", "assessor", "iv", "ev", "coordinator", "foreign_candidate"])
def test_nobody_but_the_candidate_chooses(world: World, who: str) -> None:
    evidence = add_item(world)
    with expect_events(), pytest.raises(PermissionDenied):
        update(world, evidence, want(world, world.criteria[0]), by=getattr(world, who))


def test_the_database_refuses_a_second_live_claim_on_a_cell(world: World) -> None:
    evidence = add_item(world)
    update(world, evidence, want(world, world.criteria[0], None))
    for one in evidence.claims.all():
        with pytest.raises(IntegrityError), transaction.atomic():
            Claim.objects.create(
                evidence=evidence,
                record=one.record,
                criterion=one.criterion,
                locator="page 1",
                made_by=world.candidate.person,
            )


# --- What the candidate missed ----------------------------------------------------------------------------------------


def test_the_assessor_adds_what_the_candidate_missed(world: World) -> None:
    evidence = add_offered_item(world, world.criteria[:1])
    with expect_events(EventType.CLAIM_MADE) as events:
        made = add_claim(
            evidence=evidence, record=world.record, criterion=world.criteria[1], locator="page 2", by=world.assessor
        )
    assert (made.state, made.locator, made.made_by) == (ClaimState.UNDECIDED, "page 2", world.assessor.person)
    assert events[0].actor_role == "assessor"
    assert Evidence.objects.get(pk=evidence.pk).revision == evidence.revision + 1


@pytest.mark.parametrize(
    "who", ["candidate", "other_assessor", "countersigner", "iv", "ev", "coordinator", "foreign_assessor"]
)
def test_only_the_unit_s_assessor_adds_claims(world: World, who: str) -> None:
    evidence = add_offered_item(world, world.criteria[:1])
    with expect_events(), pytest.raises(PermissionDenied):
        add_claim(
            evidence=evidence,
            record=world.record,
            criterion=world.criteria[1],
            locator="page 2",
            by=getattr(world, who),
        )


def test_the_assessor_cannot_claim_twice_on_drafts_or_in_locked_records(world: World) -> None:
    first, second = world.criteria[:2]
    draft = add_item(world)
    evidence = add_offered_item(world, [first])
    theirs = add_offered_item(world, seat=world.trainee_candidate, record=world.trainee_registration.unit_records.get())

    def add(item: Evidence, criterion: Criterion) -> None:
        add_claim(evidence=item, record=world.record, criterion=criterion, locator="page 2", by=world.assessor)

    with pytest.raises(ValidationError, match=r"claimed against .* already"):
        add(evidence, first)
    with pytest.raises(ValidationError, match="not offered"):
        add(draft, second)
    with pytest.raises(ValidationError, match="another portfolio"):
        add(theirs, second)
    freeze(world.record)
    with pytest.raises(ValidationError, match="is signed"):
        add(evidence, second)


# --- All or nothing ---------------------------------------------------------------------------------------------------


def test_an_action_that_cannot_be_recorded_leaves_nothing_behind(world: World) -> None:
    evidence = add_offered_item(world, world.criteria[:2])
    near_twin = register(
        world.coordinator, world.candidate, assessor=world.other_assessor, iv=world.other_iv, units=[world.other_unit]
    ).unit_records.get()
    actions = {
        "add_twin_claim": lambda: add_twin_claim(
            evidence=evidence,
            twin=evidence.claims.earliest("pk"),
            record=near_twin,
            criterion=criteria_of(world.other_unit)[0],
            by=world.candidate,
        ),
        "update_claims": lambda: update(world, evidence, want(world, *world.criteria[1:4])),
        "add_claim": lambda: add_claim(
            evidence=evidence, record=world.record, criterion=None, locator="page 2", by=world.assessor
        ),
    }
    assert set(actions) == set(actions_of(module))

    def snapshot() -> list[Any]:
        return [list(model.objects.order_by("pk").values()) for model in (Evidence, Claim, Event)]

    before = snapshot()
    for action in actions.values():
        with failing_ledger(), pytest.raises(LedgerWriteFailed):
            action()
        assert snapshot() == before


# --- Whatever is ticked, in whatever order ----------------------------------------------------------------------------

CELLS = st.lists(st.integers(0, 7), unique=True, max_size=8)
PLACES = st.sampled_from(["page 1", "page 2", "04:10"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("choose"), CELLS, PLACES),
        st.tuples(st.just("judge"), st.integers(0, 7), st.sampled_from(["accepted", "returned"])),
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_cell_ever_has_two_live_claims_and_accepted_ones_survive(world: World, steps: list[Any]) -> None:
    """Random choices and judgements on seven criteria and the unit as a whole, as candidate and assessor might make."""
    cells = [*world.criteria[:7], None]
    # Each example starts from an item of its own; what is undone is undone by the savepoint.
    with transaction.atomic():
        evidence = offer(world, _claimed(world))
        accepted: dict[int | None, str] = {}
        for step in steps:
            if step[0] == "judge":
                _, index, state = step
                cell = cells[index]
                if cell and (cell.pk if cell else None) in live(evidence):
                    judge(evidence, cell, state)
            else:
                _, chosen, place = step
                wanted = [WantedClaim(world.record, cells[index], place) for index in chosen]
                before = live(evidence)
                try:
                    with transaction.atomic():
                        update(world, evidence, wanted)
                except ValidationError:
                    assert live(evidence) == before
                    assert any(state == ClaimState.ACCEPTED for state, _ in before.values())
                else:
                    assert {cells[index].pk if cells[index] else None for index in chosen} == set(live(evidence))
            now = live(evidence)
            for cell_id, place in accepted.items():
                if cell_id in now and now[cell_id][0] == ClaimState.ACCEPTED:
                    assert now[cell_id][1] == place
                else:
                    assert step[0] == "judge", "only a judgement moves an accepted claim"
            accepted = {cell_id: place for cell_id, (state, place) in now.items() if state == ClaimState.ACCEPTED}
            alive = Counter(
                evidence.claims.exclude(state=ClaimState.WITHDRAWN).values_list("record_id", "criterion_id")
            )
            assert set(alive.values()) <= {1}
        transaction.set_rollback(True)


def _claimed(world: World) -> Evidence:
    evidence = add_item(world, with_file=False, kept_at="The counter book")
    claim(world, evidence, world.criteria[:2])
    return evidence
