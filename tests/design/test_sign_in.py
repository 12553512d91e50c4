"""The sign-in page in a browser: accessible in both schemes and on a narrow screen, usable without scripts."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.focus import expect_focus

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["account_login", "account_reset_password", "account_reset_password_done"])
def test_axe_finds_nothing(new_page: Callable[..., Page], scheme: str, address: str) -> None:
    page = new_page(color_scheme=scheme)
    page.goto(reverse(address))
    violations = Axe().run(page).response["violations"]
    assert [(violation["id"], violation["nodes"][0]["html"]) for violation in violations] == []


def test_nothing_scrolls_sideways_at_320_pixels(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 320, "height": 640})
    page.goto(reverse("account_login"))
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_a_wrong_password_is_told_at_the_top_and_the_address_kept(page: Page) -> None:
    page.goto(reverse("account_login"))
    page.get_by_label("Email").fill("aisha@example.org")
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    summary = page.get_by_role("alert")
    expect_focus(summary)
    expect(page).to_have_title("Error: Sign in – NVQ Portfolio")
    expect(page.get_by_label("Email")).to_have_value("aisha@example.org")


def test_a_passkey_that_is_refused_is_told_beside_the_button(page: Page) -> None:
    page.goto(reverse("account_login"))
    notice = page.get_by_text("The passkey was not accepted")
    expect(notice).to_be_hidden()
    page.evaluate("document.dispatchEvent(new CustomEvent('allauth.error', {cancelable: true, detail: {}}))")
    expect(notice).to_be_visible()


def test_without_scripts_no_passkey_is_offered(page_without_javascript: Page) -> None:
    page = page_without_javascript
    page.goto(reverse("account_login"))
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
