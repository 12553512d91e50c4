"""The world that the tests of this room stand on: the evidence room's, made once for each module."""

from tests.evidence.conftest import world, world_of_module

__all__ = ["world", "world_of_module"]
