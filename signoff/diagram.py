"""The state diagrams of `docs/states.md`, drawn from the tables that the code goes by (HOUSE, habit 4)."""

from collections.abc import Iterable
from dataclasses import dataclass

from evidence.models import ClaimState, EvidenceState
from evidence.states import CLAIM_MOVES, EVIDENCE_MOVES
from registrations.models import RecordState, RegistrationStatus
from registrations.states import REGISTRATION_MOVES
from signoff.states import RECORD_MOVES, SIGNATURE_MOVES, SignatureState


@dataclass(frozen=True)
class Arrow:
    """One move, in words."""

    source: str
    target: str
    action: str
    owner: str
    event: str


@dataclass(frozen=True)
class Diagram:
    """One thing's states with their labels, and the moves between them. The first state is where it starts."""

    title: str
    module: str
    states: tuple[tuple[str, str], ...]
    arrows: tuple[Arrow, ...]


def diagrams() -> tuple[Diagram, ...]:
    """Everything in the product that has states."""
    return (
        Diagram(
            title="Unit record",
            module="signoff/states.py",
            states=tuple((str(value), str(label)) for value, label in RecordState.choices),
            arrows=tuple(
                Arrow(
                    move.source,
                    move.target,
                    f"{move.action} ({move.condition})" if move.condition else move.action,
                    move.owner,
                    move.event,
                )
                for move in RECORD_MOVES
            ),
        ),
        Diagram(
            title="Signature",
            module="signoff/states.py",
            states=tuple((str(value), str(label)) for value, label in SignatureState.choices),
            arrows=tuple(
                Arrow(move.source, move.target, move.action, move.owner, move.event) for move in SIGNATURE_MOVES
            ),
        ),
        Diagram(
            title="Evidence",
            module="evidence/states.py",
            states=tuple((str(value), str(label)) for value, label in EvidenceState.choices),
            arrows=tuple(
                Arrow(move.source, move.target, move.name, f"the {move.owner}", move.event) for move in EVIDENCE_MOVES
            ),
        ),
        Diagram(
            title="Claim",
            module="evidence/states.py",
            states=tuple((str(value), str(label)) for value, label in ClaimState.choices),
            arrows=tuple(
                Arrow(move.source, move.target, move.name, f"the {move.owner}", move.event) for move in CLAIM_MOVES
            ),
        ),
        Diagram(
            title="Registration",
            module="registrations/states.py",
            states=tuple((str(value), str(label)) for value, label in RegistrationStatus.choices),
            arrows=tuple(
                Arrow(
                    move.source,
                    move.target,
                    f"{move.label.lower()} (with a reason)" if move.needs_reason else move.label.lower(),
                    f"the {move.role}",
                    move.event,
                )
                for move in REGISTRATION_MOVES
            ),
        ),
    )


def states_document() -> str:
    """The whole of `docs/states.md`."""
    parts = [
        "# States and legal moves",
        "Written by `manage.py state_diagram` from the tables named below; a test fails when it is stale.",
        *(_section(diagram) for diagram in diagrams()),
    ]
    return "\n\n".join(parts) + "\n"


def _section(diagram: Diagram) -> str:
    return "\n\n".join(
        [f"## {diagram.title}", f"`{diagram.module}`", _mermaid(diagram), _table(diagram)],
    )


def _mermaid(diagram: Diagram) -> str:
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{label}" as {value}' for value, label in diagram.states]
    lines.append(f"    [*] --> {diagram.states[0][0]}")
    lines += [f"    {arrow.source} --> {arrow.target}: {arrow.action}" for arrow in diagram.arrows]
    return "\n".join([*lines, "```"])


def _table(diagram: Diagram) -> str:
    labels = dict(diagram.states)
    rows = [("From", "To", "What happens", "By whom", "Event")]
    rows += [
        (labels[arrow.source], labels[arrow.target], arrow.action, arrow.owner, f"`{arrow.event}`")
        for arrow in diagram.arrows
    ]
    return "\n".join([_row(rows[0]), _row(["---"] * len(rows[0])), *map(_row, rows[1:])])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
