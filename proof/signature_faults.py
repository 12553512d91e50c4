"""Signatures, and where a record stands, beside what the key signed and what the ledger tells (R66).

`verify` asks this of every record, and the page that confirms a print asks it of one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.events import EventType
from ledger.keys import Keys
from ledger.models import Event
from ledger.signing import is_genuine
from registrations.models import RecordState, UnitRecord
from signoff.models import Signature, Slot, Unlocking
from signoff.snapshot import digest_of, signed_words

SIGNED = (EventType.RECORD_SIGNED, EventType.RECORD_COUNTERSIGNED)
_MOVES = (*SIGNED, EventType.RECORD_UNLOCKED)
# What is told of a record's signing and unlocking, by the record's id.
type Told = Mapping[int, Sequence[Event]]
# What a signature's faults are read from, in one query.
SIGNATURE_RELATIONS = ("record__unit", "record__registration__candidate", "voided_by", "drawing")


@dataclass(frozen=True)
class Fault:
    """One thing that does not hold: which, and what is wrong with it."""

    what: str
    why: str


def told_of(records: Collection[int]) -> Told:
    """What the ledger tells of signing and unlocking some records, in order. One query."""
    told: dict[int, list[Event]] = defaultdict(list)
    subjects = {f"unit_record:{pk}": pk for pk in records}
    for event in Event.objects.filter(subject__in=subjects, type__in=_MOVES).select_related("chain").order_by("pk"):
        told[subjects[event.subject]].append(event)
    return told


def faults_of_signatures(batch: Collection[Signature], *, told: Told, keys: Keys) -> Iterator[Fault]:
    """Signatures by themselves and beside what the ledger tells of them, voided ones too: nobody touched their rows.

    They come with SIGNATURE_RELATIONS.
    """
    for signature in batch:
        name = f"{signature.get_slot_display()} on {signature.record}, signature {signature.pk}"
        if digest_of(signature.snapshot) != signature.snapshot_digest:
            yield Fault(name, "what was signed was changed afterwards")
        words, sealed, key = signed_words(signature), signature.key_signature, signature.key_fingerprint
        # A key may have come into use since the keys were read.
        if not (is_genuine(words, sealed, key, keys=keys) or is_genuine(words, sealed, key)):
            yield Fault(name, "the key’s signature is not genuine")
        events = told[signature.record_id]
        is_void = any(signature.pk in event.data.get("voided", ()) for event in events)
        if not any(event.type in SIGNED and event.data.get("signature") == signature.pk for event in events):
            yield Fault(name, "the ledger does not tell of it")
        elif signature.voided_at is not None and not is_void:
            yield Fault(name, "it is void, yet the ledger tells of no unlocking")
        elif signature.voided_at is None and is_void:
            yield Fault(name, "it stands, yet the ledger tells that it was voided")
        elif signature.voided_by and not _voided(signature, signature.voided_by, events):
            yield Fault(name, "it was not voided by the unlocking that it names")


def _voided(signature: Signature, unlocking: Unlocking, told: Sequence[Event]) -> bool:
    """Whether that unlocking is the one that the ledger tells of for this signature."""
    told_so = (event for event in told if signature.pk in event.data.get("voided", ()))
    return (unlocking.record_id, unlocking.unlocked_at) == (signature.record_id, signature.voided_at) and any(
        (event.data.get("unlocking"), event.actor_id, event.actor_role)
        == (unlocking.pk, unlocking.unlocked_by_id, unlocking.capacity)
        for event in told_so
    )


def faults_of_state(record: UnitRecord, signatures: Mapping[str, Signature], told: Sequence[Event]) -> Iterator[Fault]:
    """Where a signed record stands in its sign-off, beside its standing signatures by line and what the ledger tells of
    the last move."""
    stands = signatures.values()
    name = f"Unit record {record.pk}, {record}"
    if record.state == RecordState.OPEN and stands:
        yield Fault(name, "it is open, yet a signature stands on it")
    elif record.state != RecordState.OPEN and Slot.CANDIDATE not in signatures:
        yield Fault(name, "it is frozen, yet nobody’s signature stands on it")
    elif not told or told[-1].data.get("to") != record.state:
        yield Fault(name, "the ledger tells of another state")
    elif told[-1].chain.key != record.chain:
        yield Fault(name, "the ledger tells of it in another portfolio")
    elif record.completed_at != _completed_by(signatures):
        yield Fault(name, "it was not completed by a signature at the time that it says")


def _completed_by(signatures: Mapping[str, Signature]) -> datetime | None:
    """When the assessment decision was made: with the assessor's signature, or with its countersignature if due."""
    signature = signatures.get(Slot.ASSESSOR)
    if signature and signature.needs_countersignature:
        signature = signatures.get(Slot.ASSESSOR_COUNTERSIGNATURE)
    return signature.signed_at if signature else None
