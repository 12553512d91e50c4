"""A centre's register of realistic working environments (R7)."""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from centres.models.centre import Centre
from ledger.subjects import OfCentre


class RealisticWorkingEnvironment(OfCentre, models.Model):
    """A training shop, salon or office with real customers, approved by the awarding body (R7).

    An entry is never changed, since signed records name it: it ends, and another takes its place.
    """

    subject_kind = "environment"

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="environments")
    name = models.CharField(max_length=80)
    what_it_is = models.CharField("what it is", max_length=300)
    approved_by = models.CharField(max_length=120)
    approval_reference = models.CharField("reference of the approval", max_length=60, blank=True)
    approved_on = models.DateField("date of approval")
    # The last day on which evidence from there counts as from an approved one.
    ended_on = models.DateField("last day", null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["centre", "name"],
                condition=Q(ended_on=None),
                name="environment_once",
                violation_error_message="An environment of this name is on the register already.",
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(what_it_is="") & ~Q(approved_by=""),
                name="environment_says_what_it_is",
                violation_error_message="Say what it is called, what it is, and who approved it.",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("approved_on")),
                name="environment_ends_after_approval",
                violation_error_message="The last day cannot come before the approval.",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None, ended_by=None) | Q(ended_on__isnull=False, ended_by__isnull=False),
                name="environment_ended_by_somebody",
                violation_error_message="Say when and by whom it was ended.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def was_approved(self, first: datetime.date, last: datetime.date) -> bool:
        """Whether it was approved on every day from the first to the last."""
        return self.approved_on <= first and (self.ended_on is None or last <= self.ended_on)
