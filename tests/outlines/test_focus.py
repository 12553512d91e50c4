"""Where the focus is after each action, and what is read aloud."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from records.actions import make_print
from records.models import PrintedRecord
from tests.evidence.builders import PASSWORD, World, jpeg
from tests.focus import PATIENCE, expect_focus
from tests.signoff.builders import ready


def test_a_refused_form_leads_from_its_summary_to_the_field(world: World, visit: Callable[..., Page]) -> None:
    page = visit(world.candidate, "sign", ready(world).pk, "candidate")
    page.get_by_label("Your full name").fill("Somebody Else")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign this record").click()
    summary = page.get_by_role("alert")
    expect_focus(summary)
    expect(page).to_have_title("Error: Signature of candidate, unit 304 – NVQ Portfolio")
    page.keyboard.press("Tab")
    expect_focus(summary.get_by_role("link"))
    page.keyboard.press("Enter")
    expect_focus(page.get_by_label("Your full name"))
    expect(page.get_by_label("Your full name")).to_have_value("Somebody Else")


def test_a_refused_form_with_files_keeps_them_and_goes_to_its_summary(
    world: World, visit: Callable[..., Page], tmp_path: Path
) -> None:
    """It is sent by a script (static/js/upload.js): the page that answers takes the place of this one."""
    photo = tmp_path / "counter.jpg"
    photo.write_bytes(jpeg())
    page = visit(world.candidate, "add_evidence", world.portfolio.pk)
    page.locator("input[type=file]").set_input_files(photo)
    page.get_by_role("button", name="Save as draft").click()
    expect_focus(page.get_by_role("alert"))
    expect(page).to_have_title("Error: Add evidence – NVQ Portfolio")
    expect(page.get_by_text("counter.jpg").first).to_be_visible()


def test_what_was_done_is_read_first(world: World, visit: Callable[..., Page]) -> None:
    page = visit(world.candidate, "sign", ready(world).pk, "candidate")
    page.get_by_label("Your full name").fill(world.candidate.person.name)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign this record").click()
    done = page.get_by_role("region", name="What just happened")
    expect_focus(done)
    expect(done).to_contain_text("Signed: Candidate. Anna Assessor signs next")


def test_the_skip_link_comes_first_and_passes_the_navigation(world: World, visit: Callable[..., Page]) -> None:
    page = visit(world.assessor, "record", world.record.pk, reduced_motion="reduce")
    skip = page.get_by_role("link", name="Skip to the main content")
    for patience in (3.0, 3.0, PATIENCE):
        # On a busy machine a window that is just opening may swallow its first key: the page is begun again then.
        page.bring_to_front()
        page.keyboard.press("Tab")
        try:
            expect_focus(skip, patience=patience)
            break
        except AssertionError:
            if patience == PATIENCE:
                raise
            page.reload()
    expect(skip).to_be_in_viewport(timeout=PATIENCE * 1000)
    page.keyboard.press("Enter")
    expect_focus(page.get_by_role("main"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_menu_of_the_account_closes_where_it_was_opened(world: World, visit: Callable[..., Page]) -> None:
    page = visit(world.assessor, "record", world.record.pk)
    menu = page.locator("details[data-menu]")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect_focus(menu.locator("summary"))


@pytest.mark.pdf
def test_a_print_that_becomes_ready_is_read_aloud_and_leaves_the_focus(
    world: World, visit: Callable[..., Page]
) -> None:
    """The status outlives the swap, or nothing would be read; until something changes nothing is swapped."""
    asked = PrintedRecord.objects.create(record=world.record, asked_by=world.candidate.person, contents_digest="0")
    page = visit(world.candidate, "print", asked.pk)
    status = page.get_by_role("status").filter(has_text="Your PDF is being made")
    status.evaluate("element => { element.isTheSame = true; element.firstElementChild.isTheSame = true }")
    back = page.get_by_role("link", name="Back to the unit record")
    back.focus()
    with page.expect_response(lambda response: response.status == 204):
        pass
    assert page.get_by_role("status").evaluate("element => element.firstElementChild.isTheSame === true")
    make_print(asked.pk)
    expect(page.get_by_role("link", name="Download the PDF")).to_be_visible()
    ready_status = page.get_by_role("status").filter(has_text="Your PDF is ready")
    assert ready_status.evaluate("element => element.isTheSame === true")
    expect_focus(back)
