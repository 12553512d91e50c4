"""The words in a document: bytes in, text out; nothing is stored here.

Office and OpenDocument texts are read as a stream, member by member, and nothing of them is kept but their words: the
usual libraries for them build the whole document in memory first. Spreadsheets are read row by row by openpyxl. All of
it runs where it can be stopped (`files.sandbox`).
"""

import codecs
import datetime
import email.policy
import io
import re
import warnings
import zipfile
from collections import Counter
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from html.parser import HTMLParser
from typing import IO
from xml.parsers import expat

_CHUNK = 64 * 1024
# Attachments make an e-mail long; its own words come first.
_MAIL_BYTES = 8 * 1024 * 1024
_MAIL_HEADERS = ("From", "To", "Cc", "Date", "Subject")
# Characters that show nothing, turn the reading direction, or may not be stored: PostgreSQL keeps no nought in a text.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")

_DOCX_PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml", "word/comments.xml")
_PPTX_PARTS = re.compile(r"ppt/(slides/slide|notesSlides/notesSlide)(\d+)\.xml")


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

    Raises NotWellFormed, or what the readers of ZIP archives and spreadsheets raise for damaged ones.
    """
    page = _Page(limit)
    file.seek(0)
    try:
        match kind:
            case "txt" | "csv":
                _read_plain(file, page)
            case "eml":
                _read_mail(file, page)
            case "xlsx":
                _read_sheets(file, page)
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


class _Flow:
    """Reads XML members of paragraphs and tables: a row is a line, with tabs between its cells.

    Everything counts inside a tag called `scope` ("" for everywhere), and text only inside one called `words`; what
    stands inside `silent` is passed over. The families of documents share the names of tags, but for the namespace.
    """

    _breaks = {"br": "\n", "cr": "\n", "line-break": "\n", "tab": "\t", "s": " "}
    _after = {"tc": "\t", "table-cell": "\t", "tr": "\n", "table-row": "\n"}

    def __init__(self, page: _Page, *, scope: str, words: str, silent: str) -> None:
        self._page = page
        self._scope, self._words, self._silent = scope, words, silent
        self._inside = Counter([""])

    def read(self, archive: zipfile.ZipFile, name: str) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        # No document type means no entities: neither files of ours nor a billion laughs come in.
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = lambda tag, _: self._start(tag.rpartition(" ")[2])
        parser.EndElementHandler = lambda tag: self._end(tag.rpartition(" ")[2])
        parser.CharacterDataHandler = self._data
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

    @property
    def _is_heard(self) -> bool:
        return self._inside[self._scope] > 0 and not self._inside[self._silent]

    def _start(self, tag: str) -> None:
        self._inside[tag] += 1
        if self._is_heard:
            self._page.write(self._breaks.get(tag, ""))

    def _end(self, tag: str) -> None:
        if self._is_heard:
            if tag in ("p", "h"):
                self._page.write(" " if self._inside["tc"] or self._inside["table-cell"] else "\n")
            self._page.write(self._after.get(tag, ""))
        self._inside[tag] -= 1

    def _data(self, text: str) -> None:
        if self._is_heard and self._inside[self._words]:
            self._page.write(text)


def _read_archive(archive: zipfile.ZipFile, kind: str, page: _Page) -> None:
    if kind not in ("docx", "pptx"):
        _Flow(page, scope="body", words="body", silent="tracked-changes").read(archive, "content.xml")
        return
    # "Fallback" has the same words once more, for programs that cannot draw a shape.
    flow, names = _Flow(page, scope="", words="t", silent="Fallback"), archive.namelist()
    if kind == "docx":
        for name in filter(names.__contains__, _DOCX_PARTS):
            flow.read(archive, name)
        return
    # Notes first; and slide 2 before slide 10.
    parts = sorted((found[1], int(found[2]), name) for name in names if (found := _PPTX_PARTS.fullmatch(name)))
    for *_, name in parts:
        flow.read(archive, name)
        page.write("\n")


# --- Spreadsheets -----------------------------------------------------------------------------------------------------


def _read_sheets(file: IO[bytes], page: _Page) -> None:
    """The cells that hold something, a row as a line and a formula as its result. Raises what openpyxl raises."""
    from openpyxl import load_workbook  # takes longer to load than most other files take

    # It warns of parts that it leaves out, such as pictures.
    with warnings.catch_warnings(action="ignore"):
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            # What a sheet says of its own size is not to be believed.
            sheet.reset_dimensions()
            before = "\n"
            for row in sheet.iter_rows(values_only=True):
                line = "\t".join(_shown(value) for value in row if value is not None) + "\n"
                # One empty line says as much as the million above a cell at the very bottom.
                if line != before or line != "\n":
                    page.write(line)
                before = line
            page.write("\n")


def _shown(value: object) -> str:
    """What stands in a cell, days and times as people write them."""
    match value:
        case datetime.datetime():
            return f"{value:%d/%m/%Y}" if value.time() == datetime.time() else f"{value:%d/%m/%Y %H:%M}"
        case datetime.time():
            return f"{value:%H:%M}"
        case datetime.timedelta():
            minutes = round(value.total_seconds() / 60)
            return f"{minutes // 60:02}:{minutes % 60:02}"
        case bool():
            return str(int(value))
    return str(value)
