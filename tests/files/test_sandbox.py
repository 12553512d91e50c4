"""Files are opened apart: whatever a file does to the process that opens it, ours go on, and say so."""

import io
import os
import time
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile

from files import sandbox
from files.kinds import BY_KEY
from files.models import Preparation
from files.sandbox import Outcome, develop, measure
from files.sniffing import Refused, sniff

from . import samples
from .corpus.documents import stream

PDF = BY_KEY["pdf"]


def slow_pdf(pages: int = 1) -> bytes:
    """Its last page keeps the drawing library busy for minutes: the same shapes over and over. The rest are empty."""
    busy = stream(b"0 0 200 200 re 200 200 0 0 re f* " * 4 + b"q 1 0 0 1 0 0 cm /X Do Q " * 3000, "")
    form = "/Type/XObject/Subtype/Form/BBox[0 0 200 200]/Group<</S/Transparency>>/Resources<</XObject<</X 6 0 R>>>>"
    inner = stream(b"0 0 200 200 re f " * 3000, "/Type/XObject/Subtype/Form/BBox[0 0 200 200]/Group<</S/Transparency>>")
    kids = "7 0 R " * (pages - 1) + "3 0 R"
    return samples.bare_pdf(
        busy,
        stream(b"/X Do " * 3000, form),
        inner,
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
        page="/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>",
        kids=kids,
    ).replace(b"/Count 1", f"/Count {pages}".encode())


@pytest.fixture(autouse=True)
def _nothing_is_left(settings, tmp_path: Path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    yield
    assert list(settings.FILE_UPLOAD_TEMP_DIR.iterdir()) == []


def test_a_file_that_takes_for_ever_is_given_up_in_time(settings) -> None:
    settings.PREPARATION_SECONDS = 2
    start = time.monotonic()
    made = develop(io.BytesIO(slow_pdf()), PDF)
    assert time.monotonic() - start < 6
    assert made.outcome is Outcome.STOPPED
    assert made.thumbnail is None
    assert made.why


def test_pages_drawn_before_the_time_was_up_are_kept(settings) -> None:
    settings.PREPARATION_SECONDS = 4
    made = develop(io.BytesIO(slow_pdf(pages=3)), PDF)
    assert (made.outcome, made.page_count, len(made.pages)) == (Outcome.STOPPED, 3, 2)
    assert made.thumbnail is not None


@pytest.mark.django_db
def test_a_pdf_shown_in_part_says_so(hand_in, settings) -> None:
    settings.PREPARATION_SECONDS = 4
    blob = hand_in("half.pdf", slow_pdf(pages=3))
    assert blob.preparation == Preparation.READY
    assert blob.why_in_part == "The first 2 of 3 pages are shown. Download the file to see the rest."


@pytest.mark.django_db
def test_a_file_given_up_can_be_downloaded_and_says_so(hand_in, settings) -> None:
    settings.PREPARATION_SECONDS = 1
    blob = hand_in("slow.pdf", slow_pdf())
    assert blob.preparation == Preparation.FAILED
    assert (blob.shown, blob.why_not_shown) == (
        "download",
        "No preview could be made of this file. Download it to see it.",
    )


def test_a_file_that_takes_too_much_memory_is_given_up(settings) -> None:
    settings.PREPARATION_BYTES = 300 * 1024**2
    large = samples.picture("PNG", size=(9000, 6000))
    made = develop(io.BytesIO(large), BY_KEY["png"])
    assert made.outcome is Outcome.STOPPED
    assert made.display is None
    assert develop(io.BytesIO(samples.picture("PNG")), BY_KEY["png"]).outcome is Outcome.DONE


def test_a_crash_of_that_process_is_told_from_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox.sys, "executable", "/bin/false")
    made = develop(io.BytesIO(samples.pdf()), PDF)
    assert made.outcome is Outcome.STOPPED
    assert "ended with 1" in made.why


def test_whoever_hands_in_is_told_that_a_file_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox.sys, "executable", "/bin/false")
    with pytest.raises(Refused, match="takes too long to open"):
        sniff(io.BytesIO(samples.pdf()), "report.pdf")


def test_it_knows_none_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}
    popen = sandbox.subprocess.Popen

    def note(*args: object, **how: object) -> object:
        seen.update(how)
        return popen(*args, **how)

    monkeypatch.setenv("SECRET_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    monkeypatch.setattr(sandbox.subprocess, "Popen", note)
    measure(io.BytesIO(samples.pdf()), PDF)
    assert set(seen["env"]) <= {"PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR"}


@pytest.mark.parametrize("on_disk", [True, False])
def test_the_file_itself_is_left_as_it_was(on_disk: bool) -> None:
    content = samples.pdf(pages=2)
    if on_disk:
        upload = TemporaryUploadedFile("report.pdf", "application/pdf", len(content), None)
        upload.write(content)
    else:
        upload = SimpleUploadedFile("report.pdf", content)
    with upload:
        upload.seek(7)
        assert measure(upload, PDF).page_count == 2
        upload.seek(0)
        assert upload.read() == content
        assert measure(upload, PDF).page_count == 2
        assert not on_disk or os.path.getsize(upload.temporary_file_path()) == len(content)
