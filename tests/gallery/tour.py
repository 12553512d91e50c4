"""Every page of the demo centre as everybody in it sees it, found by following the links on the pages.

A page belongs to its address's name; of each name a person shows at most ``SAME_AT_MOST``, so that records in several
states come up but not every file. Forms named in ``SENT_EMPTY`` come up a second time with their errors.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, BrowserContext, Page

SAME_AT_MOST = 2
# Answers that are not pages: files, and what is downloaded.
NOT_PAGES = frozenset(
    {
        "account_logout",
        "award_certificate",
        "download_standard",
        "evidence_file",
        "evidence_file_page",
        "evidence_file_variant",
        "front_matter_file",
        "front_matter_file_page",
        "front_matter_file_variant",
        "own_drawing",
        "print_pdf",
        "signature_drawing",
        "standard_template",
    }
)
# Sent as they are, these can only be refused: each has a field that must be filled in.
SENT_EMPTY = frozenset(
    {
        "account_login",
        "add_award",
        "add_case_step",
        "add_evidence",
        "add_missed_claim",
        "add_statement",
        "add_unit",
        "add_witness",
        "agree_discussion",
        "authenticate_witness",
        "change_front_matter",
        "change_status",
        "close_case",
        "confirm_unit",
        "drawn_signature",
        "file_certificate",
        "environments",
        "give_approval",
        "hand_in_standard",
        "held_elsewhere",
        "invite",
        "judge",
        "observe",
        "open_ev_access",
        "question",
        "question_bank",
        "reassign_unit",
        "register",
        "sample",
        "seen_at_work",
        "sign",
        "strike_out_award",
        "unlock",
        "waive",
        "withdraw",
        "withdraw_sample",
    }
)
WITHOUT_AN_ACCOUNT = ("/accounts/login/", "/accounts/password/reset/", "/nothing/here/")
UNLINKED = ("/nothing/here/",)


@dataclass(frozen=True)
class Stop:
    """One page to see: whose, where, its address's name, and whether its form is sent empty first."""

    who: str
    path: str
    name: str
    is_refused: bool = False

    @property
    def title(self) -> str:
        """For the index, such as "candidate: sign, refused"."""
        return f"{self.who}: {self.name.replace('_', ' ')}{', refused' if self.is_refused else ''}"


@dataclass
class Visitor:
    """Somebody signed in, or nobody, with the stops of their tour."""

    who: str
    state: dict[str, object] | None
    stops: list[Stop] = field(default_factory=list)


def sign_in(browser: Browser, address: str, email: str, password: str) -> BrowserContext:
    """A context in which that person is signed in."""
    context = browser.new_context(base_url=address, locale="en-GB")
    page = context.new_page()
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("form[action*='login'] button[type=submit]").last.click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)
    page.close()
    return context


def find_stops(context: BrowserContext, who: str) -> list[Stop]:
    """Follow every link from the home page; the pages in the order they were found."""
    page = context.new_page()
    waiting, seen, shown, stops = ["/"], {"/"}, Counter[str](), list[Stop]()
    while waiting:
        path = waiting.pop(0)
        name = _name_of(path)
        if name in NOT_PAGES or shown[name] >= SAME_AT_MOST:
            continue
        response = page.goto(path)
        if response is None or "text/html" not in response.headers.get("content-type", ""):
            continue
        shown[name] += 1
        stops.append(Stop(who, path, name))
        if name in SENT_EMPTY and shown[name] == 1 and _form(page):
            stops.append(Stop(who, path, name, is_refused=True))
        for link in _links(page):
            if link not in seen:
                seen.add(link)
                waiting.append(link)
    page.close()
    stops += [Stop(who, path, _name_of(path)) for path in UNLINKED]
    return stops


def stops_without_account() -> list[Stop]:
    """What a stranger meets."""
    return [Stop("nobody", path, _name_of(path)) for path in WITHOUT_AN_ACCOUNT] + [
        Stop("nobody", "/accounts/login/", "account_login", is_refused=True)
    ]


def arrive(page: Page, stop: Stop) -> None:
    """Open a stop, and send its form empty where that is asked for."""
    page.goto(stop.path)
    if stop.is_refused and (form := _form(page)):
        page.evaluate("form => form.requestSubmit()", form)
        page.wait_for_load_state("load")
        page.locator(".error-summary, .field-error, [role=alert]").first.wait_for()


def _form(page: Page) -> object:
    """The form of the page's main part, where it has one to fill in."""
    return page.query_selector("main form[method=post]:has(input:not([type=hidden]), textarea, select)")


def _links(page: Page) -> Iterator[str]:
    """The links to other pages of ours, without fragments, each kind of filter only once."""
    for href in page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)"):
        parts = urlsplit(href)
        if f"{parts.scheme}://{parts.netloc}" == _origin(page) and not parts.path.startswith(
            ("/static/", "/operators/")
        ):
            yield parts.path


def _origin(page: Page) -> str:
    parts = urlsplit(page.url)
    return f"{parts.scheme}://{parts.netloc}"


def _name_of(path: str) -> str:
    try:
        return resolve(path).url_name or "unnamed"
    except Resolver404:
        return "not_found"
