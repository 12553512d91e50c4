"""Run daily: throws away what nobody took up or a killed process left, and queues again what waits for its preview."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from files.actions import discard_unattached, enqueue_unprepared
from files.sweeping import sweep_orphans, sweep_uploads


class Command(BaseCommand):
    help = (
        "Throw away files that were handed in but never taken up, and what a process that was killed left behind; and "
        "queue again what still waits for its preview."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=14, help="how long a file may wait to be taken up")
        parser.add_argument("--hours", type=int, default=24, help="how long an upload that is under way may take")

    def handle(self, *args: Any, **options: Any) -> None:
        discarded = discard_unattached(timedelta(days=options["days"]))
        under_way = timedelta(hours=options["hours"])
        swept = sweep_orphans(under_way) + sweep_uploads(under_way)
        queued = enqueue_unprepared(timedelta(hours=1))
        self.stdout.write(
            f"{discarded} files thrown away, {swept} left-overs swept up, {queued} queued again for their preview."
        )
