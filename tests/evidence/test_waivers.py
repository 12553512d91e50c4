"""Doing without a "should": by the unit's assessor, with a reason, and back again (Q11)."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from assessment.confirming.actions import confirm_unit
from assessment.confirming.waivers import waive_criteria, withdraw_waiver
from evidence.models import Evidence
from evidence.progress import progress_of
from ledger.events import EventType
from ledger.models import Event
from ledger.queries import with_notes
from ledger.testing import LedgerWriteFailed, expect_events, failing_ledger
from registrations.models import UnitConfirmation, UnitConfirmationKind, UnitRecord, Waiver
from signoff.handover.reassigning import reassign_unit
from signoff.moving_on import change_status
from tests.evidence.builders import World, add_offered_item, approve, criteria_of, today
from tests.evidence.decisions import BYSTANDERS, judge_it
from tests.evidence.other_units import record_of, waived_record_of
from units.models import Criterion

Costs = Callable[..., AbstractContextManager[Any]]
REASON = "No such customer comes to the workshop."


def text_of(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def browser(world: World) -> Client:
    return world.client(world.assessor)


def cells_of(record: UnitRecord) -> dict[str, Criterion]:
    """The cells of A18 by label: 5a to 5d must be covered, 6a and 6b should be."""
    return {one.label: one for one in criteria_of(record.unit)}


def waive(record: UnitRecord, *labels: str, world: World, reason: str = REASON) -> list[Waiver]:
    cells = cells_of(record)
    wanted = [cells[label].pk for label in labels]
    return waive_criteria(record_id=record.pk, criteria=wanted, reason=reason, by=world.assessor)


def suspend(record: UnitRecord, world: World) -> None:
    registration = record.registration
    change_status(
        registration=registration,
        revision=registration.revision,
        status="suspended",
        on=today(),
        why="Away",
        by=world.coordinator,
    )


def standing() -> tuple[Any, ...]:
    return (
        list(Waiver.objects.order_by("pk").values_list("pk", "withdrawn_at")),
        list(UnitConfirmation.objects.order_by("pk").values_list("pk", "lapsed_at")),
        Event.objects.count(),
    )


# --- Waiving ----------------------------------------------------------------------------------------------------------


def test_a_waived_should_is_not_asked_for_any_more(world: World) -> None:
    record = record_of(world, "A18")
    before = progress_of([record])[record.pk].coverage
    with expect_events(EventType.CRITERION_WAIVED) as events:
        waive(record, "6b", "6a", world=world)
    after = progress_of([record])[record.pk].coverage
    assert (before.accepted, after.accepted) == (0, 2)
    assert after.required == before.required == 6
    cells = cells_of(record)
    assert events[0].subject == f"unit_record:{record.pk}"
    assert events[0].data == {"criteria": [cells["6a"].pk, cells["6b"].pk], "labels": ["6a", "6b"]}
    assert with_notes(Event.objects.filter(pk=events[0].pk)).get().note == REASON
    assert {(row.criterion.label, row.reason, row.waived_by) for row in record.waivers.all()} == {
        ("6a", REASON, world.assessor.person),
        ("6b", REASON, world.assessor.person),
    }


def test_taking_it_back_asks_for_it_again(world: World) -> None:
    record, waiver = waived_record_of(world)
    with expect_events(EventType.WAIVER_WITHDRAWN) as events:
        withdrawn = withdraw_waiver(waiver_id=waiver.pk, by=world.assessor)
    assert events[0].data == {"criteria": [waiver.criterion_id], "labels": ["6a"]}
    assert withdrawn.withdrawn_by == world.assessor.person
    assert progress_of([record])[record.pk].coverage.accepted == 0
    with expect_events():
        withdraw_waiver(waiver_id=waiver.pk, by=world.assessor)
    waive(record, "6a", world=world)
    assert record.waivers.count() == 2


def test_both_make_what_was_confirmed_lapse(world: World) -> None:
    record = record_of(world, "A18")
    judge_it(add_offered_item(world, [None], record=record), world.assessor)
    kind = UnitConfirmationKind.SUFFICIENT
    confirm_unit(record_id=record.pk, kind=kind, by=world.assessor)
    with expect_events(EventType.CRITERION_WAIVED, EventType.CONFIRMATION_LAPSED):
        (waiver,) = waive(record, "6a", world=world)
    confirm_unit(record_id=record.pk, kind=kind, by=world.assessor)
    with expect_events(EventType.WAIVER_WITHDRAWN, EventType.CONFIRMATION_LAPSED):
        withdraw_waiver(waiver_id=waiver.pk, by=world.assessor)
    assert not record.confirmations.filter(lapsed_at=None).exists()


def test_the_same_form_sent_twice_waives_once(world: World) -> None:
    record = record_of(world, "A18")
    first = waive(record, "6a", world=world)
    with expect_events():
        assert waive(record, "6a", world=world, reason=f" {REASON}") == first


@pytest.mark.parametrize(
    ("labels", "reason", "field", "says"),
    [
        (["6a"], "  ", "reason", "Say why"),
        (["6a"], "x" * 301, "reason", "300 characters"),
        ([], REASON, "criteria", "Tick what you waive"),
        (["5a"], REASON, "criteria", "Only what is printed as a “should”"),
        (["6a", "5a"], REASON, "criteria", "Only what is printed as a “should”"),
        (["6b"], "Another reason", "criteria", "Waived already: 6b"),
        (["6a", "6b"], REASON, "criteria", "Waived already: 6b"),
    ],
)
def test_what_is_wrong_is_said_by_field(world: World, labels: list[str], reason: str, field: str, says: str) -> None:
    record = record_of(world, "A18")
    waive(record, "6b", world=world)
    before = standing()
    with pytest.raises(ValidationError, match=says) as refusal:
        waive(record, *labels, world=world, reason=reason)
    assert set(refusal.value.error_dict) == {field}
    assert standing() == before


def test_a_unit_without_a_should_waives_nothing(world: World) -> None:
    with pytest.raises(ValidationError, match="Unit 304 asks for nothing by a “should”"):
        waive_criteria(record_id=world.record.pk, criteria=[world.criteria[0].pk], reason=REASON, by=world.assessor)


@pytest.mark.parametrize("who", BYSTANDERS)
def test_nobody_else_waives_or_takes_back(world: World, who: str) -> None:
    record, waiver = waived_record_of(world)
    before, seat = standing(), getattr(world, who)
    other = cells_of(record)["6b"].pk
    with pytest.raises(PermissionDenied):
        waive_criteria(record_id=record.pk, criteria=[other], reason=REASON, by=seat)
    with pytest.raises(PermissionDenied):
        withdraw_waiver(waiver_id=waiver.pk, by=seat)
    assert standing() == before


def test_nothing_is_waived_on_a_closed_record(world: World) -> None:
    record, waiver = waived_record_of(world)
    suspend(record, world)
    before = standing()
    with pytest.raises(ValidationError, match="suspended"):
        waive(record, "6b", world=world)
    with pytest.raises(ValidationError, match="suspended"):
        withdraw_waiver(waiver_id=waiver.pk, by=world.assessor)
    assert standing() == before


def test_a_ledger_that_fails_leaves_nothing(world: World) -> None:
    record, waiver = waived_record_of(world)
    before = standing()
    with pytest.raises(LedgerWriteFailed), failing_ledger():
        waive(record, "6b", world=world)
    with pytest.raises(LedgerWriteFailed), failing_ledger():
        withdraw_waiver(waiver_id=waiver.pk, by=world.assessor)
    assert standing() == before


# --- Its page ---------------------------------------------------------------------------------------------------------


def waive_url(record: UnitRecord) -> str:
    return reverse("waive", args=[record.pk])


def test_the_page_lists_every_should_with_its_state(world: World, browser: Client) -> None:
    record, waiver = waived_record_of(world)
    cells = cells_of(record)
    judge_it(add_offered_item(world, [cells["6b"]], record=record), world.assessor)
    page = text_of(browser.get(waive_url(record)))
    assert "Your evidence should include working with customers who are:" in page
    assert waiver.reason in page
    assert f"by Anna Assessor, {today():%d/%m/%Y}" in page
    for label, state in (("6a", "Waived"), ("6b", "Accepted")):
        row = page[page.index(f'<th scope="row">{label}</th>') :].partition("</tr>")[0]
        assert state in row
    assert cells["5a"].text not in page


def test_what_the_address_names_is_ticked(world: World, browser: Client) -> None:
    record = record_of(world, "A18")
    cells = cells_of(record)
    page = text_of(browser.get(f"{waive_url(record)}?criterion={cells['6b'].pk}"))
    ticked = re.findall(r'name="criteria" value="(\d+)"[^>]* checked', page)
    assert ticked == [str(cells["6b"].pk)]
    assert browser.get(f"{waive_url(record)}?criterion=%00x").status_code == 200


def test_waiving_in_the_browser_and_taking_back(world: World, browser: Client) -> None:
    record = record_of(world, "A18")
    criterion = cells_of(record)["6a"]
    refused = browser.post(waive_url(record), {"criteria": [criterion.pk], "reason": " "})
    assert refused.status_code == 422
    assert re.search(rf'name="criteria" value="{criterion.pk}"[^>]* checked', text_of(refused))
    refused = browser.post(waive_url(record), {"reason": REASON})
    assert refused.status_code == 422
    assert REASON in text_of(refused)
    assert not record.waivers.exists()
    for _ in range(2):  # The button was pressed twice.
        sent = browser.post(waive_url(record), {"criteria": [criterion.pk], "reason": REASON})
        assert sent.url == waive_url(record)
    waiver = record.waivers.get()
    for _ in range(2):
        assert browser.post(reverse("withdraw_waiver", args=[waiver.pk])).url == waive_url(record)
    waiver.refresh_from_db()
    assert waiver.withdrawn_at is not None


def test_once_all_are_waived_there_is_nothing_left_to_tick(world: World, browser: Client) -> None:
    record, _ = waived_record_of(world)
    waive(record, "6b", world=world)
    page = text_of(browser.get(waive_url(record)))
    assert "Every “should” of this unit is waived." in page
    assert 'name="criteria"' not in page


def test_who_may_not_waive_reads_why(world: World, browser: Client) -> None:
    record, waiver = waived_record_of(world)
    suspend(record, world)
    page = text_of(browser.get(waive_url(record)))
    assert "suspended" in page
    assert "Ask for it after all" not in page
    answer = browser.post(reverse("withdraw_waiver", args=[waiver.pk]), follow=True)
    assert "suspended" in text_of(answer)


def test_a_new_assessor_takes_over_what_was_waived(world: World, browser: Client) -> None:
    """The reason stays with whoever gave it; the page closes to the one who left the unit."""
    record, waiver = waived_record_of(world)
    assert browser.get(waive_url(record)).status_code == 200
    approve(world.coordinator, world.countersigner, record.unit)
    reassign_unit(
        record_id=record.pk,
        own_assessor=world.countersigner.person,
        own_iv=None,
        why="Anna has left",
        by=world.coordinator,
    )
    assert browser.get(waive_url(record)).status_code == 404
    assert "Anna Assessor" in text_of(world.client(world.countersigner).get(waive_url(record)))
    withdraw_waiver(waiver_id=waiver.pk, by=world.countersigner)


def test_the_page_costs_the_same_for_one_and_two(
    world: World, browser: Client, django_assert_num_queries: Costs
) -> None:
    record, _ = waived_record_of(world)
    browser.get(waive_url(record))
    for _ in range(2):
        add_offered_item(world, [None], record=record)
        with django_assert_num_queries(11):
            assert browser.get(waive_url(record)).status_code == 200
        if Evidence.objects.count() == 1:
            waive(record, "6b", world=world)
