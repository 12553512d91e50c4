"""Signing: order, people, gate, digest, and what is written (Q2, Q6, Q7, Q26, R1, R4, R66)."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from centres.models import AwardKind, Membership
from centres.people import actions as people
from ledger.events import EventType
from ledger.models import Event
from ledger.signing import is_genuine
from ledger.verify import verify_chain
from registrations.models import HeldElsewhere, RecordState, RegistrationStatus
from signoff.actions import mark_sample, sign
from signoff.models import Signature, Slot
from signoff.presence import PASSKEY, Proof
from signoff.snapshot import signed_words
from signoff.states import slots_due
from tests.evidence.builders import World, add_offered_item, criteria_of, today
from tests.signoff.builders import (
    BY_PASSWORD,
    REACH,
    again,
    candidate_signed,
    complete,
    confirm_sufficient,
    judge,
    ready,
    refused,
    seen_by,
    sign_line,
    verified,
)

SIGNERS: dict[Slot, Callable[[World], Membership]] = {
    Slot.CANDIDATE: lambda world: world.candidate,
    Slot.ASSESSOR: lambda world: world.assessor,
    Slot.ASSESSOR_COUNTERSIGNATURE: lambda world: world.countersigner,
    Slot.IV: lambda world: world.iv,
    Slot.IV_COUNTERSIGNATURE: lambda world: world.iv,
    Slot.EV: lambda world: world.ev,
}


@pytest.mark.parametrize("state", RecordState)
def test_every_state_is_reached_by_the_real_actions(world: World, state: str):
    record = REACH[state](world)
    assert record.state == state
    assert (record.completed_at is not None) == (state in {
        RecordState.COMPLETE,
        RecordState.AWAITING_IV_COUNTERSIGNATURE,
        RecordState.VERIFIED,
        RecordState.EXTERNALLY_VERIFIED,
    })  # fmt: skip


@pytest.mark.parametrize("state", RecordState)
def test_no_line_is_signed_out_of_order(world: World, state: str):
    """Q6: from every state, every line that is not due is refused, whoever tries."""
    record = REACH[state](world)
    standing = Signature.objects.count()
    for slot in set(Slot) - set(slots_due(state)):
        with pytest.raises((ValidationError, PermissionDenied)):
            sign(
                record_id=record.pk,
                slot=slot,
                typed_name=SIGNERS[slot](world).person.name,
                seen_digest="0" * 64,
                proof=BY_PASSWORD,
                by=SIGNERS[slot](world),
            )
    assert Signature.objects.count() == standing
    assert again(record).state == state


STRANGERS = (
    "coordinator",
    "other_candidate",
    "other_assessor",
    "other_iv",
    "expired_ev",
    "foreign_coordinator",
    "foreign_assessor",
    "foreign_iv",
    "foreign_candidate",
    "trainee",
    "countersigner",
)
NOT_YOURS = "is not yours to give|not acting for|Only |The IV of this unit is|Your access to this record has ended"


def refused_to(world: World, record, slot: str, *names: str) -> None:
    for name in names:
        refused(record, slot, by=getattr(world, name), match=NOT_YOURS)


def test_only_the_candidate_signs_as_the_candidate(world: World):
    refused_to(world, ready(world), Slot.CANDIDATE, *STRANGERS, "assessor", "iv", "ev")


def test_only_the_units_assessor_signs_as_assessor(world: World):
    refused_to(world, candidate_signed(world), Slot.ASSESSOR, *STRANGERS, "candidate", "iv", "ev")


@pytest.mark.stage(reach=complete)
def test_only_the_units_iv_signs_as_iv(world: World):
    record = world.record
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    refused_to(world, record, Slot.IV, *STRANGERS, "candidate", "assessor", "ev")


@pytest.mark.stage(reach=complete)
def test_only_the_ev_who_was_let_in_signs_as_ev(world: World):
    """Q25."""
    record = world.record
    mark_sample(record_id=record.pk, reason="Visit", by=world.ev)
    refused_to(world, record, Slot.EV, *STRANGERS, "candidate", "assessor", "iv")


@pytest.mark.stage(reach=candidate_signed)
def test_a_role_that_has_ended_signs_nothing(world: World):
    record = world.record
    people.end_role(membership=world.assessor, by=world.coordinator)
    world.assessor.refresh_from_db()
    refused(record, Slot.ASSESSOR, by=world.assessor, match="not acting for")


# --- The gate --------------------------------------------------------------------------------------------------------


def test_nobody_signs_while_the_gate_is_shut(world: World):
    """R1, Q13."""
    add_offered_item(world, criteria_of(world.unit)[:5])
    refused(world.record, Slot.CANDIDATE, by=world.candidate, match="3b and 3c need evidence", error=ValidationError)


def test_the_gate_wants_the_assessors_word_that_it_is_sufficient(world: World):
    """R4."""
    judge(add_offered_item(world), by=world.assessor)
    refused(world.record, Slot.CANDIDATE, by=world.candidate, match="sufficient", error=ValidationError)


@pytest.mark.stage(reach=ready)
def test_a_registration_that_is_suspended_takes_no_signature(world: World):
    record = world.record
    world.registration.status = RegistrationStatus.SUSPENDED
    world.registration.save()
    refused(record, Slot.CANDIDATE, by=world.candidate, match="suspended", error=ValidationError)


@pytest.mark.stage(reach=complete)
def test_verification_goes_on_after_completion_of_the_registration(world: World):
    record = world.record
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    world.registration.status = RegistrationStatus.COMPLETED
    world.registration.ended_on = today()
    world.registration.save()
    assert sign_line(record, Slot.IV, by=world.iv).slot == Slot.IV


# --- The signature itself --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["Carla Candidat", "", "C. Candidate", "Candidate Carla"])
@pytest.mark.stage(reach=ready)
def test_a_name_that_is_not_the_accounts_is_refused(world: World, typed: str):
    record = world.record
    with pytest.raises(ValidationError) as refusal:
        sign(
            record_id=record.pk,
            slot=Slot.CANDIDATE,
            typed_name=typed,
            seen_digest=seen_by(world.candidate, record, Slot.CANDIDATE),
            proof=BY_PASSWORD,
            by=world.candidate,
        )
    assert set(refusal.value.error_dict) == {"typed_name"}
    assert again(record).state == RecordState.OPEN


@pytest.mark.parametrize("typed", ["Carla Candidate", "  carla   CANDIDATE ", "Carla\u00a0Candidate"])
@pytest.mark.stage(reach=ready)
def test_case_and_spacing_of_the_typed_name_do_not_matter(world: World, typed: str):
    record = world.record
    signature = sign(
        record_id=record.pk,
        slot=Slot.CANDIDATE,
        typed_name=typed,
        seen_digest=seen_by(world.candidate, record, Slot.CANDIDATE),
        proof=BY_PASSWORD,
        by=world.candidate,
    )
    assert signature.printed_name == "Carla Candidate"


@pytest.mark.stage(reach=ready)
def test_what_was_not_shown_is_not_signed(world: World):
    """Q26: the digest of what the signer saw is the digest of what is signed."""
    record = world.record
    seen = seen_by(world.candidate, record, Slot.CANDIDATE)
    judge(add_offered_item(world, criteria_of(world.unit)[:1]), by=world.assessor)
    confirm_sufficient(record, by=world.assessor)
    with pytest.raises(ValidationError) as refusal:
        sign(
            record_id=record.pk,
            slot=Slot.CANDIDATE,
            typed_name="Carla Candidate",
            seen_digest=seen,
            proof=BY_PASSWORD,
            by=world.candidate,
        )
    assert refusal.value.code == "stale"
    assert again(record).state == RecordState.OPEN


@pytest.mark.stage(reach=candidate_signed)
def test_a_line_is_signed_once(world: World):
    record = world.record
    with pytest.raises(ValidationError) as refusal:
        sign_line(record, Slot.CANDIDATE, by=world.candidate)
    assert refusal.value.code == "signed_already"
    assert Signature.objects.count() == 1


@pytest.mark.stage(reach=ready)
def test_one_passkey_confirmation_signs_once(world: World):
    record = world.record
    proof = Proof(kind=PASSKEY, key="passkey:1:100.000000")
    sign(
        record_id=record.pk,
        slot=Slot.CANDIDATE,
        typed_name="Carla Candidate",
        seen_digest=seen_by(world.candidate, record, Slot.CANDIDATE),
        proof=proof,
        by=world.candidate,
    )
    with pytest.raises(ValidationError, match="has been used for a signature"):
        sign(
            record_id=record.pk,
            slot=Slot.ASSESSOR,
            typed_name="Anna Assessor",
            seen_digest=seen_by(world.assessor, record, Slot.ASSESSOR),
            proof=proof,
            by=world.assessor,
        )
    assert again(record).state == RecordState.CANDIDATE_SIGNED


def test_a_signature_holds_statement_snapshot_key_and_server_time(world: World):
    before = timezone.now()
    record = complete(world)
    signature = Signature.objects.filter(record=record).get(slot=Slot.ASSESSOR)
    assert before <= signature.signed_at <= timezone.now()
    # Q7: statement (i) is bound to the assessor's signature.
    assert signature.statement.startswith("The evidence for this unit is valid, sufficient and an authentic record")
    assert "satisfying all of the criteria for this unit" in signature.statement
    assert is_genuine(signed_words(signature), signature.key_signature, signature.key_fingerprint)
    assert len(signature.snapshot["record"]["claims"]) == 27
    assert len(signature.snapshot["record"]["evidence"][0]["files"][0]["sha256"]) == 64
    assert [entry["slot"] for entry in signature.snapshot["signatures"]] == ["candidate"]
    assert record.completed_at == signature.signed_at


def test_a_coverage_only_unit_says_so_in_the_assessors_statement(world: World):
    """Q2."""
    record = world.other_registration.unit_records.get()
    HeldElsewhere.objects.create(
        centre=world.centre, unit=record.unit, where="The award's own logbook", confirmed_by=world.coordinator.person
    )
    judge(
        add_offered_item(world, seat=world.other_candidate, record=record, criteria=criteria_of(world.other_unit)),
        by=world.other_assessor,
    )
    confirm_sufficient(record, by=world.other_assessor)
    sign_line(record, Slot.CANDIDATE, by=world.other_candidate)
    signature = sign_line(record, Slot.ASSESSOR, by=world.other_assessor)
    assert "‘what you must cover’ only" in signature.statement


@pytest.mark.stage(reach=verified)
def test_every_signature_is_in_the_ledger_and_seals_the_chain_heads(world: World):
    """HOUSE decided 3."""
    record = world.record
    told = Event.objects.filter(subject=f"unit_record:{record.pk}", type=EventType.RECORD_SIGNED).order_by("sequence")
    assert [event.data["slot"] for event in told] == ["candidate", "assessor", "iv"]
    assert [event.data["to"] for event in told] == ["candidate_signed", "complete", "verified"]
    signature = Signature.objects.filter(record=record).get(slot=Slot.IV)
    assert told.last().data["snapshot_digest"] == signature.snapshot_digest
    assert Event.objects.filter(type=EventType.HEADS_SEALED).count() == 3
    assert verify_chain(record.portfolio.chain).state == "sound"


@pytest.mark.stage(reach=candidate_signed)
def test_the_chain_is_sealed_with_the_signature_in_it(world: World):
    record = world.record
    chain = record.portfolio.chain
    signed = Event.objects.get(type=EventType.RECORD_SIGNED)
    seal = Event.objects.filter(type=EventType.HEADS_SEALED).latest("sequence")
    assert seal.data[chain] == [signed.sequence, signed.digest]


@pytest.mark.parametrize("failing", ["tell", "seal_heads", "sign_with_key"])
@pytest.mark.stage(reach=ready)
def test_a_signature_stands_or_falls_as_a_whole(world: World, monkeypatch: pytest.MonkeyPatch, failing: str):
    """HOUSE, habit 12."""
    record = world.record
    digest = seen_by(world.candidate, record, Slot.CANDIDATE)
    events = Event.objects.count()

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError("The disk is full.")

    monkeypatch.setattr(f"signoff.actions.{failing}", fail)
    with pytest.raises(OSError, match="disk is full"):
        sign(
            record_id=record.pk,
            slot=Slot.CANDIDATE,
            typed_name="Carla Candidate",
            seen_digest=digest,
            proof=BY_PASSWORD,
            by=world.candidate,
        )
    assert Signature.objects.count() == 0
    assert Event.objects.count() == events
    assert again(record).state == RecordState.OPEN


@pytest.mark.stage(reach=complete)
def test_capacity_for_awards_is_the_signers_own(world: World):
    """An assessor's award does not qualify an IV (R30, R34)."""
    record = world.record
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    world.iv.person.awards.update(kind=AwardKind.A1)
    signature = sign_line(record, Slot.IV, by=world.iv)
    assert signature.needs_countersignature
