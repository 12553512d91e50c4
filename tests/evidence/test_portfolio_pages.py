"""The candidate's pages: what is shown, what is refused, and that nothing typed is lost."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from assessment.models import Judgement
from evidence.models import Claim, ClaimState, Evidence, EvidenceState
from ledger.models import Event
from registrations.actions import change_status
from registrations.models import RecordState, UnitRecord
from tests.evidence.builders import (
    World,
    add_a_witness,
    add_item,
    add_offered_item,
    claim,
    offer,
    register,
    today,
    upload,
    words,
)
from tests.evidence.pages import add_url, text_of, typed

# --- Portfolio --------------------------------------------------------------------------------------------------------


def test_the_portfolio_shows_units_evidence_witnesses_and_the_next_step(world: World, browser: Client) -> None:
    add_offered_item(world, world.criteria[:4])
    add_item(world, title="Half written")
    add_a_witness(world)
    page = text_of(browser.get(reverse("portfolio", args=[world.portfolio.pk])))
    for shown in (
        "Carla Candidate",
        world.registration.number,
        "Anna Assessor",
        "Ivor Verifier",
        "Use customer service as a competitive tool",
        "<b>4</b> of 27 claimed",
        "<b>0</b> of 27 accepted",
        "E1 Returned kettle",
        "E2 Half written",
        "Wendy Witness",
        "Choose the criteria that E2 is for",
    ):
        assert shown in page, shown


@pytest.mark.parametrize("who", ["assessor", "coordinator", "iv"])
def test_staff_read_the_portfolio_without_drafts_or_buttons(world: World, who: str) -> None:
    add_offered_item(world, world.criteria[:1])
    add_item(world, title="Half written")
    page = text_of(world.client(getattr(world, who)).get(reverse("portfolio", args=[world.portfolio.pk])))
    assert "E1 Returned kettle" in page
    assert "Half written" not in page
    assert "Add evidence" not in page


def test_an_ev_sees_that_there_is_a_unit_and_opens_nothing_before_drawing_it(world: World) -> None:
    add_offered_item(world, world.criteria[:1])
    page = text_of(world.client(world.ev).get(reverse("portfolio", args=[world.portfolio.pk])))
    assert "Use customer service as a competitive tool" in page
    assert f'href="{reverse("record", args=[world.record.pk])}"' not in page
    assert f'href="{reverse("sample", args=[world.record.pk])}"' in page
    assert "Returned kettle" not in page


def test_a_portfolio_without_an_active_registration_says_why_nothing_can_be_added(
    world: World, browser: Client
) -> None:
    change_status(
        registration=world.registration,
        revision=1,
        status="suspended",
        on=today(),
        why="Long leave",
        by=world.coordinator,
    )
    assert "read-only" in text_of(browser.get(reverse("portfolio", args=[world.portfolio.pk])))
    assert browser.get(add_url(world)).status_code == 302
    kept = browser.post(add_url(world), typed(title="Written before I knew"))
    assert kept.status_code == 422
    assert "read-only" in text_of(kept)
    assert "Written before I knew" in text_of(kept)


# --- Adding -----------------------------------------------------------------------------------------------------------


def test_adding_evidence_leads_on_to_its_criteria(world: World, browser: Client) -> None:
    files = [upload(), upload("note.txt", b"The customer took the better kettle.")]
    response = browser.post(add_url(world), typed(methods=["PE", "O"]) | {"files": files})
    evidence = Evidence.objects.get()
    assert response.headers["Location"] == reverse("claims", args=[evidence.pk])
    assert evidence.current_version.files.count() == 2
    assert evidence.current_version.methods == ["O", "PE"]


def test_the_same_form_sent_twice_makes_one_item_and_lands_on_the_same_page(world: World, browser: Client) -> None:
    data = typed()
    first = browser.post(add_url(world), data | {"files": [upload()]})
    second = browser.post(add_url(world), data | {"files": [upload()]})
    assert first.headers["Location"] == second.headers["Location"]
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"title": ""}, "Title: Fill this in."),
        ({"happened_from": "2999-01-01"}, "This date is still to come"),
        ({"happened_from": "31/02/2026"}, "Enter a valid date"),
        ({"methods": []}, "Choose at least one method."),
        ({"methods": ["WT"]}, "Say who the witness is"),
        ({"setting": "simulation"}, "Say what real experience"),
    ],
)
def test_what_was_typed_and_handed_in_is_kept_beside_the_error(
    world: World, browser: Client, changed: dict[str, Any], message: str
) -> None:
    response = browser.post(add_url(world), typed() | changed | {"files": [upload("precious.jpg")]})
    page = text_of(response)
    assert response.status_code == 422
    assert message in page
    assert words()["what_happened"] in page
    assert "precious.jpg" in page
    assert not Evidence.objects.exists()


def test_a_draft_may_wait_for_its_witness(world: World, browser: Client) -> None:
    response = browser.post(add_url(world), typed(methods=["WT"]) | {"then": "draft"})
    assert response.headers["Location"] == reverse("evidence", args=[Evidence.objects.get().pk])


def test_a_file_that_is_not_what_its_name_says_is_named_and_the_good_one_kept(world: World, browser: Client) -> None:
    files = [upload("good.jpg"), upload("bad.jpg", b"%PDF-1.4 not a photograph")]
    page = text_of(browser.post(add_url(world), typed() | {"files": files}))
    assert "“bad.jpg”" in page
    assert 'name="files-kept"' in page
    assert "good.jpg" in page
    assert not Evidence.objects.exists()


def test_a_full_disk_gives_a_message_and_keeps_what_was_typed(world: World, browser: Client) -> None:
    with patch.object(default_storage, "save", side_effect=OSError(28, "No space left on device")):
        response = browser.post(add_url(world), typed() | {"files": [upload()]})
    assert response.status_code == 422
    assert "There is no room left to store files" in text_of(response)
    assert words()["what_happened"] in text_of(response)
    assert not Evidence.objects.exists()


# --- One item ---------------------------------------------------------------------------------------------------------


def test_the_evidence_page_tells_the_story_and_what_to_do_next(world: World, browser: Client) -> None:
    draft = add_item(world)
    url = reverse("evidence", args=[draft.pk])
    assert "Choose what it is evidence for" in text_of(browser.get(url))
    claim(world, draft, world.criteria[:1])
    assert "Offer it to your assessor" in text_of(browser.get(url))
    browser.post(reverse("offer", args=[draft.pk]), {"revision": "2"})
    assert "in their queue" in text_of(browser.get(url))
    one = Claim.objects.get()
    Judgement.objects.create(
        claim=one,
        version=draft.current_version,
        is_accepted=False,
        comment="Which customer was this?",
        judged_by=world.assessor.person,
    )
    Claim.objects.update(state=ClaimState.RETURNED, judged_version=draft.current_version)
    page = text_of(browser.get(url))
    assert "Mend what was returned" in page
    assert "Which customer was this?" in page
    Claim.objects.update(state=ClaimState.ACCEPTED)
    assert "has been accepted" in text_of(browser.get(url))


def test_a_replaced_item_shows_its_older_version_on_request(world: World, browser: Client) -> None:
    evidence = add_offered_item(world, world.criteria[:1])
    url = reverse("change_evidence", args=[evidence.pk])
    before = browser.get(url)
    assert "counter.jpg" in text_of(before)
    token = before.context["form"]["files"].as_widget().partition('name="files-kept" value="')[2].partition('"')[0]
    data = typed(what_happened="With the date this time.") | {
        "revision": str(evidence.revision),
        "why": "No date",
        "files-kept": token,
    }
    assert [browser.post(url, data).status_code for _ in range(2)] == [302, 302]
    assert evidence.versions.count() == 2
    now = browser.get(reverse("evidence", args=[evidence.pk]))
    assert "With the date this time." in text_of(now)
    assert "counter.jpg" in text_of(now)
    old = browser.get(reverse("evidence", args=[evidence.pk]) + "?version=1")
    assert words()["what_happened"] in text_of(old)
    assert "older version" in text_of(old)
    assert browser.get(reverse("evidence", args=[evidence.pk]) + "?version=9").status_code == 404


def test_an_assessor_of_one_unit_reads_nothing_of_another_s_judgements(world: World) -> None:
    other = register(
        world.coordinator, world.candidate, assessor=world.other_assessor, iv=world.other_iv, units=[world.other_unit]
    ).unit_records.get()
    evidence = add_item(world)
    claim(world, evidence, world.criteria[:1])
    theirs = claim(world, evidence, [None], record=other, locator="the second photograph")[0]
    offer(world, evidence)
    Judgement.objects.create(
        claim=theirs,
        version=evidence.current_version,
        is_accepted=False,
        comment="Between Otto and me",
        judged_by=world.other_assessor.person,
    )
    url = reverse("evidence", args=[evidence.pk])
    seen = {who: text_of(world.client(getattr(world, who)).get(url)) for who in ("assessor", "iv", "other_assessor")}
    assert "Between Otto and me" in seen["other_assessor"]
    assert world.criteria[0].text not in seen["other_assessor"]
    for who in ("assessor", "iv"):
        assert world.criteria[0].text in seen[who]
        assert "Between Otto and me" not in seen[who]
        assert "the second photograph" not in seen[who]


@pytest.mark.parametrize(("days", "warned"), [(700, False), (770, True)])
def test_old_evidence_carries_a_warning(world: World, browser: Client, days: int, warned: bool) -> None:
    old = add_item(world, happened_from=today() - timedelta(days=days))
    page = text_of(browser.get(reverse("evidence", args=[old.pk])))
    assert ("This happened a while ago" in page) is warned


def test_the_replace_page_says_what_must_be_judged_again(world: World, browser: Client) -> None:
    evidence = add_offered_item(world, world.criteria[:2])
    Claim.objects.update(state=ClaimState.ACCEPTED, judged_version=evidence.current_version)
    page = text_of(browser.get(reverse("change_evidence", args=[evidence.pk])))
    assert "In unit 304 2 claims need judging again." in page
    UnitRecord.objects.filter(pk=world.record.pk).update(state=RecordState.CANDIDATE_SIGNED)
    page = text_of(browser.get(reverse("change_evidence", args=[evidence.pk])))
    assert "keeps the version it was judged on" in page


def test_a_stale_change_is_refused_and_what_was_typed_kept(world: World, browser: Client) -> None:
    draft = add_item(world)
    claim(world, draft, world.criteria[:1])
    response = browser.post(
        reverse("change_evidence", args=[draft.pk]), typed(title="Typed meanwhile") | {"revision": "1"}
    )
    assert response.status_code == 422
    assert "changed meanwhile by Carla Candidate" in text_of(response)
    assert "Typed meanwhile" in text_of(response)


def test_an_offer_is_made_once_however_often_the_button_is_pressed(world: World, browser: Client) -> None:
    draft = add_item(world)
    claim(world, draft, world.criteria[:1])
    url = reverse("offer", args=[draft.pk])
    assert world.criteria[0].label in text_of(browser.get(url))
    answers = [browser.post(url, {"revision": "2"}) for _ in range(2)]
    assert {answer.headers["Location"] for answer in answers} == {reverse("evidence", args=[draft.pk])}
    assert Event.objects.filter(type="evidence_offered").count() == 1


def test_an_unfinished_draft_says_why_it_cannot_be_offered(world: World, browser: Client) -> None:
    draft = add_item(world, with_file=False)
    claim(world, draft, world.criteria[:1])
    url = reverse("offer", args=[draft.pk])
    reason = "Hand in a file, or say where the evidence is kept at work."
    assert reason in text_of(browser.get(url))
    refused = browser.post(url, {"revision": "2"})
    assert (refused.status_code, reason in text_of(refused)) == (422, True)


def test_withdrawing_asks_for_a_reason_and_tells_what_it_does(world: World, browser: Client) -> None:
    evidence = add_offered_item(world, world.criteria[:2])
    url = reverse("withdraw", args=[evidence.pk])
    assert "Unit 304 loses 2 claims." in text_of(browser.get(url))
    assert browser.post(url, {"revision": str(evidence.revision), "why": ""}).status_code == 422
    data = {"revision": str(evidence.revision), "why": "Shows a customer"}
    assert [browser.post(url, data).status_code for _ in range(2)] == [302, 302]
    assert Evidence.objects.get().state == EvidenceState.WITHDRAWN
    assert Event.objects.filter(type="evidence_withdrawn").count() == 1
    assert "Shows a customer" in text_of(browser.get(reverse("evidence", args=[evidence.pk])))
