"""Whatever is sent from whichever session, a signature is its sender's own or there is none (Q26)."""

import time

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import get_resolver, reverse

from centres.models import Membership, Role
from centres.people.actions import end_role
from signoff.models import Signature, Slot
from tests.evidence.builders import PASSWORD, World
from tests.signoff.builders import awaiting_countersignature, candidate_signed, ready, seen_by
from tests.signoff.signing_page import SECRET, code_now, path_of

EVERYBODY_ELSE = (
    "assessor",
    "other_assessor",
    "countersigner",
    "iv",
    "other_iv",
    "ev",
    "expired_ev",
    "coordinator",
    "other_candidate",
    "foreign_coordinator",
    "foreign_candidate",
)


def as_candidate(world: World, **changed: str) -> dict[str, str]:
    """What the candidate's own page would send."""
    seen = seen_by(world.candidate, world.record, Slot.CANDIDATE)
    return {"typed_name": "Carla Candidate", "password": PASSWORD, "seen_digest": seen} | changed


def signs_nothing(client: Client, path: str, sent: dict[str, str]) -> int:
    standing = Signature.objects.count()
    status = client.post(path, sent).status_code
    assert Signature.objects.count() == standing
    return status


@pytest.mark.parametrize("who", EVERYBODY_ELSE)
@pytest.mark.stage(reach=ready)
def test_the_candidates_form_sent_from_anybody_elses_session(world: World, who: str):
    record = world.record
    status = signs_nothing(world.client(getattr(world, who)), path_of(record), as_candidate(world))
    assert status in (403, 404)


@pytest.mark.parametrize("who", ["assessor", "coordinator", "other_candidate"])
@pytest.mark.stage(reach=ready)
def test_a_session_that_names_another_persons_role_acts_from_its_own(world: World, who: str):
    record = world.record
    client = world.client(getattr(world, who))
    session = client.session
    session["seat"] = world.candidate.pk
    session.save()
    assert signs_nothing(client, path_of(record), as_candidate(world)) in (403, 404)
    assert client.post(reverse("switch_seat"), {"seat": world.candidate.pk}).status_code == 404


@pytest.mark.stage(reach=ready)
def test_fields_that_name_somebody_else_are_not_read(world: World):
    record = world.record
    forged = {"by": str(world.candidate.pk), "signer": str(world.candidate.person_id), "seat": str(world.candidate.pk)}
    assert signs_nothing(world.client(world.coordinator), path_of(record), as_candidate(world, **forged)) == 403
    sent = as_candidate(world, signer=str(world.assessor.person_id), slot=Slot.ASSESSOR, by=str(world.assessor.pk))
    assert world.client(world.candidate).post(path_of(record), sent).status_code == 302
    signature = Signature.objects.get()
    assert (signature.signer_id, signature.slot) == (world.candidate.person_id, Slot.CANDIDATE)


@pytest.mark.stage(reach=ready)
def test_an_operator_has_no_way_to_sign_as_somebody(world: World):
    record = world.record
    operator = world.coordinator.person
    operator.is_staff = operator.is_superuser = True
    operator.save()
    client = world.client(world.coordinator)
    assert signs_nothing(client, path_of(record), as_candidate(world)) == 403
    assert client.get("/operators/signoff/signature/").status_code == 404
    names = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert [name for name in names if "impersonate" in name or "login_as" in name or "loginas" in name] == []


@pytest.mark.stage(reach=candidate_signed)
def test_a_coordinator_who_is_an_assessor_too_signs_only_from_that_role(world: World):
    record = world.record
    second = Membership.objects.create(person=world.assessor.person, centre=world.centre, role=Role.COORDINATOR)
    second = Membership.objects.select_related("person", "centre").get(pk=second.pk)
    sent = {
        "typed_name": "Anna Assessor",
        "password": PASSWORD,
        "seen_digest": seen_by(world.assessor, record, Slot.ASSESSOR),
    }
    assert signs_nothing(world.client(second), path_of(record, Slot.ASSESSOR), sent) == 403
    assert world.client(world.assessor).post(path_of(record, Slot.ASSESSOR), sent).status_code == 302


# --- Sessions that are over -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ["signed out", "password changed elsewhere", "account closed"])
def test_a_session_that_is_over_is_sent_to_sign_in(world: World, why: str):
    record, client = ready(world), world.client(world.candidate)
    sent, person = as_candidate(world), world.candidate.person
    match why:
        case "signed out":
            client.logout()
        case "password changed elsewhere":
            person.set_password("another long phrase 18")
            person.save()
        case "account closed":
            person.is_active = False
            person.save()
    response = client.post(path_of(record), sent)
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))
    assert not Signature.objects.exists()


def test_a_role_that_ended_while_the_page_was_open(world: World):
    record, client = ready(world), world.client(world.candidate)
    sent = as_candidate(world)
    world.candidate.person.memberships.update(ended_at=record.opened_at)
    assert signs_nothing(client, path_of(record), sent) in (302, 403, 404)


@pytest.mark.stage(reach=awaiting_countersignature)
def test_a_countersigner_who_left_while_the_page_was_open(world: World):
    record = world.trainee_record
    client, slot = world.client(world.countersigner), Slot.ASSESSOR_COUNTERSIGNATURE
    sent = {
        "typed_name": "Connie Countersigner",
        "password": PASSWORD,
        "seen_digest": seen_by(world.countersigner, record, slot),
    }
    end_role(membership=world.countersigner, by=world.coordinator)
    assert signs_nothing(client, path_of(record, slot), sent) in (302, 403, 404)


# --- One browser, two people who may both sign ------------------------------------------------------------------------


def test_a_page_left_open_by_one_is_not_signed_by_who_signed_in_after_them(world: World):
    """Both could countersign. The name and the password are the first one's, the session the second one's."""
    record, slot = awaiting_countersignature(world), Slot.ASSESSOR_COUNTERSIGNATURE
    left_by, now = world.countersigner, world.assessor
    left_by.person.set_password("another long phrase 18")
    left_by.person.save()
    sent = {
        "typed_name": left_by.person.name,
        "password": "another long phrase 18",
        "seen_digest": seen_by(left_by, record, slot),
    }
    client = world.client(now)
    assert signs_nothing(client, path_of(record, slot), sent) == 422
    # With the second one's name on it the first one's password proves nothing.
    assert signs_nothing(client, path_of(record, slot), sent | {"typed_name": now.person.name}) == 422


def test_the_token_of_a_page_ends_with_its_session(world: World):
    record, slot = awaiting_countersignature(world), Slot.ASSESSOR_COUNTERSIGNATURE
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.countersigner.person, backend="django.contrib.auth.backends.ModelBackend")
    html = client.get(path_of(record, slot)).content.decode()
    token = html.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    assert len(token) == 64
    client.post(reverse("account_logout"), {"csrfmiddlewaretoken": token})
    client.get(reverse("account_login"))
    login = {"login": world.assessor.person.email, "password": PASSWORD}
    login["csrfmiddlewaretoken"] = client.cookies["csrftoken"].value
    assert client.post(reverse("account_login"), login).status_code == 302
    sent = {
        "typed_name": "Anna Assessor",
        "password": PASSWORD,
        "seen_digest": seen_by(world.assessor, record, slot),
        "csrfmiddlewaretoken": token,
    }
    assert signs_nothing(client, path_of(record, slot), sent) == 403


# --- Other people's proofs --------------------------------------------------------------------------------------------


def test_somebody_elses_password_or_code_proves_nothing(world: World):
    record, client = ready(world), world.client(world.candidate)
    world.assessor.person.set_password("another long phrase 18")
    world.assessor.person.save()
    TOTP.activate(world.assessor.person, SECRET)
    assert signs_nothing(client, path_of(record), as_candidate(world, password="another long phrase 18")) == 422
    assert signs_nothing(client, path_of(record), as_candidate(world, password="", code=code_now())) == 422


def test_somebody_elses_passkey_in_the_same_browser_proves_nothing(world: World):
    record, client = ready(world), world.client(world.candidate)
    for person in (world.candidate.person, world.assessor.person):
        Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "Phone"})
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "mfa", "type": "webauthn", "at": time.time() - 1, "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(world.assessor.person_id)
    session.save()
    assert signs_nothing(client, path_of(record), as_candidate(world, password="")) == 422


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.stage(reach=ready)
def test_reading_the_page_signs_nothing(world: World, method: str):
    record = world.record
    response = getattr(world.client(world.candidate), method)(path_of(record), as_candidate(world))
    assert response.status_code == 200
    assert not Signature.objects.exists()
