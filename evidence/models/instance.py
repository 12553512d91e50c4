"""What a candidate names once per unit and picks when claiming: which change, which medium (R3, HOUSE decided 9)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from registrations.models import UnitRecord


class Instance(models.Model):
    """One of the things that a unit asks for several of, such as the change of a phone rota (R3).

    ``of`` is the unit's word for them ("change", "communication medium"); every group of the unit that uses the word
    shares them. One that claims rest on stays; a mistake is taken away again.
    """

    record = models.ForeignKey(UnitRecord, on_delete=models.PROTECT, related_name="+")
    of = models.CharField(max_length=60)
    name = models.CharField(max_length=80)
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["record", "of", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "of", "name"],
                condition=Q(removed_at=None),
                name="instance_named_once",
                violation_error_message="This name is there already.",
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(of=""),
                name="instance_has_a_name",
                violation_error_message="Give it a name.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
