"""Where the criteria of coverage-only units are held: the coordinator's word for the centre (Q2)."""

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from ledger.events import EventType
from ledger.queries import with_notes
from ledger.testing import LedgerWriteFailed, expect_events, failing_ledger
from registrations.held_elsewhere.actions import confirm_held_elsewhere, end_held_elsewhere
from registrations.models import HeldElsewhere
from registrations.queries import coverage_only_units, held_elsewhere, units_not_held
from tests.evidence.builders import World
from tests.evidence.other_units import record_of, records_of, unit_of_2010
from units.models import Unit

Costs = Callable[..., AbstractContextManager[Any]]
URL = "held_elsewhere"
FOLDERS = "Blue folders in the assessors’ office"


@pytest.fixture
def browser(world: World) -> Client:
    return world.client(world.coordinator)


def text_of(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def confirm(world: World, *units: Unit, where: str = FOLDERS, who: str = "coordinator") -> list[HeldElsewhere]:
    return confirm_held_elsewhere(units=units, where=where, by=getattr(world, who))


def codes(units: Iterable[Unit]) -> list[str]:
    return [unit.code for unit in units]


# --- The centre's word ------------------------------------------------------------------------------------------------


def test_only_units_in_use_without_do_and_know_are_asked_about(world: World) -> None:
    assert codes(coverage_only_units(world.coordinator)) == ["A14"]
    assert codes(coverage_only_units(world.foreign_coordinator)) == []
    record_of(world, "F1")
    assert codes(coverage_only_units(world.coordinator)) == ["A14", "F1"]
    confirm(world, world.other_unit)
    assert codes(units_not_held(world.coordinator)) == ["F1"]
    for who in ("assessor", "iv", "candidate", "ev"):
        assert codes(coverage_only_units(getattr(world, who))) == []


def test_it_is_confirmed_for_several_units_at_once_and_told(world: World) -> None:
    other = unit_of_2010("F1")
    with expect_events(EventType.HELD_ELSEWHERE_CONFIRMED, EventType.HELD_ELSEWHERE_CONFIRMED) as events:
        made = confirm(world, world.other_unit, other, where=f"  {FOLDERS} ")
    assert [event.subject for event in events] == [f"unit:{world.other_unit.pk}", f"unit:{other.pk}"]
    assert {event.chain.key for event in events} == {f"centre:{world.centre.pk}"}
    noted = with_notes(type(events[0]).objects.filter(pk__in=[event.pk for event in events]))
    assert {event.note for event in noted} == {FOLDERS}
    assert [(one.where, one.confirmed_by) for one in made] == [(FOLDERS, world.coordinator.person)] * 2
    found = held_elsewhere(world.centre.pk, [world.other_unit.pk, other.pk, world.unit.pk])
    assert found == {world.other_unit.pk: made[0], other.pk: made[1]}
    assert held_elsewhere(world.foreign_centre.pk, [world.other_unit.pk]) == {}


def test_saying_it_twice_says_it_once(world: World) -> None:
    first = confirm(world, world.other_unit)
    with expect_events():
        assert confirm(world, world.other_unit) == first


@pytest.mark.parametrize(
    ("code", "where", "field"),
    [
        ("A14", "  ", "where"),
        ("A14", "x" * 201, "where"),
        ("304", FOLDERS, "units"),
        ("", FOLDERS, "units"),
    ],
)
def test_what_is_wrong_is_said_by_field(world: World, code: str, where: str, field: str) -> None:
    with pytest.raises(ValidationError) as refusal, expect_events():
        confirm(world, *Unit.objects.filter(code=code), where=where)
    assert set(refusal.value.error_dict) == {field}
    assert not HeldElsewhere.objects.exists()


def test_another_place_takes_ending_the_first(world: World) -> None:
    (first,) = confirm(world, world.other_unit)
    with pytest.raises(ValidationError, match="another place: A14"):
        confirm(world, world.other_unit, where="Cupboard 3")
    with expect_events(EventType.HELD_ELSEWHERE_ENDED):
        end_held_elsewhere(held=first, by=world.coordinator)
    first.refresh_from_db()
    assert first.ended_by == world.coordinator.person
    with expect_events():
        end_held_elsewhere(held=first, by=world.coordinator)
    (second,) = confirm(world, world.other_unit, where="Cupboard 3")
    assert held_elsewhere(world.centre.pk, [world.other_unit.pk]) == {world.other_unit.pk: second}


@pytest.mark.parametrize("who", ["candidate", "assessor", "iv", "ev", "foreign_coordinator"])
def test_only_a_coordinator_of_the_centre_says_it(world: World, who: str) -> None:
    (held,) = confirm(world, world.other_unit)
    with pytest.raises(PermissionDenied), expect_events():
        end_held_elsewhere(held=held, by=getattr(world, who))
    if who != "foreign_coordinator":
        with pytest.raises(PermissionDenied), expect_events():
            confirm(world, world.other_unit, who=who)


def test_a_ledger_that_fails_leaves_nothing(world: World) -> None:
    with pytest.raises(LedgerWriteFailed), failing_ledger():
        confirm(world, world.other_unit)
    assert not HeldElsewhere.objects.exists()
    (held,) = confirm(world, world.other_unit)
    with pytest.raises(LedgerWriteFailed), failing_ledger():
        end_held_elsewhere(held=held, by=world.coordinator)
    assert HeldElsewhere.objects.get().ended_at is None


# --- Its pages --------------------------------------------------------------------------------------------------------


def test_the_coordinator_confirms_it_in_the_browser(world: World, browser: Client) -> None:
    url = reverse(URL)
    assert url in browser.get(reverse("registrations")).content.decode()
    assert "A14" in text_of(browser.get(url))
    refused = browser.post(url, {"units": [world.other_unit.pk], "where": " "})
    assert refused.status_code == 422
    assert re.search(rf'name="units" value="{world.other_unit.pk}"[^>]* checked', text_of(refused))
    sent = {"units": [world.other_unit.pk], "where": FOLDERS}
    assert browser.post(url, sent).url == url
    page = text_of(browser.get(url))
    assert FOLDERS in page
    assert world.coordinator.person.name in page
    assert "Confirm for the centre" not in page
    # The button was pressed twice.
    assert browser.post(url, sent).url == url
    assert HeldElsewhere.objects.count() == 1


def test_words_typed_are_kept_where_the_form_is_refused(world: World, browser: Client) -> None:
    refused = browser.post(reverse(URL), {"where": FOLDERS})
    assert refused.status_code == 422
    assert FOLDERS in refused.content.decode()
    assert "Choose at least one unit." in text_of(refused)


def test_the_coordinator_ends_it_in_the_browser(world: World, browser: Client) -> None:
    (held,) = confirm(world, world.other_unit)
    url = reverse("end_held_elsewhere", args=[held.pk])
    assert "keep what was confirmed" in text_of(browser.get(url))
    for _ in range(2):
        assert browser.post(url).url == reverse(URL)
    held.refresh_from_db()
    assert held.ended_at is not None
    assert "Confirm for the centre" in text_of(browser.get(reverse(URL)))


def test_a_centre_that_needs_none_is_told_so(world: World) -> None:
    page = text_of(world.client(world.foreign_coordinator).get(reverse(URL)))
    assert "No unit in use needs this" in page


def test_the_page_costs_the_same_for_one_and_three(
    world: World, browser: Client, django_assert_num_queries: Costs
) -> None:
    _, *others = records_of(world, "A16", "F1", "F2")
    browser.get(reverse(URL))
    for units in ([world.other_unit], [record.unit for record in others]):
        confirm(world, *units)
        with django_assert_num_queries(6):
            assert browser.get(reverse(URL)).status_code == 200
    assert HeldElsewhere.objects.count() == 3
