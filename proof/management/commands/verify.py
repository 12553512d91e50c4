"""`manage.py verify`: is everything that was signed still what was signed, and everything that happened still told?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ledger.anchors import Anchor, read_anchor
from proof.verify import Scope, faults
from registrations.models import Portfolio


class Command(BaseCommand):
    help = (
        "Check signatures, signed records, files and the ledger. Names what is broken and exits with 1 if anything is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--portfolio", type=int, help="Check one portfolio and its chain only.")
        parser.add_argument(
            "--anchor",
            action="append",
            default=[],
            metavar="ENTRY",
            help="A ledger entry from an email or a printout, such as portfolio:3:7/42/9f86…; may be given repeatedly.",
        )

    def handle(self, *args: Any, portfolio: int | None, anchor: list[str], **options: Any) -> None:
        found = Portfolio.objects.filter(pk=portfolio).first() if portfolio is not None else None
        if portfolio is not None and found is None:
            raise CommandError(f"There is no portfolio {portfolio}.")
        kept = [self._anchor(one, Scope(portfolio=found)) for one in anchor]
        broken = 0
        for fault in faults(portfolio_id=portfolio, kept=kept):
            broken += 1
            self.stdout.write(f"broken    {fault.what}: {fault.why}")
        if broken:
            raise CommandError(f"{broken} {'thing does' if broken == 1 else 'things do'} not hold.")
        self.stdout.write("Everything holds: signatures, signed records, files and the ledger.")

    @staticmethod
    def _anchor(typed: str, scope: Scope) -> Anchor:
        try:
            anchor = read_anchor(typed)
        except ValueError as unreadable:
            raise CommandError(str(unreadable)) from unreadable
        if not scope.has_chain(anchor.chain):
            raise CommandError(f"The entry {anchor} belongs to another chain than this portfolio’s.")
        return anchor
