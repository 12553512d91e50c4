"""The sweep deletes what no row speaks of, and nothing else; on disk and on S3 (test_s3.py)."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import call_command

from files.models import new_storage_name
from files.sweeping import sweep_orphans, sweep_uploads

from . import samples
from .conftest import stored_files

pytestmark = pytest.mark.django_db
FOLDERS = ["originals", "display", "thumbnails", "pages"]


@pytest.fixture
def uploads(settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path_factory.mktemp("uploads")
    return settings.FILE_UPLOAD_TEMP_DIR


def make_old(path: Path, hours: int) -> Path:
    then = time.time() - hours * 3600
    os.utime(path, (then, then))
    return path


@pytest.mark.parametrize("where", FOLDERS)
def test_an_object_without_a_row_goes_when_it_is_old_enough(folder: Path, where: str) -> None:
    old, young = (default_storage.save(new_storage_name(where, ".webp"), ContentFile(b"x")) for _ in range(2))
    make_old(folder / old, hours=30)
    assert sweep_orphans(timedelta(hours=24)) == 1
    assert stored_files(folder) == [folder / young]


def test_what_a_row_speaks_of_stays(hand_in, folder: Path) -> None:
    for name, content in [("report.pdf", samples.pdf(pages=2)), ("photo.jpg", samples.photo_with_place())]:
        hand_in(name, content)
    before = sorted(stored_files(folder))
    assert len(before) == 7
    for path in before:
        make_old(path, hours=24 * 400)
    assert sweep_orphans(timedelta(0)) == 0
    assert sorted(stored_files(folder)) == before


def test_an_empty_storage_is_swept_without_a_word(folder: Path) -> None:
    assert sweep_orphans(timedelta(0)) == 0


def test_one_object_that_cannot_be_deleted_does_not_keep_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    names = sorted(default_storage.save(new_storage_name("pages", ".webp"), ContentFile(b"x")) for _ in range(3))
    delete = FileSystemStorage.delete

    def refuse_one(self: FileSystemStorage, name: str) -> None:
        if name == names[0]:
            raise PermissionError(name)
        delete(self, name)

    monkeypatch.setattr(FileSystemStorage, "delete", refuse_one)
    assert sweep_orphans(timedelta(0)) == 2
    assert stored_files(folder) == [folder / names[0]]
    assert names[0] in caplog.text


def test_uploads_that_never_arrived_and_working_folders_go(folder: Path, uploads: Path) -> None:
    (uploads / "young.upload.mp4").write_bytes(b"x")
    (uploads / "old.upload.mp4").write_bytes(b"x")
    (uploads / "apart-abc").mkdir()
    (uploads / "apart-abc" / "page1.webp").write_bytes(b"x")
    make_old(uploads / "old.upload.mp4", hours=30)
    make_old(uploads / "apart-abc", hours=30)
    assert sweep_uploads(timedelta(hours=24)) == 2
    assert [path.name for path in uploads.iterdir()] == ["young.upload.mp4"]


def test_the_daily_command_says_what_it_swept(folder: Path, uploads: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = default_storage.save(new_storage_name("originals", ".txt"), ContentFile(b"x"))
    call_command("tidy_files")
    assert "0 left-overs" in capsys.readouterr().out
    make_old(folder / name, hours=30)
    call_command("tidy_files")
    assert "1 left-overs swept up" in capsys.readouterr().out
