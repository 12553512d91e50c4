"""A copy of each signature for whoever gave it (Q26), with the chain's head as it then was.

It tells somebody whose name was used that it was, and for what: whose unit, which line and words, on which evidence,
with two digests, of all that they saw and of the record as its prints name it. And it keeps a head of the chain outside
the system, where nobody who cuts off the ledger's end can reach it (HOUSE decided 3).
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.urls import reverse

from desk.messages import Notice, is_open_to
from ledger.events import EventType
from ledger.models import Event
from signoff.models import Signature, Slot
from signoff.snapshot import record_digest_of
from signoff.statements import PRINTED_LINES

# Longer lists stand on the record's page; a message is read on a phone.
_MOST_REFERENCES = 40
_SIGNED = (EventType.RECORD_SIGNED, EventType.RECORD_COUNTERSIGNED)


def copies_of_signatures(events: Iterable[Event]) -> Iterator[Notice]:
    """A copy for the signer of each signature that these events tell of, even where they have left since, or where it
    is void by now: it tells what was done in their name."""
    told = {event.data["signature"]: event for event in events if event.type in _SIGNED}
    given = Signature.objects.filter(pk__in=told).select_related(
        "signer", "record__unit", "record__registration__candidate", "record__registration__centre", "record__portfolio"
    )
    for signature in given.order_by("pk"):
        record = signature.record
        yield Notice(
            to=signature.signer.email,
            subject=f"Your signature on unit {record.unit.code} of {record.registration.candidate}",
            templates=("mail/signed.txt", "mail/signed.html"),
            context={
                "signature": signature,
                "line": PRINTED_LINES[Slot(signature.slot)],
                "record": record,
                "registration": record.registration,
                "candidate": record.registration.candidate,
                "evidence": _evidence_in(signature.snapshot),
                "record_digest": record_digest_of(signature.snapshot),
                "entry": str(told[signature.pk].as_anchor(record.chain)),
                "url": settings.SITE_URL + reverse("record", args=[record.pk])
                if is_open_to(signature.signer, record)
                else "",
            },
        )


def _evidence_in(snapshot: dict[str, Any]) -> str:
    """What was signed for, by its references: "E1, E2, E3"."""
    references = [version["reference"] for version in snapshot["record"]["evidence"]]
    more = len(references) - _MOST_REFERENCES
    return ", ".join(references[:_MOST_REFERENCES]) + (f" and {more} more" if more > 0 else "")
