"""What is offered, and how it was judged."""

from .claim import Claim, ClaimState, Judgement, point_label
from .evidence import Evidence, EvidenceFile, EvidenceState, EvidenceVersion, ItemConfirmation
from .instance import Instance
from .portfolio import Portfolio, RecordState, UnitConfirmation, UnitConfirmationKind, UnitRecord, Waiver, Witness

__all__ = [
    "Claim",
    "ClaimState",
    "Evidence",
    "EvidenceFile",
    "EvidenceState",
    "EvidenceVersion",
    "Instance",
    "ItemConfirmation",
    "Judgement",
    "Portfolio",
    "RecordState",
    "UnitConfirmation",
    "UnitConfirmationKind",
    "UnitRecord",
    "Waiver",
    "Witness",
    "point_label",
]
