"""Points that recur across units: the clusters of all 68, read by eye, and points that look alike and are not the same.

A point is named by unit, ordinal of its item (the notes counted) and its place in the item, since labels repeat.
"""

import time
from collections.abc import Iterable
from random import Random

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from units.actions import load_standard
from units.models import Unit
from units.outline import UnitOutline
from units.queries import outlines
from units.recurring_points import TwinKey, key_of, twin_key, twins
from units.standard_files import standard_paths

pytestmark = pytest.mark.django_db

# Every cluster of the evidence requirements, with 304 beside its near-twin A14 (Q1). Nothing else recurs.
CLUSTERS = """
routine: F2.5.1 A1.6.1 A2.6.1 A3.5.1 A4.5.1 A8.5.1 A9.4.1 A10.6.1 A11.7.1 A12.6.1 B1.4.1 B2.5.1 B3.4.1 B5.4.1 B6.4.1
    B7.5.1 B8.4.1 C4.4.1 C7.5.1 D5.4.1
busy: F2.5.2 A1.6.2 A2.6.2 A3.5.2 A4.5.2 A8.5.2 A9.4.2 A10.6.2 A11.7.2 A12.6.2 B1.4.2 B2.5.2 B3.4.2 B5.4.2 B6.4.2
    B7.5.2 B8.4.2 C4.4.2 C7.5.2 D5.4.2
quiet: F2.5.3 A1.6.3 A2.6.3 A3.5.3 A4.5.3 A8.5.3 A9.4.3 A10.6.3 A11.7.3 A12.6.3 B1.4.3 B2.5.3 B3.4.3 B5.4.3 B6.4.3
    B7.5.3 B8.4.3 C4.4.3 C7.5.3 D5.4.3
let down: F2.5.4 A4.5.4 A8.5.4 A9.4.4 A10.6.4 A11.7.4 A12.6.4 B2.5.4 B3.4.4 B6.4.4 B7.5.4 B8.4.4 C4.4.4 C7.5.4 D5.4.4
easy: A1.5.1 A2.5.1 A3.6.1 B1.5.1 B6.5.1 B10.4.1 C2.4.1
difficult: A1.5.2 A2.5.2 A3.6.2 B1.5.2 B6.5.2 B10.4.2 C2.4.2
new customers: A6.5.1 A14.6.3 B10.4.4 B15.4.1 D16.4.2 304.6.3
existing customers: A6.5.2 B10.4.3 B15.4.2 D16.4.1
different needs: B2.4.1 B11.5.1 C7.6.1
angry: B11.5.2 C7.6.2
unusual: B11.5.3 C7.6.3
standard expectations: A10.4.1 A11.5.1 A13.5.1
had difficulties: A10.4.2 A11.5.2 A13.5.2 B15.4.4
asked for information: A10.4.3 A11.5.3 A13.5.3
unaware: A10.4.4 A11.5.4 A13.5.4
planned: A10.5.1 A11.6.1
unplanned: A10.5.2 A11.6.2
front-line staff: A17.6.1 B13.6.1 B14.6.1 B16.4.1 D14.5.2
supervisors: A17.6.2 B13.6.2 B14.6.2 B16.4.2 C6.7.3 D8.5.3 D14.5.4
senior managers: A17.6.3 B13.6.3 B14.6.3 B16.4.3 D14.5.5
other departments: A17.6.4 B14.6.4 B16.4.4 D19.4.1
service partners: A17.6.5 B14.6.5 B16.4.5 C6.7.2 D8.5.2 D14.5.6 D19.4.5
colleagues: C6.7.1 D8.5.1 D14.5.3
two media: A17.8.1 B16.5.1
quantitative: B13.7.2 B14.4.1 B15.6.2 C8.4.2 D14.7.1
qualitative: B13.7.1 B14.4.2 B15.6.1 C8.4.1 D14.7.2
formal feedback: B15.6.3 D12.4.2
informal feedback: B15.6.4 D12.4.1
time: B13.5.1 D11.5.1 D14.4.1
physical resources: B13.5.2 D11.5.3 D14.4.3
human resources: B13.5.3 D11.5.2 D14.4.2
financial resources: B13.5.4 D11.5.4 D14.4.4
noticed by customers: C1.4.1 C3.4.1 C5.4.1
noticed by us: C1.4.2 C3.4.2 C5.4.2
expectations and offer: C1.5.1 C3.4.3 C5.5.1 C8.6.1
system or procedure: C1.5.2 C3.4.4 C5.5.2 C8.6.2
shortage or error: C3.4.5 C5.5.3 C8.6.3
by procedure: C3.5.3 C5.7.1
by exception: C3.5.4 C5.7.2
equipment: D4.5.2 D7.6.2
implementing: D2.5.2 D9.6.3
plan, role: D3.5.1 D10.5.1
plan, learning: D3.5.2 D10.5.2
plan, workload: D3.5.3 D10.5.3
plan, on the job: D3.5.4 D10.5.4
quality: A17.5.1 A17.7.1
delivery: A17.5.2 A17.7.2
relationships: A17.5.3 A17.7.3
tangible: A14.4.1 304.4.1
intangible: A14.4.2 304.4.2
direct competitors: A14.5.1 304.5.1
substitutes: A14.5.2 304.5.2
loyal: A14.6.1 304.6.1
returning: A14.6.2 304.6.2
"""

# Pairs that a glance takes for twins.
NO_TWINS = {
    "A14.6.3 D15.4.1": "new customers, new staff",
    "A14.6.3 B9.6.2": "new customers, new suppliers",
    "A14.6.3 A15.6.2": "new customers are one thing, that they use more is another",
    "A14.6.3 A5.5.1": "products new to a customer, new customers",
    "A6.5.2 A15.6.1": "existing customers, and how they extend their use",
    "B13.6.1 D15.4.3": "front-line staff asked, and trained",
    "B16.4.5 D15.4.7": "service partners known, and trained",
    "B16.4.5 B9.7.2": "service partners known, and what benefits them",
    "B16.4.2 D3.4.2": "supervisors in general, and the one who guides the candidate",
    "B16.4.3 D19.4.7": "senior managers, line managers",
    "D14.5.1 C5.6.1": "told to customers, seen from their side",
    "B4.4.2 C7.7.2": "codes for diversity, codes for complaints",
    "B4.4.1 C7.7.3": "legislation on diversity, on complaints",
    "B11.4.1 C7.7.1": "exceptions aside, complaints by procedure",
    "C1.5.2 D4.5.2": "system or procedure, system or equipment",
    "C3.5.1 C3.5.2": "asked for, not asked for",
    "C8.5.1 C8.5.2": "prepared to accept, not prepared",
    "A12.5.1 A18.6.1": "receptive to a call, to the environment",
    "A3.6.2 A3.6.4": "difficult attitude, difficult to understand",
    "A3.6.4 B6.5.2": "difficult to understand, difficult to deal with",
    "A10.5.1 B3.5.1": "planned dealings, planned visits",
    "A10.5.1 B3.6.1": "planned dealings, work that goes to plan",
    "B10.5.1 A15.5.1": "responsibility for delivery, for promotion",
    "B10.5.2 A15.5.2": "feedback to improve, feedback to promote",
    "A15.5.2 A15.5.3": "spontaneous, requested",
    "A7.6.1 D2.4.1": "own efforts for the promise, for improvement",
    "B13.4.3 B11.5.1": "needs looked into, customers whose needs differ",
    "B15.4.3 B11.5.1": "particular needs, different needs",
    "D10.5.4 D10.5.5": "on the job, off the job",
    "D10.5.3 D11.6.1": "the candidate's workload, the team's",
    "D4.4.1 D7.5.1": "new to on-line services, to self-service equipment",
    "C5.6.2 D17.7.1": "benefits of an option, of an award",
    "B15.6.3 D15.5.1": "formal feedback, formal monitoring",
    "B13.5.3 C3.4.5": "human resources planned, lacking",
    "D2.5.3 D2.6.2": "reactions gathered, and shown",
}

# Pairs of texts, each with the item that it stands in.
SAME = [
    (("During a quiet time in your job", ""), ("during a quiet time in you job.", "")),
    (("Front line staff", "working with:"), ("Front-line staff", "communicating with:")),
    (
        ("When people, systems or resources have let you down", ""),
        ("When people, systems or resources have to let you down.", ""),
    ),
    (("Quantitative #", "collecting information that is:"), ("Quantitative information.", "You have analysed:")),
    (("During routine delivery", "You processed complaints:"), ("During routine delivery", "Training and so on")),
]


@pytest.fixture(scope="module")
def units(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> dict[str, UnitOutline]:
    """All 68 units, and 304, by code."""
    with django_db_blocker.unblock(), transaction.atomic():
        for path in standard_paths():
            load_standard(path=path)
        built = outlines(Unit.objects.values_list("pk", flat=True))
        transaction.set_rollback(True)
    return {unit.code: unit for unit in built.values()}


def keys_by_name(units: Iterable[UnitOutline]) -> dict[str, TwinKey]:
    return {
        f"{unit.code}.{item + len(unit.notes)}.{place}": key_of(group, criterion)
        for unit in units
        for item, group in enumerate(unit.groups, start=1)
        for place, criterion in enumerate(group.criteria, start=1)
        if criterion.is_ticked
    }


def expected() -> dict[str, frozenset[str]]:
    joined = CLUSTERS.strip().replace("\n    ", " ")
    return {name: frozenset(members.split()) for name, _, members in (row.partition(":") for row in joined.split("\n"))}


def clusters_of(units: Iterable[UnitOutline]) -> set[frozenset[str]]:
    return {
        frozenset(
            f"{place.unit.code}.{place.unit.groups.index(place.group) + 1 + len(place.unit.notes)}."
            f"{place.group.criteria.index(place.criterion) + 1}"
            for place in places
        )
        for places in twins(units).values()
    }


def test_the_clusters_of_all_units_are_those_read_by_eye(units: dict[str, UnitOutline]) -> None:
    assert len(units) == 69
    wanted = expected()
    found = clusters_of(units.values())
    assert {name: members for name, members in wanted.items() if members not in found} == {}
    assert found - set(wanted.values()) == set()


def test_what_only_looks_alike_is_no_twin(units: dict[str, UnitOutline]) -> None:
    keys = keys_by_name(units.values())
    assert {why for pair, why in NO_TWINS.items() if len({keys[name] for name in pair.split()}) == 1} == set()


def test_no_item_has_two_points_with_one_key(units: dict[str, UnitOutline]) -> None:
    """The points of an item are meant to differ: were two of them alike, the tables would have gone too far."""
    for unit in units.values():
        for group in unit.groups:
            keys = [key_of(group, criterion) for criterion in group.criteria if criterion.is_ticked]
            assert len(set(keys)) == len(keys), (unit.code, group.text)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_print_and_misprint_are_twins(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert twin_key(*one) == twin_key(*other)


def test_what_one_knows_is_no_twin_of_what_one_did() -> None:
    assert twin_key("explain the offer") != twin_key("explain the offer", is_knowledge=True)


def test_the_order_of_the_units_does_not_matter(units: dict[str, UnitOutline]) -> None:
    given_units = list(units.values())
    before = clusters_of(given_units)
    Random(4).shuffle(given_units)
    assert clusters_of(given_units) == before


def test_a_cluster_spans_items_and_no_point_is_in_two(units: dict[str, UnitOutline]) -> None:
    found = twins(units.values())
    assert all(len({place.group.id for place in places}) > 1 for places in found.values())
    ids = [place.criterion.id for places in found.values() for place in places]
    assert len(ids) == len(set(ids))


def test_twins_of_a_few_units_are_those_of_all(units: dict[str, UnitOutline]) -> None:
    chosen = {"A1", "A2", "B10", "A14"}
    wanted = {frozenset(name for name in members if name.split(".")[0] in chosen) for members in expected().values()}
    assert clusters_of(units[code] for code in chosen) == {members for members in wanted if len(members) > 1}


@given(
    words=st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=9), min_size=1, max_size=9),
    noise=st.sampled_from([" ", "  ", " - ", ", ", "-", "\n"]),
    ending=st.sampled_from(["", ".", " #", ":", ";"]),
)
def test_case_spacing_and_punctuation_never_matter(words: list[str], noise: str, ending: str) -> None:
    assert twin_key(noise.join(words).upper() + ending) == twin_key(" ".join(words))


@given(text=st.text(max_size=80), item=st.text(max_size=80))
def test_any_text_has_a_key_that_stays(text: str, item: str) -> None:
    assert twin_key(text, item) == twin_key(text, item)


def test_the_twins_of_twelve_units_are_found_in_no_time(units: dict[str, UnitOutline]) -> None:
    """Twenty times what it takes on a slow machine: a guard against reading the tables anew for every pair."""
    chosen = [units[code] for code in ("F2", "A1", "A2", "A3", "A4", "A8", "A9", "A10", "B1", "B2", "B10", "B14")]
    twin_key.cache_clear()
    began = time.process_time()
    twins(chosen)
    assert time.process_time() - began < 0.1
    began = time.process_time()
    twins(chosen)
    assert time.process_time() - began < 0.02
