"""What the assessor confirms or does without in a unit, besides judging claims: rows that a unit record carries."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from units.models import Criterion, Group

from .portfolio import UnitRecord


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
