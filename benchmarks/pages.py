"""Server time and queries of the pages that people live on, beside references measured in the same run.

`python -m benchmarks.pages` (`make bench`) makes a centre in a folder of its own, asks each page in turn ROUNDS times,
and writes benchmarks/results.md. `--profile NAME` instead prints where the time of one page goes.
"""

import argparse
import cProfile
import os
import platform
import pstats
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROUNDS = 30
# Session, user and seat: asked for on every page.
OF_EVERY_PAGE = 3
RESULTS = Path(__file__).parent / "results.md"


@dataclass
class Page:
    """One page to ask for, and what was measured."""

    name: str
    ask: Callable[[], object]
    is_reference: bool = False
    times: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    queries: int = 0
    size: int = 0

    @property
    def median(self) -> float:
        """In milliseconds."""
        return statistics.median(self.times) * 1000

    @property
    def quickest(self) -> float:
        """In milliseconds."""
        return min(self.times) * 1000


def set_up(folder: Path) -> None:
    """Django on an empty database of its own."""
    os.environ.pop("DATABASE_URL", None)
    os.environ["DATA_DIR"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    # WhiteNoise warns of a missing folder.
    (folder / "static").mkdir()


def pages() -> list[Page]:
    """The centre, and the pages and references to ask for in it."""
    from django.template.loader import render_to_string
    from django.test import Client, RequestFactory
    from django.urls import reverse

    from benchmarks import urls
    from benchmarks.centre import make_busy_centre
    from signoff.queries import record_page

    busy = make_busy_centre()
    assessor, coordinator = busy.world.client(busy.world.assessor), busy.world.client(busy.world.coordinator)
    record_url = reverse("record", args=[busy.record.pk])

    def asking(client: Client, url: str) -> Callable[[], object]:
        def ask() -> object:
            response = client.get(url)
            assert response.status_code == 200, (url, response.status_code)
            return response

        return ask

    urls.constant_page[:] = assessor.get(record_url).content
    laid_out = record_page(busy.record.pk, busy.world.assessor)
    request = RequestFactory().get(record_url)
    request.user, request.seat, request.seats = busy.world.assessor.person, busy.world.assessor, []  # type: ignore[attr-defined]
    context = {"page": laid_out, "record": laid_out.contents.record, "messages": []}
    return [
        Page("record", asking(assessor, record_url)),
        Page("record with 27 claims", asking(assessor, reverse("record", args=[busy.usual.pk]))),
        Page("home of the assessor", asking(assessor, reverse("home"))),
        Page("registrations", asking(coordinator, reverse("registrations"))),
        Page("judge", asking(assessor, reverse("judge", args=[busy.to_judge.pk]))),
        Page("SELECT 1", asking(Client(), reverse("bare_query")), is_reference=True),
        Page("constant page of the record’s size", asking(assessor, reverse("constant")), is_reference=True),
        Page(
            "the record’s template alone",
            lambda: render_to_string("signoff/record.html", context, request),
            is_reference=True,
        ),
    ]


def measure(found: list[Page]) -> None:
    """Ask all pages in turn, so that whatever else the machine does falls on all alike."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for page in found:
        page.ask()
        with CaptureQueriesContext(connection) as captured:
            answer = page.ask()
        page.queries = len(captured)
        page.size = len(getattr(answer, "content", answer))  # type: ignore[arg-type]
    for _ in range(ROUNDS):
        for page in found:
            start, worked = time.perf_counter(), time.process_time()
            page.ask()
            page.times.append(time.perf_counter() - start)
            page.processor.append(time.process_time() - worked)


def report(found: list[Page]) -> str:
    """The results as a page of their own."""
    from django.utils import timezone

    from benchmarks.centre import CANDIDATES
    from evidence.models import Claim

    of_the_record = Claim.objects.filter(record=Claim.objects.earliest("pk").record)
    lines = [
        "# How long the pages take",
        "",
        f"Written by `make bench` on {timezone.localdate():%d/%m/%Y}: Python {platform.python_version()}, "
        f"{os.cpu_count()} CPUs, SQLite. A centre with {CANDIDATES} candidates on unit 304 and "
        f"{Claim.objects.count()} claims, {of_the_record.count()} of them on the record shown. Time in the server of "
        f"one request: median of {ROUNDS}, quickest of them, and median of the processor's time alone.",
        "",
        "| page | median ms | quickest ms | processor ms | queries | of them its own | KB |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for page in found:
        own = "–" if page.is_reference else str(page.queries - OF_EVERY_PAGE)
        name = f"*{page.name}*" if page.is_reference else page.name
        lines.append(
            f"| {name} | {page.median:.1f} | {page.quickest:.1f} | {statistics.median(page.processor) * 1000:.1f} | "
            f"{page.queries} | {own} | {page.size / 1024:.0f} |"
        )
    lines += [
        "",
        f"*Its own* leaves out the {OF_EVERY_PAGE} queries of every page: session, user and seat. In italics: "
        "references measured in the same run, to tell the page from the machine.",
        "",
    ]
    return "\n".join(lines)


def profile(page: Page) -> None:
    """Print where the time of a page goes."""
    page.ask()
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(ROUNDS):
        page.ask()
    profiler.disable()
    stats = pstats.Stats(profiler, stream=sys.stdout)
    stats.sort_stats("tottime").print_stats(30)
    stats.sort_stats("cumulative").print_stats(50)
    stats.print_stats(r"(signoff|evidence|units|centres|desk)/")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", metavar="NAME", help="print where the time of this page goes")
    wanted = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="nvq-bench-"))
    try:
        set_up(folder)
        found = pages()
        if wanted.profile:
            profile(next(page for page in found if page.name == wanted.profile))
            return
        measure(found)
        RESULTS.write_text(report(found))
        sys.stdout.write(RESULTS.read_text())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
