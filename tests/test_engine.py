"""Which tests run on PostgreSQL too (tests/engine.py), and what is wanted of them (scripts/asked_of_postgresql.py)."""

import ast
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError

from scripts.asked_of_postgresql import asking_lines
from tests.at_once import at_once
from tests.engine import FAMILIES, NAMES, families_of, names_in

# Looked at, never run.


def two_who_save() -> None:
    at_once([dict, dict])


def one_in_a_thread() -> None:
    threading.Thread(target=dict).start()


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(IntegrityError):
        yield


def a_row_is_refused() -> None:
    with refused():
        pass


def inside_another() -> Callable[[], Any]:
    return lambda: at_once([])


def two_people(client: object) -> None:
    assert client


@pytest.mark.parametrize(
    ("function", "families"),
    [
        (two_who_save, {"races"}),
        (one_in_a_thread, {"races"}),
        (a_row_is_refused, {"constraints"}),
        (inside_another, {"races"}),
        (two_people, set()),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_test_belongs_to_the_engine_by_what_it_names(function: Callable[..., None], families: set[str]) -> None:
    assert families_of(collected(function)) == families


def collected(function: Callable[..., None], *marks: pytest.Mark, fixtures: tuple[str, ...] = ()) -> Any:
    """Stands in for a collected test."""
    return SimpleNamespace(
        nodeid=function.__name__,
        function=function,
        fixturenames=fixtures,
        _fixtureinfo=SimpleNamespace(name2fixturedefs={}),
        iter_markers=lambda name: iter([mark for mark in marks if mark.name == name]),
        get_closest_marker=lambda name: next((mark for mark in marks if mark.name == name), None),
    )


def test_a_test_that_commits_belongs_to_the_engine() -> None:
    committing = pytest.mark.django_db(transaction=True).mark
    assert families_of(collected(two_people, committing)) == {"commits"}
    assert families_of(collected(two_people, fixtures=("transactional_db",))) == {"commits"}
    assert families_of(collected(two_people, pytest.mark.django_db().mark)) == set()


def test_a_browser_test_belongs_where_it_is_marked() -> None:
    browser, committing = pytest.mark.browser.mark, pytest.mark.django_db(transaction=True).mark
    assert families_of(collected(two_who_save, browser, committing)) == set()
    assert families_of(collected(two_people, browser, pytest.mark.engine("journey").mark)) == {"journey"}


@pytest.mark.parametrize("arguments", [("speed",), ()], ids=["unknown", "none"])
def test_a_family_that_is_not_on_the_list_is_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(pytest.UsageError, match="is none of races, commits, atomicity"):
        families_of(collected(two_people, pytest.mark.engine(*arguments).mark))


def test_every_family_that_names_tell_is_on_the_list() -> None:
    assert set(NAMES) - set(FAMILIES) == set()


def test_names_are_those_of_the_functions_of_the_module_too() -> None:
    assert names_in(a_row_is_refused) >= {"refused", "IntegrityError", "raises"}
    # What another module does is its own affair.
    assert names_in(two_who_save) == {"at_once", "dict"}


# --- What is wanted of them -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("rows.select_for_update().get(pk=1)", [(1, 1)]),
        ("rows.filter(pk=1)\nrows.filter(name__icontains='a')", [(2, 2)]),
        ("found = (\n    rows\n    .order_by('pk')\n)", [(1, 4)]),
        ("for row in rows.order_by('pk'):\n    row.save()", [(1, 1)]),
        ("def ask(rows):\n    if rows.exists():\n        return rows.distinct()", [(3, 3)]),
        ("def _rows_on_sqlite():\n    cursor.execute('')", []),
        ("if connection.vendor == 'sqlite':\n    cursor.execute('')\nelse:\n    cursor.execute('x')", [(4, 4)]),
        ("rows.update(name='a')", []),
    ],
)
def test_statements_that_engines_answer_in_their_own_way(source: str, lines: list[tuple[int, int]]) -> None:
    assert [(found[0], found[-1]) for found in asking_lines(ast.parse(source))] == lines
