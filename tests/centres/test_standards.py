"""A centre's own standards: handed in, looked at, loaded; never another's; nothing changed by what is wrong."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from centres import catalogue
from centres.authority import actions as authority
from centres.models import Membership, StandardUpload
from centres.standards import queries as standards
from centres.standards.actions import KEPT_FOR, hand_in_standard, load_handed_in
from ledger.chains import INSTALLATION, centre_chain
from ledger.events import EventType
from ledger.models import Event
from ledger.queries import events_in
from ledger.testing import LedgerWriteFailed, expect_events, failing_ledger
from tests.centres.builders import College, client_of, today
from tests.units.malformed_sheets import MALFORMED, both
from tests.units.workbooks import Spoil, cell, document_of_all_kinds, good, saved, spoilt
from units.actions import load_standard
from units.models import Criterion, Group, Qualification, Standard, Unit
from units.spreadsheets.writing import MEDIA_TYPE, write_spreadsheet
from units.standard_files import FOLDER, check, read_standard_file, write_standard
from units.stored import stored_document

TABLES = (Standard, Unit, Group, Criterion, Qualification, StandardUpload, Event)


def snapshot() -> list[Any]:
    return [list(table.objects.order_by("pk").values()) for table in TABLES]


def hand_in(by: Membership, content: bytes | None = None, name: str = "ours.xlsx") -> StandardUpload:
    return hand_in_standard(file=io.BytesIO(content or good()), name=name, by=by)


def load(by: Membership, content: bytes | None = None) -> Standard:
    standard = load_handed_in(upload=hand_in(by, content), by=by).standard
    assert standard is not None
    return standard


def edition(name: str) -> Spoil:
    return cell("Standard", "Edition", 2, name)


# --- Loading ---------------------------------------------------------------------------------------------------------


def test_what_was_handed_in_is_loaded_as_the_centres_own(college: College) -> None:
    upload = hand_in(college.coordinator)
    assert (upload.state, upload.problem_count, upload.name) == ("checked", 0, "ours.xlsx")
    assert not Standard.objects.filter(code="all-kinds").exists()
    with expect_events(EventType.STANDARD_LOADED) as events:
        load_handed_in(upload=upload, by=college.coordinator)
    (event,) = events
    standard = Standard.objects.get(code="all-kinds")
    assert standard.owner == event.chain.key == centre_chain(college.centre.pk)
    assert (event.actor_id, event.actor_role) == (college.coordinator.person_id, "coordinator")
    upload.refresh_from_db()
    assert (upload.state, upload.standard, upload.applied_by) == ("applied", standard, college.coordinator.person)
    assert upload.document is None
    assert stored_document(standard).units[0].groups[1].section == "do"


def test_loading_twice_makes_one(college: College) -> None:
    upload = hand_in(college.coordinator)
    stale = StandardUpload.objects.get(pk=upload.pk)
    load_handed_in(upload=upload, by=college.coordinator)
    before = snapshot()
    load_handed_in(upload=stale, by=college.coordinator)
    assert snapshot() == before


def test_the_same_file_handed_in_again_loads_nothing_new(college: College) -> None:
    standard = load(college.coordinator)
    with expect_events():
        assert load(college.coordinator) == standard


def test_loading_leaves_nothing_behind_when_the_ledger_fails(college: College) -> None:
    upload = hand_in(college.coordinator)
    before = snapshot()
    with failing_ledger(), pytest.raises(LedgerWriteFailed):
        load_handed_in(upload=upload, by=college.coordinator)
    assert snapshot() == before


def test_a_standard_file_does_as_well(college: College) -> None:
    upload = hand_in(college.coordinator, write_standard(document_of_all_kinds()).encode(), "ours.json")
    load_handed_in(upload=upload, by=college.coordinator)
    assert stored_document(Standard.objects.get(code="all-kinds")) == document_of_all_kinds()


@pytest.mark.parametrize("who", ["candidate", "assessor", "iv", "ev"])
def test_only_a_coordinator_hands_in_and_loads(college: College, who: str) -> None:
    upload = hand_in(college.coordinator)
    before = snapshot()
    for call in (
        lambda: hand_in(getattr(college, who)),
        lambda: load_handed_in(upload=upload, by=getattr(college, who)),
    ):
        with pytest.raises(PermissionDenied):
            call()
    with pytest.raises(PermissionDenied):
        load_handed_in(upload=upload, by=college.stranger)
    assert snapshot() == before


def test_previews_that_nobody_came_back_to_are_thrown_away(college: College) -> None:
    forgotten, loaded, fresh = (hand_in(college.coordinator) for _ in range(3))
    theirs = hand_in(college.stranger)
    load_handed_in(upload=loaded, by=college.coordinator)
    long_ago = timezone.now() - KEPT_FOR - timedelta(minutes=1)
    StandardUpload.objects.exclude(pk=fresh.pk).update(uploaded_at=long_ago)
    newest = hand_in(college.coordinator)
    assert set(StandardUpload.objects.all()) == {loaded, fresh, theirs, newest}
    assert forgotten not in StandardUpload.objects.all()


# --- Editions and owners ---------------------------------------------------------------------------------------------


def test_two_centres_may_give_the_same_names_and_never_see_each_other(college: College) -> None:
    ours = load(college.coordinator)
    theirs = load(college.stranger, spoilt(cell("Units", "Title", 2, "Theirs")))
    assert (ours.code, ours.edition) == (theirs.code, theirs.edition)
    assert ours != theirs
    for seat, own, other in ((college.coordinator, ours, theirs), (college.stranger, theirs, ours)):
        assert own in standards.standards_listed(seat)
        assert other not in standards.standards_listed(seat)
        assert not catalogue.units_for(seat).filter(standard=other).exists()
        assert client_of(seat).get(reverse("download_standard", args=[other.pk, "xlsx"])).status_code == 404
        assert client_of(seat).get(reverse("download_standard", args=[own.pk, "xlsx"])).status_code == 200


def test_another_centres_units_cannot_be_approved_for(college: College) -> None:
    theirs = load(college.stranger).units.get(code="B4")
    with pytest.raises(PermissionDenied, match="belongs to another centre"):
        authority.give_approval(
            person=college.assessor.person, unit=theirs, capacity="assessor", starts_on=today(), by=college.coordinator
        )
    url = reverse("give_approval", args=[college.assessor.person_id])
    answer = client_of(college.coordinator).post(
        url, {"capacity": "assessor", "starts_on": today().isoformat(), "units": [theirs.pk]}
    )
    assert answer.status_code == 422
    assert "Recognise diversity" not in client_of(college.coordinator).get(url).text
    load(college.coordinator)
    assert "Recognise diversity" in client_of(college.coordinator).get(url).text


def test_a_new_edition_stands_beside_the_old(college: College) -> None:
    old = load(college.coordinator)
    before = stored_document(old)
    change = both(edition("2026"), cell("Items", "At least", 3, 2), cell("Items", "Text", 4, "Years"))
    new = load(college.coordinator, spoilt(change))
    assert new != old
    old.refresh_from_db()
    assert stored_document(old) == before
    assert stored_document(new).units[0].groups[0].at_least == 2


def test_an_edition_keeps_what_must_be_proven_and_says_where_it_would_not(college: College) -> None:
    standard = load(college.coordinator)
    before = stored_document(standard)
    change = both(
        cell("Items", "At least", 3, 2),
        cell("Units", "Setting", 4, "no_simulation"),
        lambda book: book["Items"].delete_rows(17),
    )
    upload = hand_in(college.coordinator, spoilt(change))
    assert upload.problems == [
        ["Sheet Units, row 4, Setting",
         "the loaded edition has simulation_allowed, this file no_simulation; make it a new edition"],
        ["Sheet Items, row 3, At least", "the loaded edition has 4, this file 2; make it a new edition"],
        ["Sheet Items, row 15", "the loaded edition has 2 here, this file 1; make it a new edition"],
    ]  # fmt: skip
    assert stored_document(standard) == before


def test_an_edition_takes_mended_words_and_further_units(college: College) -> None:
    standard = load(college.coordinator)

    def add_a_unit(book: Workbook) -> None:
        book["Units"].append(["Z1", "Added", None, "real_job_preferred"])
        book["Units"]["B2"] = "Recognise diversity well"

    assert load(college.coordinator, spoilt(add_a_unit)) == standard
    assert standard.units.count() == 8
    assert standard.units.get(code="B4").title == "Recognise diversity well"


def test_a_shared_edition_stays_as_it_is(college: College) -> None:
    load_standard(document=document_of_all_kinds())
    upload = hand_in(college.coordinator)
    assert upload.problems == [
        ["Sheet Standard, row 2, Edition",
         "“Every kind of item (2010)” is shared by all centres and stays as it is. Give yours another edition"]
    ]  # fmt: skip
    assert hand_in(college.coordinator, spoilt(edition("2010, ours"))).state == "checked"


def test_what_was_loaded_meanwhile_is_looked_at_again(college: College) -> None:
    upload = hand_in(college.coordinator)
    load_standard(document=document_of_all_kinds())
    before = snapshot()
    with pytest.raises(ValidationError, match="can no longer be loaded"):
        load_handed_in(upload=upload, by=college.coordinator)
    own = hand_in(college.stranger, spoilt(edition("x")))
    stale = hand_in(college.stranger, spoilt(both(edition("x"), cell("Items", "At least", 3, 2))))
    load_handed_in(upload=own, by=college.stranger)
    with pytest.raises(ValidationError, match="make it a new edition"):
        load_handed_in(upload=stale, by=college.stranger)
    assert snapshot()[:2] != before[:2]


def test_criteria_are_added_to_a_unit_that_has_only_what_to_cover(college: College) -> None:
    """Q2: taken along as a spreadsheet, given rows and another edition, handed in, the centre's own."""
    shared = load_standard(document=read_standard_file(FOLDER / "evidence-requirements-2010.json"))
    browser = client_of(college.coordinator)
    content = browser.get(reverse("download_standard", args=[shared.standard_id, "xlsx"])).content

    def add_criteria(book: Workbook) -> None:
        book["Standard"]["B2"] = "April 2010, with our criteria"
        for row in (
            ["F1", "item", "do", "points", "1", "You must do consistently:"],
            ["F1", "point", None, None, "1.1", "greet customers"],
            ["F1", "item", "know", "points", "2", "You must know:"],
            ["F1", "point", None, None, "2.1", "what is on offer"],
        ):
            book["Items"].append(row)

    standard = load(college.coordinator, spoilt(add_criteria, content))
    unit, as_before = standard.units.get(code="F1"), standard.units.get(code="F2")
    assert not unit.is_coverage_only
    assert as_before.is_coverage_only
    assert Unit.objects.get(standard=shared.standard_id, code="F1").is_coverage_only
    assert [group.section for group in unit.groups.order_by("position")][-2:] == ["do", "know"]
    assert standard.qualifications.exists()


# --- What is wrong ---------------------------------------------------------------------------------------------------


def test_what_is_wrong_changes_nothing_and_is_shown_by_its_row(college: College) -> None:
    before = snapshot()
    browser = client_of(college.coordinator)
    for name, spoil, place, what in MALFORMED:
        file = SimpleUploadedFile("ours.xlsx", spoilt(spoil), MEDIA_TYPE)
        page = browser.post(reverse("hand_in_standard"), {"file": file}, follow=True)
        assert page.redirect_chain, name
        assert place in page.text, name
        assert what[:9].casefold() in unescape(page.text).casefold(), name
        upload = StandardUpload.objects.get()
        with pytest.raises(ValidationError, match="while it has problems"):
            load_handed_in(upload=upload, by=college.coordinator)
        assert browser.post(reverse("standard_upload", args=[upload.pk])).status_code == 422, name
        upload.delete()
        assert snapshot() == before, name


JUNK: list[tuple[str, str, Callable[[], bytes], str]] = [
    ("no spreadsheet", "ours.xlsx", lambda: b"Unit,Row\n", "its content"),
    ("another ending", "ours.csv", lambda: b"Unit,Row\n", "neither a spreadsheet (.xlsx) nor a standard file (.json)"),
    ("10 MB of junk", "ours.xlsx", lambda: bytes(range(256)) * 40_000, "its content"),
    ("more than 10 MB", "ours.json", lambda: b" " * (10 * 1024**2 + 1), "is too big"),
    ("nothing", "ours.xlsx", lambda: b"", "The file is empty"),
]


@pytest.mark.parametrize(("name", "make", "what"), [row[1:] for row in JUNK], ids=[row[0] for row in JUNK])
def test_what_is_no_standard_at_all_is_told_on_the_form(
    college: College, name: str, make: Callable[[], bytes], what: str
) -> None:
    before = snapshot()
    page = client_of(college.coordinator).post(reverse("hand_in_standard"), {"file": SimpleUploadedFile(name, make())})
    assert page.status_code == 422
    assert what in page.text
    assert snapshot() == before


def test_the_form_asks_for_a_file(college: College) -> None:
    page = client_of(college.coordinator).post(reverse("hand_in_standard"), {})
    assert page.status_code == 422
    assert "Choose a file." in page.text


def test_hostile_text_is_shown_as_text(college: College) -> None:
    content = spoilt(both(cell("Units", "Title", 2, "<script>alert(1)</script>"), edition("{% now %}")))
    upload = hand_in(college.coordinator, content, "<b>&.xlsx")
    page = client_of(college.coordinator).get(reverse("standard_upload", args=[upload.pk])).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{% now %}" in page
    assert "<b>&.xlsx" not in page


def test_more_problems_than_are_shown_are_counted(college: College) -> None:
    def spoil(book: Workbook) -> None:
        for row in range(40, 400):
            book["Items"].cell(row, 1).value = "B4"

    upload = hand_in(college.coordinator, spoilt(spoil))
    page = client_of(college.coordinator).get(reverse("standard_upload", args=[upload.pk])).text
    assert "360 problems" in page
    assert "And 160 more" in page


# --- Pages -----------------------------------------------------------------------------------------------------------


def test_the_preview_tells_each_unit_and_each_rule_and_what_follows(college: College) -> None:
    browser = client_of(college.coordinator)
    load(college.coordinator)
    file = SimpleUploadedFile("ours.xlsx", spoilt(edition("2026")), MEDIA_TYPE)
    page = browser.post(reverse("hand_in_standard"), {"file": file}, follow=True)
    for words in (
        "Edition “2026” stands beside what is there (2010)",
        "Units that become your centre’s own: 7.",
        "Candidates can be registered for: Customer Service SVQ, Customer Service NVQ.",
        "what must be done or known, not only what to cover: 1 of 7.",
        "B4 Recognise diversity",
        "four of these sources of diversity:",
        "At least four of these six",
        "Two different communication media",
        "for each of two changes",
        "Your assessor confirms that every risk is covered.",
        "Not ticked: your assessor confirms it.",
        "Only to read: never required.",
        "Shown by at least two different pieces of evidence.",
        "Only by Observation or Witness Testimony.",
        "Printed as “Develop your own skills though self-study”.",
        "Does not agree with A16: Says the same.",
        "Nothing to tick: the assessor confirms and decides.",
        "Load this standard",
    ):
        assert words in page.text, words
    answer = browser.post(page.redirect_chain[-1][0], follow=True)
    assert "Every kind of item (2026) is loaded. It is your centre’s own." in answer.text
    assert "by Cora Coordinator" in answer.text


def test_a_preview_is_for_its_own_centres_coordinators(college: College) -> None:
    upload = hand_in(college.coordinator)
    url = reverse("standard_upload", args=[upload.pk])
    for method in ("get", "post"):
        assert getattr(client_of(college.stranger), method)(url).status_code == 404
    assert client_of(college.assessor).get(url).status_code == 403
    assert "ours.xlsx" not in client_of(college.stranger).get(reverse("centre_standards")).text
    assert "ours.xlsx" in client_of(college.coordinator).get(reverse("centre_standards")).text


def test_what_is_loaded_has_no_preview_any_more(college: College) -> None:
    upload = hand_in(college.coordinator)
    load_handed_in(upload=upload, by=college.coordinator)
    browser = client_of(college.coordinator)
    url = reverse("standard_upload", args=[upload.pk])
    assert browser.get(url)["location"] == reverse("centre_standards")
    assert browser.post(url)["location"] == reverse("centre_standards")


def test_a_file_whose_format_has_moved_on_is_told(college: College) -> None:
    upload = hand_in(college.coordinator)
    upload.document["units"][0]["setting_policy"] = "of old"
    upload.save()
    browser = client_of(college.coordinator)
    url = reverse("standard_upload", args=[upload.pk])
    assert browser.get(url).status_code == browser.post(url).status_code == 422


@pytest.mark.parametrize("form", ["xlsx", "json"])
def test_a_standard_downloads_under_its_name(college: College, form: str) -> None:
    standard = load(college.coordinator)
    answer = client_of(college.coordinator).get(reverse("download_standard", args=[standard.pk, form]))
    assert answer["content-disposition"] == f'attachment; filename="all-kinds 2010.{form}"'
    assert answer["x-content-type-options"] == "nosniff"
    if form == "xlsx":
        assert load_workbook(io.BytesIO(answer.content))["Units"]["A2"].value == "B4"
    else:
        assert check(json.loads(answer.content)) == stored_document(standard)


def test_another_form_of_download_is_not_there(college: College) -> None:
    standard = load(college.coordinator)
    assert client_of(college.coordinator).get(f"/standards/{standard.pk}/ods/").status_code == 404


def test_the_template_downloads(college: College) -> None:
    answer = client_of(college.coordinator).get(reverse("standard_template"))
    assert load_workbook(io.BytesIO(answer.content)).sheetnames[0] == "How to fill in"


def test_the_list_tells_whose_a_standard_is_and_takes_the_same_queries(college: College) -> None:
    browser = client_of(college.coordinator)
    url = reverse("centre_standards")
    browser.get(url)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(url).status_code == 200
        return len(queries)

    load(college.coordinator)
    hand_in(college.coordinator)
    counts = [count()]
    for name in ("2011", "2012"):
        load(college.coordinator, spoilt(edition(name)))
        hand_in(college.coordinator)
    counts.append(count())
    assert counts == [6, 6]
    page = browser.get(url).text
    assert "Shared by all" in page
    assert page.count("Your centre’s own") == 3


def test_what_is_known_of_a_file_is_on_the_centres_chain_only(college: College) -> None:
    load(college.coordinator)
    assert events_in(centre_chain(college.centre.pk)).filter(type=EventType.STANDARD_LOADED).count() == 1
    assert not events_in(INSTALLATION).filter(type=EventType.STANDARD_LOADED).exists()


def test_a_large_spreadsheet_is_read_in_the_request(college: College) -> None:
    """68 units take 0.1 s on a free machine, so there is no task and no progress; generous here, for busy ones."""
    document = read_standard_file(FOLDER / "evidence-requirements-2010.json")
    started = timezone.now()
    assert hand_in(college.coordinator, write_spreadsheet(document)).state == "checked"
    assert timezone.now() - started < timedelta(seconds=5)


def test_saved_by_another_program_is_fine(college: College) -> None:
    assert hand_in(college.coordinator, saved(load_workbook(io.BytesIO(good())))).state == "checked"
