"""The world that the tests of this room stand on."""

import pytest

from tests.evidence.builders import World, make_world


@pytest.fixture
def world(db) -> World:
    return make_world()
