"""The pictures we make: display copies, thumbnails and page images. Bytes in, bytes out; nothing is stored here.

PDF pages and HEIC pictures are drawn by large libraries, so that runs where it can be stopped (`files.apart`).
"""

import io
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageFile, ImageOps

MAX_PAGES = 200
MEDIA_TYPE = "image/webp"
EXTENSION = ".webp"
_DISPLAY = (2400, 2400)
_THUMBNAIL = (360, 360)
_PAGE_DPI = 110
_PAGE_WIDTH = 1240
_PAGE_HEIGHT = 3500
_ORIENTATION = 0x0112

# All that Pillow and PDFium are known to raise for files that they cannot read.
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
    pypdfium2.PdfiumError,
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


def _encode(picture: Image.Image, within: tuple[int, int]) -> Picture:
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
    display = _encode(upright, _DISPLAY)
    return display, _encode(upright, _THUMBNAIL)


def make_thumbnail(page: Picture) -> Picture:
    """The thumbnail of a page image."""
    with Image.open(io.BytesIO(page.data), formats=["WEBP"]) as picture:
        return _encode(picture, _THUMBNAIL)


class Pages:
    """A PDF opened for drawing its pages; use it in a `with` block, and not from two threads: PDFium has one state.

    Opening raises NeedsPassword, or one of UNREADABLE; so do drawing and reading.
    """

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._document = pypdfium2.PdfDocument(file)
        except pypdfium2.PdfiumError as error:
            if error.err_code == pdfium.FPDF_ERR_PASSWORD:
                raise NeedsPassword from error
            raise
        # Without this, what was typed into a form's fields is left out of the drawing. Scripts in the file are not run:
        # this PDFium is built without an engine for them.
        self._document.init_forms()

    def __enter__(self) -> "Pages":
        return self

    def __exit__(self, *error: object) -> None:
        self._document.close()

    def __len__(self) -> int:
        """How many pages the PDF has, drawn or not."""
        return len(self._document)

    def draw(self, number: int) -> Picture:
        """The picture of a page; the first is number 1."""
        page = self._document[number - 1]
        try:
            width, height = page.get_size()
            scale = min(_PAGE_DPI / 72, _PAGE_WIDTH / width, _PAGE_HEIGHT / height)
            bitmap = page.render(scale=scale)
            try:
                picture: Image.Image = bitmap.to_pil().copy()
            finally:
                bitmap.close()
        finally:
            page.close()
        return _encode(picture, (_PAGE_WIDTH, _PAGE_HEIGHT))

    def read(self, number: int) -> str:
        """The words of a page, where it is not only a picture of them."""
        page = self._document[number - 1]
        try:
            words = page.get_textpage()
            try:
                return str(words.get_text_bounded())
            finally:
                words.close()
        finally:
            page.close()
