"""Appeals, suspected malpractice and sanctions as dated cases (R53, R54)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from centres.models.centre import Centre
from ledger.chains import centre_chain, portfolio_chain
from ledger.subjects import TellableRow

from .registration import Registration


class CaseKind(models.TextChoices):
    """What a case is about. Only an appeal is its candidate's to see."""

    APPEAL = "appeal", "Appeal"
    MALPRACTICE = "malpractice", "Suspected malpractice"
    SANCTION = "sanction", "Sanction"


class Case(TellableRow, models.Model):
    """An appeal against a decision, suspected malpractice, or a sanction, from its opening to its outcome.

    Its words are never changed: what comes later is a step, and its end is the outcome.
    """

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=CaseKind)
    title = models.CharField(max_length=120)
    registration = models.ForeignKey(
        Registration, null=True, blank=True, on_delete=models.PROTECT, related_name="cases"
    )
    # Whom it concerns, where that is not the candidate of the registration.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_on = models.DateField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    closed_on = models.DateField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.TextField(blank=True)

    class Meta:
        ordering = [F("closed_on").desc(nulls_first=True), "-opened_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title=""), name="case_has_title", violation_error_message="Say what it is about."
            ),
            models.CheckConstraint(
                condition=~Q(kind="appeal") | Q(registration__isnull=False),
                name="case_appeal_names_a_registration",
                violation_error_message="An appeal is about a registration.",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None, closed_by=None, outcome="")
                | (Q(closed_on__gte=F("opened_on"), closed_by__isnull=False) & ~Q(outcome="")),
                name="case_closed_with_an_outcome",
                violation_error_message="A case that is closed says when, by whom and with what outcome.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether steps may follow."""
        return self.closed_on is None

    @property
    def chain(self) -> str:
        """The chain that tells of it. An appeal is part of the candidate's portfolio; nothing else goes there."""
        if self.kind == CaseKind.APPEAL and self.registration is not None:
            return portfolio_chain(centre_id=self.centre_id, candidate_id=self.registration.candidate_id)
        return centre_chain(self.centre_id)


class CaseStep(models.Model):
    """What was done in a case, on a day. The first tells how it began."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    taken_on = models.DateField("date")
    what = models.TextField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["taken_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(what=""), name="case_step_says_what", violation_error_message="Say what was done."
            )
        ]

    def __str__(self) -> str:
        return self.what
