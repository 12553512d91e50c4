"""Opens a centre on this installation and asks its first coordinator to join."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from centres.people.actions import invite_coordinator, open_centre
from centres.people.invitations import link_for


class Command(BaseCommand):
    """Prints the invitation's link, so that a centre can start before mail works; the link is mailed as well."""

    help = "Open a centre and invite its first coordinator, who invites everybody else in the browser."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="the centre's name, as printed on unit records")
        parser.add_argument("--number", required=True, help="the centre number that the awarding body gave it")
        parser.add_argument("--awarding-body", required=True)
        parser.add_argument("--coordinator-name", required=True)
        parser.add_argument("--coordinator-email", required=True)

    def handle(self, **options: Any) -> None:
        try:
            with transaction.atomic():
                centre = open_centre(
                    name=options["name"], number=options["number"], awarding_body=options["awarding_body"]
                )
                invitation = invite_coordinator(
                    centre=centre, email=options["coordinator_email"], name=options["coordinator_name"]
                )
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        self.stdout.write(f"{centre} is open. {invitation.name} can join until {invitation.expires_at:%d/%m/%Y} at:")
        self.stdout.write(link_for(invitation))
