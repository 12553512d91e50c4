"""Finds what a process that was killed has left behind: objects that no row speaks of, and half received uploads.

Objects are stored before their row is written (`files.actions`), so that a row never speaks of a file that is not
there; a kill in between leaves the object alone. The sweep is the other half of that bargain.
"""

import logging
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from files.actions import DISPLAY, ORIGINALS, PAGES, THUMBNAILS
from files.models import Blob, PageImage
from files.storage_errors import STORAGE_ERRORS

log = logging.getLogger(__name__)

_AT_ONCE = 500


def sweep_orphans(older_than: timedelta) -> int:
    """Delete stored objects that no row speaks of; returns how many.

    older_than: younger ones are left alone, for their row may still be on its way.
    """
    before = timezone.now() - older_than
    count = 0
    for folder in (ORIGINALS, DISPLAY, THUMBNAILS, PAGES):
        for names in _names_in(folder):
            for name in sorted(set(names) - _known(folder, names)):
                try:
                    if default_storage.get_modified_time(name) > before:
                        continue
                    default_storage.delete(name)
                except STORAGE_ERRORS:
                    log.exception("Could not sweep %s from storage", name)
                    continue
                log.warning("%s belonged to no row and has been deleted", name)
                count += 1
    return count


def _names_in(folder: str) -> Iterator[list[str]]:
    """The names of the objects in a folder of ours, some hundreds at a time."""
    for part in _listed(folder)[0]:
        names = [f"{folder}/{part}/{name}" for name in _listed(f"{folder}/{part}")[1]]
        for at in range(0, len(names), _AT_ONCE):
            yield names[at : at + _AT_ONCE]


def _listed(path: str) -> tuple[list[str], list[str]]:
    try:
        folders, names = default_storage.listdir(path)
    except FileNotFoundError:  # nothing has been stored there yet
        return [], []
    return folders, names


def _known(folder: str, names: list[str]) -> set[str]:
    """Those of the names that a row speaks of."""
    if folder == PAGES:
        return set(PageImage.objects.filter(stored_as__in=names).values_list("stored_as", flat=True))
    field = {ORIGINALS: "stored_as", DISPLAY: "display_as", THUMBNAILS: "thumbnail_as"}[folder]
    return set(Blob.objects.filter(**{f"{field}__in": names}).values_list(field, flat=True))


def sweep_uploads(older_than: timedelta) -> int:
    """Delete uploads that were never received whole, and working folders left behind; returns how many."""
    before = (timezone.now() - older_than).timestamp()
    count = 0
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        try:
            if path.stat().st_mtime > before:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        except FileNotFoundError:  # finished in this moment
            continue
        count += 1
    return count
