"""Claims (cross-references) and the judgements on them."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ledger.subjects import TellableRow
from registrations.models import UnitRecord
from units.models import Criterion

from .evidence import Evidence, EvidenceVersion
from .instance import Instance


class ClaimState(models.TextChoices):
    """Where a claim stands. ``evidence/states.py`` has the legal moves."""

    UNDECIDED = "undecided", "Awaiting judgement"
    ACCEPTED = "accepted", "Accepted"
    RETURNED = "returned", "Returned"
    WITHDRAWN = "withdrawn", "Withdrawn"


def point_label(criterion: Criterion, instance: Instance | None) -> str:
    """A criterion as printed and, where it is asked for several times, for which: "5a for “New phone rota”" (R3)."""
    return f"{criterion.label} for “{instance}”" if instance else criterion.label


class Claim(TellableRow, models.Model):
    """One item offered against one criterion, or against a unit as a whole (Q12), with a locator (R8, R9).

    Where the criterion is asked for several times over, ``instance`` says for which of them (R3).
    """

    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="claims")
    record = models.ForeignKey(UnitRecord, on_delete=models.PROTECT, related_name="+")
    criterion = models.ForeignKey(Criterion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    instance = models.ForeignKey(Instance, null=True, blank=True, on_delete=models.PROTECT, related_name="claims")
    locator = models.CharField(max_length=100, help_text="Page, paragraph or time, such as “page 2” or “04:10”.")
    state = models.CharField(max_length=10, choices=ClaimState, default=ClaimState.UNDECIDED)
    # The version that the claim was last judged on; a signed record keeps it (Q22a).
    judged_version = models.ForeignKey(
        EvidenceVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # What was said with the last judgement (`assessment` has them all), so that whoever mends the claim can read it.
    comment = models.TextField(blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    # Every judgement, oldest first, where `assessment.queries.hang_judgements` has hung them on for a page.
    judgements: Sequence[Any] = ()

    class Meta:
        ordering = ["evidence__number", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["evidence", "record", "criterion"],
                condition=Q(criterion__isnull=False, instance=None) & ~Q(state="withdrawn"),
                name="claim_once_per_criterion",
                violation_error_message="This evidence is claimed against that criterion already.",
            ),
            models.UniqueConstraint(
                fields=["evidence", "record", "criterion", "instance"],
                condition=Q(instance__isnull=False) & ~Q(state="withdrawn"),
                name="claim_once_per_instance",
                violation_error_message="This evidence is claimed against that criterion already.",
            ),
            models.CheckConstraint(
                condition=Q(instance=None) | Q(criterion__isnull=False),
                name="claim_instance_of_a_criterion",
                violation_error_message="A claim against the unit as a whole is for no single instance.",
            ),
            models.UniqueConstraint(
                fields=["evidence", "record"],
                condition=Q(criterion=None) & ~Q(state="withdrawn"),
                name="claim_once_per_unit",
                violation_error_message="This evidence is claimed against that unit already.",
            ),
            models.CheckConstraint(
                condition=~Q(locator=""),
                name="claim_has_locator",
                violation_error_message="Say where in the evidence to look.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "returned"]) | Q(judged_version__isnull=False),
                name="claim_judged_on_a_version",
                violation_error_message="A judged claim names the version it was judged on.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evidence.reference} against {self.criterion or self.record.unit.code}"

    @property
    def chain(self) -> str:
        return self.record.chain

    @property
    def label(self) -> str:
        """What it is made against: "304.1.1", "5a for “New phone rota”" (R3) or "Unit 304 as a whole" (Q12).

        No query where criterion__group, instance and record__unit were fetched with it.
        """
        if self.criterion is None:
            return f"Unit {self.record.unit.code} as a whole"
        return point_label(self.criterion, self.instance)

    @property
    def label_in_a_sentence(self) -> str:
        """The same after other words: "unit 304 as a whole"."""
        return self.label if self.criterion else f"{self.label[0].lower()}{self.label[1:]}"
