"""The legal moves of a unit record and of each signature on it, as data (Q6, R35, R48; HOUSE, habit 4). Pure.

`docs/states.md` is drawn from this table, and the tests walk every pair of states.
"""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import TextChoices

from ledger.events import EventType
from registrations.models import RecordState
from signoff.models import Signature, Slot


@dataclass(frozen=True, kw_only=True)
class Move:
    """One way from one state to another: what happens, who owns it, under what condition, and the event it writes."""

    source: RecordState
    target: RecordState
    action: str
    owner: str
    event: EventType
    slot: Slot | None = None
    # For the slots whose signer may lack an award: whether a second signature is then due (Q3).
    is_countersignature_due: bool | None = None
    condition: str = ""


# The second signature under each of the two whose signer may lack an award (R31, R34).
COUNTERSIGNATURE_OF: dict[Slot, Slot] = {
    Slot.ASSESSOR: Slot.ASSESSOR_COUNTERSIGNATURE,
    Slot.IV: Slot.IV_COUNTERSIGNATURE,
}
COUNTERSIGNED_BY: dict[Slot, Slot] = {second: first for first, second in COUNTERSIGNATURE_OF.items()}

_SIGNATURES = (
    Move(
        source=RecordState.OPEN,
        target=RecordState.CANDIDATE_SIGNED,
        action="candidate signs",
        owner="the candidate",
        slot=Slot.CANDIDATE,
        condition="the coverage gate is open",
        event=EventType.RECORD_SIGNED,
    ),
    Move(
        source=RecordState.CANDIDATE_SIGNED,
        target=RecordState.COMPLETE,
        action="assessor signs",
        owner="the unit's assessor",
        slot=Slot.ASSESSOR,
        is_countersignature_due=False,
        condition="the register shows an award",
        event=EventType.RECORD_SIGNED,
    ),
    Move(
        source=RecordState.CANDIDATE_SIGNED,
        target=RecordState.AWAITING_COUNTERSIGNATURE,
        action="assessor signs",
        owner="the unit's assessor",
        slot=Slot.ASSESSOR,
        is_countersignature_due=True,
        condition="the register shows no award",
        event=EventType.RECORD_SIGNED,
    ),
    Move(
        source=RecordState.AWAITING_COUNTERSIGNATURE,
        target=RecordState.COMPLETE,
        action="assessor is countersigned",
        owner="a qualified assessor approved for the unit",
        slot=Slot.ASSESSOR_COUNTERSIGNATURE,
        event=EventType.RECORD_COUNTERSIGNED,
    ),
    Move(
        source=RecordState.COMPLETE,
        target=RecordState.VERIFIED,
        action="IV signs",
        owner="the unit's IV",
        slot=Slot.IV,
        is_countersignature_due=False,
        condition="sampled, and the register shows an award",
        event=EventType.RECORD_SIGNED,
    ),
    Move(
        source=RecordState.COMPLETE,
        target=RecordState.AWAITING_IV_COUNTERSIGNATURE,
        action="IV signs",
        owner="the unit's IV",
        slot=Slot.IV,
        is_countersignature_due=True,
        condition="sampled, and the register shows no award",
        event=EventType.RECORD_SIGNED,
    ),
    Move(
        source=RecordState.AWAITING_IV_COUNTERSIGNATURE,
        target=RecordState.VERIFIED,
        action="IV is countersigned",
        owner="a qualified IV approved for the unit",
        slot=Slot.IV_COUNTERSIGNATURE,
        event=EventType.RECORD_COUNTERSIGNED,
    ),
    Move(
        source=RecordState.COMPLETE,
        target=RecordState.EXTERNALLY_VERIFIED,
        action="EV signs",
        owner="the EV who drew the record",
        slot=Slot.EV,
        condition="sampled, and the IV has not drawn it",
        event=EventType.RECORD_SIGNED,
    ),
    Move(
        source=RecordState.VERIFIED,
        target=RecordState.EXTERNALLY_VERIFIED,
        action="EV signs",
        owner="the EV who drew the record",
        slot=Slot.EV,
        condition="sampled",
        event=EventType.RECORD_SIGNED,
    ),
)

# Until a verifier has signed, the assessor may open their own record again; afterwards the coordinator only (R48).
UNLOCKED_BY_ASSESSOR = frozenset(
    {RecordState.CANDIDATE_SIGNED, RecordState.AWAITING_COUNTERSIGNATURE, RecordState.COMPLETE}
)
FROZEN = tuple(state for state in RecordState if state is not RecordState.OPEN)
# From these on, the assessment decision is made: verifiers may sign, and the record carries its time of completion.
COMPLETED = frozenset(
    {
        RecordState.COMPLETE,
        RecordState.AWAITING_IV_COUNTERSIGNATURE,
        RecordState.VERIFIED,
        RecordState.EXTERNALLY_VERIFIED,
    }
)

_UNLOCKINGS = tuple(
    Move(
        source=state,
        target=RecordState.OPEN,
        action="unlocked",
        owner="the assessor or the coordinator" if state in UNLOCKED_BY_ASSESSOR else "the coordinator",
        condition="with a reason; voids every signature",
        event=EventType.RECORD_UNLOCKED,
    )
    for state in FROZEN
)

RECORD_MOVES: tuple[Move, ...] = _SIGNATURES + _UNLOCKINGS


def slots_due(state: str) -> tuple[Slot, ...]:
    """The lines that may be signed in this state, in print order. After completion the IV and the EV may both be next.

    Whether they were asked to (a sampling mark) is for `permissions.py` to say.
    """
    return tuple(slot for slot in Slot if any(move.source == state and move.slot == slot for move in RECORD_MOVES))


def signing_move(*, state: str, slot: Slot, needs_countersignature: bool) -> Move:
    """The move that a signature on `slot` makes from `state` (Q6).

    Raises ValidationError when that line is not the next one.
    """
    for move in RECORD_MOVES:
        if move.source != state or move.slot != slot:
            continue
        if move.is_countersignature_due is None or move.is_countersignature_due is needs_countersignature:
            return move
    raise ValidationError(not_due(state=state, slot=slot), code="not_due")


def unlocking_move(*, state: str) -> Move:
    """The move that opens a signed record again (R48). Raises ValidationError when nothing is signed."""
    for move in _UNLOCKINGS:
        if move.source == state:
            return move
    raise ValidationError("Nothing is signed on this record, so there is nothing to unlock.", code="not_due")


def not_due(*, state: str, slot: Slot) -> str:
    """Why this line cannot be signed in this state, in a sentence."""
    order = list(Slot)
    due = slots_due(state)
    if due and order.index(slot) > order.index(due[0]):
        return f"{LINE_NAMES[due[0]]} comes first."
    if state == RecordState.EXTERNALLY_VERIFIED and slot is not Slot.EV:
        return "The EV has signed this record: no line before it can be signed any more."
    return "This line is not due: it is signed already, or not required."


class SignatureState(TextChoices):
    """Where one signature stands. Derived from its row and from the one under it, and never stored."""

    NOT_GIVEN = "not_given", "Not given"
    STANDS = "stands", "Stands"
    AWAITS = "awaits", "Awaits its countersignature"
    COUNTERSIGNED = "countersigned", "Stands, countersigned"
    VOID = "void", "Void"


@dataclass(frozen=True, kw_only=True)
class SignatureMove:
    """One way from one state of a signature to another: what happens, who owns it, and the event it writes."""

    source: SignatureState
    target: SignatureState
    action: str
    owner: str
    event: EventType


# The duty is fixed when signing: nothing leads from "awaits" to "stands" (R35).
SIGNATURE_MOVES: tuple[SignatureMove, ...] = (
    SignatureMove(
        source=SignatureState.NOT_GIVEN,
        target=SignatureState.STANDS,
        action="signed (the register shows an award, or the line asks for none)",
        owner="whoever the line names",
        event=EventType.RECORD_SIGNED,
    ),
    SignatureMove(
        source=SignatureState.NOT_GIVEN,
        target=SignatureState.AWAITS,
        action="signed (the register shows no award)",
        owner="the unit's assessor or IV",
        event=EventType.RECORD_SIGNED,
    ),
    SignatureMove(
        source=SignatureState.AWAITS,
        target=SignatureState.COUNTERSIGNED,
        action="countersigned",
        owner="a qualified person who is approved for the unit",
        event=EventType.RECORD_COUNTERSIGNED,
    ),
    *(
        SignatureMove(
            source=state,
            target=SignatureState.VOID,
            action="the record is unlocked",
            owner="the assessor or the coordinator",
            event=EventType.RECORD_UNLOCKED,
        )
        for state in (SignatureState.STANDS, SignatureState.AWAITS, SignatureState.COUNTERSIGNED)
    ),
)


def signature_state(signature: Signature | None, *, is_countersigned: bool = False) -> SignatureState:
    """Where a signature stands; ``is_countersigned``: whether a live second signature stands under it."""
    if signature is None:
        return SignatureState.NOT_GIVEN
    if signature.voided_at is not None:
        return SignatureState.VOID
    if not signature.needs_countersignature:
        return SignatureState.STANDS
    return SignatureState.COUNTERSIGNED if is_countersigned else SignatureState.AWAITS


def signature_move(*, source: SignatureState, target: SignatureState) -> SignatureMove:
    """The move between two states of a signature. Raises ValidationError where there is none."""
    for move in SIGNATURE_MOVES:
        if (move.source, move.target) == (source, target):
            return move
    raise ValidationError(
        f"A signature that is “{source.label.lower()}” cannot become “{target.label.lower()}”.", code="not_due"
    )


LINE_NAMES: dict[Slot, str] = {
    Slot.CANDIDATE: "The candidate’s signature",
    Slot.ASSESSOR: "The assessor’s signature",
    Slot.ASSESSOR_COUNTERSIGNATURE: "The countersignature of the assessor",
    Slot.IV: "The IV’s signature",
    Slot.IV_COUNTERSIGNATURE: "The countersignature of the IV",
    Slot.EV: "The EV’s signature",
}
