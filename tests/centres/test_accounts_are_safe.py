"""Accounts: what an unattended browser, an operator or the next person at a shared computer can do with one."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.core import mail
from django.test import Client
from django.urls import reverse

from centres.models import User

from .builders import PASSWORD, College


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_browser_left_open_does_not_let_the_next_person_take_the_account_over(college: College):
    """Who can add an address can have a new password sent there, and then sign as somebody else (Q26)."""
    client = signed_in(college.assessor.person)
    response = client.post(reverse("account_email"), {"action_add": "", "email": "thief@example.org"})
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_reauthenticate"))
    assert not EmailAddress.objects.filter(email="thief@example.org").exists()


def test_a_new_password_is_told_to_the_owner_of_the_account(college: College):
    client = signed_in(college.assessor.person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    mail.outbox.clear()
    new = "four words of another kind"
    done = client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert done.status_code == 302
    assert [message.to for message in mail.outbox] == [[college.assessor.person.email]]
    assert "If this was not you" in mail.outbox[0].body


def test_operators_cannot_give_themselves_somebodys_account():
    """An address is proved by its owner, a second factor set up by them: the admin touches neither."""
    assert not {EmailAddress, Authenticator} & set(admin.site._registry)


@pytest.mark.parametrize("name", ["home", "people", "account_email"])
def test_pages_of_a_signed_in_person_are_kept_by_no_proxy_and_asked_for_again(college: College, name: str):
    response = signed_in(college.coordinator.person).get(reverse(name))
    assert "private" in response["Cache-Control"] or "no-store" in response["Cache-Control"]
    assert "no-cache" in response["Cache-Control"]


def test_signing_out_empties_the_browsers_cache(college: College):
    """Evidence has been shown; the next person at a shared computer does not find it there."""
    client = signed_in(college.candidate.person)
    assert "Clear-Site-Data" not in client.get(reverse("home"))
    assert client.post(reverse("account_logout"))["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in client.get(reverse("account_login"))
