"""The pages of judging: what is shown, what is refused, that nothing typed is lost, and what a page costs."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessment.models import ItemConfirmation, Judgement
from centres.models import Role
from evidence.items.actions import change_evidence
from evidence.models import Claim, ClaimState, Evidence, EvidenceVersion
from ledger.models import Event
from registrations.models import UnitRecord
from tests.evidence.builders import (
    World,
    add_a_witness,
    add_item,
    add_offered_item,
    approve,
    claim,
    hand_in,
    join,
    offer,
    register,
    today,
    words,
)
from tests.files.samples import pdf
from tests.signoff.builders import candidate_signed, judge

Costs = Callable[..., AbstractContextManager[Any]]
# Pictures are made once a file is safely stored.
OnCommit = Callable[..., AbstractContextManager[Any]]
VAC = {
    "is_valid_evidence": "on",
    "is_authentic": "on",
    "is_current": "on",
    "how_authenticated": "Saw the originals on site",
}


def text_of(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def judge_url(item: Evidence) -> str:
    return reverse("judge", args=[item.pk])


def typed(item: Evidence, *decisions: str, **changed: str) -> dict[str, str]:
    """The judge page's form as a browser sends it: a decision for each claim, in print order."""
    data = {"version": str(Evidence.objects.get(pk=item.pk).current_version_id)}
    for one, decision in zip(claims_of(item), decisions, strict=False):
        data[f"claim_{one.pk}"] = decision
    return data | changed


def claims_of(item: Evidence) -> list[Claim]:
    return list(item.claims.exclude(state=ClaimState.WITHDRAWN).order_by("pk"))


def states_of(item: Evidence) -> list[str]:
    return [one.state for one in claims_of(item)]


@pytest.fixture
def browser(world: World) -> Client:
    return world.client(world.assessor)


# --- What it shows ----------------------------------------------------------------------------------------------------


def test_it_shows_the_evidence_beside_the_criteria(
    world: World, browser: Client, django_capture_on_commit_callbacks: OnCommit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        item = add_item(world)
    claim(world, item, [*world.criteria[:1], None], locator="second photo")
    offer(world, item)
    EvidenceVersion.objects.update(made_at=timezone.now() - timedelta(days=12))
    Claim.objects.update(made_at=timezone.now() - timedelta(days=12))
    Evidence.objects.update(offered_at=timezone.now() - timedelta(days=12))
    page = text_of(browser.get(judge_url(item)))
    file = item.current_version.files.get() if item.current_version else None
    assert file is not None
    for shown in (
        "E1 Returned kettle at the counter",
        "Carla Candidate",
        "Waiting for 12 days",
        "A customer brought a kettle back",
        "Product Evidence",
        reverse("evidence_file_variant", args=[file.pk, "display"]),
        reverse("evidence_file", args=[file.pk]),
        world.criteria[0].text,
        "The unit as a whole",
        "second photo",
        reverse("add_missed_claim", args=[item.pk]),
        "Accept all that is left",
    ):
        assert shown in page, shown
    assert page.index(world.criteria[0].text) < page.index("The unit as a whole")


def test_pages_of_a_document_are_shown(
    world: World, browser: Client, django_capture_on_commit_callbacks: OnCommit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        item = add_offered_item(world, world.criteria[:1], files=[hand_in(world.candidate, "letter.pdf", pdf(3))])
    page = text_of(browser.get(judge_url(item)))
    file = EvidenceVersion.objects.get(evidence=item).files.get()
    for number in (1, 2, 3):
        assert reverse("evidence_file_page", args=[file.pk, number]) in page


def test_what_was_judged_before_is_told(world: World, browser: Client) -> None:
    item = add_offered_item(world, world.criteria[:1])
    judge(item, by=world.assessor, is_accepted=False, comment="Which customer was it?")
    page = text_of(browser.get(judge_url(item)))
    assert "Judged already (1)" in page
    assert "Which customer was it?" in page
    assert "Anna Assessor" in page
    assert "Nothing on it waits for your judgement" in page


def test_a_barred_claim_says_why_and_cannot_be_accepted(world: World, browser: Client) -> None:
    """R5: unit 304 wants a real job for performance, and lets simulation show knowledge."""
    know = next(one for one in world.criteria if one.group.section == "know")
    item = add_offered_item(
        world, [world.criteria[0], know], setting="simulation", simulation_basis="Complaints of last spring"
    )
    barred, free = claims_of(item)
    page = text_of(browser.get(judge_url(item)))
    assert page.count("Evidence from simulation cannot show what you must cover or do in this unit") == 1
    assert f'id="barred-{barred.pk}" disabled' in page
    assert f'id="barred-{free.pk}"' not in page
    response = browser.post(judge_url(item), typed(item, "accept", "", **VAC))
    assert response.status_code == 422
    # Accept all takes what may be accepted, and leaves the rest.
    browser.post(judge_url(item), typed(item, "", "", accept_all="yes", **VAC))
    assert states_of(item) == [ClaimState.UNDECIDED, ClaimState.ACCEPTED]


def test_old_evidence_and_evidence_kept_at_work_are_pointed_out(world: World, browser: Client) -> None:
    """R12, R18."""
    item = add_offered_item(
        world,
        world.criteria[:1],
        with_file=False,
        kept_at="Complaints binder, shop office",
        happened_from=today() - timedelta(days=900),
    )
    page = text_of(browser.get(judge_url(item)))
    assert "This happened a while ago" in page
    assert "Complaints binder, shop office" in page
    assert "say where and when you saw it" in page


def test_a_witness_leads_to_their_authentication_and_back(world: World, browser: Client) -> None:
    """R20a."""
    witness = add_a_witness(world)
    item = add_offered_item(world, world.criteria[:1], methods=["WT"], witness=witness)
    link = f"{reverse('authenticate_witness', args=[witness.pk])}?evidence={item.pk}"
    assert link in text_of(browser.get(judge_url(item)))
    refused = browser.post(judge_url(item), typed(item, "accept", **VAC))
    assert refused.status_code == 422
    assert "how you made sure that the witness is genuine" in text_of(refused)
    assert "wendy@marsh.example" in text_of(browser.get(link))
    assert browser.post(link, {"how": ""}).status_code == 422
    assert browser.post(link, {"how": "Rang the main number"}).url == judge_url(item)
    assert "Rang the main number" in text_of(browser.get(judge_url(item)))
    assert "Rang the main number" in text_of(browser.get(link))
    assert browser.post(judge_url(item), typed(item, "accept", **VAC)).status_code == 302


@pytest.mark.parametrize("odd", ["²", "٣", "-1", "x", "9" * 30])
def test_an_odd_way_back_from_a_witness_leads_to_the_portfolio(world: World, browser: Client, odd: str) -> None:
    witness = add_a_witness(world)
    response = browser.get(reverse("authenticate_witness", args=[witness.pk]), {"evidence": odd})
    assert reverse("portfolio", args=[world.portfolio.pk]) in text_of(response)


# --- Judging ----------------------------------------------------------------------------------------------------------


def test_one_submit_judges_all_and_goes_to_what_waits_next(world: World, browser: Client) -> None:
    first, second = add_offered_item(world, world.criteria[:3]), add_offered_item(world, world.criteria[3:4])
    returned = claims_of(first)[1]
    comment = {f"comment_{returned.pk}": "Which customer was it?"}
    response = browser.post(judge_url(first), typed(first, "accept", "return", "", **VAC, **comment))
    assert response.url == judge_url(second)
    assert states_of(first) == [ClaimState.ACCEPTED, ClaimState.RETURNED, ClaimState.UNDECIDED]
    assert Judgement.objects.get(claim=returned).comment == "Which customer was it?"
    # What was left comes up again only in another round.
    response = browser.post(judge_url(second), typed(second, "accept", **VAC))
    assert response.url == reverse("home")
    response = browser.post(judge_url(first), typed(first, "accept", "return", "accept", **VAC))
    assert response.url == reverse("home")


def test_accept_all_accepts_what_is_left_and_keeps_what_was_chosen(world: World, browser: Client) -> None:
    item = add_offered_item(world, world.criteria[:3])
    returned = claims_of(item)[1]
    data = typed(item, "", "return", "", accept_all="yes", **VAC, **{f"comment_{returned.pk}": "Where?"})
    browser.post(judge_url(item), data)
    assert states_of(item) == [ClaimState.ACCEPTED, ClaimState.RETURNED, ClaimState.ACCEPTED]


def test_sending_twice_changes_nothing_and_lands_on_the_same_page(world: World, browser: Client) -> None:
    item, following = add_offered_item(world, world.criteria[:2]), add_offered_item(world, world.criteria[2:3])
    comment = {f"comment_{claims_of(item)[1].pk}": "Where?"}
    data = typed(item, "accept", "return", **VAC, **comment)
    first = browser.post(judge_url(item), data)
    told = Event.objects.count()
    second = browser.post(judge_url(item), data)
    assert first.url == second.url == judge_url(following)
    assert Event.objects.count() == told
    assert Judgement.objects.count() == 2


def test_a_judgement_already_made_need_not_be_commented_again(world: World, browser: Client) -> None:
    item = add_offered_item(world, world.criteria[:2])
    judge(item, by=world.assessor, is_accepted=False, comment="Where?")
    Claim.objects.filter(pk=claims_of(item)[1].pk).update(state=ClaimState.UNDECIDED)
    browser.post(judge_url(item), typed(item, "return", "accept", **VAC))
    assert states_of(item) == [ClaimState.RETURNED, ClaimState.ACCEPTED]
    assert Judgement.objects.count() == 3


REFUSED: list[tuple[dict[str, str], str]] = [
    ({}, "Nothing has been decided yet"),
    ({"claim": "accept"}, "Confirm all three before you accept"),
    ({"claim": "accept", **VAC, "is_current": ""}, "Confirm all three before you accept"),
    ({"claim": "accept", **VAC, "how_authenticated": " "}, "Say how you made sure that it is authentic"),
    ({"claim": "return"}, "Say what is missing"),
    ({"comment": "Looks good"}, "accept or return the claim, too"),
    ({"claim": "perhaps", **VAC}, "not one of the available choices"),
    ({"claim": "accept", **VAC, "version": "9" * 30}, "out of date"),
    ({"claim": "accept", **VAC, "version": ""}, "required"),
]


@pytest.mark.parametrize(("sent", "reason"), REFUSED)
def test_a_refusal_says_why_and_keeps_what_was_typed(
    world: World, browser: Client, sent: dict[str, str], reason: str
) -> None:
    item = add_offered_item(world, world.criteria[:2])
    first, second = claims_of(item)
    data = typed(item)
    for name, value in sent.items():
        data[f"{name}_{first.pk}" if name in ("claim", "comment") else name] = value
    if "comment" not in sent and sent:
        data |= {f"claim_{second.pk}": "return", f"comment_{second.pk}": "A long and careful comment"}
    data = {name: value for name, value in data.items() if value != "" or name == "version"}
    response = browser.post(judge_url(item), data)
    assert response.status_code == 422
    page = text_of(response)
    assert reason in page
    assert all(value in page for name, value in data.items() if name.startswith(("comment", "how")))
    assert states_of(item) == [ClaimState.UNDECIDED] * 2
    assert not ItemConfirmation.objects.exists()


def test_a_version_replaced_meanwhile_is_shown_and_then_judged(world: World, browser: Client) -> None:
    """Q22: what was typed stays, and the next attempt is about the version now on the page."""
    item = add_offered_item(world, world.criteria[:1])
    only = claims_of(item)[0]
    data = typed(item, "return", **{f"comment_{only.pk}": "The photo is blurred."})
    item.refresh_from_db()
    change_evidence(
        evidence=item,
        revision=item.revision,
        files=[hand_in(world.candidate)],
        why="Sharper photo",
        by=world.candidate,
        **words(what_happened="A sharper account."),
    )
    response = browser.post(judge_url(item), data)
    page = text_of(response)
    assert response.status_code == 422
    assert "has been replaced since you opened this page" in page
    assert "A sharper account." in page
    assert "The photo is blurred." in page
    new = Evidence.objects.get(pk=item.pk).current_version_id
    assert f'name="version" value="{new}"' in page
    assert response.context["form"].data.dict() == data | {"version": str(new)}
    assert not Judgement.objects.exists()
    browser.post(judge_url(item), response.context["form"].data.dict())
    assert Judgement.objects.values_list("version", "comment").get() == (new, "The photo is blurred.")


def test_a_version_of_another_item_is_refused(world: World, browser: Client) -> None:
    item, other = add_offered_item(world, world.criteria[:1]), add_offered_item(world, world.criteria[:1])
    data = typed(item, "accept", **VAC) | {"version": typed(other)["version"]}
    assert browser.post(judge_url(item), data).status_code == 422
    assert states_of(item) == [ClaimState.UNDECIDED]


def test_when_the_ledger_fails_nothing_is_judged(world: World, browser: Client) -> None:
    item = add_offered_item(world, world.criteria[:2])
    with patch("assessment.judging.actions.tell", side_effect=RuntimeError("gone")), pytest.raises(RuntimeError):
        browser.post(judge_url(item), typed(item, "accept", "accept", **VAC))
    assert states_of(item) == [ClaimState.UNDECIDED] * 2


# --- Who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("candidate", 403),
        ("iv", 403),
        ("ev", 403),
        ("coordinator", 403),
        ("other_assessor", 404),
        ("trainee", 404),
        ("countersigner", 404),
        ("foreign_assessor", 404),
    ],
)
def test_the_page_opens_to_the_units_assessor_only(world: World, who: str, status: int) -> None:
    item = add_offered_item(world, world.criteria[:1])
    client = world.client(getattr(world, who))
    assert client.get(judge_url(item)).status_code == status
    assert client.post(judge_url(item), typed(item, "accept", **VAC)).status_code == status
    assert states_of(item) == [ClaimState.UNDECIDED]


def test_a_draft_does_not_open(world: World, browser: Client) -> None:
    assert browser.get(judge_url(add_item(world))).status_code == 404


def test_claims_on_units_of_others_are_not_shown(world: World, browser: Client) -> None:
    """Q24: the item opens, since the assessor assesses another unit of the candidate; its claims are not theirs."""
    approve(world.coordinator, world.other_assessor, world.other_unit)
    register(
        world.coordinator, world.candidate, assessor=world.other_assessor, iv=world.other_iv, units=[world.other_unit]
    )
    item = add_offered_item(world, world.criteria[:1])
    client = world.client(world.other_assessor)
    page = text_of(client.get(judge_url(item)))
    assert "Nothing here for you to judge" in page
    assert world.criteria[0].text not in page
    assert client.post(judge_url(item), typed(item, "accept", **VAC)).status_code in (403, 422)
    assert states_of(item) == [ClaimState.UNDECIDED]


@pytest.mark.stage(reach=candidate_signed)
def test_a_signed_unit_says_why_it_cannot_be_judged(world: World, browser: Client) -> None:
    page = text_of(browser.get(judge_url(Evidence.objects.get())))
    assert "Unit 304 is signed" in page
    assert "Save and go on" not in page


# --- What it costs ----------------------------------------------------------------------------------------------------


def test_the_judge_page_costs_the_same_for_one_and_for_many(
    world: World, browser: Client, django_assert_num_queries: Costs, django_capture_on_commit_callbacks: OnCommit
) -> None:
    """One claim and one page of one file; nine claims, with judgements, and six pages of three files."""
    with django_capture_on_commit_callbacks(execute=True):
        few = add_offered_item(world, world.criteria[:1], files=[hand_in(world.candidate, "1.pdf", pdf(1))])
        files = [hand_in(world.candidate, f"{pages}.pdf", pdf(pages)) for pages in (1, 2, 3)]
        many = add_offered_item(world, world.criteria[:9], files=files)
    for item in (few, many):
        judge(item, by=world.assessor, is_accepted=False, comment="Where?")
        Claim.objects.filter(evidence=item).update(state=ClaimState.UNDECIDED)
        with django_assert_num_queries(13):
            page = text_of(browser.get(judge_url(item)))
        assert page.count("Where to look") == len(claims_of(item))
        assert page.count("/pages/") == (1 if item == few else 6)


def test_somebody_with_two_roles_judges_from_the_right_one(world: World) -> None:
    """Q24: the same person as coordinator is told where to switch to."""
    item = add_offered_item(world, world.criteria[:1])
    seat = join(world.coordinator, Role.COORDINATOR, "Dora Double")
    UnitRecord.objects.update(own_assessor=seat.person)
    response = world.client(seat).get(judge_url(item))
    assert response.status_code == 403
    assert "This page is for assessors" in text_of(response)
