"""Where the keyboard is on a page."""

import time

from playwright.sync_api import Error, Locator

PATIENCE = 15.0  # seconds


def expect_focus(locator: Locator, *, patience: float = PATIENCE) -> None:
    """The element is where the next key goes, now or within so many seconds. Raises AssertionError otherwise.

    Playwright's own `to_be_focused` also wants the browser's window to be the active one, which on a busy machine with
    several windows is a matter of luck.
    """
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            if locator.evaluate("element => element === document.activeElement"):
                return
        except Error:
            # The page is on its way to another one.
            pass
        time.sleep(0.05)
    raise AssertionError(f"The focus is not on {locator}.")
