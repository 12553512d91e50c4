"""What else an item may show: offered where it may count, never claimed silently (PRACTICE §5 pain 4)."""

import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from centres.models import Membership
from evidence.claims.actions import add_twin_claim
from evidence.claims.suggestions import MOST_SHOWN, Suggestion, Suggestions, suggestions_for
from evidence.items.actions import withdraw_evidence
from evidence.models import Claim, ClaimState, Evidence
from ledger.events import EventType
from ledger.testing import expect_events
from registrations.enrolment import add_unit
from registrations.models import RecordState, Registration, UnitRecord
from tests.evidence.builders import (
    World,
    add_a_witness,
    add_item,
    add_offered_item,
    approve,
    claim,
    register,
    replace,
)
from tests.evidence.naming import name_it
from tests.evidence.pages import text_of
from units.actions import load_standard
from units.models import Criterion, Unit
from units.queries import forget_outlines
from units.standard_files import FOLDER, read_standard_file

# Every unit with "During routine delivery of customer service".
ROUTINE = "F2 A1 A2 A3 A4 A8 A9 A10 A11 A12 B1 B2 B3 B5 B6 B7 B8 C4 C7 D5"
OTHERS = "A6 A14 A17 B10 B15 C1 C3 C5 C8 D2 D9 D12"
STANDARD = "much-of-2010"


@pytest.fixture(scope="module", autouse=True)
def _units(world_of_module: World, django_db_blocker: DjangoDbBlocker) -> None:
    """These units beside those of the world, in one qualification, with people approved for them."""
    requirements = read_standard_file(FOLDER / "evidence-requirements-2010.json")
    codes = {*ROUTINE.split(), *OTHERS.split()}
    (award,) = requirements.qualifications
    with django_db_blocker.unblock():
        load_standard(
            document=dataclasses.replace(
                requirements,
                code=STANDARD,
                units=tuple(unit for unit in requirements.units if unit.code in codes),
                qualifications=(
                    dataclasses.replace(award, units=tuple(one for one in award.units if one.unit in codes)),
                ),
            )
        )
        units = Unit.objects.filter(standard__code=STANDARD)
        for seat in (world_of_module.other_assessor, world_of_module.other_iv):
            approve(world_of_module.coordinator, seat, *units)


def take(world: World, codes: str, seat: Membership | None = None) -> dict[str, UnitRecord]:
    """Register the candidate, or another, on units, or add units to the registration; its records by code."""
    units = list(Unit.objects.filter(code__in=codes.split(), standard__code=STANDARD))
    candidate = seat or world.candidate
    registration = Registration.objects.filter(
        candidate=candidate.person, qualification__standard__code=STANDARD
    ).first()
    if registration is None:
        registration = register(
            world.coordinator, candidate, assessor=world.other_assessor, iv=world.other_iv, units=units
        )
    else:
        for unit in units:
            add_unit(registration=registration, unit=unit, by=world.coordinator)
    return {record.unit.code: record for record in registration.unit_records.select_related("unit")}


def point(name: str) -> Criterion:
    """A cell of these units by unit and label, such as "A1 6a"."""
    code, label = name.split()
    return Criterion.objects.select_related("group").get(
        group__unit__code=code,
        group__unit__standard__code=STANDARD,
        group__printed_number=label[:-1],
        printed_label=label[-1],
    )


def claimed(world: World, records: dict[str, UnitRecord], *names: str, **words: Any) -> Evidence:
    """A draft claimed against cells, at page 3."""
    item = add_item(world, **words)
    for name in names:
        claim(world, item, [point(name)], record=records[name.split()[0]], locator="page 3")
    return fresh(item)


def fresh(item: Evidence) -> Evidence:
    return Evidence.objects.select_related("portfolio", "current_version__witness").get(pk=item.pk)


def labels(item: Evidence) -> list[str]:
    return [one.label for one in suggestions_for(fresh(item)).listed]


def the_one(item: Evidence) -> Suggestion:
    (one,) = suggestions_for(fresh(item)).listed
    return one


def press(item: Evidence, one: Suggestion, by: Any) -> Claim:
    criterion = Criterion.objects.select_related("group").get(pk=one.place.criterion.id)
    return add_twin_claim(evidence=fresh(item), twin=one.twin, record=one.record, criterion=criterion, by=by)


def judge(item: Evidence, state: str) -> None:
    """As the assessor leaves an item's claims behind."""
    item.claims.update(state=state, judged_version=item.current_version)


# --- What is suggested ------------------------------------------------------------------------------------------------


def test_the_same_point_of_other_units_is_suggested_at_the_same_place(world: World) -> None:
    records = take(world, "F2 A1 A2 B10")
    item = claimed(world, records, "A1 6a", "A1 5a")
    found = suggestions_for(item)
    assert [(one.label, one.twin_label, one.twin.locator) for one in found.listed] == [
        ("F2 5a", "A1 6a", "page 3"),
        ("A2 5a", "A1 5a", "page 3"),
        ("A2 6a", "A1 6a", "page 3"),
        ("B10 4a", "A1 5a", "page 3"),
    ]
    assert (found.more, found.covered, len(found)) == (0, 0, 4)


def test_the_same_point_of_another_item_of_the_unit_is_suggested(world: World) -> None:
    records = take(world, "A17")
    item = add_item(world)
    quality = Criterion.objects.get(group__unit__code="A17", group__text__contains="implications", printed_label="a")
    claim(world, item, [quality], record=records["A17"])
    assert the_one(item).place.group.text.startswith("You evidence must show that you have provided information")


def test_a_unit_of_another_standard_has_twins_too(world: World) -> None:
    records = take(world, "A14 B10")
    item = claimed(world, records, "A14 6c")
    assert labels(item) == ["304 3c", "B10 4d"]


def test_what_is_claimed_already_is_not_suggested(world: World) -> None:
    item = claimed(world, take(world, "A1 A2"), "A1 6a", "A2 6a")
    assert labels(item) == []


@pytest.mark.parametrize("names", [[], ["whole"]])
def test_nothing_claimed_and_a_unit_as_a_whole_repeat_nothing(world: World, names: list[str]) -> None:
    records = take(world, "A1 A2")
    item = add_item(world)
    if names:
        claim(world, item, [None], record=records["A1"])
    assert suggestions_for(fresh(item)) == Suggestions()


def test_another_candidate_s_units_are_never_suggested(world: World) -> None:
    records = take(world, "A1")
    take(world, ROUTINE, world.trainee_candidate)
    assert labels(claimed(world, records, "A1 6a")) == []


def test_signed_and_suspended_units_are_not_suggested(world: World) -> None:
    records = take(world, "A1 A2 A3")
    item = claimed(world, records, "A1 6a")
    UnitRecord.objects.filter(pk=records["A2"].pk).update(state=RecordState.CANDIDATE_SIGNED)
    assert labels(item) == ["A3 5a"]
    type(records["A3"].registration).objects.filter(pk=records["A3"].registration_id).update(status="suspended")
    assert labels(item) == []


def test_a_claim_in_a_signed_unit_may_be_repeated_in_an_open_one(world: World) -> None:
    records = take(world, "A1 A2")
    item = claimed(world, records, "A1 6a")
    UnitRecord.objects.filter(pk=records["A1"].pk).update(state=RecordState.CANDIDATE_SIGNED)
    assert labels(item) == ["A2 6a"]


def test_what_the_setting_bars_is_never_suggested(world: World) -> None:
    """Simulation counts in C1 and nowhere else among its twins (R5)."""
    records = take(world, "C1 C3 C5 C8")
    shown = claimed(world, records, "C1 5a")
    assert labels(shown) == ["C3 4c", "C5 5a", "C8 6a"]
    simulated = claimed(world, records, "C1 5a", setting="simulation", simulation_basis="A call in March")
    assert suggestions_for(simulated) == Suggestions()
    placed = claimed(world, take(world, "A14 B10 A6"), "A14 6c", setting="placement")
    assert labels(placed) == ["A6 5a"], "304 and B10 want a real job"


def test_what_the_criterion_s_methods_bar_is_never_suggested(world: World) -> None:
    records = take(world, "A1 A2")
    Criterion.objects.filter(pk=point("A2 6a").pk).update(methods=["O", "WT"])
    forget_outlines()
    assert labels(claimed(world, records, "A1 6a", methods=["PE"])) == []
    assert labels(claimed(world, records, "A1 6a", methods=["O", "PE"])) == ["A2 6a"]
    forget_outlines()


def test_a_unit_whose_assessor_is_the_witness_is_not_suggested(world: World) -> None:
    """R23: the assessor of the twin is somebody else than that of 304."""
    witness = add_a_witness(world, name=world.other_assessor.person.name)
    take(world, "A14")
    item = add_item(world, methods=["WT"], witness=witness)
    claim(world, item, [world.criteria[6]])
    assert labels(item) == []
    other = add_item(world)
    claim(world, other, [world.criteria[6]])
    assert labels(other) == ["A14 6c"]


def test_what_was_returned_repeats_nothing(world: World) -> None:
    item = claimed(world, take(world, "A1 A2"), "A1 6a")
    judge(item, ClaimState.RETURNED)
    assert labels(item) == []


def test_what_is_covered_is_left_out_and_counted_and_what_waits_comes_last(world: World) -> None:
    records = take(world, "A1 A2 A3 A4")
    judge(claimed(world, records, "A2 6a"), ClaimState.ACCEPTED)
    claimed(world, records, "A3 5a")
    found = suggestions_for(claimed(world, records, "A1 6a"))
    assert [(one.label, one.is_claimed) for one in found.listed] == [("A4 5a", False), ("A3 5a", True)]
    assert found.covered == 1


def test_cells_that_ask_which_value_are_left_out_until_one_alone_is_named(world: World) -> None:
    records = take(world, "B15 D12")
    item = claimed(world, records, "B15 6c", "B15 6d")
    assert labels(item) == ["D12 4a"]
    first = name_it(world, records["D12"], "Questionnaire", of="formal method")
    assert labels(item) == ["D12 4a", "D12 4b for “Questionnaire”"]
    name_it(world, records["D12"], "Telephone survey", of="formal method")
    assert labels(item) == ["D12 4a"]
    assert first.record == records["D12"]


def test_a_press_where_one_change_is_named_claims_for_that_change(world: World, browser: Client) -> None:
    records = take(world, "D2 D9")
    item = claimed(world, records, "D9 6c")
    assert labels(item) == []
    change = name_it(world, records["D2"], "New phone rota")
    one = the_one(item)
    url = reverse("suggestions", args=[item.pk])
    page = text_of(browser.post(url, sent(one) | {"instance": change.pk}, follow=True))
    assert f"{item.reference} is now claimed against D2 5b for “New phone rota” as well, at “page 3”." in page
    assert item.claims.get(record=records["D2"]).instance == change
    assert labels(item) == []


def test_a_change_of_another_record_is_not_found_and_one_that_is_missing_is_asked_for(
    world: World, browser: Client
) -> None:
    records = take(world, "D2 D9")
    item = claimed(world, records, "D9 6c")
    name_it(world, records["D2"], "New phone rota")
    theirs = take(world, "D2", world.trainee_candidate)
    foreign = name_it(world, theirs["D2"], "Their rota", seat=world.trainee_candidate)
    data = sent(the_one(item))
    url = reverse("suggestions", args=[item.pk])
    assert browser.post(url, data | {"instance": foreign.pk}).status_code == 404
    assert "say which change it shows" in text_of(browser.post(url, data, follow=True))
    assert item.claims.count() == 1


def test_the_list_stays_short(world: World) -> None:
    found = suggestions_for(claimed(world, take(world, ROUTINE), "A1 6a"))
    assert (len(found.listed), found.more, len(found)) == (MOST_SHOWN, 7, 19)


def test_it_costs_the_same_for_two_units_and_for_twenty(
    world: World, django_assert_num_queries: Callable[..., AbstractContextManager]
) -> None:
    few = claimed(world, take(world, "F2 A1"), "A1 6a")
    suggestions_for(few)  # the outlines are kept from now on
    with django_assert_num_queries(6):
        suggestions_for(few)
    take(world, ROUTINE.removeprefix("F2 A1 "))
    suggestions_for(few)
    with django_assert_num_queries(6):
        assert len(suggestions_for(few)) == 19


# --- One press, one claim ---------------------------------------------------------------------------------------------


def test_a_press_makes_one_claim_at_the_same_place(world: World) -> None:
    records = take(world, "A1 A2")
    item = claimed(world, records, "A1 6a")
    one = the_one(item)
    with expect_events(EventType.CLAIM_MADE) as events:
        made = press(item, one, world.candidate)
    assert (made.record, made.criterion, made.locator) == (records["A2"], point("A2 6a"), "page 3")
    assert (made.state, made.made_by) == (ClaimState.UNDECIDED, world.candidate.person)
    assert events[0].data == {"reference": item.reference, "unit_record": records["A2"].pk, "claims": [made.pk]}
    assert fresh(item).revision == item.revision + 1
    with expect_events():
        assert press(item, one, world.candidate) == made
    assert item.claims.count() == 2


def test_a_press_is_refused_to_everybody_else(world: World) -> None:
    item = claimed(world, take(world, "A1 A2"), "A1 6a")
    one = the_one(item)
    for who in ("other_candidate", "assessor", "other_assessor", "coordinator", "foreign_candidate"):
        with pytest.raises(PermissionDenied):
            press(item, one, getattr(world, who))
    assert item.claims.count() == 1


def test_a_press_is_refused_where_the_claim_no_longer_stands(world: World) -> None:
    item = claimed(world, take(world, "A1 A2"), "A1 6a")
    one = the_one(item)
    for state in (ClaimState.RETURNED, ClaimState.WITHDRAWN):
        judge(item, state)
        with pytest.raises(ValidationError, match="no longer claimed against what 6a repeats"):
            press(item, one, world.candidate)
    judge(item, ClaimState.ACCEPTED)
    UnitRecord.objects.filter(pk=one.record.pk).update(state=RecordState.CANDIDATE_SIGNED)
    with pytest.raises(ValidationError, match="Unit A2 is signed"):
        press(item, one, world.candidate)
    withdraw_evidence(evidence=fresh(item), revision=fresh(item).revision, why="Wrong file", by=world.candidate)
    with pytest.raises(ValidationError):
        press(item, one, world.candidate)
    assert item.claims.count() == 1


def test_only_twins_are_claimed_this_way_and_only_in_one_s_own_units(world: World) -> None:
    records = take(world, "A1 A2")
    item = claimed(world, records, "A1 6a")
    theirs = take(world, "A2", world.trainee_candidate)
    twin = item.claims.get()
    for record, name in ((records["A2"], "A2 6b"), (records["A2"], "A1 6a"), (theirs["A2"], "A2 6a")):
        with pytest.raises(ValidationError):
            add_twin_claim(evidence=item, twin=twin, record=record, criterion=point(name), by=world.candidate)
    assert item.claims.count() == 1


# --- In the browser ---------------------------------------------------------------------------------------------------


def sent(one: Suggestion) -> dict[str, int]:
    return {"record": one.record.pk, "criterion": one.place.criterion.id, "claim": one.twin.pk}


def test_the_page_offers_each_with_a_button_of_its_own(world: World, browser: Client) -> None:
    item = claimed(world, take(world, "A1 A2 A3"), "A1 6a")
    page = text_of(browser.get(reverse("evidence", args=[item.pk])))
    assert page.count(f'action="{reverse("suggestions", args=[item.pk])}"') == 2
    assert "Repeats A1 6a. Where to look: page 3" in page
    assert "You need to include evidence that you have communicated effectively with customers:" in page


def test_pressing_a_button_claims_says_so_and_shortens_the_list(world: World, browser: Client) -> None:
    item = claimed(world, take(world, "A1 A2"), "A1 6a")
    url = reverse("suggestions", args=[item.pk])
    data = sent(the_one(item))
    landed = {browser.post(url, data).headers["Location"] for _ in range(2)}
    made = item.claims.latest("pk")
    assert landed == {f"{reverse('evidence', args=[item.pk])}?claimed={made.pk}#suggestions"}
    page = text_of(browser.get(landed.pop()))
    assert f"{item.reference} is now claimed against A2 6a as well, at “page 3”." in page
    assert url not in page
    assert item.claims.count() == 2


def test_a_stale_button_tells_what_is_wrong(world: World, browser: Client) -> None:
    item = claimed(world, take(world, "A1 A2"), "A1 6a")
    data = sent(the_one(item))
    judge(item, ClaimState.WITHDRAWN)
    page = text_of(browser.post(reverse("suggestions", args=[item.pk]), data, follow=True))
    assert f"{item.reference} is no longer claimed against what 6a repeats." in page


@pytest.mark.parametrize(
    "spoilt", [{"record": "x"}, {"criterion": ""}, {"claim": "9" * 5000}, {"record": "0"}, {"criterion": str(2**70)}]
)
def test_what_no_button_sends_finds_nothing(world: World, browser: Client, spoilt: dict[str, str]) -> None:
    item = claimed(world, take(world, "A1 A2"), "A1 6a")
    response = browser.post(reverse("suggestions", args=[item.pk]), sent(the_one(item)) | spoilt)
    assert (response.status_code, item.claims.count()) == (404, 1)


def test_another_candidate_s_record_and_claim_are_not_found(world: World, browser: Client) -> None:
    item = claimed(world, take(world, "A1 A2"), "A1 6a")
    theirs = take(world, "A2", world.trainee_candidate)
    url = reverse("suggestions", args=[item.pk])
    data = sent(the_one(item))
    assert browser.post(url, data | {"record": theirs["A2"].pk}).status_code == 404
    foreign = add_offered_item(world, world.criteria[:1]).claims.get()
    assert browser.post(url, data | {"claim": foreign.pk}).status_code == 404
    assert item.claims.count() == 1


def test_only_the_candidate_sees_suggestions_and_only_while_claims_may_change(world: World, browser: Client) -> None:
    take(world, "A14")
    item = add_offered_item(world, [world.criteria[6]])
    url, mark = reverse("evidence", args=[item.pk]), "This may also show"
    assert mark in text_of(browser.get(url))
    for who in ("assessor", "other_assessor", "coordinator"):
        assert mark not in text_of(world.client(getattr(world, who)).get(url)), who
    replace(world, item)
    assert mark not in text_of(browser.get(f"{url}?version=1"))
    assert mark in text_of(browser.get(url))
    withdraw_evidence(evidence=fresh(item), revision=fresh(item).revision, why="Wrong file", by=world.candidate)
    assert mark not in text_of(browser.get(url))


@pytest.mark.parametrize("claimed_pk", ["", "x", "0", "9" * 5000])
def test_an_address_made_up_says_nothing(world: World, browser: Client, claimed_pk: str) -> None:
    item = claimed(world, take(world, "A1"), "A1 6a")
    page = browser.get(reverse("evidence", args=[item.pk]), {"claimed": claimed_pk})
    assert (page.status_code, "as well" in text_of(page)) == (200, False)
