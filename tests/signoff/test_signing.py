"""Signing: order, people, authority, duty, digest, and what is written (Q2-Q8, Q26, R31-R35, R40-R42, R66)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from centres.actions import authority, people
from centres.models import AwardKind, Membership, RegistrationStatus, Role
from evidence.actions.enrolment import reassign_unit
from evidence.actions.judging import authenticate_witness
from evidence.models import RecordState
from ledger.events import EventType
from ledger.models import Event
from ledger.signing import is_genuine
from ledger.verify import verify_chain
from signoff.actions import mark_sample, sign
from signoff.models import Signature, Slot
from signoff.presence import PASSKEY, Proof
from signoff.snapshot import signed_words
from signoff.states import slots_due
from tests.evidence.builders import World, add_a_witness, add_offered_item, approve, criteria_of, join, today
from tests.signoff.builders import (
    BY_PASSWORD,
    REACH,
    again,
    awaiting_countersignature,
    awaiting_iv_countersignature,
    candidate_signed,
    complete,
    confirm_sufficient,
    judge,
    ready,
    seen_by,
    sign_line,
    trainee_ready,
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


def refused(record, slot: str, *, by: Membership, match: str, error: type[Exception] = PermissionDenied) -> None:
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


def test_only_the_units_iv_signs_as_iv(world: World):
    record = complete(world)
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    refused_to(world, record, Slot.IV, *STRANGERS, "candidate", "assessor", "ev")


def test_only_the_ev_who_was_let_in_signs_as_ev(world: World):
    """Q25."""
    record = complete(world)
    mark_sample(record_id=record.pk, reason="Visit", by=world.ev)
    refused_to(world, record, Slot.EV, *STRANGERS, "candidate", "assessor", "iv")


def test_a_role_that_has_ended_signs_nothing(world: World):
    record = candidate_signed(world)
    people.end_role(membership=world.assessor, by=world.coordinator)
    world.assessor.refresh_from_db()
    refused(record, Slot.ASSESSOR, by=world.assessor, match="not acting for")


# --- The gate --------------------------------------------------------------------------------------------------------


def test_nobody_signs_while_the_gate_is_shut(world: World):
    """R1, Q13."""
    add_offered_item(world, criteria_of(world.unit)[:5])
    refused(
        world.record, Slot.CANDIDATE, by=world.candidate, match="The candidate adds evidence", error=ValidationError
    )


def test_the_gate_wants_the_assessors_word_that_it_is_sufficient(world: World):
    """R4."""
    judge(add_offered_item(world), by=world.assessor)
    refused(world.record, Slot.CANDIDATE, by=world.candidate, match="sufficient", error=ValidationError)


def test_a_registration_that_is_suspended_takes_no_signature(world: World):
    record = ready(world)
    world.registration.status = RegistrationStatus.SUSPENDED
    world.registration.save()
    refused(record, Slot.CANDIDATE, by=world.candidate, match="suspended", error=ValidationError)


def test_verification_goes_on_after_completion_of_the_registration(world: World):
    record = complete(world)
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    world.registration.status = RegistrationStatus.COMPLETED
    world.registration.ended_on = today()
    world.registration.save()
    assert sign_line(record, Slot.IV, by=world.iv).slot == Slot.IV


# --- Authority and duty ----------------------------------------------------------------------------------------------


def test_an_assessor_without_approval_for_the_unit_does_not_sign(world: World):
    """HOUSE decided 7."""
    record = candidate_signed(world)
    world.assessor.person.unit_approvals.update(ends_on=today() - timedelta(days=1))
    refused(record, Slot.ASSESSOR, by=world.assessor, match="not approved")


@pytest.mark.parametrize(
    ("awarded", "struck_out", "is_due"),
    [
        (None, False, True),
        (timedelta(days=-400), False, False),
        (timedelta(days=0), False, False),
        (timedelta(days=1), False, True),
        (timedelta(days=-400), True, True),
    ],
    ids=["none", "held", "since today", "only from tomorrow", "struck out"],
)
def test_a_second_signature_is_due_exactly_when_the_register_shows_no_award_today(
    world: World, awarded: timedelta | None, struck_out: bool, is_due: bool
):
    """Q3, R31."""
    record = trainee_ready(world)
    sign_line(record, Slot.CANDIDATE, by=world.trainee_candidate)
    if awarded is not None:
        world.trainee.person.awards.create(
            centre=world.centre,
            kind=AwardKind.A1,
            number="A1-9",
            awarded_on=today() + awarded,
            recorded_by=world.coordinator.person,
            struck_out_at=timezone.now() if struck_out else None,
        )
    signature = sign_line(record, Slot.ASSESSOR, by=world.trainee)
    assert signature.needs_countersignature is is_due
    assert bool(signature.award) is not is_due
    expected = RecordState.AWAITING_COUNTERSIGNATURE if is_due else RecordState.COMPLETE
    assert again(record).state == expected


def test_a_backdated_award_does_not_erase_the_duty(world: World):
    """R35: the duty is fixed when signing."""
    record = awaiting_countersignature(world)
    authority.record_award(
        person=world.trainee.person,
        kind=AwardKind.A1,
        number="A1-77",
        awarded_on=today() - timedelta(days=900),
        by=world.coordinator,
    )
    assert again(record).state == RecordState.AWAITING_COUNTERSIGNATURE
    assert record.signatures.get(slot=Slot.ASSESSOR).needs_countersignature
    sign_line(record, Slot.ASSESSOR_COUNTERSIGNATURE, by=world.countersigner)
    assert again(record).state == RecordState.COMPLETE


def test_the_award_of_the_day_is_printed_beside_not_required(world: World):
    record = complete(world)
    signature = record.signatures.get(slot=Slot.ASSESSOR)
    assert signature.award.startswith("A1 ")
    assert signature.award.endswith("01/02/2015")


def test_any_qualified_approved_person_discharges_the_duty(world: World):
    """R33, R35: assigned nowhere, approved for the unit, qualified today."""
    record = awaiting_countersignature(world)
    signature = sign_line(record, Slot.ASSESSOR_COUNTERSIGNATURE, by=world.countersigner)
    assert signature.signer == world.countersigner.person
    assert again(record).state == RecordState.COMPLETE
    assert Event.objects.filter(type=EventType.RECORD_COUNTERSIGNED, subject=f"unit_record:{record.pk}").count() == 1


def approved_without_award(world: World) -> Membership:
    return approve(world.coordinator, join(world.coordinator, Role.ASSESSOR, "Ursula Unqualified"), world.unit)


def qualified_without_approval(world: World) -> Membership:
    return world.other_assessor


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (lambda world: world.trainee, "own signature"),
        (approved_without_award, "no recognised assessor award"),
        (qualified_without_approval, "not approved"),
        (lambda world: world.iv, "not yours to give"),
        (lambda world: world.foreign_assessor, "a centre that you are not acting for"),
    ],
    ids=["the signer", "unqualified", "not approved", "an IV", "another centre"],
)
def test_who_may_not_countersign(world: World, who: Callable[[World], Membership], reason: str):
    """R33."""
    refused(awaiting_countersignature(world), Slot.ASSESSOR_COUNTERSIGNATURE, by=who(world), match=reason)


def test_the_candidate_of_a_record_never_countersigns_it(world: World):
    """R33: even as a qualified assessor approved for the unit."""
    record = awaiting_countersignature(world)
    seat = people.give_role(person=world.trainee_candidate.person, role=Role.ASSESSOR, by=world.coordinator)
    approve(world.coordinator, seat, world.unit, award=AwardKind.A1)
    refused(record, Slot.ASSESSOR_COUNTERSIGNATURE, by=seat, match="your own record")


def test_the_ivs_duty_is_discharged_by_another_qualified_iv(world: World):
    """R34."""
    record = awaiting_iv_countersignature(world)
    approve(world.coordinator, world.other_iv, world.unit)
    sign_line(record, Slot.IV_COUNTERSIGNATURE, by=world.other_iv)
    assert again(record).state == RecordState.VERIFIED


# --- Independence ----------------------------------------------------------------------------------------------------


def as_iv_of(world: World, record, seat: Membership) -> Membership:
    """The same person with the IV's role, approved, qualified and named as the unit's IV."""
    iv = people.give_role(person=seat.person, role=Role.IV, by=world.coordinator)
    approve(world.coordinator, iv, world.unit, award=AwardKind.V1)
    reassign_unit(record_id=record.pk, own_assessor=None, own_iv=iv.person, why="Standing in", by=world.coordinator)
    return Membership.objects.select_related("person", "centre").get(pk=iv.pk)


def test_nobody_verifies_their_own_judgements(world: World):
    """R40: judged once, then handed the unit to another assessor and became its IV."""
    judge(add_offered_item(world), by=world.assessor)
    record = world.record
    other = approve(world.coordinator, world.other_assessor, world.unit)
    reassign_unit(record_id=record.pk, own_assessor=other.person, own_iv=None, why="On leave", by=world.coordinator)
    iv = people.give_role(person=world.assessor.person, role=Role.IV, by=world.coordinator)
    approve(world.coordinator, iv, world.unit, award=AwardKind.V1)
    reassign_unit(record_id=record.pk, own_assessor=other.person, own_iv=iv.person, why="Back", by=world.coordinator)
    with pytest.raises(PermissionDenied, match="nobody verifies their own"):
        mark_sample(record_id=record.pk, reason="Ten per cent", by=iv)


def test_who_countersigned_the_assessor_cannot_verify(world: World):
    """R41, Q4."""
    record = awaiting_countersignature(world)
    sign_line(record, Slot.ASSESSOR_COUNTERSIGNATURE, by=world.countersigner)
    iv = as_iv_of(world, record, world.countersigner)
    with pytest.raises(PermissionDenied, match="countersignature of the assessor is yours"):
        mark_sample(record_id=record.pk, reason="Ten per cent", by=iv)


def test_the_units_iv_countersigns_as_assessor_only_when_another_iv_takes_over(world: World):
    """Q5."""
    record = awaiting_countersignature(world)
    seat = people.give_role(person=world.iv.person, role=Role.ASSESSOR, by=world.coordinator)
    approve(world.coordinator, seat, world.unit, award=AwardKind.A1)
    refused(record, Slot.ASSESSOR_COUNTERSIGNATURE, by=seat, match="name another IV")
    approve(world.coordinator, world.other_iv, world.unit)
    reassign_unit(record_id=record.pk, own_assessor=None, own_iv=world.other_iv.person, why="Q5", by=world.coordinator)
    assert sign_line(record, Slot.ASSESSOR_COUNTERSIGNATURE, by=seat).slot == Slot.ASSESSOR_COUNTERSIGNATURE


def test_a_witness_does_not_verify_what_they_testified_to(world: World):
    """R41: named as a witness before they became the IV."""
    name, contact = "Nora Newcomer", "nora@marsh.example"
    witness = add_a_witness(world, name=name, contact=contact)
    item = add_offered_item(world, methods=["WT"], witness=witness)
    authenticate_witness(witness=witness, how="Telephoned the shop", by=world.assessor)
    judge(item, by=world.assessor)
    iv = join(world.coordinator, Role.IV, name)
    approve(world.coordinator, iv, world.unit, award=AwardKind.V1)
    reassign_unit(record_id=world.record.pk, own_assessor=None, own_iv=iv.person, why="New IV", by=world.coordinator)
    with pytest.raises(PermissionDenied, match="the witness in E1"):
        mark_sample(record_id=world.record.pk, reason="Ten per cent", by=iv)


# --- Samples and verification ----------------------------------------------------------------------------------------


def test_an_iv_signs_only_what_they_sampled(world: World):
    """R42."""
    refused(complete(world), Slot.IV, by=world.iv, match="Mark this record", error=ValidationError)


def test_the_ev_waits_while_the_iv_has_drawn_and_not_signed(world: World):
    record = complete(world)
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    mark_sample(record_id=record.pk, reason="Visit", by=world.ev)
    refused(record, Slot.EV, by=world.ev, match="The IV comes first", error=ValidationError)
    sign_line(record, Slot.IV, by=world.iv)
    sign_line(record, Slot.EV, by=world.ev)
    assert again(record).state == RecordState.EXTERNALLY_VERIFIED


def test_the_ev_signs_what_the_iv_did_not_sample(world: World):
    """R42, Q6: the IV's line stays blank."""
    record = complete(world)
    mark_sample(record_id=record.pk, reason="Visit", by=world.ev)
    sign_line(record, Slot.EV, by=world.ev)
    assert again(record).state == RecordState.EXTERNALLY_VERIFIED
    assert not record.signatures.filter(slot=Slot.IV).exists()


def test_a_hand_over_needs_no_clean_up(world: World):
    """HOUSE decided 6: the mark stays with the record, and the new IV signs."""
    record = complete(world)
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    approve(world.coordinator, world.other_iv, world.unit)
    reassign_unit(
        record_id=record.pk, own_assessor=None, own_iv=world.other_iv.person, why="Moved on", by=world.coordinator
    )
    refused(record, Slot.IV, by=world.iv, match="The IV of this unit is Olive Verifier")
    assert sign_line(record, Slot.IV, by=world.other_iv).signer == world.other_iv.person


def test_a_new_assessor_signs_after_a_recorded_review(world: World):
    """Q23."""
    judge(add_offered_item(world), by=world.assessor)
    approve(world.coordinator, world.other_assessor, world.unit)
    reassign_unit(
        record_id=world.record.pk, own_assessor=world.other_assessor.person, own_iv=None, why="Left",
        by=world.coordinator,
    )  # fmt: skip
    confirm_sufficient(world.record, by=world.other_assessor)
    refused(world.record, Slot.CANDIDATE, by=world.candidate, match="reviews the claims", error=ValidationError)


# --- The signature itself --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["Carla Candidat", "", "C. Candidate", "Candidate Carla"])
def test_a_name_that_is_not_the_accounts_is_refused(world: World, typed: str):
    record = ready(world)
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
def test_case_and_spacing_of_the_typed_name_do_not_matter(world: World, typed: str):
    record = ready(world)
    signature = sign(
        record_id=record.pk,
        slot=Slot.CANDIDATE,
        typed_name=typed,
        seen_digest=seen_by(world.candidate, record, Slot.CANDIDATE),
        proof=BY_PASSWORD,
        by=world.candidate,
    )
    assert signature.printed_name == "Carla Candidate"


def test_what_was_not_shown_is_not_signed(world: World):
    """Q26: the digest of what the signer saw is the digest of what is signed."""
    record = ready(world)
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


def test_a_line_is_signed_once(world: World):
    record = candidate_signed(world)
    with pytest.raises(ValidationError) as refusal:
        sign_line(record, Slot.CANDIDATE, by=world.candidate)
    assert refusal.value.code == "signed_already"
    assert Signature.objects.count() == 1


def test_one_passkey_confirmation_signs_once(world: World):
    record = ready(world)
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
    signature = record.signatures.get(slot=Slot.ASSESSOR)
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
    judge(
        add_offered_item(world, seat=world.other_candidate, record=record, criteria=criteria_of(world.other_unit)),
        by=world.other_assessor,
    )
    confirm_sufficient(record, by=world.other_assessor)
    sign_line(record, Slot.CANDIDATE, by=world.other_candidate)
    signature = sign_line(record, Slot.ASSESSOR, by=world.other_assessor)
    assert "‘what you must cover’ only" in signature.statement


def test_every_signature_is_in_the_ledger_and_seals_the_chain_heads(world: World):
    """HOUSE decided 3."""
    record = verified(world)
    told = Event.objects.filter(subject=f"unit_record:{record.pk}", type=EventType.RECORD_SIGNED).order_by("sequence")
    assert [event.data["slot"] for event in told] == ["candidate", "assessor", "iv"]
    assert [event.data["to"] for event in told] == ["candidate_signed", "complete", "verified"]
    signature = record.signatures.get(slot=Slot.IV)
    assert told.last().data["snapshot_digest"] == signature.snapshot_digest
    assert Event.objects.filter(type=EventType.HEADS_SEALED).count() == 3
    assert verify_chain(record.portfolio.chain).state == "sound"


def test_the_chain_is_sealed_with_the_signature_in_it(world: World):
    record = candidate_signed(world)
    chain = record.portfolio.chain
    signed = Event.objects.get(type=EventType.RECORD_SIGNED)
    seal = Event.objects.filter(type=EventType.HEADS_SEALED).latest("sequence")
    assert seal.data[chain] == [signed.sequence, signed.digest]


@pytest.mark.parametrize("failing", ["record_event", "seal_heads", "sign_with_key"])
def test_a_signature_stands_or_falls_as_a_whole(world: World, monkeypatch: pytest.MonkeyPatch, failing: str):
    """HOUSE, habit 12."""
    record = ready(world)
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


def test_capacity_for_awards_is_the_signers_own(world: World):
    """An assessor's award does not qualify an IV (R30, R34)."""
    record = complete(world)
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    world.iv.person.awards.update(kind=AwardKind.A1)
    signature = sign_line(record, Slot.IV, by=world.iv)
    assert signature.needs_countersignature
