"""A drawn signature out of a picture of it: dark ink on white, small, and nothing else of the picture. Pure.

It may come from a canvas, clear but for its strokes, or from a photograph of paper, where light falls unevenly.
"""

import io
from typing import IO

from PIL import Image, ImageChops, ImageFilter, ImageOps

from files.pictures import UNREADABLE, pictures_must_be_whole
from files.sniffing import Refused, sniff

KINDS = ("png", "jpeg")
ACCEPT = "image/png,image/jpeg"
# What a drawing is kept within, in pixels.
WITHIN = (600, 200)
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 25_000_000
# It is worked on at about this size: strokes are still whole, and a photograph takes no longer than a drawing.
_WORKED_AT = (1500, 1500)
# How far from the paper around it ink must be, of 255; and how much of the darkest stroke still counts as ink.
_LEAST_CONTRAST, _FAINT = 60, 0.25
_MARGIN = 8

NOTHING_DRAWN = "There is nothing drawn. Draw with a dark pen on light paper, or here with your finger or mouse."
NO_PICTURE = "“{name}” is not a PNG or a JPEG picture. Choose one that is."
TOO_BIG = "“{name}” is too big. Cut it down to the signature, or photograph it from less close, and choose it again."


def redraw(file: IO[bytes], name: str) -> bytes:
    """The drawing in a picture, as a grey PNG of at most WITHIN pixels: cut to its strokes, without the camera's notes.

    file: seekable bytes. name: what it was handed in under. Raises Refused, with the reason, for what is no PNG or
    JPEG picture, is broken, is too big, or holds no strokes.
    """
    if file.seek(0, io.SEEK_END) > MOST_BYTES:
        raise Refused(TOO_BIG.format(name=name))
    found = sniff(file, name)
    if found.kind.key not in KINDS:
        raise Refused(NO_PICTURE.format(name=name))
    if (found.width or 0) * (found.height or 0) > MOST_PIXELS:
        raise Refused(TOO_BIG.format(name=name))
    try:
        with pictures_must_be_whole(), Image.open(file, formats=[found.kind.pillow_format]) as picture:
            picture.draft("RGB", _WORKED_AT)
            picture.load()
            grey = _on_white(ImageOps.exif_transpose(picture))
    except UNREADABLE:
        raise Refused(NO_PICTURE.format(name=name)) from None
    ink = _ink(grey)
    strokes = ink.getbbox()
    if strokes is None:
        raise Refused(NOTHING_DRAWN)
    drawn = ImageOps.expand(ink.crop(strokes), _MARGIN, fill=0)
    drawn.thumbnail(WITHIN, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    ImageOps.invert(drawn).save(out, "PNG", optimize=True)
    return out.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """Grey, small enough to work on; what is clear becomes white."""
    whole = picture.convert("RGBA")
    whole.thumbnail(_WORKED_AT, Image.Resampling.LANCZOS)
    paper = Image.new("RGBA", whole.size, "white")
    return Image.alpha_composite(paper, whole).convert("L")


def _ink(grey: Image.Image) -> Image.Image:
    """How much darker than the paper around it each point is: 0 for paper, 255 for the darkest stroke."""
    around = grey.filter(ImageFilter.GaussianBlur(max(grey.size) / 12))
    darker = ImageChops.subtract(around, grey)
    most = darker.getextrema()[1]
    if not isinstance(most, int | float) or most < _LEAST_CONTRAST:
        return Image.new("L", grey.size, 0)
    least = most * _FAINT
    return darker.point([0 if value < least else min(255, round(value * 255 / most)) for value in range(256)])
