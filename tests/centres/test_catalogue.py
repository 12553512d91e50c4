"""The catalogue's pages: what each seat sees of it, searching them, and the same queries for one unit as for many."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from centres import catalogue
from centres.models import Membership
from ledger.chains import centre_chain
from tests.evidence.builders import World, add_offered_item, make_world
from tests.units.kinds_of_items import standard_of_all_kinds
from units.actions import load_standard
from units.models import Standard, Unit
from units.queries import forget_outlines
from units.rules_in_words import COVERAGE_ONLY, NOTHING_TO_TICK
from units.standard_files import FOLDER, read_standard_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """The world, with a standard of its own for each of its two centres."""
    made = make_world()
    for centre in (made.centre, made.foreign_centre):
        load_own(centre.pk, title=f"Rules of {centre}")
    return made


@pytest.fixture
def printed(world: World) -> Standard:
    """All 68 units of the printed requirements, as an edition beside the two units of the world."""
    document = read_standard_file(FOLDER / "evidence-requirements-2010.json")
    load_standard(document=dataclasses.replace(document, edition="whole"))
    return Standard.objects.get(edition="whole")


def load_own(centre_id: int, **changed: Any) -> Standard:
    """The small standard, as one that belongs to a centre; its D13 does not agree with A14."""
    owner = centre_chain(centre_id)
    data = standard_of_all_kinds() | changed
    for unit in data["units"]:
        if unit["code"] == "D13":
            unit["conflicts"] = [{"unit": "A14", "about": "Allows less."}]
    load_standard(document=data, owner=owner)
    return Standard.objects.get(owner=owner, **{key: changed[key] for key in ("code",) if key in changed})


def page(client: Client, **asked: str) -> str:
    response = client.get(reverse("catalogue"), asked)
    assert response.status_code == 200
    return response.content.decode()


def own_unit(seat: Membership, code: str = "B4") -> Unit:
    return Unit.objects.get(standard__owner=catalogue.owner_of(seat), code=code)


SEATS = ["candidate", "assessor", "iv", "ev", "coordinator", "foreign_coordinator", "foreign_candidate"]


@pytest.mark.parametrize("who", SEATS)
def test_a_seat_sees_what_is_shared_and_its_centres_own_and_no_other(world: World, who: str) -> None:
    seat: Membership = getattr(world, who)
    owners = ["", centre_chain(seat.centre_id)]
    assert set(catalogue.standards_for(seat)) == set(Standard.objects.filter(owner__in=owners))
    assert set(catalogue.units_for(seat)) == set(Unit.objects.filter(standard__owner__in=owners))
    assert len(catalogue.standards_for(seat)) == 3
    # Its own comes first.
    assert catalogue.standards_for(seat)[0].owner == owners[1]
    assert catalogue.units_for(seat)[0].standard.owner == owners[1]


def test_without_a_seat_only_what_is_shared(world: World) -> None:
    assert {standard.owner for standard in catalogue.standards_for(None)} == {""}
    assert {unit.standard.owner for unit in catalogue.units_for(None)} == {""}


def test_another_centres_standard_does_not_exist(world: World) -> None:
    theirs = own_unit(world.foreign_coordinator)
    client = world.client(world.coordinator)
    assert client.get(reverse("catalogue_unit", args=[theirs.pk])).status_code == 404
    assert world.client(world.foreign_coordinator).get(reverse("catalogue_unit", args=[theirs.pk])).status_code == 200
    shown = page(client)
    assert f"Rules of {world.centre}" in shown
    assert f"Rules of {world.foreign_centre}" not in shown
    assert "Your centre’s own" in shown
    # Nor is it found, chosen or compared with.
    assert reverse("catalogue_unit", args=[theirs.pk]) not in page(client, search="diversity")
    assert f"Rules of {world.foreign_centre}" not in page(client, standard=str(theirs.standard_id))
    d13, a14 = own_unit(world.foreign_coordinator, "D13"), world.other_unit
    for pair in ([d13.pk, a14.pk], [a14.pk, d13.pk]):
        assert client.get(reverse("compare_units", args=pair)).status_code == 404
        assert world.client(world.foreign_coordinator).get(reverse("compare_units", args=pair)).status_code == 200


def test_operators_without_a_seat_read_it_and_nobody_else_without_one(world: World) -> None:
    person = world.other_iv.person
    world.other_iv.ended_at = world.other_iv.started_at
    world.other_iv.save()
    client = world.client(world.other_iv)
    assert client.get(reverse("catalogue"))["location"] == reverse("home")
    person.is_staff = True
    person.save()
    shown = page(client)
    assert "Evidence Requirements" in shown
    assert "Rules of" not in shown
    assert 'aria-current="page"' in shown
    assert client.get(reverse("catalogue_unit", args=[world.unit.pk])).status_code == 200
    assert client.get(reverse("catalogue_unit", args=[own_unit(world.coordinator).pk])).status_code == 404


def test_search_shows_the_words_where_they_stand(world: World) -> None:
    shown = page(world.client(world.candidate), search="SUBSTITUTE services")
    assert "2 units with “SUBSTITUTE services”" in shown
    assert "<mark>substitute</mark> <mark>services</mark>" in shown
    assert reverse("catalogue_unit", args=[world.unit.pk]) in shown
    assert reverse("catalogue_unit", args=[world.other_unit.pk]) in shown


def test_filters_narrow_and_combine(world: World, printed: Standard) -> None:
    client = world.client(world.candidate)
    own = own_unit(world.candidate)
    by_standard = page(client, standard=str(own.standard_id))
    assert "Units D2 to D13" in by_standard
    assert "Units F1 to F6" not in by_standard
    by_policy = page(client, policy="drills_excepted")
    assert "B12" in by_policy
    assert "A14" not in by_policy
    assert "1 unit with “personal”" in page(client, policy="drills_excepted", search="personal")
    assert "No unit found" in page(client, policy="no_simulation", search="personal")
    # What there is not is as if it had not been asked for.
    assert "Units F1 to F6" in page(client, policy="other", standard="9" * 40, page="x")


HOSTILE = [
    "'; DROP TABLE units_unit; --",
    "%",
    "_",
    "\\",
    "\0",
    "qq\0zz",
    "x" * 100_000,
    "<script>alert(1)</script>",
    "😀",
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=[repr(one)[:12] for one in HOSTILE])
def test_hostile_words_find_nothing_and_break_nothing(world: World, hostile: str) -> None:
    shown = page(world.client(world.candidate), search=hostile)
    assert "<script>alert" not in shown
    if hostile.strip("\0"):
        assert "No unit found" in shown
    else:
        assert "A14 Use customer service" in shown


def test_what_is_found_is_in_pages(world: World, printed: Standard) -> None:
    client = world.client(world.candidate)
    first, second = page(client, search="customer"), page(client, search="customer", page="2")
    assert first.count("<mark>") > 25
    assert "Page 1 of" in first
    assert "?search=customer&amp;page=2" in first
    assert "Page 2 of" in second


def test_every_unit_opens(world: World, printed: Standard) -> None:
    """All units that there are, and no item of any without a rule in words."""
    client = world.client(world.assessor)
    for unit in catalogue.units_for(world.assessor):
        response = client.get(reverse("catalogue_unit", args=[unit.pk]))
        assert response.status_code == 200
        items = [item for section in response.context["outline"].sections for item in section.groups]
        assert all(item.words for item in items), unit.code


def test_a_unit_in_plain_words(world: World, printed: Standard) -> None:
    client = world.client(world.candidate)

    def of(code: str) -> str:
        shown: str = client.get(
            reverse("catalogue_unit", args=[Unit.objects.get(code=code, standard=printed).pk])
        ).content.decode()
        return shown

    assert "At least two of these five; more is welcome." in of("A17")
    assert "Each point for each of two changes. You name them once." in of("D2")
    assert "Not ticked: your assessor confirms it." in of("D2")
    assert COVERAGE_ONLY in of("D2")
    assert NOTHING_TO_TICK in of("A16")
    assert "Printed as “Communication using customer service Language”" in of("F1")
    record = client.get(reverse("catalogue_unit", args=[world.unit.pk])).content.decode()
    assert "Only for what you must know" in record
    assert COVERAGE_ONLY not in record


def test_a_candidate_finds_the_way_to_their_own_record_and_nobody_elses(world: World) -> None:
    url = reverse("catalogue_unit", args=[world.unit.pk])
    record = reverse("record", args=[world.record.pk])
    assert record in world.client(world.candidate).get(url).content.decode()
    for other in (world.other_candidate, world.trainee_candidate, world.assessor, world.foreign_candidate):
        assert record not in world.client(other).get(url).content.decode()


def test_the_record_and_the_registration_lead_to_the_unit(world: World) -> None:
    add_offered_item(world)
    url = reverse("catalogue_unit", args=[world.unit.pk])
    client = world.client(world.assessor)
    for address in (reverse("record", args=[world.record.pk]), reverse("registration", args=[world.registration.pk])):
        assert f'href="{url}"' in client.get(address).content.decode(), address


@pytest.mark.parametrize("who", ["candidate", "assessor", "iv"])
def test_304_and_a14_side_by_side(world: World, who: str) -> None:
    """Q1: from either unit to the comparison, which says where they differ."""
    client = world.client(getattr(world, who))
    for one, other in ((world.unit, world.other_unit), (world.other_unit, world.unit)):
        url = reverse("compare_units", args=[one.pk, other.pk])
        assert url in client.get(reverse("catalogue_unit", args=[one.pk])).content.decode()
        shown = client.get(url).content.decode()
        assert shown.count("They differ") == 2
        assert "bars evidence from a realistic working environment" in shown
        assert "governs" in shown


def test_units_that_agree_are_not_compared(world: World) -> None:
    client = world.client(world.iv)
    own = own_unit(world.iv)
    for pair in ([world.unit.pk, own.pk], [world.unit.pk, world.unit.pk], [world.unit.pk, 10**30]):
        assert client.get(reverse("compare_units", args=pair)).status_code == 404


def test_nothing_can_be_sent(world: World) -> None:
    client = world.client(world.coordinator)
    assert client.post(reverse("catalogue")).status_code == 405
    assert client.post(reverse("catalogue_unit", args=[world.unit.pk])).status_code == 405


@pytest.fixture
def queries_of(world: World) -> Iterator[Any]:
    def count(url: str, **asked: str) -> int:
        client = world.client(world.candidate)
        client.get(url, asked)  # Outlines are kept from here on, as they are in life.
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(url, asked).status_code == 200
        return len(captured)

    return count


def test_the_same_queries_for_one_standard_more_and_for_three_more(world: World, queries_of: Any) -> None:
    unit = reverse("catalogue_unit", args=[world.unit.pk])
    beside = reverse("compare_units", args=[world.unit.pk, world.other_unit.pk])
    cost = {
        "list": queries_of(reverse("catalogue")),
        "found": queries_of(reverse("catalogue"), search="customer"),
        "unit": queries_of(unit),
        "beside": queries_of(beside),
    }
    for number in range(3):
        load_own(world.centre.pk, code=f"more-{number}", title=f"More {number}")
    assert cost == {
        "list": queries_of(reverse("catalogue")),
        "found": queries_of(reverse("catalogue"), search="customer"),
        "unit": queries_of(unit),
        "beside": queries_of(beside),
    }
    assert cost == {"list": 6, "found": 6, "unit": 8, "beside": 6}


def test_outlines_not_kept_yet_cost_four_queries_however_many(world: World) -> None:
    client = world.client(world.candidate)
    client.get(reverse("catalogue"))
    counted = []
    for forget in (False, True):
        if forget:
            forget_outlines()
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("catalogue"))
        counted.append(len(captured))
    assert counted[1] - counted[0] == 4
