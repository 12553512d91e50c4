"""Finds the Chromium that the browser tests drive. `python -m tests.chromium` says which, or exits 1."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright


def find_chromium() -> str | None:
    """The system's Chromium, or the one that the environment names; None leaves it to Playwright's own download."""
    if named := os.environ.get("CHROMIUM"):
        return named
    for name in ["chromium", "chromium-browser", "google-chrome"]:
        found = shutil.which(name)
        # A snap cannot read our temporary folders; Ubuntu's chromium-browser is a shell script that calls one.
        if found and "snap" not in str(Path(found).resolve()) and b"/snap/" not in Path(found).read_bytes()[:4096]:
            return found
    return None


def launch_chromium(playwright: Playwright) -> Browser:
    """Starts Chromium, quiet and without its errands to the network. Raises playwright's Error when there is none."""
    arguments = [
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        # Fonts drawn alike everywhere, so that screenshots compare.
        "--font-render-hinting=none",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return playwright.chromium.launch(executable_path=find_chromium(), args=arguments)


def main() -> int:
    if found := find_chromium():
        print(found)
        return 0
    with sync_playwright() as playwright:
        try:
            launch_chromium(playwright).close()
        except Error:
            return 1
    print("Playwright's own")
    return 0


if __name__ == "__main__":
    sys.exit(main())
