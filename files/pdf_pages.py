"""PDFs, drawn and read page by page; only where that can be stopped (`files.sandbox`)."""

from typing import IO

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from files.pictures import NeedsPassword, Picture, encode

_PAGE_DPI = 110
_PAGE_WIDTH = 1240
_PAGE_HEIGHT = 3500


class Pages:
    """A PDF opened for drawing its pages; use it in a `with` block, and not from two threads: PDFium has one state.

    Opening raises NeedsPassword, or PDFium's own error; so do drawing and reading.
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
        return encode(picture, (_PAGE_WIDTH, _PAGE_HEIGHT))

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
