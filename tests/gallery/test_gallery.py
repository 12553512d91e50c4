"""Every page of the demo centre, as everybody in it: axe finds nothing, nothing is wider than a small phone."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext

from desk.demo.cast import EVERYBODY, PASSWORD
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


@pytest.mark.timeout(1500)
def test_every_page_is_accessible_and_fits(chromium: Browser, tmp_path: Path) -> None:
    complaints: list[str] = []
    seen: set[str] = set()
    with demo_centre(tmp_path) as address:
        for person in (None, *EVERYBODY):
            if person is None:
                stops, state = stops_without_account(), None
            else:
                signed_in = sign_in(chromium, address, person.email, PASSWORD)
                stops, state = find_stops(signed_in, person.role), signed_in.storage_state()
                signed_in.close()
            fresh = [stop for stop in stops if _kind(stop) not in seen]
            seen |= {_kind(stop) for stop in fresh}
            for look in LOOKS:
                context = chromium.new_context(base_url=address, locale="en-GB", storage_state=state, **look)
                complaints += _complaints(context, fresh, f"{look['viewport']['width']} {look['color_scheme']}")
                context.close()
    assert not complaints, "\n".join(complaints)


def _kind(stop: Stop) -> str:
    """Pages of one name look alike to people of one role; only the first two of them are looked at closely."""
    return (
        f"{stop.who} {stop.name} {stop.is_refused} {stop.path if stop.name in {'record', 'home', 'evidence'} else ''}"
    )


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
