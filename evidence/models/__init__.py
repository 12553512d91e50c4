"""What is offered."""

from .claim import Claim, ClaimState, point_label
from .evidence import Evidence, EvidenceFile, EvidenceState, EvidenceVersion
from .front_matter import FrontMatter, FrontMatterFile, FrontMatterKind
from .instance import Instance
from .testimony import Testimony, TestimonyRequest
from .witness import Witness

__all__ = [
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
    "Testimony",
    "TestimonyRequest",
    "Witness",
    "point_label",
]
