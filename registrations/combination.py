"""Whether the units of a registration make up its qualification (Q30)."""

from registrations.models import Registration
from units.combination import Combination, check_combination
from units.models import Unit
from units.queries import structure_of


def combination_of(registration: Registration, *, and_unit: Unit | None = None) -> Combination:
    """What the units of a registration amount to, with one more where ``and_unit`` is given. Two queries."""
    codes = set(registration.unit_records.values_list("unit__code", flat=True))
    if and_unit is not None:
        codes.add(and_unit.code)
    return check_combination(structure_of(registration.qualification), codes)
