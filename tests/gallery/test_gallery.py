"""Every page of the demo centre, as everybody in it: axe finds nothing, nothing is wider than a small phone."""

from collections import Counter
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext

from centres.models import Role
from fixtures.demo.reading import cast
from tests.gallery.demo import demo_centre
from tests.gallery.tour import Stop, arrive, find_stops, sign_in, stops_without_account

# Both widths and both schemes are seen, each once: what differs between them does so by one or the other.
LOOKS = (
    {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
)
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
NARROWEST = 320
# Pages that look different by the state of what they show; of others, people of one role see the same.
IN_MANY_STATES = {"home": 4, "record": 3, "evidence": 3}


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("candidates", [True, False], ids=["candidates", "staff"])
def test_every_page_is_accessible_and_fits(chromium: Browser, tmp_path: Path, candidates: bool) -> None:
    complaints: list[str] = []
    seen = Counter[tuple[str, str, bool]]()
    with demo_centre(tmp_path) as address:
        if candidates:
            complaints += _see(chromium, address, stops_without_account(), None)
        for person in cast().people:
            if (person.role == Role.CANDIDATE) != candidates:
                continue
            signed_in = sign_in(chromium, address, person.email, cast().password)
            fresh = []
            for stop in find_stops(signed_in, person.role):
                kind = (stop.who, stop.name, stop.is_refused)
                if seen[kind] < IN_MANY_STATES.get(stop.name, 1):
                    fresh.append(stop)
                seen[kind] += 1
            state = signed_in.storage_state()
            signed_in.close()
            complaints += _see(chromium, address, fresh, state)
    assert not complaints, "\n".join(complaints)


def _see(browser: Browser, address: str, stops: list[Stop], state: object) -> list[str]:
    found = []
    for look in LOOKS:
        context = browser.new_context(base_url=address, locale="en-GB", storage_state=state, **look)
        found += _complaints(context, stops, f"{look['viewport']['width']} {look['color_scheme']}")
        context.close()
    return found


def _complaints(context: BrowserContext, stops: list[Stop], look: str) -> list[str]:
    page, axe, found = context.new_page(), Axe(), []
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    for stop in stops:
        arrive(page, stop)
        result = axe.run(page, options=AXE)
        for violation in result.response["violations"]:
            where = "; ".join(" ".join(node["target"]) for node in violation["nodes"][:3])
            found.append(f"{stop.title} {stop.path} ({look}): {violation['id']}: {violation['help']}: {where}")
        size = page.viewport_size
        assert size is not None
        page.set_viewport_size({"width": NARROWEST, "height": size["height"]})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > NARROWEST:
            found.append(f"{stop.title} {stop.path}: {wide} px wide on a screen of {NARROWEST}")
        page.set_viewport_size(size)
    return found + errors
