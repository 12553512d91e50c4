"""Proving that what was signed is what stands (R66): signatures, snapshots, signed records, wording and files."""

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
from units.models import Standard, Unit
from units.standard_files import digest_of as document_digest
from units.stored import stored_document

_SIGNED = (EventType.RECORD_SIGNED, EventType.RECORD_COUNTERSIGNED)
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
    standards = Standard.objects.order_by("pk")
    if portfolio_id is not None:
        signatures = signatures.filter(record__portfolio=portfolio_id)
        records = records.filter(portfolio=portfolio_id)
        files = files.filter(version__evidence__portfolio=portfolio_id)
        units = UnitRecord.objects.filter(portfolio=portfolio_id).values("unit")
        standards = standards.filter(pk__in=Unit.objects.filter(pk__in=units).values("standard"))
    for signature in signatures.iterator(chunk_size=_BATCH):
        yield from _faults_of_signature(signature)
    yield from _faults_against_ledger(signatures, portfolio_id)
    yield from _reopened_unseen(portfolio_id)
    yield from _faults_of_records(records)
    for standard in standards:
        yield from _faults_of_standard(standard)
    for blob in Blob.objects.filter(pk__in=files.values("blob")).order_by("pk").iterator(chunk_size=_BATCH):
        yield from _faults_of_file(blob)


def _faults_of_signature(signature: Signature) -> Iterator[Fault]:
    """A signature by itself, voided ones too: nobody has touched its row."""
    name = f"{signature.get_slot_display()} on {signature.record}, signature {signature.pk}"
    if digest_of(signature.snapshot) != signature.snapshot_digest:
        yield Fault(name, "what was signed was changed afterwards")
    if not is_genuine(signed_words(signature), signature.key_signature, signature.key_fingerprint):
        yield Fault(name, "the key’s signature is not genuine")


def _faults_against_ledger(signatures: QuerySet[Signature], portfolio_id: int | None) -> Iterator[Fault]:
    """Signatures beside what the ledger tells: gone, another's, untold of, or void though nobody unlocked."""
    stored = {pk: (digest, at) for pk, digest, at in signatures.values_list("pk", "snapshot_digest", "voided_at")}
    events = Event.objects.filter(type__in=[*_SIGNED, EventType.RECORD_UNLOCKED])
    if portfolio_id is not None:
        events = events.filter(chain__key=Portfolio.objects.get(pk=portfolio_id).chain)
    told: set[object] = set()
    void: set[object] = set()
    for event in events.select_related("chain").order_by("pk").iterator(chunk_size=_BATCH):
        if event.type == EventType.RECORD_UNLOCKED:
            void.update(event.data.get("voided", ()))
            continue
        pk = event.data.get("signature")
        told.add(pk)
        if pk not in stored or stored[pk][0] != event.data.get("snapshot_digest"):
            name = f"Signature {pk}, event {event.sequence} of {event.chain.key}"
            yield Fault(name, "the ledger tells of it, and it is gone or another one stands in its place")
    for pk, (_, voided_at) in stored.items():
        if pk not in told:
            yield Fault(f"Signature {pk}", "the ledger does not tell of it")
        elif voided_at is not None and pk not in void:
            yield Fault(f"Signature {pk}", "it is void, yet the ledger tells of no unlocking")
        elif voided_at is None and pk in void:
            yield Fault(f"Signature {pk}", "it stands, yet the ledger tells that it was voided")


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


def _faults_of_standard(standard: Standard) -> Iterator[Fault]:
    """What had to be proven, beside what the ledger says was loaded last."""
    loaded = Event.objects.filter(type=EventType.STANDARD_LOADED, subject=f"standard:{standard.pk}").order_by(
        "sequence"
    )
    last = loaded.last()
    try:
        stands = document_digest(stored_document(standard))
    except (ValueError, TypeError, LookupError):  # edited so far that it is no standard any more
        stands = ""
    if last is None or not stands == standard.digest == last.data.get("digest"):
        yield Fault(f"Standard {standard}", "its wording is not what was loaded")


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
