"""Asking people to join, and the link they follow."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from centres.models import Invitation, Membership, Role, User
from centres.people import actions
from centres.people.invitations import invitation_from, token_for
from ledger.events import EventType
from ledger.testing import expect_events

from .builders import PASSWORD, College, client_of, join

pytestmark = pytest.mark.engine("search")


def ask(college: College, **changed: Any) -> Invitation:
    values = {
        "email": "new@example.org", "name": "Nora New", "role": Role.CANDIDATE, "by": college.coordinator,
    }  # fmt: skip
    return actions.invite(**values | changed)


def address_of(invitation: Invitation) -> str:
    return reverse("accept_invitation", args=[token_for(invitation)])


def expire(invitation: Invitation) -> None:
    now = timezone.now()
    Invitation.objects.filter(pk=invitation.pk).update(invited_at=now - timedelta(days=20), expires_at=now)


REFUSED: dict[str, tuple[Callable[[College], dict[str, Any]], str]] = {
    "holds the role here": (
        lambda c: {"email": c.assessor.person.email.upper(), "role": Role.ASSESSOR},
        "Anna Assessor is an assessor here",
    ),
    "has an account here": (
        lambda c: {"email": c.assessor.person.email}, "give them the role on their page",
    ),
    "has left, but is known here": (
        lambda c: {"email": actions.end_role(membership=c.iv, by=c.coordinator).person.email},
        "give them the role on their page",
    ),
    "invited already": (
        lambda c: {"email": ask(c, name="Another Name").email.upper()}, "has been invited as a candidate",
    ),
    "not an address": (lambda c: {"email": "nora"}, "valid email"),
    "no name": (lambda c: {"name": " "}, "cannot be blank"),
    "no such role": (lambda c: {"role": "caretaker"}, "not a valid choice"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_invitations_refused(college: College, case: str) -> None:
    change, message = REFUSED[case]
    changed = change(college)
    before = Invitation.objects.count()
    with pytest.raises(ValidationError) as refusal:
        ask(college, **changed)
    assert message in " ".join(refusal.value.messages)
    assert set(refusal.value.message_dict) <= {"email", "name", "role"}
    assert Invitation.objects.count() == before


@pytest.mark.parametrize("who", ["candidate", "assessor", "iv", "ev"])
def test_only_the_coordinator_invites(college: College, who: str) -> None:
    with pytest.raises(PermissionDenied):
        ask(college, by=getattr(college, who))
    with pytest.raises(PermissionDenied):
        actions.withdraw_invitation(invitation=ask(college), by=getattr(college, who))


def test_another_centres_account_is_never_told_of(college: College) -> None:
    """The coordinator sees the same as for an address that nobody knows."""
    with expect_events(EventType.PERSON_INVITED):
        invitation = ask(college, email=college.stranger_candidate.person.email, name="Sarah")
    assert invitation.state == "waiting"


def test_button_pressed_twice_invites_once(college: College) -> None:
    with expect_events(EventType.PERSON_INVITED):
        assert ask(college) == ask(college)


def test_inviting_again_closes_an_expired_invitation(college: College) -> None:
    first = ask(college)
    expire(first)
    with expect_events(EventType.INVITATION_WITHDRAWN, EventType.PERSON_INVITED):
        second = ask(college)
    assert second != first
    first.refresh_from_db()
    assert (first.state, second.state) == ("withdrawn", "waiting")


def test_two_roles_may_be_offered_to_one_address(college: College) -> None:
    assert ask(college) != ask(college, role=Role.ASSESSOR)


def test_withdrawing(college: College) -> None:
    invitation = ask(college)
    withdrawn = actions.withdraw_invitation(invitation=invitation, by=college.coordinator)
    with expect_events():
        actions.withdraw_invitation(invitation=invitation, by=college.coordinator)
    assert withdrawn.state == "withdrawn"
    accepted = Invitation.objects.filter(accepted_by=college.assessor.person).get()
    with pytest.raises(ValidationError, match="has accepted"):
        actions.withdraw_invitation(invitation=accepted, by=college.coordinator)


def test_new_person_is_made_with_a_proved_address(college: College) -> None:
    seat = actions.accept_invitation(invitation=ask(college), name=" Nora  Newer ", password=PASSWORD)
    person = seat.person
    assert (person.name, person.email, person.check_password(PASSWORD)) == ("Nora Newer", "new@example.org", True)
    address = EmailAddress.objects.get(user=person)
    assert address.verified
    assert address.primary
    assert (seat.role, seat.centre) == (Role.CANDIDATE, college.centre)


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"name": "", "password": PASSWORD}, {"name"}),
        ({"name": "Nora", "password": "short"}, {"password"}),
        ({"name": "Nora", "password": PASSWORD}, set()),
        ({"name": "Nora", "password": "password123456"}, {"password"}),
        ({"name": "Nora", "password": "new@example.org"}, {"password"}),
        ({"name": "", "password": ""}, {"name", "password"}),
    ],
)
def test_what_a_new_person_gives(college: College, given: dict[str, str], fields: set[str]) -> None:
    invitation = ask(college)
    if not fields:
        actions.accept_invitation(invitation=invitation, **given)
        return
    with pytest.raises(ValidationError) as refusal:
        actions.accept_invitation(invitation=invitation, **given)
    assert set(refusal.value.message_dict) == fields
    assert not User.objects.filter(email="new@example.org").exists()


def test_account_is_never_taken_over_by_an_invitation(college: College) -> None:
    """Somebody with an account signs in to accept; the link alone neither signs in nor sets a password."""
    sarah = college.stranger_candidate.person
    invitation = ask(college, email=sarah.email)
    with pytest.raises(PermissionDenied):
        actions.accept_invitation(invitation=invitation, name="Mallory", password="another password 9")
    with pytest.raises(PermissionDenied):
        actions.accept_invitation(invitation=invitation, person=college.candidate.person)
    seat = actions.accept_invitation(invitation=invitation, person=sarah)
    assert seat.person.memberships.active().count() == 2
    sarah.refresh_from_db()
    assert sarah.check_password(PASSWORD)


def test_address_proved_later_counts_as_the_account(college: College) -> None:
    EmailAddress.objects.create(user=college.assessor.person, email="anna@home.example", verified=True)
    with pytest.raises(ValidationError, match="Anna Assessor has an account here"):
        ask(college, email="Anna@Home.example")


# --- The page behind the link ----------------------------------------------------------------------------------------


def test_token_names_its_invitation_only(college: College) -> None:
    invitation = ask(college)
    assert invitation_from(token_for(invitation)) == invitation
    for wrong in [
        "",
        "1",
        f"{invitation.pk}:x",
        token_for(invitation)[:-1],
        f"{invitation.pk + 1}:" + token_for(invitation).split(":")[1],
    ]:
        assert invitation_from(wrong) is None


def test_new_person_joins_by_the_link(college: College, client: Client) -> None:
    invitation = ask(college, role=Role.ASSESSOR)
    page = client.get(address_of(invitation))
    assert page.status_code == 200
    assert "Cora Coordinator has invited you to be an assessor at Northgate College." in page.text
    weak = client.post(address_of(invitation), {"name": "Nora Renamed", "password": "short"})
    assert weak.status_code == 422
    assert "Nora Renamed" in weak.text
    assert "too short" in weak.text
    answer = client.post(address_of(invitation), {"name": "Nora Renamed", "password": PASSWORD})
    assert answer.url == "/"
    seat = Membership.objects.get(person__email="new@example.org")
    assert client.session["seat"] == seat.pk
    assert client.session["_auth_user_id"] == str(seat.person_id)
    # The link leads home for whoever used it, and nowhere for anybody else.
    assert client.get(address_of(invitation)).url == "/"
    used = Client().get(address_of(invitation))
    assert used.status_code == 410
    assert "This invitation has been used" in used.text


def test_an_address_that_gets_an_account_while_the_form_is_sent_is_asked_to_sign_in(
    college: College, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = ask(college), ask(college, role=Role.ASSESSOR)
    actions.accept_invitation(invitation=first, name="Nora", password=PASSWORD)
    monkeypatch.setattr("centres.people.seat_views.account_of", lambda email: None)  # as it was a moment ago
    answer = client.post(address_of(second), {"name": "Nora", "password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, address_of(second))
    monkeypatch.undo()
    assert "Sign in" in client.get(address_of(second)).text


@pytest.mark.parametrize(("state", "message"), [("expired", "has expired"), ("withdrawn", "has been withdrawn")])
def test_link_that_no_longer_works(college: College, client: Client, state: str, message: str) -> None:
    invitation = ask(college)
    if state == "expired":
        expire(invitation)
    else:
        actions.withdraw_invitation(invitation=invitation, by=college.coordinator)
    for answer in (
        client.get(address_of(invitation)),
        client.post(address_of(invitation), {"name": "Nora", "password": PASSWORD}),
    ):
        assert answer.status_code == 410
        assert message in answer.text
        assert "Ask Northgate College for a new one" in answer.text
    assert not User.objects.filter(email="new@example.org").exists()


def test_link_cut_short(college: College, client: Client) -> None:
    answer = client.get(address_of(ask(college))[:-5] + "/")
    assert answer.status_code == 404
    assert "This link is not complete" in answer.text


def test_person_with_an_account_signs_in_and_joins(college: College) -> None:
    sarah = college.stranger_candidate
    invitation = ask(college, email=sarah.person.email, role=Role.ASSESSOR)
    page = Client().get(address_of(invitation))
    assert f"/accounts/login/?next=%2Finvitations%2F{token_for(invitation)}%2F".replace(":", "%3A") in page.text
    refused = Client().post(address_of(invitation), {"name": "Mallory", "password": PASSWORD})
    assert "Sign in with it" in refused.text
    browser = client_of(sarah)
    assert "You are signed in as Sarah" in browser.get(address_of(invitation)).text
    browser.post(address_of(invitation))
    seat = Membership.objects.get(person=sarah.person, centre=college.centre)
    assert browser.session["seat"] == seat.pk
    assert browser.post(address_of(invitation)).url == "/"  # The button was pressed twice.


@pytest.mark.parametrize("has_account", [True, False])
def test_signed_in_as_somebody_else(college: College, has_account: bool) -> None:
    email = college.stranger_candidate.person.email if has_account else "new@example.org"
    invitation = ask(college, email=email)
    browser = client_of(college.assessor)
    for answer in (browser.get(address_of(invitation)), browser.post(address_of(invitation))):
        assert "This invitation is for somebody else" in answer.text
        assert email in answer.text
    assert invitation_from(token_for(invitation)).state == "waiting"
    out = browser.post(reverse("account_logout"), {"next": address_of(invitation)})
    assert out.url == address_of(invitation)


def test_sign_up_without_an_invitation_is_closed(college: College, client: Client) -> None:
    answer = client.post(
        reverse("account_signup"),
        {"email": "walk-in@example.org", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert answer.status_code in {200, 404}
    assert not User.objects.filter(email="walk-in@example.org").exists()


def test_whoever_joined_can_sign_in_with_the_password(college: College, client: Client) -> None:
    seat = join(college.coordinator, Role.CANDIDATE, "Nora New")
    answer = client.post(reverse("account_login"), {"login": seat.person.email.upper(), "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    assert client.session["_auth_user_id"] == str(seat.person_id)


def test_pages_before_the_door_are_open(db: None, client: Client) -> None:
    """LoginRequiredMiddleware lets allauth's own public pages through, and nothing else of ours."""
    for name in ("account_login", "account_reset_password"):
        assert client.get(reverse(name)).status_code == 200
    for name in ("people", "ev_access", "invite", "account_email", "mfa_index"):
        assert client.get(reverse(name)).url.startswith(reverse("account_login"))
