"""Aids for the tests of every room. Nothing outside tests imports this module."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Protocol
from unittest import mock

from django.core import mail
from django.db import connections
from django.test import TransactionTestCase

from ledger import guard
from ledger.events import EventType
from ledger.models import Event


@contextmanager
def ledger_open_for_tests() -> Iterator[None]:
    """Lift the database's guard for this thread's connections: the one sanctioned way round (HOUSE, first, 3).

    Raises RuntimeError outside a test run.
    """
    if not hasattr(mail, "outbox"):  # Set up by Django's test environment only.
        raise RuntimeError("The ledger is opened in tests only.")
    was_open = guard.opened.for_tests
    _set_open(True)
    try:
        yield
    finally:
        _set_open(was_open)


def _set_open(is_open: bool) -> None:
    guard.opened.for_tests = is_open
    for connection in connections.all(initialized_only=True):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config(%s, %s, false)", [guard.SETTING, "yes" if is_open else ""])


def allow_flush() -> None:
    """Let transactional and live-server tests empty the database after themselves. `tests/conftest.py` calls it once.

    Only the emptying itself is let through; the tests' own writes meet the guard as in real life.
    """
    plain = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # private, and no public hook exists
    if getattr(plain, "opens_ledger", False):
        return

    def teardown_with_open_ledger(case: TransactionTestCase) -> None:
        with ledger_open_for_tests():
            plain(case)

    teardown_with_open_ledger.opens_ledger = True  # type: ignore[attr-defined]
    TransactionTestCase._fixture_teardown = teardown_with_open_ledger  # type: ignore[attr-defined]


@contextmanager
def events_written() -> Iterator[list[Event]]:
    """Collect what the block appends: the list is filled, in order, when the block ends well."""
    last = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    events: list[Event] = []
    yield events
    events += Event.objects.filter(id__gt=last).select_related("chain").order_by("id")


@contextmanager
def expect_events(*types: EventType) -> Iterator[list[Event]]:
    """Assert that the block appends exactly these events in this order: `with expect_events(EventType.CLAIM_MADE):`."""
    with events_written() as events:
        yield events
    found, expected = [event.type for event in events], [str(type) for type in types]
    assert found == expected, f"Expected the events {expected}, but the ledger got {found}."


class Action(Protocol):
    """A room's action: keyword-only arguments, the actor as `by`."""

    def __call__(self, *, by: Any, **arguments: Any) -> Any: ...


def actions_of(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """The public actions that a room's `actions.py` defines, by name: functions that take `by`.

    A room's test compares these names with those it has shown to write an event, so that none is forgotten (habit 6).
    """
    return {
        name: function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and "by" in inspect.signature(function).parameters
    }


class LedgerWriteFailed(Exception):
    """Raised in place of every append inside `failing_ledger`."""


@contextmanager
def failing_ledger() -> Iterator[None]:
    """Make every append fail, for tests that an action then leaves nothing behind (habit 12)."""
    with mock.patch("ledger.actions._append", side_effect=LedgerWriteFailed):
        yield
