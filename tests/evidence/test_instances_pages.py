"""Naming and claiming in the browser: nothing typed is ever lost, and every page says for which of several (R3)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from evidence.models import Claim, ClaimState, Evidence, Instance
from registrations.models import RecordState, UnitRecord
from signoff.history import told
from signoff.queries import history_of_record
from tests.drafts.sheets import OpenPage
from tests.evidence.builders import World, add_item, add_offered_item, claim
from tests.evidence.decisions import judge_it
from tests.evidence.naming import cell_of, name_it, record_of
from tests.evidence.pages import text_of


@pytest.fixture
def changes(world: World) -> UnitRecord:
    """A record of D2, which asks for two changes."""
    return record_of(world, "D2")


def key(record: UnitRecord, label: str, instance: Instance | None = None) -> str:
    """A cell's name in the form of claims."""
    whole = f"{record.pk}-{cell_of(record, label).pk}"
    return f"{whole}-{instance.pk}" if instance else whole


def send(browser: Client, evidence: Evidence, data: dict[str, Any]) -> HttpResponse:
    revision = Evidence.objects.get(pk=evidence.pk).revision
    return browser.post(reverse("claims", args=[evidence.pk]), {"revision": str(revision), **data})


def shown(response: HttpResponse) -> dict[str, Any]:
    """What the form of claims is filled in with."""
    form = response.context["form"]
    return {field.html_name: field.value() for field in form if field.value() not in (False, "", None)}


def placed(evidence: Evidence) -> dict[tuple[str, str], str]:
    """The places of the item's live claims, by cell and what they are for."""
    return {
        (one.criterion.label if one.criterion else "", str(one.instance or "")): one.locator
        for one in evidence.claims.exclude(state=ClaimState.WITHDRAWN).select_related("criterion__group", "instance")
    }


# --- Name first, then tick --------------------------------------------------------------------------------------------


def test_nothing_can_be_ticked_until_a_change_is_named(world: World, browser: Client, changes: UnitRecord) -> None:
    page = text_of(browser.get(reverse("claims", args=[add_item(world).pk])))
    assert "Name your changes first" in page
    assert "Nothing can be ticked until one is named" in page
    assert f"tick-{key(changes, '5a')}" not in page


def test_naming_keeps_all_that_was_ticked_and_typed(world: World, browser: Client, changes: UnitRecord) -> None:
    evidence = add_item(world)
    of_304 = f"{world.record.pk}-{world.criteria[0].pk}"
    data = {"place": "page 3", f"tick-{of_304}": "on", f"place-{world.record.pk}-unit": "all of it"}
    answer = send(browser, evidence, data | {f"name-{changes.pk}-1": " New phone rota ", "name": f"{changes.pk}-1"})
    assert answer.status_code == 200
    named = Instance.objects.get()
    assert (named.record, named.of, named.name) == (changes, "change", "New phone rota")
    assert {name: value for name, value in shown(answer).items() if name != "revision"} == {
        "place": "page 3",
        f"tick-{of_304}": True,
        f"place-{world.record.pk}-unit": "all of it",
    }, "a place without a tick is kept too, and without a complaint"
    page = text_of(answer)
    assert "“New phone rota” is named." in page
    assert "There is a problem" not in page
    for label in ("5a", "5b"):
        assert f'name="tick-{key(changes, label, named)}"' in page
    assert not Claim.objects.exists(), "saving is another press"
    answer = send(
        browser, evidence, data | {f"tick-{key(changes, '5b', named)}": "on", f"place-{world.record.pk}-unit": ""}
    )
    assert answer.status_code == 302
    assert placed(evidence) == {("1a", ""): "page 3", ("5b", "New phone rota"): "page 3"}


def test_the_same_press_twice_names_once(world: World, browser: Client, changes: UnitRecord) -> None:
    evidence = add_item(world)
    data = {f"name-{changes.pk}-1": "New phone rota", "name": f"{changes.pk}-1"}
    assert [send(browser, evidence, data).status_code for _ in range(2)] == [200, 200]
    assert Instance.objects.count() == 1


def test_a_name_that_was_typed_and_not_pressed_is_named_before_saving(
    world: World, browser: Client, changes: UnitRecord
) -> None:
    evidence = add_item(world)
    answer = send(browser, evidence, {f"name-{changes.pk}-1": "New phone rota", f"tick-{world.record.pk}-unit": "on"})
    assert (answer.status_code, Instance.objects.count(), Claim.objects.count()) == (200, 1, 0)
    assert shown(answer)[f"tick-{world.record.pk}-unit"] is True


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("", "Give it a name."),
        ("  ", "Give it a name."),
        ("x" * 81, "80"),
        ("LONGER hours", "“Longer hours” is named already."),
        ("a\0b", "Null characters are not allowed."),
    ],
)
def test_a_name_that_is_refused_keeps_everything(
    world: World, browser: Client, changes: UnitRecord, typed: str, word: str
) -> None:
    name_it(world, changes, "Longer hours")
    evidence = add_item(world)
    field = f"name-{changes.pk}-1"
    data = {f"tick-{world.record.pk}-unit": "on", "place": "page 3", field: typed, "name": f"{changes.pk}-1"}
    answer = send(browser, evidence, data)
    assert answer.status_code == 422
    assert list(answer.context["names"].errors) == [field]
    page = text_of(answer)
    assert word in page
    assert "There is a problem" in page
    assert shown(answer)[f"tick-{world.record.pk}-unit"] is True
    assert shown(answer)["place"] == "page 3"
    assert Instance.objects.count() == 1
    assert answer.context["names"][field].value() == typed


def test_an_unknown_button_names_nothing(world: World, browser: Client, changes: UnitRecord) -> None:
    evidence = add_item(world)
    for value in ("", "999-1", f"{changes.pk}-9", "\0"):
        assert send(browser, evidence, {"name": value, f"tick-{world.record.pk}-unit": "on"}).status_code == 200
    assert not Instance.objects.exists()


def test_a_signed_unit_names_nothing(world: World, browser: Client, changes: UnitRecord) -> None:
    UnitRecord.objects.filter(pk=changes.pk).update(state=RecordState.CANDIDATE_SIGNED)
    evidence = add_item(world)
    send(browser, evidence, {f"name-{changes.pk}-1": "New phone rota", "name": f"{changes.pk}-1"})
    assert not Instance.objects.exists()


def test_the_draft_holds_what_was_ticked_and_not_what_was_named(
    world: World, browser: Client, changes: UnitRecord
) -> None:
    evidence = add_item(world)
    url = reverse("claims", args=[evidence.pk])
    field, tick = f"name-{changes.pk}-1", f"tick-{world.record.pk}-unit"
    page = OpenPage(browser, url)
    answer = page.send(**{"revision": "1", tick: "on", field: "New phone rota", "name": f"{changes.pk}-1"})
    named = Instance.objects.get()
    again = OpenPage(browser, url, answer)
    assert again.send(**{"revision": "1", tick: "on", f"tick-{key(changes, '5a', named)}": "on"}).status_code == 422
    fresh = browser.get(url)
    assert {tick, f"tick-{key(changes, '5a', named)}"} <= set(shown(fresh)), "the new line is part of the draft"
    assert "New phone rota" not in str(fresh.context["names"][field].value())


def test_an_older_page_is_told_so_after_naming_too(world: World, browser: Client, changes: UnitRecord) -> None:
    evidence = add_item(world)
    claim(world, evidence, world.criteria[:1])
    url = reverse("claims", args=[evidence.pk])
    data = {"revision": "1", "place": "page 1", f"tick-{world.record.pk}-unit": "on"}
    answer = browser.post(url, data | {f"name-{changes.pk}-1": "Rota", "name": f"{changes.pk}-1"})
    assert shown(answer)["revision"] == "1", "naming does not make an old page a new one"
    assert browser.post(url, data).status_code == 422


# --- A line for each --------------------------------------------------------------------------------------------------


def test_each_point_has_a_line_for_each_that_was_named(world: World, browser: Client, changes: UnitRecord) -> None:
    rota, hours = name_it(world, changes, "New phone rota"), name_it(world, changes, "Longer hours")
    theirs = record_of(world, "D2", who="other_candidate")
    name_it(world, theirs, "Somebody else’s", seat=world.other_candidate)
    evidence = add_item(world)
    data = {f"tick-{key(changes, '5a', rota)}": "on", f"place-{key(changes, '5a', rota)}": "page 1"}
    data |= {f"tick-{key(changes, '5a', hours)}": "on", "place": "page 2"}
    assert send(browser, evidence, data).status_code == 302
    assert placed(evidence) == {("5a", "New phone rota"): "page 1", ("5a", "Longer hours"): "page 2"}
    page = text_of(browser.get(reverse("claims", args=[evidence.pk])))
    assert "Somebody else’s" not in page
    assert page.count('<details class="more" open') == 0, "two are named, so the field folds away"


def test_what_is_sent_for_another_s_change_is_not_even_a_field(
    world: World, browser: Client, changes: UnitRecord
) -> None:
    theirs = record_of(world, "D2", who="other_candidate")
    of_another = name_it(world, theirs, "Somebody else’s", seat=world.other_candidate)
    evidence = add_item(world)
    data = {f"tick-{key(changes, '5a', of_another)}": "on", f"tick-{key(theirs, '5a', of_another)}": "on"}
    assert send(browser, evidence, data | {"place": "page 1"}).status_code == 302
    assert placed(evidence) == {}


def test_an_open_set_is_claimed_for_all_or_for_one(world: World, browser: Client) -> None:
    record = record_of(world, "D6")
    evidence = add_item(world)
    assert send(browser, evidence, {f"tick-{key(record, '7c')}": "on", "place": "page 1"}).status_code == 302
    floor = name_it(world, record, "Wet floor", of="risk")
    page = text_of(browser.get(reverse("claims", args=[evidence.pk])))
    assert "Every risk" in page
    data = {f"tick-{key(record, '7c')}": "on", f"place-{key(record, '7c')}": "page 1", "place": "page 2"}
    assert send(browser, evidence, data | {f"tick-{key(record, '7c', floor)}": "on"}).status_code == 302
    assert placed(evidence) == {("7c", ""): "page 1", ("7c", "Wet floor"): "page 2"}


def test_a_claim_that_says_no_change_moves_to_the_one_that_is_ticked(
    world: World, browser: Client, changes: UnitRecord
) -> None:
    rota = name_it(world, changes, "New phone rota")
    evidence = add_item(world)
    Claim.objects.create(
        evidence=evidence,
        record=changes,
        criterion=cell_of(changes, "5a"),
        locator="page 9",
        made_by=world.candidate.person,
    )
    page = text_of(browser.get(reverse("claims", args=[evidence.pk])))
    assert "This does not count until it says for which change." in page
    before = {f"tick-{key(changes, '5a')}": "on", f"place-{key(changes, '5a')}": "page 9"}
    assert send(browser, evidence, before).status_code == 302
    assert placed(evidence) == {("5a", ""): "page 9"}
    assert send(browser, evidence, before | {f"tick-{key(changes, '5a', rota)}": "on"}).status_code == 302
    assert placed(evidence) == {("5a", "New phone rota"): "page 9"}
    assert evidence.claims.count() == 1


# --- The assessor -----------------------------------------------------------------------------------------------------


def test_the_assessor_picks_one_for_a_missed_claim_and_names_one_first(world: World, changes: UnitRecord) -> None:
    rota = name_it(world, changes, "New phone rota")
    evidence = add_offered_item(world, [cell_of(changes, "5a")], record=changes, instance=rota)
    assessor = world.client(world.assessor)
    url = reverse("add_missed_claim", args=[evidence.pk])
    page = text_of(assessor.get(url))
    assert f'value="{key(changes, "5b", rota)}"' in page
    assert f'value="{key(changes, "5a", rota)}"' not in page, "claimed already"
    assert f'value="{key(changes, "5b")}"' not in page, "a change must be said"
    names = reverse("instances", args=[changes.pk])
    assert names in page
    assert assessor.post(names, {"kind": "1", "kind-1-name": "Longer hours"}).status_code == 302
    hours = Instance.objects.get(name="Longer hours")
    data = {"cell": key(changes, "5a", hours), "locator": "page 2"}
    assert [assessor.post(url, data).status_code for _ in range(2)] == [302, 302]
    assert evidence.claims.get(instance=hours).made_by == world.assessor.person


# --- What is named, on a page of its own ------------------------------------------------------------------------------


def test_what_is_named_is_listed_with_what_rests_on_it(world: World, browser: Client, changes: UnitRecord) -> None:
    url = reverse("instances", args=[changes.pk])
    assert "Item 5 asks for two changes." in text_of(browser.get(url))
    assert browser.post(url, {"kind": "1", "kind-1-name": "New phone rota"}).headers["Location"] == url
    rota = Instance.objects.get()
    evidence = add_item(world)
    claim(world, evidence, [cell_of(changes, "5a"), cell_of(changes, "5b")], record=changes, instance=rota)
    page = text_of(browser.get(url))
    assert "Claimed with E1<" in page
    assert "1 named" in page
    refused = browser.post(url, {"kind": "1", "kind-1-name": "NEW phone rota"})
    assert refused.status_code == 422
    assert 'value="NEW phone rota"' in text_of(refused)
    assert browser.post(url, {"kind": "7", "kind-7-name": "Anything"}).status_code == 404


def test_the_words_for_an_open_set_and_for_a_unit_with_nothing_to_name(world: World, browser: Client) -> None:
    page = text_of(browser.get(reverse("instances", args=[record_of(world, "D6").pk])))
    assert "Item 7 asks about every risk there is. The assessor confirms that none is left out." in page
    page = text_of(browser.get(reverse("instances", args=[world.record.pk])))
    assert "There is nothing to name" in page


def test_one_is_renamed_and_removed_or_says_why_not(world: World, browser: Client, changes: UnitRecord) -> None:
    rota = name_it(world, changes, "New fone rota")
    url = reverse("change_instance", args=[rota.pk])
    assert browser.post(url, {"name": ""}).status_code == 422
    assert browser.post(url, {"name": "New phone rota"}).status_code == 302
    evidence = add_offered_item(world, [cell_of(changes, "5a")], record=changes, instance=rota)
    remove = reverse("remove_instance", args=[rota.pk])
    assert browser.post(remove).headers["Location"] == url
    assert "E1 is claimed for “New phone rota”, so it stays." in text_of(browser.get(url))
    judge_it(evidence, world.assessor)
    assert "E1 is accepted for “New phone rota”, so this name stays." in text_of(browser.get(url))
    assert browser.post(url, {"name": "Another"}).status_code == 422
    evidence.claims.update(state=ClaimState.WITHDRAWN)
    answers = [browser.post(remove).headers["Location"] for _ in range(2)]
    assert answers == [reverse("instances", args=[changes.pk])] * 2
    assert browser.get(url).status_code == 404


def test_a_stranger_finds_nothing_of_it(world: World, changes: UnitRecord) -> None:
    rota = name_it(world, changes, "New phone rota")
    stranger = world.client(world.other_candidate)
    for name, pk in (("instances", changes.pk), ("change_instance", rota.pk)):
        assert stranger.get(reverse(name, args=[pk])).status_code == 404
    assert stranger.post(reverse("remove_instance", args=[rota.pk])).status_code == 404
    assert stranger.post(reverse("change_instance", args=[rota.pk]), {"name": "Theirs"}).status_code == 404
    assert Instance.objects.get().name == "New phone rota"


# --- Wherever a claim is shown ----------------------------------------------------------------------------------------


def test_every_page_says_for_which_change_a_claim_is(world: World, browser: Client, changes: UnitRecord) -> None:
    rota = name_it(world, changes, "New phone rota")
    evidence = add_item(world)
    claim(world, evidence, [cell_of(changes, "5a")], record=changes, instance=rota)
    assert "5a for “New phone rota”" in text_of(browser.get(reverse("offer", args=[evidence.pk])))
    evidence.claims.all().delete()
    evidence = add_offered_item(world, [cell_of(changes, "5a")], record=changes, instance=rota)
    assessor = world.client(world.assessor)
    judging = text_of(assessor.get(reverse("judge", args=[evidence.pk])))
    assert "Change: <b>New phone rota</b>" in judging
    assert "on 5a for “New phone rota”" in judging
    judge_it(evidence, world.assessor, is_accepted=False, comment="Which day?")
    page = text_of(browser.get(reverse("evidence", args=[evidence.pk])))
    assert ">5a for “New phone rota”</a>" in page
    assert "For the change “New phone rota”." in page
    assert "5a for “New phone rota”" in text_of(browser.get(reverse("home")))
    entries = [entry.what for entry in told(history_of_record(changes))]
    assert "Claim returned: E2, 5a for “New phone rota”" in entries
    assert "Change named" in entries


# --- What a page costs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "who", "queries"),
    [
        ("claims", "candidate", 14),
        ("instances", "candidate", 8),
        ("judge", "assessor", 13),
        ("add_missed_claim", "assessor", 8),
    ],
)
def test_a_page_costs_the_same_for_one_name_and_for_three(
    world: World,
    changes: UnitRecord,
    name: str,
    who: str,
    queries: int,
    django_assert_num_queries: Callable[..., AbstractContextManager],
) -> None:
    client = world.client(getattr(world, who))
    evidence = add_offered_item(world, [None], record=changes)
    url = reverse(name, args=[changes.pk if name == "instances" else evidence.pk])
    for names in (["One"], ["Two", "Three"]):
        for one in names:
            instance = name_it(world, changes, one)
            claim(world, evidence, [cell_of(changes, "5a"), cell_of(changes, "5b")], record=changes, instance=instance)
        client.get(url)  # the outlines are kept from now on
        with django_assert_num_queries(queries):
            client.get(url)
