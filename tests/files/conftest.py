"""What the files tests share: storage of their own, and someone who hands things in."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from files.actions import store
from files.models import Blob


@dataclass(frozen=True)
class Candidate:
    pk: int = 7


@pytest.fixture
def candidate() -> Candidate:
    return Candidate()


@pytest.fixture
def folder(settings, tmp_path: Path) -> Path:
    """The folder that files are stored in during this test."""
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }
    return tmp_path


def stored_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def hand_in(folder: Path, candidate: Candidate, db, django_capture_on_commit_callbacks):
    """Stores bytes under a name as a request would, with the work that follows the commit done."""

    def hand_in(name: str, content: bytes) -> Blob:
        with django_capture_on_commit_callbacks(execute=True):
            blob = store(upload=SimpleUploadedFile(name, content), name=name, by=candidate)
        blob.refresh_from_db()
        return blob

    return hand_in
