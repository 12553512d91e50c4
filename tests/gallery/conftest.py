"""The demo centre that the gallery walks through: made once for the run, served by each worker from its own copy."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gallery.demo import seed_once, serve


@pytest.fixture(scope="session")
def demo_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the demo centre answers. Nobody changes anything in it: forms are sent empty, and refused."""
    seeded, own = Path(os.environ["NVQ_TEST_RUN"]) / "demo-centre", tmp_path_factory.mktemp("gallery") / "demo-centre"
    seed_once(seeded)
    shutil.copytree(seeded, own)
    with serve(own) as address:
        yield address
