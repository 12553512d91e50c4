"""Runs of the verification, each with what it found."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from centres.models import Centre
from ledger.subjects import OfCentre


class RunState(models.TextChoices):
    """How far a verification is, and what came of it."""

    WAITING = "waiting", "Waiting to start"
    RUNNING = "running", "Under way"
    SOUND = "sound", "Everything holds"
    BROKEN = "broken", "Something does not hold"
    FAILED = "failed", "Could not be finished"


class VerificationRun(OfCentre, models.Model):
    """One verification of all that a centre's people signed, asked for by its coordinator and run in the background."""

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="+")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    # A chain's head from an email or a printout, as `ledger.anchors` spells it; blank when none was given.
    anchor = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=RunState, default=RunState.WAITING)
    # Progress, and when it last got on: one that stands still has lost its worker.
    checked = models.PositiveIntegerField(default=0)
    to_check = models.PositiveIntegerField(default=0)
    moved_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    # How much does not hold, and the first of it, each with "what" and "why".
    fault_count = models.PositiveIntegerField(default=0)
    first_faults = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], finished_at=None)
                | Q(state__in=["sound", "broken", "failed"], finished_at__isnull=False),
                name="verification_run_finished_with_result",
                violation_error_message="A verification that has a result has finished.",
            ),
            models.CheckConstraint(
                condition=~Q(state="sound") | Q(fault_count=0),
                name="verification_run_sound_without_faults",
                violation_error_message="Where something does not hold, not everything holds.",
            ),
        ]

    def __str__(self) -> str:
        return f"Verification {self.pk}"

    @property
    def is_under_way(self) -> bool:
        return self.finished_at is None
