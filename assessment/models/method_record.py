"""Signed records of methods, and what goes before them: areas agreed, questions kept, things seen at work."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from assessment.method_records.kinds import MethodKind
from centres.models import Centre
from evidence.models import EvidenceVersion
from ledger.subjects import OfCentre, OfPortfolio
from registrations.models import Portfolio
from units.models import Unit


class AgreedDiscussion(OfPortfolio, models.Model):
    """The areas of a professional discussion, agreed before it is held (R16)."""

    subject_kind = "discussion"

    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, related_name="+")
    planned_for = models.DateField("date of the discussion")
    areas = models.JSONField(help_text="One text for each area.")
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(default=timezone.now)
    called_off_at = models.DateTimeField(null=True, blank=True)
    # The form's own key: the same form sent twice agrees on one discussion.
    form_key = models.UUIDField(unique=True)

    class Meta:
        ordering = ["planned_for", "pk"]

    def __str__(self) -> str:
        return f"Discussion planned for {self.planned_for:%d/%m/%Y}"


class MethodRecord(models.Model):
    """What an assessor or the candidate wrote and signed about one version of an item (R11, R14, R16).

    Never changed: whoever signed it writes a new one, which names the one that it ``corrects``.
    """

    version = models.ForeignKey(EvidenceVersion, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=25, choices=MethodKind)
    body = models.JSONField(help_text="Of the shape that assessment/method_records/kinds.py gives to its kind.")
    discussion = models.ForeignKey(
        AgreedDiscussion, null=True, blank=True, on_delete=models.PROTECT, related_name="records"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_name = models.CharField(max_length=120)
    signed_at = models.DateTimeField(default=timezone.now)
    # SHA-256 of what was signed (``assessment.method_records.actions.digest_of``).
    digest = models.CharField(max_length=64)
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    # The form's own key: the same form sent twice makes one record.
    form_key = models.UUIDField(unique=True)

    class Meta:
        ordering = ["signed_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=MethodKind.values),
                name="method_record_known_kind",
                violation_error_message="Unknown kind of record.",
            ),
            models.CheckConstraint(
                condition=~Q(signed_name="") & ~Q(digest=""),
                name="method_record_signed",
                violation_error_message="A record is signed with a name.",
            ),
            models.CheckConstraint(
                condition=Q(kind="professional_discussion", discussion__isnull=False)
                | (~Q(kind="professional_discussion") & Q(discussion=None)),
                name="method_record_discussion_agreed",
                violation_error_message="A professional discussion needs areas agreed beforehand, anything else none.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.version}"

    @property
    def is_assessors(self) -> bool:
        """Whether an assessor made it; otherwise it is the candidate's and only supports other evidence (R14)."""
        return MethodKind(self.kind).method is not None


class BankedQuestion(OfCentre, models.Model):
    """A question that an assessor keeps to ask it again, for one unit or for any (R16)."""

    subject_kind = "question"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=500)
    added_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-added_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "centre", "text"],
                condition=Q(removed_at=None),
                name="banked_question_once",
                violation_error_message="You keep this question already.",
            ),
            models.CheckConstraint(
                condition=~Q(text=""),
                name="banked_question_asks_something",
                violation_error_message="Write the question.",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class SeenAtWork(models.Model):
    """An assessor saw evidence that stays at work: where and when (R12)."""

    version = models.ForeignKey(EvidenceVersion, on_delete=models.PROTECT, related_name="+")
    seen_on = models.DateField("date on which you saw it")
    where = models.CharField("where you saw it", max_length=200)
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["recorded_at", "pk"]
        verbose_name_plural = "seen at work"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "seen_by", "seen_on", "where"],
                name="seen_at_work_once",
                violation_error_message="You have recorded this already.",
            ),
            models.CheckConstraint(
                condition=~Q(where=""),
                name="seen_at_work_somewhere",
                violation_error_message="Say where you saw it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} seen on {self.seen_on:%d/%m/%Y}"
