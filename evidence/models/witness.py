"""People at work who can testify to what the candidate did."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ledger.subjects import OfPortfolio
from registrations.models import Portfolio


class Witness(OfPortfolio, models.Model):
    """Someone at work who can testify to what the candidate did (R20). No login; testifies, never judges."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("full name", max_length=120)
    job_role = models.CharField("job role", max_length=120)
    relationship = models.CharField("relationship to you", max_length=120)
    contact = models.CharField("email address or telephone number", max_length=120)
    is_expert = models.BooleanField("expert witness", default=False)
    # How the assessor made sure that the witness is who the candidate says they are (R20a).
    authenticated_how = models.CharField(max_length=200, blank=True)
    authenticated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    authenticated_at = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name_plural = "witnesses"
        constraints = [
            models.CheckConstraint(
                condition=Q(authenticated_how="", authenticated_by=None, authenticated_at=None)
                | (~Q(authenticated_how="") & Q(authenticated_by__isnull=False, authenticated_at__isnull=False)),
                name="witness_authenticated_by_somebody",
                violation_error_message="Say how, when and by whom the witness was authenticated.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.job_role}"

    @property
    def entry(self) -> str:
        """The whole entry, a field a line, as the ledger keeps it, so that it cannot change unseen (R20, R66)."""
        expert = ["Expert witness"] if self.is_expert else []
        return "\n".join([self.name, self.job_role, self.relationship, self.contact, *expert])
