"""Every page of the demo centre, as everybody in it: axe finds nothing, nothing is wider than a small phone."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page

from centres.models import Role
from fixtures.demo.reading import cast
from tests.gallery.tour import Stop, arrive, find_stops, sign_in, stops_without_account

# Both widths and both schemes are seen, each once: what differs between them does so by one or the other.
ON_A_PHONE, AT_A_DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
VIOLATIONS = f"""axe.run({json.dumps(AXE)}).then(results => results.violations.map(one =>
  `${{one.id}}: ${{one.help}}: ${{one.nodes.slice(0, 3).map(node => node.target.join(" ")).join("; ")}}`))"""
NARROWEST = {"width": 320, "height": 844}
# Pages that look different by the state of what they show; of others, people of one role see the same.
IN_MANY_STATES = {"home": 4, "record": 3, "evidence": 3}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", list(Role))
def test_every_page_is_accessible_and_fits(chromium: Browser, demo_address: str, role: Role) -> None:
    complaints: list[str] = []
    seen = Counter[tuple[str, bool]]()
    for person in cast().people:
        if person.role == role:
            signed_in = sign_in(chromium, demo_address, person.email, cast().password)
            complaints += _complaints(signed_in, list(_fresh(find_stops(signed_in, role), seen)))
            signed_in.close()
    assert seen[("home", False)], f"nobody in the demo centre is {role.label}"
    assert complaints == []


@pytest.mark.timeout(600)
def test_what_a_stranger_meets_is_accessible_and_fits(chromium: Browser, demo_address: str) -> None:
    context = chromium.new_context(base_url=demo_address, locale="en-GB")
    complaints = _complaints(context, stops_without_account())
    context.close()
    assert complaints == []


def _fresh(stops: list[Stop], seen: Counter[tuple[str, bool]]) -> Iterator[Stop]:
    """The stops whose kind was not yet seen, or not in as many states as it has; counts them as seen."""
    for stop in stops:
        kind = (stop.name, stop.is_refused)
        if seen[kind] < IN_MANY_STATES.get(stop.name, 1):
            yield stop
        seen[kind] += 1


def _complaints(context: BrowserContext, stops: list[Stop]) -> list[str]:
    """What is wrong with these pages. Each is opened once, and looked at on a phone by day and at a desk by night."""
    page, found = context.new_page(), list[str]()
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    for stop in stops:
        # Without motion, colours are what they will be as soon as the scheme is another.
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.set_viewport_size(ON_A_PHONE)
        arrive(page, stop)
        page.evaluate(AXE_SCRIPT)
        found += [f"{stop.title} {stop.path} (390 light): {violation}" for violation in page.evaluate(VIOLATIONS)]
        page.set_viewport_size(NARROWEST)
        if (wide := _width(page)) > NARROWEST["width"]:
            found.append(f"{stop.title} {stop.path}: {wide} px wide on a screen of {NARROWEST['width']}")
        page.set_viewport_size(AT_A_DESK)
        page.emulate_media(color_scheme="dark")
        found += [f"{stop.title} {stop.path} (1280 dark): {violation}" for violation in page.evaluate(VIOLATIONS)]
    page.close()
    return found


def _width(page: Page) -> int:
    wide: int = page.evaluate("document.documentElement.scrollWidth")
    return wide
