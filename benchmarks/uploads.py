"""How fast a film of a gigabyte is taken, and in what memory, beside a plain copy with SHA-256 of the same bytes.

`python -m benchmarks.uploads` starts a real server in a folder of its own, sends a small file to warm it, and then the
film ROUNDS times, with the plain copies in between. It writes benchmarks/uploads.md. `--mb` sends a smaller one.
"""

import argparse
import hashlib
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROUNDS = 3
MOST_GROWTH_MB = 50
MEGABYTE = 1024 * 1024
RESULTS = Path(__file__).parent / "uploads.md"


@contextmanager
def _timed(times: list[float]) -> Iterator[None]:
    start = time.perf_counter()
    yield
    times.append(time.perf_counter() - start)


def copy_plainly(source: Path, target: Path) -> None:
    """What has to be done at least: read the bytes, take their digest, write them."""
    digest = hashlib.sha256()
    with source.open("rb") as read, target.open("wb") as written:
        while piece := read.read(MEGABYTE):
            digest.update(piece)
            written.write(piece)
    target.unlink()


def measure(folder: Path, megabytes: int) -> str:
    """The results as a page of their own."""
    from django.conf import settings
    from django.urls import reverse
    from django.utils import timezone

    from benchmarks.pages import set_up

    set_up(folder)
    from files.models import Blob
    from tests.evidence.builders import make_world
    from tests.evidence.pages import typed
    from tests.files.real_server import database_url, film, note, serving, upload

    world = make_world()
    session = world.client(world.candidate).cookies["sessionid"].value
    path = reverse("add_evidence", args=[world.portfolio.pk])
    size = megabytes * MEGABYTE
    form = film(typed(), size)
    source = folder / "film.mp4"
    with source.open("wb") as file:
        file.writelines(form.pieces())
    uploads: list[float] = []
    copies: list[float] = []
    grown: list[int] = []
    limits = {"MAX_RECORDING_MB": str(megabytes), "EVIDENCE_QUOTA_MB": str(megabytes * (ROUNDS + 1))}
    with serving(folder, database=database_url(), **limits) as server:
        assert upload(server, path, note(typed(), 1000), session=session) == 302
        idle = server.memory("VmRSS")
        for _ in range(ROUNDS):
            with _timed(copies):
                copy_plainly(source, folder / "copy.mp4")
            # Each form has a key of its own, or the second film would be the first one sent twice.
            form = film(typed(), size)
            server.forget_peak()
            with _timed(uploads):
                assert upload(server, path, form, session=session) == 302
            grown.append(server.memory("VmHWM") - idle)
    stored = Blob.objects.filter(size=size).count()
    assert stored == ROUNDS, f"{stored} films were stored"
    copied, taken = (megabytes / statistics.median(times) for times in (copies, uploads))
    most = max(grown) / MEGABYTE
    verdict = "within" if most < MOST_GROWTH_MB else "**over**"
    return "\n".join(
        [
            f"# How a film of {megabytes} MB is taken",
            "",
            f"Written by `make bench` on {timezone.localdate():%d/%m/%Y}: Python {platform.python_version()}, "
            f"{os.cpu_count()} CPUs, {settings.DATABASES['default']['ENGINE'].rpartition('.')[2]}, files on disk. One "
            "worker of the real server; the sender is a process on the same machine. The plain copy reads, takes the "
            f"SHA-256 and writes, in one process. Medians of {ROUNDS}, taken in turn.",
            "",
            "| what | MB/s | seconds |",
            "|---|---:|---:|",
            f"| upload, checked and stored | {taken:.0f} | {statistics.median(uploads):.1f} |",
            f"| *plain copy with SHA-256* | {copied:.0f} | {statistics.median(copies):.1f} |",
            "",
            f"An upload runs at {taken / copied:.0%} of the plain copy. The server's memory was {idle / MEGABYTE:.0f} "
            f"MB when idle and grew by {most:.0f} MB at most while a film came in: {verdict} the {MOST_GROWTH_MB} MB "
            "that it may.",
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=1024, help="how large the film is")
    wanted = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="nvq-bench-"))
    try:
        RESULTS.write_text(measure(folder, wanted.mb))
        sys.stdout.write(RESULTS.read_text())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
