"""The whole job (whole_job.py) by keyboard only."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from centres.models import Membership
from tests.evidence.builders import World
from tests.journeys.keyboard import AtTheKeyboard
from tests.journeys.whole_job import do_the_whole_job


@pytest.mark.timeout(420)
def test_the_whole_job_by_keyboard(world: World, papers: dict[str, Path], new_page: Callable[..., Page]) -> None:
    everybody: list[AtTheKeyboard] = []

    def start(seat: Membership) -> AtTheKeyboard:
        everybody.append(AtTheKeyboard(new_page(reduced_motion="reduce"), seat))
        return everybody[-1].sign_in()

    do_the_whole_job(world, papers, start)
    assert sum(one.stops for one in everybody) > 300, "hardly a key was pressed: this was not the keyboard"
