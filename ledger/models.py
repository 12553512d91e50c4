"""What happened, append-only (R66). Nothing here points at what it describes, so events outlive every other row.

The database itself refuses changes: see `ledger/guard.py`.
"""

from django.db import models
from django.db.models import F, Q

from ledger.anchors import Anchor
from ledger.events import EventType
from ledger.links import SAID, Link

DIGEST_LENGTH = 64


class Chain(models.Model):
    """One hash chain and where it ends now. `ledger/chains.py` names the keys."""

    key = models.CharField(max_length=80, unique=True)
    length = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=DIGEST_LENGTH, blank=True, default="")
    # How long the chain was when its head last went into the chain of heads: finds the grown ones without reading all.
    sealed_length = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(length=0, head="") | (Q(length__gt=0) & ~Q(head="")),
                name="ledger_chain_head_fits_length",
                violation_error_message="A chain has a head exactly when it has events.",
            ),
            models.CheckConstraint(
                condition=Q(sealed_length__lte=F("length")),
                name="ledger_chain_sealed_within_length",
                violation_error_message="A chain cannot be sealed beyond its end.",
            ),
        )

    def __str__(self) -> str:
        return self.key


class Event(models.Model):
    """One thing that happened. Holds ids, states and digests only; personal free text stands in `Note`."""

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveBigIntegerField()
    # The list is closed in `events.py` and kept by `tell`; as choices it would ask for a migration at each new type.
    type = models.CharField(max_length=40)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_role = models.CharField(max_length=40, blank=True)
    subject = models.CharField(max_length=80)
    data = models.JSONField(default=dict, blank=True)
    note_digest = models.CharField(max_length=DIGEST_LENGTH, blank=True)
    previous = models.CharField(max_length=DIGEST_LENGTH, blank=True)
    digest = models.CharField(max_length=DIGEST_LENGTH)

    class Meta:
        # The unique constraint doubles as the index for walking a chain in order.
        constraints = (
            models.UniqueConstraint(
                fields=["chain", "sequence"],
                name="ledger_event_one_per_place",
                violation_error_message="This place in the chain is taken.",
            ),
            models.CheckConstraint(
                condition=Q(sequence__gte=1),
                name="ledger_event_counts_from_one",
                violation_error_message="Events are counted from 1.",
            ),
            models.CheckConstraint(
                condition=Q(sequence=1, previous="") | (Q(sequence__gt=1) & ~Q(previous="")),
                name="ledger_event_follows_another",
                violation_error_message="Every event but the first follows another.",
            ),
            models.CheckConstraint(
                condition=~Q(digest="") & ~Q(subject="") & ~Q(type=""),
                name="ledger_event_says_what",
                violation_error_message="An event says what happened, to what, and carries its digest.",
            ),
        )
        indexes = (models.Index(fields=["subject", "at"], name="ledger_event_subject"),)

    def __str__(self) -> str:
        return f"{self.chain_id}/{self.sequence} {self.label}"

    @property
    def label(self) -> str:
        """The type in plain English, past tense. A type this version does not know is shown as it is stored."""
        return EventType(self.type).label if self.type in EventType else self.type

    def as_anchor(self, chain_key: str) -> Anchor:
        """The event as the head that somebody keeps. The key is handed in as below."""
        return Anchor(chain=chain_key, sequence=self.sequence, digest=self.digest)

    def as_link(self, chain_key: str) -> Link:
        """The event as plain data. The key is handed in so that walking a chain asks for it once."""
        return Link(chain=chain_key, **{name: getattr(self, name) for name in SAID})


class Note(models.Model):
    """Personal free text of one event, apart from it, so that lawful disposal leaves the chain verifiable (R60)."""

    digest = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    salt = models.CharField(max_length=32, blank=True)
    text = models.TextField(blank=True)
    disposed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=(Q(disposed_at__isnull=True) & ~Q(salt="") & ~Q(text=""))
                | Q(disposed_at__isnull=False, salt="", text=""),
                name="ledger_note_is_whole_or_disposed",
                violation_error_message="A note is either whole, or empty with the time of its disposal.",
            ),
        )

    def __str__(self) -> str:
        return "disposed note" if self.disposed_at else f"note {self.digest[:12]}"


class SigningKey(models.Model):
    """The public half of each key this installation has signed with; the private half is a file (HOUSE, first, 3)."""

    fingerprint = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    public_key = models.TextField(help_text="PEM, so that a signature can be checked outside this system.")
    first_used_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(fingerprint="") & ~Q(public_key=""),
                name="ledger_signing_key_is_whole",
                violation_error_message="A signing key has a fingerprint and a public key.",
            ),
        )

    def __str__(self) -> str:
        return f"signing key {self.fingerprint[:12]}"
