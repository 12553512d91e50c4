"""A17 prints two items 5 with the same letters: what is signed tells them apart (PRACTICE §2)."""

from registrations.models import UnitRecord
from signoff.contents import RECORD_RELATIONS, contents_of_record
from signoff.snapshot import snapshot_of
from tests.evidence.builders import World, add_offered_item, approve, register
from units.actions import load_standard
from units.models import Criterion, Unit
from units.standard_files import FOLDER


def test_a_claim_on_either_item_5_is_another_claim(world: World):
    load_standard(path=FOLDER / "evidence-requirements-2010.json")
    unit = Unit.objects.get(code="A17", standard__owner="")
    approve(world.coordinator, world.assessor, unit)
    approve(world.coordinator, world.iv, unit)
    registration = register(world.coordinator, world.candidate, assessor=world.assessor, iv=world.iv, units=[unit])
    record = registration.unit_records.get()
    first, _, second = Criterion.objects.filter(group__unit=unit, position=1).order_by("group__position")[1:4]
    assert [one.label for one in (first, second)] == ["5a", "5a"]
    other = Criterion.objects.get(group__unit=unit, group__printed_number="4", printed_label="a")
    add_offered_item(world, [first, second, other], record=record)
    contents = contents_of_record(UnitRecord.objects.select_related(*RECORD_RELATIONS).get(pk=record.pk))
    cells = [
        {key: claim[key] for key in ("criterion", "item") if key in claim}
        for claim in snapshot_of(contents)["record"]["claims"]
    ]
    assert cells == [{"criterion": "4a"}, {"criterion": "5a", "item": 2}, {"criterion": "5a", "item": 4}]
