"""What every test may use: browser pages, a clean cache, and the strictness described in tests/strict.py."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from ledger.testing import allow_flush
from tests import strict
from tests.chromium import launch_chromium
from tests.engine import families_of

# Property tests judge rules, not the speed of a machine that runs other tests beside them.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Where a change is judged, the same cases are tried each time; at a desk new ones, and what once failed first (it is
# kept in .hypothesis/).
settings.register_profile("judging", settings.get_profile("patient"), derandomize=True, database=None)
settings.load_profile("judging" if os.environ.get("CI") else "patient")

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}


@pytest.fixture(scope="session", autouse=True)
def _flush_may_pass_the_ledger() -> None:
    """The database refuses to delete events; the emptying of tables between transactional tests is let through."""
    allow_flush()


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Rate limits counted in one test must not refuse another."""
    yield
    cache.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fails a test that was answered a page which breaks our rules (tests/strict.py), when nothing else failed it."""
    strict.offences.clear()
    outcome = yield
    if strict.offences:
        pytest.fail("\n".join(strict.offences), pytrace=False)
    return outcome


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A test that is left out, or expected to fail, looks like one that passed: here it fails, however it was done."""
    report = yield
    # By a mark, by a call, by an import that is missing, by an expected failure: each way ends here.
    if report.skipped or hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"{item.nodeid} did not run to its end: {report.longrepr}"
        # With this left on it, pytest would count the failed report as an expected one, and leave with 0.
        vars(report).pop("wasxfail", None)
    return report


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test in a shared world says how far it has come: by its mark, by a parameter, or not at all.

    Saying so of all of them keeps apart those that a stage must have been reached for and those that must not see it.
    """
    marks = list(metafunc.definition.iter_markers("stage"))
    if "stage" not in metafunc.fixturenames:
        assert not marks, f"{metafunc.definition.nodeid} names a stage, but asks for no world."
    elif not any("stage" in _names(mark.args[0]) for mark in metafunc.definition.iter_markers("parametrize")):
        reach = marks[0].kwargs["reach"] if marks else None
        metafunc.parametrize("stage", [reach], indirect=True, ids=[pytest.HIDDEN_PARAM])


def _names(argument: str | Sequence[str]) -> list[str]:
    """The names in the first argument of a `parametrize`."""
    return argument.replace(" ", "").split(",") if isinstance(argument, str) else list(argument)


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what could be forgotten: whoever asks for a page is a browser test; tests/engine.py has the rest."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", []):
            item.add_marker(pytest.mark.browser)
        if isinstance(item, pytest.Function) and families_of(item) and not item.get_closest_marker("engine"):
            item.add_marker(pytest.mark.engine(*sorted(families_of(item))))


# --- Browser ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the run; each page has a context, and so cookies, of its own."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser, live_server, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens a page for one more person: new_page(javascript=True, viewport=DESK, **context options).

    The test fails when a page of it raised an error, broke the content security policy or asked another host.
    """
    contexts = []
    complaints: list[str] = []

    def note_console(message: ConsoleMessage) -> None:
        # A page that was meant to be refused is no fault; the browser reports its status here all the same.
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            complaints.append(f"console: {message.text}")

    def note_request(url: str) -> None:
        if not url.startswith((live_server.url, "data:", "blob:", "about:")):
            complaints.append(f"asked another host: {url}")

    def open_page(*, javascript: bool = True, viewport: dict[str, int] = DESK, **options: object) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            locale="en-GB",
            timezone_id="Europe/London",
            java_script_enabled=javascript,
            viewport=viewport,
            **options,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note_console)
        page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
        page.on("request", lambda request: note_request(request.url))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A page at a desk, in British English, with JavaScript."""
    return new_page()


@pytest.fixture
def page_on_a_phone(new_page: Callable[..., Page]) -> Page:
    """The same at 390 pixels, with touch."""
    return new_page(viewport=PHONE, is_mobile=True, has_touch=True)


@pytest.fixture
def page_without_javascript(new_page: Callable[..., Page]) -> Page:
    """The same with JavaScript off: every job must be possible (docs/HOUSE.md, habit 14)."""
    return new_page(javascript=False)
