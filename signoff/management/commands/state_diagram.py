"""`manage.py state_diagram`: draws docs/states.md from the tables of legal moves."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from signoff.diagram import states_document

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "states.md"


class Command(BaseCommand):
    help = "Write docs/states.md. With --check, write nothing and exit with 1 when it is stale."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        drawn = states_document()
        if not check:
            DOCUMENT.write_text(drawn)
        elif not DOCUMENT.exists() or DOCUMENT.read_text() != drawn:
            raise CommandError("docs/states.md is stale: run manage.py state_diagram.")
