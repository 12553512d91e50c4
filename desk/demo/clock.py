"""The demo centre's past. The real actions take the server's time; while its story is told, that is turned back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from heapq import heapify, heappop, heappush
from unittest.mock import patch

from django.utils import timezone

# A story yields the number of days ago that its next step happens on.
type Story = Iterator[float]


def tell(stories: list[Story]) -> None:
    """Run stories side by side, always the one whose next step lies furthest back, at the time of that step.

    So events of all chains stand in the order in which they would have happened.
    """
    steps = [(-next(story), number, story) for number, story in enumerate(stories)]
    heapify(steps)
    while steps:
        minus_days_ago, number, story = heappop(steps)
        with _days_ago(-minus_days_ago):
            following = next(story, None)
        if following is not None:
            heappush(steps, (-following, number, story))


@contextmanager
def _days_ago(days: float) -> Iterator[None]:
    """Inside, the server's clock shows a moment some days back and runs on from there."""

    class PastDatetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a plain one, for every adapter
            return datetime.now(tz) - timedelta(days=days)

    # Everybody asks django.utils.timezone for the time, and it asks this class.
    with patch.object(timezone, "datetime", PastDatetime):
        yield
