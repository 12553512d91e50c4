"""The witness list (R20, R20a, R23)."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from evidence.models import Witness
from evidence.witnesses import actions as witnesses
from evidence.witnesses.actions import add_witness, change_witness
from ledger.events import EventType
from ledger.models import Event
from ledger.testing import LedgerWriteFailed, actions_of, expect_events, failing_ledger
from tests.evidence.builders import World, add_a_witness

ENTRY = {
    "name": "Wendy Witness",
    "job_role": "Shop manager",
    "relationship": "My manager",
    "contact": "wendy@marsh.example",
    "is_expert": False,
}


def change(world: World, witness: Witness, by: Any = None, **changed: Any) -> Witness:
    return change_witness(witness=witness, by=by or world.candidate, **ENTRY | changed)


def test_a_witness_joins_the_list_once(world: World) -> None:
    with expect_events(EventType.WITNESS_ADDED) as events:
        witness = add_a_witness(world, name="  Wendy   Witness ")
        assert add_a_witness(world) == witness
    assert (witness.name, witness.is_expert) == ("Wendy Witness", False)
    assert events[0].subject == f"witness:{witness.pk}"
    assert "wendy" not in str(events[0].data).lower(), "an address is no fact for the ledger"


@pytest.mark.parametrize("field", ["name", "job_role", "relationship", "contact"])
def test_every_fact_about_a_witness_is_needed(world: World, field: str) -> None:
    with expect_events(), pytest.raises(ValidationError) as refusal:
        add_a_witness(world, **{field: " "})
    assert set(refusal.value.error_dict) == {field}


@pytest.mark.parametrize("who", ["candidate", "assessor", "iv"])
@pytest.mark.parametrize("by_name", [True, False])
def test_candidate_assessor_and_iv_are_no_witnesses(world: World, who: str, by_name: bool) -> None:
    person = getattr(world, who).person
    same = {"name": person.name.upper().replace(" ", "  ")} if by_name else {"contact": f" {person.email.upper()} "}
    with expect_events(), pytest.raises(ValidationError) as refusal:
        add_a_witness(world, **same)
    assert set(refusal.value.error_dict) == {"name"}


def test_somebody_else_s_assessor_may_be_a_witness(world: World) -> None:
    person = world.other_assessor.person
    assert add_a_witness(world, name=person.name, contact=person.email).pk


def test_an_entry_is_changed_until_the_assessor_has_made_sure(world: World) -> None:
    witness = add_a_witness(world)
    with expect_events(EventType.WITNESS_CHANGED) as events:
        change(world, witness, contact="01234 567890")
    assert events[0].data == {"changed": ["contact"]}
    with expect_events():
        change(world, witness, contact="01234 567890")
    Witness.objects.filter(pk=witness.pk).update(
        authenticated_how="Rang the shop", authenticated_by=world.assessor.person, authenticated_at=timezone.now()
    )
    with expect_events(), pytest.raises(ValidationError, match="Anna Assessor has made sure"):
        change(world, witness, name="Somebody Else")


@pytest.mark.parametrize("who", ["other_candidate", "assessor", "iv", "ev", "coordinator", "foreign_candidate"])
def test_nobody_but_the_candidate_keeps_the_list(world: World, who: str) -> None:
    witness = add_a_witness(world)
    with expect_events(), pytest.raises(PermissionDenied):
        add_witness(portfolio=world.portfolio, by=getattr(world, who), **ENTRY | {"name": "Another"})
    with expect_events(), pytest.raises(PermissionDenied):
        change(world, witness, by=getattr(world, who), name="Another")


def test_an_action_that_cannot_be_recorded_leaves_nothing_behind(world: World) -> None:
    witness = add_a_witness(world)
    actions = {
        "add_witness": lambda: add_a_witness(world, name="Another"),
        "change_witness": lambda: change(world, witness, name="Another"),
    }
    assert set(actions) == set(actions_of(witnesses))
    before = [list(Witness.objects.values()), Event.objects.count()]
    for action in actions.values():
        with failing_ledger(), pytest.raises(LedgerWriteFailed):
            action()
        assert [list(Witness.objects.values()), Event.objects.count()] == before
