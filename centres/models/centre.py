"""A centre, who belongs to it in which role, and who has been asked to join."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ledger.chains import centre_chain
from ledger.subjects import OfCentre, OfPerson, TellableRow


class Role(models.TextChoices):
    """What a person is at a centre. One person may be several (Q24)."""

    CANDIDATE = "candidate", "Candidate"
    ASSESSOR = "assessor", "Assessor"
    IV = "iv", "Internal verifier"
    EV = "ev", "External verifier"
    COORDINATOR = "coordinator", "Centre coordinator"


class Centre(TellableRow, models.Model):
    """The approved college, employer or training provider."""

    name = models.CharField(max_length=120)
    number = models.CharField("centre number", max_length=30, unique=True)
    awarding_body = models.CharField(max_length=120)
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def chain(self) -> str:
        """The centre's own."""
        return centre_chain(self.pk)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> "MembershipQuerySet":
        """Roles held at this moment."""
        return self.filter(ended_at=None)


class Membership(OfPerson, models.Model):
    """One role of one person at one centre. A person acts from one at a time: their seat (``request.seat``)."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["centre__name", "role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "centre", "role"],
                condition=Q(ended_at=None),
                name="membership_once_per_role",
                violation_error_message="This person holds that role here already.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="membership_ends_after_start",
                violation_error_message="A role cannot end before it started.",
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="membership_known_role", violation_error_message="Unknown role."
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} at {self.centre}"


class Invitation(OfCentre, models.Model):
    """A request to join a centre in a role. The link is made from this row when it is sent (``desk``)."""

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField("email address")
    name = models.CharField("full name", max_length=120)
    role = models.CharField(max_length=12, choices=Role)
    # Blank: the operators, who ask a new centre's first coordinator (``manage.py open_centre``).
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    invited_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-invited_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["centre", "email", "role"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_once",
                violation_error_message="This person has been invited in that role already.",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("invited_at")),
                name="invitation_expires_later",
                violation_error_message="An invitation must run for some time.",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, withdrawn_at=None),
                name="invitation_accepted_by_somebody",
                violation_error_message="An accepted invitation names who accepted it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display()}"

    @property
    def state(self) -> str:
        """``waiting``, ``accepted``, ``withdrawn`` or ``expired``."""
        if self.accepted_at:
            return "accepted"
        if self.withdrawn_at:
            return "withdrawn"
        return "expired" if self.expires_at <= timezone.now() else "waiting"
