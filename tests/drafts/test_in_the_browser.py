"""What is typed survives the tab, the session and another tab; all of it in Chromium, and once without JavaScript."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from centres.models import Membership
from evidence.models import Evidence
from tests.evidence.builders import PASSWORD, World, add_offered_item, make_world, replace

WHAT = "What happened"
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
SMALL = {"width": 320, "height": 700}


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


@pytest.fixture
def sit_down(world: World, new_page: Callable[..., Page], live_server) -> Callable[..., Page]:
    """A browser in which a seat is signed in."""

    def open_as(seat: Membership, **options: object) -> Page:
        page = new_page(**options)
        let_in(page, world, seat, live_server.url)
        return page

    return open_as


def let_in(page: Page, world: World, seat: Membership, url: str) -> None:
    session = world.client(seat).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])


def add_url(world: World) -> str:
    return reverse("add_evidence", args=[world.portfolio.pk])


def type_into(page: Page, label: str, text: str) -> None:
    """Type, and wait until the page says that it is kept."""
    with page.expect_response(lambda answer: answer.url.endswith(reverse("keep_draft"))):
        page.get_by_role("textbox", name=label).fill(text)


def is_sound(page: Page) -> None:
    """Axe finds nothing, and nothing is wider than a small phone."""
    before = page.viewport_size
    page.set_viewport_size(SMALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    result = Axe().run(page, options=AXE)
    assert result.violations_count == 0, result.generate_report()
    page.set_viewport_size(before)


def test_what_is_typed_is_there_again_after_a_reload_and_in_a_new_browser(
    world: World, sit_down: Callable[..., Page]
) -> None:
    page = sit_down(world.candidate)
    page.goto(add_url(world))
    type_into(page, "Title", "Kettle exchange")
    page.get_by_label("Product Evidence (PE)").check()
    with page.expect_response(lambda answer: answer.url.endswith(reverse("keep_draft"))):
        page.get_by_label(WHAT, exact=True).press_sequentially("A customer came.\nI listened.")
    expect(page.locator("[data-draft-status]")).to_contain_text("Kept at")
    is_sound(page)
    page.reload()
    for place in (page, sit_down(world.candidate, viewport=SMALL)):
        place.goto(add_url(world))
        expect(place.get_by_label("Title", exact=True)).to_have_value("Kettle exchange")
        expect(place.get_by_label(WHAT, exact=True)).to_have_value("A customer came.\nI listened.")
        expect(place.get_by_label("Product Evidence (PE)")).to_be_checked()
        expect(place.get_by_text("We kept what you typed on")).to_be_visible()
        is_sound(place)
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_text("What you had typed has been thrown away")).to_be_visible()
    expect(page.get_by_label("Title", exact=True)).to_have_value("")


def test_leaving_the_page_at_once_loses_nothing(world: World, sit_down: Callable[..., Page]) -> None:
    """Quicker than the pause after which the page would have sent it."""
    page = sit_down(world.candidate)
    page.goto(add_url(world))
    page.get_by_label("Title", exact=True).fill("Typed and gone")
    page.goto(reverse("home"))
    page.goto(add_url(world))
    expect(page.get_by_label("Title", exact=True)).to_have_value("Typed and gone")


def test_the_session_ends_while_somebody_types(world: World, sit_down: Callable[..., Page], live_server) -> None:
    page = sit_down(world.candidate)
    page.goto(add_url(world))
    type_into(page, "Title", "Before")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    type_into(page, WHAT, "Typed while signed out")
    notice = page.locator("[data-draft-alert=signed-out]")
    expect(notice).to_contain_text("You are signed out. Sign in in another tab; your text stays here.")
    is_sound(page)
    # Sent now, it would be lost on the way to the sign-in page: it stays.
    page.get_by_role("button", name="Save as draft").click()
    expect(notice).to_be_visible()
    expect(page.get_by_label(WHAT, exact=True)).to_have_value("Typed while signed out")
    with page.context.expect_page() as opened:
        notice.get_by_role("link", name="Sign in in a new tab").click()
    door = opened.value
    door.get_by_label("Email").fill(world.candidate.person.email)
    door.get_by_label("Password").fill(PASSWORD)
    door.get_by_role("button", name="Sign in", exact=True).click()
    door.wait_for_url(lambda url: reverse("account_login") not in url)
    door.close()
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(notice).to_be_hidden()
    # The sign-in has changed the browser's token; the form of before is taken all the same.
    page.get_by_label("Date", exact=True).fill("2026-01-05")
    page.get_by_label("Or where it is kept at work").fill("In the safe")
    page.get_by_label("Product Evidence (PE)").check()
    page.get_by_label("Real job").check()
    page.get_by_role("button", name="Save as draft").click()
    page.wait_for_url(lambda url: "/evidence/new/" not in url)
    made = Evidence.objects.get(portfolio=world.portfolio)
    assert made.current_version.what_happened == "Typed while signed out"
    page.goto(add_url(world))
    expect(page.get_by_text("We kept what you typed")).to_have_count(0)


def test_somebody_else_signs_in_meanwhile(world: World, sit_down: Callable[..., Page], live_server) -> None:
    page = sit_down(world.candidate)
    page.goto(add_url(world))
    let_in(page, world, world.other_candidate, live_server.url)
    type_into(page, "Title", "Mine")
    expect(page.locator("[data-draft-alert=another]")).to_contain_text("Somebody else is signed in")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.get_by_label("Title", exact=True)).to_have_value("Mine")


def test_two_tabs_show_each_others_text_under_the_fields(world: World, sit_down: Callable[..., Page]) -> None:
    first = sit_down(world.candidate)
    second = first.context.new_page()
    first.goto(add_url(world))
    second.goto(add_url(world))
    type_into(first, "Title", "From the first")
    type_into(first, WHAT, "One story")
    first.get_by_label("Real job").check()
    type_into(first, "Or where it is kept at work", "In the safe")
    type_into(second, "Title", "From the second")
    expect(second.locator("[data-draft-alert=conflict]")).to_contain_text("typed in another tab")
    notes = second.locator(".draft-other")
    expect(notes).to_have_count(4)
    expect(notes.first).to_contain_text("From the first")
    is_sound(second)
    second.locator("[data-draft-alert=conflict]").get_by_role("button", name="Close").click()
    # One of the other tab's, the rest of one's own.
    second.get_by_role("button", name=f"Use that one for {WHAT}").click()
    expect(second.get_by_label(WHAT, exact=True)).to_have_value("One story")
    expect(second.get_by_label(WHAT, exact=True)).to_be_focused()
    second.get_by_role("button", name="Use that one for Where does it come from?").click()
    expect(second.get_by_label("Real job")).to_be_checked()
    second.get_by_role("button", name="Keep mine for Or where").click()
    # Before everything is chosen, a crash loses neither.
    second.reload()
    expect(second.get_by_label("Title", exact=True)).to_have_value("From the second")
    expect(second.locator(".draft-other").first).to_contain_text("From the first")
    is_sound(second)
    while (button := second.get_by_role("button", name="Keep mine")).count():
        with second.expect_response(lambda answer: answer.url.endswith(reverse("keep_draft"))):
            button.first.click()
    second.wait_for_load_state("networkidle")
    second.reload()
    expect(second.get_by_label("Title", exact=True)).to_have_value("From the second")
    expect(second.get_by_label(WHAT, exact=True)).to_have_value("One story")
    expect(second.locator(".draft-other")).to_have_count(0)
    # The first tab hears of it as soon as it types on.
    type_into(first, "Title", "From the first, more")
    expect(first.locator(".draft-other").first).to_contain_text("From the second")
    expect(first.get_by_label("Title", exact=True)).to_have_value("From the first, more")


def test_a_claim_made_in_another_tab_stands_under_its_cell(world: World, sit_down: Callable[..., Page]) -> None:
    item = add_offered_item(world, world.criteria[:1])
    url = reverse("claims", args=[item.pk])
    first = sit_down(world.candidate)
    second = first.context.new_page()
    first.goto(url)
    second.goto(url)
    cell = f"{world.record.pk}-{world.criteria[4].pk}"
    first.locator(f"#id_tick-{cell}").check()
    with first.expect_response(lambda answer: answer.url.endswith(reverse("keep_draft"))):
        first.locator(f"#id_place-{cell}").fill("page 7")
    with second.expect_response(lambda answer: answer.url.endswith(reverse("keep_draft"))):
        second.locator("#id_place").fill("page 1")
    note = second.locator(f"#cell-{cell} .draft-other").first
    expect(note).to_contain_text("Ticked")
    is_sound(second)
    note.get_by_role("button", name="Use that one").click()
    expect(second.locator(f"#id_tick-{cell}")).to_be_checked()
    expect(second.locator(f"#cell-{cell} .draft-other")).to_contain_text("page 7")
    is_sound(second)


def test_an_assessors_comments_and_a_version_that_came_meanwhile(world: World, sit_down: Callable[..., Page]) -> None:
    item = add_offered_item(world, world.criteria[:2])
    page = sit_down(world.assessor)
    url = reverse("judge", args=[item.pk])
    page.goto(url)
    page.get_by_label("Return", exact=True).first.check()
    with page.expect_response(lambda answer: answer.url.endswith(reverse("keep_draft"))):
        page.get_by_label("Comment").first.fill("The receipt has no date")
    replace(world, item)
    page.goto(url)
    expect(page.get_by_label("Return", exact=True).first).not_to_be_checked()
    comment = page.locator(".draft-other").filter(has_text="The receipt has no date")
    expect(comment).to_be_visible()
    is_sound(page)
    page.get_by_role("button", name="Use that one").first.click()
    expect(page.get_by_label("Return", exact=True).first).to_be_checked()
    comment.get_by_role("button", name="Use that one").click()
    expect(page.get_by_label("Comment").first).to_have_value("The receipt has no date")
    expect(page.locator(".draft-other")).to_have_count(0)


def test_without_javascript(world: World, sit_down: Callable[..., Page]) -> None:
    """Refused: kept. The session gone: kept, and there after signing in. Discarded: gone."""
    page = sit_down(world.candidate, javascript=False)
    page.goto(add_url(world))
    page.get_by_label("Title", exact=True).fill("Refused")
    page.get_by_role("button", name="Save as draft").click()
    page.goto(add_url(world))
    expect(page.get_by_label("Title", exact=True)).to_have_value("Refused")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_label("Title", exact=True).fill("Sent after the session")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    page.get_by_label("Email").fill(world.candidate.person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("Title", exact=True)).to_have_value("Sent after the session")
    expect(page.get_by_text("What you type here is kept")).to_be_hidden()
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_label("Title", exact=True)).to_have_value("")
