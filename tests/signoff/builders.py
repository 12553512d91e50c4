"""Unit records in every state of their sign-off, reached by the real actions only."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied

from assessment.confirming.actions import confirm_unit
from assessment.judging.actions import Confirmation, Verdict, judge_item
from centres.models import Membership
from evidence.models import Claim, ClaimState, Evidence
from registrations.models import RecordState, UnitConfirmationKind, UnitRecord
from signoff.actions import mark_sample, sign
from signoff.models import Signature, Slot
from signoff.presence import PASSWORD, Proof
from signoff.queries import contents_for
from signoff.snapshot import digest_of, snapshot_of
from tests.evidence.builders import World, add_offered_item

BY_PASSWORD = Proof(kind=PASSWORD)
CONFIRMED = Confirmation(is_valid=True, is_authentic=True, is_current=True, how_authenticated="I saw it happen.")


def judge(evidence: Evidence, *, by: Membership, is_accepted: bool = True, comment: str = "") -> None:
    """Judge every undecided claim of an item in one go, with V, A and C."""
    evidence = Evidence.objects.select_related("current_version").get(pk=evidence.pk)
    claims = Claim.objects.filter(evidence=evidence, state=ClaimState.UNDECIDED)
    judge_item(
        evidence=evidence,
        version=evidence.current_version,
        verdicts=[Verdict(claim_id=claim.pk, is_accepted=is_accepted, comment=comment) for claim in claims],
        confirmation=CONFIRMED,
        by=by,
    )


def confirm_sufficient(record: UnitRecord, *, by: Membership) -> None:
    """The assessor's explicit word that there is enough (R4)."""
    confirm_unit(record_id=record.pk, kind=UnitConfirmationKind.SUFFICIENT, by=by)


def seen_by(seat: Membership, record: UnitRecord, slot: str) -> str:
    """The digest that the signing page shows this seat."""
    contents = contents_for(record.pk, seat, with_files=True)
    return digest_of(snapshot_of(contents, before=Slot(slot)))


def sign_line(record: UnitRecord, slot: str, *, by: Membership, seen_drawing: str = "") -> Signature:
    """Sign one line as its page would: the digest shown, the account's own name, a password."""
    return sign(
        record_id=record.pk,
        slot=slot,
        typed_name=by.person.name,
        seen_digest=seen_by(by, record, slot),
        seen_drawing=seen_drawing,
        proof=BY_PASSWORD,
        by=by,
    )


def ready(world: World) -> UnitRecord:
    """The candidate's record with every cell accepted and everything confirmed: the gate is open."""
    judge(add_offered_item(world), by=world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    return world.record


def trainee_ready(world: World) -> UnitRecord:
    """The same of the candidate whose assessor has no award."""
    record = world.trainee_registration.unit_records.get()
    judge(add_offered_item(world, seat=world.trainee_candidate, record=record), by=world.trainee)
    confirm_sufficient(record, by=world.trainee)
    return record


def candidate_signed(world: World) -> UnitRecord:
    record = ready(world)
    sign_line(record, Slot.CANDIDATE, by=world.candidate)
    return again(record)


def complete(world: World) -> UnitRecord:
    record = candidate_signed(world)
    sign_line(record, Slot.ASSESSOR, by=world.assessor)
    return again(record)


def awaiting_countersignature(world: World) -> UnitRecord:
    record = trainee_ready(world)
    sign_line(record, Slot.CANDIDATE, by=world.trainee_candidate)
    sign_line(record, Slot.ASSESSOR, by=world.trainee)
    return again(record)


def verified(world: World) -> UnitRecord:
    record = complete(world)
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    sign_line(record, Slot.IV, by=world.iv)
    return again(record)


def awaiting_iv_countersignature(world: World) -> UnitRecord:
    """The IV's award was struck out of the register before they signed."""
    record = complete(world)
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    world.iv.person.awards.update(struck_out_at=record.opened_at)
    sign_line(record, Slot.IV, by=world.iv)
    return again(record)


def externally_verified(world: World) -> UnitRecord:
    record = verified(world)
    mark_sample(record_id=record.pk, reason="Visit in spring", by=world.ev)
    sign_line(record, Slot.EV, by=world.ev)
    return again(record)


REACH: dict[str, Callable[[World], UnitRecord]] = {
    RecordState.OPEN: ready,
    RecordState.CANDIDATE_SIGNED: candidate_signed,
    RecordState.AWAITING_COUNTERSIGNATURE: awaiting_countersignature,
    RecordState.COMPLETE: complete,
    RecordState.AWAITING_IV_COUNTERSIGNATURE: awaiting_iv_countersignature,
    RecordState.VERIFIED: verified,
    RecordState.EXTERNALLY_VERIFIED: externally_verified,
}


def again(record: UnitRecord) -> UnitRecord:
    """The record read anew."""
    return UnitRecord.objects.get(pk=record.pk)


def refused(
    record: UnitRecord, slot: str, *, by: Membership, match: str, error: type[Exception] = PermissionDenied
) -> None:
    """The line is refused to this seat with this reason, and nothing is signed."""
    standing = Signature.objects.count()
    with pytest.raises(error, match=match):
        sign(
            record_id=record.pk,
            slot=slot,
            typed_name=by.person.name,
            seen_digest="0" * 64,
            proof=BY_PASSWORD,
            by=by,
        )
    assert Signature.objects.count() == standing
