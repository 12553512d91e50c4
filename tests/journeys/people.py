"""How people work in a browser: what each presses and types, by the words on the page.

One driver serves the journeys with and without JavaScript and by keyboard: everything is done by role and label, as
somebody would who sees the page or hears it. `AtWork` uses whatever is handy; `keyboard.AtTheKeyboard` keys only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from centres.models import Membership
from tests.evidence.builders import PASSWORD


@dataclass
class AtWork:
    """Somebody in a browser of their own."""

    page: Page
    seat: Membership

    def sign_in(self) -> Self:
        """Sign in by e-mail address and password."""
        self.go("account_login")
        self.fill("Email", self.seat.person.email)
        self.fill("Password", PASSWORD)
        self.press("Sign in")
        self.page.wait_for_url(lambda url: reverse("account_login") not in url)
        return self

    def go(self, name: str, *args: object) -> None:
        """Open an address by its name."""
        self.page.goto(reverse(name, args=args))

    def press(self, label: str) -> None:
        """Press the button or link of that label and wait for the page that answers."""
        button = self.page.get_by_role("button", name=label, exact=True).or_(
            self.page.get_by_role("link", name=label, exact=True)
        )
        expect(button.first).to_be_visible()
        self.activate(button.first)

    def fill(self, label: str, text: str) -> None:
        """Type into the field of that label."""
        self.write(self.page.get_by_label(label, exact=False).first, text)

    def sees(self, text: str) -> None:
        """The page says this somewhere in its main part."""
        expect(self.page.locator("main")).to_contain_text(text)

    @contextmanager
    def another_page(self) -> Iterator[None]:
        """Wait until what was pressed inside has brought another page, or another body of this one."""
        self.page.evaluate("document.body.dataset.before = 'yes'")
        yield
        expect(self.page.locator("body[data-before]")).to_have_count(0, timeout=15_000)
        self.page.wait_for_load_state("load")

    # --- What another way of working does differently -------------------------------------------------------------

    def activate(self, button: Locator) -> None:
        """Follow a link or press a button, and wait for the page that answers."""
        with self.another_page():
            button.click()

    def write(self, field: Locator, text: str) -> None:
        """Put this text in the place of what a field holds."""
        field.fill(text)

    def set_day(self, field: Locator, day: date) -> None:
        """Enter a date."""
        field.fill(day.isoformat())

    def tick(self, box: Locator) -> None:
        """Tick a box or choose a radio button."""
        box.check()

    def choose(self, field: Locator, label: str) -> None:
        """Choose from a drop-down list."""
        field.select_option(label=label)

    def attach(self, field: Locator, file: Path) -> None:
        """Choose a file."""
        field.set_input_files(file)


def register_candidate(
    coordinator: AtWork, *, qualification: str, candidate: str, assessor: str, iv: str, number: str, on: date
) -> None:
    """The coordinator registers somebody: first the qualification, then the rest."""
    coordinator.go("register")
    page = coordinator.page
    coordinator.tick(page.get_by_role("radio", name=qualification))
    coordinator.press("Go on")
    coordinator.choose(page.get_by_label("Candidate"), candidate)
    coordinator.fill("Registration number", number)
    coordinator.tick(page.get_by_role("checkbox", name="304"))
    coordinator.choose(page.get_by_label("Assessor"), assessor)
    coordinator.choose(page.get_by_label("Internal verifier"), iv)
    coordinator.fill("Employer", "Marsh and Daughters")
    coordinator.fill("Site", "High Street")
    coordinator.set_day(page.get_by_label("Registered on"), on)
    coordinator.press("Register")


def hand_in(candidate: AtWork, portfolio_id: int, *, title: str, method: str, file: Path, on: date) -> None:
    """The candidate hands in one file and goes on to the criteria."""
    candidate.go("add_evidence", portfolio_id)
    page = candidate.page
    candidate.fill("Title", title)
    candidate.fill("What happened", "A customer compared our offer with the shop next door; I explained ours.")
    candidate.set_day(page.get_by_label("Date", exact=True), on)
    candidate.attach(page.locator("input[type=file]"), file)
    candidate.tick(page.get_by_role("checkbox", name=method))
    candidate.tick(page.get_by_role("radio", name="Real job"))
    candidate.press("Save and choose criteria")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Choose criteria for")


def claim(candidate: AtWork, *, criteria: list[str], place: str) -> None:
    """On the criteria page: tick these and say where to look, once for all."""
    page = candidate.page
    candidate.write(page.get_by_label("Use this place for all"), place)
    for criterion in criteria:
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=criterion, exact=True))
        candidate.tick(row.get_by_role("checkbox"))
    candidate.press("Save my choice")


def offer(candidate: AtWork, evidence_id: int) -> None:
    """Offer one item for assessment."""
    candidate.go("offer", evidence_id)
    candidate.press("Offer for assessment")


def sign(signer: AtWork, record_id: int, slot: str) -> None:
    """Sign one line with name and password."""
    signer.go("sign", record_id, slot)
    signer.fill("Your full name", signer.seat.person.name)
    signer.fill("Your password", PASSWORD)
    signer.press("Sign this record")
    signer.sees("Signed:")


def draw(verifier: AtWork, record_id: int, reason: str) -> None:
    """Draw a record as a sample."""
    verifier.go("sample", record_id)
    verifier.fill("Why do you draw this record?", reason)
    verifier.press("Draw as a sample")
