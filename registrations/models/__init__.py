"""Who works towards what, and who answers for them."""

from .case import Case, CaseKind, CaseStep
from .confirmation import UnitConfirmation, UnitConfirmationKind, Waiver
from .held_elsewhere import HeldElsewhere
from .portfolio import Portfolio, RecordState, UnitRecord
from .registration import Registration, RegistrationStatus

__all__ = [
    "Case",
    "CaseKind",
    "CaseStep",
    "HeldElsewhere",
    "Portfolio",
    "RecordState",
    "Registration",
    "RegistrationStatus",
    "UnitConfirmation",
    "UnitConfirmationKind",
    "UnitRecord",
    "Waiver",
]
