"""Somebody who works with the keyboard alone: Tab to what they want, Space, Enter, arrows and letters.

Every stop on the way must show where the focus is, and lie within the window (WCAG 2.4.7, 2.4.11).
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from playwright.sync_api import FileChooser, Locator, TimeoutError, expect

from tests.journeys.people import AtWork

# Somebody who has pressed Tab this often has given up.
PATIENCE = 150

# Where the focus is, seen from what is wanted. A group of radio buttons is one stop, so any of them will do.
LOOK = """goal => {
  const now = document.activeElement;
  const nowhere = now === document.body;
  const style = getComputedStyle(now), box = now.getBoundingClientRect();
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return {
    there: now === goal || (now.type === "radio" && now.name === goal.name && now.form === goal.form),
    back: !nowhere && Boolean(now.compareDocumentPosition(goal) & Node.DOCUMENT_POSITION_PRECEDING),
    shown: outlined || style.boxShadow !== "none",
    inWindow: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    stop: nowhere ? "nothing" : now.outerHTML.slice(0, 160),
  };
}"""
NO_MOUSE = """for (const kind of ["pointerdown", "mousedown"])
  addEventListener(kind, () => console.error("The mouse was used."), true);"""


@dataclass
class AtTheKeyboard(AtWork):
    """The same person without a mouse. `stops` counts how often Tab was pressed."""

    stops: int = 0

    def __post_init__(self) -> None:
        # The journey's page fails on errors in its console: nothing here may press the mouse by accident.
        self.page.add_init_script(NO_MOUSE)

    def reach(self, goal: Locator) -> None:
        """Press Tab, or Shift and Tab, until the focus is there. Fails when it takes too long, or cannot be seen."""
        element = goal.element_handle()
        seen = self.page.evaluate(LOOK, element)
        pressed = 0
        while not seen["there"]:
            assert pressed < PATIENCE, f"{pressed} stops and not at {goal}, but at {seen['stop']}"
            self.page.keyboard.press("Shift+Tab" if seen["back"] else "Tab")
            pressed += 1
            seen = self.page.evaluate(LOOK, element)
            assert seen["shown"], f"the focus cannot be seen on {seen['stop']}"
            assert seen["inWindow"], f"the focus is outside the window, on {seen['stop']}"
        self.stops += pressed

    def activate(self, button: Locator) -> None:
        self.reach(button)
        with self.another_page():
            self.page.keyboard.press("Enter")

    def write(self, field: Locator, text: str) -> None:
        self.reach(field)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
        expect(field).to_have_value(text)

    def set_day(self, field: Locator, day: date) -> None:
        self.reach(field)
        # Whether the day or the month comes first is the browser's language: one sees it, so both are tried here.
        for digits in (f"{day:%d%m%Y}", f"{day:%m%d%Y}"):
            for _ in range(2):
                self.page.keyboard.press("ArrowLeft")
            self.page.keyboard.type(digits)
            if field.input_value() == day.isoformat():
                return
        raise AssertionError(f"{field} holds {field.input_value()} and not {day}")

    def tick(self, box: Locator) -> None:
        self.reach(box)
        if box.get_attribute("type") == "radio":
            self._go_round_to(box)
        if not box.is_checked():
            self.page.keyboard.press("Space")
        expect(box).to_be_checked()

    def _go_round_to(self, radio: Locator) -> None:
        """Arrows move among the radio buttons of a group, and choose."""
        for _ in range(10):
            if radio.evaluate("radio => radio === document.activeElement"):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not lead to {radio}")

    def choose(self, field: Locator, label: str) -> None:
        self.reach(field)
        chosen = field.locator("option:checked")
        for _ in range(field.locator("option").count()):
            if label in chosen.inner_text():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{label} is not in the list of {field}")

    def attach(self, field: Locator, file: Path) -> None:
        self.reach(field)
        self._open_chooser().set_files(file)
        assert field.evaluate("input => input.files.length") == 1

    def _open_chooser(self) -> FileChooser:
        """Press Space until the chooser opens: a window that is not the active one swallows a key now and then."""
        for _ in range(4):
            try:
                with self.page.expect_file_chooser(timeout=6_000) as opened:
                    self.page.keyboard.press("Space")
                return opened.value
            except TimeoutError:
                self.page.bring_to_front()
        raise AssertionError("Space does not open the file chooser.")
