"""What a portfolio opens with: profile or CV, job description, and what the registration says (R61)."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from evidence.front_matter.actions import LONGEST_TEXT
from evidence.models import FrontMatter, FrontMatterKind
from files.models import Blob
from ledger.events import EventType
from ledger.testing import LedgerWriteFailed, expect_events, failing_ledger
from registrations.actions import change_status
from tests.evidence.builders import World, add_item, hand_in, today, upload
from tests.evidence.front_pages import write_front_matter
from tests.evidence.pages import STAFF, STRANGERS, text_of

Costs = Callable[..., AbstractContextManager[Any]]
CV, JOB = FrontMatterKind.CV, FrontMatterKind.JOB_DESCRIPTION


def page_url(world: World) -> str:
    return reverse("front_matter", args=[world.portfolio.pk])


def form_url(world: World, kind: str = "cv") -> str:
    return reverse("change_front_matter", args=[world.portfolio.pk, kind])


# --- Writing it -------------------------------------------------------------------------------------------------------


def test_a_part_is_saved_with_its_files_and_told(world: World) -> None:
    photo = hand_in(world.candidate)
    with expect_events(EventType.FRONT_MATTER_CHANGED) as events:
        made = write_front_matter(world, text="  Eight years in shops. ", files=[photo])
    (event,) = events
    assert (event.chain.key, event.subject) == (world.portfolio.chain, f"front_matter:{made.pk}")
    assert event.data == {"kind": "cv", "replaces": None, "files": [photo.blob.sha256]}
    assert made.text == "Eight years in shops."
    assert Blob.objects.get(pk=photo.blob.pk).attached


def test_what_stood_there_stays_on_record(world: World) -> None:
    """R60: nothing is deleted."""
    first = write_front_matter(world, text="Before", files=[hand_in(world.candidate)])
    second = write_front_matter(world, text="After")
    first.refresh_from_db()
    assert (first.text, first.files.count(), first.replaced_at) == ("Before", 1, second.written_at)
    assert write_front_matter(world, kind=JOB, text="Sales assistant").replaced_at is None
    assert FrontMatter.objects.filter(portfolio=world.portfolio).filter(replaced_at=None).count() == 2


@pytest.mark.parametrize("kind", list(FrontMatterKind))
def test_saying_it_twice_says_it_once(world: World, kind: FrontMatterKind) -> None:
    photo = hand_in(world.candidate)
    first = write_front_matter(world, kind=kind, files=[photo])
    with expect_events():
        assert write_front_matter(world, kind=kind, files=[photo], based_on=None) == first


def test_a_part_can_be_taken_out_again(world: World) -> None:
    write_front_matter(world, text="Too much about me")
    assert write_front_matter(world, text="").text == ""


@pytest.mark.parametrize(("changed", "field"), [({"text": " "}, "text"), ({"text": "x" * (LONGEST_TEXT + 1)}, "text")])
def test_what_is_wrong_is_said_by_field(world: World, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refusal, expect_events():
        write_front_matter(world, **changed)
    assert set(refusal.value.error_dict) == {field}
    assert not FrontMatter.objects.exists()


def test_its_files_count_towards_what_a_portfolio_may_keep(world: World, settings: Any) -> None:
    item = add_item(world)
    photo = hand_in(world.candidate, content=None)
    settings.EVIDENCE_QUOTA_BYTES = item.current_version.files.get().blob.size
    with pytest.raises(ValidationError, match="not enough room") as refusal:
        write_front_matter(world, files=[photo])
    assert set(refusal.value.error_dict) == {"files"}
    assert not FrontMatter.objects.exists()
    settings.EVIDENCE_QUOTA_BYTES *= 2
    write_front_matter(world, files=[photo])
    with pytest.raises(ValidationError, match="not enough room"):
        add_item(world)


def test_what_was_saved_in_another_tab_is_not_overwritten(world: World) -> None:
    write_front_matter(world, text="In the other tab")
    with pytest.raises(ValidationError, match="in another tab"), expect_events():
        write_front_matter(world, text="Here", based_on=None)


@pytest.mark.parametrize("who", [*STAFF, *STRANGERS])
def test_only_the_candidate_writes_it(world: World, who: str) -> None:
    with pytest.raises(PermissionDenied), expect_events():
        write_front_matter(world, by=getattr(world, who))


def test_a_read_only_portfolio_stays_as_it_is(world: World, browser: Client) -> None:
    write_front_matter(world)
    change_status(
        registration=world.registration,
        revision=1,
        status="suspended",
        on=today(),
        why="Long leave",
        by=world.coordinator,
    )
    with pytest.raises(ValidationError, match="read-only"), expect_events():
        write_front_matter(world, text="Other")
    page = text_of(browser.get(page_url(world)))
    assert "read-only" in page
    assert form_url(world) not in page
    assert browser.get(form_url(world)).url == page_url(world)
    kept = browser.post(form_url(world), {"text": "Written before I knew"})
    assert kept.status_code == 422
    assert "Written before I knew" in text_of(kept)


def test_a_ledger_that_fails_leaves_nothing(world: World) -> None:
    first = write_front_matter(world)
    with pytest.raises(LedgerWriteFailed), failing_ledger():
        write_front_matter(world, text="Other", files=[hand_in(world.candidate)])
    assert list(FrontMatter.objects.values_list("pk", "replaced_at")) == [(first.pk, None)]


def test_the_database_keeps_one_of_each(world: World) -> None:
    made = write_front_matter(world)
    twin = {"portfolio": made.portfolio, "written_by": made.written_by}
    for kind, why in (("cv", ".*"), ("hobbies", "front_matter_known_kind")):
        with pytest.raises(IntegrityError, match=why), transaction.atomic():
            FrontMatter.objects.create(kind=kind, **twin)


# --- Its pages --------------------------------------------------------------------------------------------------------


def test_the_portfolio_leads_to_it_and_it_shows_what_the_registration_says(world: World, browser: Client) -> None:
    assert f'href="{page_url(world)}"' in browser.get(reverse("portfolio", args=[world.portfolio.pk])).content.decode()
    page = text_of(browser.get(page_url(world)))
    for shown in ("Marsh and Daughters", "High Street", world.registration.number, "Profile or CV", "Job description"):
        assert shown in page, shown
    assert page.count("Nothing yet.") == 2
    assert page.count("Write it or hand it in") == 2


def test_the_candidate_writes_and_hands_in(world: World, browser: Client) -> None:
    answer = browser.post(form_url(world), {"text": "Eight years\n\nin shops.", "files": [upload("cv.jpg")]})
    assert answer.url == page_url(world)
    page = text_of(browser.get(page_url(world)))
    assert "<p>Eight years</p> <p>in shops.</p>" in page
    file = FrontMatter.objects.get().files.get()
    assert f'href="{reverse("front_matter_file", args=[file.pk])}"' in page
    form = text_of(browser.get(form_url(world)))
    (token,) = re.findall(r'name="files-kept" value="([^"]+)"', form)
    sent = {"text": "Nine years in shops.", "files-kept": token, "based_on": FrontMatter.objects.get().pk}
    assert browser.post(form_url(world), sent).url == page_url(world)
    now = FrontMatter.objects.get(replaced_at=None)
    assert (now.text, now.files.get().blob_id) == ("Nine years in shops.", file.blob_id)
    page = text_of(browser.get(page_url(world)))
    assert "What stood here before (1)" in page
    assert browser.get(reverse("front_matter_file", args=[file.pk])).status_code == 200


def test_a_refused_form_keeps_text_and_files(world: World, browser: Client) -> None:
    answer = browser.post(form_url(world), {"text": "Eight years", "files": [upload(), upload("virus.exe", b"MZ")]})
    assert answer.status_code == 422
    assert "Eight years" in answer.content.decode()
    assert answer.content.decode().count('name="files-kept"') == 1
    assert not FrontMatter.objects.exists()
    empty = browser.post(form_url(world), {"text": " "})
    assert empty.status_code == 422
    assert "Write something, or hand in a file." in text_of(empty)


def test_a_second_tab_shows_both_and_saves_the_second_time(world: World, browser: Client) -> None:
    ticket = re.findall(r'name="draft" value="([^"]+)"', text_of(browser.get(form_url(world))))[0]
    write_front_matter(world, text="In the other tab")
    sent = {"text": "Here", "draft": ticket, "based_on": ""}
    refused = browser.post(form_url(world), sent)
    page = text_of(refused)
    assert refused.status_code == 422
    assert "In the other tab" in page
    assert "Here" in page
    (now_shown,) = re.findall(r'name="based_on" value="(\d+)"', page)
    assert browser.post(form_url(world), sent | {"based_on": now_shown}).url == page_url(world)
    assert FrontMatter.objects.get(replaced_at=None).text == "Here"


def test_what_is_typed_is_kept_as_a_draft(world: World, browser: Client) -> None:
    page = text_of(browser.get(form_url(world)))
    assert "data-draft=" in page
    assert "&quot;text&quot;" in page


@pytest.mark.parametrize("kind", ["hobbies", "CV", "job_description"])
def test_there_is_no_other_part(world: World, browser: Client, kind: str) -> None:
    assert browser.get(form_url(world, kind)).status_code == 404


@pytest.mark.parametrize("who", STAFF)
def test_staff_read_what_stands_there_now_and_nothing_earlier(world: World, who: str) -> None:
    old = write_front_matter(world, text="Born in 1990", files=[hand_in(world.candidate, "old.jpg")])
    new = write_front_matter(world, text="Eight years", files=[hand_in(world.candidate, "new.jpg")])
    reader = world.client(getattr(world, who))
    page = text_of(reader.get(page_url(world)))
    assert "Eight years" in page
    assert "Born in 1990" not in page
    assert "What stood here before" not in page
    assert "Write it" not in page
    for part, status in ((new, 200), (old, 404)):
        assert reader.get(reverse("front_matter_file", args=[part.files.get().pk])).status_code == status


@pytest.mark.parametrize("who", [*STRANGERS, "other_assessor", "foreign_coordinator", "expired_ev"])
def test_strangers_find_nothing(world: World, who: str) -> None:
    made = write_front_matter(world, files=[hand_in(world.candidate)])
    reader = world.client(getattr(world, who))
    assert reader.get(page_url(world)).status_code == 404
    assert reader.get(reverse("front_matter_file", args=[made.files.get().pk])).status_code == 404


def test_the_page_costs_the_same_for_one_and_three(
    world: World, browser: Client, django_assert_num_queries: Costs
) -> None:
    browser.get(page_url(world))
    for count in (1, 3):
        while FrontMatter.objects.count() < count:
            files = [hand_in(world.candidate, f"{number}.jpg") for number in range(count)]
            write_front_matter(world, text=f"Saved {FrontMatter.objects.count()}", files=files)
        with django_assert_num_queries(11):
            browser.get(page_url(world))
