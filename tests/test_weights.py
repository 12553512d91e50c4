"""Small speed: what a page weighs, that nothing on it jumps, and that a browser fetches each asset once."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import reverse
from playwright.sync_api import Page, Request
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

from centres.models import Membership
from evidence.models import Evidence
from tests.conftest import DESK, PHONE
from tests.evidence.builders import World, add_offered_item, make_world

MOST = 60_000
SHIFTS = """() => new Promise(resolve => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => { sum += entry.value; }))
    .observe({ type: "layout-shift", buffered: true });
  document.fonts.ready.then(() => setTimeout(() => resolve(sum), 200));
})"""


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


@pytest.fixture
def item(world: World) -> Evidence:
    return add_offered_item(world)


@pytest.fixture
def sit_down(world: World, new_page: Callable[..., Page], live_server) -> Callable[..., Page]:
    """A browser in which a seat is signed in."""

    def open_as(seat: Membership, **options: object) -> Page:
        page = new_page(**options)
        session = world.client(seat).cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        return page

    return open_as


def test_what_the_record_page_loads_is_light(world: World, item: Evidence, sit_down: Callable[..., Page]) -> None:
    page = sit_down(world.assessor)
    loaded: dict[str, int] = {"stylesheet": 0, "script": 0}
    counted: list[Request] = []
    page.on("requestfinished", lambda request: counted.append(request))
    page.goto(reverse("record", args=[world.record.pk]), wait_until="networkidle")
    for request in counted:
        if request.resource_type in loaded:
            loaded[request.resource_type] += len(gzip.compress(request.response().body()))
    assert [request.resource_type for request in counted].count("stylesheet") == 1
    assert 1_000 < loaded["stylesheet"] < MOST
    assert 1_000 < loaded["script"] < MOST


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_jumps(world: World, item: Evidence, sit_down: Callable[..., Page], viewport: dict[str, int]) -> None:
    """Cumulative layout shift is next to nought on the pages that people live on."""
    page = sit_down(world.assessor, viewport=viewport)
    shifts = {}
    for name, args in (("home", []), ("record", [world.record.pk]), ("judge", [item.pk])):
        page.goto(reverse(name, args=args), wait_until="networkidle")
        shifts[name] = page.evaluate(SHIFTS)
    # A font that comes late moves a line by less than a pixel in some versions of Chromium; 0.1 is what people notice.
    assert all(shift < 0.01 for shift in shifts.values()), shifts


# Closing a response ends a request, and Django then looks at its database connections.
@pytest.mark.django_db
def test_assets_are_named_by_their_content_and_kept_for_good(tmp_path: Path) -> None:
    """With the product's own storage; the tests' pages use plain names."""
    scripts = ["js/portfolio.js", "js/drafts.js", "js/upload.js", "django_htmx/htmx-2.min.js"]
    names = ["css/portfolio.css", *scripts, "img/mark.svg"]
    stylesheet = Path(str(finders.find(names[0]))).read_text()
    names += sorted(set(re.findall(r"url\(\"\.\./([^\"]+)\"\)", stylesheet)))
    storage = CompressedManifestStaticFilesStorage(location=tmp_path, base_url="/static/")
    for name in names:
        with Path(str(finders.find(name))).open("rb") as file:
            storage.save(name, file)
    processed = storage.post_process({name: (storage, name) for name in names})
    assert not [done for _, _, done in processed if isinstance(done, Exception)]

    def not_found(request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=404)

    with override_settings(STATIC_ROOT=str(tmp_path)):
        whitenoise = WhiteNoiseMiddleware(not_found)
        for name in names:
            address = storage.url(name)
            assert re.search(settings.WHITENOISE_IMMUTABLE_FILE_TEST, address)
            response = whitenoise(RequestFactory().get(address, headers={"Accept-Encoding": "br, gzip"}))
            assert (response.status_code, "immutable" in response.headers["Cache-Control"]) == (200, True), name
            if name.endswith((".css", ".js")):
                assert response.headers["Content-Encoding"] == "br"
            response.close()
