"""Recognises a kind of award on this installation, or changes the title and days of one."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from centres.authority.actions import recognise_award
from centres.models import Capacity


class Command(BaseCommand):
    """Every centre of the installation can enter the award from then on (R30)."""

    help = "Recognise a kind of award for assessors or internal verifiers, on all days or between two."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="short, as it is printed on records: up to 8 letters and figures")
        parser.add_argument("title", help="as coordinators choose it")
        parser.add_argument("--capacity", required=True, choices=Capacity.values)
        parser.add_argument("--from", dest="recognised_from", type=date.fromisoformat, help="first day: 2026-01-31")
        parser.add_argument("--until", dest="recognised_until", type=date.fromisoformat, help="last day")

    def handle(self, **options: Any) -> None:
        wanted = ("code", "title", "capacity", "recognised_from", "recognised_until")
        try:
            kind = recognise_award(**{name: options[name] for name in wanted})
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        self.stdout.write(f"{kind.code} is recognised: {kind.title}")
