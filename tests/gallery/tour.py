"""Every page of the demo centre as everybody in it sees it, found by following the links on the pages.

The pages are only read for that; they are drawn when somebody looks at them. A page belongs to its address's name; of
each name a person shows at most ``SAME_AT_MOST``, so that records in several states come up but not every file. Forms
named in ``SENT_EMPTY`` come up a second time with their errors.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
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


FORM = "main form[method=post]:has(input:not([type=hidden]), textarea, select)"
# What a page says of itself, read as the browser would, but without drawing it.
READ = """async path => {
  const answer = await fetch(path);
  if (!(answer.headers.get("content-type") || "").includes("text/html")) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const hrefs = Array.from(page.querySelectorAll("a[href]"), link => link.getAttribute("href"));
  return {form: page.querySelector(FORM) !== null, links: hrefs.map(href => new URL(href, answer.url).href)};
}""".replace("FORM", repr(FORM))


def sign_in(browser: Browser, address: str, email: str, password: str) -> BrowserContext:
    """A context in which that person is signed in: by their password, but without drawing the pages on the way."""
    context = browser.new_context(base_url=address, locale="en-GB")
    context.request.get("/accounts/login/")
    (token,) = [cookie["value"] for cookie in context.cookies() if cookie["name"] == settings.CSRF_COOKIE_NAME]
    answer = context.request.post(
        "/accounts/login/",
        form={"login": email, "password": password, "csrfmiddlewaretoken": token},
        headers={"Referer": f"{address}/accounts/login/"},
        max_redirects=0,
    )
    assert answer.status == 302, f"{email} could not sign in: {answer.status}"
    return context


def find_stops(context: BrowserContext, who: str) -> list[Stop]:
    """Follow every link from the home page; the pages in the order they were found."""
    page = context.new_page()
    # Any page of ours will do: from its window the others are asked for.
    page.goto("/accounts/email/")
    waiting, seen, shown, stops = ["/"], {"/"}, Counter[str](), list[Stop]()
    while waiting:
        path = waiting.pop(0)
        name = _name_of(path)
        if name in NOT_PAGES or shown[name] >= SAME_AT_MOST:
            continue
        read = page.evaluate(READ, path)
        if read is None:
            continue
        shown[name] += 1
        stops.append(Stop(who, path, name))
        if name in SENT_EMPTY and shown[name] == 1 and read["form"]:
            stops.append(Stop(who, path, name, is_refused=True))
        for link in _own_paths(read["links"], page.url):
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
    return page.query_selector(FORM)


def _own_paths(links: list[str], origin: str) -> Iterator[str]:
    """The paths of the links to other pages of ours, without fragments, each kind of filter only once."""
    home = urlsplit(origin)
    for link in links:
        parts = urlsplit(link)
        if parts[:2] == home[:2] and not parts.path.startswith(("/static/", "/operators/")):
            yield parts.path


def _name_of(path: str) -> str:
    try:
        return resolve(path).url_name or "unnamed"
    except Resolver404:
        return "not_found"
