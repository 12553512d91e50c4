"""Signing, drawing a sample and unlocking: everything that moves a unit record (Q6, R35, R42, R48, R66)."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from centres.authority.register import award_on
from centres.drawn_signature.actions import drawing_in_use
from centres.models import AccessGrant, Award, Capacity, Membership, Role, ScopeKind, UnitApproval, User
from centres.people.actions import lock_centre
from evidence.items.actions import judge_replaced_again
from files.models import Blob
from ledger.actions import seal_heads, tell
from ledger.events import EventType
from ledger.signing import sign as sign_with_key
from registrations.access.actions import end_access, grant_access
from registrations.models import HeldElsewhere, RecordState, UnitRecord
from registrations.unit_records import lapse_confirmations
from signoff.contents import RECORD_RELATIONS, RecordContents, contents_of_record
from signoff.models import SamplingMark, Signature, Slot, Unlocking
from signoff.permissions import check_may_sign, check_may_unlock, record_grants, registration_grant
from signoff.presence import Proof
from signoff.sampling import check_may_mark, check_may_withdraw_mark, is_drawn_anew, mark_to_withdraw
from signoff.snapshot import digest_of, signed_words, snapshot_of
from signoff.statements import statement_for
from signoff.states import (
    COMPLETED,
    COUNTERSIGNED_BY,
    SignatureState,
    signature_move,
    signing_move,
    unlocking_move,
)
from units.queries import outlines_of

CHANGED = (
    "This record has changed since you opened the page, so nothing was signed. Look again, then sign what you see."
)
DRAWING_CHANGED = (
    "Your drawn signature has changed since you opened the page, so nothing was signed. Look again, then sign."
)
# The lines on which an award counts: it makes a second signature needless (R31, R34), or lets one be given (R33).
_AWARD_FOR: Mapping[Slot, Capacity] = {
    Slot.ASSESSOR: Capacity.ASSESSOR,
    Slot.ASSESSOR_COUNTERSIGNATURE: Capacity.ASSESSOR,
    Slot.IV: Capacity.IV,
    Slot.IV_COUNTERSIGNATURE: Capacity.IV,
}
# Those whose signer may lack it.
_MAY_LACK_AWARD = frozenset({Slot.ASSESSOR, Slot.IV})


@transaction.atomic
def sign(
    *,
    record_id: int,
    slot: str,
    typed_name: str,
    seen_digest: str,
    proof: Proof,
    by: Membership,
    seen_drawing: str = "",
) -> Signature:
    """Sign one line of a unit record (Q6, Q26), move its state, and write it to the ledger.

    In: the name as typed; the digest of the snapshot that the signer was shown; a proof of presence, checked before;
    the digest of the drawing of theirs that they were shown, which then stands beside the name, "" for none.
    Whether a second signature is due is read from the register now and never again (R35, Q3). Time is the server's.
    Raises PermissionDenied for the wrong person; ValidationError when the line is not due (code "signed_already" when
    it is signed), the gate is shut, the record is not sampled, the record or their drawing has changed since it was
    shown (code "stale"), the name is not the account's (under "typed_name"), or the proof has been used.
    """
    slot = Slot(slot)
    contents = _locked_contents(record_id, with_held_elsewhere=slot is Slot.CANDIDATE)
    record = contents.record
    by = _with_authority_held(by, record, slot)
    now = timezone.now()
    check_may_sign(contents=contents, slot=slot, by=by, day=timezone.localdate(now))
    check_typed_name(typed_name, by.person)
    snapshot = snapshot_of(contents, before=slot)
    if digest_of(snapshot) != seen_digest:
        raise ValidationError(CHANGED, code="stale")
    drawing = _drawing_shown(seen_drawing, by.person) if seen_drawing else None
    award = _award_of_the_day(slot, by)
    signature = Signature(
        record=record,
        slot=slot,
        signer=by.person,
        printed_name=by.person.name,
        signed_at=now,
        statement=statement_for(contents.outline, slot),
        proof=proof.kind,
        proof_key=proof.key,
        snapshot=snapshot,
        snapshot_digest=seen_digest,
        drawing=drawing,
        award=describe_award(award) if award else "",
        needs_countersignature=slot in _MAY_LACK_AWARD and award is None,
    )
    move = signing_move(state=record.state, slot=slot, needs_countersignature=signature.needs_countersignature)
    if under := COUNTERSIGNED_BY.get(slot):
        signature_move(source=contents.signature_state(under), target=SignatureState.COUNTERSIGNED)
    signed = sign_with_key(signed_words(signature))
    signature.key_signature, signature.key_fingerprint = signed.signature_hex, signed.fingerprint
    _insert(signature)
    _move(record, move.target, completed_now=signature)
    tell(
        move.event,
        about=record,
        by=by,
        unit_record=record.pk,
        signature=signature.pk,
        slot=slot.value,
        from_=move.source.value,
        to=move.target.value,
        proof=proof.kind,
        award=signature.award,
        needs_countersignature=signature.needs_countersignature,
        snapshot_digest=signature.snapshot_digest,
        key_signature=signature.key_signature,
        **{"drawing": drawing.sha256} if drawing else {},
    )
    seal_heads()
    return signature


@transaction.atomic
def mark_sample(*, record_id: int, reason: str, by: Membership) -> SamplingMark:
    """Draw a unit record as a sample (R42, R49; HOUSE decided 5).

    An IV draws what they verify. An EV draws among the registrations opened to them; the record then opens to them
    until that access ends (Q25); drawn again on a later visit, it opens again under the same mark. A mark of somebody
    else that counts no more is withdrawn with it, and both are told of: see `contents.why_drawn_anew`. Raises
    PermissionDenied for anybody else; ValidationError when it is drawn already (code "marked_already"), and under
    "reason" without a reason.
    """
    if by.role == Role.EV:  # Reading rights are given behind the centre's lock, which comes before its records'.
        lock_centre(by.centre)
    contents = _locked_contents(record_id)
    record = contents.record
    by = _seat_held(by)
    check_may_mark(contents=contents, by=by)
    reason = _said(reason, ask="Say why this record is sampled.")
    earlier = contents.marks.get(by.role)
    if earlier and is_drawn_anew(contents=contents, by=by):
        _withdraw(earlier, record, reason=f"{contents.why_drawn_anew(by.role)} Drawn anew: {reason}", by=by)
    elif earlier:
        _open_to_ev(contents, by, reason=reason)
        return earlier
    mark = SamplingMark(record=record, capacity=by.role, verifier=by.person, marked_by=by.person, reason=reason)
    mark.clean_fields()
    mark.validate_constraints()
    mark.save(force_insert=True)
    tell(
        EventType.SAMPLING_MARKED,
        about=record,
        by=by,
        note=reason,
        unit_record=record.pk,
        mark=mark.pk,
        capacity=mark.capacity,
        state=record.state,
    )
    if by.role == Role.EV:
        _open_to_ev(contents, by, reason=reason)
    return mark


@transaction.atomic
def withdraw_sample(*, record_id: int, reason: str, by: Membership) -> SamplingMark:
    """Take a sampling mark back before it was signed for: a verifier, or for one who has left the coordinator.

    Raises PermissionDenied, or ValidationError when there is none or the line is signed, and under "reason" without
    a reason.
    """
    contents = _locked_contents(record_id)
    by = _seat_held(by)
    check_may_withdraw_mark(contents=contents, by=by)
    reason = _said(reason, ask="Say why the sample is taken back.")
    mark = mark_to_withdraw(contents=contents, by=by)
    assert mark is not None  # the check says so
    _withdraw(mark, contents.record, reason=reason, by=by)
    if mark.capacity == Role.EV:
        for grant in record_grants(contents=contents, person=mark.verifier):
            end_access(grant=grant, by=by)
    return mark


@transaction.atomic
def unlock(*, record_id: int, reason: str, by: Membership) -> Unlocking:
    """Open a signed record again: every signature on it is void, and new ones are demanded (R48).

    It goes back to the assessor: what they had confirmed of the unit lapses, so that they look at it again. Sampling
    marks stay: what was drawn is looked at again. Evidence that was replaced since is judged again (Q22).
    Raises PermissionDenied when only the coordinator may; ValidationError when nothing is signed or the registration
    does not go on, and under "reason" without a reason.
    """
    unlocking = reopen(record_id=record_id, reason=reason, by=by)
    seal_heads()
    return unlocking


@transaction.atomic
def reopen(*, record_id: int, reason: str, by: Membership) -> Unlocking:
    """The same as a part of something larger, which seals the heads once everything is written: whoever signs holds
    the chain of one portfolio while they wait to seal, so nobody who seals waits for another chain."""
    contents = _locked_contents(record_id)
    record = contents.record
    by = _seat_held(by)
    check_may_unlock(contents=contents, by=by)
    reason = _said(reason, ask="Say why the record is unlocked.")
    move = unlocking_move(state=record.state)
    now = timezone.now()
    unlocking = Unlocking.objects.create(
        record=record, unlocked_by=by.person, capacity=by.role, unlocked_at=now, reason=reason
    )
    for slot in contents.signatures:
        signature_move(source=contents.signature_state(slot), target=SignatureState.VOID)
    voided = [signature.pk for signature in contents.signatures.values()]
    Signature.objects.filter(pk__in=voided).update(voided_at=now, voided_by=unlocking)
    _move(record, move.target)
    tell(
        move.event,
        about=record,
        by=by,
        note=reason,
        unit_record=record.pk,
        unlocking=unlocking.pk,
        from_=move.source.value,
        to=move.target.value,
        voided=sorted(voided),
    )
    # The work goes back to the assessor, who looks at it again before anybody signs.
    lapse_confirmations(unit_record=record, by=by)
    judge_replaced_again(unit_record=record, by=by)
    return unlocking


def check_typed_name(typed: str, person: User) -> None:
    """The name typed is the account's, whatever case and spacing (Q26). Raises ValidationError under "typed_name"."""
    if _plain(typed) != _plain(person.name):
        raise ValidationError({"typed_name": f"Type your name as it stands on your account: {person.name}."})


def describe_award(award: Award) -> str:
    """An award as the record prints it beside "not required": kind, number and date (Q3)."""
    return f"{award.kind} {award.number}, {award.awarded_on:%d/%m/%Y}"


def _withdraw(mark: SamplingMark, record: UnitRecord, *, reason: str, by: Membership) -> None:
    mark.withdrawn_at = timezone.now()
    mark.save(update_fields=["withdrawn_at"])
    tell(
        EventType.SAMPLING_MARK_WITHDRAWN,
        about=record,
        by=by,
        note=reason,
        unit_record=record.pk,
        mark=mark.pk,
        capacity=mark.capacity,
    )


def _locked_contents(record_id: int, *, with_held_elsewhere: bool = False) -> RecordContents:
    """The record's row, held until the transaction ends, and everything in it, read once it is held: a query that waits
    reads what it joins as it was before it waited. Raises UnitRecord.DoesNotExist.

    Who signs first signs on the centre's word on criteria held elsewhere (Q2), so that is held too: it ends before the
    signature or after it, and never in between.
    """
    UnitRecord.objects.select_for_update().get(pk=record_id)
    locked = UnitRecord.objects.select_related(*RECORD_RELATIONS).get(pk=record_id)
    if with_held_elsewhere and outlines_of([locked.unit])[locked.unit_id].is_coverage_only:
        words = HeldElsewhere.objects.filter(unit=locked.unit_id, centre=locked.registration.centre_id, ended_at=None)
        list(words.select_for_update())
    return contents_of_record(locked, with_files=True)


def _drawing_shown(seen: str, person: User) -> Blob:
    """The signer's own drawing, which nobody else's can stand for. Raises ValidationError unless it is the one seen."""
    kept = drawing_in_use(person)
    if kept is None or kept.blob.sha256 != seen:
        raise ValidationError(DRAWING_CHANGED, code="stale")
    return kept.blob


def _seat_held(by: Membership) -> Membership:
    """The seat as it is now, since the page was asked for, held until the transaction ends: the role ends before what
    is done in it or after it, and never in between (HOUSE decided 7)."""
    seats = Membership.objects.select_for_update(of=("self",), no_key=True).select_related("person", "centre")
    return seats.get(pk=by.pk)


def _with_authority_held(by: Membership, record: UnitRecord, slot: Slot) -> Membership:
    """The same with the approvals, awards and grants that a signature on this line rests on (R30, R33, Q25)."""
    seat = _seat_held(by)
    rests_on: tuple[QuerySet[Any], ...] = ()
    if slot is Slot.EV:
        # No others: whoever takes another record's sample back holds its grant while they wait for this chain.
        of_this = Q(scope_kind=ScopeKind.UNIT_RECORD, scope_id=record.pk)
        of_this |= Q(scope_kind=ScopeKind.REGISTRATION, scope_id=record.registration_id)
        rests_on = (AccessGrant.objects.running().filter(of_this, person=seat.person, centre=seat.centre),)
    elif slot in _AWARD_FOR:
        approvals = UnitApproval.objects.filter(unit=record.unit, capacity=_AWARD_FOR[slot])
        rests_on = tuple(
            rows.filter(person=seat.person, centre=seat.centre) for rows in (approvals, Award.objects.all())
        )
    for rows in rests_on:
        list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
    return seat


def _insert(signature: Signature) -> None:
    """Two people at once, or one passkey confirmation in two windows: the database lets one pass.

    The other is told in the constraint's own words, also where both had looked before either wrote.
    """
    signature.validate_constraints()
    try:
        with transaction.atomic():
            signature.save(force_insert=True)
    except IntegrityError:
        signature.validate_constraints()
        raise


def _award_of_the_day(slot: Slot, by: Membership) -> Award | None:
    if slot not in _AWARD_FOR:
        return None
    return award_on(by.person, by.centre, _AWARD_FOR[slot], timezone.localdate())


def _move(record: UnitRecord, target: RecordState, *, completed_now: Signature | None = None) -> None:
    """The one place that writes a record's state (HOUSE decided 2)."""
    record.state = target
    if target not in COMPLETED:
        record.completed_at = None
    elif record.completed_at is None and completed_now is not None:
        record.completed_at = completed_now.signed_at
    record.save(update_fields=["state", "completed_at"])


def _open_to_ev(contents: RecordContents, by: Membership, *, reason: str) -> None:
    grant = registration_grant(contents=contents, person=by.person)
    if grant is None:
        raise PermissionDenied("This registration is not open to you any more.")
    grant_access(
        person=by.person,
        scope_kind=ScopeKind.UNIT_RECORD,
        scope_id=contents.record.pk,
        starts_on=timezone.localdate(),
        ends_on=grant.ends_on,
        reason=reason,
        by=by,
    )


def _said(text: str, *, ask: str) -> str:
    said = " ".join(text.split())
    if not said:
        raise ValidationError({"reason": ask})
    return said


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()
