"""Registering a candidate, and changing a registration: reasons beside the fields, and nothing typed is lost."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from centres.models import Role
from ledger.models import Event
from registrations.models import Registration
from tests.evidence.builders import World, approve, join, open_centre, today
from tests.signoff.builders import complete
from units.models import Qualification, QualificationUnit

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


# --- Registering ------------------------------------------------------------------------------------------------------


@pytest.fixture
def newcomer(world: World) -> Any:
    return join(world.coordinator, Role.CANDIDATE, "Nina Newcomer")


def filled_in(world: World, newcomer: Any, **changed: Any) -> dict[str, Any]:
    return {
        "qualification": world.registration.qualification_id,
        "candidate": newcomer.person_id,
        "number": "R-2026-100",
        "units": [world.unit.pk],
        "assessor": world.assessor.person_id,
        "iv": world.iv.person_id,
        "employer": "Kettle and Sons",
        "site": "Harbour Lane",
        "started_on": today().isoformat(),
        "expected_end_on": "",
    } | changed


def test_first_the_qualification_then_its_units(world: World, browser: Client) -> None:
    first = text_of(browser.get(reverse("register")))
    assert world.registration.qualification.title in first
    assert "Registration number" not in first
    second = text_of(browser.get(reverse("register"), {"qualification": world.registration.qualification_id}))
    assert "304 Use customer service as a competitive tool" in second
    assert "A14" not in second
    assert "Registration number" in second


@pytest.mark.parametrize("odd", ["", "²", "x", "999999", "9" * 30])
def test_an_odd_qualification_is_asked_for_again(world: World, browser: Client, odd: str) -> None:
    response = browser.get(reverse("register"), {"qualification": odd})
    assert response.status_code == 422
    assert "Registration number" not in text_of(response)
    assert browser.post(reverse("register"), {"qualification": odd, "number": "R1"}).status_code == 422


def test_without_a_qualification_it_says_whom_to_ask(world: World, browser: Client) -> None:
    QualificationUnit.objects.all().delete()
    assert "No qualification has been loaded" in text_of(browser.get(reverse("register")))


def test_mandatory_units_come_first_and_are_ticked(world: World, browser: Client) -> None:
    QualificationUnit.objects.create(
        qualification=world.registration.qualification, unit=world.other_unit, position=90, is_mandatory=True
    )
    page = text_of(browser.get(reverse("register"), {"qualification": world.registration.qualification_id}))
    assert page.index("Mandatory units") < page.index("A14") < page.index("Optional units") < page.index("304 Use")
    ticked = page[page.index(f'name="units" value="{world.other_unit.pk}"') :].partition(">")[0]
    assert "checked" in ticked


def test_a_centre_without_people_is_told_to_invite_them(world: World) -> None:
    _, coordinator = open_centre("Empty College")
    page = text_of(
        world.client(coordinator).get(reverse("register"), {"qualification": Qualification.objects.all()[0].pk})
    )
    for reason in ("a candidate yet", "an assessor yet", "an internal verifier yet"):
        assert reason in page


def test_registering_leads_to_the_new_registration(world: World, browser: Client, newcomer: Any) -> None:
    data = filled_in(world, newcomer)
    response = browser.post(reverse("register"), data)
    made = Registration.objects.get(number="R-2026-100")
    assert response.url == reverse("registration", args=[made.pk])
    assert made.unit_records.get().unit == world.unit
    # The same form once more makes nothing, and lands on the same page.
    told = Event.objects.count()
    assert browser.post(reverse("register"), data).url == response.url
    assert Event.objects.count() == told
    assert Registration.objects.filter(candidate=newcomer.person).count() == 1


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"number": ""}, "Enter the registration number."),
        ({"candidate": ""}, "Choose a candidate."),
        ({"units": []}, "Choose at least one unit."),
        ({"assessor": ""}, "Choose an assessor."),
        ({"iv": ""}, "Choose an internal verifier."),
        ({"employer": ""}, "Enter the employer."),
        ({"started_on": "31/31/2026"}, "Enter a valid date"),
        ({"started_on": "2999-01-01"}, "in the future"),
        ({"expected_end_on": "2001-01-01"}, "must come after"),
        ({"assessor": "other_assessor"}, "304"),
        ({"iv": "other_iv"}, "304"),
        ({"assessor": "foreign_assessor"}, "not one of the available choices"),
        ({"candidate": "foreign_candidate"}, "not one of the available choices"),
        ({"number": "taken"}, "in use already"),
    ],
)
def test_every_refusal_says_why_and_keeps_what_was_typed(
    world: World, browser: Client, newcomer: Any, changed: dict[str, Any], reason: str
) -> None:
    changed = {
        name: getattr(world, value).person_id if isinstance(value, str) and hasattr(world, value) else value
        for name, value in changed.items()
    }
    if changed.get("number") == "taken":
        changed["number"] = world.registration.number
    response = browser.post(reverse("register"), filled_in(world, newcomer, **changed))
    page = text_of(response)
    assert response.status_code == 422
    assert reason in page
    assert "Harbour Lane" in page
    assert ("Kettle and Sons" in page) == ("employer" not in changed)
    assert not Registration.objects.filter(candidate=newcomer.person).exists()


def test_somebody_registered_already_is_refused(world: World, browser: Client) -> None:
    response = browser.post(reverse("register"), filled_in(world, world.candidate))
    assert response.status_code == 422
    assert "registered for Customer Service NVQ already" in text_of(response)


# --- Changing ---------------------------------------------------------------------------------------------------------


def facts(world: World, **changed: Any) -> dict[str, Any]:
    now = again(world)
    return {
        "revision": now.revision,
        "number": now.number,
        "employer": now.employer,
        "site": now.site,
        "started_on": now.started_on.isoformat(),
        "expected_end_on": now.expected_end_on.isoformat() if now.expected_end_on else "",
    } | changed


def test_facts_are_corrected(world: World, browser: Client) -> None:
    assert world.registration.number in text_of(browser.get(url("change_registration", world)))
    response = browser.post(url("change_registration", world), facts(world, site="Harbour Lane"))
    assert response.url == url("registration", world)
    assert again(world).site == "Harbour Lane"


def test_a_stale_form_is_refused_once_and_keeps_what_was_typed(world: World, browser: Client) -> None:
    stale = facts(world, employer="Typed in the meantime")
    browser.post(url("change_registration", world), facts(world, site="Harbour Lane"))
    response = browser.post(url("change_registration", world), stale)
    page = text_of(response)
    assert response.status_code == 422
    assert "changed meanwhile by Cora Coordinator" in page
    assert "Typed in the meantime" in page
    assert "What it says now" in page
    assert "Harbour Lane" in page
    assert again(world).employer == "Marsh and Daughters"
    assert f'name="revision" value="{again(world).revision}"' in page
    shown = response.context["form"].data.dict()
    assert shown == {name: str(value) for name, value in (stale | {"revision": again(world).revision}).items()}
    # Having looked, the coordinator saves what they typed.
    browser.post(url("change_registration", world), shown)
    assert again(world).employer == "Typed in the meantime"


def test_moving_on_offers_the_legal_moves_and_gives_reasons(world: World, browser: Client) -> None:
    page = text_of(browser.get(url("change_status", world), {"to": "suspended"}))
    assert 'value="suspended"' in page
    assert 'value="certificated"' not in page
    said = {"revision": again(world).revision, "status": "suspended", "on": today().isoformat(), "why": ""}
    response = browser.post(url("change_status", world), said)
    assert response.status_code == 422
    assert "Say why." in text_of(response)
    response = browser.post(url("change_status", world), said | {"status": "completed"})
    assert "Not every unit is signed yet: 304." in text_of(response)
    browser.post(url("change_status", world), said | {"why": "Parental leave"})
    assert again(world).status == "suspended"
    assert "Parental leave" in text_of(browser.get(url("registration", world)))


@pytest.mark.stage(reach=complete)
def test_a_finished_registration_is_completed_and_certificated(world: World, browser: Client) -> None:
    assert "?to=completed" in text_of(browser.get(url("registration", world)))
    for status in ("completed", "certificated"):
        said = {"revision": again(world).revision, "status": status, "on": today().isoformat()}
        assert browser.post(url("change_status", world), said).status_code == 302
        assert again(world).status == status
    assert "Nothing comes after that" in text_of(browser.get(url("change_status", world)))


def test_a_registration_is_handed_over(world: World, browser: Client) -> None:
    said = {
        "revision": again(world).revision,
        "assessor": world.countersigner.person_id,
        "iv": world.iv.person_id,
        "why": "",
    }
    response = browser.post(url("reassign", world), said)
    assert response.status_code == 422
    assert "Say why it changes hands." in text_of(response)
    refused = browser.post(url("reassign", world), said | {"why": "Left", "assessor": world.other_assessor.person_id})
    assert "304" in text_of(refused)
    assert "Left" in text_of(refused)
    browser.post(url("reassign", world), said | {"why": "Anna has left"})
    assert again(world).assessor == world.countersigner.person


def test_a_unit_is_handed_over_and_given_back(world: World, browser: Client) -> None:
    """Q24."""
    assert "As for the registration: Anna Assessor" in text_of(browser.get(url("reassign_unit", world)))
    said = {"own_assessor": world.countersigner.person_id, "own_iv": "", "why": "Holiday"}
    assert browser.post(url("reassign_unit", world), said).url == url("registration", world)
    assert world.record.assessor == world.countersigner.person
    refused = browser.post(url("reassign_unit", world), said | {"own_iv": world.iv.person_id, "why": ""})
    assert refused.status_code == 422
    browser.post(url("reassign_unit", world), {"own_assessor": "", "own_iv": "", "why": "Back"})
    assert world.record.assessor == world.assessor.person


def test_a_unit_is_added_from_what_is_left(world: World, browser: Client) -> None:
    assert "Every unit is there" in text_of(browser.get(url("add_unit", world)))
    QualificationUnit.objects.create(
        qualification=world.registration.qualification, unit=world.other_unit, position=90, is_mandatory=False
    )
    assert reverse("add_unit", args=[world.registration.pk]) in text_of(browser.get(url("registration", world)))
    refused = browser.post(url("add_unit", world), {"unit": world.other_unit.pk})
    assert refused.status_code == 422
    assert "A14" in text_of(refused)
    assert browser.post(url("add_unit", world), {}).status_code == 422
    approve(world.coordinator, world.assessor, world.other_unit)
    approve(world.coordinator, world.iv, world.other_unit)
    assert browser.post(url("add_unit", world), {"unit": world.other_unit.pk}).status_code == 302
    again_sent = browser.post(url("add_unit", world), {"unit": world.other_unit.pk})
    assert again_sent.status_code == 422
    assert world.registration.unit_records.count() == 2


@pytest.mark.parametrize("name", ["change_registration", "change_status", "reassign", "add_unit", "reassign_unit"])
@pytest.mark.parametrize(
    ("who", "status"), [("assessor", 403), ("iv", 403), ("ev", 403), ("candidate", 403), ("foreign_coordinator", 404)]
)
def test_only_the_centres_coordinator_opens_these(world: World, name: str, who: str, status: int) -> None:
    client = world.client(getattr(world, who))
    told = Event.objects.count()
    assert client.get(url(name, world)).status_code == status
    assert client.post(url(name, world), {}).status_code == status
    assert Event.objects.count() == told
