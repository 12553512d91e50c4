"""The signing page: what it shows, what it refuses and keeps, and the proof of presence (Q26)."""

import re
import time
from unittest import mock

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registrations.models import RecordState, UnitRecord
from signoff.actions import mark_sample, unlock
from signoff.models import SamplingMark, Signature, Slot, Unlocking
from tests.evidence.builders import PASSWORD, World, add_offered_item, criteria_of
from tests.signoff.builders import (
    again,
    awaiting_countersignature,
    candidate_signed,
    complete,
    confirm_sufficient,
    externally_verified,
    judge,
    ready,
)
from tests.signoff.signing_page import SECRET, code_now, digest_in, path_of, post


@pytest.mark.stage(reach=ready)
def test_the_page_shows_the_declaration_and_what_is_signed(world: World):
    record = world.record
    html = world.client(world.candidate).get(path_of(record)).content.decode()
    assert "I confirm that the evidence provided is a result of my own work." in html
    assert "27 of 27" in html
    assert "E1" in html
    assert "Anna Assessor" in html
    assert "Signature of candidate" in html


@pytest.mark.stage(reach=ready)
def test_a_signature_is_given_and_the_next_signer_named(world: World):
    record = world.record
    client = world.client(world.candidate)
    response = post(client, path_of(record))
    assert response.status_code == 302
    assert response.url == reverse("record", args=[record.pk])
    assert "Anna Assessor signs next" in client.get(response.url).content.decode()
    signature = Signature.objects.get()
    assert (signature.printed_name, signature.proof, signature.proof_key) == ("Carla Candidate", "password", "")
    assert again(record).state == RecordState.CANDIDATE_SIGNED


@pytest.mark.stage(reach=ready)
def test_a_double_submit_has_no_second_effect_and_lands_on_the_same_page(world: World):
    record = world.record
    client = world.client(world.candidate)
    filled = {
        "typed_name": "Carla Candidate",
        "password": PASSWORD,
        "seen_digest": digest_in(client.get(path_of(record)).content.decode()),
    }
    first, second = client.post(path_of(record), filled), client.post(path_of(record), filled)
    assert (first.status_code, first.url) == (second.status_code, second.url)
    assert Signature.objects.count() == 1


@pytest.mark.stage(reach=ready)
def test_a_wrong_password_is_said_beside_the_field_and_the_name_is_kept(world: World):
    record = world.record
    response = post(world.client(world.candidate), path_of(record), password="not my password")
    html = response.content.decode()
    assert response.status_code == 422
    assert "This is not your password. Type it again." in html
    assert 'value="Carla Candidate"' in html
    assert "not my password" not in html
    assert again(record).state == RecordState.OPEN


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"typed_name": "Carl Candidate"}, "Type your name as it stands on your account: Carla Candidate."),
        ({"typed_name": ""}, "Fill this in."),
        ({"password": ""}, "Type your password, so that nobody else can sign for you."),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_signed(world: World, changed: dict[str, str], words: str):
    response = post(world.client(world.candidate), path_of(ready(world)), **changed)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Signature.objects.count() == 0


def test_a_name_typed_wrong_costs_no_attempt(world: World):
    client, path = world.client(world.candidate), path_of(ready(world))
    for _ in range(7):
        assert post(client, path, typed_name="Somebody").status_code == 422
    assert post(client, path).status_code == 302


@pytest.mark.stage(reach=ready)
def test_after_five_failures_even_the_right_password_waits(world: World):
    record = world.record
    client, path = world.client(world.candidate), path_of(record)
    for _ in range(5):
        assert post(client, path, password="wrong").status_code == 422
    response = post(client, path)
    assert response.status_code == 429
    assert "Wait five minutes, then try again." in response.content.decode()
    assert 'value="Carla Candidate"' in response.content.decode()
    assert again(record).state == RecordState.OPEN
    cache.clear()
    assert post(client, path).status_code == 302


@pytest.mark.stage(reach=ready)
def test_the_limit_is_each_persons_own(world: World):
    record = world.record
    for _ in range(5):
        post(world.client(world.candidate), path_of(record), password="wrong")
    other = trainee_record(world)
    response = post(
        world.client(world.trainee_candidate),
        path_of(other),
        typed_name="Tina Traineescandidate",
    )
    assert response.status_code == 302


def trainee_record(world: World) -> UnitRecord:
    record = world.trainee_registration.unit_records.get()
    judge(add_offered_item(world, seat=world.trainee_candidate, record=record), by=world.trainee)
    confirm_sufficient(record, by=world.trainee)
    return record


@pytest.mark.stage(reach=ready)
def test_a_record_that_changed_meanwhile_is_not_signed_and_the_name_is_kept(world: World):
    record = world.record
    client = world.client(world.candidate)
    seen = digest_in(client.get(path_of(record)).content.decode())
    judge(add_offered_item(world, criteria_of(world.unit)[:1]), by=world.assessor)
    confirm_sufficient(record, by=world.assessor)
    response = client.post(
        path_of(record), {"typed_name": "Carla Candidate", "password": PASSWORD, "seen_digest": seen}
    )
    html = response.content.decode()
    assert response.status_code == 409
    assert "This record has changed since you opened the page" in html
    assert 'value="Carla Candidate"' in html
    assert digest_in(html) != seen
    assert Signature.objects.count() == 0


def test_a_forged_digest_signs_nothing(world: World):
    response = post(world.client(world.candidate), path_of(ready(world)), seen_digest="0" * 64)
    assert response.status_code == 409
    assert Signature.objects.count() == 0


# --- Authenticator codes and passkeys --------------------------------------------------------------------------------


def test_a_code_serves_instead_of_the_password_and_once(world: World):
    TOTP.activate(world.candidate.person, SECRET)
    TOTP.activate(world.assessor.person, SECRET)
    record = ready(world)
    code = code_now()
    assert "Code from your authenticator app" in world.client(world.candidate).get(path_of(record)).content.decode()
    assert post(world.client(world.candidate), path_of(record), password="", code=code).status_code == 302
    assert Signature.objects.get().proof == "authenticator code"


def test_a_code_signs_once_even_where_the_cache_forgets_that_it_was_used(world: World):
    TOTP.activate(world.candidate.person, SECRET)
    record = ready(world)
    code = code_now()
    with mock.patch("allauth.mfa.totp.internal.auth.cache.add", return_value=True):
        assert post(world.client(world.candidate), path_of(record), password="", code=code).status_code == 302
        unlock(record_id=record.pk, reason="Wrong", by=world.coordinator)
        confirm_sufficient(record, by=world.assessor)
        response = post(world.client(world.candidate), path_of(record), password="", code=code)
    assert response.status_code == 422
    assert "That confirmation has been used for a signature." in response.content.decode()
    assert Signature.objects.count() == 1
    assert re.fullmatch(rf"code:{world.candidate.person_id}:[0-9]+", Signature.objects.get().proof_key)


def test_a_used_or_wrong_code_is_refused(world: World):
    authenticator = TOTP.activate(world.candidate.person, SECRET)
    record = ready(world)
    code = code_now()
    assert authenticator.validate_code(code)
    for wrong in (code, "000000" if code != "000000" else "111111"):
        response = post(world.client(world.candidate), path_of(record), password="", code=wrong)
        assert response.status_code == 422
        assert "This code is not right, or it has been used." in response.content.decode()
    assert Signature.objects.count() == 0


@pytest.mark.stage(reach=ready)
def test_who_has_no_authenticator_is_not_asked_for_a_code(world: World):
    record = world.record
    assert "Code from your authenticator app" not in world.client(world.candidate).get(path_of(record)).content.decode()
    assert post(world.client(world.candidate), path_of(record), password="", code="123456").status_code == 422


def with_passkey(world: World, client: Client, *, seconds_ago: float = 1.0, reauthenticated: bool = True) -> None:
    """The session as allauth leaves it after the passkey page."""
    Authenticator.objects.get_or_create(
        user=world.candidate.person, type=Authenticator.Type.WEBAUTHN, defaults={"data": {"name": "My phone"}}
    )
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {
            "method": "mfa",
            "type": "webauthn",
            "at": time.time() - seconds_ago,
            "reauthenticated": reauthenticated,
        }
    ]
    session["account_authentication_methods_user"] = str(world.candidate.person_id)
    session.save()


@pytest.mark.stage(reach=ready)
def test_a_fresh_passkey_confirmation_signs_without_a_password(world: World):
    record = world.record
    client = world.client(world.candidate)
    with_passkey(world, client)
    html = client.get(path_of(record)).content.decode()
    assert "It serves for this one signature." in html
    assert 'name="password"' not in html
    assert post(client, path_of(record), password="").status_code == 302
    assert Signature.objects.get().proof == "passkey"


@pytest.mark.parametrize(
    ("seconds_ago", "reauthenticated"), [(301, True), (1, False)], ids=["too old", "signed in with it only"]
)
@pytest.mark.stage(reach=ready)
def test_other_passkey_records_do_not_serve(world: World, seconds_ago: float, reauthenticated: bool):
    record = world.record
    client = world.client(world.candidate)
    with_passkey(world, client, seconds_ago=seconds_ago, reauthenticated=reauthenticated)
    html = client.get(path_of(record)).content.decode()
    assert 'name="password"' in html
    assert f"{reverse('mfa_reauthenticate_webauthn')}?next={path_of(record)}" in html
    assert post(client, path_of(record), password="").status_code == 422
    assert Signature.objects.count() == 0


@pytest.mark.stage(reach=ready)
def test_a_passkey_confirmation_is_used_up_by_its_signature(world: World):
    record = world.record
    client = world.client(world.candidate)
    with_passkey(world, client)
    assert post(client, path_of(record), password="").status_code == 302
    # Opened again, the same confirmation lies in the session still, and serves no more.
    client_of_coordinator = world.client(world.coordinator)
    client_of_coordinator.post(reverse("unlock", args=[record.pk]), {"reason": "Once more"})
    confirm_sufficient(record, by=world.assessor)
    assert 'name="password"' in client.get(path_of(record)).content.decode()
    assert post(client, path_of(record), password="").status_code == 422
    assert Signature.objects.count() == 1


# --- Whom the pages open to ------------------------------------------------------------------------------------------


@pytest.mark.stage(reach=candidate_signed)
def test_whom_the_signing_page_opens_to(world: World):
    record = world.record
    path = path_of(record, Slot.ASSESSOR)
    answers = {
        "assessor": 200,
        "candidate": 403,
        "coordinator": 403,
        "iv": 403,
        "ev": 404,
        "other_assessor": 404,
        "countersigner": 404,
        "foreign_assessor": 404,
    }
    assert {who: world.client(getattr(world, who)).get(path).status_code for who in answers} == answers
    assert {who: world.client(getattr(world, who)).post(path).status_code for who in answers} == answers | {
        "assessor": 409
    }
    assert world.client(None).get(path).status_code == 302
    assert Signature.objects.count() == 1


@pytest.mark.stage(reach=ready)
def test_a_line_that_is_not_due_says_so(world: World):
    record = world.record
    response = world.client(world.assessor).get(path_of(record, Slot.ASSESSOR))
    assert response.status_code == 409
    assert "The candidate’s signature comes first." in response.content.decode()


@pytest.mark.stage(reach=ready)
def test_a_line_that_does_not_exist_is_not_found(world: World):
    record = world.record
    assert world.client(world.candidate).get(f"/records/{record.pk}/sign/nobody/").status_code == 404
    assert world.client(world.candidate).get("/records/999999/sign/candidate/").status_code == 404


@pytest.mark.stage(reach=awaiting_countersignature)
def test_a_countersigner_goes_home_with_a_word_of_thanks(world: World):
    """Their sight of the record ends with the signature."""
    record = world.trainee_record
    client = world.client(world.countersigner)
    response = post(client, path_of(record, Slot.ASSESSOR_COUNTERSIGNATURE), typed_name="Connie Countersigner")
    assert (response.status_code, response.url) == (302, reverse("home"))
    assert again(record).state == RecordState.COMPLETE


def test_the_page_is_never_kept_by_a_browser(world: World):
    response = world.client(world.candidate).get(path_of(ready(world)))
    assert "no-store" in response["Cache-Control"]


# --- Sampling and unlocking pages ------------------------------------------------------------------------------------


@pytest.mark.stage(reach=complete)
def test_an_iv_draws_a_record_and_takes_it_back(world: World):
    record = world.record
    client = world.client(world.iv)
    path = reverse("sample", args=[record.pk])
    assert client.get(path).status_code == 200
    refused = client.post(path, {"reason": "  "})
    assert refused.status_code == 422
    drawn = client.post(path, {"reason": "Ten per cent"})
    assert (drawn.status_code, drawn.url) == (302, reverse("record", args=[record.pk]))
    assert client.post(path, {"reason": "Ten per cent"}).url == drawn.url
    assert SamplingMark.objects.count() == 1
    back = reverse("withdraw_sample", args=[record.pk])
    assert client.get(back).status_code == 200
    assert client.post(back, {"reason": "The wrong one"}).status_code == 302
    assert client.post(back, {"reason": "The wrong one"}).status_code == 302
    assert SamplingMark.objects.exclude(withdrawn_at=None).count() == 1


@pytest.mark.stage(reach=complete)
def test_an_ev_draws_before_the_evidence_opens(world: World):
    """Q25."""
    record = world.record
    client = world.client(world.ev)
    path = reverse("sample", args=[record.pk])
    html = client.get(path).content.decode()
    assert "Carla Candidate" in html
    assert "Returned kettle" not in html
    assert client.get(reverse("record", args=[record.pk])).status_code == 404
    assert client.post(path, {"reason": "Visit"}).status_code == 302
    assert client.get(reverse("record", args=[record.pk])).status_code == 200


@pytest.mark.parametrize("page", ["sample", "withdraw_sample"])
@pytest.mark.stage(reach=complete)
def test_whom_the_sampling_pages_open_to(world: World, page: str):
    record = world.record
    answers = {
        "iv": 200 if page == "sample" else 409,
        "ev": 200 if page == "sample" else 409,
        "candidate": 403,
        "assessor": 403,
        # For one who has left: nobody has drawn it.
        "coordinator": 403 if page == "sample" else 409,
        "other_iv": 404,
        "expired_ev": 404,
        "foreign_iv": 404,
    }
    path = reverse(page, args=[record.pk])
    assert {who: world.client(getattr(world, who)).get(path).status_code for who in answers} == answers


@pytest.mark.stage(reach=externally_verified)
def test_a_sample_that_was_signed_for_is_not_taken_back(world: World):
    record = world.record
    response = world.client(world.iv).get(reverse("withdraw_sample", args=[record.pk]))
    assert response.status_code == 409
    assert "has signed for this sample" in response.content.decode()


@pytest.mark.stage(reach=complete)
def test_unlocking_asks_for_a_reason_and_says_what_happens(world: World):
    record = world.record
    client = world.client(world.assessor)
    path = reverse("unlock", args=[record.pk])
    assert "Every signature on this record becomes void" in client.get(path).content.decode()
    refused = client.post(path, {"reason": ""})
    assert refused.status_code == 422
    kept = client.post(path, {"reason": "x" * 501})
    assert kept.status_code == 422
    assert "x" * 501 in kept.content.decode()
    assert client.post(path, {"reason": "A reference was wrong"}).status_code == 302
    # The same form again changes nothing and lands on the same page.
    assert client.post(path, {"reason": "A reference was wrong"}).url == reverse("record", args=[record.pk])
    assert Unlocking.objects.count() == 1


@pytest.mark.stage(reach=externally_verified)
def test_whom_unlocking_opens_to(world: World):
    record = world.record
    answers = {
        "assessor": 403,
        "coordinator": 200,
        "candidate": 403,
        "iv": 403,
        "ev": 403,
        "other_assessor": 404,
        "foreign_coordinator": 404,
    }
    path = reverse("unlock", args=[record.pk])
    assert {who: world.client(getattr(world, who)).get(path).status_code for who in answers} == answers


def test_the_signing_page_takes_a_fixed_number_of_queries(world: World):
    judge(add_offered_item(world), by=world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    client = world.client(world.candidate)
    client.get(path_of(world.record))
    with CaptureQueriesContext(connection) as one:
        client.get(path_of(world.record))
    judge(add_offered_item(world, criteria_of(world.unit)[:3]), by=world.assessor)
    judge(add_offered_item(world, criteria_of(world.unit)[3:9]), by=world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    with CaptureQueriesContext(connection) as three:
        assert client.get(path_of(world.record)).status_code == 200
    assert len(one) == len(three)


@pytest.mark.stage(reach=complete)
def test_an_iv_is_offered_to_sign_once_drawn(world: World):
    record = world.record
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    response = post(world.client(world.iv), path_of(record, Slot.IV), typed_name="Ivor Verifier")
    assert response.status_code == 302
    assert again(record).state == RecordState.VERIFIED
