"""The words in a document: bytes in, text out; nothing is stored here.

Office and OpenDocument files are read as a stream, member by member, and nothing of them is kept but their words: the
usual libraries for them build the whole document in memory first. It runs where it can be stopped (`files.apart`).
"""

import codecs
import email.policy
import io
import re
import zipfile
from collections.abc import Iterable
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from html.parser import HTMLParser
from typing import IO
from xml.parsers import expat

from files.sheet_dates import shows_a_date, written_out

_CHUNK = 64 * 1024
# Attachments make an e-mail long; its own words come first.
_MAIL_BYTES = 8 * 1024 * 1024
_MAIL_HEADERS = ("From", "To", "Cc", "Date", "Subject")
# Characters that show nothing, turn the reading direction, or may not be stored: PostgreSQL keeps no nought in a text.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_NUMBER = re.compile(r"(\d+)")

_DOCX_PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml", "word/comments.xml")
_PPTX_PARTS = re.compile(r"ppt/(?:slides/slide|notesSlides/notesSlide)\d+\.xml")
_XLSX_SHEETS = re.compile(r"xl/worksheets/sheet\d+\.xml")
_XLSX_STRINGS, _XLSX_STYLES, _XLSX_BOOK = "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"


class Enough(Exception):
    """As much has been read as is kept."""


class NotWellFormed(ValueError):
    """The XML inside a document is damaged, or declares a type of its own, which no office program writes."""


class _Page:
    """Collects words up to a limit, in characters."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._pieces: list[str] = []

    def write(self, piece: str) -> None:
        self._pieces.append(piece[: self._left])
        self._left -= len(piece)
        if self._left <= 0:
            raise Enough

    def __str__(self) -> str:
        return "".join(self._pieces)


def read_words(file: IO[bytes], kind: str, limit: int) -> str:
    """The words of a document of a kind with words of its own (not a PDF), tidied, at most `limit` characters.

    Raises NotWellFormed, or what the ZIP reader raises for a damaged archive.
    """
    page = _Page(limit)
    file.seek(0)
    try:
        match kind:
            case "txt" | "csv":
                _read_plain(file, page)
            case "eml":
                _read_mail(file, page)
            case _:
                with zipfile.ZipFile(file) as archive:
                    _read_archive(archive, kind, page)
    except Enough:
        pass
    return tidy(str(page))


def tidy(text: str) -> str:
    """Text fit for a page and a database: nothing unseen in it, no trailing blanks, no more than one empty line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\xa0", " ")
    text = _UNSEEN.sub("", text).encode("utf-8", "replace").decode()
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


def encoding_of(head: bytes) -> str:
    """How a text with this beginning is most likely written: UTF-16 says so by a mark, everything else is UTF-8."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig"


def _read_plain(file: IO[bytes], page: _Page) -> None:
    encoding = encoding_of(file.read(4))
    if encoding == "utf-8-sig" and not _is_utf8(file):
        encoding = "cp1252"
    file.seek(0)
    reader = io.TextIOWrapper(file, encoding=encoding, errors="replace")
    try:
        while piece := reader.read(_CHUNK):
            page.write(piece)
    finally:
        reader.detach()


def _is_utf8(file: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


class _WebPage(HTMLParser):
    """The words of an e-mail that was written as a web page."""

    def __init__(self, page: _Page) -> None:
        super().__init__(convert_charrefs=True)
        self._page = page
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in ("script", "style"):
            self._silent += 1
        elif tag in ("br", "p", "div", "tr", "li", "h1", "h2", "h3"):
            self._page.write("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._silent = max(0, self._silent - 1)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._page.write(re.sub(r"\s+", " ", data))


def _read_mail(file: IO[bytes], page: _Page) -> None:
    message = BytesParser(policy=email.policy.default).parsebytes(file.read(_MAIL_BYTES))
    assert isinstance(message, EmailMessage)  # the policy makes these
    for header in _MAIL_HEADERS:
        if value := str(message.get(header, "")).strip():
            page.write(f"{header}: {value}\n")
    page.write("\n")
    body = message.get_body(("plain", "html"))
    if body is not None:
        content = _content_of(body)
        if body.get_content_subtype() == "html":
            _WebPage(page).feed(content)
        else:
            page.write(content)
    attached = [name for part in message.iter_attachments() if (name := part.get_filename())]
    if attached:
        page.write(f"\n\nAttached: {', '.join(attached)}\n")


def _content_of(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except LookupError:  # a character set that nobody knows
        payload = part.get_payload(decode=True)
        return payload.decode("latin-1") if isinstance(payload, bytes) else ""


# --- Office and OpenDocument ------------------------------------------------------------------------------------------


class _Reader:
    """Walks through one XML member. Subclasses say what its tags mean; names come without their namespace."""

    def __init__(self, page: _Page) -> None:
        self.page = page

    def read(self, archive: zipfile.ZipFile, name: str) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        # No document type means no entities: neither files of ours nor a billion laughs come in.
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = lambda tag, attributes: self.start(tag.rpartition(" ")[2], attributes)
        parser.EndElementHandler = lambda tag: self.end(tag.rpartition(" ")[2])
        parser.CharacterDataHandler = self.data
        try:
            with archive.open(name) as member:
                while chunk := member.read(_CHUNK):
                    parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise NotWellFormed(str(error)) from error

    @staticmethod
    def _refuse(*_: object) -> None:
        raise NotWellFormed("a document type")

    def start(self, tag: str, attributes: dict[str, str]) -> None: ...

    def end(self, tag: str) -> None: ...

    def data(self, text: str) -> None: ...


class _Flow(_Reader):
    """Paragraphs and tables. A row is a line, with tabs between its cells."""

    paragraphs = frozenset({"p", "h"})
    cells = frozenset({"tc", "table-cell"})
    rows = frozenset({"tr", "table-row"})
    breaks = {"br": "\n", "cr": "\n", "line-break": "\n", "tab": "\t", "s": " "}
    # Where the words are; None where they may stand anywhere in the body.
    words: str | None = None
    body: str | None = None
    silent: frozenset[str] = frozenset()

    def __init__(self, page: _Page) -> None:
        super().__init__(page)
        self._in_words = self._in_body = self._in_silence = self._in_cell = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._in_words += tag == self.words
        self._in_body += tag == self.body
        self._in_silence += tag in self.silent
        self._in_cell += tag in self.cells
        if tag in self.breaks and self._is_heard:
            self.page.write(self.breaks[tag])

    def end(self, tag: str) -> None:
        if self._is_heard:
            if tag in self.paragraphs:
                self.page.write(" " if self._in_cell else "\n")
            elif tag in self.cells:
                self.page.write("\t")
            elif tag in self.rows:
                self.page.write("\n")
        self._in_words -= tag == self.words
        self._in_body -= tag == self.body
        self._in_silence -= tag in self.silent
        self._in_cell -= tag in self.cells

    @property
    def _is_heard(self) -> bool:
        return not self._in_silence and (self.body is None or self._in_body > 0)

    def data(self, text: str) -> None:
        if self._is_heard and (self.words is None or self._in_words):
            self.page.write(text)


class _Office(_Flow):
    words = "t"
    # The same words once more, for programs that cannot draw a shape.
    silent = frozenset({"Fallback"})


class _OpenDocument(_Flow):
    body = "body"
    silent = frozenset({"tracked-changes"})


class _SharedStrings(_Reader):
    """The texts that the cells of a workbook name by number."""

    def __init__(self, page: _Page) -> None:
        super().__init__(page)
        self.texts: list[str] = []
        self._now: list[str] | None = None
        self._in_text = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._in_text += tag == "t"
        if tag == "si":
            self._now = []

    def end(self, tag: str) -> None:
        self._in_text -= tag == "t"
        if tag == "si" and self._now is not None:
            self.texts.append("".join(self._now))
            self._now = None

    def data(self, text: str) -> None:
        if self._in_text and self._now is not None:
            self._now.append(text)


class _Styles(_Reader):
    """Which of a workbook's cell styles show a date."""

    def __init__(self, page: _Page) -> None:
        super().__init__(page)
        self.dates: set[str] = set()
        self._codes: dict[str, str] = {}
        self._in_cells = False
        self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt":
            self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            self._in_cells = True
        elif tag == "xf" and self._in_cells:
            number = attributes.get("numFmtId", "")
            is_number = number.isascii() and number.isdecimal() and len(number) < 9
            if is_number and shows_a_date(int(number), self._codes.get(number, "")):
                self.dates.add(str(self._count))
            self._count += 1

    def end(self, tag: str) -> None:
        if tag == "cellXfs":
            self._in_cells = False


class _Book(_Reader):
    """Whether a workbook counts its days from 1904, as those from old Macs do."""

    since_1904 = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "workbookPr":
            self.since_1904 = attributes.get("date1904") in ("1", "true")


class _Sheet(_Reader):
    """A sheet of a workbook: a row is a line, with tabs between its cells."""

    def __init__(self, page: _Page, texts: list[str], dates: set[str], since_1904: bool) -> None:
        super().__init__(page)
        self._texts, self._dates, self._since_1904 = texts, dates, since_1904
        self._type = self._style = ""
        self._value: list[str] = []
        self._in_value = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._type, self._style, self._value = attributes.get("t", ""), attributes.get("s", ""), []
        self._in_value += tag in ("v", "t")

    def end(self, tag: str) -> None:
        self._in_value -= tag in ("v", "t")
        if tag == "c":
            value = "".join(self._value)
            if self._type == "s":
                number = int(value) if value.isascii() and value.isdecimal() and len(value) < 9 else -1
                value = self._texts[number] if 0 <= number < len(self._texts) else ""
            elif self._type in ("", "n") and self._style in self._dates:
                value = written_out(value, since_1904=self._since_1904)
            self.page.write(f"{value}\t")
        elif tag == "row":
            self.page.write("\n")

    def data(self, text: str) -> None:
        if self._in_value:
            self._value.append(text)


def _in_order(names: Iterable[str]) -> list[str]:
    """By the numbers in them: slide 2 comes before slide 10."""
    return sorted(names, key=lambda name: [int(part) if part.isdecimal() else part for part in _NUMBER.split(name)])


def _read_archive(archive: zipfile.ZipFile, kind: str, page: _Page) -> None:
    names = set(archive.namelist())
    match kind:
        case "docx":
            for name in filter(names.__contains__, _DOCX_PARTS):
                _Office(page).read(archive, name)
        case "pptx":
            for name in _in_order(filter(_PPTX_PARTS.fullmatch, names)):
                _Office(page).read(archive, name)
                page.write("\n")
        case "xlsx":
            strings, styles, book = _SharedStrings(page), _Styles(page), _Book(page)
            for reader, name in ((strings, _XLSX_STRINGS), (styles, _XLSX_STYLES), (book, _XLSX_BOOK)):
                if name in names:
                    reader.read(archive, name)
            for name in _in_order(filter(_XLSX_SHEETS.fullmatch, names)):
                _Sheet(page, strings.texts, styles.dates, book.since_1904).read(archive, name)
                page.write("\n")
        case _:
            _OpenDocument(page).read(archive, "content.xml")
