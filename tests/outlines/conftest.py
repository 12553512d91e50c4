"""The world whose pages are read, and a way to open one as somebody."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page

from centres.models import Membership
from tests.evidence.builders import World, make_world


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


@pytest.fixture
def visit(world: World, new_page: Callable[..., Page], live_server) -> Callable[..., Page]:
    """Opens a page in a new browser as a seat: visit(seat, name, *args)."""

    def open_as(seat: Membership, name: str, *args: object, **options: object) -> Page:
        page = new_page(**options)
        session = world.client(seat).cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page.goto(reverse(name, args=args))
        return page

    return open_as
