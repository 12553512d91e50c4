"""A signature is drawn with the mouse or a finger, and handed in where scripts do not run; then it signs."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Page

from centres.models import DrawnSignature, Membership
from signoff.models import Signature, Slot
from tests.centres.drawings import strokes
from tests.evidence.builders import PASSWORD, World, make_world
from tests.signoff.builders import ready


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


@pytest.fixture
def visit(world: World, new_page: Callable[..., Page], live_server) -> Callable[..., Page]:
    """Opens the page of the drawn signature in a new browser as a seat."""

    def open_as(seat: Membership, path: str, **options: object) -> Page:
        page = new_page(**options)
        session = world.client(seat).cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page.goto(path)
        return page

    return open_as


def kept() -> Image.Image:
    blob = DrawnSignature.objects.get().blob
    with default_storage.open(blob.stored_as) as file:
        picture = Image.open(io.BytesIO(file.read()))
    picture.load()
    return picture


def draw(page: Page, *points: tuple[float, float]) -> None:
    """One stroke through these points of the box, as parts of its width and height."""
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    (first_x, first_y), *rest = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(first_x, first_y)
    page.mouse.down()
    for x, y in rest:
        page.mouse.move(x, y, steps=6)
    page.mouse.up()


def test_it_is_drawn_with_the_mouse_on_the_way_to_signing_and_signs(world: World, visit: Callable[..., Page]) -> None:
    record = ready(world)
    page = visit(world.candidate, reverse("sign", args=[record.pk, Slot.CANDIDATE]))
    page.get_by_role("link", name="Draw one first").click()
    page.locator("canvas").wait_for()
    draw(page, (0.1, 0.5), (0.3, 0.2), (0.5, 0.8), (0.9, 0.4))
    draw(page, (0.2, 0.9), (0.8, 0.9))
    assert page.get_by_role("img", name="Drawing area, with your drawing").is_visible()
    assert "Your drawing above is what is kept." in page.content()
    page.get_by_role("button", name="Keep this signature").click()
    page.get_by_role("img", name="Your drawn signature").wait_for()
    assert page.url.endswith(reverse("sign", args=[record.pk, Slot.CANDIDATE]))
    assert page.evaluate("document.querySelector('.drawn img').naturalWidth") > 100
    picture = kept()
    assert picture.width > 2 * picture.height
    page.get_by_label("Your full name").fill("Carla Candidate")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign this record").click()
    page.get_by_role("img", name="Drawn signature").wait_for()
    assert Signature.objects.get().drawing == DrawnSignature.objects.get().blob


def test_a_finger_draws_and_the_page_stays_where_it_is(world: World, visit: Callable[..., Page]) -> None:
    page = visit(
        world.candidate,
        reverse("drawn_signature"),
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
    )
    box = page.locator("canvas").bounding_box()
    assert box
    touch = page.context.new_cdp_session(page)
    for kind, part in (
        ("touchStart", 0.1),
        ("touchMove", 0.4),
        ("touchMove", 0.6),
        ("touchMove", 0.9),
        ("touchEnd", None),
    ):
        at = [] if part is None else [{"x": box["x"] + part * box["width"], "y": box["y"] + part * box["height"]}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})
    assert page.evaluate("scrollY") == 0
    page.get_by_role("img", name="Drawing area, with your drawing").wait_for()
    page.get_by_role("button", name="Keep this signature").click()
    page.get_by_role("img", name="Your drawn signature").wait_for()
    assert kept().width > 100


def test_an_empty_box_is_told_and_clearing_empties_it(world: World, visit: Callable[..., Page]) -> None:
    page = visit(world.candidate, reverse("drawn_signature"))
    draw(page, (0.1, 0.5), (0.9, 0.5))
    page.get_by_role("button", name="Clear the box").click()
    assert page.get_by_role("img", name="Drawing area, empty").is_visible()
    page.get_by_role("button", name="Keep this signature").click()
    page.get_by_role("alert").wait_for()
    assert "Draw your signature, or choose a picture of it." in page.content()
    assert not DrawnSignature.objects.exists()


def test_a_picture_that_is_chosen_takes_the_drawings_place(
    world: World, visit: Callable[..., Page], tmp_path: Path
) -> None:
    (tmp_path / "tall.png").write_bytes(strokes((200, 600), paper="white"))
    page = visit(world.candidate, reverse("drawn_signature"))
    draw(page, (0.1, 0.5), (0.9, 0.5))
    page.get_by_label("A picture of your signature").set_input_files(tmp_path / "tall.png")
    assert page.get_by_role("img", name="Drawing area, empty").is_visible()
    page.get_by_role("button", name="Keep this signature").click()
    page.get_by_role("img", name="Your drawn signature").wait_for()
    assert kept().height > 50


def test_without_scripts_a_picture_is_handed_in(world: World, visit: Callable[..., Page], tmp_path: Path) -> None:
    (tmp_path / "me.jpg").write_bytes(strokes(paper="white", kind="JPEG"))
    page = visit(world.candidate, reverse("drawn_signature"), javascript=False)
    assert not page.locator("canvas").is_visible()
    page.get_by_label("A picture of your signature").set_input_files(tmp_path / "me.jpg")
    page.get_by_role("button", name="Keep this signature").click()
    page.get_by_role("img", name="Your drawn signature").wait_for()
    page.get_by_role("button", name="Take it away").click()
    page.get_by_text("Your drawn signature is taken away.").wait_for()
    assert not DrawnSignature.objects.exists()
