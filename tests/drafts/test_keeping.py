"""Drafts are kept per person and form, and no text ever takes the place of one that its writer has not seen."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.http import QueryDict
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from centres.drafts import actions as drafts
from centres.drafts.actions import KEPT_FOR, Ticket, draft_for, drop_draft, keep_draft, pattern_of, read_ticket
from centres.models import FormDraft, User
from ledger.models import Event

FORM = "/portfolios/7/evidence/new/"


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user(email="carla@example.org", name="Carla Candidate")


@pytest.fixture
def other(db: None) -> User:
    return User.objects.create_user(email="otto@example.org", name="Otto Other")


def ticket_of(person: User, page: str = "A", **changed: Any) -> Ticket:
    facts = {"person_id": person.pk, "form": FORM, "page": page, "based_on": "", "fields": ("title", "place-#-#")}
    return Ticket(**facts | changed)


def keep(ticket: Ticket, title: str, seen: str = "", **options: Any) -> tuple[str, list[str]]:
    """Keep a title; the new state, and the titles that were unseen."""
    draft, unseen = keep_draft(ticket=ticket, seen=seen, typed={"title": [title]}, **options)
    return draft.seen, [one["typed"]["title"][0] for one in unseen]


def titles(person: User) -> list[str]:
    """All that is kept, the newest first."""
    draft = draft_for(person, FORM)
    return [draft.typed["title"][0], *(one["typed"]["title"][0] for one in draft.others)] if draft else []


def test_a_page_writes_over_what_it_wrote_itself(person: User) -> None:
    page = ticket_of(person)
    assert keep(page, "K")[1] == keep(page, "Ke")[1] == keep(page, "Kettle")[1] == []
    assert titles(person) == ["Kettle"]


def test_everybody_has_a_draft_of_their_own(person: User, other: User) -> None:
    keep(ticket_of(person), "Mine")
    keep(ticket_of(other), "Theirs")
    keep(ticket_of(person, form="/elsewhere/"), "Another form")
    assert (titles(person), titles(other)) == (["Mine"], ["Theirs"])


def test_a_second_page_that_has_not_seen_the_first_is_told_and_both_stay(person: User) -> None:
    keep(ticket_of(person, "A"), "From A")
    seen, unseen = keep(ticket_of(person, "B"), "From B")
    assert unseen == ["From A"]
    assert titles(person) == ["From B", "From A"]
    # From then on it has seen it; what the first writes next is news again.
    assert keep(ticket_of(person, "B"), "From B again", seen)[1] == []
    assert keep(ticket_of(person, "A"), "From A again")[1] == ["From B again"]
    assert titles(person) == ["From A again", "From B again"]


def test_a_page_that_was_filled_in_with_the_draft_carries_on_from_it(person: User) -> None:
    seen, _ = keep(ticket_of(person, "A"), "From A")
    assert keep(ticket_of(person, "B"), "From A, and B", seen)[1] == []
    assert titles(person) == ["From A, and B"]


def test_the_same_text_twice_is_no_conflict(person: User) -> None:
    keep(ticket_of(person, "A"), "The same")
    assert keep(ticket_of(person, "B"), "The same")[1] == []


def test_once_the_person_has_chosen_the_others_go(person: User) -> None:
    keep(ticket_of(person, "A"), "From A")
    seen, _ = keep(ticket_of(person, "B"), "From B")
    keep(ticket_of(person, "B"), "Chosen", seen, is_settled=True)
    assert titles(person) == ["Chosen"]


def test_a_draft_that_was_dropped_and_made_anew_is_not_taken_for_the_old_one(person: User) -> None:
    old, _ = keep(ticket_of(person, "A"), "Old")
    assert drop_draft(ticket=ticket_of(person, "A"), seen=old)
    keep(ticket_of(person, "C"), "New")
    assert keep(ticket_of(person, "B"), "From B", old)[1] == ["New"]


@pytest.mark.parametrize(("page", "has_seen", "is_gone"), [("A", False, True), ("B", True, True), ("B", False, False)])
def test_a_draft_goes_with_the_form_unless_another_page_typed_it(
    person: User, page: str, has_seen: bool, is_gone: bool
) -> None:
    seen, _ = keep(ticket_of(person, "A"), "Typed in A")
    assert drop_draft(ticket=ticket_of(person, page), seen=seen if has_seen else "") == is_gone
    assert titles(person) == ([] if is_gone else ["Typed in A"])


def test_nobody_drops_the_draft_of_another(person: User, other: User) -> None:
    seen, _ = keep(ticket_of(person), "Mine")
    drop_draft(ticket=ticket_of(other), seen=seen)
    assert titles(person) == ["Mine"]


def test_what_is_too_long_leaves_the_last_draft_alone(person: User) -> None:
    keep(ticket_of(person), "x" * (drafts.MOST_CHARACTERS - 100))
    with pytest.raises(ValidationError, match="too long"):
        keep(ticket_of(person), "x" * drafts.MOST_CHARACTERS)
    assert len(titles(person)[0]) == drafts.MOST_CHARACTERS - 100


def test_somebody_who_has_left_keeps_nothing(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)
    with pytest.raises(ValidationError):
        keep(ticket_of(person), "Too late")
    assert not FormDraft.objects.exists()


def test_drafts_are_erased_after_thirty_days_and_not_shown_after_them_either(
    person: User, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(ticket_of(person), "Old")
    keep(ticket_of(person, form="/recent/"), "Recent")
    FormDraft.objects.filter(form=FORM).update(saved_at=timezone.now() - KEPT_FOR - timedelta(minutes=1))
    FormDraft.objects.filter(form="/recent/").update(saved_at=timezone.now() - KEPT_FOR + timedelta(hours=1))
    assert draft_for(person, FORM) is None
    call_command("tidy_drafts")
    assert "1 drafts erased" in capsys.readouterr().out
    assert [draft.form for draft in FormDraft.objects.all()] == ["/recent/"]


def test_a_person_takes_their_drafts_along(person: User) -> None:
    keep(ticket_of(person), "Mine")
    person.delete()
    assert not FormDraft.objects.exists()


def test_the_ledger_hears_nothing_of_drafts(person: User) -> None:
    keep(ticket_of(person), "Not an act")
    drop_draft(ticket=ticket_of(person), seen="")
    assert not Event.objects.exists()


# --- Tickets ----------------------------------------------------------------------------------------------------------


def test_a_ticket_says_the_same_when_it_comes_back(person: User) -> None:
    ticket = ticket_of(person, based_on="12")
    assert read_ticket(ticket.signed()) == ticket


@pytest.mark.parametrize("forged", ["", "x", "a:b:c", signing.dumps([1, FORM, "A", "", ["title"]], salt="another")])
def test_a_ticket_that_we_did_not_sign_is_none(forged: str) -> None:
    assert read_ticket(forged) is None


def test_a_ticket_is_good_for_as_long_as_a_session(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = ticket_of(person).signed()
    monkeypatch.setattr(django_settings, "SESSION_COOKIE_AGE", -1)
    assert read_ticket(signed) is None


def test_only_fields_of_the_form_are_kept(person: User) -> None:
    sent = QueryDict("title=A%0D%0Ab%00&place-1-22=page+2&password=secret&title-x=no&csrfmiddlewaretoken=t&draft=d")
    assert ticket_of(person).text_in(sent) == {"title": ["A\nb"], "place-1-22": ["page 2"]}


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_numbered_fields_share_a_pattern(one: int, other: int) -> None:
    assert pattern_of(f"place-{one}-{other}") == "place-#-#"
    assert pattern_of(f"place-{one}-whole") == "place-#-whole"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from("ABC"), st.booleans(), st.text("xyz", min_size=1, max_size=2))))
def test_no_text_is_lost_that_nobody_saw(person: User, steps: list[tuple[str, bool, str]]) -> None:
    """Three pages type in any order, and are loaded anew at any time, which shows them the draft as it stands.

    The last text of each page stays, until a page that had seen it, or had typed the same, goes on from there.
    """
    FormDraft.objects.all().delete()
    knows = dict.fromkeys("ABC", "")
    alive: dict[str, str] = {}
    for page, is_loaded, text in steps:
        draft = draft_for(person, FORM)
        if draft and is_loaded:
            knows[page] = draft.seen
        if draft and (draft.seen == knows[page] or draft.typed == {"title": [text]}):
            alive.pop(draft.page, None)
        alive[page] = text
        knows[page], _ = keep(ticket_of(person, page), text, knows[page])
        kept = titles(person)
        assert kept[0] == text
        assert set(alive.values()) <= set(kept)
