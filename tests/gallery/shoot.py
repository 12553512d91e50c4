"""`make gallery`: pictures of every page, as everybody, at three widths, light and dark, with an index to look at them.

python -m tests.gallery.shoot [folder]
"""

import os
import sys
import tempfile
from pathlib import Path

import django
from playwright.sync_api import Browser, Page, sync_playwright

from tests.chromium import launch_chromium
from tests.gallery.demo import demo_centre

WIDTHS = {390: 844, 768: 1024, 1280: 800}
SCHEMES = ("light", "dark")


def main() -> None:
    """Write the gallery into the folder given, or var/gallery."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from fixtures.demo.reading import cast
    from tests.gallery.tour import Stop, find_stops, sign_in, stops_without_account

    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "var/gallery").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    shots: list[tuple[Stop, list[str]]] = []
    with tempfile.TemporaryDirectory() as data, demo_centre(Path(data)) as address, sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        for person in (None, *cast().people):
            if person is None:
                stops, state, who = stops_without_account(), None, "nobody"
            else:
                signed_in = sign_in(browser, address, person.email, cast().password)
                stops, state, who = find_stops(signed_in, person.role), signed_in.storage_state(), person.name
                signed_in.close()
            sys.stdout.write(f"{who}: {len(stops)} pages\n")
            shots += _shoot(browser, address, stops, state, who, folder)
        browser.close()
    _write_index(folder, shots)
    sys.stdout.write(f"{folder / 'index.html'}\n")


def _shoot(browser: Browser, address: str, stops: list, state: object, who: str, folder: Path) -> list:
    names: dict[int, list[str]] = {number: [] for number in range(len(stops))}
    for scheme in SCHEMES:
        for width, height in WIDTHS.items():
            context = browser.new_context(
                base_url=address,
                locale="en-GB",
                storage_state=state,  # type: ignore[arg-type]
                viewport={"width": width, "height": height},
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            page = context.new_page()
            for number, stop in enumerate(stops):
                name = f"{who.lower().replace(' ', '-')}-{number:02}-{stop.name}-{width}-{scheme}.png"
                _take(page, stop, folder / name)
                names[number].append(name)
            context.close()
    return [(stop, names[number]) for number, stop in enumerate(stops)]


def _take(page: Page, stop: object, path: Path) -> None:
    from tests.gallery.tour import arrive

    arrive(page, stop)  # type: ignore[arg-type]
    page.evaluate("document.fonts.ready")
    page.screenshot(path=path, full_page=True)


def _write_index(folder: Path, shots: list) -> None:
    from django.template import Context, Engine

    template = Engine().from_string(
        """<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>Gallery</title>
<style>body{font:16px/1.4 system-ui;margin:2rem}section{margin-bottom:3rem}div{display:flex;gap:1rem;overflow-x:auto;
align-items:flex-start}img{height:420px;border:1px solid #999}</style></head><body><h1>Gallery</h1>
{% for stop, names in shots %}<section><h2>{{ stop.title }}</h2><p>{{ stop.path }}</p><div>
{% for name in names %}<a href="{{ name }}"><img src="{{ name }}" alt="{{ name }}" loading="lazy"></a>{% endfor %}
</div></section>{% endfor %}</body></html>"""
    )
    (folder / "index.html").write_text(template.render(Context({"shots": shots})))


if __name__ == "__main__":
    main()
