"""Run daily: erases what was typed into forms and never saved."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from centres.drafts.actions import KEPT_FOR, erase_old_drafts


class Command(BaseCommand):
    help = "Erase drafts of forms that nobody came back to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=KEPT_FOR.days, help="how long a draft is kept")

    def handle(self, *args: Any, **options: Any) -> None:
        erased = erase_old_drafts(timedelta(days=options["days"]))
        self.stdout.write(f"{erased} drafts erased.")
