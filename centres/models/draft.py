"""What somebody has typed into a form and not saved yet."""

from django.conf import settings
from django.db import models
from django.utils import timezone

LONGEST_ADDRESS = 200


class FormDraft(models.Model):
    """The text of one person in one form, kept as it is typed (docs/decisions/0009-drafts-are-not-acts.md).

    It is theirs alone and no act, so the ledger hears nothing of it. It goes when the form is accepted or the draft
    discarded, and after some weeks at the latest.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="form_drafts")
    form = models.CharField("address of the form", max_length=LONGEST_ADDRESS)
    # The names of fields, each with the list of what a browser sends for it.
    typed = models.JSONField(default=dict)
    # The state of the record that the form was made from, and the open page that wrote this last.
    based_on = models.CharField(max_length=16, blank=True)
    page = models.CharField(max_length=16)
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField("kept at", default=timezone.now)
    # What other pages had typed when this took its place, until the person has chosen: page, typed, saved_at.
    others = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "form"],
                name="form_draft_once",
                violation_error_message="There is one draft of a form for each person.",
            )
        ]

    def __str__(self) -> str:
        return f"draft of {self.form}"

    @property
    def seen(self) -> str:
        """What tells this state of the draft from every other, also of one made after this was thrown away."""
        return f"{self.pk}.{self.revision}"
