"""Choosing criteria, witnesses, who gets in, and what the candidate's pages cost."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evidence.models import Claim, ClaimState, Evidence, Witness
from registrations.models import RecordState, UnitRecord
from tests.evidence.builders import (
    World,
    add_a_witness,
    add_item,
    add_offered_item,
    claim,
    hand_in,
    register,
    upload,
)
from tests.evidence.pages import STAFF, STRANGERS, add_url, text_of, typed

# --- Claims -----------------------------------------------------------------------------------------------------------


def cell(world: World, index: int | None) -> str:
    return f"{world.record.pk}-{'unit' if index is None else world.criteria[index].pk}"


@pytest.mark.engine("aggregates")
def test_one_place_fills_all_that_are_ticked_and_left_blank(world: World, browser: Client) -> None:
    draft = add_item(world)
    data = {"revision": "1", "place": "page 3"}
    data |= {f"tick-{cell(world, index)}": "on" for index in (0, 5, None)}
    data[f"place-{cell(world, 5)}"] = "04:10"
    response = browser.post(reverse("claims", args=[draft.pk]), data)
    assert response.headers["Location"] == reverse("evidence", args=[draft.pk])
    places = dict(draft.claims.values_list("criterion", "locator"))
    assert places == {world.criteria[0].pk: "page 3", world.criteria[5].pk: "04:10", None: "page 3"}


def test_a_tick_without_a_place_is_refused_beside_its_field_and_all_ticks_kept(world: World, browser: Client) -> None:
    draft = add_item(world)
    data = {"revision": "1", f"tick-{cell(world, 0)}": "on", f"tick-{cell(world, 1)}": "on"}
    data[f"place-{cell(world, 1)}"] = "page 7"
    response = browser.post(reverse("claims", args=[draft.pk]), data)
    form = response.context["form"]
    assert response.status_code == 422
    assert set(form.errors) == {f"place-{cell(world, 0)}"}
    assert 'value="page 7"' in text_of(response)
    assert text_of(response).count(" checked") == 2
    assert not Claim.objects.exists()


def test_a_place_typed_without_a_tick_is_not_lost_silently(world: World, browser: Client) -> None:
    draft = add_item(world)
    data = {"revision": "1", f"place-{cell(world, 2)}": "page 7"}
    response = browser.post(reverse("claims", args=[draft.pk]), data)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {f"place-{cell(world, 2)}"}


def test_an_accepted_claim_stays_whatever_the_browser_sends(world: World, browser: Client) -> None:
    evidence = add_offered_item(world, world.criteria[:2])
    accepted = evidence.claims.get(criterion=world.criteria[0])
    Claim.objects.filter(pk=accepted.pk).update(state=ClaimState.ACCEPTED, judged_version=evidence.current_version)
    data = {"revision": str(evidence.revision), f"place-{cell(world, 0)}": "elsewhere"}
    assert browser.post(reverse("claims", args=[evidence.pk]), data).status_code == 302
    assert list(evidence.claims.exclude(state=ClaimState.WITHDRAWN).values_list("pk", "locator")) == [
        (accepted.pk, "page 1")
    ]


def test_the_claims_page_warns_of_a_setting_that_cannot_count(world: World, browser: Client) -> None:
    draft = add_item(world, setting="placement")
    page = text_of(browser.get(reverse("claims", args=[draft.pk])))
    assert "Evidence from a work placement cannot count." in page


def test_a_locked_unit_is_read_only_and_says_why(world: World, browser: Client) -> None:
    draft = add_item(world)
    UnitRecord.objects.filter(pk=world.record.pk).update(state=RecordState.CANDIDATE_SIGNED)
    page = text_of(browser.get(reverse("claims", args=[draft.pk])))
    assert "Unit 304 is signed" in page
    assert f"tick-{cell(world, 0)}" not in page
    data = {"revision": "1", f"tick-{cell(world, 0)}": "on", "place": "page 1"}
    browser.post(reverse("claims", args=[draft.pk]), data)
    assert not Claim.objects.exists()


def test_the_assessor_adds_a_claim_that_the_candidate_missed(world: World) -> None:
    evidence = add_offered_item(world, world.criteria[:1])
    assessor = world.client(world.assessor)
    url = reverse("add_missed_claim", args=[evidence.pk])
    page = text_of(assessor.get(url))
    assert f'value="{cell(world, 1)}"' in page
    assert f'value="{cell(world, 0)}"' not in page
    assert assessor.post(url, {"cell": cell(world, 1), "locator": ""}).status_code == 422
    assert assessor.post(url, {"cell": cell(world, 1), "locator": "page 2"}).status_code == 302
    assert evidence.claims.get(criterion=world.criteria[1]).made_by == world.assessor.person


def test_choices_sent_twice_land_on_the_same_page(world: World, browser: Client) -> None:
    draft = add_item(world)
    data = {"revision": "1", "place": "page 1", f"tick-{cell(world, 0)}": "on"}
    urls = {browser.post(reverse("claims", args=[draft.pk]), data).headers["Location"] for _ in range(2)}
    assert urls == {reverse("evidence", args=[draft.pk])}
    other = data | {f"tick-{cell(world, 1)}": "on"}
    assert browser.post(reverse("claims", args=[draft.pk]), other).status_code == 422, "made on an older state"
    offered = add_offered_item(world, world.criteria[:1])
    missed = {"cell": cell(world, 1), "locator": "page 2"}
    assessor = world.client(world.assessor)
    codes = [assessor.post(reverse("add_missed_claim", args=[offered.pk]), missed).status_code for _ in range(2)]
    assert codes == [302, 302]
    assert offered.claims.count() == 2


# --- Witnesses --------------------------------------------------------------------------------------------------------


def test_a_witness_is_added_and_mended(world: World, browser: Client) -> None:
    entry = {"name": "Wendy Witness", "job_role": "Manager", "relationship": "My manager", "contact": "01234 567890"}
    url = reverse("add_witness", args=[world.portfolio.pk])
    refused = browser.post(url, entry | {"name": "carla CANDIDATE"})
    assert (refused.status_code, "You cannot be a witness" in text_of(refused)) == (422, True)
    assert "carla CANDIDATE" in text_of(refused)
    assert [browser.post(url, entry).status_code for _ in range(2)] == [302, 302]
    witness = Witness.objects.get()
    changed = browser.post(reverse("change_witness", args=[witness.pk]), entry | {"name": "Wanda Witness"})
    assert changed.status_code == 302
    assert Witness.objects.get().name == "Wanda Witness"


# --- Who gets in ------------------------------------------------------------------------------------------------------


@pytest.fixture
def addresses(world: World) -> dict[str, str]:
    draft = add_item(world)
    witness = add_a_witness(world)
    portfolio = world.portfolio
    return {
        "portfolio": reverse("portfolio", args=[portfolio.pk]),
        "add_evidence": add_url(world),
        "add_witness": reverse("add_witness", args=[portfolio.pk]),
        "change_witness": reverse("change_witness", args=[witness.pk]),
        **{
            name: reverse(name, args=[draft.pk])
            for name in ("evidence", "change_evidence", "claims", "offer", "withdraw")
        },
    }


def test_strangers_find_nothing_and_staff_change_nothing(world: World, addresses: dict[str, str]) -> None:
    for who in STRANGERS:
        client = world.client(getattr(world, who))
        assert {name: client.get(url).status_code for name, url in addresses.items()} == dict.fromkeys(addresses, 404)
    expected = dict.fromkeys(addresses, 403) | {"portfolio": 200, "evidence": 404}
    for who in STAFF:
        client = world.client(getattr(world, who))
        assert {name: client.get(url).status_code for name, url in addresses.items()} == expected, who
        assert client.post(addresses["add_evidence"], typed()).status_code == 403
    for who in ("foreign_coordinator", "foreign_assessor", "expired_ev", "other_assessor", "countersigner"):
        client = world.client(getattr(world, who))
        assert client.get(addresses["portfolio"]).status_code == 404, who
        assert client.get(addresses["evidence"]).status_code == 404, who
    anonymous = world.client(None)
    assert {anonymous.get(url).status_code for url in addresses.values()} == {302}
    assert Evidence.objects.count() == 1


def test_only_the_unit_s_assessor_opens_the_page_for_missed_claims(world: World) -> None:
    url = reverse("add_missed_claim", args=[add_offered_item(world, world.criteria[:1]).pk])
    codes = {
        who: world.client(getattr(world, who)).get(url).status_code
        for who in ("assessor", "other_assessor", "countersigner", "candidate", "iv", "foreign_assessor")
    }
    assert codes == {
        "assessor": 200,
        "other_assessor": 404,
        "countersigner": 404,
        "candidate": 403,
        "iv": 403,
        "foreign_assessor": 404,
    }


# --- What a page costs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "who", "queries"),
    [
        ("portfolio", "candidate", 16),
        ("portfolio", "assessor", 15),
        ("evidence", "candidate", 27),
        ("claims", "candidate", 12),
        ("offer", "candidate", 13),
    ],
)
def test_a_page_costs_the_same_for_one_row_and_for_three(
    world: World,
    name: str,
    who: str,
    queries: int,
    django_assert_num_queries: Callable[..., AbstractContextManager],
) -> None:
    client = world.client(getattr(world, who))
    item = _grow(world, 1)
    url = reverse(name, args=[world.portfolio.pk if name == "portfolio" else item.pk])
    client.get(url)  # the outlines are kept from now on
    with django_assert_num_queries(queries):
        client.get(url)
    register(
        world.coordinator, world.candidate, assessor=world.other_assessor, iv=world.other_iv, units=[world.other_unit]
    )
    _grow(world, 2)
    claim(world, item, world.criteria[1:3])
    client.get(url)
    with django_assert_num_queries(queries):
        client.get(url)


def _grow(world: World, count: int) -> Evidence:
    """Drafts with two files, a witness each, and offered items."""
    draft = None
    for index in range(count):
        files = [upload("a.jpg"), upload("b.jpg")]
        witness = add_a_witness(world, contact=f"witness{index}{count}@marsh.example")
        draft = add_item(world, files=[_handed(world, file) for file in files], methods=["WT"], witness=witness)
        claim(world, draft, world.criteria[:1])
        add_offered_item(world, world.criteria[:1], methods=["WT"], witness=witness)
    assert draft is not None
    return draft


def _handed(world: World, file: Any) -> Any:
    return hand_in(world.candidate, file.name, file.read())
