"""The pages of a testimony: behind the witness's links, the candidate's, and who reads it (R20-R21, R20a)."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from desk.notices import deliver, pass_over
from evidence import models
from evidence.items.actions import withdraw_evidence
from evidence.models import ClaimState, Evidence
from evidence.testimonies.actions import suspend_testimony, withdraw_request
from evidence.testimonies.links import token_to_disown, token_to_testify
from evidence.testimonies.witness_views import RATES
from ledger.models import Chain
from nvq_portfolio.logs import WithoutLinks
from tests.evidence.builders import World, add_offered_item, claim, offer
from tests.evidence.pages import text_of
from tests.evidence.testifying import (
    ADDRESS,
    FILLED,
    answered,
    ask,
    change,
    expire,
    item_for_witness,
    link,
    not_me,
    offered_testimony,
)
from tests.signoff.builders import judge

type Costs = Callable[[int], AbstractContextManager[None]]


@pytest.fixture
def anybody(world: World) -> Client:
    """Without an account, with the protection against forged forms on."""
    return Client(enforce_csrf_checks=False)


# --- The witness's page -----------------------------------------------------------------------------------------------


def test_a_witness_answers_on_one_page_without_an_account(world: World, anybody: Client) -> None:
    request = ask(world, item_for_witness(world))
    page = text_of(anybody.get(link(request)))
    for shown in ("Carla Candidate asks for your word", "Kettle exchange", "Northgate College"):
        assert shown in page, shown
    for kept in (
        "I offered a better one",
        world.candidate.person.email,
        "Wendy",
        ADDRESS,
        "E1",
        "Anna",
        world.registration.number,
        "304",
    ):
        assert kept not in page.partition("<main")[2], f"{kept} is no business of whoever holds the link"
    response = anybody.post(link(request), FILLED)
    assert response.headers["Location"] == reverse("testimony_received")
    assert "A copy goes to the address" in text_of(anybody.get(response.headers["Location"]))
    assert models.Testimony.objects.get().words == FILLED["words"]
    used = anybody.get(link(request))
    assert used.status_code == 410
    assert "links work once" in text_of(used)
    assert anybody.post(link(request), FILLED).status_code == 410
    assert models.Testimony.objects.count() == 1


def test_opening_the_link_uses_nothing_up(world: World, anybody: Client) -> None:
    """Mail programs open links to look at them."""
    request = ask(world, item_for_witness(world))
    for _ in range(3):
        assert anybody.get(link(request)).status_code == 200
        assert anybody.head(link(request)).status_code == 200
    assert anybody.put(link(request)).status_code == 405
    request.refresh_from_db()
    assert request.state == "waiting"


def test_a_form_of_another_site_is_refused(world: World) -> None:
    request = ask(world, item_for_witness(world))
    assert Client(enforce_csrf_checks=True).post(link(request), FILLED).status_code == 403


CLOSED: dict[str, Callable[[World, models.TestimonyRequest], Any]] = {
    "expired": lambda world, request: expire(request),
    "withdrawn": lambda world, request: withdraw_request(request=request, by=world.candidate),
    "item withdrawn": lambda world, request: withdraw_evidence(
        evidence=request.evidence,
        revision=Evidence.objects.get(pk=request.evidence_id).revision,
        why="Wrong",
        by=world.candidate,
    ),
    "no testimony any more": lambda world, request: change(world, request.evidence, methods=["PE"]),
}


@pytest.mark.parametrize("way", CLOSED)
def test_a_link_that_no_longer_works_says_so_calmly_and_nothing_else(world: World, anybody: Client, way: str) -> None:
    request = ask(world, item_for_witness(world))
    CLOSED[way](world, request)
    for response in (anybody.get(link(request)), anybody.post(link(request), FILLED)):
        page = text_of(response)
        assert response.status_code == 410
        assert "ask whoever asked you to send a new link" in page
        for kept in ("Carla", "Kettle exchange", "Northgate", ADDRESS):
            assert kept not in page, kept
    assert FILLED["words"] in page, "what was typed is shown, to be copied"
    assert not models.Testimony.objects.exists()


@pytest.mark.parametrize("address", ["testify", "disown_testimony"])
def test_a_link_that_we_did_not_make_is_not_found(world: World, anybody: Client, address: str) -> None:
    evidence = item_for_witness(world)
    testimony = answered(world, evidence)
    right = token_to_testify(testimony.request) if address == "testify" else token_to_disown(testimony)
    other = token_to_disown(testimony) if address == "testify" else token_to_testify(testimony.request)
    key = testimony.request.key
    for token in (other, key, right[:-1], right[:-1] + ("A" if right[-1] != "A" else "B"), f"{key}:", "x:y", "0"):
        response = anybody.get(reverse(address, args=[token]))
        assert response.status_code == 404, token
        assert "This link is not complete" in text_of(response)
        assert anybody.post(reverse(address, args=[token]), FILLED).status_code == 404


def test_nothing_keeps_or_lists_the_page_or_tells_its_address(world: World, anybody: Client) -> None:
    testimony = answered(world, item_for_witness(world))
    waiting = ask(world, testimony.request.evidence)
    pages = [link(waiting), link(testimony.request), not_me(testimony), reverse("testify", args=["x:y"])]
    for url in [*pages, reverse("testimony_received"), reverse("testimony_disowned")]:
        response = anybody.get(url)
        assert "no-store" in response.headers["Cache-Control"], url
        assert "noindex" in response.headers["X-Robots-Tag"], url
        assert response.headers["Referrer-Policy"] == "strict-origin", url
        assert '<meta name="robots" content="noindex, nofollow">' in response.content.decode(), url


def test_the_link_is_opened_so_many_times_and_no_more(world: World, anybody: Client) -> None:
    request = ask(world, item_for_witness(world))
    most = int(RATES["link"].partition("/")[0])
    for _ in range(most):
        assert anybody.get(reverse("testify", args=["x:y"])).status_code == 404
    response = anybody.post(link(request), FILLED)
    assert response.status_code == 429
    assert FILLED["words"] in text_of(response)
    assert Client(REMOTE_ADDR="203.0.113.9").get(link(request)).status_code == 200, "others are not held up"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"words": " "}, "What did you see? Fill this in."),
        ({"is_confirmed": ""}, "Tick this if it is so."),
        ({"signed_name": "Wendy Wit"}, "Type your name as you wrote it above."),
        ({"seen_on": "2999-01-01"}, "This date is still to come."),
        ({"seen_on": "31/02/2026"}, "Enter a valid date"),
        ({"name": "Anna Assessor", "signed_name": "Anna Assessor"}, "cannot be the witness"),
        ({"words": "x" * 10_001}, "at most 10000"),
    ],
)
def test_a_refused_form_keeps_what_was_typed(
    world: World, anybody: Client, changed: dict[str, str], message: str
) -> None:
    request = ask(world, item_for_witness(world))
    response = anybody.post(link(request), FILLED | changed)
    page = text_of(response)
    assert response.status_code == 422
    assert message in page
    assert "I am her manager" in page
    assert (FILLED | changed)["words"].strip() in page
    assert not models.Testimony.objects.exists()


def test_what_the_witness_writes_is_shown_as_text(world: World, anybody: Client) -> None:
    evidence = item_for_witness(world)
    claim(world, evidence, world.criteria[:1])
    request = ask(world, evidence)
    anybody.post(link(request), FILLED | {"words": "<script>alert(1)</script>\n\nSecond paragraph"})
    offer(world, evidence)
    testimony = models.Testimony.objects.get()
    for seat, url in (
        (world.candidate, reverse("evidence", args=[evidence.pk])),
        (world.assessor, reverse("judge", args=[evidence.pk])),
        (world.iv, reverse("testimony", args=[testimony.pk])),
    ):
        page = world.client(seat).get(url).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page, url
        assert "<p>Second paragraph</p>" in page, url


# --- "This was not me" ------------------------------------------------------------------------------------------------


def test_the_invited_address_disowns_a_testimony(world: World, anybody: Client) -> None:
    evidence = offered_testimony(world)
    judge(evidence, by=world.assessor)
    testimony = evidence.current_version.testimony
    page = text_of(anybody.get(not_me(testimony)))
    assert "Was this not you?" in page
    assert "wendy witness" in page
    assert "with a smile" not in page, "the words went to the address in the copy"
    testimony.refresh_from_db()
    assert not testimony.is_suspended, "opening the link does nothing"
    response = anybody.post(not_me(testimony))
    assert response.headers["Location"] == reverse("testimony_disowned")
    assert anybody.get(reverse("testimony_disowned")).status_code == 200
    assert set(evidence.claims.values_list("state", flat=True)) == {ClaimState.UNDECIDED}
    for again in (anybody.get(not_me(testimony)), anybody.post(not_me(testimony))):
        assert again.status_code == 410
        assert "said this already" in text_of(again)
    assert "This testimony is suspended" in text_of(
        world.client(world.assessor).get(reverse("judge", args=[evidence.pk]))
    )


# --- The candidate's side, and everybody's who reads it ---------------------------------------------------------------


def test_the_candidate_asks_and_takes_back_from_the_evidence_page(world: World, browser: Client) -> None:
    evidence = item_for_witness(world)
    url = reverse("evidence", args=[evidence.pk])
    asking = reverse("ask_witness", args=[evidence.pk])
    assert f'href="{asking}"' in text_of(browser.get(url))
    form = text_of(browser.get(asking))
    assert f'value="{ADDRESS}"' in form
    assert "Kettle exchange" in form
    data = {"email": ADDRESS, "last_request": "0"}
    assert browser.post(asking, data).headers["Location"] == url
    assert browser.post(asking, data).headers["Location"] == url, "the form sent twice"
    request = models.TestimonyRequest.objects.get()
    page = text_of(browser.get(url))
    assert f"was asked on {request.asked_at:%d/%m/%Y} at {ADDRESS}" in page
    assert "Ask again" in page
    assert "stops working when you send a new one" in text_of(browser.get(asking))
    assert browser.get(reverse("withdraw_testimony_request", args=[request.pk])).status_code == 405
    browser.post(reverse("withdraw_testimony_request", args=[request.pk]))
    assert "was taken back" in text_of(browser.get(url))


def test_a_refused_address_is_kept(world: World, browser: Client) -> None:
    asking = reverse("ask_witness", args=[item_for_witness(world).pk])
    for email, message in (
        ("wendy", "Enter a valid email address"),
        (world.assessor.person.email, "cannot be a witness"),
    ):
        response = browser.post(asking, {"email": email, "last_request": "0"})
        assert response.status_code == 422
        assert message in text_of(response)
        assert f'value="{email}"' in text_of(response)
    assert not models.TestimonyRequest.objects.exists()


def test_an_item_that_needs_no_witness_says_nothing_of_one(world: World, browser: Client) -> None:
    evidence = add_offered_item(world, world.criteria[:1])
    assert "The witness’s word" not in text_of(browser.get(reverse("evidence", args=[evidence.pk])))
    assert browser.get(reverse("ask_witness", args=[evidence.pk])).status_code == 302


def test_the_assessor_reads_how_far_it_is_and_asks_nobody(world: World) -> None:
    evidence = offered_testimony(world)
    client = world.client(world.assessor)
    page = text_of(client.get(reverse("evidence", args=[evidence.pk])))
    assert "The witness’s word" in page
    assert "The link went to" in page
    assert "Ask again" not in page
    printed = text_of(client.get(reverse("testimony", args=[evidence.current_version.testimony_id])))
    assert "data-print" in printed
    assert "Signed by the witness" in printed


def test_an_old_version_shows_the_testimony_it_was_judged_with(world: World, browser: Client) -> None:
    evidence = offered_testimony(world)
    anybody = Client()
    anybody.post(link(ask(world, evidence)), FILLED | {"words": "Later words"})
    url = reverse("evidence", args=[evidence.pk])
    assert "Later words" in text_of(browser.get(url))
    earlier = text_of(browser.get(url, {"version": "1"}))
    assert "with a smile and showed" in earlier
    assert "Later words" not in earlier


def test_the_pages_cost_the_same_however_often_was_asked(world: World, django_assert_num_queries: Costs) -> None:
    few = offered_testimony(world)
    many = offered_testimony_with_history(world)
    for item in (few, many):
        for seat, address, cost in ((world.candidate, "evidence", 22), (world.assessor, "judge", 14)):
            client = world.client(seat)
            url = reverse(address, args=[item.pk])
            client.get(url)
            with django_assert_num_queries(cost):
                assert client.get(url).status_code == 200


def offered_testimony_with_history(world: World) -> Evidence:
    evidence = item_for_witness(world, models.Witness.objects.get())
    for _ in range(2):
        answered(world, evidence)
    ask(world, evidence)
    answered(world, evidence)
    claim(world, evidence, world.criteria[2:4])
    return offer(world, evidence)


# --- Mail and log -----------------------------------------------------------------------------------------------------


def links_in(message: Any) -> list[str]:
    """Addresses in the text of a message, without the site; the HTML has each of them too."""
    found = [word for word in message.body.split() if word.startswith("http")]
    ((html, _),) = message.alternatives
    assert all(word in html for word in found)
    return ["/" + word.split("/", 3)[3] for word in found]


def test_every_message_goes_to_whom_it_concerns_with_a_link_that_works(world: World, anybody: Client) -> None:
    pass_over(Chain.objects.values_list("key", flat=True))
    chain = world.portfolio.chain
    evidence = item_for_witness(world)
    claim(world, evidence, world.criteria[:1])
    ask(world, evidence)
    assert deliver(chain) == 1
    asked = mail.outbox.pop()
    assert (asked.to, asked.subject) == ([ADDRESS], "Carla Candidate asks you to say what you saw")
    (url,) = links_in(asked)
    anybody.post(url, FILLED)
    assert deliver(chain) == 2
    copy, told = mail.outbox.pop(0), mail.outbox.pop(0)
    assert (copy.to, told.to) == ([ADDRESS], [world.candidate.person.email])
    assert FILLED["words"] in copy.body
    assert "It is still a draft" in told.body
    offer(world, evidence)
    deliver(chain)
    mail.outbox.clear()
    (url,) = links_in(copy)
    anybody.post(url)
    assert deliver(chain) == 1
    (warning,) = mail.outbox
    assert warning.to == [world.assessor.person.email]
    assert "unit 304" in warning.body
    assert links_in(warning) == [reverse("evidence", args=[evidence.pk])]
    assert deliver(chain) == 0


def test_nothing_is_mailed_that_was_taken_back_meanwhile_and_no_draft_is_told_of(world: World) -> None:
    pass_over(Chain.objects.values_list("key", flat=True))
    evidence = item_for_witness(world)
    withdraw_request(request=ask(world, evidence), by=world.candidate)
    suspend_testimony(testimony=answered(world, evidence))
    assert deliver(world.portfolio.chain) == 0, "a draft is the candidate's own, and its copy speaks of nothing"


def test_the_log_holds_no_links(world: World, anybody: Client, caplog: pytest.LogCaptureFixture) -> None:
    """Django names every page that it refused; the filter stands before the one handler that there is."""
    testimony = answered(world, item_for_witness(world))
    request = ask(world, testimony.request.evidence)
    caplog.handler.addFilter(WithoutLinks())
    with caplog.at_level(logging.DEBUG):
        anybody.post(link(request), {})
        anybody.get(link(testimony.request))
        anybody.get(not_me(testimony) + "?x=1")
        logging.getLogger("any").warning("GET %s", link(request))
    assert "/testify/[key]/" in caplog.text
    for asked in (request, testimony.request):
        assert asked.key not in caplog.text
