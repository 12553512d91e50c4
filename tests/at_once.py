"""Doing several things at one moment: real threads, each with a database connection of its own."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections

_SECONDS = 120


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each answered, in their order; a refusal where it was refused in words.

    They start together. Anything else that one raises is raised here, since a person would have been shown an error.
    """
    start = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)
    broken: list[BaseException] = []

    def run(place: int) -> None:
        try:
            start.wait(timeout=_SECONDS)
            answers[place] = calls[place]()
        except (PermissionDenied, ValidationError) as refusal:
            answers[place] = refusal
        except BaseException as trouble:  # noqa: BLE001  (raised below, in the test's own thread)
            broken.append(trouble)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=_SECONDS)
    if broken:
        raise broken[0]
    assert not any(thread.is_alive() for thread in threads), "some are still waiting for each other"
    return answers


def told(answers: Sequence[Any]) -> list[str]:
    """The words of those that were refused."""
    return [
        " ".join(one.messages) if isinstance(one, ValidationError) else str(one)
        for one in answers
        if isinstance(one, PermissionDenied | ValidationError)
    ]
