"""What is offered, and how it was judged."""

from .claim import Claim, ClaimState, Judgement, point_label
from .evidence import Evidence, EvidenceFile, EvidenceState, EvidenceVersion, ItemConfirmation
from .front_matter import FrontMatter, FrontMatterFile, FrontMatterKind
from .instance import Instance
from .method_record import AgreedDiscussion, BankedQuestion, MethodRecord, SeenAtWork
from .portfolio import Portfolio, RecordState, UnitConfirmation, UnitConfirmationKind, UnitRecord, Waiver, Witness
from .testimony import Testimony, TestimonyRequest

__all__ = [
    "AgreedDiscussion",
    "BankedQuestion",
    "Claim",
    "ClaimState",
    "Evidence",
    "EvidenceFile",
    "EvidenceState",
    "EvidenceVersion",
    "FrontMatter",
    "FrontMatterFile",
    "FrontMatterKind",
    "Instance",
    "ItemConfirmation",
    "Judgement",
    "MethodRecord",
    "Portfolio",
    "RecordState",
    "SeenAtWork",
    "Testimony",
    "TestimonyRequest",
    "UnitConfirmation",
    "UnitConfirmationKind",
    "UnitRecord",
    "Waiver",
    "Witness",
    "point_label",
]
