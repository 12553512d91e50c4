"""Units that ask for several of something, as records of the candidate: changes, media, values and risks."""

from typing import Any

from evidence.instances.actions import name_instance
from evidence.models import Instance
from registrations.models import UnitRecord
from tests.evidence.builders import World, approve, register
from tests.units.kinds_of_items import standard_of_all_kinds
from units.actions import load_standard
from units.models import Criterion, Unit

EDITION = "several"


def record_of(world: World, code: str, *, who: str = "candidate", assessor: str = "assessor") -> UnitRecord:
    """A record of that unit of the small standard for a candidate of the world, with an assessor of theirs and an IV.

    D2: two changes, 5a and 5b. A17: 7, two media. D6: 6a, two values, and 7c, an open set of risks.
    """
    unit = Unit.objects.filter(code=code, standard__edition=EDITION).first() or _load(code)
    for seat in (getattr(world, assessor), world.iv):
        approve(world.coordinator, seat, unit)
    return register(
        world.coordinator, getattr(world, who), assessor=getattr(world, assessor), iv=world.iv, units=[unit]
    ).unit_records.get()


def cell_of(record: UnitRecord, label: str) -> Criterion:
    """A cell by its printed label."""
    cells = Criterion.objects.filter(group__unit=record.unit).select_related("group")
    return next(cell for cell in cells if cell.label == label)


def name_it(world: World, record: UnitRecord, name: str, *, of: str = "change", seat: Any = None) -> Instance:
    """One of them named, by the candidate where nobody else is said to."""
    return name_instance(record_id=record.pk, of=of, name=name, by=seat or world.candidate)


def _load(code: str) -> Unit:
    document = standard_of_all_kinds() | {"edition": EDITION}
    document["qualifications"] = [
        {"code": each, "title": f"Unit {each}", "units": [{"unit": each, "is_mandatory": True}]}
        for each in ("D2", "A17", "D6")
    ]
    load_standard(document=document)
    return Unit.objects.get(code=code, standard__edition=EDITION)
