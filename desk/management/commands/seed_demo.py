from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from centres.models import Centre
from desk.demo.cast import CENTRE_NUMBER, EVERYBODY, PASSWORD
from desk.demo.stories import tell_everything
from desk.notices import pass_over
from files.actions import prepare
from files.models import Blob, Preparation
from ledger.actions import seal_heads
from ledger.models import Chain
from units.actions import load_standard
from units.standard_files import standard_paths


class Command(BaseCommand):
    help = "Fills an empty installation with a demo centre, once, and prints how to sign in. Not for real centres."

    def handle(self, *args: Any, **options: Any) -> None:
        if not Centre.objects.filter(number=CENTRE_NUMBER).exists():
            self._seed()
        # A file whose pictures were not made, because the command was stopped, is caught up with here.
        for pk in Blob.objects.filter(preparation=Preparation.WAITING).order_by("pk").values_list("pk", flat=True):
            prepare(pk)
        self._print_sign_ins()

    def _seed(self) -> None:
        if Centre.objects.exists():
            raise CommandError("There is a centre here already: the demo centre goes into an empty installation only.")
        self.stdout.write("Filling the demo centre: half a year of work in a few seconds …")
        for path in standard_paths():
            load_standard(path=path)
        with transaction.atomic():
            tell_everything()
            seal_heads()
            # Nobody is told of what is past; the addresses do not exist anyway.
            pass_over(Chain.objects.values_list("key", flat=True))

    def _print_sign_ins(self) -> None:
        rows = [("Sign in as", "Role", "Email address", "")]
        rows += [(person.name, str(person.role.label), person.email, person.what) for person in EVERYBODY]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        self.stdout.write("")
        for row in rows:
            start = "  ".join(cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True))
            self.stdout.write(f"{start}  {row[3]}".rstrip())
        self.stdout.write(f"\nThe password of everybody is: {PASSWORD}")
