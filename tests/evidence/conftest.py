"""The world that the tests of this room act in."""

import pytest

from tests.evidence.builders import World, make_world


@pytest.fixture
def world(db: None) -> World:
    """Two centres and their people (tests/evidence/builders.py)."""
    return make_world()
