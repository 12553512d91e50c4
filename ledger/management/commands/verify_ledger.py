"""`manage.py verify_ledger`: is what happened still what was written?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from ledger.guard import faults_of_guard
from ledger.keys import faults_of_keys
from ledger.verify import ChainReport, verify_all, verify_chain


class Command(BaseCommand):
    help = (
        "Check every chain of the ledger, one line each. Exits with 1 if any is broken, or the keys or the guard are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("chains", nargs="*", help="Keys of the chains to check; all when none is named.")

    def handle(self, *args: Any, chains: list[str], **options: Any) -> None:
        broken = 0
        for report in map(verify_chain, chains) if chains else verify_all():
            broken += report.state == "broken"
            self.stdout.write(_line(report))
        others = [*faults_of_keys(), *faults_of_guard(connection)]
        for what, why in others:
            self.stdout.write(f"broken    {what}: {why}")
        if broken or others:
            raise CommandError(f"The ledger does not hold: {broken} broken chains, {len(others)} faults beside them.")


def _line(report: ChainReport) -> str:
    place = f", broken at {report.broken_at}: {report.why}" if report.state == "broken" else ""
    return f"{report.state:<8}  {report.key}  {report.events} events{place}"
