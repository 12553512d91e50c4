"""One message to one person, and whether somebody may still be told."""

import logging
from dataclasses import dataclass
from smtplib import SMTPRecipientsRefused
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from centres.models import Centre, Membership, User
from centres.queries import holds_role
from registrations.models import UnitRecord
from registrations.queries import records_for

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One message to one person. ``templates`` are its text and its HTML."""

    to: str
    subject: str
    templates: tuple[str, str]
    context: dict[str, Any]

    def send(self) -> None:
        """Mail it. An address that the mail server refuses is logged and passed over, since nobody can mend it here."""
        text, html = (render_to_string(template, self.context) for template in self.templates)
        message = EmailMultiAlternatives(self.subject, text, to=[self.to])
        message.attach_alternative(html, "text/html")
        try:
            message.send()
        except SMTPRecipientsRefused:
            log.warning("A notice could not be delivered: the mail server refused its address.")


def is_here(person: User, centre: Centre, role: str) -> bool:
    """Whether somebody named on a record still acts at the centre: who has left is told nothing of its candidates."""
    return person.is_active and holds_role(person, centre, role)


def is_open_to(person: User, record: UnitRecord) -> bool:
    """Whether a unit record opens to one of somebody's seats: what a button of a message leads to, they may read."""
    seats = Membership.objects.active().filter(person=person, centre=record.portfolio.centre_id)
    return any(records_for(seat).filter(pk=record.pk).exists() for seat in seats.select_related("person", "centre"))
