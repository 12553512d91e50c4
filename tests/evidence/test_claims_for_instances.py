"""Claims that say for which change, medium or risk they are (R3), and what coverage makes of them."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.claims.actions import WantedClaim, add_claim, update_claims
from evidence.instances.actions import remove_instance
from evidence.models import Claim, ClaimState, Evidence, Instance
from evidence.progress import progress_of
from ledger.events import EventType
from ledger.testing import expect_events
from registrations.models import UnitRecord
from tests.evidence.builders import World, add_item, add_offered_item, claim
from tests.evidence.decisions import judge_it
from tests.evidence.naming import cell_of, name_it, record_of

type Shown = dict[tuple[str, str], tuple[str, str]]


@pytest.fixture
def changes(world: World) -> UnitRecord:
    """A record of D2, which asks for two changes."""
    return record_of(world, "D2")


def want(record: UnitRecord, label: str, instance: Instance | None, locator: str = "page 1") -> WantedClaim:
    return WantedClaim(record, cell_of(record, label) if label else None, locator, instance)


def update(world: World, evidence: Evidence, wanted: list[WantedClaim], **changed: Any) -> Evidence:
    fresh = Evidence.objects.get(pk=evidence.pk)
    return update_claims(
        **{"evidence": fresh, "revision": fresh.revision, "wanted": wanted, "by": world.candidate} | changed
    )


def live(evidence: Evidence) -> Shown:
    """State and place of the item's live claims, by cell and what they are for."""
    return {
        (one.criterion.label if one.criterion else "", one.instance.name if one.instance else ""): (
            one.state,
            one.locator,
        )
        for one in evidence.claims.exclude(state=ClaimState.WITHDRAWN).select_related("criterion__group", "instance")
    }


def made_without(world: World, evidence: Evidence, record: UnitRecord, label: str, state: str = "undecided") -> Claim:
    """A claim as they were made before it could be said for which of several it is."""
    return Claim.objects.create(
        evidence=evidence,
        record=record,
        criterion=cell_of(record, label),
        locator="page 9",
        state=state,
        judged_version=evidence.current_version if state != ClaimState.UNDECIDED else None,
        made_by=world.candidate.person,
    )


# --- One line for each ------------------------------------------------------------------------------------------------


def test_one_item_shows_a_point_for_both_changes_at_two_places(world: World, changes: UnitRecord) -> None:
    rota, hours = name_it(world, changes, "Phone rota"), name_it(world, changes, "Longer hours")
    evidence = add_item(world)
    wanted = [want(changes, "5a", rota), want(changes, "5a", hours, "page 2"), want(changes, "5b", hours)]
    with expect_events(EventType.CLAIM_MADE):
        update(world, evidence, wanted)
    assert live(evidence) == {
        ("5a", "Phone rota"): ("undecided", "page 1"),
        ("5a", "Longer hours"): ("undecided", "page 2"),
        ("5b", "Longer hours"): ("undecided", "page 1"),
    }
    with expect_events():
        update(world, evidence, wanted)
    with expect_events(EventType.CLAIM_CHANGED, EventType.CLAIM_WITHDRAWN):
        update(world, evidence, [want(changes, "5a", rota, "page 3"), wanted[1]])
    assert set(live(evidence)) == {("5a", "Phone rota"), ("5a", "Longer hours")}


@pytest.mark.parametrize(
    ("code", "label", "of", "why_not"),
    [
        # unit, cell, what is picked ("" for nothing), and why that is refused ("" for not)
        ("D2", "5a", "change", ""),
        ("D2", "5a", "", "5a: say which change it shows."),
        ("D2", "", "change", "Unit D2 as a whole does not ask which change it shows."),
        ("A17", "7", "communication medium", ""),
        ("A17", "7", "", "7: say which communication medium it shows."),
        ("A17", "5a", "communication medium", "5a does not ask which communication medium it shows."),
        ("A17", "5a", "", ""),
        ("D6", "6a", "value", ""),
        ("D6", "6a", "risk", "6a does not ask which risk it shows."),
        ("D6", "6a", "", "6a: say which value it shows."),
        ("D6", "7c", "risk", ""),
        ("D6", "7c", "value", "7c does not ask which value it shows."),
        ("D6", "7c", "", ""),
        ("D6", "", "", ""),
    ],
)
def test_each_cell_takes_what_it_asks_for(world: World, code: str, label: str, of: str, why_not: str) -> None:
    record = record_of(world, code)
    picked = name_it(world, record, "The one", of=of) if of else None
    evidence = add_item(world)
    if why_not:
        with expect_events(), pytest.raises(ValidationError) as refusal:
            update(world, evidence, [want(record, label, picked)])
        assert refusal.value.messages == [why_not]
        assert live(evidence) == {}
    else:
        update(world, evidence, [want(record, label, picked)])
        assert list(live(evidence)) == [(label, "The one" if picked else "")]


def test_what_is_named_in_one_record_is_never_picked_in_another(world: World, changes: UnitRecord) -> None:
    theirs = record_of(world, "D2", who="other_candidate")
    of_another = name_it(world, theirs, "Their change", seat=world.other_candidate)
    evidence = add_item(world)
    with expect_events(), pytest.raises(ValidationError, match="named in another unit record"):
        update(world, evidence, [want(changes, "5a", of_another)])
    offered = add_offered_item(world, [None], record=changes)
    with expect_events(), pytest.raises(ValidationError, match="named in another unit record"):
        add_claim(
            evidence=offered,
            record=changes,
            criterion=cell_of(changes, "5a"),
            instance=of_another,
            locator="page 1",
            by=world.assessor,
        )


def test_what_was_removed_meanwhile_is_not_picked(world: World, changes: UnitRecord) -> None:
    rota = name_it(world, changes, "Phone rota")
    remove_instance(instance_id=rota.pk, by=world.candidate)
    evidence = add_item(world)
    with expect_events(), pytest.raises(ValidationError, match="removed meanwhile"):
        update(world, evidence, [want(changes, "5a", rota)])


def test_the_same_line_ticked_twice_is_refused_by_its_name(world: World, changes: UnitRecord) -> None:
    rota = name_it(world, changes, "Phone rota")
    evidence = add_item(world)
    with expect_events(), pytest.raises(ValidationError, match="5a for “Phone rota” is ticked twice"):
        update(world, evidence, [want(changes, "5a", rota), want(changes, "5a", rota)])


def test_an_accepted_claim_keeps_what_it_is_for(world: World, changes: UnitRecord) -> None:
    rota, hours = name_it(world, changes, "Phone rota"), name_it(world, changes, "Longer hours")
    evidence = add_offered_item(world, [cell_of(changes, "5a")], record=changes, instance=rota)
    judge_it(evidence, world.assessor)
    with expect_events(), pytest.raises(ValidationError, match="5a for “Phone rota” has been accepted"):
        update(world, evidence, [want(changes, "5a", hours)])
    update(world, evidence, [want(changes, "5a", rota), want(changes, "5a", hours)])
    assert live(evidence)["5a", "Phone rota"] == ("accepted", "page 1")


def test_the_database_refuses_a_second_live_claim_on_a_line(world: World, changes: UnitRecord) -> None:
    rota = name_it(world, changes, "Phone rota")
    evidence = add_item(world)
    (made,) = claim(world, evidence, [cell_of(changes, "5a")], record=changes, instance=rota)
    made.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save()


# --- Claims made before it could be said ------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "after"), [("undecided", "undecided"), ("returned", "undecided")])
def test_a_claim_without_a_name_is_told_and_stays_the_same_claim(
    world: World, changes: UnitRecord, state: str, after: str
) -> None:
    rota, hours = name_it(world, changes, "Phone rota"), name_it(world, changes, "Longer hours")
    evidence = add_item(world)
    before = made_without(world, evidence, changes, "5a", state)
    with expect_events(EventType.CLAIM_CHANGED):
        update(world, evidence, [want(changes, "5a", rota, "page 9")])
    before.refresh_from_db()
    assert (before.instance, before.state) == (rota, after)
    update(world, evidence, [want(changes, "5a", rota, "page 9"), want(changes, "5a", hours)])
    assert evidence.claims.count() == 2


def test_a_claim_without_a_name_may_stay_as_it_is_while_other_things_change(world: World, changes: UnitRecord) -> None:
    rota = name_it(world, changes, "Phone rota")
    evidence = add_item(world)
    made_without(world, evidence, changes, "5a")
    update(world, evidence, [want(changes, "5a", None, "page 9"), want(changes, "5b", rota)])
    assert set(live(evidence)) == {("5a", ""), ("5b", "Phone rota")}


def test_an_accepted_claim_without_a_name_is_not_told_by_the_candidate(world: World, changes: UnitRecord) -> None:
    rota = name_it(world, changes, "Phone rota")
    evidence = add_item(world)
    made_without(world, evidence, changes, "5a", "accepted")
    with expect_events(), pytest.raises(ValidationError, match="5a has been accepted, so it stays ticked"):
        update(world, evidence, [want(changes, "5a", rota)])


def test_a_claim_for_every_risk_is_not_taken_for_one_of_them(world: World) -> None:
    record = record_of(world, "D6")
    floor = name_it(world, record, "Wet floor", of="risk")
    evidence = add_item(world)
    update(world, evidence, [want(record, "7c", None)])
    with expect_events(EventType.CLAIM_MADE, EventType.CLAIM_WITHDRAWN):
        update(world, evidence, [want(record, "7c", floor)])
    assert live(evidence) == {("7c", "Wet floor"): ("undecided", "page 1")}


# --- What the candidate missed ----------------------------------------------------------------------------------------


def test_the_assessor_adds_a_claim_for_one_of_several(world: World, changes: UnitRecord) -> None:
    rota, hours = name_it(world, changes, "Phone rota"), name_it(world, changes, "Longer hours", seat=world.assessor)
    evidence = add_offered_item(world, [cell_of(changes, "5a")], record=changes, instance=rota)

    def add(instance: Instance | None, locator: str = "page 2") -> Claim:
        return add_claim(
            evidence=evidence,
            record=changes,
            criterion=cell_of(changes, "5a"),
            instance=instance,
            locator=locator,
            by=world.assessor,
        )

    with expect_events(EventType.CLAIM_MADE):
        made = add(hours)
    assert (made.label, made.state) == ("5a for “Longer hours”", ClaimState.UNDECIDED)
    with expect_events():
        assert add(hours) == made, "sent twice"
        with pytest.raises(ValidationError, match="claimed against 5a for “Phone rota” already"):
            add(rota)
        with pytest.raises(ValidationError, match="5a: say which change it shows"):
            add(None)


# --- What coverage makes of it ----------------------------------------------------------------------------------------


def test_two_changes_are_covered_point_by_point_for_each(world: World, changes: UnitRecord) -> None:
    def accepted() -> tuple[int, int]:
        coverage = progress_of([changes])[changes.pk].coverage
        return coverage.accepted, coverage.required

    rota, hours = name_it(world, changes, "Phone rota"), name_it(world, changes, "Longer hours")
    both = [cell_of(changes, "5a"), cell_of(changes, "5b")]
    judge_it(add_offered_item(world, both, record=changes, instance=rota), world.assessor)
    assert accepted() == (2, 4)
    judge_it(add_offered_item(world, both, record=changes, instance=rota), world.assessor)
    assert accepted() == (2, 4), "more of the same change"
    judge_it(add_offered_item(world, both[:1], record=changes, instance=hours), world.assessor)
    assert accepted() == (3, 4)


def test_two_items_on_one_medium_are_one_value(world: World) -> None:
    record = record_of(world, "A17")
    email = name_it(world, record, "Email", of="communication medium")
    for _ in range(2):
        judge_it(add_offered_item(world, [cell_of(record, "7")], record=record, instance=email), world.assessor)
    cell = progress_of([record])[record.pk].coverage.by_criterion[cell_of(record, "7").pk]
    assert (cell.accepted, cell.required, cell.accepted_items) == (1, 2, 2)


# --- Whatever is ticked, named and removed, in whatever order ---------------------------------------------------------

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("choose"), st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 2)), max_size=5)),
        st.tuples(st.just("remove"), st.integers(0, 2)),
        st.tuples(st.just("judge"), st.sampled_from(["accepted", "returned"])),
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_live_claim_ever_rests_on_something_removed(world: World, steps: list[Any]) -> None:
    """Random choices, removals and judgements: what is live is on two different lines, and on names that stand."""
    with transaction.atomic():
        record = record_of(world, "D2")
        named = [name_it(world, record, name) for name in ("One", "Two", "Three")]
        evidence = add_offered_item(world, [None], record=record)
        for step in steps:
            if step[0] == "judge":
                evidence.claims.filter(state=ClaimState.UNDECIDED, criterion__isnull=False).update(
                    state=step[1], judged_version=evidence.current_version
                )
                continue
            before = live(evidence)
            try:
                with transaction.atomic():
                    if step[0] == "remove":
                        remove_instance(instance_id=named[step[1]].pk, by=world.candidate)
                    else:
                        chosen = [want(record, f"5{letter}", named[index]) for letter, index in step[1]]
                        update(world, evidence, [want(record, "", None), *chosen])
            except ValidationError:
                assert live(evidence) == before
            standing = set(Instance.objects.filter(record=record).filter(removed_at=None))
            claims = list(evidence.claims.exclude(state=ClaimState.WITHDRAWN).select_related("instance"))
            assert {one.instance for one in claims if one.criterion_id} <= standing
            assert len({(one.criterion_id, one.instance_id) for one in claims}) == len(claims)
        transaction.set_rollback(True)
