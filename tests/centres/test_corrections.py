"""What operators put right is told of: who, what, when, why (R66)."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from centres.models import User
from centres.people.corrections import correct_centre, correct_person
from ledger.chains import INSTALLATION, centre_chain
from ledger.events import EventType
from ledger.models import Event
from ledger.queries import events_in, with_notes
from ledger.testing import expect_events
from tests.evidence.pages import text_of

from .builders import College


@pytest.fixture
def operator(college: College) -> User:
    return User.objects.create_superuser("root@example.org", "Olga Operator", "x")


@pytest.fixture
def browser(operator: User) -> Client:
    client = Client()
    client.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    return client


def told(chain: str, kind: EventType) -> Event:
    return with_notes(events_in(chain)).get(type=kind)


def test_a_name_is_told_of_where_it_stands_and_only_in_notes(college: College, browser: Client, operator: User) -> None:
    person = college.assessor.person
    url = reverse("admin:centres_user_change", args=[person.pk])
    sent = {"name": "Anna Marsh", "is_active": "on"}
    answer = browser.post(url, sent)
    assert answer.status_code == 200
    assert "Say why this is corrected" in answer.text
    person.refresh_from_db()
    assert person.name == "Anna Assessor"
    assert browser.post(url, sent | {"why": "Married"}).status_code == 302
    person.refresh_from_db()
    assert person.name == "Anna Marsh"
    for chain in (INSTALLATION, centre_chain(college.centre.pk)):
        event: Any = told(chain, EventType.PERSON_CORRECTED)
        assert (event.actor_id, event.actor_role, event.data) == (operator.pk, "operator", {})
        assert event.note == "Name: Anna Assessor, now Anna Marsh. Married"
    page = text_of(_seated(college).get(reverse("person", args=[person.pk])))
    assert "Account corrected by the operators" in page
    assert "now Anna Marsh. Married" in page
    with expect_events():  # Looked at and saved: nothing differs.
        assert browser.post(url, sent | {"why": ""}).status_code == 302


def _seated(college: College) -> Client:
    client = Client()
    client.force_login(college.coordinator.person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_centres_name_and_awarding_body_are_told_of(college: College, browser: Client, operator: User) -> None:
    url = reverse("admin:centres_centre_change", args=[college.centre.pk])
    before = college.centre.name
    sent = {"name": "Elsewhere", "awarding_body": "Meridian"}
    assert browser.post(url, sent).status_code == 200
    assert browser.post(url, sent | {"why": "Merged"}).status_code == 302
    event: Any = told(centre_chain(college.centre.pk), EventType.CENTRE_CORRECTED)
    assert event.data == {"name": [before, "Elsewhere"], "awarding_body": ["City and Guilds", "Meridian"]}
    assert (event.actor_id, event.note) == (operator.pk, "Merged")


def test_an_account_that_is_closed_is_told_of(college: College, browser: Client) -> None:
    person = college.assessor.person
    url = reverse("admin:centres_user_change", args=[person.pk])
    assert browser.post(url, {"name": person.name, "why": "Left the trade"}).status_code == 302
    event: Any = told(INSTALLATION, EventType.PERSON_CORRECTED)
    assert (event.data, event.note) == ({"is_active": [True, False]}, "Left the trade")


def test_what_is_refused(college: College, operator: User) -> None:
    centre, person = college.centre, college.assessor.person
    staff = User.objects.create_user(email="staff@example.org", name="Stan Staff", is_staff=True)
    with expect_events():
        with pytest.raises(PermissionDenied, match="Only the operators"):
            correct_centre(centre=centre, values={"name": "Mine"}, why="Mine", by=college.coordinator.person)
        with pytest.raises(PermissionDenied, match="Only a superuser"):
            correct_person(person=staff, values={"is_superuser": True}, why="Mine", by=staff)
        with pytest.raises(ValidationError, match="cannot be corrected: email"):
            correct_person(person=person, values={"email": "mine@example.org"}, why="Mine", by=operator)
        with pytest.raises(ValidationError) as refusal:
            correct_person(person=person, values={"name": "  "}, why="Typo", by=operator)
        assert set(refusal.value.message_dict) == {"name"}
        with pytest.raises(ValidationError) as refusal:
            correct_person(person=person, values={"name": "Anna Marsh"}, why=" ", by=operator)
        assert set(refusal.value.message_dict) == {"why"}
