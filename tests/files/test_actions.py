"""Storing, making pictures, taking up and throwing away: and what is left behind when something goes wrong."""

import errno
import hashlib
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader, PdfWriter

from files import actions, sandbox
from files.actions import (
    NoLongerHere,
    StorageFull,
    attach,
    discard_unattached,
    enqueue_unprepared,
    is_full,
    prepare,
    store,
)
from files.models import Blob, PageImage, Preparation
from files.sniffing import Refused

from . import samples
from .conftest import stored_files
from .samples import GOOD


def locked_pdf() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(samples.pdf())))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def opened(name: str) -> Image.Image:
    with default_storage.open(name) as stored:
        return Image.open(io.BytesIO(stored.read()))


@pytest.mark.parametrize("name", GOOD)
def test_the_bytes_are_stored_as_they_are(hand_in, candidate, name: str) -> None:
    blob = hand_in(name, GOOD[name])
    with default_storage.open(blob.stored_as) as stored:
        assert stored.read() == GOOD[name]
    assert blob.sha256 == hashlib.sha256(GOOD[name]).hexdigest()
    assert blob.size == len(GOOD[name])
    assert blob.uploaded_by_id == candidate.pk
    assert not blob.attached
    assert blob.preparation == (Preparation.READY if blob.type.needs_preparation else Preparation.NONE)
    assert blob.has_thumbnail is blob.type.has_pictures
    assert Path(name).stem not in blob.stored_as


def test_the_storage_name_and_file_mode_give_nothing_away(hand_in, folder: Path) -> None:
    blob = hand_in("my-bank-details.pdf", samples.pdf())
    path = folder / blob.stored_as
    assert path.parent.name == path.name[:2]
    assert path.stat().st_mode & 0o077 == 0


def test_an_upload_that_came_by_way_of_a_temporary_file_is_stored(folder: Path, db, candidate) -> None:
    upload = TemporaryUploadedFile("notes.txt", "text/plain", 5, None)
    upload.write(b"notes")
    upload.seek(0)
    blob = store(upload=upload, name="notes.txt", by=candidate)
    assert (folder / blob.stored_as).read_bytes() == b"notes"


def test_the_display_copy_is_upright_and_stripped(hand_in) -> None:
    """R12: the place and the camera of a photograph stay with the original."""
    content = samples.photo_with_place(orientation=6)
    assert b"SecretMaker" in content
    blob = hand_in("photo.jpg", content)
    assert (blob.width, blob.height) == (48, 64)
    for name in (blob.display_as, blob.thumbnail_as):
        copy = opened(name)
        assert copy.format == "WEBP"
        assert copy.size == (48, 64)
        assert not copy.getexif()
        with default_storage.open(name) as stored:
            data = stored.read()
        assert b"SecretMaker" not in data
        assert b"EXIF" not in data
        # The red half was on the left; turned clockwise, it is at the top.
        red, green, _ = copy.convert("RGB").getpixel((24, 8))
        assert (red > 200, green < 80) == (True, True)
        assert min(copy.convert("RGB").getpixel((24, 56))) > 200


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_pictures_of_every_mode_can_be_shown(hand_in, mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (30, 20)).save(out, "PNG")
    blob = hand_in("scan.png", out.getvalue())
    assert blob.preparation == Preparation.READY
    assert opened(blob.display_as).size == (30, 20)


def test_a_printers_jpeg_can_be_shown(hand_in) -> None:
    out = io.BytesIO()
    Image.new("CMYK", (30, 20)).save(out, "JPEG")
    assert hand_in("poster.jpg", out.getvalue()).shown == "picture"


def test_a_large_picture_is_shown_smaller_and_kept_large(hand_in) -> None:
    blob = hand_in("wall.jpg", samples.picture("JPEG", size=(5200, 1300)))
    assert (blob.width, blob.height) == (5200, 1300)
    assert max(opened(blob.display_as).size) <= 2400
    assert max(opened(blob.thumbnail_as).size) <= 360
    assert opened(blob.stored_as).size == (5200, 1300)


def test_a_pdf_gets_a_picture_of_every_page(hand_in) -> None:
    blob = hand_in("report.pdf", samples.pdf(pages=3))
    assert blob.shown == "pages"
    assert blob.page_count == 3
    assert [image.number for image in blob.page_images.all()] == [1, 2, 3]
    for image in blob.page_images.all():
        assert opened(image.stored_as).size == (image.width, image.height)
        assert 850 <= image.width <= 1240
        assert image.height > image.width


def test_only_the_first_pages_of_a_long_pdf_are_drawn(hand_in, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MAX_PAGES", 2)
    blob = hand_in("report.pdf", samples.pdf(pages=3))
    assert blob.page_images.count() == 2
    assert blob.page_count == 3


def test_a_locked_pdf_is_taken_but_has_no_pictures(hand_in) -> None:
    blob = hand_in("locked.pdf", locked_pdf())
    assert blob.preparation == Preparation.NONE
    assert blob.shown == "download"
    assert "password" in blob.why_not_shown
    assert not PageImage.objects.exists()


def test_a_pdf_that_cannot_be_drawn_still_downloads(hand_in) -> None:
    """It opens and says that it has a page, which is not in it."""
    blob = hand_in("broken.pdf", samples.bare_pdf(kids="9 0 R"))
    assert blob.preparation == Preparation.FAILED
    assert blob.shown == "download"
    assert blob.why_not_shown == "No preview could be made of this file. Download it to see it."
    assert default_storage.exists(blob.stored_as)


def test_preparing_again_changes_nothing(hand_in, folder: Path) -> None:
    blob = hand_in("report.pdf", samples.pdf(pages=2))
    before = sorted(stored_files(folder))
    prepare(blob.pk)
    prepare(blob.pk + 1000)
    blob.refresh_from_db()
    assert blob.preparation == Preparation.READY
    assert sorted(stored_files(folder)) == before


def test_the_slower_of_two_workers_leaves_nothing_behind(
    hand_in, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = samples.picture("JPEG")
    blob = hand_in("visit.jpg", content)
    before = sorted(stored_files(folder))
    made = sandbox.develop(io.BytesIO(content), blob.type)
    actions._record(blob.pk, made)
    assert sorted(stored_files(folder)) == before


def test_a_failed_preparation_is_tried_again_when_asked(hand_in) -> None:
    blob = hand_in("visit.jpg", samples.picture("JPEG"))
    Blob.objects.filter(pk=blob.pk).update(preparation=Preparation.FAILED, display_as="", thumbnail_as="")
    prepare(blob.pk)
    blob.refresh_from_db()
    assert blob.shown == "picture"


def test_refused_files_leave_nothing_behind(folder: Path, db, candidate) -> None:
    with pytest.raises(Refused):
        store(upload=SimpleUploadedFile("visit.jpg", b"%PDF-1.7"), name="visit.jpg", by=candidate)
    assert stored_files(folder) == []
    assert not Blob.objects.exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_and_leaves_nothing_behind(
    folder: Path, db, candidate, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def write_half(self: FileSystemStorage, name: str, content: object, max_length: int | None = None) -> str:
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(b"half")
        raise OSError(number, "no room")

    monkeypatch.setattr(FileSystemStorage, "save", write_half)
    with pytest.raises(StorageFull):
        store(upload=SimpleUploadedFile("notes.txt", b"notes"), name="notes.txt", by=candidate)
    assert stored_files(folder) == []
    assert not Blob.objects.exists()


def test_another_storage_error_is_not_called_a_full_disk(
    folder: Path, db, candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: FileSystemStorage, name: str, content: object, max_length: int | None = None) -> str:
        raise PermissionError(errno.EACCES, "not allowed")

    monkeypatch.setattr(FileSystemStorage, "save", refuse)
    with pytest.raises(PermissionError):
        store(upload=SimpleUploadedFile("notes.txt", b"notes"), name="notes.txt", by=candidate)


def test_a_full_database_is_said_too(folder: Path, db, candidate, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**values: object) -> Blob:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(Blob.objects, "create", refuse)
    with pytest.raises(StorageFull):
        store(upload=SimpleUploadedFile("notes.txt", b"notes"), name="notes.txt", by=candidate)
    assert stored_files(folder) == []


def test_no_room_for_the_pictures_leaves_the_file_waiting(
    hand_in, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = hand_in("visit.jpg", samples.picture("JPEG"))
    Blob.objects.filter(pk=blob.pk).update(preparation=Preparation.WAITING, display_as="", thumbnail_as="")
    before = sorted(stored_files(folder))
    save = FileSystemStorage.save

    def save_thumbnail(self: FileSystemStorage, name: str, content: ContentFile, max_length: int | None = None) -> str:
        if name.startswith("display"):
            raise OSError(errno.ENOSPC, "no room")
        return save(self, name, content, max_length=max_length)

    monkeypatch.setattr(FileSystemStorage, "save", save_thumbnail)
    with pytest.raises(StorageFull):
        prepare(blob.pk)
    blob.refresh_from_db()
    assert blob.preparation == Preparation.WAITING
    assert sorted(stored_files(folder)) == before


def test_is_full_knows_postgresql() -> None:
    class DiskFull(Exception):
        sqlstate = "53100"

    error = OperationalError("could not extend file")
    error.__cause__ = DiskFull()
    assert is_full(error)
    assert not is_full(OperationalError("server closed the connection"))
    assert not is_full(ValueError("disk is full"))


class _Mishap(Exception):
    pass


def _store_and_fail(candidate: object) -> None:
    store(upload=SimpleUploadedFile("notes.txt", b"notes"), name="notes.txt", by=candidate)
    raise _Mishap


@pytest.mark.django_db(transaction=True)
def test_the_stored_object_goes_with_a_transaction_that_rolls_back(folder: Path, candidate) -> None:
    with pytest.raises(_Mishap), transaction.atomic():
        _store_and_fail(candidate)
    assert not Blob.objects.exists()
    assert stored_files(folder) == []


@pytest.mark.django_db(transaction=True)
def test_the_stored_object_goes_with_a_savepoint_that_rolls_back(folder: Path, candidate) -> None:
    with transaction.atomic():
        kept = store(upload=SimpleUploadedFile("kept.txt", b"kept"), name="kept.txt", by=candidate)
        with pytest.raises(_Mishap), transaction.atomic():
            _store_and_fail(candidate)
    assert [blob.pk for blob in Blob.objects.all()] == [kept.pk]
    assert stored_files(folder) == [folder / kept.stored_as]


@pytest.mark.django_db(transaction=True)
def test_the_stored_object_stays_with_a_transaction_that_commits(folder: Path, candidate) -> None:
    with transaction.atomic():
        blob = store(upload=SimpleUploadedFile("visit.jpg", samples.picture("JPEG")), name="visit.jpg", by=candidate)
        assert blob.preparation == Preparation.WAITING
        assert blob.shown == "download"
        assert "being made" in blob.why_not_shown
    blob.refresh_from_db()
    assert blob.shown == "picture"
    assert len(stored_files(folder)) == 3


def test_what_nobody_took_up_is_thrown_away(hand_in, folder: Path, django_capture_on_commit_callbacks) -> None:
    taken = hand_in("taken.txt", b"taken")
    left = hand_in("left.pdf", samples.pdf(pages=2))
    fresh = hand_in("fresh.txt", b"fresh")
    attach([taken])
    Blob.objects.exclude(pk=fresh.pk).update(uploaded_at=timezone.now() - timedelta(days=20))
    with django_capture_on_commit_callbacks(execute=True):
        assert discard_unattached(timedelta(days=14)) == 1
    assert set(Blob.objects.values_list("pk", flat=True)) == {taken.pk, fresh.pk}
    assert sorted(stored_files(folder)) == sorted([folder / taken.stored_as, folder / fresh.stored_as])
    with pytest.raises(NoLongerHere):
        attach([taken, left])


def test_a_file_taken_up_at_the_last_moment_stays(hand_in) -> None:
    """Taken up after the sweep has listed it and before the sweep has locked it."""
    blob = hand_in("notes.txt", b"notes")
    attach([blob])
    assert actions._discard(blob.pk) == 0
    assert Blob.objects.filter(pk=blob.pk).exists()


def test_the_daily_command_tidies_and_queues_again(hand_in, capsys, django_capture_on_commit_callbacks) -> None:
    lost = hand_in("visit.jpg", samples.picture("JPEG"))
    left = hand_in("left.txt", b"left")
    attach([lost])
    long_ago = timezone.now() - timedelta(days=20)
    Blob.objects.filter(pk=left.pk).update(uploaded_at=long_ago)
    Blob.objects.filter(pk=lost.pk).update(
        uploaded_at=long_ago, preparation=Preparation.WAITING, display_as="", thumbnail_as=""
    )
    with django_capture_on_commit_callbacks(execute=True):
        call_command("tidy_files")
    assert "1 files thrown away, 0 left-overs swept up, 1 queued again" in capsys.readouterr().out
    lost.refresh_from_db()
    assert lost.shown == "picture"
    assert enqueue_unprepared(timedelta(0)) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"sha256": "abc"},
        {"size": 0},
        {"preparation": "maybe"},
        {"width": 10},
        {"width": 0, "height": 0},
        {"preparation": Preparation.READY, "kind": "pdf"},
    ],
)
def test_the_database_refuses_impossible_rows(db, wrong: dict[str, object]) -> None:
    good = {"sha256": "a" * 64, "size": 1, "kind": "txt", "media_type": "text/plain", "stored_as": "x"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Blob.objects.create(**good | wrong)


def test_a_page_has_one_picture(hand_in) -> None:
    blob = hand_in("report.pdf", samples.pdf())
    for number in (0, 1):
        with pytest.raises(IntegrityError), transaction.atomic():
            PageImage.objects.create(blob=blob, number=number, stored_as=f"other{number}", width=1, height=1)
