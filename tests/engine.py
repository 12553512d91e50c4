"""Which tests run on PostgreSQL too: those whose outcome the database engine can decide, and no others.

A test is one by what it names, itself or through a fixture or a function of its own module: threads, the ledger that
fails, the refusals of the database (NAMES). Nobody has to remember that, so nobody can forget it. What cannot be seen
in a name is marked: `pytestmark = pytest.mark.engine("search")`. The families are a closed list.

That the product loses nothing by it is held from the other side: after the run on PostgreSQL,
scripts/asked_of_postgresql.py wants to have seen every lock, order and aggregate of the rooms put to it.
"""

import inspect
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

import pytest

FAMILIES = {
    "races": "of several at one moment one is first: PostgreSQL locks rows, SQLite the whole file",
    "commits": "the test commits, so that what waits for a commit happens",
    "atomicity": "every action with a ledger that cannot be written to: nothing is left of it",
    "ledger": "the guard is made of triggers, and the chains of what the database gives back, letter by letter",
    "constraints": "what the database itself refuses",
    "order": "in which order rows come, and which letters sort alike",
    "search": "which letters are the same to a search",
    "aggregates": "what is counted, joined and made distinct in the database",
    "access": "every address as everybody: each query of every page",
    "journey": "the whole job in a browser",
}
# What a test of a family cannot do without naming.
NAMES = {
    "races": {"at_once", "threading", "Thread", "Barrier"},
    "commits": {"transactional_db"},
    "atomicity": {"failing_ledger"},
    "constraints": {"IntegrityError", "DataError", "check_constraints"},
}


def families_of(item: pytest.Function) -> set[str]:
    """The families that a collected test belongs to: as marked, and as its names tell. Empty: SQLite alone runs it.

    A browser or PDF test belongs where it is marked, and by its names to none: there the engine decides nothing that
    the tests of the page do not see.

    Raises pytest.UsageError where a mark names no family.
    """
    marked = {family for mark in item.iter_markers("engine") for family in mark.args or [""]}
    if unknown := marked - set(FAMILIES):
        raise pytest.UsageError(f"{item.nodeid}: engine{tuple(unknown)} is none of {', '.join(FAMILIES)}")
    if item.get_closest_marker("browser") or item.get_closest_marker("pdf"):
        return marked
    named = names_in(item.function) | set(item.fixturenames)
    for fixture in item.fixturenames:
        for definition in item._fixtureinfo.name2fixturedefs.get(fixture, ()):
            if definition.func.__module__.startswith("tests."):
                named |= names_in(definition.func)
    if any(mark.kwargs.get("transaction") for mark in item.iter_markers("django_db")):
        named.add("transactional_db")
    return marked | {family for family, words in NAMES.items() if words & named}


def names_in(function: Callable[..., Any]) -> set[str]:
    """Every name that a function uses, and that the functions use which it calls in its own module."""
    found: set[str] = set()
    waiting, seen = [function], set()
    while waiting:
        # What stands under a decorator, such as contextmanager.
        one = inspect.unwrap(waiting.pop())
        if not isinstance(one, FunctionType) or one in seen:
            continue
        seen.add(one)
        names = set(_names_of_code(one.__code__))
        found |= names
        called = (one.__globals__.get(name) for name in names)
        waiting += [other for other in called if getattr(other, "__module__", "") == one.__module__ and callable(other)]
    return found


def _names_of_code(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_of_code(constant)
