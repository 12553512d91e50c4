"""What a portfolio opens with besides what the registration says: profile or CV, and job description (R61)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from files.models import Blob
from ledger.subjects import OfPortfolio
from registrations.models import Portfolio


class FrontMatterKind(models.TextChoices):
    """The parts that the candidate writes or hands in."""

    CV = "cv", "Profile or CV"
    JOB_DESCRIPTION = "job-description", "Job description"


class FrontMatter(OfPortfolio, models.Model):
    """One part as the candidate saved it. What is saved anew replaces it, and it stays on record (R60)."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=FrontMatterKind)
    text = models.TextField(blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-written_at", "-pk"]
        verbose_name_plural = "front matter"
        constraints = [
            models.UniqueConstraint(
                fields=["portfolio", "kind"],
                condition=Q(replaced_at=None),
                name="front_matter_once",
                violation_error_message="This has been changed meanwhile.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=FrontMatterKind.values),
                name="front_matter_known_kind",
                violation_error_message="Unknown part of the front matter.",
            ),
            models.CheckConstraint(
                condition=Q(replaced_at=None) | Q(replaced_at__gte=F("written_at")),
                name="front_matter_replaced_later",
                violation_error_message="What replaces it comes later.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.portfolio}"


class FrontMatterFile(models.Model):
    """A file of one part. Rows may share a blob: what did not change is not stored again."""

    front_matter = models.ForeignKey(FrontMatter, on_delete=models.PROTECT, related_name="files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["front_matter", "position"],
                name="front_matter_file_position_once",
                violation_error_message="Two files cannot have the same place.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
