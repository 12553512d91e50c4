"""A candidate's portfolio at one centre, and the unit records in it."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from centres.models import Centre, Registration, User
from ledger.chains import portfolio_chain
from units.models import Criterion, Group, Unit


class Portfolio(models.Model):
    """Everything one candidate has at one centre: evidence, its numbers and the witnesses (HOUSE decided 1)."""

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="portfolios")
    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="portfolios")
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


class UnitRecord(models.Model):
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


class UnitConfirmationKind(models.TextChoices):
    """What an assessor confirms of a whole unit, or of one item of it, before signing."""

    SUFFICIENT = "sufficient", "Sufficient"  # R4, R17
    REVIEWED = "reviewed", "Earlier judgements reviewed"  # Q23: by an assessor who took the unit over
    NOTES = "notes", "Setting, sector and sufficiency hold"  # Q12: of a unit with nothing to tick
    CONDITION = "condition", "Condition met"  # PRACTICE §2: confirmed, never ticked
    EVERY_INSTANCE = "every_instance", "Every one is covered"  # R3: of an open set, such as each risk


class UnitConfirmation(models.Model):
    """An assessor's confirmation of a unit. It lapses when a claim or judgement on the unit changes afterwards.

    ``group`` is the item of the unit that a condition or an open set of instances stands in; others have none.
    """

    OF_A_GROUP: ClassVar[tuple[str, ...]] = ("condition", "every_instance")

    record = models.ForeignKey(UnitRecord, on_delete=models.PROTECT, related_name="confirmations")
    kind = models.CharField(max_length=14, choices=UnitConfirmationKind)
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(default=timezone.now)
    lapsed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["confirmed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "kind"],
                condition=Q(lapsed_at=None, group=None),
                name="unit_confirmed_once",
                violation_error_message="This has been confirmed already.",
            ),
            models.UniqueConstraint(
                fields=["record", "kind", "group"],
                condition=Q(lapsed_at=None, group__isnull=False),
                name="unit_item_confirmed_once",
                violation_error_message="This has been confirmed already.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["condition", "every_instance"], group__isnull=False)
                | (~Q(kind__in=["condition", "every_instance"]) & Q(group=None)),
                name="unit_confirmation_of_its_item",
                violation_error_message="A condition is confirmed of one item, anything else of the whole unit.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.record}"


class Waiver(models.Model):
    """The assessor does without one criterion that is printed as a "should", for a reason that the IV sees (Q11)."""

    record = models.ForeignKey(UnitRecord, on_delete=models.PROTECT, related_name="waivers")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    waived_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    waived_at = models.DateTimeField(default=timezone.now)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["waived_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "criterion"],
                condition=Q(withdrawn_at=None),
                name="criterion_waived_once",
                violation_error_message="This criterion has been waived already.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="waiver_has_reason",
                violation_error_message="Say why the unit can do without it.",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="waiver_withdrawn_by_somebody",
                violation_error_message="Say when and by whom it was taken back.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion} waived: {self.record}"


class Witness(models.Model):
    """Someone at work who can testify to what the candidate did (R20). No login; testifies, never judges."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, related_name="witnesses")
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
