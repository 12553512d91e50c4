"""What a print's code confirms to whoever types it: what stood on the paper, and what has become of it since."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain

from django.db.models import Q

from ledger.keys import check_key_in_place, known_keys
from proof.signature_faults import SIGNATURE_RELATIONS, faults_of_signatures, faults_of_state, told_of
from records.codes import digest_of_code, read_code
from records.models import PrintedRecord, PrintState
from records.telling import facts_of_print, told_of_print
from registrations.models import RecordState, UnitRecord
from signoff.contents import RECORD_RELATIONS, RecordContents, contents_of_record
from signoff.models import Signature, Slot
from signoff.snapshot import record_digest_of, snapshot_of
from signoff.statements import PRINTED_LINES


class Standing(StrEnum):
    """What has become of a record since it was printed."""

    SAME = "same"
    SIGNED_FURTHER = "signed_further"
    CHANGED = "changed"
    UNLOCKED = "unlocked"
    BROKEN = "broken"


@dataclass(frozen=True, kw_only=True)
class Signer:
    """One signature as the page shows it. ``void_since``: when an unlocking voided it."""

    line: str
    name: str
    signed_at: datetime
    digest: str
    void_since: datetime | None


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """What the page says of one print."""

    print: PrintedRecord
    record: UnitRecord
    # As signed, where the candidate had signed, whatever the account says by now.
    candidate: str
    # Whether it rests on a testimony that its witness has disowned since (R20a).
    is_disowned: bool
    state_then: str
    state_now: str
    standing: Standing
    signers: tuple[Signer, ...]
    signed_since: tuple[Signer, ...]

    @property
    def is_draft(self) -> bool:
        """Nobody had signed when it was printed."""
        return not self.signers


def confirmed_by(typed: str) -> Confirmed | None:
    """What the code confirms; None where it is the code of no print. As many queries for few claims as for many.

    Raises KeyTrouble where this installation's key is not in its place: then nothing can be said of any print.
    """
    code = read_code(typed)
    if code is None:
        return None
    printed = PrintedRecord.objects.filter(code_digest=digest_of_code(code), state=PrintState.READY).first()
    if printed is None:
        return None
    check_key_in_place()
    return _confirmed(printed)


def _confirmed(printed: PrintedRecord) -> Confirmed:
    record = UnitRecord.objects.select_related(*RECORD_RELATIONS).get(pk=printed.record_id)
    contents = contents_of_record(record, with_files=True)
    signatures = list(
        Signature.objects.filter(Q(pk__in=printed.signature_ids) | Q(voided_at=None), record=record)
        .select_related(*SIGNATURE_RELATIONS)
        .order_by("signed_at", "pk")
    )
    then = [one for one in signatures if one.pk in printed.signature_ids]
    since = [one for one in signatures if one.pk not in printed.signature_ids]
    named, standing = record.registration.candidate.name, _standing(printed, contents, then, since)
    signed_as = next((one.printed_name for one in then if one.slot == Slot.CANDIDATE), named)
    return Confirmed(
        print=printed,
        record=record,
        candidate=named if standing is Standing.BROKEN else signed_as,
        is_disowned=bool(contents.disowned),
        state_then=RecordState(printed.record_state).label,
        state_now=RecordState(record.state).label,
        standing=standing,
        signers=_shown(then),
        signed_since=_shown(since),
    )


def _standing(
    printed: PrintedRecord, contents: RecordContents, then: Collection[Signature], since: Collection[Signature]
) -> Standing:
    if (
        told_of_print(printed.pk) != facts_of_print(printed.pk)
        or _is_touched(contents, [*then, *since])
        or len(then) != len(printed.signature_ids)
        or not all(record_digest_of(one.snapshot) == printed.record_digest for one in then)
    ):
        return Standing.BROKEN
    if any(one.voided_at for one in then):
        return Standing.UNLOCKED
    if record_digest_of(snapshot_of(contents)) != printed.record_digest:
        # Nothing on a signed record changes without an unlocking, which would have voided its signatures (R66).
        return Standing.BROKEN if then else Standing.CHANGED
    return Standing.SIGNED_FURTHER if since else Standing.SAME


def _is_touched(contents: RecordContents, signatures: Collection[Signature]) -> bool:
    """Whether the signatures, or where the record stands, are not what the key signed and the ledger tells."""
    record = contents.record
    told, keys = told_of({record.pk}), known_keys()
    faults = chain(
        faults_of_signatures(signatures, told=told, keys=keys),
        # Of a record that nobody ever signed the ledger tells of no move.
        faults_of_state(record, contents.signatures, told[record.pk])
        if signatures or told[record.pk] or record.state != RecordState.OPEN
        else (),
    )
    return any(True for _ in faults)


def _shown(signatures: Iterable[Signature]) -> tuple[Signer, ...]:
    return tuple(
        Signer(
            line=PRINTED_LINES[Slot(one.slot)],
            name=one.printed_name,
            signed_at=one.signed_at,
            digest=one.snapshot_digest,
            void_since=one.voided_at,
        )
        for one in signatures
    )
