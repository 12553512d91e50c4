"""Naming what a unit asks for several of: once per unit record, by whom, and until when (R3, HOUSE decided 9)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from evidence.instances import actions as module
from evidence.instances.actions import MOST_NAMED, name_instance, remove_instance, rename_instance
from evidence.models import Claim, ClaimState, Evidence, Instance
from ledger.events import EventType
from ledger.models import Event
from ledger.queries import with_notes
from ledger.testing import LedgerWriteFailed, actions_of, expect_events, failing_ledger
from registrations.models import RecordState, UnitConfirmation, UnitConfirmationKind, UnitRecord
from tests.evidence.builders import World, add_item, claim
from tests.evidence.naming import cell_of, name_it, record_of

OTHERS = ["other_candidate", "other_assessor", "countersigner", "iv", "ev", "coordinator", "foreign_assessor"]


@pytest.fixture
def changes(world: World) -> UnitRecord:
    """A record of D2, which asks for two changes."""
    return record_of(world, "D2")


def freeze(record: UnitRecord) -> None:
    """What the first signature does to a record."""
    UnitRecord.objects.filter(pk=record.pk).update(state=RecordState.CANDIDATE_SIGNED)


def names(record: UnitRecord) -> list[str]:
    return list(Instance.objects.filter(record=record).filter(removed_at=None).values_list("name", flat=True))


# --- Naming -----------------------------------------------------------------------------------------------------------


def test_a_change_is_named_once_and_the_ledger_keeps_the_name_apart(world: World, changes: UnitRecord) -> None:
    with expect_events(EventType.INSTANCE_NAMED) as events:
        made = name_it(world, changes, "  New  phone rota ")
    assert (made.name, made.of, made.named_by) == ("New phone rota", "change", world.candidate.person)
    assert events[0].data == {"instance": made.pk, "of": "change"}, "a name may be that of a person"
    assert with_notes(Event.objects.filter(pk=events[0].pk)).get().note == "New phone rota"
    with expect_events():
        assert name_it(world, changes, "New phone rota") == made, "sent twice"


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "new PHONE rota", "New phone  Rota"])
def test_names_are_short_and_told_apart(world: World, changes: UnitRecord, name: str) -> None:
    name_it(world, changes, "New phone rota")
    with expect_events(), pytest.raises(ValidationError) as refusal:
        name_it(world, changes, name)
    assert list(refusal.value.error_dict) == ["name"]


@pytest.mark.parametrize(("code", "of"), [("D2", "risk"), ("D2", ""), ("A17", "change"), ("A17", "medium")])
def test_only_what_the_unit_asks_for_is_named(world: World, code: str, of: str) -> None:
    record = record_of(world, code)
    with expect_events(), pytest.raises(ValidationError, match="does not ask you to name"):
        name_it(world, record, "New phone rota", of=of)


def test_there_is_an_end_to_it(world: World, changes: UnitRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_NAMED", 2)
    assert MOST_NAMED >= 20, "a risk assessment may be long"
    for name in ("One", "Two"):
        name_it(world, changes, name)
    with expect_events(), pytest.raises(ValidationError, match="2 changes are named already"):
        name_it(world, changes, "Three")


def test_the_same_name_in_two_units_or_for_two_kinds_is_two_things(world: World, changes: UnitRecord) -> None:
    d6 = record_of(world, "D6")
    made = {
        name_it(world, changes, "Email"),
        name_it(world, d6, "Email", of="value"),
        name_it(world, d6, "Email", of="risk"),
    }
    assert len(made) == 3


def test_naming_ends_what_was_confirmed(world: World, changes: UnitRecord) -> None:
    UnitConfirmation.objects.create(
        record=changes, kind=UnitConfirmationKind.SUFFICIENT, confirmed_by=world.assessor.person
    )
    with expect_events(EventType.INSTANCE_NAMED, EventType.CONFIRMATION_LAPSED):
        name_it(world, changes, "New phone rota")


def test_another_name_ends_what_was_confirmed(world: World) -> None:
    """R3: "every risk is covered" was said of the risks that were named; one general claim may show them all."""
    risks = record_of(world, "D6")
    named = name_it(world, risks, "Slips", of="risk")
    (group,) = risks.unit.groups.filter(per_instance="risk")
    UnitConfirmation.objects.create(
        record=risks, kind=UnitConfirmationKind.EVERY_INSTANCE, group=group, confirmed_by=world.assessor.person
    )
    with expect_events(EventType.INSTANCE_RENAMED, EventType.CONFIRMATION_LAPSED):
        rename_instance(instance_id=named.pk, name="Queues", by=world.candidate)


# --- Who, and when ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_but_the_candidate_and_the_assessor_names(world: World, changes: UnitRecord, who: str) -> None:
    named = name_it(world, changes, "New phone rota")
    by = getattr(world, who)
    for action in _actions(changes, named, by).values():
        with expect_events(), pytest.raises(PermissionDenied):
            action()


def test_the_assessor_changes_only_what_they_named(world: World, changes: UnitRecord) -> None:
    theirs = name_it(world, changes, "New phone rota")
    own = name_it(world, changes, "Longer hours", seat=world.assessor)
    for action in list(_actions(changes, theirs, world.assessor).values())[1:]:
        with expect_events(), pytest.raises(PermissionDenied, match="was named by Carla Candidate"):
            action()
    rename_instance(instance_id=own.pk, name="Longer opening hours", by=world.assessor)
    remove_instance(instance_id=own.pk, by=world.assessor)
    assert names(changes) == ["New phone rota"]


def test_an_assessor_names_nothing_in_a_unit_of_their_own(world: World, changes: UnitRecord) -> None:
    UnitRecord.objects.filter(pk=changes.pk).update(own_assessor=world.candidate.person)
    seat = world.candidate
    seat.role = "assessor"
    with pytest.raises(PermissionDenied):
        name_it(world, changes, "New phone rota", seat=seat)


def test_nothing_is_named_or_changed_in_a_signed_record(world: World, changes: UnitRecord) -> None:
    named = name_it(world, changes, "New phone rota")
    freeze(changes)
    for action in _actions(changes, named, world.candidate).values():
        with expect_events(), pytest.raises(ValidationError, match="Unit D2 is signed"):
            action()
    assert names(changes) == ["New phone rota"]


def _actions(record: UnitRecord, named: Instance, by: Any) -> dict[str, Callable[[], Any]]:
    return {
        "name_instance": lambda: name_instance(record_id=record.pk, of="change", name="Longer hours", by=by),
        "rename_instance": lambda: rename_instance(instance_id=named.pk, name="Phone rota", by=by),
        "remove_instance": lambda: remove_instance(instance_id=named.pk, by=by),
    }


# --- Changing ---------------------------------------------------------------------------------------------------------


def test_a_name_is_mended_until_a_claim_is_accepted_for_it(world: World, changes: UnitRecord) -> None:
    named = name_it(world, changes, "New fone rota")
    item = add_item(world)
    claim(world, item, [cell_of(changes, "5a")], record=changes, instance=named)
    with expect_events(EventType.INSTANCE_RENAMED) as events:
        rename_instance(instance_id=named.pk, name="New phone rota", by=world.candidate)
    note = with_notes(Event.objects.filter(pk=events[0].pk)).get().note
    assert note == "“New fone rota” is now “New phone rota”."
    with expect_events():
        rename_instance(instance_id=named.pk, name="New phone rota", by=world.candidate)
    item.claims.update(state=ClaimState.ACCEPTED, judged_version=item.current_version)
    with expect_events(), pytest.raises(ValidationError, match=r"E1 is accepted for .*, so this name stays"):
        rename_instance(instance_id=named.pk, name="Another", by=world.candidate)


@pytest.mark.parametrize("name", ["longer HOURS", "", "x" * 81])
def test_a_name_is_not_changed_into_another_s_or_none(world: World, changes: UnitRecord, name: str) -> None:
    named = name_it(world, changes, "New phone rota")
    name_it(world, changes, "Longer hours")
    with expect_events(), pytest.raises(ValidationError):
        rename_instance(instance_id=named.pk, name=name, by=world.candidate)


def test_capitals_are_mended_too(world: World, changes: UnitRecord) -> None:
    named = name_it(world, changes, "new phone rota")
    assert rename_instance(instance_id=named.pk, name="New phone rota", by=world.candidate).name == "New phone rota"


# --- Removing ---------------------------------------------------------------------------------------------------------


def test_one_is_removed_while_nothing_rests_on_it_and_can_be_named_again(world: World, changes: UnitRecord) -> None:
    named = name_it(world, changes, "New phone rota")
    item = add_item(world)
    claim(world, item, [cell_of(changes, "5a")], record=changes, instance=named)
    with expect_events(), pytest.raises(ValidationError, match=r"E1 is claimed for “New phone rota”, so it stays"):
        remove_instance(instance_id=named.pk, by=world.candidate)
    item.claims.update(state=ClaimState.WITHDRAWN)
    with expect_events(EventType.INSTANCE_REMOVED):
        remove_instance(instance_id=named.pk, by=world.candidate)
    with expect_events():
        remove_instance(instance_id=named.pk, by=world.candidate)
    with expect_events(), pytest.raises(ValidationError, match="removed meanwhile"):
        rename_instance(instance_id=named.pk, name="Another", by=world.candidate)
    again = name_it(world, changes, "New phone rota")
    assert again != named
    assert names(changes) == ["New phone rota"]


def test_the_reason_names_every_item_once_in_order(world: World, changes: UnitRecord) -> None:
    named = name_it(world, changes, "New phone rota")
    for _ in range(3):
        item = add_item(world)
        claim(world, item, [cell_of(changes, "5a"), cell_of(changes, "5b")], record=changes, instance=named)
    with pytest.raises(ValidationError, match="E1, E2 and E3 are claimed"):
        remove_instance(instance_id=named.pk, by=world.candidate)


# --- All or nothing ---------------------------------------------------------------------------------------------------


def test_an_action_that_cannot_be_recorded_leaves_nothing_behind(world: World, changes: UnitRecord) -> None:
    named = name_it(world, changes, "New phone rota")
    actions = _actions(changes, named, world.candidate)
    assert set(actions) == set(actions_of(module))

    def snapshot() -> list[Any]:
        return [list(model.objects.order_by("pk").values()) for model in (Instance, Evidence, Claim, Event)]

    before = snapshot()
    for action in actions.values():
        with failing_ledger(), pytest.raises(LedgerWriteFailed):
            action()
        assert snapshot() == before
