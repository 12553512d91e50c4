"""The world that the tests of this room act in."""

import copy
from collections.abc import Callable, Iterator

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from registrations.models import UnitRecord
from tests.evidence.builders import World, make_world


@pytest.fixture(scope="module")
def world_of_module(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world, made once for a module, in a transaction around those of its tests; gone when the module is done.

    Making it takes hundreds of queries. A module that uses it must hold no transactional and no browser tests.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, world_of_module: World) -> Iterator[None]:
    """How far the world has come before a test begins: what its `@pytest.mark.stage(reach=complete)` says.

    The stage is reached once, by the real actions, for all tests of the module that ask for it: pytest runs these one
    after the other. It stands in a savepoint inside the world's, and the tests in theirs inside it.
    """
    reach: Callable[[World], UnitRecord] | None = request.param
    with transaction.atomic():
        if reach:
            reach(copy.deepcopy(world_of_module))
        yield
        transaction.set_rollback(True)


@pytest.fixture
def world(world_of_module: World, stage: None, db: None) -> World:
    """Two centres and their people (tests/evidence/builders.py); what a test does to them is undone after it."""
    return copy.deepcopy(world_of_module)


@pytest.fixture
def browser(world: World) -> Client:
    """The candidate's."""
    return world.client(world.candidate)
