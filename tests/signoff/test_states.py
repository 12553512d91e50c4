"""Every pair of states is either a move of the table or refused (Q6, R48; HOUSE, habit 4)."""

from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from registrations.models import RecordState
from signoff.diagram import states_document
from signoff.models import Slot
from signoff.states import RECORD_MOVES, UNLOCKED_BY_ASSESSOR, signing_move, slots_due, unlocking_move

LEGAL = {
    (RecordState.OPEN, Slot.CANDIDATE, False): RecordState.CANDIDATE_SIGNED,
    (RecordState.CANDIDATE_SIGNED, Slot.ASSESSOR, False): RecordState.COMPLETE,
    (RecordState.CANDIDATE_SIGNED, Slot.ASSESSOR, True): RecordState.AWAITING_COUNTERSIGNATURE,
    (RecordState.AWAITING_COUNTERSIGNATURE, Slot.ASSESSOR_COUNTERSIGNATURE, False): RecordState.COMPLETE,
    (RecordState.COMPLETE, Slot.IV, False): RecordState.VERIFIED,
    (RecordState.COMPLETE, Slot.IV, True): RecordState.AWAITING_IV_COUNTERSIGNATURE,
    (RecordState.AWAITING_IV_COUNTERSIGNATURE, Slot.IV_COUNTERSIGNATURE, False): RecordState.VERIFIED,
    (RecordState.COMPLETE, Slot.EV, False): RecordState.EXTERNALLY_VERIFIED,
    (RecordState.VERIFIED, Slot.EV, False): RecordState.EXTERNALLY_VERIFIED,
}
# A second signature can be due under two lines only.
MAY_LACK_AWARD = {Slot.ASSESSOR, Slot.IV}


CASES = [case for case in product(RecordState, Slot, [False, True]) if not case[2] or case[1] in MAY_LACK_AWARD]


@pytest.mark.parametrize(("state", "slot", "lacks_award"), CASES)
def test_a_signature_moves_the_record_as_the_table_says_or_is_refused(state: str, slot: Slot, lacks_award: bool):
    target = LEGAL.get((state, slot, lacks_award))
    if target is not None:
        assert signing_move(state=state, slot=slot, needs_countersignature=lacks_award).target == target
        assert slot in slots_due(state)
        return
    with pytest.raises(ValidationError) as refusal:
        signing_move(state=state, slot=slot, needs_countersignature=lacks_award)
    assert refusal.value.code == "not_due"
    assert slot not in slots_due(state)


@pytest.mark.parametrize("state", RecordState)
def test_every_frozen_state_can_be_unlocked_and_no_other(state: str):
    if state == RecordState.OPEN:
        with pytest.raises(ValidationError, match="nothing to unlock"):
            unlocking_move(state=state)
    else:
        assert unlocking_move(state=state).target == RecordState.OPEN


def test_every_pair_of_states_not_in_the_table_is_no_move():
    pairs = {(move.source, move.target) for move in RECORD_MOVES}
    signed = {(source, target) for (source, _, _), target in LEGAL.items()}
    unlocked = {(state, RecordState.OPEN) for state in RecordState if state != RecordState.OPEN}
    assert pairs == signed | unlocked
    assert len(set(product(RecordState, RecordState)) - pairs) == 49 - len(pairs)


def test_the_assessor_unlocks_until_a_verifier_has_signed():
    """R48."""
    assert {
        RecordState.CANDIDATE_SIGNED,
        RecordState.AWAITING_COUNTERSIGNATURE,
        RecordState.COMPLETE,
    } == UNLOCKED_BY_ASSESSOR


def test_the_document_of_states_is_fresh():
    assert (Path(settings.BASE_DIR) / "docs" / "states.md").read_text() == states_document()
    call_command("state_diagram", check=True)


def test_a_stale_document_is_noticed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("signoff.management.commands.state_diagram.states_document", lambda: "something else")
    with pytest.raises(CommandError, match="stale"):
        call_command("state_diagram", check=True)
