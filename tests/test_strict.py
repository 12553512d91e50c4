"""The strict test run is strict: each thing that it forbids is caught, and what it allows is let through."""

from pathlib import Path

import pytest
from django.http import HttpResponse
from django.template import Context, Engine, Template
from django.test import RequestFactory

from tests import strict

GOOD_PAGE = """
<!doctype html><script src="/static/js/portfolio.js" defer></script>
<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="x"><input id="a" name="a"></form>
<form method="get"><input id="b"></form>
<script type="application/json" id="data">{"on": 1}</script>
"""


def test_a_good_page_offends_nobody():
    assert strict.read_page(GOOD_PAGE) == []


@pytest.mark.parametrize(
    ("html", "offence"),
    [
        ("<script>alert(1)</script>", "inline script"),
        ("<style>p {}</style>", "inline style"),
        ('<p style="color: red">', "inline style"),
        ('<button onclick="go()">', "inline event handler"),
        ('<div hx-on:click="go()">', "inline event handler"),
        ('<a href="javascript:go()">', "script in a link"),
        ('<p id="a"><p id="a">', "id given twice"),
        ('<form method="post"></form>', "form without its token"),
        ('<form method="POST" action="/x/"><button>Go</button></form>', "form without its token"),
    ],
)
def test_an_offence_is_named(html: str, offence: str):
    (found,) = strict.read_page(html)
    assert found.startswith(offence)


@pytest.mark.parametrize(("content_type", "read"), [("text/html; charset=utf-8", True), ("text/plain", False)])
def test_every_page_answered_is_read(rf: RequestFactory, content_type: str, read: bool):
    middleware = strict.StrictPageMiddleware(lambda request: HttpResponse("<style>", content_type=content_type))
    middleware(rf.get("/somewhere/"))
    assert strict.offences == (["/somewhere/: inline style: <style>"] if read else [])
    strict.offences.clear()


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """An engine of which tmp_path/ours is our own, and tmp_path/theirs somebody else's."""
    for folder in ["ours", "theirs"]:
        (tmp_path / folder).mkdir()
    folders = [str(tmp_path / "ours"), str(tmp_path / "theirs")]
    return Engine(dirs=folders, string_if_invalid=strict.UndefinedVariable(tmp_path / "ours"))


def write(folder: Path, name: str, source: str) -> None:
    (folder / name).write_text(source)


def render(engine: Engine, name: str) -> str:
    template: Template = engine.get_template(name)
    return template.render(Context({"given": "here"}))


@pytest.mark.parametrize(
    "source", ["{{ missing }}", "{{ given.missing|upper }}", "{% with x=missing %}{% endwith %}", "{{ missing|upper }}"]
)
def test_an_undefined_variable_of_ours_fails(engine: Engine, tmp_path: Path, source: str):
    write(tmp_path / "ours", "page.html", "<p>\n" + source)
    with pytest.raises(AssertionError, match=r"page\.html:2: .*missing.* is undefined"):
        render(engine, "page.html")


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ given }}", "here"),
        ('{{ missing|default:"none" }}', "none"),
        ("{% if missing %}yes{% else %}no{% endif %}", "no"),
        ("{% if given.missing %}yes{% else %}no{% endif %}", "no"),
    ],
)
def test_what_may_be_missing_is_let_through(engine: Engine, tmp_path: Path, source: str, shown: str):
    write(tmp_path / "ours", "page.html", source)
    assert render(engine, "page.html") == shown


def test_an_undefined_variable_of_theirs_is_empty(engine: Engine, tmp_path: Path):
    write(tmp_path / "theirs", "base.html", "[{{ missing }}{{ missing|upper }}]{% block content %}{% endblock %}")
    write(tmp_path / "ours", "page.html", '{% extends "base.html" %}{% block content %}{{ given }}{% endblock %}')
    assert render(engine, "page.html") == "[]here"


def test_our_block_in_their_page_is_ours(engine: Engine, tmp_path: Path):
    write(tmp_path / "theirs", "base.html", "{% block content %}{% endblock %}")
    write(tmp_path / "ours", "page.html", '{% extends "base.html" %}{% block content %}{{ missing }}{% endblock %}')
    with pytest.raises(AssertionError, match=r"page\.html:1"):
        render(engine, "page.html")
