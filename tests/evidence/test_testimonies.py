"""A witness without an account: asked, answering once, disowning; what follows for claims (R20-R23, R20a, Q22)."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from evidence import models
from evidence.items.actions import withdraw_evidence
from evidence.models import (
    ClaimState,
    Evidence,
)
from evidence.testimonies.actions import MOST_A_DAY, ask_witness, give_testimony, withdraw_request
from evidence.testimonies.signing import is_as_signed
from ledger.events import EventType
from ledger.testing import expect_events
from registrations.actions import change_status
from tests.evidence.builders import (
    World,
    add_a_witness,
    add_item,
    claim,
    hand_in,
    offer,
    today,
)
from tests.evidence.testifying import (
    ADDRESS,
    again,
    answered,
    ask,
    change,
    expire,
    item_for_witness,
    offered_testimony,
    said,
)
from tests.signoff.builders import judge

ASKED, GIVEN, WITHDRAWN = EventType.TESTIMONY_ASKED, EventType.TESTIMONY_GIVEN, EventType.TESTIMONY_WITHDRAWN


# --- Asking -----------------------------------------------------------------------------------------------------------


def test_a_witness_is_asked_once_for_two_weeks(world: World) -> None:
    evidence = item_for_witness(world)
    with expect_events(ASKED) as events:
        request = ask(world, evidence, last_request=0)
        assert ask(world, evidence, last_request=0) == request, "the same form sent twice"
    assert (request.state, request.email, request.title) == ("waiting", ADDRESS, "Kettle exchange")
    assert request.expires_at - request.asked_at == datetime.timedelta(days=14)
    told = str(events[0].data) + events[0].subject
    assert ADDRESS not in told
    assert request.key not in told, "the ledger must not open a link"
    assert events[0].subject == f"testimony_request:{request.pk}"


def test_asking_again_ends_the_earlier_link(world: World) -> None:
    evidence = item_for_witness(world)
    first = ask(world, evidence)
    with expect_events(WITHDRAWN, ASKED):
        second = ask(world, evidence, email="wendy.w@marsh.example")
    assert (again(first).state, second.state) == ("withdrawn", "waiting")
    assert first.key != second.key
    with expect_events(), pytest.raises(ValidationError, match="no longer needed"):
        give_testimony(request=first, said=said())


def test_a_form_from_before_the_last_request_is_not_mistaken_for_asking_again(world: World) -> None:
    evidence = item_for_witness(world)
    ask(world, evidence)
    with expect_events(), pytest.raises(ValidationError, match="meanwhile"):
        ask(world, evidence, email="other@marsh.example", last_request=0)


def test_nobody_is_asked_over_and_over(world: World) -> None:
    evidence = item_for_witness(world)
    for _ in range(MOST_A_DAY):
        ask(world, evidence)
    with expect_events(), pytest.raises(ValidationError, match="several times today"):
        ask(world, evidence)


@pytest.mark.parametrize("who", ["candidate", "assessor", "iv"])
def test_the_link_never_goes_to_candidate_assessor_or_iv(world: World, who: str) -> None:
    """R23, by the address asked as well as by the entry in the list."""
    evidence = item_for_witness(world, add_a_witness(world, contact="01234 567890"))
    with expect_events(), pytest.raises(ValidationError) as refusal:
        ask(world, evidence, email=getattr(world, who).person.email.upper())
    assert set(refusal.value.error_dict) == {"email"}


@pytest.mark.parametrize("who", ["assessor", "iv"])
def test_a_witness_who_has_become_assessor_or_iv_is_not_asked(world: World, who: str) -> None:
    evidence = item_for_witness(world)
    person = getattr(world, who).person
    person.name = "Wendy Witness"
    person.save(update_fields=["name"])
    with expect_events(), pytest.raises(ValidationError, match="cannot be a witness"):
        ask(world, evidence)


@pytest.mark.parametrize("email", ["", "wendy", "wendy@", "a@b c"])
def test_an_address_must_be_one(world: World, email: str) -> None:
    evidence = item_for_witness(world)
    with expect_events(), pytest.raises(ValidationError) as refusal:
        ask(world, evidence, email=email)
    assert set(refusal.value.error_dict) == {"email"}


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda world: add_item(world), "is no witness testimony"),
        (lambda world: add_item(world, methods=["WT"]), "Say who the witness is"),
    ],
    ids=["another method", "no witness"],
)
def test_there_must_be_somebody_to_ask(world: World, make: Callable[[World], Evidence], why: str) -> None:
    evidence = make(world)
    with expect_events(), pytest.raises(ValidationError, match=why):
        ask(world, evidence)


@pytest.mark.parametrize("who", ["other_candidate", "assessor", "iv", "ev", "coordinator", "foreign_candidate"])
def test_nobody_but_the_candidate_asks_and_takes_back(world: World, who: str) -> None:
    evidence = item_for_witness(world)
    request = ask(world, evidence)
    with expect_events(), pytest.raises(PermissionDenied):
        ask_witness(evidence=evidence, email=ADDRESS, last_request=request.pk, by=getattr(world, who))
    with expect_events(), pytest.raises(PermissionDenied):
        withdraw_request(request=request, by=getattr(world, who))


# --- The link, state by state -----------------------------------------------------------------------------------------

WAYS: dict[str, Callable[[World, models.TestimonyRequest], Any]] = {
    "waiting": lambda world, request: None,
    "withdrawn": lambda world, request: withdraw_request(request=request, by=world.candidate),
    "expired": lambda world, request: expire(request),
    "given": lambda world, request: give_testimony(request=request, said=said()),
    "item withdrawn": lambda world, request: withdraw_evidence(
        evidence=request.evidence, revision=again(request.evidence).revision, why="Wrong", by=world.candidate
    ),
    "another witness": lambda world, request: change(
        world, request.evidence, witness=add_a_witness(world, name="Willy Witness", contact="willy@marsh.example")
    ),
    "another method": lambda world, request: change(world, request.evidence, methods=["PE"]),
    "registration ended": lambda world, request: change_status(
        registration=world.registration,
        revision=1,
        status="withdrawn",
        on=today(),
        why="Left the shop",
        by=world.coordinator,
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_link_is_used_only_while_it_waits(world: World, way: str) -> None:
    request = ask(world, item_for_witness(world))
    WAYS[way](world, request)
    before = models.Testimony.objects.count()
    if way == "waiting":
        with expect_events(GIVEN):
            assert give_testimony(request=request, said=said()).request == request
        return
    with expect_events(), pytest.raises(ValidationError) as refusal:
        give_testimony(request=request, said=said())
    assert models.Testimony.objects.count() == before
    words_of_it = " ".join(refusal.value.messages)
    assert "Carla" not in words_of_it, "whoever holds a dead link learns nothing"
    assert (refusal.value.code == "given") == (way == "given")


@pytest.mark.parametrize(("way", "may"), [("waiting", True), ("expired", True), ("withdrawn", False), ("given", False)])
def test_a_link_is_taken_back_before_it_is_used(world: World, way: str, may: bool) -> None:
    request = ask(world, item_for_witness(world))
    WAYS[way](world, request)
    if may:
        with expect_events(WITHDRAWN):
            withdraw_request(request=request, by=world.candidate)
        assert again(request).state == "withdrawn"
    else:
        with expect_events(), pytest.raises(ValidationError, match="already"):
            withdraw_request(request=request, by=world.candidate)


def test_the_database_keeps_one_waiting_link_and_one_answer_for_each(world: World) -> None:
    evidence = item_for_witness(world)
    request = ask(world, evidence)
    with pytest.raises(IntegrityError), transaction.atomic():
        evidence.testimony_requests.update(used_at=timezone.now(), withdrawn_at=timezone.now())
    testimony = give_testimony(request=request, said=said())
    waiting = ask(world, evidence)
    twin = again(waiting)
    twin.pk, twin.key = None, "another"
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)
    copy = again(testimony)
    copy.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save(force_insert=True)


# --- What is given ----------------------------------------------------------------------------------------------------


def test_what_the_witness_says_is_kept_as_said_and_signed(world: World) -> None:
    evidence = item_for_witness(world)
    request = ask(world, evidence)
    with expect_events(GIVEN) as events:
        testimony = give_testimony(request=request, said=said(words="  She smiled.\nThen she explained.  "))
    testimony = again(testimony)
    assert testimony.words == "She smiled.\nThen she explained."
    assert (testimony.name, testimony.signed_name) == ("Wendy Witness", "wendy witness")
    assert is_as_signed(testimony)
    assert again(request).used_at == testimony.signed_at
    (event,) = events
    assert event.actor_id is None
    assert event.data["digest"] == testimony.digest
    assert "Wendy" not in str(event.data)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("words", "Something else"),
        ("signed_name", "Somebody else"),
        ("name", "Somebody else"),
        ("contact", "else@example.org"),
        ("seen_on", datetime.date(2020, 1, 1)),
        ("digest", "0" * 64),
        ("statement", "I saw nothing."),
        ("key_signature", "00" * 64),
    ],
)
def test_what_is_changed_afterwards_is_noticed(world: World, field: str, value: object) -> None:
    testimony = answered(world, item_for_witness(world))
    models.Testimony.objects.filter(pk=testimony.pk).update(**{field: value})
    assert not is_as_signed(again(testimony))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        *[({name: "  "}, name) for name in ("name", "job_role", "relationship", "contact", "words", "signed_name")],
        ({"signed_name": "Wendy Witnes"}, "signed_name"),
        ({"seen_on": datetime.date(2999, 1, 1)}, "seen_on"),
        ({"name": "Carla Candidate", "signed_name": "Carla Candidate"}, "name"),
        ({"name": "anna  assessor", "signed_name": "Anna Assessor"}, "name"),
        ({"name": "Ivor Verifier", "signed_name": "Ivor Verifier"}, "name"),
    ],
)
def test_what_is_missing_or_wrong_is_said_at_its_field(world: World, changed: dict[str, Any], field: str) -> None:
    request = ask(world, item_for_witness(world))
    with expect_events(), pytest.raises(ValidationError) as refusal:
        give_testimony(request=request, said=said(**changed))
    assert set(refusal.value.error_dict) == {field}
    assert again(request).state == "waiting"


def test_a_draft_carries_the_testimony_and_stays_the_candidate_s_to_offer(world: World) -> None:
    evidence = item_for_witness(world)
    claim(world, evidence, world.criteria[:1])
    with pytest.raises(ValidationError, match="ask the witness by email"):
        offer(world, evidence)
    request = ask(world, evidence)
    with pytest.raises(ValidationError, match="has not answered yet"):
        offer(world, evidence)
    testimony = give_testimony(request=request, said=said())
    evidence = again(evidence)
    assert (evidence.state, evidence.current_version.testimony) == ("draft", testimony)
    assert evidence.versions.count() == 1
    assert offer(world, evidence).state == "offered"


def test_a_testimony_about_offered_evidence_makes_a_new_version_that_is_judged_anew(world: World) -> None:
    """Q22: the old version stays as it was; its claims wait again."""
    evidence = offered_testimony(world)
    judge(evidence, by=world.assessor)
    first = evidence.current_version.testimony
    request = ask(world, evidence)
    with expect_events(EventType.EVIDENCE_REPLACED, GIVEN):
        second = give_testimony(request=request, said=said(words="And she offered to ring the next day."))
    evidence = again(evidence)
    assert [version.testimony for version in evidence.versions.all()] == [first, second]
    assert evidence.current_version.ordinal == 2
    assert set(evidence.claims.values_list("state", flat=True)) == {ClaimState.UNDECIDED}


def test_an_edit_keeps_the_testimony_and_another_witness_does_not(world: World) -> None:
    evidence = offered_testimony(world)
    testimony = evidence.current_version.testimony
    change(world, evidence, title="Kettle exchange on a Saturday", why="Said which day")
    assert again(evidence).current_version.testimony == testimony
    willy = add_a_witness(world, name="Willy Witness", contact="willy@marsh.example")
    with pytest.raises(ValidationError, match="Hand in a file"):
        change(world, evidence, witness=willy, why="It was Willy")
    change(world, evidence, witness=willy, why="It was Willy", files=[hand_in(world.candidate)])
    assert again(evidence).current_version.testimony is None
    assert evidence.versions.filter(testimony=testimony).count() == 2, "old versions keep theirs"


def test_a_draft_whose_witness_changes_no_longer_carries_the_testimony(world: World) -> None:
    evidence = item_for_witness(world)
    answered(world, evidence)
    change(world, evidence, title="Better title")
    assert again(evidence).current_version.testimony is not None
    change(world, evidence, witness=add_a_witness(world, name="Willy Witness", contact="willy@marsh.example"))
    assert again(evidence).current_version.testimony is None
