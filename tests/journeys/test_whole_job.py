"""The whole job in a browser (whole_job.py), with JavaScript and without."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.evidence.builders import World
from tests.journeys.people import AtWork
from tests.journeys.whole_job import do_the_whole_job


@pytest.mark.engine("journey")
@pytest.mark.timeout(420)
def test_the_whole_job(world: World, papers: dict[str, Path], new_page: Callable[..., Page]) -> None:
    do_the_whole_job(world, papers, lambda seat: AtWork(new_page(), seat).sign_in())


@pytest.mark.timeout(420)
def test_the_whole_job_without_javascript(world: World, papers: dict[str, Path], new_page: Callable[..., Page]) -> None:
    do_the_whole_job(world, papers, lambda seat: AtWork(new_page(javascript=False), seat).sign_in())
