"""What the pages show of a file: its words as text, its pages, or why there is nothing to see."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evidence.models import Evidence
from tests.evidence.builders import World, add_item, claim, hand_in, offer
from tests.evidence.conftest import stage, world, world_of_module  # noqa: F401 - fixtures
from tests.evidence.pages import text_of

from . import samples
from .samples import GOOD

HOSTILE = b"<script>alert(1)</script> {{ request.user }} & more"


@pytest.fixture
def item_with(world: World, folder, django_capture_on_commit_callbacks):  # noqa: F811
    def make(*files: tuple[str, bytes]) -> Evidence:
        with django_capture_on_commit_callbacks(execute=True):
            handed_in = [hand_in(world.candidate, name, content) for name, content in files]
            item = add_item(world, files=handed_in)
        claim(world, item, world.criteria[:1])
        offer(world, item)
        item.refresh_from_db()
        return item

    return make


@pytest.fixture
def hand_in_file(request: pytest.FixtureRequest):
    """The fixture of this room, whose name the builders use as well."""
    return request.getfixturevalue("hand_in")


@pytest.mark.parametrize("page", ["evidence", "judge"])
def test_words_are_shown_as_text_to_candidate_and_assessor(world: World, item_with, page: str) -> None:  # noqa: F811
    item = item_with(("notes.txt", HOSTILE), ("diary.docx", GOOD["diary.docx"]), ("report.pdf", samples.pdf(pages=2)))
    seat = world.candidate if page == "evidence" else world.assessor
    shown = text_of(world.client(seat).get(reverse(page, args=[item.pk])))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ request.user }} &amp; more" in shown
    assert "I served a customer who had lost her ticket." in shown
    assert "The words on these pages" in shown
    assert "Page 0 of the report" in shown


def test_a_document_without_words_says_so(world: World, item_with) -> None:  # noqa: F811
    item = item_with(("empty.odt", samples.open_document("text")))
    shown = text_of(world.client(world.candidate).get(reverse("evidence", args=[item.pk])))
    assert "There are no words in this file that can be shown here." in shown


@pytest.mark.parametrize("page", ["evidence", "judge"])
def test_more_documents_ask_no_more_of_the_database(
    world: World,  # noqa: F811
    item_with,
    page: str,
) -> None:
    few = item_with(("one.txt", b"one"), ("one.pdf", samples.pdf()))
    many = item_with(
        *[(f"{n}.txt", f"{n}".encode()) for n in range(3)], *[(f"{n}.pdf", samples.pdf(n + 1)) for n in (1, 2)]
    )
    client = world.client(world.candidate if page == "evidence" else world.assessor)
    counts = []
    for item in (few, few, many):  # the first time, the session is new
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(page, args=[item.pk])).status_code == 200
        counts.append(len(captured))
    assert counts[1] == counts[2]
