"""What an assessor confirms of a unit, and how it lapses (R3, R4, R17, Q12, Q23)."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from assessment.confirming.actions import confirm_record, confirm_unit
from assessment.confirming.statements import Confirming, confirmable, printed_of, statement_of
from assessment.judging.actions import Verdict, judge_claim
from assessment.models import Judgement
from evidence.models import ClaimState, Evidence
from ledger.events import EventType
from ledger.models import Event
from ledger.testing import LedgerWriteFailed, expect_events, failing_ledger
from registrations.models import UnitConfirmation, UnitConfirmationKind, UnitRecord
from signoff.handover.reassigning import reassign, reassign_unit
from tests.evidence.builders import (
    World,
    add_item,
    add_offered_item,
    approve,
    claim,
    offer,
    register,
    today,
)
from tests.evidence.decisions import judge_it, standing, version_of
from tests.evidence.other_units import CODES, judged_record_of, unit_of_2010
from tests.signoff.builders import confirm_sufficient, judge
from units.models import Unit
from units.outline import UnitOutline
from units.queries import unit_outline

Costs = Callable[..., AbstractContextManager[Any]]
Kind = UnitConfirmationKind
OF_THE_WHOLE = [Kind.SUFFICIENT, Kind.REVIEWED]


def text_of(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def browser(world: World) -> Client:
    return world.client(world.assessor)


def outline_of(code: str) -> UnitOutline:
    return unit_outline((unit_of_2010(code) if code in CODES else Unit.objects.get(code=code)).pk)


def asked_of(code: str) -> list[Confirming]:
    """What that unit asks to be confirmed, besides the review of an earlier assessor's judgements."""
    outline = outline_of(code)
    return [one for one in confirmable(outline) if one.kind != Kind.REVIEWED]


# --- What a unit asks for ---------------------------------------------------------------------------------------------

HOLDS = "Items 1, 2 and 3 hold: setting, sector and sufficiency."


@pytest.mark.parametrize(
    ("code", "statements"),
    [
        ("304", []),
        ("A14", []),
        ("A16", [HOLDS]),
        ("F1", [HOLDS, "The condition in item 4 is met."]),
        ("F2", ["The condition in item 4 is met."]),
        ("D2", ["The condition in item 7 is met."]),
        ("C6", ["Every risk is covered, as item 6 asks."]),
        ("D11", ["Every team member is covered, as item 7 asks."]),
    ],
)
def test_what_is_confirmed_follows_from_the_unit(world: World, code: str, statements: list[str]) -> None:
    """R3, Q12: open sets, conditions, and items 1 to 3 where nothing is ticked; a fixed set of two changes is not."""
    outline = outline_of(code)
    asked = confirmable(outline)
    assert [statement_of(one, outline) for one in asked[:-2]] == statements
    assert [one.kind for one in asked[-2:]] == [Kind.REVIEWED, Kind.SUFFICIENT]
    for one in asked[:-2]:
        printed = printed_of(one, outline)
        texts = [note.text for note in outline.notes] + [group.text for group in outline.groups]
        assert printed[0].text in texts
        assert len(printed) >= (3 if one.kind == Kind.NOTES else 1)


# --- Confirming a unit ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", OF_THE_WHOLE)
def test_a_unit_is_confirmed_once_everything_is_judged(world: World, kind: str) -> None:
    """R4, R17, Q23."""

    def confirm() -> UnitConfirmation:
        return confirm_unit(record_id=world.record.pk, kind=kind, by=world.assessor)

    with pytest.raises(ValidationError, match="Nothing"):
        confirm()
    first, second = add_offered_item(world, world.criteria[:1]), add_offered_item(world, world.criteria[1:2])
    judge_it(first, world.assessor)
    with pytest.raises(ValidationError, match="wait for your judgement"):
        confirm()
    judge_it(second, world.assessor, is_accepted=False, comment="Not enough")
    assert confirm().kind == kind
    with pytest.raises(ValidationError, match="already"):
        confirm()
    assert Event.objects.filter(type=EventType.UNIT_CONFIRMED).count() == 1


def test_everything_that_a_unit_asks_for_is_confirmed_in_one_go(world: World) -> None:
    """Q12: a unit with nothing to tick."""
    record = judged_record_of(world, "F1")
    asked = asked_of("F1")
    with expect_events(*[EventType.UNIT_CONFIRMED] * 3) as events:
        confirm_record(record_id=record.pk, wanted=asked, by=world.assessor)
    live = UnitConfirmation.objects.filter(record=record, lapsed_at=None)
    assert {(row.kind, row.group_id) for row in live} == {(str(one.kind), one.group_id) for one in asked}
    assert [event.data for event in events] == [
        {"kind": "notes"},
        {"kind": "condition", "group": asked[1].group_id},
        {"kind": "sufficient"},
    ]
    with pytest.raises(ValidationError, match="already"):
        confirm_record(record_id=record.pk, wanted=asked, by=world.assessor)


def test_what_is_confirmed_already_stays_as_it_was(world: World) -> None:
    record = judged_record_of(world, "F2")
    condition, sufficient = asked_of("F2")
    first = confirm_record(record_id=record.pk, wanted=[condition], by=world.assessor)
    with expect_events(EventType.UNIT_CONFIRMED):
        confirm_record(record_id=record.pk, wanted=[condition, sufficient], by=world.assessor)
    assert set(record.confirmations.filter(lapsed_at=None).values_list("pk", flat=True)) > {first[0].pk}


@pytest.mark.parametrize("code", ["304", "F2", "C6"])
def test_a_unit_confirms_only_what_it_asks_for(world: World, code: str) -> None:
    """Items 1 to 3 are confirmed only where nothing is ticked (Q12); a condition is confirmed of its own unit."""
    record = world.record
    judge(add_offered_item(world, world.criteria[:1]), by=world.assessor)
    if code != "304":
        record = judged_record_of(world, code)
    of_another = next(one for one in asked_of("D2" if code == "F2" else "F2") if one.kind == Kind.CONDITION)
    before = standing()
    for wrong in (Confirming(Kind.NOTES), of_another):
        with pytest.raises(ValidationError, match="does not ask for that"):
            confirm_record(record_id=record.pk, wanted=[Confirming(Kind.SUFFICIENT), wrong], by=world.assessor)
    with pytest.raises(ValidationError, match="Tick what you confirm"):
        confirm_record(record_id=record.pk, wanted=[], by=world.assessor)
    assert standing() == before


def test_a_ledger_that_fails_leaves_nothing_confirmed(world: World) -> None:
    record = judged_record_of(world, "F1")
    before = standing()
    with pytest.raises(LedgerWriteFailed), failing_ledger():
        confirm_record(record_id=record.pk, wanted=asked_of("F1"), by=world.assessor)
    assert standing() == before


def test_a_confirmation_lapses_with_the_next_judgement(world: World) -> None:
    item = add_offered_item(world, world.criteria[:1])
    judge(item, by=world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    judge_it(item, world.assessor, is_accepted=False, comment="I was wrong")
    confirmed = UnitConfirmation.objects.get()
    assert confirmed.lapsed_at is not None
    assert Event.objects.get(type=EventType.CONFIRMATION_LAPSED).data == {"count": 1}
    judge_it(item, world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    assert UnitConfirmation.objects.filter(lapsed_at=None).count() == 1


def test_judging_one_unit_leaves_the_confirmation_of_another(world: World) -> None:
    """R8: one item in two units of two registrations; only the unit judged is touched."""
    approve(world.coordinator, world.assessor, world.other_unit)
    approve(world.coordinator, world.iv, world.other_unit)
    second = register(
        world.coordinator, world.candidate, assessor=world.assessor, iv=world.iv, units=[world.other_unit]
    )
    other_record = second.unit_records.get()
    item = add_item(world)
    claim(world, item, world.criteria[:1])
    claim(world, item, [None], record=other_record)
    offer(world, item)
    judge(item, by=world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    confirm_sufficient(other_record, by=world.assessor)
    only = Verdict(item.claims.get(record=world.record).pk, is_accepted=False, comment="No")
    judge_claim(claim_id=only.claim_id, version=version_of(item), verdict=only, by=world.assessor)
    assert set(UnitConfirmation.objects.filter(lapsed_at=None).values_list("record", flat=True)) == {other_record.pk}


@pytest.mark.parametrize(
    "who", ["candidate", "countersigner", "other_assessor", "iv", "coordinator", "foreign_assessor"]
)
def test_nobody_else_confirms_a_unit(world: World, who: str) -> None:
    judge(add_offered_item(world, world.criteria[:1]), by=world.assessor)
    with pytest.raises(PermissionDenied):
        confirm_unit(record_id=world.record.pk, kind=UnitConfirmationKind.SUFFICIENT, by=getattr(world, who))


def test_judgements_stay_with_whoever_made_them(world: World) -> None:
    """Q23."""
    item = add_offered_item(world, world.criteria[:1])
    judge_it(item, world.assessor)
    registration = world.registration
    registration.refresh_from_db()
    reassign(
        registration=registration,
        revision=registration.revision,
        assessor=world.countersigner.person,
        iv=world.iv.person,
        why="Anna has left",
        by=world.coordinator,
    )
    assert item.claims.get().state == ClaimState.ACCEPTED
    assert Judgement.objects.get().judged_by == world.assessor.person


@pytest.mark.parametrize("kind", OF_THE_WHOLE)
def test_a_new_assessor_confirms_what_the_earlier_one_had_confirmed(world: World, kind: str) -> None:
    """Q23: the gate asks for the word of whoever answers for the unit now."""
    judge(add_offered_item(world, world.criteria[:1]), by=world.assessor)
    confirm_unit(record_id=world.record.pk, kind=kind, by=world.assessor)
    reassign_unit(
        record_id=world.record.pk,
        own_assessor=world.countersigner.person,
        own_iv=None,
        why="Anna has left",
        by=world.coordinator,
    )
    confirm_unit(record_id=world.record.pk, kind=kind, by=world.countersigner)
    assert UnitConfirmation.objects.get(lapsed_at=None).confirmed_by == world.countersigner.person
    with pytest.raises(ValidationError, match="already"):
        confirm_unit(record_id=world.record.pk, kind=kind, by=world.countersigner)


# --- Its page ---------------------------------------------------------------------------------------------------------

DONE = "You have confirmed everything that this unit asks for."


def confirm_url(record: UnitRecord) -> str:
    return reverse("confirm_unit", args=[record.pk])


def test_confirming_shows_the_figures_and_asks_to_be_sure(world: World, browser: Client) -> None:
    """R4."""
    url = confirm_url(world.record)
    assert "Nothing on this unit has been accepted yet." in text_of(browser.get(url))
    judge(
        add_offered_item(world, world.criteria[:2], occasion="Saturday sale", customer="Customer A"), by=world.assessor
    )
    page = text_of(browser.get(url))
    for shown in ("All of it comes from one date", "Only one customer is named: “Customer A”", "Saturday sale"):
        assert shown in page
    assert (today() - timedelta(days=10)).strftime("%d/%m/%Y") in page
    refused = browser.post(url, {})
    assert refused.status_code == 422
    assert "Tick what you confirm, or go back." in text_of(refused)
    assert not UnitConfirmation.objects.exists()
    assert browser.post(url, {"sufficient": "on"}).url == reverse("record", args=[world.record.pk])
    assert UnitConfirmation.objects.get().kind == "sufficient"
    page = text_of(browser.get(url))
    assert DONE in page
    assert f"Confirmed by Anna Assessor on {today():%d/%m/%Y}." in page
    assert browser.post(url, {"sufficient": "on"}).url == reverse("record", args=[world.record.pk])
    assert UnitConfirmation.objects.count() == 1


def test_every_box_that_is_due_stands_on_the_page_with_what_is_printed(world: World, browser: Client) -> None:
    """Q12: items 1 to 3, the condition and sufficiency, some now and some later."""
    record = judged_record_of(world, "F1")
    notes, condition, _ = asked_of("F1")
    outline = unit_outline(record.unit_id)
    page = text_of(browser.get(confirm_url(record)))
    for printed in (*printed_of(notes, outline), *printed_of(condition, outline)):
        assert " ".join(printed.text.split()) in unescape(page)
    assert "somebody else made" not in page
    browser.post(confirm_url(record), {notes.key: "on", condition.key: "on"})
    assert set(record.confirmations.values_list("kind", flat=True)) == {"notes", "condition"}
    page = text_of(browser.get(confirm_url(record)))
    assert page.count("Confirmed by Anna Assessor") == 2
    assert DONE not in page
    browser.post(confirm_url(record), {"sufficient": "on"})
    assert DONE in text_of(browser.get(confirm_url(record)))


def test_what_was_ticked_stays_ticked_where_it_is_refused(world: World, browser: Client) -> None:
    record = judged_record_of(world, "F1")
    condition = asked_of("F1")[1]
    add_offered_item(world, [None], record=record)
    refused = browser.post(confirm_url(record), {condition.key: "on"})
    assert refused.status_code == 422
    page = text_of(refused)
    assert "Some claims on this unit still wait for your judgement." in page
    ticked = re.search(rf'<input type="checkbox" name="{condition.key}"[^>]*>', page)
    assert ticked
    assert "checked" in ticked[0]
    assert not record.confirmations.exists()


def test_reviewing_lists_what_somebody_else_accepted(world: World) -> None:
    """Q23: and what an earlier assessor confirmed is shown, and asked for anew."""
    judge(add_offered_item(world, world.criteria[:1]), by=world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    reassign_unit(
        record_id=world.record.pk,
        own_assessor=world.countersigner.person,
        own_iv=None,
        why="Anna has left",
        by=world.coordinator,
    )
    client = world.client(world.countersigner)
    page = text_of(client.get(confirm_url(world.record)))
    assert "Accepted by somebody else" in page
    assert f"Anna Assessor confirmed this on {today():%d/%m/%Y}. It is asked of you anew." in page
    client.post(confirm_url(world.record), {"reviewed": "on"})
    assert set(UnitConfirmation.objects.filter(lapsed_at=None).values_list("kind", "confirmed_by__name")) == {
        ("sufficient", "Anna Assessor"),
        ("reviewed", "Connie Countersigner"),
    }


@pytest.mark.parametrize(
    ("who", "status"),
    [("candidate", 403), ("iv", 403), ("coordinator", 403), ("countersigner", 404), ("foreign_assessor", 404)],
)
def test_confirming_opens_to_the_units_assessor_only(world: World, who: str, status: int) -> None:
    judge(add_offered_item(world, world.criteria[:1]), by=world.assessor)
    client = world.client(getattr(world, who))
    assert client.get(confirm_url(world.record)).status_code == status
    assert client.post(confirm_url(world.record), {"sufficient": "on"}).status_code == status
    assert not UnitConfirmation.objects.exists()


def test_the_page_costs_the_same_for_one_and_three(
    world: World, browser: Client, django_assert_num_queries: Costs
) -> None:
    url = confirm_url(world.record)
    judge(add_offered_item(world, world.criteria[:1]), by=world.assessor)
    browser.get(url)
    for count in (1, 3):
        while Evidence.objects.count() < count:
            judge(add_offered_item(world, world.criteria[:2]), by=world.assessor)
        with django_assert_num_queries(12):
            assert browser.get(url).status_code == 200
