"""Two centres with named people, made once for each module; and the world of later rooms."""

import copy
from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.evidence.conftest import stage, world, world_of_module

from .builders import College, make_college

__all__ = ["college", "college_of_module", "stage", "world", "world_of_module"]


@pytest.fixture(scope="module")
def college_of_module(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[College]:
    """As `world_of_module`: in a transaction around those of its tests, so no transactional test may stand beside."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_college()
        transaction.set_rollback(True)


@pytest.fixture
def college(college_of_module: College, db: None) -> College:
    """Two centres with named people; what a test does to them is undone after it."""
    return copy.deepcopy(college_of_module)
