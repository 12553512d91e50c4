"""What every one of an open set was is sealed, though one claim shows them all (R3, R66)."""

from assessment.confirming.actions import confirm_record
from assessment.confirming.statements import Confirming, confirmable
from evidence.models import Instance
from proof.verify import faults
from registrations.held_elsewhere.actions import confirm_held_elsewhere
from registrations.models import UnitConfirmationKind, UnitRecord
from signoff.models import Slot
from tests.evidence.builders import World, add_item, claim, offer
from tests.evidence.naming import cell_of, name_it, record_of
from tests.signoff.builders import judge, sign_line
from units.queries import unit_outline


def signed_with_risks(world: World) -> UnitRecord:
    """D6 with two values and an open set of risks, shown by one item, the risks by one claim for all of them."""
    record = record_of(world, "D6")
    item = add_item(world)
    for name in ("A survey", "A focus group"):
        value = name_it(world, record, name, of=unit_outline(record.unit_id).instance_word(cell_of(record, "6a").pk))
        claim(world, item, [cell_of(record, "6a")], record=record, instance=value)
    for name in ("Slips", "Queues"):
        name_it(world, record, name, of="risk")
    claim(world, item, [cell_of(record, "7c")], record=record)
    judge(offer(world, item), by=world.assessor)
    wanted = [one for one in confirmable(unit_outline(record.unit_id)) if one.kind != UnitConfirmationKind.REVIEWED]
    assert Confirming(UnitConfirmationKind.SUFFICIENT) in wanted
    confirm_record(record_id=record.pk, wanted=wanted, by=world.assessor)
    confirm_held_elsewhere(units=[record.unit], where="Folder 3", by=world.coordinator)
    sign_line(record, Slot.CANDIDATE, by=world.candidate)
    return record


def test_a_risk_that_is_changed_behind_a_signature_is_found(world: World):
    record = signed_with_risks(world)
    assert list(faults()) == []
    Instance.objects.filter(record=record, name="Slips").update(name="Paper cuts")
    (fault,) = faults()
    assert fault.why.startswith("the record has changed since: named")
