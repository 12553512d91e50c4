"""The world that the tests of drafts act in: that of the evidence room."""

from tests.evidence.conftest import browser, stage, world, world_of_module

__all__ = ["browser", "stage", "world", "world_of_module"]
