"""A drawn signature is cut out of whatever picture it comes in, and nothing else of the picture is kept."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter
from PIL.PngImagePlugin import PngInfo

from files.drawn import MOST_BYTES, WITHIN, redraw
from files.sniffing import Refused
from tests.centres.drawings import strokes

NOTHING = "There is nothing drawn"
NO_PICTURE = "is not a PNG or a JPEG picture"


def drawn(picture: bytes, name: str = "me.png") -> Image.Image:
    made = redraw(io.BytesIO(picture), name)
    image = Image.open(io.BytesIO(made), formats=["PNG"])
    image.load()
    return image


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def photograph() -> bytes:
    """Blue ink on a sheet on which the light falls from one side, with some noise, and the camera's notes."""
    paper = Image.linear_gradient("L").resize((1600, 1200)).point(lambda value: 120 + value // 3).convert("RGB")
    pen = ImageDraw.Draw(paper)
    pen.line([(400 + 50 * at, 600 + 90 * (-1) ** at) for at in range(16)], fill="#182a66", width=9, joint="curve")
    noise = Image.effect_noise(paper.size, 12).convert("RGB")
    notes = Image.Exif()
    notes[0x0110] = "A telephone"
    notes[0x0112] = 1
    return saved(
        Image.blend(paper, noise, 0.06).filter(ImageFilter.GaussianBlur(0.8)), "JPEG", exif=notes, comment=b"GPS 51.5"
    )


@pytest.mark.parametrize(
    ("picture", "name"),
    [
        (strokes(), "canvas.png"),
        (strokes(paper="white", kind="JPEG"), "scan.jpg"),
        (strokes((300, 900), paper="#eee"), "tall.png"),
        (photograph(), "photo.jpg"),
    ],
    ids=["canvas", "scan", "tall", "photograph"],
)
def test_ink_on_white_within_bounds_and_nothing_else(picture: bytes, name: str):
    image = drawn(picture, name)
    assert (image.format, image.mode) == ("PNG", "L")
    assert image.width <= WITHIN[0]
    assert image.height <= WITHIN[1]
    # Paper is white, also where it lay in the shade; ink is dark; and it is cut close to the strokes.
    shades = image.histogram()
    assert shades[255] > 0.5 * image.width * image.height
    assert sum(shades[:100]) > 0
    assert image.getpixel((0, 0)) == 255
    assert set(image.info) == set()
    assert b"GPS" not in redraw(io.BytesIO(picture), name)


def test_the_same_drawing_gives_the_same_bytes():
    assert redraw(io.BytesIO(strokes()), "a.png") == redraw(io.BytesIO(strokes()), "b.png")


def test_a_picture_on_its_side_is_set_upright():
    notes = Image.Exif()
    notes[0x0112] = 6
    upright = Image.open(io.BytesIO(strokes(paper="white"))).convert("RGB")
    image = drawn(saved(upright.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=notes), "phone.jpg")
    assert image.width > 2 * image.height


def test_what_a_picture_says_beside_its_pixels_is_gone():
    notes = PngInfo()
    notes.add_text("Comment", "Written at 51.5 N")
    picture = saved(Image.open(io.BytesIO(strokes())), pnginfo=notes)
    assert b"51.5" in picture
    assert b"51.5" not in redraw(io.BytesIO(picture), "me.png")


@pytest.mark.parametrize(
    ("picture", "name", "reason"),
    [
        (saved(Image.new("RGBA", (1200, 400), (0, 0, 0, 0))), "me.png", NOTHING),
        (saved(Image.new("RGB", (1200, 400), "white"), "JPEG"), "me.jpg", NOTHING),
        (saved(Image.new("RGB", (1200, 400), "black")), "me.png", NOTHING),
        (saved(Image.new("L", (1, 1), 0)), "me.png", NOTHING),
        (strokes(ink="#e8e8e8", paper="white"), "faint.png", NOTHING),
        (saved(Image.new("RGB", (60, 20), "white"), "GIF"), "me.gif", "cannot|not a type of file|is not"),
        (saved(Image.new("RGB", (60, 20), "white"), "WEBP"), "me.webp", NO_PICTURE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "me.svg", "not a type of file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "me.png", "me.png"),
        (b"Signed, Carla", "me.txt", NO_PICTURE),
        (strokes()[:400], "half.png", "half.png"),
        (b"", "me.png", "is empty"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * MOST_BYTES, "big.png", "is too big"),
        (saved(Image.new("1", (6000, 5000))), "wide.png", "is too big"),
    ],
    ids=[
        *("clear", "white", "black", "one point", "faint", "gif", "webp", "svg", "svg called png", "text", "half"),
        *("empty", "heavy", "many pixels"),
    ],
)
def test_what_is_no_drawing_is_refused_with_the_reason(picture: bytes, name: str, reason: str):
    with pytest.raises(Refused, match=reason):
        redraw(io.BytesIO(picture), name)


@settings(derandomize=True, max_examples=40)
@given(st.binary(max_size=300))
def test_whatever_bytes_come_they_are_drawn_or_refused(rest: bytes):
    for head, name in ((b"\x89PNG\r\n\x1a\n", "me.png"), (b"\xff\xd8\xff\xe0", "me.jpg"), (b"", "me.png")):
        with pytest.raises(Refused):
            redraw(io.BytesIO(head + rest), name)
