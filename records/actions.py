"""Asking for a print and making it."""

from datetime import timedelta
from functools import partial

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from centres.models import Membership
from files.actions import attach, store
from ledger.actions import tell
from ledger.events import EventType
from ledger.subjects import Named
from records.codes import digest_of_code, new_code
from records.models import PrintedRecord, PrintState
from records.tasks import make_print_of
from records.telling import facts_of_print, subject_of_print
from records.unit_record_pdf import drawings_of, printed, unit_record_pdf
from registrations.models import UnitRecord
from registrations.queries import records_for
from signoff.contents import RECORD_RELATIONS, contents_of_record

# A print that has waited longer has lost its worker, so it is put in the queue again.
_LOST_AFTER = timedelta(minutes=5)


@transaction.atomic
def ask_for_print(*, record_id: int, by: Membership) -> PrintedRecord:
    """Ask for a unit record as a PDF, which is made in the background.

    Where the record has been printed just as it stands, that print is returned and nothing is written. Raises
    UnitRecord.DoesNotExist when the record does not open to this seat.
    """
    # Read once it is locked: a query that waits for a lock reads what it joins as it was before it waited.
    records_for(by).select_for_update(of=("self",)).get(pk=record_id)
    contents = contents_of_record(
        UnitRecord.objects.select_related(*RECORD_RELATIONS).get(pk=record_id), with_files=True
    )
    digest = printed(contents).digest
    earlier = (
        PrintedRecord.objects.filter(record=record_id, contents_digest=digest)
        .exclude(state=PrintState.FAILED)
        .order_by("-pk")
        .first()
    )
    if earlier is not None:
        if earlier.state == PrintState.WAITING and earlier.asked_at < timezone.now() - _LOST_AFTER:
            transaction.on_commit(partial(make_print_of.enqueue, earlier.pk))
        return earlier
    asked = PrintedRecord.objects.create(record=contents.record, asked_by=by.person, contents_digest=digest)
    tell(
        EventType.RECORD_PRINTED,
        about=contents.record,
        by=by,
        unit_record=record_id,
        print=asked.pk,
        contents_digest=digest,
    )
    transaction.on_commit(partial(make_print_of.enqueue, asked.pk))
    return asked


def make_print(print_id: int) -> None:
    """Make the PDF of a print that waits for it, of the record as it now stands; harmless when repeated.

    Whatever goes wrong is raised, and the print then says that it failed, so that it can be asked for again.
    """
    asked = PrintedRecord.objects.select_related("asked_by").filter(pk=print_id, state=PrintState.WAITING).first()
    if asked is None:
        return
    is_made = False
    try:
        _make(asked)
        is_made = True
    finally:
        if not is_made:
            PrintedRecord.objects.filter(pk=print_id, state=PrintState.WAITING).update(state=PrintState.FAILED)


def _make(asked: PrintedRecord) -> None:
    record = UnitRecord.objects.select_related(*RECORD_RELATIONS).get(pk=asked.record_id)
    contents, code = contents_of_record(record, with_files=True), new_code()
    layout = printed(contents)
    content = unit_record_pdf(
        layout, asked_by=asked.asked_by.name, at=asked.asked_at, code=code, drawings=drawings_of(contents)
    )
    name = f"{layout.name}.pdf"
    blob = store(upload=ContentFile(content, name=name), name=name, by=asked.asked_by)
    with transaction.atomic():
        waiting = PrintedRecord.objects.filter(pk=asked.pk, state=PrintState.WAITING)
        # Another worker may have been quicker; this file is then thrown away like any that nobody took up.
        if waiting.update(
            state=PrintState.READY,
            blob=blob,
            contents_digest=layout.digest,
            code_digest=digest_of_code(code),
            record_state=record.state,
            record_digest=layout.record_digest,
            signature_ids=sorted(signature.pk for signature in contents.signatures.values()),
        ):
            attach([blob])
            tell(
                EventType.PRINT_MADE,
                about=Named(record.chain, subject_of_print(asked.pk)),
                by=None,
                **facts_of_print(asked.pk),
            )
