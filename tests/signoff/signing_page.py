"""Opening the signing page and sending it back, as a browser does (Q26)."""

import re

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from registrations.models import UnitRecord
from signoff.models import Slot
from tests.evidence.builders import PASSWORD

SECRET = "JBSWY3DPEHPK3PXP"


def path_of(record: UnitRecord, slot: str = Slot.CANDIDATE) -> str:
    return reverse("sign", args=[record.pk, slot])


def digest_in(html: str) -> str:
    found = re.search(r'name="seen_digest" value="([0-9a-f]{64})"', html)
    assert found
    return found[1]


def post(client: Client, path: str, **changed: str) -> HttpResponse:
    """Open the page and send it back filled in, as a browser does."""
    return client.post(path, filled_in(client, path) | changed)


def filled_in(client: Client, path: str) -> dict[str, str]:
    """What the candidate sends back of a page that they open."""
    shown = client.get(path)
    assert shown.status_code == 200
    return {
        "typed_name": "Carla Candidate",
        "password": PASSWORD,
        "seen_digest": digest_in(shown.content.decode()),
    }


def code_now() -> str:
    return format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time()))))
