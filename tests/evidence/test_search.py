"""A plain search over one's own evidence: what is found, what is marked, and who finds it (R64)."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from evidence.items.actions import withdraw_evidence
from evidence.models import Evidence
from evidence.queries import evidence_for
from evidence.search import find_evidence, marked, show_found
from files.actions import prepare
from files.queries import fold
from tests.evidence.builders import World, add_item, add_offered_item, claim, hand_in, offer, replace
from tests.evidence.pages import text_of
from units.catalogue import Piece

Costs = Callable[..., AbstractContextManager[Any]]


def found(world: World, search: str, who: str = "candidate") -> list[str]:
    """The references that somebody finds in the candidate's portfolio."""
    evidence = evidence_for(getattr(world, who)).filter(portfolio=world.portfolio)
    return [f"E{evidence.get(pk=pk).number}" for pk in find_evidence(evidence, search)]


def document(world: World, name: str, content: bytes) -> Any:
    """A file of the candidate whose words have been read."""
    file = hand_in(world.candidate, name, content)
    prepare(file.blob.pk)
    return file


def bracketed(pieces: Iterable[Piece]) -> list[str]:
    """Pieces of a text, those that are marked in brackets."""
    return [f"[{piece.text}]" if piece.is_match else piece.text for piece in pieces]


def search_url(world: World, search: str) -> str:
    return f"{reverse('portfolio', args=[world.portfolio.pk])}?search={search}"


# --- What is found ----------------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(world: World) -> World:
    """Four items: the words stand in a different place of each."""
    add_item(world, title="Kettle exchange", what_happened="They wanted one that was quieter.")  # E1
    add_item(world, title="Complaint", occasion="Saturday sale", customer="The man in the wheelchair")  # E2
    minutes = document(world, "minutes of March.txt", "Élan café: we agreed on “quieter kettles”\n – 100%".encode())
    add_item(world, title="Meeting", what_happened="What we agreed.", files=[minutes])  # E3
    add_item(
        world, title="Till receipts", what_happened="As kept.", kept_at="Safe in the office", with_file=False
    )  # E4
    return world


@pytest.mark.parametrize(
    ("search", "references"),
    [
        ("kettle", ["E1", "E3", "E2"]),
        ("KETTLE exchange", ["E1"]),
        ("quieter", ["E3", "E1"]),
        ("quieter man", []),
        ("sale wheelchair", ["E2"]),
        ("minutes", ["E3"]),
        ("march.txt", ["E3"]),
        ("agreed élan", ["E3"]),
        ("ÉLAN CAFÉ", ["E3"]),
        ('"quieter', ["E3"]),
        ('kettles" -', ["E3"]),
        ("100%", ["E3"]),
        ("1_0", []),
        ("safe", ["E4"]),
        ("e4", ["E4"]),
        ("E", ["E4", "E3", "E1", "E2"]),
        ("e1 quieter", ["E1"]),
        ("E44", []),
        ("", []),
        ("   ", []),
        ("\0", []),
        ("counter.jpg", ["E2", "E1"]),
    ],
)
def test_every_word_must_stand_somewhere_in_an_item(shelf: World, search: str, references: list[str]) -> None:
    """The reference first, then titles, then the newest; on every database alike."""
    assert found(shelf, search) == references


def test_the_present_version_is_searched(world: World) -> None:
    item = add_offered_item(world, world.criteria[:1])
    assert found(world, "counter") == ["E1"]
    replace(world, item)
    assert found(world, "receipt dated") == ["E1"]
    assert found(world, "returned kettle at the counter page") == []


def test_withdrawn_evidence_is_found_by_its_candidate(world: World) -> None:
    item = add_item(world)
    withdraw_evidence(evidence=item, revision=item.revision, why="Not mine", by=world.candidate)
    assert found(world, "kettle") == ["E1"]


# --- Who finds it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "references"),
    [
        ("candidate", ["E3", "E2", "E1"]),
        ("assessor", ["E2", "E1"]),
        ("iv", ["E2", "E1"]),
        ("coordinator", ["E2", "E1"]),
        ("ev", []),
        ("other_assessor", []),
        ("trainee_candidate", []),
        ("foreign_coordinator", []),
    ],
)
def test_nobody_finds_what_they_may_not_see(world: World, who: str, references: list[str]) -> None:
    for text in ("One", "Two"):
        note = document(world, f"{text}.txt", b"the kettles were quieter")
        add_offered_item(world, world.criteria[:1], files=[note])
    add_item(world, files=[document(world, "draft.txt", b"the kettles were quieter")])
    assert found(world, "quieter", who) == references


def test_what_waits_for_another_assessor_is_found_once_it_is_offered(world: World, browser: Client) -> None:
    item = add_item(world, title="Zebra crossing")
    assessor = world.client(world.assessor)
    assert "Nothing found" in text_of(assessor.get(search_url(world, "zebra")))
    claim(world, item, world.criteria[:1])
    offer(world, item)
    assert "<mark>Zebra</mark> crossing" in text_of(assessor.get(search_url(world, "zebra")))


@pytest.mark.parametrize("who", ["other_candidate", "foreign_candidate", "other_assessor", "foreign_coordinator"])
def test_a_foreign_portfolio_is_not_searched(world: World, who: str) -> None:
    add_offered_item(world, world.criteria[:1])
    assert world.client(getattr(world, who)).get(search_url(world, "kettle")).status_code == 404


# --- What is marked ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("Kettle exchange", ["kettle"], ["[Kettle]", " exchange"]),
        ("kettles, KETTLE", ["kettle"], ["[kettle]", "s, ", "[KETTLE]"]),
        ("It’s “fine”", ["it's", '"fine"'], ["[It’s]", " ", "[“fine”]"]),
        ("abab", ["ab", "a"], ["[ab]", "[ab]"]),
        ("Straße ÉLAN", ["élan"], ["Straße ", "[ÉLAN]"]),
        ("a.b", ["."], ["a", "[.]", "b"]),
        ("nothing", [], ["nothing"]),
        ("", ["x"], []),
    ],
)
def test_words_are_marked_where_they_stand(text: str, words: list[str], expected: list[str]) -> None:
    assert bracketed(marked(text, words)) == expected


@given(st.text(), st.lists(st.text(min_size=1).map(fold), max_size=4))
def test_the_pieces_joined_are_the_text(text: str, words: list[str]) -> None:
    pieces = marked(text, words)
    assert "".join(piece.text for piece in pieces) == text
    assert all(fold(piece.text) in words for piece in pieces if piece.is_match)


def test_each_hit_says_where_it_was_found(shelf: World) -> None:
    evidence = evidence_for(shelf.candidate)
    (hit,) = show_found(evidence, find_evidence(evidence, "minutes quieter"), "minutes quieter")
    lines = [
        (line.found_in, "".join(f"[{p.text}]" if p.is_match else p.text for p in line.pieces)) for line in hit.passages
    ]
    assert lines == [
        ("File", "[minutes] of March.txt"),
        ("In minutes of March.txt", "Élan café: we agreed on “[quieter] kettles” – 100%"),
    ]


def test_a_long_text_is_cut_around_the_word(world: World) -> None:
    add_item(world, what_happened="before " * 100 + "zebra " + "after " * 100)
    evidence = evidence_for(world.candidate)
    (hit,) = show_found(evidence, find_evidence(evidence, "zebra"), "zebra")
    line = "".join(piece.text for piece in hit.passages[0].pieces)
    assert line.startswith("… before ")
    assert line.endswith(" after …")
    assert "zebra" in line
    assert len(line) < 200


# --- Its page ---------------------------------------------------------------------------------------------------------


def test_the_portfolio_is_searched_in_the_browser(world: World, browser: Client) -> None:
    url = reverse("portfolio", args=[world.portfolio.pk])
    assert 'name="search"' not in browser.get(url).content.decode()
    item = add_item(world, title="<b>Kettle</b> & co")
    assert 'name="search"' in browser.get(url).content.decode()
    page = text_of(browser.get(search_url(world, "kettle")))
    assert "1 piece of evidence with “kettle”" in page
    assert "E1 &lt;b&gt;<mark>Kettle</mark>&lt;/b&gt; &amp; co" in page
    assert f'href="{reverse("evidence", args=[item.pk])}"' in page
    assert 'value="kettle"' in page
    page = text_of(browser.get(search_url(world, "zebra")))
    assert "Nothing found" in page
    assert "Show the whole portfolio" in page
    # Nothing but blanks is as if nothing was asked.
    assert "Evidence index" in text_of(browser.get(search_url(world, "%20%00%20")))


def test_a_search_may_be_long_or_odd(world: World, browser: Client) -> None:
    add_item(world)
    for search in ("x" * 5000, "%FF%FE", "(", "[a-", "%25", "'; drop", "ß", "🐝"):
        assert browser.get(search_url(world, search)).status_code == 200


def test_what_is_found_comes_in_pages(world: World, browser: Client) -> None:
    for _ in range(26):
        add_item(world, with_file=False)
    page = text_of(browser.get(search_url(world, "kettle counter")))
    assert "Page 1 of 2, 26 in all" in page
    assert "?search=kettle+counter&amp;page=2" in page
    assert "E1 " in text_of(browser.get(search_url(world, "kettle&page=2")))


def test_the_page_costs_the_same_for_one_and_three(
    world: World, browser: Client, django_assert_num_queries: Costs
) -> None:
    browser.get(search_url(world, "kettle"))
    for count in (1, 3):
        while Evidence.objects.count() < count:
            add_item(world, files=[document(world, f"{count}.txt", b"quieter kettles"), hand_in(world.candidate)])
        with django_assert_num_queries(13):
            browser.get(search_url(world, "kettle quieter"))
