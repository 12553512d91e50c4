"""Page titles say where one is: no two pages of a role are titled alike, and a refused form says so first."""

import html
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from tests.test_access import Scene, rows

pytestmark = pytest.mark.django_db

ROLES = ("candidate", "assessor", "iv", "ev", "coordinator")


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield Scene()
        transaction.set_rollback(True)


def title_in(content: bytes) -> str:
    found = re.search(r"<title>(.*?)</title>", content.decode(), re.DOTALL)
    return html.unescape(found[1]).strip() if found else ""


@pytest.mark.parametrize("role", ROLES)
def test_no_two_pages_of_a_role_are_titled_alike(scene: Scene, role: str) -> None:
    client, pages = scene.world.client(getattr(scene.world, role)), defaultdict(set)
    for address, method, expected in rows():
        url = reverse(address.partition("@")[0], args=scene.arguments(address))
        if method == "get" and expected[role] in {200, 409}:
            response = client.get(url)
            if response["Content-Type"].startswith("text/html"):
                pages[title_in(response.content)].add(url)
    assert len(pages) >= 5
    assert {title: urls for title, urls in pages.items() if len(urls) > 1} == {}
    assert [title for title in pages if not re.fullmatch(r"\S.+ – NVQ Portfolio", title)] == []
    assert [title for title in pages if title.startswith("Error")] == []


@pytest.mark.parametrize("role", ROLES)
def test_the_title_of_a_refused_form_says_so_first(scene: Scene, role: str) -> None:
    """Also without scripts: the title is the first thing that is read of a page."""
    client, refused, wrong = scene.world.client(getattr(scene.world, role)), 0, {}
    for address, method, expected in rows():
        url = reverse(address.partition("@")[0], args=scene.arguments(address))
        if method == "get" and expected[role] == 200:
            with transaction.atomic():
                response = client.post(url, {"sent": "empty"})
                transaction.set_rollback(True)
            if response.status_code == 422:
                refused += 1
                title = title_in(response.content)
                if not title.startswith("Error: ") or title.count("Error") != 1:
                    wrong[url] = title
    assert refused >= (1 if role in {"assessor", "candidate", "iv", "coordinator"} else 0)
    assert wrong == {}
