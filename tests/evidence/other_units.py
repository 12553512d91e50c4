"""Records of other units than 304 and A14, reached by the real actions: conditions, open sets, shoulds."""

import dataclasses
from functools import cache

from assessment.confirming.waivers import waive_criteria
from registrations.models import UnitRecord, Waiver
from tests.evidence.builders import World, add_offered_item, approve, register
from tests.evidence.decisions import judge_it
from units.actions import load_standard
from units.documents import StandardDocument
from units.models import Unit
from units.queries import unit_outline
from units.standard_files import FOLDER, read_standard_file

CODES = ("A16", "A18", "C6", "D2", "D11", "F1", "F2")


@cache
def _standard() -> StandardDocument:
    requirements = read_standard_file(FOLDER / "evidence-requirements-2010.json")
    (award,) = requirements.qualifications
    return dataclasses.replace(
        requirements,
        code="a-few-of-2010",
        units=tuple(unit for unit in requirements.units if unit.code in CODES),
        qualifications=(
            dataclasses.replace(award, units=tuple(member for member in award.units if member.unit in CODES)),
        ),
    )


def unit_of_2010(code: str) -> Unit:
    """One of ``CODES`` as the evidence requirements print it, in a standard of their own."""
    load_standard(document=_standard())
    return Unit.objects.get(code=code, standard__code="a-few-of-2010")


def records_of(world: World, *codes: str) -> list[UnitRecord]:
    """Records of those units for the candidate, in one registration with their own assessor and IV."""
    units = [unit_of_2010(code) for code in codes]
    for seat in (world.assessor, world.iv):
        approve(world.coordinator, seat, *units)
    registration = register(world.coordinator, world.candidate, assessor=world.assessor, iv=world.iv, units=units)
    return list(registration.unit_records.order_by("unit__position"))


def record_of(world: World, code: str) -> UnitRecord:
    """A record of that unit for the candidate."""
    return records_of(world, code)[0]


def waived_record_of(world: World) -> tuple[UnitRecord, Waiver]:
    """A record of A18 with the first of its two shoulds waived."""
    record = record_of(world, "A18")
    first = sorted(unit_outline(record.unit_id).can_be_waived)[0]
    reason = "No such customer comes to the workshop."
    return record, waive_criteria(record_id=record.pk, criteria=[first], reason=reason, by=world.assessor)[0]


def judged_record_of(world: World, code: str) -> UnitRecord:
    """The same with one piece of evidence accepted for the unit as a whole."""
    record = record_of(world, code)
    judge_it(add_offered_item(world, [None], record=record), world.assessor)
    return record
