"""The legal moves of a registration, as data. Tests walk every pair; the diagram in ``docs/`` is made from it."""

from dataclasses import dataclass

from centres.models import Role
from ledger.events import EventType
from registrations.models import RecordState, RegistrationStatus


@dataclass(frozen=True)
class RegistrationMove:
    """One legal move: from where to where, its name on a button, who owns it, and whether it needs a reason."""

    source: RegistrationStatus
    target: RegistrationStatus
    label: str
    needs_reason: bool = False
    role: Role = Role.COORDINATOR
    event: EventType = EventType.REGISTRATION_STATUS_CHANGED


_S = RegistrationStatus

REGISTRATION_MOVES: tuple[RegistrationMove, ...] = (
    RegistrationMove(_S.ACTIVE, _S.SUSPENDED, "Suspend", needs_reason=True),
    RegistrationMove(_S.SUSPENDED, _S.ACTIVE, "Resume"),
    RegistrationMove(_S.ACTIVE, _S.WITHDRAWN, "Withdraw", needs_reason=True),
    RegistrationMove(_S.SUSPENDED, _S.WITHDRAWN, "Withdraw", needs_reason=True),
    RegistrationMove(_S.ACTIVE, _S.COMPLETED, "Complete"),
    # A verifier may find something after completion; only the certificate is the end of it (R48).
    RegistrationMove(_S.COMPLETED, _S.ACTIVE, "Resume", needs_reason=True),
    RegistrationMove(_S.COMPLETED, _S.CERTIFICATED, "Record the certificate"),
)

# After these nothing is written on a registration any more, except the certificate.
ENDED = frozenset({_S.WITHDRAWN, _S.COMPLETED, _S.CERTIFICATED})


def moves_from(status: str) -> tuple[RegistrationMove, ...]:
    """The moves that a registration in this status may make."""
    return tuple(move for move in REGISTRATION_MOVES if move.source == status)


def move_between(source: str, target: str) -> RegistrationMove | None:
    """The legal move between two statuses; None when there is none."""
    return next((move for move in REGISTRATION_MOVES if (move.source, move.target) == (source, target)), None)


# On every other record the assessor's signature stands, and so does the assessor (R66).
ASSESSOR_NOT_SIGNED = frozenset({RecordState.OPEN, RecordState.CANDIDATE_SIGNED})
SIGNED_BY_IV = frozenset(
    {RecordState.AWAITING_IV_COUNTERSIGNATURE, RecordState.VERIFIED, RecordState.EXTERNALLY_VERIFIED}
)
IV_NOT_SIGNED = frozenset(RecordState) - SIGNED_BY_IV
