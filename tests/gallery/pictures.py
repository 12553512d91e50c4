"""The pictures of the README's tour, taken anew from the demo centre: `python -m tests.gallery.pictures`.

Each is a page as somebody in the demo sees it, found by following links as they would. Writes docs/pictures.
"""

import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import django
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from pypdfium2 import PdfDocument

from tests.chromium import launch_chromium
from tests.gallery.demo import ROOT, demo_centre

FOLDER = ROOT / "docs" / "pictures"
PHONE = (390, 800)
# Each page of the print as wide as half a screen, on the ground that pages lie on.
PRINT_WIDTH, BETWEEN, GROUND = 629, 24, "#d6d0c4"
COLOURS = 128


@dataclass(frozen=True)
class Picture:
    """One picture: its file, who looks, how they get there from home, and what of the page is shown."""

    name: str
    who: str
    go: Callable[[Page], None]
    size: tuple[int, int]

    @property
    def scale(self) -> int:
        """Phones are shown at half their size, so their pictures are twice as fine."""
        return 2 if self.size == PHONE else 1


def _follow(*names: str) -> Callable[[Page], None]:
    """Follow the first link of the page's main part whose text holds each of the names, one after the other."""

    def go(page: Page) -> None:
        for name in names:
            page.locator("main a", has_text=name).first.click()
            page.wait_for_load_state("load")

    return go


def _home(page: Page) -> None:
    """Where everybody begins."""


def _scroll_to(page: Page, selector: str, above: int = 16) -> None:
    page.evaluate(
        "([selector, above]) => { const box = document.querySelector(selector).getBoundingClientRect();"
        " window.scrollTo({top: box.top + window.scrollY - above, behavior: 'instant'}); }",
        [selector, above],
    )


def _address(page: Page, pattern: str) -> str:
    """The first address on the page that is like the pattern."""
    there = [link.get_attribute("href") or "" for link in page.locator("main a").all()]
    return next(address for address in there if re.fullmatch(pattern, address))


def _claims(page: Page) -> None:
    """Two criteria ticked, and where to look for one of them."""
    page.goto(_address(page, r"/portfolios/\d+/"))
    page.goto(_address(page, r"/evidence/\d+/") + "claims/")
    rows = page.locator("tr[id^=cell-]")
    for label in ("2a", "2b"):
        row = rows.filter(has=page.get_by_role("rowheader", name=label, exact=True)).first
        row.locator("input[type=checkbox]").check()
        if label == "2a":
            row.locator("input[type=text]").fill("page 1, the table")
    page.evaluate("document.activeElement.blur()")
    _scroll_to(page, "tr[id^=cell-]", above=60)


def _gate(page: Page) -> None:
    _follow("304")(page)
    _scroll_to(page, "#missing")


def _judge(page: Page) -> None:
    page.goto(_address(page, r"/evidence/\d+/judge/"))
    radios = page.locator("main form input[type=radio]")
    radios.nth(0).check()
    radios.nth(4).check()
    page.evaluate("document.activeElement.blur()")
    page.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")


def _sign_off(page: Page) -> None:
    _follow("304")(page)
    _scroll_to(page, "#sign-off")


def _person(name: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.goto("/people/")
        _follow(name)(page)

    return go


def _registration(page: Page) -> None:
    page.goto("/registrations/")
    _follow("Aisha Rahman")(page)


PICTURES = (
    Picture("candidate-home", "Aisha Rahman", _home, PHONE),
    Picture("candidate-claims", "Chloe Barker", _claims, PHONE),
    Picture("candidate-gate", "Aisha Rahman", _gate, PHONE),
    Picture("assessor-judge", "Dan Okafor", _judge, (1280, 860)),
    Picture("record-sign-off", "Tom Whitfield", _sign_off, (1280, 800)),
    Picture("iv-candidates", "Judith Amos", lambda page: page.goto("/registrations/") and None, (1280, 760)),
    Picture("ev-home", "Ravi Menon", _home, (1280, 560)),
    Picture("coordinator-registration", "Priya Nair", _registration, (1280, 640)),
    Picture("coordinator-person", "Priya Nair", _person("Bethan Price"), (1280, 720)),
)


def main() -> None:
    """Take every picture."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from fixtures.demo.reading import cast
    from tests.gallery.tour import sign_in

    emails = {person.name: person.email for person in cast().people}
    with tempfile.TemporaryDirectory() as data, demo_centre(Path(data)) as address, sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        for picture in PICTURES:
            signed_in = sign_in(browser, address, emails[picture.who], cast().password)
            state = signed_in.storage_state()
            signed_in.close()
            _take(browser, address, state, picture)
        signed_in = sign_in(browser, address, emails["Megan Lloyd"], cast().password)
        _take_print(signed_in.new_page())
        browser.close()


def _take(browser: Browser, address: str, state: object, picture: Picture) -> None:
    width, height = picture.size
    context = browser.new_context(
        base_url=address,
        locale="en-GB",
        storage_state=state,  # type: ignore[arg-type]
        viewport={"width": width, "height": height},
        device_scale_factor=picture.scale,
    )
    page = context.new_page()
    page.goto("/")
    picture.go(page)
    page.evaluate("document.fonts.ready")
    page.wait_for_load_state("networkidle")
    path = FOLDER / f"{picture.name}.png"
    page.screenshot(path=path)
    _keep_small(Image.open(path), path)
    context.close()


def _take_print(page: Page) -> None:
    """Two pages of a printed record side by side: the assessed evidence, and the sign-off."""
    page.goto("/")
    _follow("304")(page)
    page.get_by_role("button", name="Print this record").click()
    page.wait_for_url("**/prints/*/")
    pages = PdfDocument(page.request.get(f"{page.url}pdf/").body())
    drawn = [pages[number].render(scale=2).to_pil() for number in (1, len(pages) - 1)]
    shown = [each.resize((PRINT_WIDTH, PRINT_WIDTH * each.height // each.width)) for each in drawn]
    both = Image.new("RGB", (2 * PRINT_WIDTH + BETWEEN, shown[0].height), GROUND)
    for number, each in enumerate(shown):
        both.paste(each, (number * (PRINT_WIDTH + BETWEEN), 0))
    _keep_small(both, FOLDER / "printed-record.png")


def _keep_small(picture: Image.Image, path: Path) -> None:
    picture.convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main()
