"""The program that opens one file: `python -m files.sandbox_program FOLDER`, as `files.sandbox` starts it.

It is given the file as its standard input and nothing else of ours: no settings, no keys, no database. The job lies in
FOLDER/job.json; what it makes goes into the same folder, and each thing made is a line of FOLDER/report.jsonl, so that
what was done before a limit ended it is not lost. It imports nothing of Django.
"""

import json
import resource
import signal
import sys
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

from files import pictures, text_extraction

# RuntimeError is also what PDFium's binding raises, AttributeError what openpyxl does.
UNREADABLE = (*pictures.UNREADABLE, zipfile.BadZipFile, AttributeError, NotImplementedError, RuntimeError, zlib.error)


class Report:
    """Writes what was made: pictures into files of their own, and one line about each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = (folder / "report.jsonl").open("a", buffering=1, encoding="utf-8")

    def say(self, what: str, **facts: Any) -> None:
        self._file.write(json.dumps({"what": what, **facts}) + "\n")

    def add_picture(self, what: str, picture: pictures.Picture, **facts: Any) -> None:
        name = f"{what}{facts.get('number', '')}{pictures.EXTENSION}"
        (self._folder / name).write_bytes(picture.data)
        self.say(what, file=name, width=picture.width, height=picture.height, **facts)

    def add_words(self, text: str) -> None:
        (self._folder / "words.txt").write_text(text, encoding="utf-8")
        self.say("words", file="words.txt")


def set_limits(seconds: int, memory: int, output: int) -> None:
    """What this process may use from now on. The clock and the processor end it, whoever started it may be gone."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output, output))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(seconds + 1)


def measure(file: IO[bytes], job: dict[str, Any], report: Report) -> None:
    """Whether it opens as what it says it is: a picture's size, upright, or a PDF's number of pages."""
    if job["kind"] == "pdf":
        from files.pdf_pages import Pages  # PDFium takes longer to load than most other jobs take

        with Pages(file) as pages:
            report.say("counted", pages=len(pages))
        return
    picture = pictures.open_picture(file, job["format"])
    width, height = pictures.upright_size(picture)
    if width * height <= job["max_pixels"]:
        picture.load()
    report.say("measured", width=width, height=height)


def develop(file: IO[bytes], job: dict[str, Any], report: Report) -> None:
    """Everything that a page shows of the file, and its words."""
    if job["kind"] == "pdf":
        _develop_pages(file, job, report)
    elif job["format"]:
        display, thumbnail = pictures.make_copies(file, image_format=job["format"])
        report.add_picture("display", display)
        report.add_picture("thumbnail", thumbnail)
    else:
        report.add_words(text_extraction.read_words(file, job["kind"], job["max_characters"]))


def _develop_pages(file: IO[bytes], job: dict[str, Any], report: Report) -> None:
    from files.pdf_pages import Pages

    with Pages(file) as pages:
        report.say("counted", pages=len(pages))
        if not len(pages):
            raise ValueError("a PDF without pages")
        numbers = range(1, min(len(pages), job["max_pages"]) + 1)
        for number in numbers:
            page = pages.draw(number)
            if number == 1:
                report.add_picture("thumbnail", pictures.make_thumbnail(page))
            report.add_picture("page", page, number=number)
        # After all pictures: words are for searching, and may take as long.
        text, left = [], job["max_characters"]
        for number in numbers:
            text.append(text_extraction.tidy(pages.read(number))[:left])
            left -= len(text[-1])
            if left <= 0:
                break
        report.add_words(text_extraction.tidy("\n\n".join(text))[: job["max_characters"]])


def main(folder: Path) -> None:
    """Do the job in the folder. The last line of the report says how it ended."""
    job = json.loads((folder / "job.json").read_text())
    report = Report(folder)
    set_limits(job["seconds"], job["memory"], job["output"])
    try:
        with open(0, "rb", closefd=False) as file:
            {"measure": measure, "develop": develop}[job["task"]](file, job, report)
    except pictures.NeedsPassword:
        report.say("locked")
    except MemoryError:
        report.say("stopped", why="it needs too much memory")
    except UNREADABLE as error:
        report.say("unreadable", why=f"{type(error).__name__}: {error}"[:300])
    else:
        report.say("done")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
