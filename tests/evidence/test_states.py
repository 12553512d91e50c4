"""Every pair of states, walked through the tables of moves."""

import itertools

import pytest
from django.core.exceptions import ValidationError

from evidence.models import ClaimState, EvidenceState
from evidence.states import CLAIM_MOVES, EVIDENCE_MOVES, claim_move, evidence_move

LEGAL_FOR_EVIDENCE = {("draft", "offered"), ("draft", "withdrawn"), ("offered", "withdrawn")}
LEGAL_FOR_CLAIMS = {
    ("undecided", "accepted"),
    ("undecided", "returned"),
    ("undecided", "withdrawn"),
    ("returned", "undecided"),
    ("returned", "accepted"),
    ("returned", "withdrawn"),
    ("accepted", "returned"),
    ("accepted", "undecided"),
    ("accepted", "withdrawn"),
}


@pytest.mark.parametrize(("source", "target"), list(itertools.product(EvidenceState.values, repeat=2)))
def test_evidence_moves_as_the_table_says_and_no_other_way(source: str, target: str) -> None:
    if (source, target) in LEGAL_FOR_EVIDENCE:
        assert evidence_move(source, target).target == target
    else:
        with pytest.raises(ValidationError):
            evidence_move(source, target)


@pytest.mark.parametrize(("source", "target"), list(itertools.product(ClaimState.values, repeat=2)))
def test_claims_move_as_the_table_says_and_no_other_way(source: str, target: str) -> None:
    if (source, target) in LEGAL_FOR_CLAIMS:
        assert claim_move(source, target).target == target
    else:
        with pytest.raises(ValidationError):
            claim_move(source, target)


@pytest.mark.parametrize("moves", [EVIDENCE_MOVES, CLAIM_MOVES])
def test_a_move_is_listed_once_and_says_who_makes_it(moves) -> None:
    pairs = [(move.source, move.target) for move in moves]
    assert len(pairs) == len(set(pairs))
    assert {move.owner for move in moves} <= {"candidate", "assessor"}


def test_nothing_comes_back_from_withdrawal() -> None:
    assert not [move for move in (*EVIDENCE_MOVES, *CLAIM_MOVES) if move.source == "withdrawn"]
