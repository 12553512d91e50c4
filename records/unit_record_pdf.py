"""The unit record as a PDF: contents → layout → HTML → bytes (HOUSE, habit 17)."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from django.core.files.storage import default_storage

from files.storage_errors import STORAGE_ERRORS
from ledger.events import EventType
from ledger.models import Event
from ledger.queries import events_about
from records.codes import check_mark
from records.layout import PrintLayout, lay_out
from records.pdf import make_pdf
from signoff.contents import RecordContents


def printed(contents: RecordContents) -> PrintLayout:
    """The layout of a record as it stands, with the ledger's entries for its signatures. One query.

    The contents come with their files: the record's digest covers them.
    """
    signings = events_about(f"unit_record:{contents.record.pk}").filter(
        type__in=[EventType.RECORD_SIGNED, EventType.RECORD_COUNTERSIGNED]
    )
    events: dict[int, Event] = {event.data["signature"]: event for event in signings if "signature" in event.data}
    return lay_out(contents, events)


def drawings_of(contents: RecordContents) -> dict[str, bytes]:
    """The drawings beside the signatures on a record, by digest. One that is lost, or whose bytes are not those that
    were signed, is left out: a print shows the name alone then, and ``verify`` tells of the drawing."""
    found = {}
    for signature in contents.signatures.values():
        if signature.drawing is None:
            continue
        try:
            with default_storage.open(signature.drawing.stored_as) as file:
                drawn = file.read()
        except STORAGE_ERRORS:
            continue
        if hashlib.sha256(drawn).hexdigest() == signature.drawing.sha256:
            found[signature.drawing.sha256] = drawn
    return found


def unit_record_pdf(
    layout: PrintLayout, *, asked_by: str, at: datetime, code: str, drawings: Mapping[str, bytes] | None = None
) -> bytes:
    """The PDF of a laid-out record. ``asked_by`` and ``at`` stand in its foot: who printed it, and when. ``code`` leads
    whoever holds it to the page that confirms it. ``drawings``: PNGs to stand above the names, by digest."""
    context = {"record": layout, "asked_by": asked_by, "at": at, "mark": check_mark(code), "drawings": drawings or {}}
    return make_pdf("records/unit_record.html", context, pictures=drawings)
