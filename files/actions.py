"""What happens to files: storing, making pictures of them, taking them up, throwing away what nobody took up."""

import errno
import hashlib
import logging
import tempfile
import weakref
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import IO, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import OperationalError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from .allowed import Shown
from .models import Blob, PageImage, Preparation, new_storage_name
from .pictures import EXTENSION, UNREADABLE, NeedsPassword, Pages, Picture, make_copies, make_thumbnail
from .sniffing import sniff
from .tasks import prepare_blob

log = logging.getLogger(__name__)

_CHUNK = 1024 * 1024
_SPOOL = 8 * 1024 * 1024
_FULL_ERRNOS = {errno.ENOSPC, errno.EDQUOT}
_FULL_S3_CODES = {"QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage"}
_UNPREPARED = (Preparation.WAITING, Preparation.FAILED)
_STORAGE_ERRORS = (OSError, ClientError, BotoCoreError)


class StorageFull(Exception):
    """There is no room left to store the file; nothing was kept of it."""


class NoLongerHere(Exception):
    """A file that was handed in but not taken up in time has been thrown away."""


class Person(Protocol):
    """Whoever hands a file in. People live in a room below, so only their id is kept."""

    @property
    def pk(self) -> Any: ...


def is_full(error: BaseException) -> bool:
    """Whether an error of storage or database says that there is no room left."""
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code") in _FULL_S3_CODES
    if isinstance(error, OperationalError):
        return getattr(error.__cause__, "sqlstate", "") == "53100" or "disk is full" in str(error)
    return isinstance(error, OSError) and error.errno in _FULL_ERRNOS


def digest_of(file: File[Any] | IO[bytes]) -> str:
    """The SHA-256 of a seekable file, in hexadecimal; leaves the file at its start."""
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _delete_stored(name: str) -> None:
    """Delete from storage what no row speaks of; trouble is logged, for there is nobody to tell."""
    try:
        default_storage.delete(name)
    except _STORAGE_ERRORS:
        log.exception("Could not delete %s from storage", name)


class _Stored:
    """An object in storage that goes again unless the transaction which writes its row commits.

    Storing comes before the transaction, because it may take long and SQLite has one writer for everybody. Django has
    hooks for commit only. It holds them until the transaction ends and lets go of them when it, or the savepoint around
    them, rolls back: an object whose `keep` was not called by the time it is let go was not committed.
    """

    def __init__(self, folder: str, extension: str, content: File[Any]) -> None:
        """Write the content under a new name of ours. Raises StorageFull."""
        wanted = new_storage_name(folder, extension)
        try:
            self.name: str = default_storage.save(wanted, content)
        except _STORAGE_ERRORS as error:
            # A part of the file may have been written before the room ran out.
            with suppress(*_STORAGE_ERRORS):
                default_storage.delete(wanted)
            if is_full(error):
                raise StorageFull from error
            raise
        self._finalizer = weakref.finalize(self, _delete_stored, self.name)

    def keep_if_committed(self) -> None:
        """Call inside the transaction."""
        transaction.on_commit(self._keep)

    def _keep(self) -> None:
        self._finalizer.detach()


def store(*, upload: File[Any], name: str, by: Person | None) -> Blob:
    """Check a file that was handed in and store its bytes as they are (R11); pictures of it follow in the background.

    upload: seekable bytes. name: the name it was handed in under, checked against the bytes and not kept here.
    by: who hands it in; None for files that come from an archive without a known person.
    Raises Refused where it may not be handed in, StorageFull where there is no room.
    """
    found = sniff(upload, name)
    sha256 = digest_of(upload)
    waits = found.kind.needs_preparation
    stored = _Stored("originals", found.kind.extensions[0], upload)
    try:
        with transaction.atomic():
            stored.keep_if_committed()
            blob = Blob.objects.create(
                sha256=sha256,
                size=found.size,
                kind=found.kind.key,
                media_type=found.kind.media_type,
                stored_as=stored.name,
                uploaded_by_id=by.pk if by else None,
                width=found.width,
                height=found.height,
                preparation=Preparation.WAITING if waits else Preparation.NONE,
            )
            if waits:
                transaction.on_commit(partial(prepare_blob.enqueue, blob.pk))
    except OperationalError as error:
        if is_full(error):
            raise StorageFull from error
        raise
    return blob


@dataclass(frozen=True)
class _Drawn:
    thumbnail: Picture
    display: Picture | None = None
    pages: tuple[Picture, ...] = ()
    page_count: int | None = None


def prepare(blob_id: int) -> None:
    """Make the thumbnail, display copy or page images of a stored file; harmless when repeated or after its disposal.

    A file that cannot be read is marked as failed and can still be downloaded; calling again tries again. Raises
    StorageFull, or the storage's own error, where the pictures cannot be stored: the file then stays waiting.
    """
    blob = Blob.objects.filter(pk=blob_id).first()
    if blob is None or blob.preparation not in _UNPREPARED:
        return
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as original:
        with default_storage.open(blob.stored_as, "rb") as stored:
            while chunk := stored.read(_CHUNK):
                original.write(chunk)
        original.seek(0)
        try:
            drawn = _draw(original, blob)
        except NeedsPassword:
            drawn = None
        except UNREADABLE:
            log.warning("No pictures could be made of blob %s", blob_id, exc_info=True)
            Blob.objects.filter(pk=blob_id, preparation=Preparation.WAITING).update(preparation=Preparation.FAILED)
            return
    if drawn is None:
        Blob.objects.filter(pk=blob_id, preparation__in=_UNPREPARED).update(preparation=Preparation.NONE)
    else:
        _record(blob_id, drawn)


def _draw(original: IO[bytes], blob: Blob) -> _Drawn:
    if blob.type.shown is Shown.PICTURE:
        display, thumbnail = make_copies(original, image_format=blob.kind.upper())
        return _Drawn(thumbnail=thumbnail, display=display)
    with Pages(original) as pages:
        drawn = tuple(pages.draw())
        if not drawn:
            raise ValueError("a PDF without pages")
        return _Drawn(thumbnail=make_thumbnail(drawn[0]), pages=drawn, page_count=len(pages))


def _record(blob_id: int, drawn: _Drawn) -> None:
    """Store the pictures and write their names, unless another worker was quicker."""
    thumbnail = _Stored("thumbnails", EXTENSION, ContentFile(drawn.thumbnail.data))
    display = _Stored("display", EXTENSION, ContentFile(drawn.display.data)) if drawn.display else None
    pages = [_Stored("pages", EXTENSION, ContentFile(picture.data)) for picture in drawn.pages]
    with transaction.atomic():
        blob = Blob.objects.select_for_update().filter(pk=blob_id, preparation__in=_UNPREPARED).first()
        if blob is None:
            return
        for stored in filter(None, [thumbnail, display, *pages]):
            stored.keep_if_committed()
        PageImage.objects.bulk_create(
            PageImage(blob=blob, number=number, stored_as=stored.name, width=picture.width, height=picture.height)
            for number, (stored, picture) in enumerate(zip(pages, drawn.pages, strict=True), start=1)
        )
        blob.thumbnail_as = thumbnail.name
        blob.display_as = display.name if display else ""
        blob.page_count = drawn.page_count
        blob.preparation = Preparation.READY
        blob.save(update_fields=["thumbnail_as", "display_as", "page_count", "preparation"])


def enqueue_unprepared(waiting_for: timedelta) -> int:
    """Queue again what has waited this long for its pictures, say because a worker died; returns how many."""
    before = timezone.now() - waiting_for
    blob_ids = list(
        Blob.objects.filter(preparation=Preparation.WAITING, uploaded_at__lt=before).values_list("pk", flat=True)
    )
    for blob_id in blob_ids:
        prepare_blob.enqueue(blob_id)
    return len(blob_ids)


@transaction.atomic
def attach(blobs: Iterable[Blob]) -> None:
    """Note that files have been taken up, so that they stay. Call in the transaction that writes what refers to them.

    Raises NoLongerHere where one of them has been thrown away since it was handed in.
    """
    wanted = {blob.pk for blob in blobs}
    here = list(Blob.objects.select_for_update().filter(pk__in=wanted).values_list("pk", flat=True))
    if len(here) != len(wanted):
        raise NoLongerHere
    Blob.objects.filter(pk__in=here, attached=False).update(attached=True)


def discard_unattached(older_than: timedelta) -> int:
    """Throw away files that were handed in longer ago than this and never taken up; returns how many.

    R60 does not cover them: they never became part of a portfolio.
    """
    before = timezone.now() - older_than
    count = 0
    for blob_id in Blob.objects.filter(attached=False, uploaded_at__lt=before).values_list("pk", flat=True):
        try:
            count += _discard(blob_id)
        except ProtectedError:
            log.error("Blob %s is referred to but was never marked as attached; it stays", blob_id)
    return count


@transaction.atomic
def _discard(blob_id: int) -> int:
    blob = Blob.objects.select_for_update().filter(pk=blob_id, attached=False).first()
    if blob is None:
        return 0
    names = [blob.stored_as, blob.display_as, blob.thumbnail_as, *blob.page_images.values_list("stored_as", flat=True)]
    blob.delete()
    for name in filter(None, names):
        transaction.on_commit(partial(_delete_stored, name))
    return 1
