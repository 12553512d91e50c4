from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from units.models import Standard
from units.standard_files import write_standard
from units.stored import stored_document


class Command(BaseCommand):
    help = "Writes a loaded standard back as the file it came from."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="The standard's code, such as unit-304-record.")
        parser.add_argument("--edition", help="Needed where several editions are loaded.")
        parser.add_argument("--owner", default="", help="Whose edition, such as centre:7; the shared one if left out.")
        parser.add_argument("--output", type=Path, help="The file to write; standard output if left out.")

    def handle(self, *args: Any, **options: Any) -> None:
        standards = Standard.objects.filter(code=options["code"], owner=options["owner"]).order_by("edition")
        if options["edition"] is not None:
            standards = standards.filter(edition=options["edition"])
        found = list(standards)
        if not found:
            loaded = ", ".join(str(code) for code in Standard.objects.values_list("code", flat=True).distinct())
            raise CommandError(f"No such standard is loaded. Loaded are: {loaded or 'none'}.")
        if len(found) > 1:
            editions = ", ".join(standard.edition for standard in found)
            raise CommandError(f"Several editions are loaded, choose one with --edition: {editions}.")
        text = write_standard(stored_document(found[0]))
        if options["output"] is None:
            self.stdout.write(text, ending="")
            return
        try:
            options["output"].write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error.strerror}") from error
        self.stdout.write(f"{options['output']}: written")
