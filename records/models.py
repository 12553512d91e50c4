"""What leaves the building."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from files.models import Blob
from registrations.models import UnitRecord


class PrintState(models.TextChoices):
    """Whether a print is to be had."""

    WAITING = "waiting", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Could not be made"


class PrintedRecord(models.Model):
    """A PDF of one unit record as it stood at one moment, made in the background."""

    record = models.ForeignKey(UnitRecord, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=PrintState, default=PrintState.WAITING)
    blob = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Digest of the contents that were printed: the same contents are not printed twice.
    contents_digest = models.CharField(max_length=64)
    # Set when the PDF is made: what it confirms to whoever types its code (`codes.py` says why only a digest is kept).
    code_digest = models.CharField(max_length=64, unique=True, null=True, blank=True)
    record_state = models.CharField("state of the record when printed", max_length=30, blank=True)
    record_digest = models.CharField("digest of the record when printed", max_length=64, blank=True)
    signature_ids = models.JSONField("signatures that stood when printed", default=list, blank=True)

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
