"""What an assessor decided: on claims, and of an item as valid, authentic and current."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from evidence.models import Claim, EvidenceVersion


class Judgement(models.Model):
    """One assessor's decision on one claim, on one version. Decisions are added, never changed."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(EvidenceVersion, on_delete=models.PROTECT, related_name="+")
    is_accepted = models.BooleanField()
    comment = models.TextField(blank=True)
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    judged_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["judged_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_accepted=True) | ~Q(comment=""),
                name="judgement_return_has_comment",
                violation_error_message="Say what is missing, so that it can be mended.",
            ),
        ]

    def __str__(self) -> str:
        return f"{'Accepted' if self.is_accepted else 'Returned'}: {self.claim}"


class ItemConfirmation(models.Model):
    """The assessor's V, A and C of one version: valid, authentic, current (R17)."""

    CONFIRMS: ClassVar[tuple[str, ...]] = ("valid", "authentic", "current")

    version = models.OneToOneField(EvidenceVersion, on_delete=models.PROTECT, related_name="+")
    is_valid = models.BooleanField("valid")
    is_authentic = models.BooleanField("authentic")
    is_current = models.BooleanField("current")
    how_authenticated = models.CharField(max_length=200, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"V, A, C of {self.version}"

    @property
    def is_whole(self) -> bool:
        """Whether all three are confirmed."""
        return self.is_valid and self.is_authentic and self.is_current
