"""The statements of a sign-off block, and the three of unit 304 that stand in where a standard prints none."""

from dataclasses import dataclass

from django.db import models


class Owner(models.TextChoices):
    """Whose statement it is, as printed."""

    NONE = "none", "nobody named"
    CANDIDATE = "candidate", "candidate"
    ASSESSOR = "assessor", "assessor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One statement, word for word, with its owner as printed."""

    owner: Owner
    text: str

    @property
    def signed_by(self) -> Owner:
        """Whose signature covers the statement: one printed without an owner is bound to the assessor's (Q7)."""
        return Owner.ASSESSOR if self.owner is Owner.NONE else self.owner


DEFAULT_DECLARATIONS = (
    Declaration(
        owner=Owner.NONE,
        text=(
            "The evidence for this unit is valid, sufficient and an authentic record of the candidate’s current "
            "competence and has been assessed under the requirements of the assessment strategy."
        ),
    ),
    Declaration(
        owner=Owner.CANDIDATE,
        text="I confirm that the evidence provided is a result of my own work.",
    ),
    Declaration(
        owner=Owner.ASSESSOR,
        text=(
            "I confirm that the candidate has demonstrated competence by satisfying all of the criteria for this unit."
        ),
    ),
)
