"""The world that the tests of this room stand on: the evidence room's, made once for each module."""

from tests.evidence.conftest import stage, world, world_of_module

__all__ = ["stage", "world", "world_of_module"]
