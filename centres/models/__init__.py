"""Who works here, and with what authority."""

from .access import AccessGrant, ScopeKind
from .authority import Award, AwardKind, Capacity, CompetenceKind, CompetenceNote, RecognisedAward, UnitApproval
from .centre import Centre, Invitation, Membership, Role
from .draft import FormDraft
from .drawn_signature import DrawnSignature
from .environment import RealisticWorkingEnvironment
from .standard_upload import StandardUpload
from .user import User

__all__ = [
    "AccessGrant",
    "Award",
    "AwardKind",
    "Capacity",
    "Centre",
    "CompetenceKind",
    "CompetenceNote",
    "DrawnSignature",
    "FormDraft",
    "Invitation",
    "Membership",
    "RealisticWorkingEnvironment",
    "RecognisedAward",
    "Role",
    "ScopeKind",
    "StandardUpload",
    "UnitApproval",
    "User",
]
