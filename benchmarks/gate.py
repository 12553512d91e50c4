"""How long the gate of a whole registration takes, and how it grows, beside references measured in the same run.

`python -m benchmarks.gate` (part of `make bench`) registers a candidate on twelve units of the 2010 requirements,
with 60 pieces of evidence and 400 claims made by the real actions, and writes benchmarks/gate.md.
"""

import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registrations.models import UnitRecord

from benchmarks.pages import set_up

ROUNDS = 40
UNITS = ("A14", "A17", "A18", "B4", "B10", "B14", "C3", "C6", "D2", "D8", "D12", "D14")
ITEMS, CLAIMS = 60, 400
STEPS = (1, 3, 6, 12)
RESULTS = Path(__file__).parent / "gate.md"


@dataclass(frozen=True)
class Row:
    """What one call took: milliseconds, and queries."""

    name: str
    median: float
    quickest: float
    queries: int


def make_full_registration() -> "list[UnitRecord]":
    """One candidate on twelve units; every fifth item is judged. The records, with the relations the gate needs."""
    from centres.models import Role
    from evidence.claims.actions import WantedClaim, update_claims
    from registrations.models import UnitRecord
    from signoff.contents import RECORD_RELATIONS
    from tests.evidence.builders import add_item, approve, join, make_world, offer, register
    from units.actions import load_standard
    from units.models import Criterion, Unit
    from units.standard_files import FOLDER

    world = make_world()
    load_standard(path=FOLDER / "evidence-requirements-2010.json")
    units = list(Unit.objects.filter(code__in=UNITS, standard__owner="").order_by("position"))
    for unit in units:
        approve(world.coordinator, world.assessor, unit)
        approve(world.coordinator, world.iv, unit)
    seat = join(world.coordinator, Role.CANDIDATE, "Fullerton Twelve")
    registration = register(world.coordinator, seat, assessor=world.assessor, iv=world.iv, units=units)
    records = {record.unit_id: record for record in registration.unit_records.all()}
    cells = [
        (records[cell.group.unit_id], cell)
        for cell in Criterion.objects.filter(group__unit__in=units, group__instances=None, wanted_values=1)
        .filter(group__kind__in=["points", "obligation"])
        .select_related("group")
        .order_by("position", "group__unit__position", "group__position")
    ]
    around = cycle(cells)
    made = 0
    for ordinal in range(ITEMS):
        item = add_item(world, seat=seat, title=f"A shift at the counter, {ordinal + 1}")
        share = CLAIMS * (ordinal + 1) // ITEMS - made
        wanted = dict.fromkeys(islice(around, share))
        update_claims(
            evidence=item,
            revision=item.revision,
            wanted=[WantedClaim(record, cell, f"page {ordinal + 1}") for record, cell in wanted],
            by=seat,
        )
        made += len(wanted)
        offer(world, item, seat=seat)
    assert made == CLAIMS
    return list(
        UnitRecord.objects.filter(registration=registration)
        .select_related(*RECORD_RELATIONS)
        .order_by("unit__position")
    )


def measure(name: str, call: Callable[[], object]) -> Row:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    call()
    with CaptureQueriesContext(connection) as captured:
        call()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000)
    return Row(name, statistics.median(times), min(times), len(captured))


def rows() -> list[Row]:
    from django.db import connection

    from evidence.models import Claim
    from evidence.progress import progress_of
    from signoff.contents import contents_of, facts_of
    from signoff.gate import judge_gate

    records = make_full_registration()
    facts = [facts_of(contents) for contents in contents_of(records).values()]
    found = []
    for count in STEPS:
        some = records[:count]
        claims = Claim.objects.filter(record__in=some).count()
        found.append(
            measure(
                f"rows and gates, {count} unit{'s' if count > 1 else ''}, {claims} claims",
                lambda some=some: [contents.gate.missing for contents in contents_of(some).values()],
            )
        )

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    return [
        *found,
        measure("the rules alone, 12 units", lambda: [judge_gate(one).missing for one in facts]),
        measure("progress for lists, 12 units", lambda: progress_of(records)),
        measure("*the 400 claims fetched as rows*", lambda: list(Claim.objects.filter(record__in=records))),
        measure("*SELECT 1*", bare),
    ]


def report(found: list[Row]) -> str:
    from django.utils import timezone

    lines = [
        "# How long the gate takes",
        "",
        f"Written by `make bench` on {timezone.localdate():%d/%m/%Y}: Python {platform.python_version()}, "
        f"{os.cpu_count()} CPUs, SQLite. One registration: {len(UNITS)} units of the 2010 requirements, "
        f"{ITEMS} pieces of evidence, {CLAIMS} claims. Median and quickest of {ROUNDS}; "
        "the aim for all twelve gates is 20 ms.",
        "",
        "| call | median ms | quickest ms | queries |",
        "|---|---:|---:|---:|",
        *(f"| {row.name} | {row.median:.1f} | {row.quickest:.1f} | {row.queries} |" for row in found),
        "",
        "In italics: references measured in the same run, to tell the gate from the machine.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="nvq-bench-"))
    try:
        set_up(folder)
        RESULTS.write_text(report(rows()))
        sys.stdout.write(RESULTS.read_text())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
