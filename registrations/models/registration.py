"""One candidate on one qualification at one centre."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from centres.models.centre import Centre
from ledger.chains import portfolio_chain
from ledger.subjects import TellableRow
from units.models import Qualification


class RegistrationStatus(models.TextChoices):
    """Where a registration stands. ``registrations/states.py`` has the legal moves."""

    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    WITHDRAWN = "withdrawn", "Withdrawn"
    COMPLETED = "completed", "Completed"
    CERTIFICATED = "certificated", "Certificated"


class Registration(TellableRow, models.Model):
    """A candidate's registration, with the assessor and the IV who answer for it. Read-only once it has ended."""

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="+")
    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    qualification = models.ForeignKey(Qualification, on_delete=models.PROTECT, related_name="+")
    number = models.CharField("registration number", max_length=40)
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    iv = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="internal verifier"
    )
    employer = models.CharField(max_length=120)
    site = models.CharField(max_length=120)
    started_on = models.DateField("registered on")
    expected_end_on = models.DateField("expected end", null=True, blank=True)
    status = models.CharField(max_length=12, choices=RegistrationStatus, default=RegistrationStatus.ACTIVE)
    ended_on = models.DateField(null=True, blank=True)
    # Counts writes, so that a form filled in on an older state is noticed.
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["candidate__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["centre", "number"],
                name="registration_number_once",
                violation_error_message="This registration number is in use already.",
            ),
            models.UniqueConstraint(
                fields=["centre", "candidate", "qualification"],
                condition=Q(status__in=["active", "suspended"]),
                name="registration_once_at_a_time",
                violation_error_message="This candidate is registered for that qualification already.",
            ),
            models.CheckConstraint(
                condition=~Q(assessor=F("candidate")),
                name="registration_assessor_not_candidate",
                violation_error_message="A candidate cannot be their own assessor.",
            ),
            models.CheckConstraint(
                condition=~Q(iv=F("candidate")),
                name="registration_iv_not_candidate",
                violation_error_message="A candidate cannot be their own internal verifier.",
            ),
            models.CheckConstraint(
                condition=~Q(iv=F("assessor")),
                name="registration_iv_not_assessor",
                violation_error_message="Nobody verifies their own assessment decisions.",
            ),
            models.CheckConstraint(
                condition=Q(expected_end_on=None) | Q(expected_end_on__gt=F("started_on")),
                name="registration_end_after_start",
                violation_error_message="The expected end must come after the date of registration.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["active", "suspended"], ended_on=None)
                | Q(status__in=["withdrawn", "completed", "certificated"], ended_on__isnull=False),
                name="registration_end_dated",
                violation_error_message="A registration that has ended carries the date, and only then.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate} ({self.number})"

    @property
    def chain(self) -> str:
        """That of the candidate's portfolio at the centre."""
        return portfolio_chain(centre_id=self.centre_id, candidate_id=self.candidate_id)

    @property
    def is_open(self) -> bool:
        """Whether work on it may go on."""
        return self.status == RegistrationStatus.ACTIVE
