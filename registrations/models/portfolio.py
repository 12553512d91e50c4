"""A candidate's portfolio at one centre, and the unit records in it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from centres.models import Centre, User
from ledger.chains import portfolio_chain
from ledger.subjects import OfPortfolio
from units.models import Unit

from .registration import Registration


class Portfolio(models.Model):
    """Everything one candidate has at one centre: evidence, its numbers and the witnesses (HOUSE decided 1)."""

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="+")
    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # The number that the next item gets; it only ever grows, so no number is used twice (R10, Q21).
    next_number = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["centre", "candidate"],
                name="portfolio_once",
                violation_error_message="This candidate has a portfolio here already.",
            ),
        ]

    def __str__(self) -> str:
        return f"Portfolio of {self.candidate}"

    @property
    def chain(self) -> str:
        """The key of this portfolio's chain in the ledger."""
        return portfolio_chain(centre_id=self.centre_id, candidate_id=self.candidate_id)


class RecordState(models.TextChoices):
    """Where a unit record stands. Only ``signoff/`` moves it; ``signoff/states.py`` has the legal moves."""

    OPEN = "open", "Open"
    CANDIDATE_SIGNED = "candidate_signed", "Signed by the candidate"
    AWAITING_COUNTERSIGNATURE = "awaiting_countersignature", "Awaiting the assessor's countersignature"
    COMPLETE = "complete", "Complete"
    AWAITING_IV_COUNTERSIGNATURE = "awaiting_iv_countersignature", "Awaiting the IV's countersignature"
    VERIFIED = "verified", "Internally verified"
    EXTERNALLY_VERIFIED = "externally_verified", "Externally verified"


class UnitRecord(OfPortfolio, models.Model):
    """One registration × one unit (HOUSE decided 2). The first signature freezes it."""

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="unit_records")
    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, related_name="unit_records")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    # A unit may have an assessor or IV of its own (Q24); blank means the registration's.
    own_assessor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    own_iv = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=30, choices=RecordState, default=RecordState.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["registration", "unit__position", "unit__code"]
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "unit"],
                name="record_once_per_unit",
                violation_error_message="This registration has that unit already.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "candidate_signed", "awaiting_countersignature"], completed_at=None)
                | Q(
                    state__in=["complete", "awaiting_iv_countersignature", "verified", "externally_verified"],
                    completed_at__isnull=False,
                ),
                name="record_completed_dated",
                violation_error_message="A complete unit record carries the time of completion, and only then.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit.code} of {self.registration.candidate}"

    @property
    def assessor(self) -> User:
        """Who answers for the judgements on this unit now."""
        return self.own_assessor or self.registration.assessor

    @property
    def iv(self) -> User:
        """Who verifies this unit now."""
        return self.own_iv or self.registration.iv

    @property
    def is_open(self) -> bool:
        """Whether claims and judgements may change: nothing signed, and the registration goes on."""
        return self.state == RecordState.OPEN and self.registration.is_open
