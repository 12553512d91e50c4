"""Authority, the duty of a second signature, independence and sampling (Q3-Q5, Q23, R31-R35, R40-R42)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from assessment.judging.actions import Verdict, authenticate_witness, judge_item
from centres.authority import actions as authority
from centres.models import AccessGrant, AwardKind, Membership, Role, ScopeKind
from centres.people import actions as people
from ledger.events import EventType
from ledger.models import Event
from registrations.access.actions import end_access
from registrations.models import RecordState, UnitRecord
from signoff.actions import mark_sample
from signoff.handover.reassigning import reassign_unit
from signoff.models import Signature, Slot
from signoff.queries import pending_for, record_page
from tests.evidence.builders import (
    World,
    add_a_witness,
    add_item,
    add_offered_item,
    approve,
    claim,
    join,
    offer,
    register,
    today,
)
from tests.evidence.decisions import CONFIRMED, version_of
from tests.signoff.builders import (
    again,
    awaiting_countersignature,
    awaiting_iv_countersignature,
    candidate_signed,
    complete,
    confirm_sufficient,
    judge,
    refused,
    sign_line,
    trainee_ready,
)

# --- Authority and duty ----------------------------------------------------------------------------------------------


@pytest.mark.stage(reach=candidate_signed)
def test_an_assessor_without_approval_for_the_unit_does_not_sign(world: World):
    """HOUSE decided 7."""
    record = world.record
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
@pytest.mark.stage(reach=trainee_ready)
def test_a_second_signature_is_due_exactly_when_the_register_shows_no_award_today(
    world: World, awarded: timedelta | None, struck_out: bool, is_due: bool
):
    """Q3, R31."""
    record = world.trainee_record
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


@pytest.mark.stage(reach=awaiting_countersignature)
def test_a_backdated_award_does_not_erase_the_duty(world: World):
    """R35: the duty is fixed when signing."""
    record = world.trainee_record
    authority.record_award(
        person=world.trainee.person,
        kind=AwardKind.A1,
        number="A1-77",
        awarded_on=today() - timedelta(days=900),
        by=world.coordinator,
    )
    assert again(record).state == RecordState.AWAITING_COUNTERSIGNATURE
    assert Signature.objects.filter(record=record).get(slot=Slot.ASSESSOR).needs_countersignature
    sign_line(record, Slot.ASSESSOR_COUNTERSIGNATURE, by=world.countersigner)
    assert again(record).state == RecordState.COMPLETE


@pytest.mark.stage(reach=complete)
def test_the_award_of_the_day_is_printed_beside_not_required(world: World):
    record = world.record
    signature = Signature.objects.filter(record=record).get(slot=Slot.ASSESSOR)
    assert signature.award.startswith("A1 ")
    assert signature.award.endswith("01/02/2015")


@pytest.mark.stage(reach=awaiting_countersignature)
def test_any_qualified_approved_person_discharges_the_duty(world: World):
    """R33, R35: assigned nowhere, approved for the unit, qualified today."""
    record = world.trainee_record
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


@pytest.mark.stage(reach=awaiting_countersignature)
def test_the_candidate_of_a_record_never_countersigns_it(world: World):
    """R33: even as a qualified assessor approved for the unit."""
    record = world.trainee_record
    seat = people.give_role(person=world.trainee_candidate.person, role=Role.ASSESSOR, by=world.coordinator)
    approve(world.coordinator, seat, world.unit, award=AwardKind.A1)
    refused(record, Slot.ASSESSOR_COUNTERSIGNATURE, by=seat, match="your own record")


@pytest.mark.stage(reach=awaiting_iv_countersignature)
def test_the_ivs_duty_is_discharged_by_another_qualified_iv(world: World):
    """R34."""
    record = world.record
    approve(world.coordinator, world.other_iv, world.unit)
    sign_line(record, Slot.IV_COUNTERSIGNATURE, by=world.other_iv)
    assert again(record).state == RecordState.VERIFIED


# --- Independence ----------------------------------------------------------------------------------------------------


def test_nobody_verifies_their_own_judgements(world: World):
    """R40: judged once, then handed the unit to another assessor and became its IV."""
    judge(add_offered_item(world), by=world.assessor)
    record = world.record
    other = approve(world.coordinator, world.other_assessor, world.unit)
    reassign_unit(record_id=record.pk, own_assessor=other.person, own_iv=None, why="On leave", by=world.coordinator)
    iv = people.give_role(person=world.assessor.person, role=Role.IV, by=world.coordinator)
    approve(world.coordinator, iv, world.unit, award=AwardKind.V1)
    with pytest.raises(ValidationError, match="judged evidence"):
        reassign_unit(
            record_id=record.pk, own_assessor=other.person, own_iv=iv.person, why="Back", by=world.coordinator
        )
    # Even if they were named all the same, they could not draw it.
    UnitRecord.objects.filter(pk=record.pk).update(own_iv=iv.person)
    with pytest.raises(PermissionDenied, match="nobody verifies their own"):
        mark_sample(record_id=record.pk, reason="Ten per cent", by=iv)


@pytest.mark.stage(reach=awaiting_countersignature)
def test_who_countersigned_the_assessor_cannot_verify(world: World):
    """R41, Q4."""
    record = world.trainee_record
    sign_line(record, Slot.ASSESSOR_COUNTERSIGNATURE, by=world.countersigner)
    iv = people.give_role(person=world.countersigner.person, role=Role.IV, by=world.coordinator)
    approve(world.coordinator, iv, world.unit, award=AwardKind.V1)
    with pytest.raises(ValidationError, match="countersigned unit 304"):
        reassign_unit(record_id=record.pk, own_assessor=None, own_iv=iv.person, why="Q4", by=world.coordinator)
    # Even if they were named all the same, they could not draw it.
    UnitRecord.objects.filter(pk=record.pk).update(own_iv=iv.person)
    with pytest.raises(PermissionDenied, match="countersignature of the assessor is yours"):
        mark_sample(record_id=record.pk, reason="Ten per cent", by=iv)


@pytest.mark.stage(reach=awaiting_countersignature)
def test_the_units_iv_countersigns_as_assessor_only_when_another_iv_takes_over(world: World):
    """Q5."""
    record = world.trainee_record
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


@pytest.mark.stage(reach=complete)
def test_the_ev_waits_while_the_iv_has_drawn_and_not_signed(world: World):
    record = world.record
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    mark_sample(record_id=record.pk, reason="Visit", by=world.ev)
    refused(record, Slot.EV, by=world.ev, match="The IV comes first", error=ValidationError)
    sign_line(record, Slot.IV, by=world.iv)
    sign_line(record, Slot.EV, by=world.ev)
    assert again(record).state == RecordState.EXTERNALLY_VERIFIED


@pytest.mark.stage(reach=complete)
def test_the_ev_signs_what_the_iv_did_not_sample(world: World):
    """R42, Q6: the IV's line stays blank."""
    record = world.record
    mark_sample(record_id=record.pk, reason="Visit", by=world.ev)
    sign_line(record, Slot.EV, by=world.ev)
    assert again(record).state == RecordState.EXTERNALLY_VERIFIED
    assert not Signature.objects.filter(record=record).filter(slot=Slot.IV).exists()


def test_nobody_verifies_an_item_that_they_confirmed_as_valid_authentic_and_current(world: World):
    """R17, R40: the IV of this unit assesses another one, and confirmed the item that both rest on."""
    both = Membership.objects.create(person=world.iv.person, centre=world.centre, role=Role.ASSESSOR)
    both = approve(
        world.coordinator, Membership.objects.select_related("person", "centre").get(pk=both.pk), world.other_unit
    )
    second = register(world.coordinator, world.candidate, assessor=both, iv=world.other_iv, units=[world.other_unit])
    other_record = second.unit_records.get()
    item = add_item(world)
    claim(world, item, world.criteria)
    claim(world, item, [None], record=other_record)
    offer(world, item)
    for record, assessor in ((other_record, both), (world.record, world.assessor)):
        verdicts = [Verdict(one.pk, is_accepted=True) for one in item.claims.filter(record=record)]
        judge_item(
            evidence=item, version=version_of(item), verdicts=verdicts, confirmation=CONFIRMED, by=assessor
        )  # fmt: skip
    with pytest.raises(PermissionDenied, match="had a part in this assessment"):
        mark_sample(record_id=world.record.pk, reason="Ten per cent", by=world.iv)


@pytest.mark.stage(reach=awaiting_countersignature)
def test_a_countersignature_carries_the_award_that_lets_it_be_given(world: World):
    """R33: it stays provable when the entry is struck out later."""
    record = world.trainee_record
    signature = sign_line(record, Slot.ASSESSOR_COUNTERSIGNATURE, by=world.countersigner)
    assert signature.award.startswith("CAVA ")
    assert not signature.needs_countersignature


@pytest.mark.stage(reach=complete)
def test_an_ev_whose_visit_has_been_ended_signs_nothing_drawn_on_it(world: World):
    """Q25: what was drawn closes with the registration."""
    record = world.record
    mark_sample(record_id=record.pk, reason="Visit", by=world.ev)
    visit = AccessGrant.objects.get(person=world.ev.person, scope_kind=ScopeKind.REGISTRATION)
    end_access(grant=visit, by=world.coordinator)
    refused(record, Slot.EV, by=world.ev, match="Your access to this record has ended")


@pytest.mark.stage(reach=complete)
def test_a_hand_over_needs_no_clean_up(world: World):
    """HOUSE decided 6: the mark stays with the record, and the new IV signs."""
    record = world.record
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    approve(world.coordinator, world.other_iv, world.unit)
    reassign_unit(
        record_id=record.pk, own_assessor=None, own_iv=world.other_iv.person, why="Moved on", by=world.coordinator
    )
    refused(record, Slot.IV, by=world.iv, match="The IV of this unit is Olive Verifier")
    assert not pending_for(world.iv).exists()
    assert pending_for(world.other_iv).get() == record
    assert record_page(record.pk, world.other_iv).next_step.endswith("Olive Verifier signs next, as IV.")
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
    refused(world.record, Slot.CANDIDATE, by=world.candidate, match="must be reviewed", error=ValidationError)
