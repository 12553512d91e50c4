"""Whoever had a part in the assessment verifies none of it, whoever is the unit's assessor by now (R40)."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError

from assessment.confirming.actions import confirm_unit
from assessment.confirming.waivers import waive_criteria
from assessment.judging.actions import authenticate_witness
from centres.models import Membership, Role
from centres.people.actions import give_role
from evidence.models import Evidence
from evidence.testimonies.actions import give_testimony
from ledger.events import EventType
from ledger.queries import events_about, with_notes
from proof.verify import faults
from registrations.held_elsewhere.actions import confirm_held_elsewhere, end_held_elsewhere
from registrations.models import Registration, UnitConfirmationKind, UnitRecord
from signoff.actions import mark_sample, unlock
from signoff.contents import RECORD_RELATIONS, RecordContents, contents_of_record
from signoff.handover.reassigning import reassign, reassign_unit
from signoff.models import Signature, Slot
from signoff.parts_taken import parts_taken
from signoff.queries import record_page
from signoff.snapshot import snapshot_of
from tests.evidence.builders import (
    World,
    add_a_witness,
    add_offered_item,
    approve,
    claim,
    join,
    offer,
    replace,
    today,
)
from tests.evidence.other_units import record_of
from tests.evidence.signed_records import correct, see
from tests.evidence.signed_records import sign as sign_observation
from tests.evidence.testifying import ask, item_for_witness, said
from tests.signoff.builders import (
    awaiting_countersignature,
    candidate_signed,
    confirm_sufficient,
    judge,
    refused,
    sign_line,
)
from units.queries import unit_outline

pytestmark = pytest.mark.engine("aggregates")


def observed(world: World, record: UnitRecord) -> None:
    written = sign_observation(world)
    claim(world, written.version.evidence, [None], record=record)


def seen_at_work(world: World, record: UnitRecord) -> None:
    item = add_offered_item(world, [None], record=record, with_file=False, kept_at="The safe")
    see(Evidence.objects.get(pk=item.pk), world.assessor)


def made_sure_of_a_witness(world: World, record: UnitRecord) -> None:
    witness = add_a_witness(world)
    add_offered_item(world, [None], record=record, methods=["WT"], witness=witness)
    authenticate_witness(witness=witness, how="Rang the shop", by=world.assessor)


def confirmed(world: World, record: UnitRecord) -> None:
    """Somebody else judges, which lapses nothing of hers: the same decision is made once."""
    judge(add_offered_item(world, [None], record=record), by=world.assessor)
    confirm_sufficient(record, by=world.assessor)


def waived(world: World, record: UnitRecord) -> None:
    add_offered_item(world, [None], record=record)
    should = sorted(unit_outline(record.unit_id).can_be_waived)[0]
    waive_criteria(record_id=record.pk, criteria=[should], reason="No such customer.", by=world.assessor)


def as_iv(world: World, seat: Membership, *units: Any) -> Membership:
    """The same person in the seat of an IV, approved and qualified."""
    iv = give_role(person=seat.person, role=Role.IV, by=world.coordinator)
    iv = Membership.objects.select_related("person", "centre").get(pk=iv.pk)
    return approve(world.coordinator, iv, *units, award="V1")


def read(record: UnitRecord) -> RecordContents:
    found = UnitRecord.objects.select_related(*RECORD_RELATIONS).get(pk=record.pk)
    return contents_of_record(found, with_files=True)


def hand_on(world: World, record: UnitRecord) -> None:
    """The qualified countersigner is the unit's assessor from now on, and judges what waits."""
    give_to_the_countersigner(world, record)
    for item in Evidence.objects.filter(claims__record=record).distinct():
        judge(item, by=world.countersigner)


def corrected_by_the_next(world: World, record: UnitRecord) -> None:
    """Whose observation it was stays theirs, though a successor has written the record of it anew."""
    written = sign_observation(world)
    claim(world, written.version.evidence, [None], record=record)
    give_to_the_countersigner(world, record)
    # She assesses this candidate in nothing any more.
    hers = Registration.objects.filter(candidate=world.candidate.person, assessor=world.assessor.person)
    for one in hers.select_related("iv"):
        successor = world.countersigner.person
        reassign(registration=one, revision=one.revision, assessor=successor, iv=one.iv, why="So", by=world.coordinator)
    correct(written, world.countersigner)
    judge(Evidence.objects.get(), by=world.countersigner)


def judged_before_it_was_replaced(world: World, record: UnitRecord) -> None:
    item = add_offered_item(world, [None], record=record)
    judge(item, by=world.assessor)
    replace(world, item)
    give_to_the_countersigner(world, record)
    judge(Evidence.objects.get(), by=world.countersigner)


def confirmed_and_judged_again(world: World, record: UnitRecord) -> None:
    """What she had confirmed has lapsed since."""
    give_to_the_countersigner(world, record)
    judge(add_offered_item(world, [None], record=record), by=world.countersigner)
    reassign_unit(record_id=record.pk, own_assessor=None, own_iv=None, why="Connie is ill", by=world.coordinator)
    confirm_sufficient(record, by=world.assessor)
    give_to_the_countersigner(world, record)
    judge(add_offered_item(world, [None], record=record), by=world.countersigner)
    assert not record.confirmations.filter(lapsed_at=None).exists()


def give_to_the_countersigner(world: World, record: UnitRecord) -> None:
    approve(world.coordinator, world.countersigner, record.unit)
    reassign_unit(
        record_id=record.pk,
        own_assessor=world.countersigner.person,
        own_iv=None,
        why="Anna verifies from now on",
        by=world.coordinator,
    )


@pytest.mark.parametrize("take_part", [observed, seen_at_work, made_sure_of_a_witness, confirmed, waived])
def test_whoever_took_part_and_then_handed_over_is_no_verifier(
    world: World, take_part: Callable[[World, UnitRecord], None]
) -> None:
    record = record_of(world, "A18")
    take_part(world, record)
    hand_on(world, record)
    assert_no_verifier(world, record)


@pytest.mark.parametrize(
    "take_part", [corrected_by_the_next, judged_before_it_was_replaced, confirmed_and_judged_again]
)
def test_a_part_in_an_earlier_round_is_a_part(world: World, take_part: Callable[[World, UnitRecord], None]) -> None:
    """R40: nothing of what she did counts any more, and she did it all the same."""
    record = record_of(world, "A18")
    take_part(world, record)
    assert_no_verifier(world, record)


def assert_no_verifier(world: World, record: UnitRecord) -> None:
    """The assessor before is neither named as its IV nor let draw it; page and appointment read the same of anybody."""
    former = as_iv(world, world.assessor, record.unit)
    with pytest.raises(ValidationError, match="so they cannot verify it"):
        reassign_unit(
            record_id=record.pk,
            own_assessor=world.countersigner.person,
            own_iv=former.person,
            why="She verifies from now on",
            by=world.coordinator,
        )
    # However it came to be: the action that draws and signs asks again.
    UnitRecord.objects.filter(pk=record.pk).update(own_iv=former.person)
    with pytest.raises(PermissionDenied, match=r"so you cannot verify it|nobody verifies their own"):
        mark_sample(record_id=record.pk, reason="Ten per cent", by=former)
    contents = read(record)
    assert former.person_id in contents.assessed_by
    for seat in (former, world.countersigner, world.iv):
        parts = parts_taken(person=seat.person, records=[record.pk])
        assert (record.pk in parts) == (seat.person_id in contents.assessed_by), seat


def test_the_centres_word_on_criteria_held_elsewhere_is_a_part(world: World) -> None:
    """Q2, R40: the coordinator who gave it does not verify, though they assessed nothing."""
    record = record_of(world, "A18")
    confirm_held_elsewhere(units=[record.unit], where="The college's own records", by=world.coordinator)
    judge(add_offered_item(world, [None], record=record), by=world.assessor)
    iv = as_iv(world, world.coordinator, record.unit)
    assert iv.person_id in read(record).assessed_by
    assert "confirmed where the criteria" in parts_taken(person=iv.person, records=[record.pk])[record.pk]
    with pytest.raises(ValidationError, match="so they cannot verify it"):
        reassign_unit(record_id=record.pk, own_assessor=None, own_iv=iv.person, why="Ivor left", by=world.coordinator)
    UnitRecord.objects.filter(pk=record.pk).update(own_iv=iv.person)
    with pytest.raises(PermissionDenied, match="so you cannot verify it"):
        mark_sample(record_id=record.pk, reason="Ten per cent", by=iv)


def test_the_word_that_counts_is_the_one_signed_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Q2: what the centre says after the first signature is no part in this record; both readings agree on that."""
    record = record_of(world, "A18")
    (word,) = confirm_held_elsewhere(units=[record.unit], where="The college's own records", by=world.coordinator)
    judge(add_offered_item(world, [None], record=record), by=world.assessor)
    monkeypatch.setattr("signoff.permissions._check_gate", lambda contents: None)
    sign_line(record, Slot.CANDIDATE, by=world.candidate)
    end_held_elsewhere(held=word, by=world.coordinator)
    second = join(world.coordinator, Role.COORDINATOR, "Cyril Coordinator")
    confirm_held_elsewhere(units=[record.unit], where="The new cabinet", by=second)
    contents = read(record)
    for seat, took_part in ((world.coordinator, True), (second, False)):
        assert (seat.person_id in contents.assessed_by) is took_part
        assert (record.pk in parts_taken(person=seat.person, records=[record.pk])) is took_part


@pytest.mark.parametrize("who", ["trainee", "countersigner"])
@pytest.mark.stage(reach=awaiting_countersignature)
def test_a_void_signature_on_the_assessment_is_a_part_too(world: World, who: str) -> None:
    """Q4: unlocked, judged the same, signed by others: who vouched for it once does not verify it."""
    record = world.trainee_record
    sign_line(record, Slot.ASSESSOR_COUNTERSIGNATURE, by=world.countersigner)
    unlock(record_id=record.pk, reason="A name was wrong", by=world.coordinator)
    iv = as_iv(world, getattr(world, who), *([record.unit] if who == "countersigner" else []))
    assert parts_taken(person=iv.person, records=[record.pk])
    assert iv.person_id in read(record).assessed_by
    if who == "trainee":
        return  # Still the assessor, so refused for that.
    with pytest.raises(ValidationError, match="signed or countersigned unit 304"):
        reassign_unit(record_id=record.pk, own_assessor=None, own_iv=iv.person, why="Ivor left", by=world.coordinator)
    UnitRecord.objects.filter(pk=record.pk).update(own_iv=iv.person)
    with pytest.raises(PermissionDenied, match="before it was unlocked"):
        mark_sample(record_id=record.pk, reason="Ten per cent", by=iv)


@pytest.mark.parametrize("known_by", ["address", "name", "contact", "request"])
def test_a_witness_is_known_by_every_name_and_address(world: World, known_by: str) -> None:
    """R23, R41: whatever the candidate wrote in the witness list."""
    iv = world.other_iv.person
    EmailAddress.objects.create(user=iv, email="oscar@home.example", verified=True, primary=False)
    contact = "Oscar@Home.example" if known_by == "address" else "shop@marsh.example"
    item = item_for_witness(world, add_a_witness(world, name="Shop Manager", contact=contact))
    signs = {"name": iv.name, "signed_name": iv.name} if known_by == "name" else {}
    if known_by == "contact":
        signs = {"contact": "oscar@home.example"}
    give_testimony(
        request=ask(world, item, email="oscar@home.example" if known_by == "request" else "shop@marsh.example"),
        said=said(**signs),
    )
    claim(world, item, world.criteria[:1])
    offer(world, item)
    UnitRecord.objects.filter(pk=world.record.pk).update(own_iv=iv)
    with pytest.raises(PermissionDenied, match="You are the witness in E1"):
        mark_sample(record_id=world.record.pk, reason="Ten per cent", by=world.other_iv)


def test_an_address_that_is_not_proved_is_nobodys(world: World) -> None:
    EmailAddress.objects.create(user=world.other_iv.person, email="shop@marsh.example", verified=False, primary=False)
    item = item_for_witness(world, add_a_witness(world, name="Shop Manager", contact="shop@marsh.example"))
    give_testimony(request=ask(world, item, email="shop@marsh.example"), said=said())
    claim(world, item, world.criteria[:1])
    offer(world, item)
    approve(world.coordinator, world.other_iv, world.unit)
    UnitRecord.objects.filter(pk=world.record.pk).update(own_iv=world.other_iv.person)
    assert mark_sample(record_id=world.record.pk, reason="Ten per cent", by=world.other_iv)


@pytest.mark.stage(reach=candidate_signed)
def test_a_sample_drawn_by_who_then_assessed_is_drawn_anew(world: World) -> None:
    """R42: the IV drew it, became the assessor, and another verifies: their own choice is what they sign for."""
    record = world.record
    first = mark_sample(record_id=record.pk, reason="An easy one", by=world.iv)
    unlock(record_id=record.pk, reason="Ivor assesses from now on", by=world.coordinator)
    seat = give_role(person=world.iv.person, role=Role.ASSESSOR, by=world.coordinator)
    now_assesses = Membership.objects.select_related("person", "centre").get(pk=seat.pk)
    approve(world.coordinator, now_assesses, record.unit, award="A1")
    approve(world.coordinator, world.other_iv, record.unit)
    reassign_unit(
        record_id=record.pk,
        own_assessor=now_assesses.person,
        own_iv=world.other_iv.person,
        why="Anna left",
        by=world.coordinator,
    )
    confirm_unit(record_id=record.pk, kind=UnitConfirmationKind.REVIEWED, by=now_assesses)
    confirm_sufficient(record, by=now_assesses)
    sign_line(record, Slot.CANDIDATE, by=world.candidate)
    sign_line(record, Slot.ASSESSOR, by=now_assesses)
    refused(record, Slot.IV, by=world.other_iv, match="that sample does not count", error=ValidationError)
    page = record_page(record.pk, world.other_iv)
    assert "Draw the record anew first" in page.lines[3].reason
    assert (page.sample is not None and page.sample.reason) == ""
    assert "draws it anew" in page.next_step
    anew = mark_sample(record_id=record.pk, reason="Ten per cent", by=world.other_iv)
    first.refresh_from_db()
    assert (first.withdrawn_at is not None, anew.verifier) == (True, world.other_iv.person)
    told = with_notes(events_about(f"unit_record:{record.pk}")).get(type=EventType.SAMPLING_MARK_WITHDRAWN)
    assert (told.data["mark"], "Drawn anew: Ten per cent" in told.note) == (first.pk, True)
    assert sign_line(record, Slot.IV, by=world.other_iv)
    assert list(faults()) == []


def test_who_had_no_part_verifies(world: World) -> None:
    """The other way round, so that the refusals above are for what was done."""
    record = record_of(world, "A18")
    observed(world, record)
    judge(Evidence.objects.get(), by=world.assessor)
    assert mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)


def test_what_was_seen_and_written_is_signed(world: World) -> None:
    """R12, R16: it stands in the snapshot, and a record signed in the earlier format is looked at in that one."""
    record = record_of(world, "A18")
    observed(world, record)
    seen_at_work(world, record)
    for item in Evidence.objects.all():
        judge(item, by=world.assessor)
    contents = read(record)
    written, seen = snapshot_of(contents)["record"]["evidence"]
    assert (written["records"][0]["by"], written["records"][0]["kind"]) == (world.assessor.person_id, "observation")
    assert seen["seen"] == [{"by": world.assessor.person_id, "on": today().isoformat(), "where": "Shop office"}]
    # Somebody looks again, for another unit.
    see(Evidence.objects.get(number=2), world.assessor, where="The other office")
    assert snapshot_of(read(record)) == snapshot_of(contents)
    earlier = Signature(record=record, slot=Slot.CANDIDATE, snapshot={"format": 1})
    in_format_1 = snapshot_of(dataclasses.replace(contents, signatures={"candidate": earlier}), before=Slot.CANDIDATE)
    assert in_format_1["format"] == 1
    assert all("records" not in item and "seen" not in item for item in in_format_1["record"]["evidence"])
