from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from units.actions import load_standard
from units.standard_files import StandardFileError, standard_paths


class Command(BaseCommand):
    help = "Loads standard files; loading one again changes nothing. A malformed file is refused, naming the place."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "paths", nargs="*", type=Path, help="Files to load; all that come with the product if none."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for path in options["paths"] or standard_paths():
            try:
                report = load_standard(path=path)
            except StandardFileError as error:
                raise CommandError(f"{path.name} was refused, and nothing of it was loaded:\n{error}") from error
            if report.wrote:
                counts = f"units: {len(report.created)} new, {len(report.changed)} changed"
                self.stdout.write(f"{path.name}: {counts}, {len(report.unchanged)} as before")
            else:
                self.stdout.write(f"{path.name}: nothing new")
