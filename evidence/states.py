"""The legal moves of an evidence item and of a claim, as data. Tests walk every pair; the diagram is made from this."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError

from evidence.models import ClaimState, EvidenceState
from ledger.events import EventType


@dataclass(frozen=True, slots=True)
class Move:
    """One legal move: from where to where, what it is called, who makes it, and the event that tells of it."""

    source: str
    target: str
    name: str
    owner: str
    event: EventType


EVIDENCE_MOVES: tuple[Move, ...] = (
    Move(EvidenceState.DRAFT, EvidenceState.OFFERED, "offer", "candidate", EventType.EVIDENCE_OFFERED),
    Move(EvidenceState.DRAFT, EvidenceState.WITHDRAWN, "withdraw", "candidate", EventType.EVIDENCE_WITHDRAWN),
    Move(EvidenceState.OFFERED, EvidenceState.WITHDRAWN, "withdraw", "candidate", EventType.EVIDENCE_WITHDRAWN),
)

# A locator mended or a new version of the evidence brings a judged claim back to be judged again (Q22). An accepted
# claim is withdrawn only together with its whole item (Q22a). An assessor may think again until the record is signed.
CLAIM_MOVES: tuple[Move, ...] = (
    Move(ClaimState.UNDECIDED, ClaimState.ACCEPTED, "accept", "assessor", EventType.CLAIM_ACCEPTED),
    Move(ClaimState.UNDECIDED, ClaimState.RETURNED, "return", "assessor", EventType.CLAIM_RETURNED),
    Move(ClaimState.UNDECIDED, ClaimState.WITHDRAWN, "withdraw", "candidate", EventType.CLAIM_WITHDRAWN),
    Move(ClaimState.RETURNED, ClaimState.UNDECIDED, "mend", "candidate", EventType.CLAIM_CHANGED),
    Move(ClaimState.RETURNED, ClaimState.ACCEPTED, "accept", "assessor", EventType.CLAIM_ACCEPTED),
    Move(ClaimState.RETURNED, ClaimState.WITHDRAWN, "withdraw", "candidate", EventType.CLAIM_WITHDRAWN),
    Move(ClaimState.ACCEPTED, ClaimState.RETURNED, "return", "assessor", EventType.CLAIM_RETURNED),
    Move(ClaimState.ACCEPTED, ClaimState.UNDECIDED, "replace evidence", "candidate", EventType.EVIDENCE_REPLACED),
    Move(ClaimState.ACCEPTED, ClaimState.WITHDRAWN, "withdraw evidence", "candidate", EventType.EVIDENCE_WITHDRAWN),
)

_REFUSALS = {
    (EvidenceState.OFFERED, EvidenceState.OFFERED): "This evidence has been offered already.",
    (EvidenceState.WITHDRAWN, EvidenceState.WITHDRAWN): "This evidence has been withdrawn already.",
    (EvidenceState.WITHDRAWN, EvidenceState.OFFERED): "This evidence has been withdrawn. Add it again to offer it.",
}


def evidence_move(source: str, target: str) -> Move:
    """The move of an evidence item between two states. Raises ValidationError where there is none."""
    for move in EVIDENCE_MOVES:
        if (move.source, move.target) == (source, target):
            return move
    refusal = _REFUSALS.get((EvidenceState(source), EvidenceState(target)))
    raise ValidationError(refusal or f"{EvidenceState(source).label} evidence cannot become a {target}.")


def claim_move(source: str, target: str) -> Move:
    """The move of a claim between two states. Raises ValidationError where there is none."""
    for move in CLAIM_MOVES:
        if (move.source, move.target) == (source, target):
            return move
    raise ValidationError(
        f"A claim that is “{ClaimState(source).label.lower()}” cannot become “{ClaimState(target).label.lower()}”."
    )
