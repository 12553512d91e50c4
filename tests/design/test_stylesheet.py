"""The look: contrast in both schemes, weight, and every address in the stylesheet."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

CSS = Path(finders.find("css/portfolio.css") or "").read_text()
TOKENS = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", CSS.split("prefers-contrast")[0])
SCHEMES = {
    "light": {name: light for name, light, _ in TOKENS},
    "dark": {name: dark for name, _, dark in TOKENS},
}
# WCAG 2.2: 4.5 for text, 3 for the edge of a control.
PAIRS = [
    *[(text, ground, 4.5) for text in ("ink", "ink-soft", "accent", "danger") for ground in ("paper", "sheet", "cell")],
    *[("ink-soft", "sheet-sunk", 4.5), ("ink", "cell-strong", 4.5), ("on-accent", "accent", 4.5)],
    *[(tone, f"{tone}-wash", 4.5) for tone in ("accepted", "waiting", "returned", "danger")],
    *[(tone, "sheet", 4.5) for tone in ("accepted", "waiting", "returned")],
    *[("edge", ground, 3.0) for ground in ("sheet", "paper")],
]


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_counted_right() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("text", "ground", "least"), PAIRS)
def test_contrast(scheme: str, text: str, ground: str, least: float) -> None:
    colours = SCHEMES[scheme]
    assert contrast(colours[text], colours[ground]) >= least


def test_every_address_in_the_stylesheet_exists_and_is_ours() -> None:
    addresses = re.findall(r"url\(\"([^\"]+)\"\)", CSS)
    assert len(addresses) == CSS.count("url(") > 0
    for address in addresses:
        assert address.startswith("../")
        assert finders.find(address.removeprefix("../"))


def test_every_token_used_is_defined() -> None:
    defined = set(re.findall(r"(--[\w-]+)\s*:", CSS))
    assert set(re.findall(r"var\((--[\w-]+)", CSS)) <= defined


def test_weight() -> None:
    scripts = ("django_htmx/htmx-2.min.js", "js/portfolio.js", "js/drafts.js", "js/upload.js")
    assert len(gzip.compress(CSS.encode())) < 60_000
    assert sum(len(gzip.compress(Path(finders.find(name) or "").read_bytes())) for name in scripts) < 60_000
