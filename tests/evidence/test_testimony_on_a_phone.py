"""A witness answers on a phone, by links out of their mail; axe finds nothing and nothing is wider than a small one."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core import mail
from django.urls import reverse
from playwright.sync_api import Page, expect

from desk.notices import deliver
from evidence import models
from tests.conftest import PHONE
from tests.evidence.builders import World, claim, make_world, offer
from tests.evidence.test_testimony_pages import links_in
from tests.evidence.testifying import FILLED, answered, ask, item_for_witness

AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
SMALL = {"width": 320, "height": 700}


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


@pytest.fixture
def phone(new_page: Callable[..., Page]) -> Page:
    return new_page(viewport=PHONE, is_mobile=True, has_touch=True)


def is_sound(page: Page) -> None:
    page.set_viewport_size(SMALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    assert Axe().run(page, options=AXE).response["violations"] == []
    page.set_viewport_size(PHONE)


def fill_in(page: Page) -> None:
    for name in ("name", "job_role", "relationship", "contact", "seen_on", "words", "signed_name"):
        page.locator(f"[name={name}]").fill(FILLED[name])


def last_link(world: World, subject: str) -> str:
    deliver(world.portfolio.chain)
    (message,) = [message for message in mail.outbox if subject in message.subject]
    return links_in(message)[0]


def test_a_witness_answers_without_javascript(world: World, new_page: Callable[..., Page]) -> None:
    """The browser's own origin and cookies: what refuses forged forms lets this one through."""
    page = new_page(viewport=PHONE, is_mobile=True, has_touch=True, javascript=False)
    ask(world, item_for_witness(world))
    page.goto(last_link(world, "asks you to say"))
    fill_in(page)
    page.get_by_role("button", name="Sign and send my testimony").click()
    expect(page.locator("[name=words]")).to_have_value(FILLED["words"])
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Sign and send my testimony").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert models.Testimony.objects.get().words == FILLED["words"]
    page.goto(last_link(world, "Your testimony"))
    page.get_by_role("button", name="Say that this was not me").click()
    expect(page.get_by_role("heading", name="Thank you for telling us")).to_be_visible()
    assert models.Testimony.objects.get().is_suspended


def test_the_pages_behind_the_links_are_sound(world: World, phone: Page) -> None:
    ask(world, item_for_witness(world))
    address = last_link(world, "asks you to say")
    phone.goto(address)
    is_sound(phone)
    phone.get_by_role("button", name="Sign and send my testimony").click()
    expect(phone.locator(".error-summary")).to_be_focused()
    is_sound(phone)
    fill_in(phone)
    phone.get_by_role("checkbox").check()
    phone.get_by_role("button", name="Sign and send my testimony").click()
    expect(phone.get_by_role("heading", name="Thank you")).to_be_visible()
    is_sound(phone)
    for there in (address, last_link(world, "Your testimony"), reverse("testimony_disowned")):
        phone.goto(there)
        is_sound(phone)


@pytest.mark.parametrize("who", ["candidate", "assessor"])
def test_the_pages_of_those_who_read_it_are_sound(world: World, phone: Page, live_server, who: str) -> None:
    evidence = item_for_witness(world)
    testimony = answered(world, evidence)
    claim(world, evidence, world.criteria[:1])
    offer(world, evidence)
    ask(world, evidence)
    seat = getattr(world, who)
    session = world.client(seat).cookies[settings.SESSION_COOKIE_NAME].value
    phone.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    mine = "ask_witness" if who == "candidate" else "judge"
    for address, pk in ((mine, evidence.pk), ("evidence", evidence.pk), ("testimony", testimony.pk)):
        phone.goto(reverse(address, args=[pk]))
        is_sound(phone)
