"""The award register and the approvals for units: what makes a signature count without a second one (R30-R36)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from units.models import Unit

from .centre import Centre


class Capacity(models.TextChoices):
    """In what capacity a person is qualified or approved."""

    ASSESSOR = "assessor", "Assessor"
    IV = "iv", "Internal verifier"


class AwardKind(models.TextChoices):
    """The recognised awards (R30). Old awards still count."""

    D32 = "D32", "D32 Assess candidate performance"
    D33 = "D33", "D33 Assess candidate using differing sources of evidence"
    A1 = "A1", "A1 Assess candidates using a range of methods"
    A2 = "A2", "A2 Assess candidates through observation"
    CAVA = "CAVA", "Level 3 assessor award (TAQA, CAVA)"
    D34 = "D34", "D34 Internally verify the assessment process"
    V1 = "V1", "V1 Conduct internal quality assurance"
    IQA4 = "IQA4", "Level 4 internal quality assurance award"


# Which awards qualify a person for which capacity (R30).
RECOGNISED_AWARDS: dict[str, frozenset[str]] = {
    Capacity.ASSESSOR: frozenset({AwardKind.D32, AwardKind.D33, AwardKind.A1, AwardKind.A2, AwardKind.CAVA}),
    Capacity.IV: frozenset({AwardKind.D34, AwardKind.V1, AwardKind.IQA4}),
}


class Award(models.Model):
    """One recognised award of one person, as a centre has seen it. The register is per centre: each sees its own."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="awards")
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="awards")
    kind = models.CharField("award", max_length=8, choices=AwardKind)
    number = models.CharField("certificate number", max_length=60)
    awarded_on = models.DateField("date of award")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    # An entry made in error is struck out, never deleted.
    struck_out_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["awarded_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "centre", "kind", "number"],
                condition=Q(struck_out_at=None),
                name="award_once",
                violation_error_message="This award is on the register already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class UnitApproval(models.Model):
    """The centre's approval of a person to assess or verify one unit, over a period of days (R36, HOUSE decided 7)."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="unit_approvals")
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="unit_approvals")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    capacity = models.CharField(max_length=10, choices=Capacity)
    starts_on = models.DateField("from")
    ends_on = models.DateField("last day", null=True, blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["unit__code", "capacity", "starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "centre", "unit", "capacity"],
                condition=Q(ends_on=None),
                name="approval_once",
                violation_error_message="This person is approved for that unit already.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="approval_ends_after_start",
                violation_error_message="An approval cannot end before it starts.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_capacity_display()} for {self.unit.code}"
