"""`manage.py verify`: is everything that was signed still what was signed, and everything that happened still told?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from evidence.models import Portfolio
from ledger.guard import missing_triggers
from ledger.models import Chain
from ledger.verify import ChainReport, verify_all, verify_chain
from signoff.verify import faults


class Command(BaseCommand):
    help = (
        "Check signatures, signed records, files and the ledger. Names what is broken and exits with 1 if anything is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--portfolio", type=int, help="Check one portfolio and its chain only.")

    def handle(self, *args: Any, portfolio: int | None, **options: Any) -> None:
        if portfolio is not None and not Portfolio.objects.filter(pk=portfolio).exists():
            raise CommandError(f"There is no portfolio {portfolio}.")
        broken = 0
        for fault in faults(portfolio_id=portfolio):
            broken += 1
            self.stdout.write(f"broken    {fault.what}: {fault.why}")
        for report in _chains(portfolio):
            if report.state == "broken":
                broken += 1
                self.stdout.write(f"broken    {report.key} at {report.broken_at}: {report.why}")
        for name in missing_triggers(connection):
            broken += 1
            self.stdout.write(f"broken    the database lacks its guard {name}")
        if broken:
            raise CommandError(f"{broken} {'thing does' if broken == 1 else 'things do'} not hold.")
        self.stdout.write("Everything holds: signatures, signed records, files and the ledger.")


def _chains(portfolio: int | None) -> list[ChainReport]:
    if portfolio is None:
        return list(verify_all())
    try:
        return [verify_chain(Portfolio.objects.get(pk=portfolio).chain)]
    except Chain.DoesNotExist:
        return []
