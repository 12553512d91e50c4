"""A person's drawn signature."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from files.models import Blob


class DrawnSignature(models.Model):
    """The one drawing that somebody keeps on their account, to stand beside their printed name (Q26).

    It decorates: what counts is the name and the proof of presence. A signature keeps the drawing that was in use when
    it was given, so the row goes when its person takes the drawing away, and nothing that is signed changes.
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"drawn signature of {self.person}"
