"""The award register and the approvals for units: what makes a signature count without a second one (R30-R36)."""

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from centres.models.centre import Centre
from files.models import Blob
from ledger.chains import INSTALLATION
from ledger.subjects import OfPerson, TellableRow
from units.models import Unit


class Capacity(models.TextChoices):
    """In what capacity a person is qualified or approved."""

    ASSESSOR = "assessor", "Assessor"
    IV = "iv", "Internal verifier"


class AwardKind(models.TextChoices):
    """The awards that every installation knows from the start (R30). Old awards still count.

    What is recognised today is data: the rows of ``RecognisedAward``, which the operators add to.
    """

    D32 = "D32", "D32 Assess candidate performance"
    D33 = "D33", "D33 Assess candidate using differing sources of evidence"
    A1 = "A1", "A1 Assess candidates using a range of methods"
    A2 = "A2", "A2 Assess candidates through observation"
    CAVA = "CAVA", "Level 3 assessor award (TAQA, CAVA)"
    D34 = "D34", "D34 Internally verify the assessment process"
    V1 = "V1", "V1 Conduct internal quality assurance"
    IQA4 = "IQA4", "Level 4 internal quality assurance award"


# Which of them qualify a person for which capacity (R30).
RECOGNISED_FROM_THE_START: dict[Capacity, tuple[AwardKind, ...]] = {
    Capacity.ASSESSOR: (AwardKind.D32, AwardKind.D33, AwardKind.A1, AwardKind.A2, AwardKind.CAVA),
    Capacity.IV: (AwardKind.D34, AwardKind.V1, AwardKind.IQA4),
}
LONGEST_CODE = 8


class RecognisedAwardQuerySet(models.QuerySet["RecognisedAward"]):
    def on(self, day: datetime.date) -> Self:
        """The kinds that are recognised on a day."""
        return self.filter(
            Q(recognised_from=None) | Q(recognised_from__lte=day),
            Q(recognised_until=None) | Q(recognised_until__gte=day),
        )


class RecognisedAward(TellableRow, models.Model):
    """A kind of award that qualifies for one capacity, on the days on which it is recognised (R30).

    It is of the whole installation. Awards name its code; it is never deleted, its days end.
    """

    subject_kind = "award_kind"

    code = models.CharField(max_length=LONGEST_CODE, unique=True)
    title = models.CharField(max_length=120)
    capacity = models.CharField(max_length=10, choices=Capacity)
    recognised_from = models.DateField(null=True, blank=True)
    recognised_until = models.DateField(null=True, blank=True)

    objects = RecognisedAwardQuerySet.as_manager()

    class Meta:
        ordering = ["capacity", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(title=""),
                name="recognised_award_has_a_name",
                violation_error_message="Give the award a code and a title.",
            ),
            models.CheckConstraint(
                condition=Q(recognised_until=None)
                | Q(recognised_from=None)
                | Q(recognised_until__gte=F("recognised_from")),
                name="recognised_award_ends_after_start",
                violation_error_message="The last day cannot come before the first.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def chain(self) -> str:
        return INSTALLATION


class Award(OfPerson, models.Model):
    """One award of one person, as a centre has seen it. The register is per centre: each sees its own.

    It counts from its date to its last day, if it has one. ``kind`` is the code of a ``RecognisedAward``.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="awards")
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="awards")
    kind = models.CharField("award", max_length=LONGEST_CODE)
    number = models.CharField("certificate number", max_length=60)
    awarded_on = models.DateField("date of award")
    expires_on = models.DateField("last day", null=True, blank=True)
    # A copy of the certificate, filed once.
    certificate = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    certificate_name = models.CharField(max_length=200, blank=True)
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
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(expires_on__gte=F("awarded_on")),
                name="award_expires_after_its_date",
                violation_error_message="An award cannot expire before its date.",
            ),
            models.CheckConstraint(
                condition=Q(certificate=None, certificate_name="")
                | (Q(certificate__isnull=False) & ~Q(certificate_name="")),
                name="award_certificate_has_a_name",
                violation_error_message="A certificate on file carries the name it was handed in under.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class UnitApproval(OfPerson, models.Model):
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


class CompetenceKind(models.TextChoices):
    """What is noted of a person's competence (R36)."""

    OCCUPATIONAL = "occupational", "Occupational competence"
    CPD = "cpd", "Continuing professional development (CPD)"


class CompetenceNote(OfPerson, models.Model):
    """One dated line on what makes an assessor or IV competent in the occupation, or keeps them so (R36)."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="competence_notes")
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="competence_notes")
    kind = models.CharField(max_length=12, choices=CompetenceKind)
    what = models.CharField(max_length=300)
    happened_on = models.DateField("date")
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-happened_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "centre", "kind", "happened_on", "what"],
                name="competence_noted_once",
                violation_error_message="This has been noted already.",
            ),
            models.CheckConstraint(
                condition=~Q(what=""), name="competence_says_what", violation_error_message="Say what it was."
            ),
        ]

    def __str__(self) -> str:
        return self.what
