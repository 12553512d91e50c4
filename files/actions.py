"""What happens to files: storing, making pictures of them, taking them up, throwing away what nobody took up."""

import errno
import hashlib
import logging
import weakref
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import IO, Any, Protocol

from botocore.exceptions import ClientError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import OperationalError, transaction
from django.db.models import ProtectedError, Q
from django.utils import timezone

from files import sandbox
from files.kinds import ALLOWED
from files.models import Blob, BlobText, PageImage, Preparation, new_storage_name
from files.pictures import EXTENSION
from files.queries import fold
from files.sandbox import Opened, Outcome
from files.sniffing import sniff
from files.storage_errors import STORAGE_ERRORS
from files.tasks import prepare_blob

log = logging.getLogger(__name__)

_CHUNK = 1024 * 1024
_FULL_ERRNOS = {errno.ENOSPC, errno.EDQUOT}
_FULL_S3_CODES = {"QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage"}
# The folders of storage; nothing else is kept in them (`files.sweeping`).
ORIGINALS, DISPLAY, THUMBNAILS, PAGES = "originals", "display", "thumbnails", "pages"
_WITH_WORDS = [kind.key for kind in ALLOWED if kind.has_words]
_UNPREPARED = (Preparation.WAITING, Preparation.FAILED)


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
    except STORAGE_ERRORS:
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
        except STORAGE_ERRORS as error:
            # A part of the file may have been written before the room ran out.
            with suppress(*STORAGE_ERRORS):
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


def store(*, upload: File[Any], name: str, by: Person | None, sha256: str = "") -> Blob:
    """Check a file that was handed in and store its bytes as they are (R11); its preview follows in the background.

    upload: seekable bytes. name: the name it was handed in under, checked against the bytes and not kept here.
    by: who hands it in; None for files that come from an archive without a known person. sha256: its digest, where the
    caller has just taken it.
    Raises Refused where it may not be handed in, StorageFull where there is no room.
    """
    found = sniff(upload, name)
    sha256 = sha256 or digest_of(upload)
    waits = found.kind.needs_preparation
    stored = _Stored(ORIGINALS, found.kind.extensions[0], upload)
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


def prepare(blob_id: int) -> None:
    """Make the preview of a stored file, and read its words; harmless when repeated or after its disposal.

    A file that cannot be read in the time and memory it may take is marked as failed and can still be downloaded;
    calling again tries again. Pages of a PDF that were drawn before a limit ended it are kept. Raises StorageFull, or
    the storage's own error, where the pictures cannot be stored: the file then stays waiting.
    """
    blob = Blob.objects.filter(pk=blob_id).select_related("text").first()
    if blob is None or not (blob.preparation in _UNPREPARED or _lacks_words(blob)):
        return
    with default_storage.open(blob.stored_as, "rb") as original:
        made = sandbox.develop(original, blob.type)
    if made.outcome is not Outcome.DONE:
        log.warning("The preview of blob %s is %s: %s", blob_id, made.outcome.value, made.why)
    if blob.preparation not in _UNPREPARED:
        # Words are tried once: without them a file is shown all the same, and only not found by them.
        _record_words(blob, made.words or "")
    elif made.outcome is Outcome.LOCKED:
        Blob.objects.filter(pk=blob_id, preparation__in=_UNPREPARED).update(preparation=Preparation.NONE)
    elif made.thumbnail is not None or (made.words is not None and not blob.type.has_pictures):
        _record(blob_id, made)
    else:
        Blob.objects.filter(pk=blob_id, preparation=Preparation.WAITING).update(preparation=Preparation.FAILED)


def _lacks_words(blob: Blob) -> bool:
    return blob.type.has_words and blob.preparation == Preparation.READY and not hasattr(blob, "text")


def _record(blob_id: int, made: Opened) -> None:
    """Store the pictures and write their names and the words, unless another worker was quicker."""
    thumbnail = _Stored(THUMBNAILS, EXTENSION, ContentFile(made.thumbnail.data)) if made.thumbnail else None
    display = _Stored(DISPLAY, EXTENSION, ContentFile(made.display.data)) if made.display else None
    pages = [_Stored(PAGES, EXTENSION, ContentFile(picture.data)) for picture in made.pages]
    with transaction.atomic():
        blob = Blob.objects.select_for_update().filter(pk=blob_id, preparation__in=_UNPREPARED).first()
        if blob is None:
            return
        for stored in filter(None, [thumbnail, display, *pages]):
            stored.keep_if_committed()
        PageImage.objects.bulk_create(
            PageImage(blob=blob, number=number, stored_as=stored.name, width=picture.width, height=picture.height)
            for number, (stored, picture) in enumerate(zip(pages, made.pages, strict=True), start=1)
        )
        if blob.type.has_words:
            _record_words(blob, made.words or "")
        blob.thumbnail_as = thumbnail.name if thumbnail else ""
        blob.display_as = display.name if display else ""
        blob.page_count = made.page_count
        blob.preparation = Preparation.READY
        blob.save(update_fields=["thumbnail_as", "display_as", "page_count", "preparation"])


def _record_words(blob: Blob, words: str) -> None:
    opening = words[: BlobText.OPENING]
    BlobText.objects.update_or_create(
        blob=blob,
        defaults={"opening": opening, "is_longer": len(words) > len(opening), "whole": words, "folded": fold(words)},
    )


def enqueue_unprepared(waiting_for: timedelta) -> int:
    """Queue again what has waited this long for its preview, say because a worker died; returns how many."""
    before = timezone.now() - waiting_for
    lacks_words = Q(preparation=Preparation.READY, text=None, kind__in=_WITH_WORDS)
    blob_ids = list(
        Blob.objects.filter(Q(preparation=Preparation.WAITING) | lacks_words, uploaded_at__lt=before).values_list(
            "pk", flat=True
        )
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
def let_go(blob: Blob) -> None:
    """Throw away a file that what had taken it up has given up, unless something else refers to it.

    Call in the transaction that gives it up, which keeps others from taking it up meanwhile.
    """
    # Read anew: its pictures may have been made meanwhile.
    here = Blob.objects.select_for_update().filter(pk=blob.pk).first()
    try:
        with transaction.atomic():
            if here:
                _throw_away(here)
    except ProtectedError:  # something else speaks of it, so it stays
        return


@transaction.atomic
def _discard(blob_id: int) -> int:
    blob = Blob.objects.select_for_update().filter(pk=blob_id, attached=False).first()
    if blob is None:
        return 0
    _throw_away(blob)
    return 1


def _throw_away(blob: Blob) -> None:
    """Raises ProtectedError where something refers to it."""
    names = [blob.stored_as, blob.display_as, blob.thumbnail_as, *blob.page_images.values_list("stored_as", flat=True)]
    blob.delete()
    for name in filter(None, names):
        transaction.on_commit(partial(_delete_stored, name))
