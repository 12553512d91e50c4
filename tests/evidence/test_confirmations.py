"""Confirming that a unit's evidence is sufficient, and that earlier judgements were reviewed (R4, R17, Q23)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from evidence.actions.confirmations import confirm_unit
from evidence.actions.enrolment import reassign, reassign_unit
from evidence.actions.judging import Verdict, judge_claim
from evidence.models import (
    ClaimState,
    Judgement,
    UnitConfirmation,
    UnitConfirmationKind,
)
from ledger.events import EventType
from ledger.models import Event
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
from tests.evidence.decisions import judge_it, version_of
from tests.signoff.builders import confirm_sufficient, judge


def text_of(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def browser(world: World) -> Client:
    return world.client(world.assessor)


# --- Confirming a unit ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", UnitConfirmationKind.values)
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


@pytest.mark.parametrize("kind", UnitConfirmationKind.values)
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


def confirm_url(world: World, kind: str = "") -> str:
    return reverse("confirm_unit", args=[world.record.pk]) + (f"?kind={kind}" if kind else "")


def test_confirming_shows_the_figures_and_asks_to_be_sure(world: World, browser: Client) -> None:
    """R4."""
    assert "Nothing on this unit has been accepted yet." in text_of(browser.get(confirm_url(world)))
    judge(add_offered_item(world, world.criteria[:2]), by=world.assessor)
    page = text_of(browser.get(confirm_url(world)))
    assert "All of it comes from one date" in page
    assert (today() - timedelta(days=10)).strftime("%d/%m/%Y") in page
    assert browser.post(confirm_url(world), {}).status_code == 422
    assert not UnitConfirmation.objects.exists()
    assert browser.post(confirm_url(world), {"sure": "on"}).url == reverse("record", args=[world.record.pk])
    assert UnitConfirmation.objects.get().kind == "sufficient"
    assert "You have confirmed this already." in text_of(browser.get(confirm_url(world)))
    again = browser.post(confirm_url(world), {"sure": "on"})
    assert again.status_code == 422
    assert UnitConfirmation.objects.count() == 1


def test_reviewing_lists_what_somebody_else_accepted(world: World) -> None:
    """Q23."""
    judge(add_offered_item(world, world.criteria[:1]), by=world.assessor)
    reassign_unit(
        record_id=world.record.pk,
        own_assessor=world.countersigner.person,
        own_iv=None,
        why="Anna has left",
        by=world.coordinator,
    )
    client = world.client(world.countersigner)
    page = text_of(client.get(confirm_url(world, "reviewed")))
    assert "Accepted by somebody else" in page
    assert "Anna Assessor" in page
    client.post(confirm_url(world, "reviewed"), {"sure": "on"})
    assert UnitConfirmation.objects.get().kind == "reviewed"


@pytest.mark.parametrize(
    ("who", "status"),
    [("candidate", 403), ("iv", 403), ("coordinator", 403), ("countersigner", 404), ("foreign_assessor", 404)],
)
def test_confirming_opens_to_the_units_assessor_only(world: World, who: str, status: int) -> None:
    judge(add_offered_item(world, world.criteria[:1]), by=world.assessor)
    client = world.client(getattr(world, who))
    assert client.get(confirm_url(world)).status_code == status
    assert client.post(confirm_url(world), {"sure": "on"}).status_code == status
    assert not UnitConfirmation.objects.exists()
