"""`manage.py rotate_ledger_key`: a new key for the installation, for which the old one vouches."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.keys import KeyTrouble
from ledger.rotation import rotate_key


class Command(BaseCommand):
    help = "Replace the installation's key by a new one. What the old one signed stays genuine. Back the new file up."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rotation = rotate_key()
        except KeyTrouble as trouble:
            raise CommandError(str(trouble)) from trouble
        if rotation is None:
            self.stdout.write("The rotation that was cut short is finished. Back the key file up now.")
        else:
            self.stdout.write(f"The key {rotation.new} has taken the place of {rotation.old}.")
            self.stdout.write("Back the key file up now, apart from the database.")
