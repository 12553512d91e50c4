"""Roles given and ended, and the seat a person acts from (Q24)."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from centres.decorators import with_article
from centres.models import Membership, Role
from centres.people import actions
from centres.queries import centre_people, people_of
from ledger.events import EventType
from ledger.testing import expect_events

from .builders import College, client_of, register


def test_one_person_holds_several_roles_at_several_centres(college: College) -> None:
    person = college.assessor.person
    iv = actions.give_role(person=person, role=Role.IV, by=college.coordinator)
    with expect_events():
        assert actions.give_role(person=person, role=Role.IV, by=college.coordinator) == iv
    invitation = actions.invite(email=person.email, name="Anna", role=Role.COORDINATOR, by=college.stranger)
    actions.accept_invitation(invitation=invitation, person=person)
    held = set(Membership.objects.active().filter(person=person).values_list("centre__name", "role"))
    assert held == {
        ("Northgate College", "assessor"),
        ("Northgate College", "iv"),
        ("Southbank Training", "coordinator"),
    }


def test_only_people_known_here_are_given_roles(college: College) -> None:
    with pytest.raises(PermissionDenied, match="invite others"):
        actions.give_role(person=college.stranger_candidate.person, role=Role.IV, by=college.coordinator)
    with pytest.raises(ValidationError, match="no such role"):
        actions.give_role(person=college.assessor.person, role="caretaker", by=college.coordinator)
    for by in (college.stranger, college.assessor):
        with pytest.raises(PermissionDenied):
            actions.give_role(person=college.assessor.person, role=Role.IV, by=by)


def test_ending_a_role_refuses_nothing_and_a_role_can_come_back(college: College) -> None:
    registration = register(college)
    ended = actions.end_role(membership=college.assessor, by=college.coordinator)
    with expect_events():
        assert actions.end_role(membership=college.assessor, by=college.coordinator).ended_at == ended.ended_at
    registration.refresh_from_db()
    assert registration.assessor == college.assessor.person
    assert college.assessor.person in people_of(college.coordinator)
    assert college.assessor.person not in centre_people(college.centre, Role.ASSESSOR)
    again = actions.give_role(person=college.assessor.person, role=Role.ASSESSOR, by=college.coordinator)
    assert again != ended


def test_centre_keeps_a_coordinator(college: College) -> None:
    with pytest.raises(ValidationError, match="is the last coordinator"):
        actions.end_role(membership=college.coordinator, by=college.coordinator)
    second = actions.give_role(person=college.iv.person, role=Role.COORDINATOR, by=college.coordinator)
    actions.end_role(membership=college.coordinator, by=college.coordinator)
    with pytest.raises(ValidationError, match="is the last coordinator"):
        actions.end_role(membership=second, by=second)


def test_coordinator_who_has_left_coordinates_no_more(college: College) -> None:
    actions.give_role(person=college.iv.person, role=Role.COORDINATOR, by=college.coordinator)
    ended = actions.end_role(membership=college.coordinator, by=college.coordinator)
    with pytest.raises(PermissionDenied):
        actions.give_role(person=college.assessor.person, role=Role.IV, by=ended)


def test_first_coordinator_only_is_asked_by_the_operators(college: College) -> None:
    with pytest.raises(ValidationError, match="has a coordinator already"):
        actions.invite_coordinator(centre=college.centre, email="x@example.org", name="X")
    with pytest.raises(ValidationError, match="Centre number"):
        actions.open_centre(name="Twin", number=college.centre.number, awarding_body="City and Guilds")


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("candidate", "a candidate"),
        ("assessor", "an assessor"),
        ("iv", "an internal verifier"),
        ("coordinator", "a centre coordinator"),
    ],
)
def test_roles_in_a_sentence(role: str, words: str) -> None:
    assert with_article(role) == words


# --- Seats -----------------------------------------------------------------------------------------------------------


def test_switching_seats(college: College) -> None:
    second = actions.give_role(person=college.assessor.person, role=Role.COORDINATOR, by=college.coordinator)
    browser = client_of(college.assessor)
    refused = browser.get(reverse("people"))
    assert refused.status_code == 403
    assert "This page is for centre coordinators. You are here as an assessor at Northgate College." in refused.text
    assert "Switch to your role as a centre coordinator" in refused.text
    answer = browser.post(reverse("switch_seat"), {"seat": second.pk})
    assert answer.url == reverse("home")
    assert browser.get(reverse("people")).status_code == 200


def test_only_ones_own_active_seats(college: College) -> None:
    ended = actions.give_role(person=college.assessor.person, role=Role.IV, by=college.coordinator)
    actions.end_role(membership=ended, by=college.coordinator)
    browser = client_of(college.assessor)
    for seat in (college.coordinator.pk, college.stranger.pk, ended.pk, "nonsense", ""):
        assert browser.post(reverse("switch_seat"), {"seat": seat}).status_code == 404
        assert browser.session["seat"] == college.assessor.pk
    assert browser.get(reverse("switch_seat")).status_code == 405


def test_seat_in_the_session_that_has_ended_gives_way_to_the_next(college: College) -> None:
    actions.give_role(person=college.assessor.person, role=Role.COORDINATOR, by=college.coordinator)
    browser = client_of(college.assessor)
    actions.end_role(membership=college.assessor, by=college.coordinator)
    assert browser.get(reverse("people")).status_code == 200


def test_somebody_without_a_seat_is_sent_home(college: College) -> None:
    browser = client_of(college.assessor)
    actions.end_role(membership=college.assessor, by=college.coordinator)
    assert browser.get(reverse("people")).url == reverse("home")
    assert browser.post(reverse("switch_seat"), {"seat": college.assessor.pk}).url == reverse("home")


def test_seats_cost_one_query_and_nothing_for_strangers(college: College) -> None:
    with CaptureQueriesContext(connection) as asked:
        Client().get(reverse("account_login"))
    assert not [query for query in asked.captured_queries if "centres_membership" in query["sql"]]
    browser = client_of(college.assessor)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(reverse("people")).status_code == 403
    assert len([query for query in asked.captured_queries if "centres_membership" in query["sql"]]) == 1


def test_giving_a_role_says_so_in_the_centres_chain(college: College) -> None:
    with expect_events(EventType.ROLE_GIVEN) as events:
        actions.give_role(person=college.assessor.person, role=Role.IV, by=college.coordinator)
    assert events[0].chain.key == f"centre:{college.centre.pk}"
    assert events[0].data["role"] == "iv"
    assert events[0].actor_id == college.coordinator.person_id
