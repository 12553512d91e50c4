"""Proving that what was signed is what stands (R66): signatures, snapshots, signed records and files."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.db.models import QuerySet

from evidence.models import EvidenceFile, Portfolio, RecordState, UnitRecord
from files.models import Blob
from ledger.events import EventType
from ledger.models import Event
from ledger.signing import is_genuine
from signoff.contents import RECORD_RELATIONS, RecordContents, contents_of
from signoff.models import Signature, Slot
from signoff.snapshot import digest_of, signed_words, snapshot_of

_BATCH = 50
_PIECE = 1024 * 1024


@dataclass(frozen=True)
class Fault:
    """One thing that does not hold: which, and what is wrong with it."""

    what: str
    why: str


def faults(*, portfolio_id: int | None = None) -> Iterator[Fault]:
    """Everything that does not hold, in all portfolios or in one. Nothing when all is well."""
    signatures = Signature.objects.select_related("record__unit", "record__registration__candidate").order_by("pk")
    records = UnitRecord.objects.exclude(state=RecordState.OPEN).select_related(*RECORD_RELATIONS).order_by("pk")
    files = EvidenceFile.objects.all()
    if portfolio_id is not None:
        signatures = signatures.filter(record__portfolio=portfolio_id)
        records = records.filter(portfolio=portfolio_id)
        files = files.filter(version__evidence__portfolio=portfolio_id)
    for signature in signatures.iterator(chunk_size=_BATCH):
        yield from _faults_of_signature(signature)
    yield from _signatures_gone(signatures, portfolio_id)
    yield from _reopened_unseen(portfolio_id)
    yield from _faults_of_records(records)
    for blob in Blob.objects.filter(pk__in=files.values("blob")).order_by("pk").iterator(chunk_size=_BATCH):
        yield from _faults_of_file(blob)


def _faults_of_signature(signature: Signature) -> Iterator[Fault]:
    """A signature by itself, voided ones too: nobody has touched its row."""
    name = f"{signature.get_slot_display()} on {signature.record}, signature {signature.pk}"
    if digest_of(signature.snapshot) != signature.snapshot_digest:
        yield Fault(name, "what was signed was changed afterwards")
    if not is_genuine(signed_words(signature), signature.key_signature, signature.key_fingerprint):
        yield Fault(name, "the key’s signature is not genuine")


def _signatures_gone(signatures: QuerySet[Signature], portfolio_id: int | None) -> Iterator[Fault]:
    """Signatures that the ledger tells of and that are not there any more, or are others."""
    stored = dict(signatures.values_list("pk", "snapshot_digest"))
    told = Event.objects.filter(type__in=[EventType.RECORD_SIGNED, EventType.RECORD_COUNTERSIGNED])
    if portfolio_id is not None:
        told = told.filter(chain__key=Portfolio.objects.get(pk=portfolio_id).chain)
    for event in told.select_related("chain").order_by("pk").iterator(chunk_size=_BATCH):
        if stored.get(event.data.get("signature")) != event.data.get("snapshot_digest"):
            name = f"Signature {event.data.get('signature')}, event {event.sequence} of {event.chain.key}"
            yield Fault(name, "the ledger tells of it, and it is gone or another one stands in its place")


def _reopened_unseen(portfolio_id: int | None) -> Iterator[Fault]:
    """Records that are open although a signature stands on them: nobody unlocked them."""
    opened = UnitRecord.objects.filter(state=RecordState.OPEN, signatures__voided_at=None, signatures__isnull=False)
    if portfolio_id is not None:
        opened = opened.filter(portfolio=portfolio_id)
    for record in opened.select_related("unit", "registration__candidate").distinct().order_by("pk"):
        yield Fault(f"Unit record {record.pk}, {record}", "it is open, yet a signature stands on it")


def _faults_of_records(records: QuerySet[UnitRecord]) -> Iterator[Fault]:
    batch: list[UnitRecord] = []
    for record in records.iterator(chunk_size=_BATCH):
        batch.append(record)
        if len(batch) == _BATCH:
            yield from _faults_of_batch(batch)
            batch = []
    yield from _faults_of_batch(batch)


def _faults_of_batch(batch: list[UnitRecord]) -> Iterator[Fault]:
    for contents in contents_of(batch, with_files=True).values():
        yield from _faults_of_record(contents)


def _faults_of_record(contents: RecordContents) -> Iterator[Fault]:
    """A frozen record beside what its signers saw. The header may be mended; what was judged may not."""
    record = contents.record
    if Slot.CANDIDATE not in contents.signatures:
        yield Fault(f"Unit record {record.pk}, {record}", "it is frozen, yet nobody’s signature stands on it")
    for slot, signature in sorted(contents.signatures.items()):
        name = f"{signature.get_slot_display()} on {record}, signature {signature.pk}"
        now = snapshot_of(contents, before=Slot(slot))
        if now["record"] != signature.snapshot.get("record"):
            yield Fault(name, f"the record has changed since: {_differing(now['record'], signature.snapshot)}")
        if now["signatures"] != signature.snapshot.get("signatures"):
            yield Fault(name, "the signatures before it are not those that stood when it was given")


def _differing(now: dict[str, object], snapshot: dict[str, object]) -> str:
    then = snapshot.get("record")
    if not isinstance(then, dict):
        return "it held something else altogether"
    return ", ".join(part for part in now if now[part] != then.get(part)) or "something is gone"


def _faults_of_file(blob: Blob) -> Iterator[Fault]:
    name = f"File {blob.pk} ({blob.stored_as})"
    digest = hashlib.sha256()
    try:
        with default_storage.open(blob.stored_as) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    except OSError as trouble:
        yield Fault(name, f"it cannot be read: {trouble.strerror or trouble.__class__.__name__}")
        return
    if digest.hexdigest() != blob.sha256:
        yield Fault(name, "its bytes are not those that were handed in")
