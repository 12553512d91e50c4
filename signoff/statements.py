"""What each signature says: the printed declarations, and plain sentences where the print has a line only (Q2, Q7)."""

from signoff.models import Signature, Slot
from signoff.states import SignatureState
from units.declarations import Owner
from units.outline import UnitOutline

# The lines as the record prints them.
PRINTED_LINES: dict[Slot, str] = {
    Slot.CANDIDATE: "Signature of candidate",
    Slot.ASSESSOR: "Signature of assessor",
    Slot.ASSESSOR_COUNTERSIGNATURE: "Countersignature of assessor",
    Slot.IV: "Signature of IV (if sampled)",
    Slot.IV_COUNTERSIGNATURE: "Countersignature of IV",
    Slot.EV: "Signature of EV (if sampled)",
}

# The 304 record prints a line but no statement for these four.
_UNPRINTED: dict[Slot, str] = {
    Slot.ASSESSOR_COUNTERSIGNATURE: (
        "I am qualified and approved for this unit. I have looked at this assessment and I countersign the decision of "
        "the assessor."
    ),
    Slot.IV: "I have sampled this unit record and I confirm the assessment decision.",
    Slot.IV_COUNTERSIGNATURE: (
        "I am qualified and approved for this unit. I have looked at this verification and I countersign the decision "
        "of the IV."
    ),
    Slot.EV: "I have sampled this unit record on behalf of the awarding body.",
}

COVERAGE_ONLY = (
    "This record covers ‘what you must cover’ only. The centre confirms that the performance and knowledge criteria of "
    "this unit are met and are recorded elsewhere."
)


def statements_for(outline: UnitOutline, slot: Slot) -> tuple[str, ...]:
    """The statements that one line's signature covers, in print order.

    A statement printed without an owner goes with the assessor's (Q7); a coverage-only unit says so above it (Q2).
    """
    if slot in _UNPRINTED:
        return (_UNPRINTED[slot],)
    owner = Owner.CANDIDATE if slot is Slot.CANDIDATE else Owner.ASSESSOR
    printed = tuple(declaration.text for declaration in outline.declarations if declaration.signed_by is owner)
    if slot is Slot.ASSESSOR and outline.is_coverage_only:
        return (*printed, COVERAGE_ONLY)
    return printed


def statement_for(outline: UnitOutline, slot: Slot) -> str:
    """The same in one piece, as the signature stores it: a blank line between two statements."""
    return "\n\n".join(statements_for(outline, slot))


def award_note(signature: Signature, state: SignatureState) -> str:
    """What the register showed when a line was signed, as page and print say it beside the name (Q3, R33, R35)."""
    if not signature.needs_countersignature:
        return f"Award on the register: {signature.award}." if signature.award else ""
    then = "it is countersigned" if state is SignatureState.COUNTERSIGNED else "a countersignature is due"
    return f"The register showed no recognised award on that day, so {then}."


def not_required_note(signature: Signature) -> str:
    """Why no second signature is due under this one (Q3)."""
    return f"Not required: {signature.printed_name} holds {signature.award}."
