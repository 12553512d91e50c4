"""The pages about registrations: what each role sees, what is refused and why, and that nothing typed is lost."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from centres.models import Role
from registrations.models import Registration, UnitRecord
from signoff.actions import mark_sample
from signoff.handover.reassigning import reassign_unit
from signoff.moving_on import change_status
from tests.evidence.builders import World, add_offered_item, grant, join, register, today
from tests.signoff.builders import complete, judge

Costs = Callable[..., AbstractContextManager[Any]]


def text_of(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def url(name: str, world: World) -> str:
    """The address of one of the pages below the candidate's registration."""
    return reverse(name, args=[world.record.pk if name == "reassign_unit" else world.registration.pk])


def again(world: World) -> Registration:
    return Registration.objects.get(pk=world.registration.pk)


@pytest.fixture
def browser(world: World) -> Client:
    return world.client(world.coordinator)


# --- The list ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("coordinator", {"Carla Candidate", "Otto Othercandidate", "Tina Traineescandidate"}),
        ("assessor", {"Carla Candidate"}),
        ("other_assessor", {"Otto Othercandidate"}),
        ("countersigner", set()),
        ("iv", {"Carla Candidate", "Tina Traineescandidate"}),
        ("ev", {"Carla Candidate"}),
        ("expired_ev", set()),
        ("foreign_coordinator", {"Felix Foreigner"}),
    ],
)
def test_everybody_lists_their_own(world: World, who: str, names: set[str]) -> None:
    """R64, Q24, Q25."""
    page = text_of(world.client(getattr(world, who)).get(reverse("registrations")))
    everybody = {"Carla Candidate", "Otto Othercandidate", "Tina Traineescandidate", "Felix Foreigner"}
    assert {name for name in everybody if name in page} == names
    if not names:
        assert "No registration yet" in page


def test_candidates_have_no_such_list(world: World) -> None:
    assert world.client(world.candidate).get(reverse("registrations")).status_code == 403


def test_the_list_shows_progress_in_numbers(world: World, browser: Client) -> None:
    judge(add_offered_item(world, world.criteria[:5]), by=world.assessor)
    add_offered_item(world, world.criteria[5:8])
    page = text_of(browser.get(reverse("registrations"), {"search": "carla"}))
    assert "<b>5</b> of 27 accepted" in page
    assert "<b>8</b> of 27 claimed" in page
    assert "0 of 1 unit complete, 3 claims to judge" in page


@pytest.mark.engine("search")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"search": "OTTO"}, {"Otto Othercandidate"}),
        ({"search": "number"}, {"Carla Candidate"}),
        ({"search": "  "}, {"Carla Candidate", "Otto Othercandidate", "Tina Traineescandidate"}),
        ({"status": "suspended"}, {"Tina Traineescandidate"}),
        ({"status": "active", "search": "candidate"}, {"Carla Candidate", "Otto Othercandidate"}),
        ({"status": "nonsense"}, {"Carla Candidate", "Otto Othercandidate", "Tina Traineescandidate"}),
        ({"search": "Felix"}, set()),
        ({"search": "<b>&'"}, set()),
        ({"page": "99"}, {"Carla Candidate", "Otto Othercandidate", "Tina Traineescandidate"}),
    ],
)
def test_searching_by_name_number_and_status(
    world: World, browser: Client, asked: dict[str, str], found: set[str]
) -> None:
    Registration.objects.filter(pk=world.registration.pk).update(number="Some-number-7")
    Registration.objects.filter(pk=world.trainee_registration.pk).update(status="suspended")
    page = text_of(browser.get(reverse("registrations"), asked))
    everybody = {"Carla Candidate", "Otto Othercandidate", "Tina Traineescandidate", "Felix Foreigner"}
    assert {name for name in everybody if name in page} == found
    assert ("No registration found" in page) == (not found)


def test_a_long_list_is_paged_and_keeps_what_was_asked(world: World, browser: Client) -> None:
    candidate = join(world.coordinator, Role.CANDIDATE, "Nina Newcomer")
    made = register(world.coordinator, candidate, assessor=world.assessor, iv=world.iv, units=[world.unit])
    for number in range(26):
        made.pk, made.number, made.status, made.ended_on = None, f"A&B {number}", "withdrawn", today()
        made.save(force_insert=True)
    page = text_of(browser.get(reverse("registrations"), {"search": "A&B", "status": "withdrawn"}))
    assert "26 registrations" in page
    assert "Page 1 of 2" in page
    assert "?search=A%26B&amp;status=withdrawn&amp;page=2" in page
    last = text_of(browser.get(reverse("registrations"), {"search": "A&B", "status": "withdrawn", "page": "2"}))
    assert last.count("Nina Newcomer") == 1


@pytest.mark.parametrize("who", ["coordinator", "assessor", "iv", "ev"])
def test_the_list_costs_the_same_for_one_and_three(world: World, who: str, django_assert_num_queries: Costs) -> None:
    client = world.client(getattr(world, who))
    add_offered_item(world, world.criteria[:2])
    asked = {"search": "Fresh"}
    client.get(reverse("registrations"), asked)
    for wanted in (1, 3):
        while Registration.objects.filter(candidate__name__startswith="Fresh").count() < wanted:
            seat = join(world.coordinator, Role.CANDIDATE, "Fresh Face")
            made = register(world.coordinator, seat, assessor=world.assessor, iv=world.iv, units=[world.unit])
            grant(world, world.ev, made)
            add_offered_item(world, world.criteria[:3], seat=seat, record=made.unit_records.get())
        with django_assert_num_queries(8):
            page = text_of(client.get(reverse("registrations"), asked))
        assert page.count("of 27 claimed") == wanted


# --- One registration -------------------------------------------------------------------------------------------------


def test_the_coordinator_sees_facts_units_moves_and_history(world: World, browser: Client) -> None:
    add_offered_item(world, world.criteria[:4])
    reassign_unit(
        record_id=world.record.pk,
        own_assessor=world.countersigner.person,
        own_iv=None,
        why="Holiday of Anna",
        by=world.coordinator,
    )
    page = text_of(browser.get(url("registration", world)))
    for shown in (
        world.registration.number,
        "Marsh and Daughters",
        "High Street",
        "Anna Assessor",
        'Connie Countersigner <span class="soft">(for this unit)</span>',
        "Ivor Verifier",
        "304 Use customer service as a competitive tool",
        "<b>4</b> of 27 claimed",
        reverse("record", args=[world.record.pk]),
        reverse("portfolio", args=[world.portfolio.pk]),
        "?to=suspended",
        "?to=withdrawn",
        "Not every unit is signed yet: 304.",
        "Candidate registered",
        "Unit added: 304",
        "Unit reassigned: 304",
        "Holiday of Anna",
    ):
        assert shown in page, shown
    assert "?to=completed" not in page


@pytest.mark.parametrize("who", ["assessor", "iv", "ev"])
def test_readers_have_neither_buttons_nor_history(world: World, who: str) -> None:
    page = text_of(world.client(getattr(world, who)).get(url("registration", world)))
    assert "304 Use customer service" in page
    for hidden in ("Hand over", "Correct", "Move it on", "History", "?to="):
        assert hidden not in page, hidden


def test_an_ev_opens_only_what_they_drew(world: World) -> None:
    """Q25: the unit is listed; its record opens once it is drawn, and from here it can be drawn."""
    page = text_of(world.client(world.ev).get(url("registration", world)))
    assert "304 Use customer service" in page
    assert f'href="{reverse("record", args=[world.record.pk])}"' not in page
    assert f'href="{reverse("sample", args=[world.record.pk])}"' in page


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("candidate", 403),
        ("other_assessor", 404),
        ("countersigner", 404),
        ("other_iv", 404),
        ("expired_ev", 404),
        ("foreign_coordinator", 404),
        ("foreign_assessor", 404),
    ],
)
def test_a_registration_opens_to_those_it_concerns(world: World, who: str, status: int) -> None:
    assert world.client(getattr(world, who)).get(url("registration", world)).status_code == status


def test_an_ended_registration_can_only_be_read(world: World, browser: Client) -> None:
    change_status(
        registration=world.registration,
        revision=world.registration.revision,
        status="withdrawn",
        on=today(),
        why="Moved away",
        by=world.coordinator,
    )
    page = text_of(browser.get(url("registration", world)))
    assert "it can be read but no longer changed" in page
    assert "From active to withdrawn" in page
    assert "Moved away" in page
    for hidden in ("Hand over", "Correct", "?to="):
        assert hidden not in page, hidden
    for name in ("change_registration", "reassign", "add_unit", "reassign_unit", "change_status"):
        page = text_of(browser.get(url(name, world)))
        # The reason in the button's place, and no form to send.
        assert ('method="post"' in page.partition("<main")[2]) is False
        assert "withdrawn" in page.lower() or "Every unit is there" in page or "Nothing comes after" in page


@pytest.mark.parametrize(("who", "cost"), [("coordinator", 18), ("assessor", 11)])
def test_its_page_costs_the_same_for_one_unit_and_two(
    world: World, who: str, cost: int, django_assert_num_queries: Costs
) -> None:
    client = world.client(getattr(world, who))
    add_offered_item(world, world.criteria[:2])
    client.get(url("registration", world))
    for units in (1, 2):
        if units == 2:
            UnitRecord.objects.create(registration=world.registration, portfolio=world.portfolio, unit=world.other_unit)
            client.get(url("registration", world))
        with django_assert_num_queries(cost):
            page = text_of(client.get(url("registration", world)))
        assert page.count(" claimed</span>") == units


@pytest.mark.parametrize("is_sampled", [True, False])
@pytest.mark.stage(reach=complete)
def test_a_completed_registration_lets_a_unit_change_hands_only_while_a_sample_waits(
    world: World, browser: Client, is_sampled: bool
) -> None:
    record = world.record
    Registration.objects.filter(pk=world.registration.pk).update(status="completed", ended_on=today())
    if is_sampled:
        mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    page = text_of(browser.get(url("registration", world)))
    assert (url("reassign_unit", world) in page) is is_sampled
