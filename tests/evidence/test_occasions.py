"""On what occasion and with which customer: said once, offered again, never a name (R4, R12)."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evidence.items.actions import change_evidence
from evidence.items.earlier_words import earlier_words
from evidence.models import Evidence, EvidenceVersion
from tests.evidence.builders import World, add_item, add_offered_item, hand_in, words
from tests.evidence.pages import add_url, text_of, typed

Costs = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def browser(world: World) -> Client:
    return world.client(world.candidate)


def offered(page: str, name: str) -> list[str]:
    """The words that a field suggests."""
    (shown,) = re.findall(rf'<datalist id="{name}">(.*?)</datalist>', page)
    return re.findall(r'<option value="(.*?)">', shown)


def test_they_are_kept_and_shown(world: World, browser: Client) -> None:
    sent = typed(occasion="  Saturday   sale ", customer="Customer A", kept_at="In the safe")
    answer = browser.post(add_url(world), sent)
    version = EvidenceVersion.objects.get()
    assert (version.occasion, version.customer) == ("Saturday sale", "Customer A")
    assert answer.url == reverse("claims", args=[version.evidence_id])
    page = text_of(browser.get(reverse("evidence", args=[version.evidence_id])))
    assert "Saturday sale" in page
    assert "Customer A" in page


def test_they_may_stay_empty(world: World, browser: Client) -> None:
    browser.post(add_url(world), typed(kept_at="In the safe"))
    version = EvidenceVersion.objects.get()
    assert (version.occasion, version.customer) == ("", "")
    page = text_of(browser.get(reverse("evidence", args=[version.evidence_id])))
    assert "<dt>Occasion</dt>" not in page
    assert "<dt>Customer</dt>" not in page


@pytest.mark.parametrize(("name", "longest"), [("occasion", 80), ("customer", 60)])
def test_what_is_too_long_is_refused_and_stays_typed(world: World, browser: Client, name: str, longest: int) -> None:
    answer = browser.post(add_url(world), typed(**{name: "x" * (longest + 1)}))
    assert answer.status_code == 422
    assert "x" * (longest + 1) in answer.content.decode()
    assert not Evidence.objects.exists()


def test_another_customer_makes_another_version(world: World, browser: Client) -> None:
    """Q22: what sufficiency is judged by belongs to what was judged."""
    item = add_offered_item(world, world.criteria[:1], customer="Customer A")
    item.refresh_from_db()
    page = text_of(browser.get(reverse("change_evidence", args=[item.pk])))
    assert 'value="Customer A"' in page
    change_evidence(
        evidence=item,
        revision=item.revision,
        why="It was somebody else",
        files=[hand_in(world.candidate)],
        by=world.candidate,
        **words(customer="Customer B"),
    )
    assert list(item.versions.values_list("customer", flat=True)) == ["Customer A", "Customer B"]


def test_the_form_offers_what_was_said_before_newest_first(world: World, browser: Client) -> None:
    page = text_of(browser.get(add_url(world)))
    assert offered(page, "earlier-occasions") == offered(page, "earlier-customers") == []
    assert not re.search(r'name="setting"[^>]* checked', page)
    add_item(world, occasion="Sale", customer="Customer A", setting="rwe")
    add_item(world, occasion="Stock-taking", setting="placement")
    add_item(world, occasion="Sale", customer="Customer <B>", setting="real_job")
    add_item(world, seat=world.trainee_candidate, occasion="Theirs", customer="Theirs", setting="rwe")
    page = text_of(browser.get(add_url(world)))
    assert offered(page, "earlier-occasions") == ["Sale", "Stock-taking"]
    assert offered(page, "earlier-customers") == ["Customer &lt;B&gt;", "Customer A"]
    assert re.findall(r'name="setting" value="(\w+)"[^>]* checked', page) == ["real_job"]


def test_what_was_said_last_in_an_item_counts(world: World, browser: Client) -> None:
    """The setting last chosen is chosen again; a form that was sent shows what was sent."""
    add_item(world, setting="rwe")
    page = text_of(browser.post(add_url(world), typed(title="", setting="placement")))
    assert re.findall(r'name="setting" value="(\w+)"[^>]* checked', page) == ["placement"]
    assert earlier_words(world.portfolio).setting == "rwe"


def test_they_are_read_in_one_query(world: World, django_assert_num_queries: Costs) -> None:
    portfolio = world.portfolio
    for count in (1, 3):
        while Evidence.objects.count() < count:
            add_item(world, occasion=f"Day {Evidence.objects.count()}")
        with django_assert_num_queries(1):
            assert len(earlier_words(portfolio).occasions) == count
