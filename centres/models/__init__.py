"""Who works here, and with what authority."""

from .access import AccessGrant, ScopeKind
from .authority import (
    Award,
    AwardKind,
    Capacity,
    CompetenceKind,
    CompetenceNote,
    RecognisedAward,
    UnitApproval,
)
from .case import Case, CaseKind, CaseStep
from .centre import Centre, Invitation, Membership, Role
from .draft import FormDraft
from .drawing import DrawnSignature
from .environment import RealisticWorkingEnvironment
from .held_elsewhere import HeldElsewhere
from .registration import Registration, RegistrationStatus
from .standard_upload import StandardUpload
from .user import User

__all__ = [
    "AccessGrant",
    "Award",
    "AwardKind",
    "Capacity",
    "Case",
    "CaseKind",
    "CaseStep",
    "Centre",
    "CompetenceKind",
    "CompetenceNote",
    "DrawnSignature",
    "FormDraft",
    "HeldElsewhere",
    "Invitation",
    "Membership",
    "RealisticWorkingEnvironment",
    "RecognisedAward",
    "Registration",
    "RegistrationStatus",
    "Role",
    "ScopeKind",
    "StandardUpload",
    "UnitApproval",
    "User",
]
