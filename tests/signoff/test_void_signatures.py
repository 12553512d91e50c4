"""What an unlocking made void stays to be read: on the record, on its print and in its history (R48)."""

from itertools import product

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from proof.verify import faults
from records.layout import lay_out
from signoff.actions import unlock
from signoff.contents import RECORD_RELATIONS, contents_of_record
from signoff.models import Signature, Slot
from signoff.states import SIGNATURE_MOVES, SignatureState, signature_move
from tests.evidence.builders import World
from tests.evidence.pages import text_of
from tests.signoff.builders import (
    again,
    awaiting_countersignature,
    awaiting_iv_countersignature,
    candidate_signed,
    complete,
    confirm_sufficient,
    sign_line,
    verified,
)
from tests.signoff.test_record_page import page_of

State = SignatureState
LEGAL = {
    (State.NOT_GIVEN, State.STANDS),
    (State.NOT_GIVEN, State.AWAITS),
    (State.AWAITS, State.COUNTERSIGNED),
    (State.STANDS, State.VOID),
    (State.AWAITS, State.VOID),
    (State.COUNTERSIGNED, State.VOID),
}


@pytest.mark.parametrize(("source", "target"), list(product(State, State)))
def test_a_signature_moves_as_the_table_says_or_not_at_all(source: State, target: State) -> None:
    """R35: no award that is entered later leads from "awaits" to "stands"."""
    if (source, target) in LEGAL:
        assert signature_move(source=source, target=target).owner
        return
    with pytest.raises(ValidationError) as refusal:
        signature_move(source=source, target=target)
    assert refusal.value.code == "not_due"


def test_each_move_is_listed_once() -> None:
    assert [(move.source, move.target) for move in SIGNATURE_MOVES] == list(
        dict.fromkeys((move.source, move.target) for move in SIGNATURE_MOVES)
    )


def state_of(record: object, slot: Slot) -> State:
    return contents_of_record(fetched(record), with_files=True).signature_state(slot)


def fetched(record: object) -> object:
    return type(record).objects.select_related(*RECORD_RELATIONS).get(pk=record.pk)


@pytest.mark.stage(reach=awaiting_countersignature)
def test_the_states_that_signatures_come_to(world: World) -> None:
    record = world.trainee_record
    assert state_of(record, Slot.CANDIDATE) is State.STANDS
    assert state_of(record, Slot.ASSESSOR) is State.AWAITS
    assert state_of(record, Slot.IV) is State.NOT_GIVEN
    sign_line(record, Slot.ASSESSOR_COUNTERSIGNATURE, by=world.countersigner)
    assert state_of(record, Slot.ASSESSOR) is State.COUNTERSIGNED
    assert state_of(record, Slot.ASSESSOR_COUNTERSIGNATURE) is State.STANDS
    assert state_of(awaiting_iv_countersignature(world), Slot.IV) is State.AWAITS
    unlock(record_id=record.pk, reason="Wrong", by=world.coordinator)
    assert state_of(record, Slot.ASSESSOR) is State.NOT_GIVEN


@pytest.mark.parametrize("who", ["candidate", "assessor", "iv", "coordinator"])
@pytest.mark.stage(reach=verified)
def test_the_record_shows_what_is_void_since_when_by_whom_and_why(world: World, who: str) -> None:
    record = world.record
    unlock(record_id=record.pk, reason="The date was wrong.", by=world.coordinator)
    text = page_of(world, who, record)
    coordinator = world.coordinator.person.name
    assert f"This record was unlocked {coordinator} opened it again on" in text
    for signed in (
        "Signature of candidate: Carla Candidate",
        "Signature of assessor: Anna Assessor",
        "Signature of IV (if sampled): Ivor Verifier",
    ):
        assert signed in text
    assert text.count(f"{coordinator} unlocked the record. “The date was wrong.”") == 3
    confirm_sufficient(record, by=world.assessor)
    sign_line(record, Slot.CANDIDATE, by=world.candidate)
    signed_again = page_of(world, who, record)
    assert "This record was unlocked" not in signed_again
    assert signed_again.count("Void since") == 3


@pytest.mark.stage(reach=complete)
def test_a_record_that_was_never_unlocked_shows_nothing_of_it(world: World) -> None:
    record = world.record
    text = page_of(world, "candidate", record)
    assert "Void" not in text
    assert "unlocked" not in text


@pytest.mark.stage(reach=complete)
def test_the_print_lists_what_is_void(world: World) -> None:
    record = world.record
    assert lay_out(contents_of_record(fetched(record), with_files=True), {}).voided == ()
    unlock(record_id=record.pk, reason="The date was wrong.", by=world.assessor)
    first, second = lay_out(contents_of_record(fetched(again(record)), with_files=True), {}).voided
    assert first.text.startswith("Signature of candidate: Carla Candidate, ")
    assert "Void since" in first.text
    assert (second.reason, second.by) == ("The date was wrong.", "Unlocked by Anna Assessor")


@pytest.mark.stage(reach=complete)
def test_rounds_of_signing_cost_the_page_nothing(world: World, django_assert_num_queries) -> None:
    record = world.record
    client, path = world.client(world.assessor), reverse("record", args=[record.pk])
    client.get(path)
    with django_assert_num_queries(9) as once:
        client.get(path)
    for _ in range(2):
        unlock(record_id=record.pk, reason="Again", by=world.assessor)
        confirm_sufficient(record, by=world.assessor)
        sign_line(record, Slot.CANDIDATE, by=world.candidate)
        sign_line(record, Slot.ASSESSOR, by=world.assessor)
    with django_assert_num_queries(len(once)):
        assert text_of(client.get(path)).count("Void since") == 4


@pytest.mark.stage(reach=candidate_signed)
def test_a_void_signature_names_the_unlocking_that_made_it_void(world: World) -> None:
    """Two by one person: with the other's day and reason, the page would tell something that was not so."""
    first = world.record
    before = unlock(record_id=first.pk, reason="First reason", by=world.assessor)
    confirm_sufficient(first, by=world.assessor)
    sign_line(first, Slot.CANDIDATE, by=world.candidate)
    after = unlock(record_id=first.pk, reason="Second reason", by=world.assessor)
    assert list(faults()) == []
    Signature.objects.filter(voided_by=before).update(voided_by=after, voided_at=after.unlocked_at)
    assert [fault.why for fault in faults()] == ["it was not voided by the unlocking that it names"]
