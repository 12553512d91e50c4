"""What a print's code confirms to whoever types it: what stood on the paper, and what has become of it since."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evidence.models import RecordState, UnitRecord
from ledger.signing import is_genuine
from signoff.contents import RECORD_RELATIONS, contents_of_record
from signoff.models import Signature, Slot
from signoff.snapshot import digest_of, record_digest_of, signed_words, snapshot_of
from signoff.statements import PRINTED_LINES

from .codes import digest_of_code, read_code
from .models import PrintedRecord, PrintState


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
    """What the code confirms; None where it is the code of no print. The same number of queries for every record."""
    code = read_code(typed)
    if code is None:
        return None
    printed = PrintedRecord.objects.filter(code_digest=digest_of_code(code), state=PrintState.READY).first()
    return _confirmed(printed) if printed else None


def _confirmed(printed: PrintedRecord) -> Confirmed:
    record = UnitRecord.objects.select_related(*RECORD_RELATIONS).get(pk=printed.record_id)
    contents = contents_of_record(record, with_files=True)
    signed = Signature.objects.filter(pk__in=printed.signature_ids, record=record).select_related("drawing")
    then = list(signed.order_by("signed_at", "pk"))
    since = [one for one in contents.signatures.values() if one.pk not in printed.signature_ids]
    now = record_digest_of(snapshot_of(contents))
    return Confirmed(
        print=printed,
        record=record,
        state_then=RecordState(printed.record_state).label,
        state_now=RecordState(record.state).label,
        standing=_standing(printed, then, since, now),
        signers=_shown(then),
        signed_since=_shown(sorted(since, key=lambda one: one.signed_at)),
    )


def _standing(
    printed: PrintedRecord, then: Collection[Signature], since: Collection[Signature], record_digest: str
) -> Standing:
    if len(then) != len(printed.signature_ids) or not all(_vouches(one, printed) for one in then):
        return Standing.BROKEN
    if any(one.voided_at for one in then):
        return Standing.UNLOCKED
    if record_digest != printed.record_digest:
        # Nothing on a signed record changes without an unlocking, which would have voided its signatures (R66).
        return Standing.BROKEN if then else Standing.CHANGED
    return Standing.SIGNED_FURTHER if since else Standing.SAME


def _vouches(signature: Signature, printed: PrintedRecord) -> bool:
    """Whether the signature is the key's own, and covers exactly the record whose digest stands on the paper."""
    return (
        is_genuine(signed_words(signature), signature.key_signature, signature.key_fingerprint)
        and digest_of(signature.snapshot) == signature.snapshot_digest
        and record_digest_of(signature.snapshot) == printed.record_digest
    )


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
