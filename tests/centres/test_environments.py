"""The register of realistic working environments that the awarding body has approved (R7)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from centres.environments.actions import end_environment, record_environment
from centres.models import RealisticWorkingEnvironment
from centres.queries import environments_of, environments_to_name
from ledger.events import EventType
from ledger.testing import LedgerWriteFailed, expect_events, failing_ledger
from tests.evidence.builders import World, today

Costs = Callable[..., AbstractContextManager[Any]]
URL = "environments"
ENTRY: dict[str, Any] = {
    "name": "Training shop",
    "what_it_is": "A shop on the ground floor, open to the public",
    "approved_by": "City and Guilds",
    "approval_reference": "EV report 12/2025",
}


@pytest.fixture
def browser(world: World) -> Client:
    return world.client(world.coordinator)


def text_of(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def add(world: World, who: str = "coordinator", **changed: Any) -> RealisticWorkingEnvironment:
    entry = ENTRY | {"approved_on": today() - timedelta(days=100)} | changed
    return record_environment(by=getattr(world, who), **entry)


# --- The register -----------------------------------------------------------------------------------------------------


def test_an_environment_is_put_on_the_register_and_told(world: World) -> None:
    with expect_events(EventType.RWE_RECORDED) as events:
        made = add(world, name="  Training   shop ")
    (event,) = events
    assert (event.subject, event.chain.key) == (f"environment:{made.pk}", f"centre:{world.centre.pk}")
    assert (made.name, made.recorded_by) == ("Training shop", world.coordinator.person)
    assert list(environments_of(world.coordinator)) == [made]
    assert list(environments_of(world.foreign_coordinator)) == []
    assert list(environments_of(world.assessor)) == []


def test_saying_it_twice_says_it_once(world: World) -> None:
    first = add(world)
    with expect_events():
        assert add(world) == first


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"what_it_is": " "}, "what_it_is"),
        ({"what_it_is": "x" * 301}, "what_it_is"),
        ({"approved_by": ""}, "approved_by"),
        ({"approval_reference": "x" * 61}, "approval_reference"),
        ({"approved_on": today() + timedelta(days=1)}, "approved_on"),
        ({"name": "TRAINING SALON"}, "name"),
    ],
)
def test_what_is_wrong_is_said_by_field(world: World, changed: dict[str, Any], field: str) -> None:
    add(world, name="Training salon")
    with pytest.raises(ValidationError) as refusal, expect_events():
        add(world, **changed)
    assert set(refusal.value.error_dict) == {field}
    assert RealisticWorkingEnvironment.objects.count() == 1


def test_it_ends_and_stays_on_the_register(world: World) -> None:
    made = add(world)
    with expect_events(EventType.RWE_ENDED):
        end_environment(environment=made, ended_on=today(), by=world.coordinator)
    with expect_events():
        end_environment(environment=made, ended_on=today() - timedelta(days=3), by=world.coordinator)
    made.refresh_from_db()
    assert (made.ended_on, made.ended_by) == (today(), world.coordinator.person)
    again = add(world, approved_on=today())
    assert list(environments_of(world.coordinator)) == [again, made]


@pytest.mark.parametrize("days", [-101, 1])
def test_the_last_day_lies_between_approval_and_today(world: World, days: int) -> None:
    made = add(world)
    with pytest.raises(ValidationError) as refusal, expect_events():
        end_environment(environment=made, ended_on=today() + timedelta(days=days), by=world.coordinator)
    assert set(refusal.value.error_dict) == {"ended_on"}


@pytest.mark.parametrize(("ended_days_ago", "is_offered"), [(None, True), (0, True), (365, True), (366, False)])
def test_what_ended_can_be_named_for_another_year(world: World, ended_days_ago: int | None, is_offered: bool) -> None:
    made = add(world, approved_on=today() - timedelta(days=500))
    if ended_days_ago is not None:
        end_environment(environment=made, ended_on=today() - timedelta(days=ended_days_ago), by=world.coordinator)
    assert environments_to_name(world.centre.pk).exists() is is_offered
    assert not environments_to_name(world.foreign_centre.pk).exists()


@pytest.mark.parametrize("who", ["candidate", "assessor", "iv", "ev", "foreign_coordinator"])
def test_only_a_coordinator_of_the_centre_keeps_it(world: World, who: str) -> None:
    made = add(world)
    with pytest.raises(PermissionDenied), expect_events():
        end_environment(environment=made, ended_on=today(), by=getattr(world, who))
    if who != "foreign_coordinator":
        with pytest.raises(PermissionDenied), expect_events():
            add(world, who, name="Another")


def test_a_ledger_that_fails_leaves_nothing(world: World) -> None:
    with pytest.raises(LedgerWriteFailed), failing_ledger():
        add(world)
    assert not RealisticWorkingEnvironment.objects.exists()
    made = add(world)
    with pytest.raises(LedgerWriteFailed), failing_ledger():
        end_environment(environment=made, ended_on=today(), by=world.coordinator)
    assert RealisticWorkingEnvironment.objects.get().ended_on is None


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"ended_on": today()}, "environment_ended_by_somebody"),
        ({"what_it_is": ""}, "environment_says_what_it_is"),
        ({"ended_on": today() - timedelta(days=101), "ended_by": "coordinator"}, "environment_ends_after_approval"),
    ],
)
def test_the_database_repeats_the_rules(world: World, changed: dict[str, Any], constraint: str) -> None:
    made = add(world)
    if "ended_by" in changed:
        changed = changed | {"ended_by": world.coordinator.person}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        RealisticWorkingEnvironment.objects.filter(pk=made.pk).update(**changed)


# --- Its pages --------------------------------------------------------------------------------------------------------


def test_the_coordinator_keeps_it_in_the_browser(world: World, browser: Client) -> None:
    url = reverse(URL)
    assert url in browser.get(reverse("registrations")).content.decode()
    page = text_of(browser.get(url))
    assert "None on the register yet" in page
    assert 'value="City and Guilds"' in page
    sent = ENTRY | {"approved_on": (today() - timedelta(days=9)).isoformat()}
    # The button was pressed twice.
    for _ in range(2):
        assert browser.post(url, sent).url == url
    made = RealisticWorkingEnvironment.objects.get()
    page = text_of(browser.get(url))
    for shown in (ENTRY["name"], ENTRY["what_it_is"], ENTRY["approval_reference"]):
        assert shown in page
    end = reverse("end_environment", args=[made.pk])
    assert f'href="{end}"' in page
    assert "stays as it is, in signed records too" in text_of(browser.get(end))
    refused = browser.post(end, {"ended_on": (today() + timedelta(days=1)).isoformat()})
    assert refused.status_code == 422
    for _ in range(2):
        assert browser.post(end, {"ended_on": today().isoformat()}).url == url
    page = text_of(browser.get(url))
    assert f"Ended by {world.coordinator.person.name}" in page
    assert f'href="{end}"' not in page


def test_words_typed_are_kept_where_the_form_is_refused(browser: Client) -> None:
    refused = browser.post(reverse(URL), ENTRY | {"name": ""})
    assert refused.status_code == 422
    assert ENTRY["what_it_is"] in refused.content.decode()
    assert "Name: Fill this in." in text_of(refused)


def test_the_page_costs_the_same_for_one_and_three(
    world: World, browser: Client, django_assert_num_queries: Costs
) -> None:
    browser.get(reverse(URL))
    for count in (1, 3):
        while RealisticWorkingEnvironment.objects.count() < count:
            add(world, name=f"Shop {RealisticWorkingEnvironment.objects.count()}")
        with django_assert_num_queries(6):
            browser.get(reverse(URL))
