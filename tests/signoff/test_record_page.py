"""The unit record on screen: like the paper one, the same for everybody it opens to, in a fixed number of queries."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.confirming.waivers import withdraw_waiver
from registrations.models import Registration, RegistrationStatus, UnitRecord
from signoff.actions import mark_sample
from signoff.handover.reassigning import reassign_unit
from signoff.models import Slot
from signoff.queries import record_page
from tests.evidence.builders import World, add_item, add_offered_item, claim, criteria_of
from tests.evidence.other_units import waived_record_of
from tests.signoff.builders import (
    awaiting_countersignature,
    awaiting_iv_countersignature,
    candidate_signed,
    complete,
    confirm_sufficient,
    externally_verified,
    judge,
    ready,
    sign_line,
    verified,
)


def page_of(world: World, who: str, record: UnitRecord) -> str:
    response = world.client(getattr(world, who)).get(reverse("record", args=[record.pk]))
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.mark.stage(reach=ready)
def test_the_page_holds_what_the_paper_record_holds(world: World):
    record = world.record
    text = page_of(world, "candidate", record)
    in_order = [
        "Carla Candidate",
        world.registration.number,
        "Northgate College",
        "Anna Assessor",
        "Ivor Verifier",
        "You should note",
        "Your evidence should be collected when carrying out a real job",
        "Elements in this unit",
        "304.3",
        "Assessed evidence",
        "Evidence reference",
        "Evidence title",
        "Assessment method",
        "Returned kettle at the counter",
        "Assessment method key",
        "Professional Discussion",
        "What you must cover",
        "tangible in that they can be measured",
        "What you must do",
        "304.1.1",
        "What you must know",
        "304.3.8",
        "Unit sign-off",
        "Signature of candidate",
        "I confirm that the evidence provided is a result of my own work.",
        "Signature of assessor",
        "The evidence for this unit is valid, sufficient and an authentic record",
        "I confirm that the candidate has demonstrated competence",
        "Countersignature of assessor",
        "Signature of IV (if sampled)",
        "Countersignature of IV",
        "Signature of EV (if sampled)",
    ]
    # Each after the one before it, from the boxes at the head to the last line.
    place = text.index("Unit record")
    for words in in_order:
        place = text.find(words, place)
        assert place >= 0, f"{words} is missing, or out of order"
    assert all(criterion.text in text for criterion in world.criteria)


@pytest.mark.stage(reach=ready)
def test_every_cell_holds_its_reference(world: World):
    record = world.record
    html = world.client(world.assessor).get(reverse("record", args=[record.pk])).content.decode()
    for criterion in world.criteria:
        row = html[html.index(f'id="criterion-{criterion.pk}"') :]
        row = row[: row.index("</tr>")]
        assert "E1" in row
        assert "chip-accepted" in row


def test_states_of_a_claim_are_told_apart_in_words(world: World):
    cells = criteria_of(world.unit)
    judge(add_offered_item(world, cells[:1]), by=world.assessor)
    judge(add_offered_item(world, cells[1:2]), by=world.assessor, is_accepted=False, comment="Which customer?")
    add_offered_item(world, cells[2:3])
    text = page_of(world, "assessor", world.record)
    assert ", accepted" in text
    assert ", returned" in text
    assert ", awaiting judgement" in text
    assert "E2 was returned for 1b." in text


def test_drafts_are_seen_by_the_candidate_only(world: World):
    item = add_item(world)
    claim(world, item, criteria_of(world.unit)[:1])
    path = reverse("evidence", args=[item.pk])
    assert path in world.client(world.candidate).get(reverse("record", args=[world.record.pk])).content.decode()
    for who in ("assessor", "iv", "coordinator"):
        html = world.client(getattr(world, who)).get(reverse("record", args=[world.record.pk])).content.decode()
        assert path not in html


def test_the_gate_says_what_is_missing_and_who_must_do_it(world: World):
    cells = criteria_of(world.unit)
    item = add_offered_item(world, cells[:26])
    for who in ("candidate", "assessor"):
        text = page_of(world, who, world.record)
        assert "What is missing before anybody can sign" in text
        assert "304.3.8 needs evidence." in text
        assert "E1 waits for a decision since" in text
    candidates = world.client(world.candidate).get(reverse("record", args=[world.record.pk])).content.decode()
    assessors = world.client(world.assessor).get(reverse("record", args=[world.record.pk])).content.decode()
    assert reverse("add_evidence", args=[world.portfolio.pk]) in candidates
    assert reverse("judge", args=[item.pk]) in assessors
    assert reverse("judge", args=[item.pk]) not in candidates


def test_the_known_conflict_is_shown_to_assessor_and_iv_only(world: World):
    """Q1."""
    assert "This unit and another do not agree" in page_of(world, "assessor", world.record)
    assert "This unit and another do not agree" in page_of(world, "iv", world.record)
    assert "This unit and another do not agree" not in page_of(world, "candidate", world.record)
    assert "This unit and another do not agree" not in page_of(world, "coordinator", world.record)


@pytest.mark.stage(reach=complete)
def test_a_signed_line_shows_name_and_date_and_the_award(world: World):
    record = world.record
    text = page_of(world, "coordinator", record)
    day = record.completed_at.strftime("%d/%m/%Y")
    assert f"Carla Candidate Date {day}" in text
    assert f"Anna Assessor Date {day}" in text
    assert re.search(r"Not required: Anna Assessor holds A1 [\w-]+, 01/02/2015\.", text)
    assert "Not sampled, so this line stays blank." in text


def test_a_line_that_is_due_says_who_signs_next(world: World):
    assert "Carla Candidate signs next" in page_of(world, "candidate", ready(world))
    sign_line(world.record, Slot.CANDIDATE, by=world.candidate)
    assert "Anna Assessor signs next, as assessor." in page_of(world, "candidate", world.record)
    sign_line(world.record, Slot.ASSESSOR, by=world.assessor)
    assert "Every signature that is due is there" in page_of(world, "candidate", world.record)
    mark_sample(record_id=world.record.pk, reason="Ten per cent", by=world.iv)
    assert "Ivor Verifier has drawn this record as a sample and signs next." in page_of(world, "iv", world.record)


def test_a_duty_and_who_may_discharge_it_are_told(world: World):
    text = page_of(world, "coordinator", awaiting_countersignature(world))
    assert "A qualified assessor who is approved for unit 304 countersigns next." in text
    assert "The register showed no recognised award on that day" in text


@pytest.mark.parametrize(
    ("who", "reach", "offered"),
    [
        ("candidate", ready, True),
        ("assessor", ready, False),
        ("assessor", candidate_signed, True),
        ("candidate", candidate_signed, False),
        ("coordinator", candidate_signed, False),
        ("countersigner", awaiting_countersignature, True),
        ("iv", complete, False),
    ],
)
def test_the_way_to_sign_is_offered_to_whom_it_is_due(world: World, who: str, reach, offered: bool):
    record = reach(world)
    html = world.client(getattr(world, who)).get(reverse("record", args=[record.pk])).content.decode()
    assert (f"/records/{record.pk}/sign/" in html) is offered


@pytest.mark.parametrize("reach", [ready, candidate_signed])
def test_a_registration_that_does_not_go_on_waits_for_nobody(world: World, reach):
    record = reach(world)
    Registration.objects.update(status=RegistrationStatus.SUSPENDED)
    assert record_page(record.pk, world.assessor).next_step == (
        "This registration is suspended, so nothing on it can be signed or sampled."
    )


def test_a_new_assessor_is_led_to_the_review_that_is_missing(world: World):
    """Q23."""
    judge(add_offered_item(world), by=world.assessor)
    reassign_unit(
        record_id=world.record.pk, own_assessor=world.countersigner.person, own_iv=None, why="Anna has left",
        by=world.coordinator,
    )  # fmt: skip
    urls = [to_do.url for to_do in record_page(world.record.pk, world.countersigner).to_do]
    page = reverse("confirm_unit", args=[world.record.pk])
    assert urls == [f"{page}?kind=reviewed", page]


def test_what_cannot_be_signed_yet_says_why(world: World):
    """HOUSE, habit 2: the page shows the reason that the action raises."""
    add_offered_item(world, criteria_of(world.unit)[:1])
    text = page_of(world, "candidate", world.record)
    assert "This unit is not ready to be signed. 1b needs evidence." in text
    complete_text = page_of(world, "iv", world.record)
    assert "Draw this record as a sample" in complete_text


SEATS = ("candidate", "assessor", "iv", "ev", "coordinator")


def test_a_coverage_only_record_says_so(world: World):
    """Q2."""
    text = page_of(world, "other_candidate", world.other_registration.unit_records.get())
    assert "Coverage only" in text
    assert "What you must do" not in text


def queries_of(world: World, who: str, record: UnitRecord) -> int:
    """Queries of the page once the outline of its unit is kept."""
    seat = getattr(world, who)
    record_page(record.pk, seat)  # the outline is built and kept by the first who looks
    with CaptureQueriesContext(connection) as captured:
        record_page(record.pk, seat)
    return len(captured)


def test_the_number_of_queries_does_not_grow_with_claims(world: World):
    record = world.record
    cells = criteria_of(world.unit)
    judge(add_offered_item(world, cells[:1]), by=world.assessor)
    one = {who: queries_of(world, who, record) for who in ("candidate", "assessor", "iv", "coordinator")}
    judge(add_offered_item(world, cells[1:3]), by=world.assessor)
    add_offered_item(world, cells[3:20])
    three = {who: queries_of(world, who, record) for who in one}
    assert one == three
    assert max(one.values()) <= 8


@pytest.mark.parametrize(
    ("reach", "who"),
    [
        (candidate_signed, "assessor"),
        (awaiting_countersignature, "countersigner"),
        (awaiting_iv_countersignature, "iv"),
        (verified, "iv"),
        (externally_verified, "ev"),
        (externally_verified, "coordinator"),
    ],
)
def test_eight_queries_do_in_every_state(world: World, reach, who: str):
    assert queries_of(world, who, reach(world)) <= 8


ALLOWED = {
    "candidate": 200,
    "other_candidate": 404,
    "assessor": 200,
    "other_assessor": 404,
    "countersigner": 404,
    "iv": 200,
    "other_iv": 404,
    "ev": 404,  # until it is drawn
    "expired_ev": 404,
    "coordinator": 200,
    "foreign_coordinator": 404,
    "foreign_assessor": 404,
}


@pytest.mark.parametrize("page", ["record", "history"])
@pytest.mark.stage(reach=complete)
def test_whom_the_record_and_its_history_open_to(world: World, page: str):
    """R64, Q24, Q25."""
    record = world.record
    answers = {
        who: world.client(getattr(world, who)).get(reverse(page, args=[record.pk])).status_code for who in ALLOWED
    }
    assert answers == ALLOWED
    assert world.client(None).get(reverse(page, args=[record.pk])).status_code == 302
    mark_sample(record_id=record.pk, reason="Visit", by=world.ev)
    assert world.client(world.ev).get(reverse(page, args=[record.pk])).status_code == 200


@pytest.mark.stage(reach=verified)
def test_the_history_tells_who_when_what_and_why_newest_first(world: World):
    record = world.record
    response = world.client(world.coordinator).get(reverse("history", args=[record.pk]))
    text = " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())
    told = ["signature of iv (if sampled)", "Record marked for sampling", "signature of assessor", "Claim accepted"]
    assert [text.find(words) for words in told] == sorted(text.find(words) for words in told)
    assert "Ten per cent" in text
    assert "Claim accepted: E1, 304.3.8" in text
    assert "Ivor Verifier (internal verifier)" in text


def test_the_history_tells_what_was_confirmed_and_what_was_waived(world: World):
    """Q11."""
    record, waiver = waived_record_of(world)
    judge(add_offered_item(world, [None], record=record), by=world.assessor)
    confirm_sufficient(record, by=world.assessor)
    withdraw_waiver(waiver_id=waiver.pk, by=world.assessor)
    response = world.client(world.iv).get(reverse("history", args=[record.pk]))
    text = " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())
    told = ["Waiver taken back: 6a", "Unit confirmed: sufficient", "Criterion waived: 6a"]
    assert [text.find(words) for words in told] == sorted(text.find(words) for words in told)
    assert text.find(told[0]) != -1
    assert waiver.reason in text


@pytest.mark.stage(reach=complete)
def test_a_long_history_is_paginated_in_a_fixed_number_of_queries(world: World):
    record = world.record
    client = world.client(world.coordinator)
    path = reverse("history", args=[record.pk])
    with CaptureQueriesContext(connection) as first:
        assert "Page 1 of" in client.get(path).content.decode()
    with CaptureQueriesContext(connection) as second:
        assert client.get(f"{path}?page=2").status_code == 200
    assert len(first) == len(second)


@pytest.mark.parametrize("who", SEATS[:-1])
@pytest.mark.stage(reach=externally_verified)
def test_only_the_assessor_and_the_coordinator_are_shown_unlocking(world: World, who: str):
    record = world.record
    html = world.client(getattr(world, who)).get(reverse("record", args=[record.pk])).content.decode()
    assert f'href="/records/{record.pk}/unlock/"' not in html
    assert ("Unlock this record" in html) is (who == "assessor")
