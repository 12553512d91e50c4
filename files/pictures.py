"""The pictures we make: display copies and thumbnails. Bytes in, bytes out; nothing is stored here.

HEIC pictures are decoded by a large library, so that runs where it can be stopped (`files.sandbox`).
"""

import io
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageFile, ImageOps

MEDIA_TYPE = "image/webp"
EXTENSION = ".webp"
_DISPLAY = (2400, 2400)
_THUMBNAIL = (360, 360)
_ORIENTATION = 0x0112

# All that Pillow is known to raise for files that they cannot read.
UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    ZeroDivisionError,
    OverflowError,
    struct.error,
    Image.DecompressionBombError,
)

# For Pillow's switch below; it also keeps several large pictures from filling the memory at once.
_one_picture_at_a_time = threading.Lock()


@contextmanager
def pictures_must_be_whole() -> Iterator[None]:
    """Within this, Pillow refuses half a picture. WeasyPrint, once imported, makes it accept them everywhere."""
    with _one_picture_at_a_time:
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


class NeedsPassword(Exception):
    """The PDF is locked, so no pictures of its pages can be made."""


@dataclass(frozen=True)
class Picture:
    """A picture we made: WebP bytes, and its size in pixels."""

    data: bytes
    width: int
    height: int


def upright_size(picture: Image.Image) -> tuple[int, int]:
    """Width and height in pixels as a person sees the picture, after the turn its camera noted."""
    turned = picture.getexif().get(_ORIENTATION) in (5, 6, 7, 8)
    return (picture.height, picture.width) if turned else (picture.width, picture.height)


def encode(picture: Image.Image, within: tuple[int, int]) -> Picture:
    """WebP without any note of camera, place or person; only the colour profile is kept, so that colours stay right."""
    profile = picture.info.get("icc_profile") if picture.mode in ("RGB", "RGBA") else None
    has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    copy = picture.convert("RGBA" if has_alpha else "RGB")
    copy.thumbnail(within, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    copy.save(out, "WEBP", quality=82, method=3, exif=b"", xmp=b"", icc_profile=profile or b"")
    return Picture(out.getvalue(), copy.width, copy.height)


def open_picture(file: IO[bytes], image_format: str) -> Image.Image:
    """A picture of this format and no other, its header read. Raises one of UNREADABLE."""
    if image_format == "HEIF":
        # Loaded where it is needed, which is never in the web server.
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
    return Image.open(file, formats=[image_format])


def make_copies(file: IO[bytes], *, image_format: str) -> tuple[Picture, Picture]:
    """The display copy and the thumbnail of a picture: upright, of its first frame, stripped of its notes (R12).

    Raises one of UNREADABLE.
    """
    with open_picture(file, image_format) as picture:
        # Cameras write far more pixels than a screen shows; JPEG can be decoded smaller at once.
        picture.draft("RGB", _DISPLAY)
        picture.load()
        upright = ImageOps.exif_transpose(picture)
    display = encode(upright, _DISPLAY)
    return display, encode(upright, _THUMBNAIL)


def make_thumbnail(page: Picture) -> Picture:
    """The thumbnail of a page image."""
    with Image.open(io.BytesIO(page.data), formats=["WEBP"]) as picture:
        return encode(picture, _THUMBNAIL)
