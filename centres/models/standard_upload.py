"""A standard that a coordinator has handed in, between its preview and its loading."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from centres.models.centre import Centre
from units.models import Standard


class StandardUpload(models.Model):
    """A standard file or spreadsheet as it was read: either its checked document, or what is wrong with it.

    The document is kept until it is loaded: from then on the standard itself holds it. `problems` are the first of
    `problem_count`, each a place in words and what is wrong there.
    """

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="standard_uploads")
    name = models.CharField(max_length=200)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    document = models.JSONField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    problems = models.JSONField(default=list, blank=True)
    problem_count = models.PositiveIntegerField(default=0)
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    standard = models.ForeignKey(Standard, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(applied_at=None, applied_by=None, standard=None)
                | Q(
                    applied_at__gte=F("uploaded_at"),
                    applied_by__isnull=False,
                    standard__isnull=False,
                    problem_count=0,
                    document__isnull=True,
                ),
                name="standard_upload_applied_by_somebody",
                violation_error_message="What was loaded names who loaded it, and the standard that it became.",
            ),
            models.CheckConstraint(
                condition=Q(problem_count=0) | (Q(problem_count__gt=0) & Q(document__isnull=True)),
                name="standard_upload_with_problems_has_no_document",
                violation_error_message="A file with problems holds no standard.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """``applied``, ``refused`` or ``checked``: waiting to be loaded."""
        if self.applied_at:
            return "applied"
        return "refused" if self.problem_count else "checked"
