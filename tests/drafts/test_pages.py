"""Pages with a draft: filled in, discarded, both shown where they disagree, and nobody else's text anywhere."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from centres.drafts.actions import draft_for
from centres.models import FormDraft, Membership
from evidence.models import Evidence, Witness
from tests.drafts.sheets import OpenPage, value_in
from tests.evidence.builders import World, add_a_witness, add_item, add_offered_item, replace, words
from tests.evidence.pages import add_url, text_of, typed
from tests.signoff.builders import complete


def kept(world: World, url: str, seat: Membership | None = None) -> dict[str, list[str]]:
    """What is kept of a form, without what was left blank."""
    draft = draft_for((seat or world.candidate).person, url)
    return {name: values for name, values in draft.typed.items() if values != [""]} if draft else {}


def change_url(item: Evidence) -> str:
    return reverse("change_evidence", args=[item.pk])


# --- Kept and filled in -----------------------------------------------------------------------------------------------


def test_what_was_typed_is_filled_in_again_with_a_word_about_it(world: World, browser: Client) -> None:
    answer = OpenPage(browser, add_url(world)).type(
        title="Kettle",
        what_happened="A customer\r\ncame",
        methods=["PE", "WT"],
        setting="rwe",
        happened_from="2026-11-0",
    )
    assert answer.status_code == 200
    page = OpenPage(browser, add_url(world))
    assert "We kept what you typed on " in page.text
    assert page.text.count("Discard it") == 1
    assert [value_in(page, name) for name in ("title", "what_happened", "methods", "setting", "happened_from")] == [
        "Kettle", "A customer\ncame", ["PE", "WT"], "rwe", "2026-11-0",
    ]  # fmt: skip
    assert "There is a problem" not in page.text


def test_a_page_without_a_draft_says_nothing_of_one(world: World, browser: Client) -> None:
    assert "We kept" not in OpenPage(browser, add_url(world)).text
    OpenPage(browser, add_url(world)).type(title=" ", what_happened="")
    assert "We kept" not in OpenPage(browser, add_url(world)).text


def test_a_draft_that_says_what_is_saved_is_not_spoken_of(world: World, browser: Client) -> None:
    item = add_item(world)
    data = typed()
    OpenPage(browser, change_url(item)).type(**data)
    assert "We kept" not in OpenPage(browser, change_url(item)).text
    OpenPage(browser, change_url(item)).type(**data | {"title": "Another title"})
    page = OpenPage(browser, change_url(item))
    assert "We kept" in page.text
    assert value_in(page, "title") == "Another title"
    assert value_in(page, "setting") == words()["setting"]


def test_files_and_hidden_facts_are_no_part_of_a_draft(world: World, browser: Client) -> None:
    OpenPage(browser, add_url(world)).type(
        title="Kettle", form_key="00000000-0000-4000-8000-000000000000", **{"files-kept": "x", "password": "y"}
    )
    assert kept(world, add_url(world)) == {"title": ["Kettle"]}


def test_discarding_it_brings_back_what_is_saved(world: World, browser: Client) -> None:
    item = add_item(world)
    OpenPage(browser, change_url(item)).type(**typed(title="Half a tit"))
    answer = OpenPage(browser, change_url(item)).discard()
    assert (answer.status_code, answer["location"]) == (302, change_url(item))
    page = OpenPage(browser, change_url(item))
    assert "What you had typed has been thrown away" in page.text
    assert value_in(page, "title") == words()["title"]
    assert not FormDraft.objects.exists()


def test_discarding_from_an_old_page_leaves_what_it_has_not_shown(world: World, browser: Client) -> None:
    OpenPage(browser, add_url(world)).type(title="First")
    old = OpenPage(browser, add_url(world))
    OpenPage(browser, add_url(world)).type(title="Second")
    assert old.discard().status_code == 302
    assert kept(world, add_url(world)) == {"title": ["Second"]}


# --- Sent -------------------------------------------------------------------------------------------------------------


def test_a_form_that_was_taken_leaves_no_draft(world: World, browser: Client) -> None:
    page = OpenPage(browser, add_url(world))
    page.type(title="Kettle")
    assert page.send(**typed(kept_at="In the safe")).status_code == 302
    assert Evidence.objects.filter(portfolio=world.portfolio).count() == 1
    assert not FormDraft.objects.exists()


def test_a_form_that_was_refused_leaves_one_without_any_script(world: World, browser: Client) -> None:
    """Refused for want of a setting; then the browser crashed."""
    answer = OpenPage(browser, add_url(world)).send(**typed(setting="", what_happened="A long story"))
    assert answer.status_code == 422
    assert value_in(OpenPage(browser, add_url(world)), "what_happened") == "A long story"


def test_a_form_sent_after_the_session_has_gone_is_there_after_the_next_sign_in(world: World) -> None:
    client = world.client(world.candidate)
    page = OpenPage(client, add_url(world))
    del client.cookies[settings.SESSION_COOKIE_NAME]
    answer = page.send(**typed(title="Typed while signed out"))
    assert answer["location"] == f"{reverse('account_login')}?next={add_url(world)}"
    assert "What you typed is kept" in text_of(client.get(answer["location"]))
    again = OpenPage(world.client(world.candidate), add_url(world))
    assert value_in(again, "title") == "Typed while signed out"
    assert not Evidence.objects.filter(portfolio=world.portfolio).exists()


def test_a_form_refused_for_its_old_token_is_kept_too(world: World) -> None:
    """Somebody signed in anew in another tab, which changes the token of the browser."""
    client = Client(enforce_csrf_checks=True)
    client.cookies = world.client(world.candidate).cookies
    page = OpenPage(client, add_url(world))
    answer = page.send(**typed(title="Sent with the old token"), csrfmiddlewaretoken="x" * 64)
    assert answer.status_code == 403
    assert "This page had grown old" in text_of(answer)
    assert kept(world, add_url(world))["title"] == ["Sent with the old token"]


def test_a_form_sent_from_an_old_page_leaves_a_newer_draft(world: World, browser: Client) -> None:
    """The second tab was closed with its text; what the first one saves does not throw it away."""
    item = add_item(world)
    first = OpenPage(browser, change_url(item))
    OpenPage(browser, change_url(item)).type(**typed(title="From the second tab"))
    assert first.send(**typed(title="From the first tab"), revision=item.revision, **_files(first)).status_code == 302
    page = OpenPage(browser, change_url(item))
    assert value_in(page, "title") == "From the first tab"
    assert "From the second tab" in page.text


def _files(page: OpenPage) -> dict[str, Any]:
    """The note of the files handed in already, as the page carries it."""
    widget = page.answer.context["form"]["files"].field.widget
    initial = page.answer.context["form"].get_initial_for_field(page.answer.context["form"].fields["files"], "files")
    return {"files-kept": [one["token"] for one in widget.get_context("files", initial, {})["widget"]["kept"]]}


# --- Both are shown ---------------------------------------------------------------------------------------------------


def test_two_tabs_are_told_of_each_other_and_both_are_shown(world: World, browser: Client) -> None:
    first, second = OpenPage(browser, add_url(world)), OpenPage(browser, add_url(world))
    assert first.type(title="From the first").status_code == 200
    answer = second.type(title="From the second")
    assert answer.status_code == 409
    assert [other["typed"]["title"] for other in answer.json()["others"]] == [["From the first"]]
    assert answer.json()["others"][0]["title"].startswith("Typed in another tab on ")
    assert second.type(title="From the second, more").status_code == 200
    page = OpenPage(browser, add_url(world))
    assert value_in(page, "title") == "From the second, more"
    assert "From the first" in page.text
    # Without scripts: the form filled in with the other one, and this one shown beside it.
    turned = OpenPage(browser, f"{add_url(world)}?draft=1")
    assert value_in(turned, "title") == "From the first"
    assert "From the second, more" in turned.text
    # Chosen: nothing is shown beside it any more.
    assert page.type(title="The choice", draft_settled="yes").status_code == 200
    assert "Typed in another tab" not in OpenPage(browser, add_url(world)).text


def test_a_refused_form_shows_what_another_tab_holds(world: World, browser: Client) -> None:
    first = OpenPage(browser, add_url(world))
    OpenPage(browser, add_url(world)).type(title="From the second")
    answer = first.send(**typed(setting="", title="From the first"))
    page = OpenPage(browser, add_url(world), answer)
    assert answer.status_code == 422
    assert value_in(page, "title") == "From the first"
    assert "Typed in another tab" in page.text
    assert "From the second" in page.text
    assert page.ticket.page == first.ticket.page


def test_a_record_that_was_changed_meanwhile_is_shown_with_the_draft_beside_it(world: World, browser: Client) -> None:
    item = add_offered_item(world)
    OpenPage(browser, change_url(item)).type(**typed(what_happened="My long story", title="My title"))
    replace(world, item)
    page = OpenPage(browser, change_url(item))
    assert value_in(page, "title") == "Returned kettle, receipt dated"
    assert "My long story" in page.text
    assert "What you typed on " in page.text
    # Typing goes on: the old text stays beside it.
    assert page.type(**typed(title="Newer still")).status_code == 409
    assert "My long story" in OpenPage(browser, change_url(item)).text


def test_what_was_typed_can_be_taken_over_a_change_knowingly(world: World, browser: Client) -> None:
    item = add_offered_item(world)
    OpenPage(browser, change_url(item)).type(**typed(title="My title"))
    replace(world, item)
    page = OpenPage(browser, f"{change_url(item)}?draft=kept")
    assert value_in(page, "title") == "My title"
    assert "What is saved now" in page.text
    assert "Returned kettle, receipt dated" in page.text


def test_a_form_that_came_too_late_shows_both_and_can_be_sent_again(world: World, browser: Client) -> None:
    item = add_offered_item(world)
    page = OpenPage(browser, change_url(item))
    sent = typed(title="My title", why="A better photo") | {"revision": item.revision} | _files(page)
    replace(world, item)
    answer = page.send(**sent)
    late = OpenPage(browser, change_url(item), answer)
    assert answer.status_code == 422
    assert "has been changed meanwhile" in late.text
    assert "What is saved now" in late.text
    assert "Returned kettle, receipt dated" in late.text
    assert value_in(late, "title") == "My title"
    again = sent | {"revision": value_in(late, "revision")}
    assert late.send(**again).status_code == 302
    item.refresh_from_db()
    assert item.current_version.title == "My title"


# --- Nobody else's ----------------------------------------------------------------------------------------------------


def test_nobody_reaches_the_draft_of_another(world: World, browser: Client) -> None:
    item = add_item(world)
    page = OpenPage(browser, change_url(item))
    page.type(**typed(what_happened="A secret"))
    for who in ("other_candidate", "assessor", "iv", "coordinator"):
        stranger = world.client(getattr(world, who))
        assert "A secret" not in text_of(stranger.get(change_url(item)))
        assert stranger.post(reverse("keep_draft"), page.hidden | {"title": "x"}).status_code == 403
        assert stranger.post(reverse("discard_draft"), page.hidden).status_code == 403
    assert kept(world, change_url(item))["what_happened"] == ["A secret"]


def test_a_form_is_never_sent_in_the_name_of_whoever_signed_in_after(world: World) -> None:
    """Two assessors share a computer: what one typed is no judgement of the other's."""
    item = add_offered_item(world, world.criteria[:1])
    page = OpenPage(world.client(world.assessor), reverse("judge", args=[item.pk]))
    page.client = world.client(world.countersigner)
    answer = page.send(version=item.current_version_id)
    assert answer.status_code == 403
    assert "filled in by somebody else" in text_of(answer)
    assert not FormDraft.objects.exists()


def test_a_draft_that_is_too_long_is_told(world: World, browser: Client) -> None:
    answer = OpenPage(browser, add_url(world)).type(what_happened="x" * 200_001)
    assert (answer.status_code, "too long" in answer.json()["reason"]) == (413, True)


# --- Every long form --------------------------------------------------------------------------------------------------


def test_claims_keep_ticks_and_places(world: World, browser: Client) -> None:
    item = add_item(world)
    url = reverse("claims", args=[item.pk])
    key = f"{world.record.pk}-{world.criteria[0].pk}"
    OpenPage(browser, url).type(**{f"tick-{key}": "on", f"place-{key}": "page 3", "place": "all of it"})
    page = OpenPage(browser, url)
    assert [value_in(page, name) for name in (f"tick-{key}", f"place-{key}", "place")] == [True, "page 3", "all of it"]


def test_judging_keeps_comments(world: World) -> None:
    item = add_offered_item(world, world.criteria[:1])
    claim = item.claims.get()
    client, url = world.client(world.assessor), reverse("judge", args=[item.pk])
    OpenPage(client, url).type(**{f"comment_{claim.pk}": "The date is missing", f"claim_{claim.pk}": "return"})
    page = OpenPage(client, url)
    assert value_in(page, f"comment_{claim.pk}") == "The date is missing"
    assert value_in(page, f"claim_{claim.pk}") == "return"
    # A new version is judged afresh: nothing is decided on it by what was typed about the old one.
    replace(world, item)
    page = OpenPage(client, url)
    assert value_in(page, f"claim_{claim.pk}") != "return"
    assert "The date is missing" in page.text


@pytest.mark.parametrize("name", ["add_witness", "change_witness", "withdraw", "authenticate_witness"])
def test_short_forms_keep_their_words_too(world: World, name: str) -> None:
    item, witness = add_offered_item(world), add_a_witness(world)
    target, seat, field = {
        "add_witness": (world.portfolio, world.candidate, "job_role"),
        "change_witness": (witness, world.candidate, "job_role"),
        "withdraw": (item, world.candidate, "why"),
        "authenticate_witness": (witness, world.assessor, "how"),
    }[name]
    client, url = world.client(seat), reverse(name, args=[target.pk])
    OpenPage(client, url).type(**{field: "Half a sent"})
    assert value_in(OpenPage(client, url), field) == "Half a sent"


@pytest.mark.stage(reach=complete)
def test_an_unlock_keeps_its_reason(world: World) -> None:
    record = world.record
    client, url = world.client(world.assessor), reverse("unlock", args=[record.pk])
    OpenPage(client, url).type(reason="The wrong version was")
    assert value_in(OpenPage(client, url), "reason") == "The wrong version was"


def test_a_form_that_was_asked_for_by_a_choice_comes_back_with_it(world: World) -> None:
    client = world.client(world.coordinator)
    url = f"{reverse('register')}?qualification={world.registration.qualification_id}"
    OpenPage(client, url).type(employer="Marsh and D")
    second = OpenPage(client, url)
    assert value_in(second, "employer") == "Marsh and D"
    OpenPage(client, url).type(employer="Marsh & Daughters", draft_seen="")
    again = OpenPage(client, url)
    assert again.answer.context["draft"].others[0].href == f"{url}&draft=1"
    assert value_in(OpenPage(client, f"{url}&draft=1"), "employer") == "Marsh and D"
    assert again.discard()["location"] == url


def test_an_address_that_is_too_long_to_keep_is_cut_down(world: World, browser: Client) -> None:
    url = f"{add_url(world)}?{'x' * 500}"
    assert OpenPage(browser, url).ticket.form == add_url(world)


def test_a_witness_changed_meanwhile_is_shown_with_the_draft_beside_it(world: World, browser: Client) -> None:
    witness = add_a_witness(world)
    url = reverse("change_witness", args=[witness.pk])
    OpenPage(browser, url).type(name=witness.name, job_role="Deputy")
    Witness.objects.filter(pk=witness.pk).update(job_role="Owner")
    page = OpenPage(browser, url)
    assert value_in(page, "job_role") == "Owner"
    assert "Deputy" in page.text
