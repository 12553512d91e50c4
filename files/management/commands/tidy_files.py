"""Run daily: throws away what nobody took up, and queues again what still waits for its pictures."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from files.actions import discard_unattached, enqueue_unprepared


class Command(BaseCommand):
    help = "Throw away files that were handed in but never taken up, and queue again what still waits for its pictures."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=14, help="how long a file may wait to be taken up")

    def handle(self, *args: Any, **options: Any) -> None:
        discarded = discard_unattached(timedelta(days=options["days"]))
        queued = enqueue_unprepared(timedelta(hours=1))
        self.stdout.write(f"{discarded} files thrown away, {queued} queued again for their pictures.")
