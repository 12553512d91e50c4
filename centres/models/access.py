"""Reading rights given to a named person for a time (HOUSE decided 4, Q25)."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from centres.models.centre import Centre
from ledger.subjects import OfCentre


class ScopeKind(models.TextChoices):
    """What a grant opens. The scope's id names the row of that kind; lower rooms' rows are named, never linked."""

    REGISTRATION = "registration", "Registration"
    UNIT_RECORD = "unit_record", "Unit record"


class AccessGrantQuerySet(models.QuerySet["AccessGrant"]):
    def running(self) -> Self:
        """Grants in force today."""
        today = timezone.localdate()
        return self.filter(ended_at=None, starts_on__lte=today, ends_on__gte=today)


class AccessGrant(OfCentre, models.Model):
    """A person may read something, from one day to another, for a reason. It ends by itself."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="access_grants")
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="access_grants")
    scope_kind = models.CharField(max_length=14, choices=ScopeKind)
    scope_id = models.PositiveBigIntegerField()
    starts_on = models.DateField("from")
    ends_on = models.DateField("last day")
    reason = models.CharField(max_length=200)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AccessGrantQuerySet.as_manager()

    class Meta:
        ordering = ["-ends_on", "pk"]
        indexes = [models.Index(fields=["person", "scope_kind", "scope_id"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="grant_ends_after_start",
                violation_error_message="Access cannot end before it starts.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="grant_has_reason", violation_error_message="Say why access is given."
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.scope_kind} {self.scope_id} until {self.ends_on}"

    @property
    def subject(self) -> str:
        """Told of as what it opens."""
        return f"{self.scope_kind}:{self.scope_id}"
