"""The components (templates/components): states in words, cells counted right, reasons tied to buttons."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template, render_to_string

from evidence.models import ClaimState, EvidenceState
from registrations.models import RecordState, RegistrationStatus

TEMPLATES = Path(settings.BASE_DIR / "templates")
STATES = [state for table in (EvidenceState, ClaimState, RecordState, RegistrationStatus) for state in table]


def words(html: str) -> str:
    """What is read aloud."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_word_and_an_icon_of_its_own(state: str) -> None:
    html = render_to_string("components/state.html", {"state": state})
    unknown = render_to_string("components/state.html", {"state": "no such state"})
    assert words(html) not in {"", state.value}
    assert re.findall(r"<path.*?/>|<circle.*?/>", html) != re.findall(r"<path.*?/>|<circle.*?/>", unknown)


def test_a_state_says_what_its_label_says() -> None:
    assert words(render_to_string("components/state.html", {"state": "offered", "label": "With Dan"})) == "With Dan"


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_template_of_the_design_compiles(path: Path) -> None:
    """A wrong tag or a name missing from a library shows here, not to a person. Comments of one line only: Django
    prints the others."""
    get_template(str(path.relative_to(TEMPLATES)))
    for line in path.read_text().splitlines():
        assert ("{#" in line) == ("#}" in line)


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_icon_exists(path: Path) -> None:
    for name in re.findall(r'{% lucide "([\w-]+)"', path.read_text()):
        assert "<svg" in render_to_string("components/badge.html", {"icon": name, "label": "x"})


@pytest.mark.parametrize(
    ("needed", "claimed", "accepted"), [(27, 24, 19), (27, 0, 0), (1, 1, 1), (60, 60, 0), (3, 3, 3)]
)
def test_coverage_draws_one_cell_for_each_that_is_needed(needed: int, claimed: int, accepted: int) -> None:
    html = render_to_string("components/coverage.html", {"needed": needed, "claimed": claimed, "accepted": accepted})
    drawn = html.split("</svg>")[0]
    assert drawn.count("<rect") == needed
    assert drawn.count('class="accepted"') == accepted
    assert drawn.count('class="claimed"') == claimed - accepted
    assert words(html) == f"{accepted} of {needed} accepted {claimed} of {needed} claimed"


def test_coverage_of_many_cells_is_one_bar_and_of_none_says_so() -> None:
    many = render_to_string("components/coverage.html", {"needed": 210, "claimed": 100, "accepted": 50})
    assert many.count("<rect") == 3
    none = render_to_string("components/coverage.html", {"needed": 0, "claimed": 0, "accepted": 0})
    assert "No cells to fill" in none
    assert "<svg" not in none


def test_a_button_that_cannot_be_pressed_says_why() -> None:
    html = render_to_string(
        "components/button_unavailable.html", {"id": "sign", "label": "Sign", "reason": "1.2 lacks a reference."}
    )
    assert 'aria-disabled="true"' in html
    assert 'aria-describedby="sign-reason"' in html
    assert 'type="button"' in html
    assert words(html.split('id="sign-reason"')[1].split(">", 1)[1]) == "1.2 lacks a reference."


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("accepted", "accepted"),
        ("returned", "returned"),
        ("undecided", "awaiting judgement"),
        ("withdrawn", "withdrawn"),
    ],
)
def test_a_chip_is_read_with_its_locator_and_state(state: str, said: str) -> None:
    html = render_to_string(
        "components/chip.html", {"reference": "E12", "url": "/e/", "state": state, "locator": "page 2", "title": ""}
    )
    assert words(html) == f"E12 , page 2 , {said}"


@pytest.mark.parametrize("code", [400, 403, 404, 413, 429, 500])
def test_error_pages_stand_alone(code: int) -> None:
    """Drawn from nothing: no request, no person, no database."""
    html = get_template(f"{code}.html").template.source
    assert "base_error.html" in html
    drawn = render_to_string(f"{code}.html")
    assert f"Error {code}" in drawn
    assert drawn.count("<h1") == 1
