"""Spreadsheets for the tests: written by us, then spoilt as people and programs spoil them."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

from openpyxl import Workbook, load_workbook

from tests.units.kinds_of_items import standard_of_all_kinds
from units.documents import StandardDocument
from units.spreadsheets.writing import write_spreadsheet
from units.standard_files import check

type Spoil = Callable[[Workbook], object]


def document_of_all_kinds() -> StandardDocument:
    return check(standard_of_all_kinds())


def good() -> bytes:
    """Every kind of item, with elements, a method key, headings and a statement besides."""
    data = standard_of_all_kinds()
    data["method_key"] = [{"code": "O", "name": "Observation"}, {"code": "WT", "name": "Witness Testimony"}]
    data["sections"] = [{"section": "cover", "title": "What to cover", "instruction": "All of it:"}]
    data["declarations"] = [{"owner": "candidate", "text": "My own work."}]
    data["units"][0]["elements"] = [{"number": "B4.1", "text": "Recognise", "instruction": "You must:"}]
    data["units"][0]["groups"].append(
        {"section": "do", "kind": "points", "element": "B4.1", "criteria": [{"printed_label": "1", "text": "Ask"}]}
    )
    return write_spreadsheet(check(data))


def spoilt(spoil: Spoil, content: bytes | None = None) -> bytes:
    """The bytes after a change made by a spreadsheet program."""
    book = load_workbook(io.BytesIO(content or good()))
    spoil(book)
    return saved(book)


def saved(book: Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def cell(sheet: str, heading: str, row: int, value: Any) -> Spoil:
    """A mutation that writes one cell."""

    def spoil(book: Workbook) -> None:
        headings = [found.value for found in book[sheet][1]]
        book[sheet].cell(row, headings.index(heading) + 1).value = value

    return spoil


def with_part(name: str, part: bytes, content: bytes | None = None) -> bytes:
    """The bytes with one member of the archive exchanged or added."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content or good())) as old, zipfile.ZipFile(written, "w") as new:
        for member in old.infolist():
            if member.filename != name:
                new.writestr(member, old.read(member), compress_type=zipfile.ZIP_DEFLATED)
        new.writestr(name, part, compress_type=zipfile.ZIP_DEFLATED)
    return written.getvalue()


def part(name: str, content: bytes | None = None) -> bytes:
    """One member of the archive."""
    with zipfile.ZipFile(io.BytesIO(content or good())) as archive:
        return archive.read(name)
