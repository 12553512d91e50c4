"""Signatures, sampling marks and unlockings: who vouches for a unit record."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from files.models import Blob
from registrations.models import UnitRecord


class Slot(models.TextChoices):
    """The six lines of the sign-off block, in print order (PRACTICE §2, Q6)."""

    CANDIDATE = "candidate", "Candidate"
    ASSESSOR = "assessor", "Assessor"
    ASSESSOR_COUNTERSIGNATURE = "assessor_countersignature", "Countersignature of assessor"
    IV = "iv", "IV (if sampled)"
    IV_COUNTERSIGNATURE = "iv_countersignature", "Countersignature of IV"
    EV = "ev", "EV (if sampled)"


class Signature(models.Model):
    """A typed name, re-authentication, server time, the statement and a digest of what was signed (Q26)."""

    record = models.ForeignKey(UnitRecord, on_delete=models.PROTECT, related_name="+")
    slot = models.CharField(max_length=26, choices=Slot)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    printed_name = models.CharField(max_length=120)
    signed_at = models.DateTimeField()
    statement = models.TextField()
    proof = models.CharField("proof of presence", max_length=20)
    # Names a proof that could serve again (an authenticator code, a fresh passkey confirmation): it signs once.
    proof_key = models.CharField(max_length=80, blank=True)
    # What was signed, as canonical JSON, with its digest; ``key_signature`` is the installation's Ed25519 signature.
    snapshot = models.JSONField()
    snapshot_digest = models.CharField(max_length=64)
    key_signature = models.CharField(max_length=128)
    key_fingerprint = models.CharField(max_length=64)
    # The drawing that the signer had on their account, beside the name for the eye. What counts is name and proof.
    drawing = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # The award that the register showed when signing; blank where it showed none, and then a second signature is due.
    # Fixed at that moment: a later or backdated award does not change it (R35, Q3).
    award = models.CharField(max_length=120, blank=True)
    needs_countersignature = models.BooleanField(default=False)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey("Unlocking", null=True, blank=True, on_delete=models.PROTECT, related_name="voided")

    class Meta:
        ordering = ["signed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "slot"],
                condition=Q(voided_at=None),
                name="signature_once_per_line",
                violation_error_message="This line is signed already.",
            ),
            # Each of the six excludes the other five: assessing, countersigning and verifying are done by different
            # people, none of them the candidate (R33, R40, R41, Q4).
            models.UniqueConstraint(
                fields=["record", "signer"],
                condition=Q(voided_at=None),
                name="signature_once_per_person",
                violation_error_message="You have signed another line of this record, and nobody signs two.",
            ),
            models.UniqueConstraint(
                fields=["proof_key"],
                condition=~Q(proof_key=""),
                name="signature_one_per_proof",
                violation_error_message="That confirmation has been used for a signature. Confirm again.",
            ),
            models.CheckConstraint(
                condition=Q(slot__in=Slot.values),
                name="signature_known_line",
                violation_error_message="Unknown line of the sign-off block.",
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None, voided_by=None) | Q(voided_at__isnull=False, voided_by__isnull=False),
                name="signature_voided_by_unlocking",
                violation_error_message="A signature is voided by an unlocking only.",
            ),
            models.CheckConstraint(
                condition=Q(needs_countersignature=False) | Q(slot__in=["assessor", "iv"]),
                name="signature_duty_of_assessor_or_iv",
                violation_error_message="Only an assessor's or an IV's signature can need a second one.",
            ),
            models.CheckConstraint(
                condition=Q(needs_countersignature=False) | Q(award=""),
                name="signature_duty_without_award",
                violation_error_message="A second signature is due exactly where the register shows no award.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_slot_display()}: {self.printed_name}"


class SamplingMark(models.Model):
    """A verifier has drawn this unit record; without a mark no IV or EV signs it (R42, HOUSE decided 5)."""

    class Verifier(models.TextChoices):
        IV = "iv", "Internal verifier"
        EV = "ev", "External verifier"

    record = models.ForeignKey(UnitRecord, on_delete=models.PROTECT, related_name="+")
    capacity = models.CharField(max_length=2, choices=Verifier)
    verifier = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=200)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["marked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "capacity"],
                condition=Q(withdrawn_at=None),
                name="sampling_mark_once",
                violation_error_message="This unit record has been drawn already.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="sampling_mark_has_reason",
                violation_error_message="Say why it was drawn.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record} drawn by {self.verifier}"


class Unlocking(models.Model):
    """A signed record was opened again: why, and by whom. It voids every signature on the record (R48)."""

    record = models.ForeignKey(UnitRecord, on_delete=models.PROTECT, related_name="+")
    unlocked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    capacity = models.CharField(max_length=12)
    unlocked_at = models.DateTimeField(default=timezone.now)
    reason = models.TextField()

    class Meta:
        ordering = ["unlocked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""), name="unlocking_has_reason", violation_error_message="Say why it is unlocked."
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record} unlocked"
