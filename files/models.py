"""What was handed in: one row for each stored file, one for each picture of a page of it, and one for its words."""

import uuid

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils import timezone

from files.kinds import ALLOWED, BY_KEY, Kind, Shown

_WITHOUT_PICTURES = [kind.key for kind in ALLOWED if not kind.has_pictures]


def new_storage_name(folder: str, extension: str) -> str:
    """A storage name of ours that tells nothing of the content, spread over 256 folders: `originals/3f/3f….jpg`."""
    name = uuid.uuid4().hex
    return f"{folder}/{name[:2]}/{name}{extension}"


class Preparation(models.TextChoices):
    """How far the preview of a file has got: its pictures, or the words read out of it."""

    WAITING = "waiting", "Preview is being made"
    READY = "ready", "Ready"
    NONE = "none", "No preview is made of this"
    FAILED = "failed", "Preview could not be made"


class Blob(models.Model):
    """A file as it was handed in. Its bytes are never changed (R11); what pages show are copies we make of it.

    It knows neither the evidence it serves nor a person's row: both live in rooms below. `attached` says whether
    something below has taken it up; what nobody took up is thrown away after a while.
    """

    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    size = models.PositiveBigIntegerField("size in bytes")
    kind = models.CharField(max_length=8)
    media_type = models.CharField(max_length=100)
    stored_as = models.CharField("storage name", max_length=100, unique=True)
    uploaded_by_id = models.BigIntegerField("handed in by (id)", null=True)
    uploaded_at = models.DateTimeField("handed in at", default=timezone.now)
    width = models.PositiveIntegerField("width in pixels, upright", null=True)
    height = models.PositiveIntegerField("height in pixels, upright", null=True)
    page_count = models.PositiveIntegerField("number of pages", null=True)
    preparation = models.CharField(max_length=8, choices=Preparation, default=Preparation.NONE)
    display_as = models.CharField("storage name of the display copy", max_length=100, blank=True)
    thumbnail_as = models.CharField("storage name of the thumbnail", max_length=100, blank=True)
    attached = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["uploaded_at"], condition=models.Q(attached=False), name="blob_unattached")]
        constraints = [
            models.CheckConstraint(
                condition=Exact(Length("sha256"), 64),
                name="blob_sha256_is_whole",
                violation_error_message="A SHA-256 has 64 characters.",
            ),
            models.CheckConstraint(
                condition=models.Q(size__gt=0),
                name="blob_is_not_empty",
                violation_error_message="An empty file is not stored.",
            ),
            models.CheckConstraint(
                condition=models.Q(preparation__in=Preparation.values),
                name="blob_preparation_is_known",
                violation_error_message="The preparation is waiting, ready, none or failed.",
            ),
            models.CheckConstraint(
                # Asked for by name, because a check lets "unknown" pass: a width beside a NULL height would be that.
                condition=models.Q(width__isnull=True, height__isnull=True)
                | models.Q(width__isnull=False, height__isnull=False, width__gt=0, height__gt=0),
                name="blob_width_goes_with_height",
                violation_error_message="A picture has both a width and a height.",
            ),
            models.CheckConstraint(
                condition=~models.Q(preparation=Preparation.READY)
                | ~models.Q(thumbnail_as="")
                | models.Q(kind__in=_WITHOUT_PICTURES),
                name="blob_ready_has_thumbnail",
                violation_error_message="A file whose pictures are ready has a thumbnail.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.sha256[:12]}"

    @property
    def type(self) -> Kind:
        """The entry of the allow-list that this file was stored under."""
        return BY_KEY[self.kind]

    @property
    def shown(self) -> str:
        """How a page shows it now: picture, pages, text, audio, video, or download with nothing to show (yet)."""
        shown = self.type.shown
        if self.type.needs_preparation and self.preparation != Preparation.READY:
            return Shown.DOWNLOAD.value
        return shown.value

    @property
    def has_thumbnail(self) -> bool:
        """Whether there is a small picture of it."""
        return bool(self.thumbnail_as)

    @property
    def why_not_shown(self) -> str:
        """A sentence on why a file that is usually shown can only be downloaded; empty where that is not so."""
        if not self.type.needs_preparation or self.preparation == Preparation.READY:
            return ""
        if self.preparation == Preparation.WAITING:
            return "The preview is being made. Look again in a moment, or download the file."
        if self.preparation == Preparation.FAILED:
            return "No preview could be made of this file. Download it to see it."
        return "This PDF is locked with a password, so there is no preview. Download it to see it."

    @property
    def opening(self) -> str:
        """How the words read out of it begin, for a page; empty where there are none."""
        return self.text.opening if hasattr(self, "text") else ""

    @property
    def why_in_part(self) -> str:
        """A sentence where a page shows the beginning only; empty where it shows all. Prefetch the page images."""
        if self.shown == Shown.PAGES.value and self.page_count:
            drawn = len(self.page_images.all())
            if drawn < self.page_count:
                return f"The first {drawn} of {self.page_count} pages are shown. Download the file to see the rest."
        if self.shown == Shown.TEXT.value and self.text.is_longer:
            return "This is how it begins. Download the file to read all of it."
        return ""


class PageImage(models.Model):
    """The picture of one page of a PDF; locators point at its number."""

    blob = models.ForeignKey(Blob, on_delete=models.CASCADE, related_name="page_images")
    number = models.PositiveIntegerField("page number")
    stored_as = models.CharField("storage name", max_length=100, unique=True)
    width = models.PositiveIntegerField("width in pixels")
    height = models.PositiveIntegerField("height in pixels")

    class Meta:
        ordering = ["blob", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["blob", "number"],
                name="page_image_once_per_page",
                violation_error_message="There is one picture for each page.",
            ),
            models.CheckConstraint(
                condition=models.Q(number__gte=1),
                name="page_image_counts_from_one",
                violation_error_message="Pages count from one.",
            ),
        ]

    def __str__(self) -> str:
        return f"page {self.number} of {self.blob_id}"


class BlobText(models.Model):
    """The words that were read out of a document, for its preview and to search one's own evidence by."""

    OPENING = 10_000

    blob = models.OneToOneField(Blob, on_delete=models.CASCADE, related_name="text")
    opening = models.TextField("how it begins", blank=True)
    is_longer = models.BooleanField("the opening is not all", default=False)
    # As it was read, to quote from; and the same length in small letters, to be found whatever the database takes for
    # a capital.
    whole = models.TextField(blank=True)
    folded = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"text of {self.blob_id}"
