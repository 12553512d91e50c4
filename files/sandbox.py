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

from files.kinds import Kind
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
class Opened:
    """What a file was found to be and what was made of it; where the outcome is not DONE, before it ended.

    width, height: of a picture, in pixels, upright. page_count: how many pages a PDF has, drawn or not.
    """

    outcome: Outcome
    why: str = ""
    width: int = 0
    height: int = 0
    page_count: int | None = None
    thumbnail: Picture | None = None
    display: Picture | None = None
    pages: tuple[Picture, ...] = ()
    words: str | None = None


def measure(file: File[Any] | IO[bytes], kind: Kind) -> Opened:
    """Open a PDF, or a picture and decode it whole, to see whether it is one; a second at most for most files."""
    return _open("measure", file, kind, MEASURING_SECONDS)


def develop(file: File[Any] | IO[bytes], kind: Kind) -> Opened:
    """Make the display copy, thumbnail, page images and text of a file, as far as its kind has them."""
    return _open("develop", file, kind, settings.PREPARATION_SECONDS)


def _open(task: str, file: File[Any] | IO[bytes], kind: Kind, seconds: int) -> Opened:
    """Run one job in a process of its own, and gather what it reported and made."""
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
                [sys.executable, "-s", "-m", "files.sandbox_program", name],
                cwd=settings.BASE_DIR,
                env={key: os.environ[key] for key in _PASSED_ON if key in os.environ} | {"TMPDIR": name},
                stdin=descriptor,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            ),
            seconds,
        )
        return _gather(folder, ended)


def _gather(folder: Path, ended: str) -> Opened:
    """What the lines of the report tell, with the pictures and words that lie in the folder."""
    found: dict[str, Any] = {"outcome": Outcome.STOPPED, "why": ended}
    pages: list[Picture] = []
    for line in _read_report(folder / "report.jsonl"):
        match line["what"]:
            case "measured":
                found |= {"width": int(line["width"]), "height": int(line["height"])}
            case "counted":
                found["page_count"] = int(line["pages"])
            case "page":
                pages.append(_picture(folder, line))
            case "thumbnail" | "display" as which:
                found[which] = _picture(folder, line)
            case "words":
                found["words"] = (folder / "words.txt").read_text(encoding="utf-8")[:MAX_CHARACTERS]
            case "done" | "locked" | "unreadable" | "stopped" as how:
                found |= {"outcome": Outcome(how), "why": str(line.get("why", ""))}
    return Opened(**found, pages=tuple(pages))


def _picture(folder: Path, line: dict[str, Any]) -> Picture:
    # Only the last part of a name, whatever that process may have been brought to write.
    return Picture((folder / Path(line["file"]).name).read_bytes(), int(line["width"]), int(line["height"]))


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
