"""Rate limits and used codes are counted in the database: of several at once one is first, on both engines."""

import threading
from collections.abc import Callable, Iterator

import pytest
from allauth.core.internal import ratelimit
from django.apps import apps
from django.core.cache import cache
from django.db import connection, connections
from django.test import RequestFactory

from nvq_portfolio import settings as product
from signoff.apps import _make_cache_table

TABLE = "shared_cache"
AT_ONCE = 8


@pytest.fixture
def shared_cache(settings, transactional_db) -> Iterator[None]:
    """The cache of an installation that names no other, in the place of the tests' own."""
    settings.CACHES = product.CACHES
    for _ in range(2):  # as `migrate` does, and does again
        _make_cache_table(sender=apps.get_app_config("signoff"), using="default")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")


def all_at_once[T](ask: Callable[[], T]) -> list[T]:
    start, answers = threading.Barrier(AT_ONCE), []

    def run() -> None:
        try:
            start.wait(timeout=10)
            answers.append(ask())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(answers) == AT_ONCE
    return answers


def test_an_installation_that_names_no_cache_counts_in_its_database() -> None:
    assert product.CACHES["default"]["BACKEND"] == "django.core.cache.backends.db.DatabaseCache"
    assert product.CACHES["default"]["LOCATION"] == TABLE


def test_of_several_at_once_one_is_first(shared_cache) -> None:
    for number in range(10):
        answers = all_at_once(lambda number=number: cache.add(f"used:{number}", "y", timeout=30))
        assert sorted(answers) == [False] * (AT_ONCE - 1) + [True]


def test_no_more_tries_pass_at_once_than_one_after_another(shared_cache, rf: RequestFactory) -> None:
    def attempt() -> bool:
        request = rf.post("/")
        config = {"try": "3/5m/key"}
        return bool(ratelimit.consume(request, app="test", action="try", config=config, key="somebody"))

    # Whoever waits too long for their turn is refused, so fewer may pass and never more.
    assert 1 <= sum(all_at_once(attempt)) <= 3
    for _ in range(3):
        attempt()
    assert not attempt()
