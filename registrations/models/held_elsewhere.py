"""Where a centre keeps the criteria that a standard does not print (Q2)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from centres.models.centre import Centre
from ledger.subjects import OfCentre
from units.models import Unit


class HeldElsewhere(OfCentre, models.Model):
    """A centre's word that the *do* and *know* criteria of a coverage-only unit are met and held elsewhere (Q2).

    Without it, or criteria loaded by the centre, no record of such a unit is signed.
    """

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    where = models.CharField(max_length=200)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["unit__position", "pk"]
        verbose_name_plural = "held elsewhere"
        constraints = [
            models.UniqueConstraint(
                fields=["centre", "unit"],
                condition=Q(ended_at=None),
                name="held_elsewhere_once",
                violation_error_message="This has been confirmed for the unit already.",
            ),
            models.CheckConstraint(
                condition=~Q(where=""),
                name="held_elsewhere_says_where",
                violation_error_message="Say where the criteria are held.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="held_elsewhere_ended_by_somebody",
                violation_error_message="Say when and by whom it was ended.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit.code}: {self.where}"

    @property
    def subject(self) -> str:
        """Told of as the unit."""
        return f"unit:{self.unit_id}"
