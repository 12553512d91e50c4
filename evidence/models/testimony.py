"""Testimony by a witness without an account: what they were asked, and what they said and signed (R20, R21)."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ledger.subjects import TellableRow

from .evidence import Evidence
from .witness import Witness


def new_key() -> str:
    """128 bits that nobody guesses, as 22 letters."""
    return secrets.token_urlsafe(16)


class TestimonyRequest(TellableRow, models.Model):
    """The candidate has asked a witness about one item. The link is made from this row when it is sent (``desk``).

    The link is the key with a signature over it: neither this table nor the installation's secret alone gives one away.
    """

    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="testimony_requests")
    witness = models.ForeignKey(Witness, on_delete=models.PROTECT, related_name="testimony_requests")
    email = models.EmailField("email address")
    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    # What the witness is asked about, as the item then said: it may be changed while the link is on its way.
    title = models.CharField(max_length=150)
    happened_from = models.DateField()
    happened_to = models.DateField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["evidence"],
                condition=Q(used_at=None, withdrawn_at=None),
                name="testimony_asked_once",
                violation_error_message="The witness has been asked already.",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("asked_at")),
                name="testimony_link_runs",
                violation_error_message="A link must run for some time.",
            ),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(withdrawn_at=None),
                name="testimony_link_used_or_withdrawn",
                violation_error_message="A link that was used is not withdrawn.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.witness.name} about {self.evidence.reference}"

    @property
    def state(self) -> str:
        """``waiting``, ``given``, ``withdrawn`` or ``expired``."""
        if self.used_at:
            return "given"
        if self.withdrawn_at:
            return "withdrawn"
        return "expired" if self.expires_at <= timezone.now() else "waiting"


class Testimony(TellableRow, models.Model):
    """What a witness said in their own words and signed (R21). Written once; only its suspension is added later.

    Who they are stands here as they said it themselves; what the candidate says of them stands in the witness list.
    """

    request = models.OneToOneField(TestimonyRequest, on_delete=models.PROTECT, related_name="testimony")
    name = models.CharField("full name", max_length=120)
    job_role = models.CharField("job role", max_length=120)
    relationship = models.CharField(max_length=120)
    contact = models.CharField("email address or telephone number", max_length=120)
    seen_on = models.DateField()
    words = models.TextField()
    statement = models.TextField()
    signed_name = models.CharField(max_length=120)
    signed_at = models.DateTimeField()
    # Of the canonical content, and the installation's Ed25519 signature over it.
    digest = models.CharField(max_length=64)
    key_signature = models.CharField(max_length=128)
    key_fingerprint = models.CharField(max_length=64)
    suspended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["signed_at", "pk"]
        verbose_name_plural = "testimonies"
        constraints = [
            models.CheckConstraint(
                condition=~Q(words="") & ~Q(signed_name=""),
                name="testimony_has_words_and_a_name",
                violation_error_message="A testimony has words and a name under them.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signed_name} on {self.request.evidence.reference}"

    @property
    def is_suspended(self) -> bool:
        """Whether the address that was asked has said that the words are not theirs."""
        return self.suspended_at is not None
