"""How people work in a browser: what each presses and types, by the words on the page.

One driver serves the journeys with and without JavaScript: everything is done by role and label, as somebody would who
sees the page or hears it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.urls import reverse
from playwright.sync_api import Page, expect

from centres.models import Membership
from tests.evidence.builders import PASSWORD


@dataclass
class AtWork:
    """Somebody signed in, in a browser of their own."""

    page: Page
    seat: Membership

    def go(self, name: str, *args: object) -> None:
        """Open an address by its name."""
        self.page.goto(reverse(name, args=args))

    def press(self, label: str) -> None:
        """Press the button of that label and wait for the page that answers."""
        button = self.page.get_by_role("button", name=label, exact=True).or_(
            self.page.get_by_role("link", name=label, exact=True)
        )
        expect(button.first).to_be_visible()
        button.first.click()
        self.page.wait_for_load_state("networkidle")

    def fill(self, label: str, text: str) -> None:
        """Type into the field of that label."""
        self.page.get_by_label(label, exact=False).first.fill(text)

    def sees(self, text: str) -> None:
        """The page says this somewhere in its main part."""
        expect(self.page.locator("main")).to_contain_text(text)


def sign_in(open_page: Callable[[], Page], seat: Membership) -> AtWork:
    """Sign in by e-mail address and password."""
    page = open_page()
    page.goto(reverse("account_login"))
    page.get_by_label("Email").fill(seat.person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: reverse("account_login") not in url)
    return AtWork(page, seat)


def register_candidate(
    coordinator: AtWork, *, qualification: str, candidate: str, assessor: str, iv: str, number: str, on: date
) -> None:
    """The coordinator registers somebody: first the qualification, then the rest."""
    coordinator.go("register")
    page = coordinator.page
    page.get_by_role("radio", name=qualification).check()
    coordinator.press("Go on")
    page.get_by_label("Candidate").select_option(label=candidate)
    page.get_by_role("checkbox", name="304").check()
    coordinator.fill("Registration number", number)
    page.get_by_label("Assessor").select_option(label=assessor)
    page.get_by_label("Internal verifier").select_option(label=iv)
    coordinator.fill("Employer", "Marsh and Daughters")
    coordinator.fill("Site", "High Street")
    coordinator.fill("Registered on", on.isoformat())
    coordinator.press("Register")


def hand_in(candidate: AtWork, portfolio_id: int, *, title: str, method: str, file: Path, on: date) -> None:
    """The candidate hands in one file and goes on to the criteria."""
    candidate.go("add_evidence", portfolio_id)
    page = candidate.page
    candidate.fill("Title", title)
    candidate.fill("What happened", "A customer compared our offer with the shop next door; I explained ours.")
    page.get_by_label("Date", exact=True).fill(on.isoformat())
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("checkbox", name=method).check()
    page.get_by_role("radio", name="Real job").check()
    candidate.press("Save and choose criteria")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Choose criteria for")


def claim(candidate: AtWork, *, criteria: list[str], place: str) -> None:
    """On the criteria page: tick these and say where to look, once for all."""
    page = candidate.page
    page.get_by_label("Use this place for all").fill(place)
    for criterion in criteria:
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=criterion, exact=True))
        row.get_by_role("checkbox").check()
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
