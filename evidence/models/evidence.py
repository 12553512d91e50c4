"""Evidence, the versions of it, the files handed in, and the assessor's V, A and C."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from centres.models import RealisticWorkingEnvironment
from evidence.environments import why_doubtful
from files.models import Blob
from ledger.subjects import OfPortfolio
from registrations.models import Portfolio
from units.methods import Method
from units.setting_policy import Setting

from .witness import Witness


class EvidenceState(models.TextChoices):
    """Where an item stands. ``evidence/states.py`` has the legal moves."""

    DRAFT = "draft", "Draft"
    OFFERED = "offered", "Offered for assessment"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Evidence(OfPortfolio, models.Model):
    """One numbered item in a portfolio. Its words and files live in versions."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=EvidenceState, default=EvidenceState.DRAFT)
    current_version = models.OneToOneField(
        "EvidenceVersion", null=True, on_delete=models.PROTECT, related_name="current_of"
    )
    added_at = models.DateTimeField(default=timezone.now)
    offered_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.CharField(max_length=300, blank=True)
    # The form's own key: the same form sent twice makes one item.
    form_key = models.UUIDField(unique=True)
    # Counts writes, so that a form filled in on an older state is noticed.
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["number"]
        verbose_name_plural = "evidence"
        constraints = [
            models.UniqueConstraint(
                fields=["portfolio", "number"],
                name="evidence_number_once",
                violation_error_message="An evidence number is never used twice.",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", offered_at=None, withdrawn_at=None)
                | Q(state="offered", offered_at__isnull=False, withdrawn_at=None)
                | (Q(state="withdrawn", withdrawn_at__isnull=False) & ~Q(withdrawn_why="")),
                name="evidence_state_dated",
                violation_error_message="Offered evidence carries a time; withdrawn evidence a time and a reason.",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """The evidence reference as written in every criterion's cell (R10, Q21)."""
        return f"E{self.number}"


class EvidenceVersion(models.Model):
    """What the candidate handed in, as it then was. Judged versions are never changed (Q22)."""

    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="versions")
    ordinal = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=150)
    methods = models.JSONField(help_text="Assessment methods, in the order of the key (Q20).")
    setting = models.CharField(max_length=20, choices=Setting)
    simulation_basis = models.TextField(
        "the experience that the simulation is based on",
        blank=True,  # demanded of simulations by the form and the constraint below (R6)
    )
    # Which of the centre's approved ones, where the setting is one (R7).
    environment = models.ForeignKey(
        RealisticWorkingEnvironment, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    happened_from = models.DateField("date")
    happened_to = models.DateField("last date")
    # What sufficiency is judged by (R4): which occasion, and which customer, who stays anonymous (R12).
    occasion = models.CharField(max_length=80, blank=True)
    customer = models.CharField(max_length=60, blank=True)
    what_happened = models.TextField()
    is_rpl = models.BooleanField("this shows earlier learning (RPL)", default=False)  # judged by the same tests (R19)
    kept_at = models.CharField(max_length=200, blank=True)
    witness = models.ForeignKey(Witness, null=True, blank=True, on_delete=models.PROTECT, related_name="testimonies")
    # What the witness wrote and signed behind a link. Versions may share it: an edit of ours leaves their words alone.
    testimony = models.ForeignKey("Testimony", null=True, blank=True, on_delete=models.PROTECT, related_name="versions")
    why = models.CharField("reason for the new version", max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["ordinal"]
        constraints = [
            models.UniqueConstraint(
                fields=["evidence", "ordinal"],
                name="version_once",
                violation_error_message="This evidence has been changed meanwhile.",
            ),
            models.CheckConstraint(
                condition=Q(happened_to__gte=F("happened_from")),
                name="version_ends_after_start",
                violation_error_message="The last date cannot come before the first.",
            ),
            models.CheckConstraint(
                condition=Q(setting__in=Setting.values),
                name="version_known_setting",
                violation_error_message="Unknown setting.",
            ),
            models.CheckConstraint(
                condition=~Q(setting="simulation") | ~Q(simulation_basis=""),
                name="version_simulation_has_basis",
                violation_error_message="Say what real experience the simulation is based on.",
            ),
            models.CheckConstraint(
                condition=Q(setting="rwe") | Q(environment=None),
                name="version_environment_of_rwe",
                violation_error_message="Only evidence from a realistic working environment names one.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evidence.reference} version {self.ordinal}"

    @property
    def method_codes(self) -> str:
        """The methods as the paper record writes them, such as "O, PE"."""
        return ", ".join(self.methods)

    @property
    def method_labels(self) -> list[str]:
        """The methods' full names in the order of the key."""
        return [str(Method(code).label) for code in self.methods]

    @property
    def environment_warning(self) -> str:
        """What an assessor asks about where it comes from a realistic working environment (R7); "" if nothing."""
        if self.setting != Setting.RWE:
            return ""
        return why_doubtful(self.environment, self.happened_from, self.happened_to)


class EvidenceFile(models.Model):
    """A file of one version. Versions may share a blob: what did not change is not stored again."""

    version = models.ForeignKey(EvidenceVersion, on_delete=models.PROTECT, related_name="files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "position"],
                name="evidence_file_position_once",
                violation_error_message="Two files cannot have the same place.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
