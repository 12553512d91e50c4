"""Whoever had a part in the assessment verifies none of it, whoever is the unit's assessor by now (R40)."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from centres.actions.people import give_role
from centres.models import Membership, Role
from evidence.actions.enrolment import reassign_unit
from evidence.actions.judging import authenticate_witness
from evidence.actions.waivers import waive_criteria
from evidence.models import Evidence, UnitRecord
from evidence.queries.part_taken import parts_taken
from signoff.actions import mark_sample
from signoff.contents import RECORD_RELATIONS, RecordContents, contents_of_record
from signoff.models import Signature, Slot
from signoff.snapshot import snapshot_of
from tests.evidence.builders import World, add_a_witness, add_offered_item, approve, claim, today
from tests.evidence.other_units import record_of
from tests.evidence.signed_records import see
from tests.evidence.signed_records import sign as sign_observation
from tests.signoff.builders import confirm_sufficient, judge
from units.queries import unit_outline


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
    approve(world.coordinator, world.countersigner, record.unit)
    why = "Anna verifies from now on"
    reassign_unit(
        record_id=record.pk, own_assessor=world.countersigner.person, own_iv=None, why=why, by=world.coordinator
    )
    for item in Evidence.objects.filter(claims__record=record).distinct():
        judge(item, by=world.countersigner)


@pytest.mark.parametrize("take_part", [observed, seen_at_work, made_sure_of_a_witness, confirmed, waived])
def test_whoever_took_part_and_then_handed_over_is_no_verifier(
    world: World, take_part: Callable[[World, UnitRecord], None]
) -> None:
    record = record_of(world, "A18")
    take_part(world, record)
    hand_on(world, record)
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
    for seat in (former, world.countersigner, world.iv):
        parts = parts_taken(person=seat.person, records=[record.pk])
        assert (record.pk in parts) == (seat.person_id in contents.assessed_by), seat


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
