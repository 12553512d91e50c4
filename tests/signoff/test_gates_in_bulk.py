"""The gates of a whole registration: every kind of rule, in the same number of queries for few units and many."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

import pytest

from evidence.progress import progress_of
from registrations.models import UnitRecord
from signoff.contents import RECORD_RELATIONS, contents_of
from tests.evidence.builders import World, add_offered_item, criteria_of
from tests.evidence.other_units import records_of
from units.queries import forget_outlines

type Counter = Callable[[int], AbstractContextManager[object]]

# Two changes, a "should", each risk, nothing to tick: between them they ask for everything that may be looked up.
CODES = ("A18", "C6", "D2", "F1")
# Claims, versions, confirmations, signatures, marks, and what these units ask for: instances, waivers, criteria held.
OF_CONTENTS = 8
OF_PROGRESS = 5


@pytest.fixture
def records(world: World) -> list[UnitRecord]:
    """Seven records; an item is claimed in the one that asks for each risk."""
    every = records_of(world, *CODES, "A16", "D11", "F2")
    risks = next(record for record in every if record.unit.code == "C6")
    add_offered_item(world, record=risks, criteria=list(criteria_of(risks.unit))[:2])
    return every


def read(records: Iterable[UnitRecord]) -> list[UnitRecord]:
    wanted = [record.pk for record in records]
    return list(UnitRecord.objects.filter(pk__in=wanted).select_related(*RECORD_RELATIONS))


def test_gates_cost_the_same_for_four_units_and_for_seven(
    records: list[UnitRecord], django_assert_num_queries: Counter
) -> None:
    few, all_of_them = read(one for one in records if one.unit.code in CODES), read(records)
    [contents.gate.missing for contents in contents_of(all_of_them).values()]  # the outlines are kept from now on
    for some in (few, all_of_them):
        with django_assert_num_queries(OF_CONTENTS):
            gates = [contents.gate for contents in contents_of(some).values()]
        assert all(gate.missing for gate in gates)
        with django_assert_num_queries(OF_PROGRESS):
            progress_of(some)


def test_a_cold_start_builds_all_outlines_at_once(
    records: list[UnitRecord], django_assert_num_queries: Counter
) -> None:
    every = read(records)
    forget_outlines()
    with django_assert_num_queries(OF_CONTENTS + 4):
        contents_of(every)


def test_list_and_gate_count_alike(records: list[UnitRecord]) -> None:
    """Both ask the one engine, from facts that they read on their own."""
    progress = progress_of(records)
    for pk, contents in contents_of(read(records)).items():
        listed, gate = progress[pk].coverage, contents.gate.coverage
        assert (listed.required, listed.claimed, listed.accepted) == (gate.required, gate.claimed, gate.accepted)
