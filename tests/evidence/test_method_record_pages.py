"""Signed records in the browser, without a script: rows, the bank, what is kept, and what stays readable (R11-R16)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from assessment.method_records.kinds import MOST_ROWS, SHAPES, MethodKind
from assessment.models import AgreedDiscussion, MethodRecord, SeenAtWork
from assessment.questions.actions import add_question
from evidence.models import Evidence, EvidenceState
from tests.drafts.sheets import OpenPage, value_in
from tests.evidence.builders import World, add_item, add_offered_item, claim, hand_in, replace, today, upload
from tests.evidence.decisions import judge_it
from tests.evidence.pages import STAFF, add_url, text_of
from tests.evidence.pages import typed as typed_item
from tests.evidence.signed_records import BODIES, agree, note, sign

type Costs = Callable[[int], AbstractContextManager[None]]

pytestmark = pytest.mark.django_db


@pytest.fixture
def assessor(world: World) -> Client:
    """The assessor's browser."""
    return world.client(world.assessor)


def url_of(record: MethodRecord, name: str = "method_record") -> str:
    return reverse(name, args=[record.version.evidence_id, record.pk])


def typed(kind: MethodKind, name: str, **changed: Any) -> dict[str, Any]:
    """A form of this kind as a browser sends it, with a name typed as signature."""
    data: dict[str, Any] = {"form_key": str(uuid4()), "typed_name": name}
    rows = SHAPES[kind].rows
    if kind.method:
        data |= {"title": "Saturday at the desk", "happened_from": today().isoformat(), "setting": "real_job"}
    for field, value in BODIES[kind].items():
        if rows and field == rows.name:
            for number, row in enumerate(value, start=1):
                data |= {f"{column}-{number}": text for column, text in row.items()}
        else:
            data[field] = value
    return data | changed


def form_url(world: World, kind: MethodKind) -> str:
    match kind:
        case MethodKind.OBSERVATION:
            return reverse("observe", args=[world.portfolio.pk])
        case MethodKind.QUESTIONING:
            return reverse("question", args=[world.portfolio.pk])
        case MethodKind.DISCUSSION:
            return reverse("hold_discussion", args=[agree(world).pk])
        case MethodKind.STATEMENT:
            return reverse("add_statement", args=[add_item(world).pk])
        case MethodKind.PRODUCT:
            return reverse("add_product_note", args=[add_item(world).pk])


def author_of(world: World, kind: MethodKind) -> tuple[Client, str]:
    seat = world.assessor if kind.method else world.candidate
    return world.client(seat), seat.person.name


@pytest.mark.parametrize("kind", list(MethodKind))
def test_a_record_is_signed_and_then_read_with_name_and_date(world: World, kind: MethodKind) -> None:
    """One form, one record, however often the button is pressed; the page shows everything (R11)."""
    client, name = author_of(world, kind)
    url, data = form_url(world, kind), typed(kind, name)
    assert client.get(url).status_code == 200
    first, second = client.post(url, data), client.post(url, data)
    record = MethodRecord.objects.get()
    assert (first.status_code, first["location"]) == (302, url_of(record))
    assert second["location"] == url_of(record)
    page = text_of(client.get(url_of(record)))
    for shown in (name, today().strftime("%d/%m/%Y"), record.digest, "Carla Candidate", "data-print"):
        assert shown in page, shown
    texts = [text for row in BODIES[kind].values() if isinstance(row, list) for text in row[0].values()]
    assert [text for text in texts if text not in page and text != "yes"] == []
    assert ("Supports other evidence" in page) == (kind.method is None)
    assert "has changed" not in page


@pytest.mark.parametrize("kind", list(MethodKind))
def test_a_refused_form_keeps_everything(world: World, kind: MethodKind) -> None:
    client, _ = author_of(world, kind)
    url, data = form_url(world, kind), typed(kind, "Somebody Else")
    if kind.method:
        data["files"] = [upload("desk.jpg")]
    answer = OpenPage(client, url).send(**data)
    assert answer.status_code == 422
    assert "Type your name as it stands on your account" in text_of(answer)
    form = answer.context["form"]
    for name, value in data.items():
        if name != "files":
            assert form[name].value() == value, name
    assert not kind.method or "desk.jpg" in text_of(answer)
    assert not MethodRecord.objects.exists()
    # And it stands there still when the page is opened again (decision 9).
    again = client.get(url).context["form"]
    for name in [one for one in data if one not in ("form_key", "files")]:
        assert str(again[name].value() or "") == data[name].strip(), name


def test_every_wrong_field_is_named_at_once(world: World, assessor: Client) -> None:
    data = typed(MethodKind.QUESTIONING, "", where="", title="") | {"answer-2": ""}
    answer = assessor.post(form_url(world, MethodKind.QUESTIONING), data)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"where", "title", "answer-2", "typed_name"}


# --- Rows -------------------------------------------------------------------------------------------------------------


def test_more_rows_lose_nothing_and_complain_of_nothing(world: World, assessor: Client) -> None:
    url = form_url(world, MethodKind.QUESTIONING)
    data = typed(MethodKind.QUESTIONING, "", title="") | {"files": [upload("desk.jpg")]}
    data |= {f"{name}-5": "" for name in ("question", "answer", "satisfactory")}
    answer = assessor.post(url, data | {"more": "rows"})
    form = answer.context["form"]
    assert (answer.status_code, form.row_count, form.errors) == (200, 10, {})
    for name, value in data.items():
        if name != "files":
            assert form[name].value() == value, name
    assert "desk.jpg" in text_of(answer)
    assert not MethodRecord.objects.exists()
    # The page of somebody who comes back has the rows again that were typed into.
    far = typed(MethodKind.QUESTIONING, "", title="") | {"question-10": "The last one"}
    assert OpenPage(assessor, url).send(**far).status_code == 422
    assert assessor.get(url).context["form"]["question-10"].value() == "The last one"


def test_a_file_that_is_refused_is_named_with_the_new_rows(world: World, assessor: Client) -> None:
    data = typed(MethodKind.OBSERVATION, "") | {"files": [upload("bad.jpg", b"%PDF-1.4 no")], "more": "rows"}
    assert "bad.jpg" in text_of(assessor.post(form_url(world, MethodKind.OBSERVATION), data))


def test_there_are_never_more_rows_than_a_record_holds(world: World, assessor: Client) -> None:
    url = form_url(world, MethodKind.OBSERVATION)
    answer = assessor.post(url, typed(MethodKind.OBSERVATION, "") | {"step-99": "far", "more": "rows"})
    assert answer.context["form"].row_count == MOST_ROWS
    assert "More rows" not in text_of(answer)
    assert assessor.post(url, typed(MethodKind.OBSERVATION, "") | {"step-999999999": "x"}).status_code == 422


def test_chosen_questions_go_into_empty_rows(world: World, assessor: Client) -> None:
    """R16: from the assessor's own bank, of the units they assess here, or free."""
    mine = [add_question(text=f"Kept {n}?", unit=world.unit if n else None, by=world.assessor) for n in range(6)]
    add_question(text="Of another unit?", unit=world.other_unit, by=world.assessor)
    add_question(text="Another's?", unit=None, by=world.trainee)
    url = form_url(world, MethodKind.QUESTIONING)
    page = text_of(assessor.get(url))
    assert "Kept 0?" in page
    assert "Of another unit?" not in page
    assert "Another's?" not in page
    data = typed(MethodKind.QUESTIONING, "") | {"more": "bank", "bank": [str(one.pk) for one in mine]}
    form = assessor.post(url, data).context["form"]
    asked = [form[f"question-{number}"].value() for number in range(1, form.row_count + 1)]
    assert asked[:2] == ["Why that one?", "What if it is sold out?"]
    assert sorted(asked[2:8]) == [f"Kept {n}?" for n in range(6)]
    # Put in twice, they are asked once.
    again = {name: form[name].value() or "" for name in form.fields if name not in ("files", "bank")}
    form = assessor.post(url, again | {"more": "bank", "bank": [str(mine[0].pk)]}).context["form"]
    assert [form[f"question-{n}"].value() for n in range(1, form.row_count + 1)].count("Kept 0?") == 1


# --- The bank ---------------------------------------------------------------------------------------------------------


def test_questions_are_kept_and_removed(world: World, assessor: Client) -> None:
    url = reverse("question_bank")
    assert "No questions kept yet" in text_of(assessor.get(url))
    assert assessor.post(url, {"text": " "}).status_code == 422
    assert assessor.post(url, {"text": "Why?", "unit": world.other_unit.pk}).status_code == 422
    assert assessor.post(url, {"text": "Why?", "unit": world.unit.pk}).status_code == 302
    page = assessor.get(url)
    assert "For unit 304" in text_of(page)
    (kept,) = page.context["page"]
    assert world.client(world.trainee).post(reverse("remove_question", args=[kept.pk])).status_code == 404
    assessor.post(reverse("remove_question", args=[kept.pk]))
    assert "No questions kept yet" in text_of(assessor.get(url))


# --- Discussions ------------------------------------------------------------------------------------------------------


def test_a_discussion_is_agreed_seen_by_both_and_written_up(world: World, assessor: Client, browser: Client) -> None:
    url = reverse("agree_discussion", args=[world.portfolio.pk])
    data = {"form_key": str(uuid4()), "planned_for": today().isoformat(), "areas": "Promises\n\nComplaints"}
    assert assessor.post(url, data | {"areas": " "}).status_code == 422
    assessor.post(url, data)
    answer = assessor.post(url, data)
    discussion = AgreedDiscussion.objects.get()
    assert answer["location"] == reverse("discussion", args=[discussion.pk])
    for client in (assessor, browser):
        assert "Complaints" in text_of(client.get(reverse("discussion", args=[discussion.pk])))
        assert reverse("discussion", args=[discussion.pk]) in text_of(
            client.get(reverse("portfolio", args=[world.portfolio.pk]))
        )
    assert "Write it up" not in text_of(browser.get(answer["location"]))
    assert "Promises" in text_of(assessor.get(reverse("hold_discussion", args=[discussion.pk])))
    sign(world, MethodKind.DISCUSSION, discussion=discussion)
    assert "Read the record" in text_of(browser.get(answer["location"]))
    assert assessor.get(reverse("hold_discussion", args=[discussion.pk])).status_code == 302


# --- Reading and correcting -------------------------------------------------------------------------------------------


def test_a_correction_starts_from_what_was_said_and_both_stay_readable(world: World, assessor: Client) -> None:
    """Q22: the old version stays readable with its files, for the candidate and the assessor."""
    record = sign(world, MethodKind.QUESTIONING, files=[hand_in(world.assessor, "tape.jpg")])
    url = url_of(record, "correct_method_record")
    page = OpenPage(assessor, url)
    assert value_in(page, "answer-2") == "I order it."
    assert "tape.jpg" in page.text
    sent = typed(MethodKind.QUESTIONING, "Anna Assessor", where="Canteen")
    assert assessor.post(url, sent | {"why": ""}).status_code == 422
    assert assessor.post(url, sent | {"why": "It was the canteen"}).status_code == 302
    newer = MethodRecord.objects.get(corrects=record)
    for client in (assessor, world.client(world.candidate)):
        old = text_of(client.get(url_of(record)))
        assert "Staff room" in old
        assert url_of(newer) in old
        assert "Canteen" in text_of(client.get(url_of(newer)))
        evidence = reverse("evidence", args=[record.version.evidence_id])
        assert url_of(record) in text_of(client.get(evidence))
        assert "tape.jpg" in text_of(client.get(f"{evidence}?version=1"))
    assert assessor.get(url).status_code == 302


@pytest.mark.parametrize("who", [who for who in STAFF if who != "ev"])  # who draws a record first (Q25)
def test_old_versions_stay_readable_with_their_files(world: World, browser: Client, who: str) -> None:
    """Q22, Q22a."""
    item = add_offered_item(world, world.criteria[:1], files=[hand_in(world.candidate, "first.jpg")])
    replace(world, item)
    for client in (browser, world.client(getattr(world, who))):
        page = text_of(client.get(reverse("evidence", args=[item.pk])))
        assert "?version=1" in page
        old = text_of(client.get(reverse("evidence", args=[item.pk]) + "?version=1"))
        assert "first.jpg" in old
        file = item.versions.get(ordinal=1).files.get()
        assert client.get(reverse("evidence_file", args=[file.pk])).status_code == 200


def test_a_record_that_was_changed_says_so(world: World, assessor: Client) -> None:
    record = sign(world)
    MethodRecord.objects.update(signed_name="Somebody Else")
    assert "its digest has changed" in text_of(assessor.get(url_of(record)))


@pytest.mark.parametrize(
    "who", ["other_candidate", "trainee_candidate", "other_assessor", "foreign_assessor", "trainee"]
)
def test_records_of_other_candidates_are_not_found(world: World, who: str) -> None:
    record, own = sign(world), note(add_item(world), world.candidate)
    client = world.client(getattr(world, who))
    for one in (record, own):
        assert client.get(url_of(one)).status_code == 404
    assert client.get(url_of(record, "correct_method_record")).status_code == 404
    for name in ("observe", "question", "agree_discussion"):
        url = reverse(name, args=[world.portfolio.pk])
        assert client.get(url).status_code == (404 if "assessor" in who or who == "trainee" else 403)


def test_a_record_is_found_beside_its_own_evidence_only(world: World, assessor: Client) -> None:
    record, other = sign(world), sign(world)
    url = reverse("method_record", args=[other.version.evidence_id, record.pk])
    assert assessor.get(url).status_code == 404


def test_a_note_beside_a_draft_is_the_candidates_own(world: World, assessor: Client, browser: Client) -> None:
    record = note(add_item(world), world.candidate)
    assert browser.get(url_of(record)).status_code == 200
    assert assessor.get(url_of(record)).status_code == 404


def test_the_candidate_is_told_why_they_cannot_change_what_the_assessor_wrote(world: World, browser: Client) -> None:
    record = sign(world)
    page = text_of(browser.get(reverse("evidence", args=[record.version.evidence_id])))
    assert "corrects it" in page
    assert "Add a personal statement" not in page
    assert reverse("claims", args=[record.version.evidence_id]) in page


# --- Earlier learning, and what stays at work -------------------------------------------------------------------------


def test_earlier_learning_is_ticked_and_shown(world: World, browser: Client, assessor: Client) -> None:
    """R19."""
    assert browser.post(add_url(world), typed_item() | {"is_rpl": "on"}).status_code == 302
    item = Evidence.objects.get()
    assert "Yes (RPL)" in text_of(browser.get(reverse("evidence", args=[item.pk])))
    assert browser.get(reverse("change_evidence", args=[item.pk])).context["form"]["is_rpl"].value() is True
    note(item, world.candidate)
    record = MethodRecord.objects.get()
    assert "Yes (RPL)" in text_of(browser.get(url_of(record)))


def test_what_stays_at_work_leads_to_recording_that_it_was_seen(world: World, assessor: Client) -> None:
    """R12."""
    item = add_offered_item(world, world.criteria[:1], with_file=False, kept_at="Complaints binder, shop office")
    judge, url = reverse("judge", args=[item.pk]), reverse("seen_at_work", args=[item.pk])
    assert url in text_of(assessor.get(judge))
    data = {"version": item.current_version_id, "seen_on": today().isoformat(), "where": "Shop office"}
    assert assessor.post(url, data | {"where": ""}).status_code == 422
    assert [assessor.post(url, data)["location"] for _ in range(2)] == [judge, judge]
    assert SeenAtWork.objects.count() == 1
    page = text_of(assessor.get(judge))
    assert url not in page
    assert "Shop office" in page
    assert "Shop office" in text_of(world.client(world.candidate).get(reverse("evidence", args=[item.pk])))
    judge_it(item, world.assessor)


# --- What it costs ----------------------------------------------------------------------------------------------------


def test_lists_cost_the_same_for_one_and_three(
    world: World, assessor: Client, django_assert_num_queries: Costs
) -> None:
    item = add_item(world)
    record = sign(world)
    claim(world, record.version.evidence, world.criteria[:1])
    urls = {
        reverse("question_bank"): lambda n: add_question(text=f"Why {n}?", unit=world.unit, by=world.assessor),
        reverse("question", args=[world.portfolio.pk]): lambda n: add_question(
            text=f"And {n}?", unit=None, by=world.assessor
        ),
        reverse("portfolio", args=[world.portfolio.pk]): lambda n: agree(world),
        url_of(record): lambda n: claim(world, record.version.evidence, world.criteria[n : n + 1]),
    }
    for (url, more), cost in zip(urls.items(), (6, 11, 15, 7), strict=True):
        for count in (1, 2, 3):
            more(count)
            if count != 2:
                with django_assert_num_queries(cost):
                    assert assessor.get(url).status_code == 200
    browser, own = world.client(world.candidate), reverse("evidence", args=[item.pk])
    for count in (1, 2, 3):
        note(item, world.candidate)
        if count != 2:
            with django_assert_num_queries(18):
                assert browser.get(own).status_code == 200
    assert item.state == EvidenceState.DRAFT
