"""What leaves the building."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from evidence.models import UnitRecord
from files.models import Blob


class PrintState(models.TextChoices):
    """Whether a print is to be had."""

    WAITING = "waiting", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Could not be made"


class PrintedRecord(models.Model):
    """A PDF of one unit record as it stood at one moment, made in the background."""

    record = models.ForeignKey(UnitRecord, on_delete=models.PROTECT, related_name="prints")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=PrintState, default=PrintState.WAITING)
    blob = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Digest of the contents that were printed: the same contents are not printed twice.
    contents_digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="ready", blob__isnull=False) | Q(state__in=["waiting", "failed"], blob=None),
                name="print_ready_has_file",
                violation_error_message="A print that is ready has a file.",
            ),
        ]

    def __str__(self) -> str:
        return f"Print of {self.record}"
