"""Files from strangers are opened apart: in a process of its own, with a limit on its time and memory.

A hostile file may keep a library busy for ever, fill the memory or crash it. Then that process ends, and neither the
web server nor the worker does. It is no prison: it runs as the same user, but without our settings and keys.
"""

import enum
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.base import File

from files.allowed import Kind
from files.pictures import Picture

# Whoever handed the file in waits for this.
MEASURING_SECONDS = 10
# How many pages of a PDF are drawn.
MAX_PAGES = 200
# Enough to search a long report by; what is shown of it is far less.
MAX_CHARACTERS = 500_000
_MAX_OUTPUT = 32 * 1024 * 1024
_CHUNK = 1024 * 1024
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
WORK_PREFIX = "apart-"


class Outcome(enum.Enum):
    """How it went."""

    DONE = "done"
    LOCKED = "locked"  # under a password
    UNREADABLE = "unreadable"  # not what it says, or damaged
    STOPPED = "stopped"  # it took too long or too much memory, or the process crashed


@dataclass(frozen=True)
class Measured:
    """What a file was found to be: a picture's size in pixels, upright, or a PDF's number of pages."""

    outcome: Outcome
    why: str = ""
    width: int = 0
    height: int = 0
    pages: int = 0


@dataclass(frozen=True)
class Developed:
    """What was made of a file. Where the outcome is not DONE, that is what was made before it ended."""

    outcome: Outcome
    why: str = ""
    thumbnail: Picture | None = None
    display: Picture | None = None
    pages: tuple[Picture, ...] = ()
    page_count: int | None = None
    words: str | None = None


def measure(file: File[Any] | IO[bytes], kind: Kind) -> Measured:
    """Open a PDF, or a picture and decode it whole, to see whether it is one; a second at most for most files."""
    with _run("measure", file, kind, MEASURING_SECONDS) as (outcome, why, lines, _):
        facts = next((line for line in lines if line["what"] == "measured"), {})
        numbers = {name: int(facts.get(name, 0)) for name in ("width", "height", "pages")}
        return Measured(outcome, why, **numbers)


def develop(file: File[Any] | IO[bytes], kind: Kind) -> Developed:
    """Make the display copy, thumbnail, page images and text of a file, as far as its kind has them."""
    with _run("develop", file, kind, settings.PREPARATION_SECONDS) as (outcome, why, lines, folder):
        made: dict[str, Picture] = {}
        pages: list[Picture] = []
        page_count = words = None
        for line in lines:
            match line["what"]:
                case "counted":
                    page_count = int(line["pages"])
                case "page":
                    pages.append(_picture(folder, line))
                case "thumbnail" | "display" as what:
                    made[what] = _picture(folder, line)
                case "words":
                    words = (folder / "words.txt").read_text(encoding="utf-8")[:MAX_CHARACTERS]
        return Developed(
            outcome=outcome,
            why=why,
            thumbnail=made.get("thumbnail"),
            display=made.get("display"),
            pages=tuple(pages),
            page_count=page_count,
            words=words,
        )


def _picture(folder: Path, line: dict[str, Any]) -> Picture:
    # Only the last part of a name, whatever that process may have been brought to write.
    return Picture((folder / Path(line["file"]).name).read_bytes(), int(line["width"]), int(line["height"]))


@contextmanager
def _run(
    task: str, file: File[Any] | IO[bytes], kind: Kind, seconds: int
) -> Iterator[tuple[Outcome, str, list[dict[str, Any]], Path]]:
    """Run one job: how it ended and why, the lines of its report, and the folder with what it made, for the block."""
    job = {
        "task": task,
        "kind": kind.key,
        "format": kind.pillow_format if kind.media_type.startswith("image/") else "",
        "seconds": seconds,
        "memory": settings.PREPARATION_BYTES,
        "output": _MAX_OUTPUT,
        "max_pages": MAX_PAGES,
        "max_pixels": settings.MAX_IMAGE_PIXELS,
        "max_characters": MAX_CHARACTERS,
    }
    with (
        tempfile.TemporaryDirectory(prefix=WORK_PREFIX, dir=settings.FILE_UPLOAD_TEMP_DIR) as name,
        _reopened(file) as descriptor,
    ):
        folder = Path(name)
        (folder / "job.json").write_text(json.dumps(job))
        ended = _wait(
            subprocess.Popen(
                [sys.executable, "-s", "-m", "files.developing", name],
                cwd=settings.BASE_DIR,
                env={key: os.environ[key] for key in _PASSED_ON if key in os.environ} | {"TMPDIR": name},
                stdin=descriptor,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            ),
            seconds,
        )
        lines = _read_report(folder / "report.jsonl")
        last = lines[-1] if lines else {}
        if last.get("what") in ("done", "locked", "unreadable", "stopped"):
            yield Outcome(last["what"]), str(last.get("why", "")), lines, folder
        else:
            yield Outcome.STOPPED, ended, lines, folder


def _wait(process: subprocess.Popen[bytes], seconds: int) -> str:
    """Wait for the process, or end it when its time is up; in words, how it ended."""
    try:
        code = process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return f"it took longer than {seconds} seconds"
    finally:
        # Also when we are told to stop ourselves while we wait.
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return f"its process ended with {code}"


def _read_report(path: Path) -> list[dict[str, Any]]:
    """The lines of a report; the last one may be half written."""
    lines: list[dict[str, Any]] = []
    if path.exists():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                lines.append(json.loads(line))
            except ValueError:
                break
    return lines


@contextmanager
def _reopened(file: File[Any] | IO[bytes]) -> Iterator[int]:
    """A descriptor of the same bytes, for reading only and with a place of its own in them."""
    file.seek(0)
    try:
        # Only for what lies on disk; the S3 storage fetches the object into such a file by itself.
        descriptor = os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY)
    except (OSError, AttributeError, io.UnsupportedOperation):
        with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as copy:
            while chunk := file.read(_CHUNK):
                copy.write(chunk)
            copy.seek(0)
            yield copy.fileno()
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)
