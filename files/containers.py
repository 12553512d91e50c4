"""What lies inside container formats, read no further than it takes to tell one kind of file from another."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import IO

_CHUNK = 1024 * 1024
# A real office document has some dozens of members; a directory beyond this is there to exhaust memory.
_MAX_ZIP_DIRECTORY = 2 * 1024 * 1024
_MAX_ZIP_MEMBER = 1024 * 1024
_MAX_MEMBERS = 10_000
# Beyond these a document is there to fill somebody's memory. Spreadsheets do shrink to a fiftieth, seldom to less.
_MAX_UNPACKED = 512 * 1024 * 1024
_MAX_RATIO = 200
_RATIO_COUNTS_FROM = 16 * 1024 * 1024
# A workbook inside a document is common, a document inside that is rare, and deeper is nobody's work.
_MAX_DEPTH = 2
_MAX_NESTED = 16 * 1024 * 1024

_OOXML_MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
_OOXML_MACROS = re.compile(
    r"(?:^|/)(?:vbaproject\.bin$|vbadata\.xml$|macrosheets/)|\.(?:doc|xls|ppt|dot|xlt|pot)m$", re.I
)
_ODF_TYPES = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
_ODF_MAIN = "content.xml"
_ODF_MACROS = ("Basic/", "Scripts/")
# All that the ZIP reader is known to raise for archives that it cannot read.
_DAMAGED = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, zlib.error, EOFError, struct.error
)  # fmt: skip

# Entries of an OLE compound file's directory, and the kinds they tell. An e-mail first: it may contain the others.
_OLE_KINDS = {
    "__properties_version1.0": "msg",
    "WordDocument": "doc",
    "Workbook": "xls",
    "Book": "xls",
    "PowerPoint Document": "ppt",
}
_OLE_MACROS = ("Macros", "_VBA_PROJECT", "_VBA_PROJECT_CUR", "VBA")
_OLE_LOCKED = "EncryptedPackage"
# An old workbook's list of sheets: the record's number and length, a place, a visible or hidden sheet that is of the
# type "macro", and its name's length and width. What the length says must fit.
_MACRO_SHEET = re.compile(rb"\x85\x00(.)\x00.{4}[\x00-\x02]\x01(.)([\x00\x01])", re.S)
_MACRO_SHEET_SIZE = 13


class HasMacros(Exception):
    """The document carries a program of its own."""


class IsLocked(Exception):
    """The document is encrypted as a whole, so that nobody can tell what it is."""


class UnpacksTooFar(Exception):
    """The file is small and unpacks to far more than a document has in it."""


def find_zip_kind(file: IO[bytes]) -> str | None:
    """The kind of office document in a ZIP file, or None where it is none or damaged.

    Raises HasMacros for a document with macros in it, or in what is embedded in it; IsLocked for one under a password;
    UnpacksTooFar for what would unpack to far more than its size, or is packed in itself again and again.
    """
    if _zip_directory_size(file) > _MAX_ZIP_DIRECTORY:
        return None
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            _check_measure(archive, size)
            names = set(archive.namelist())
            content_types = _read_member(archive, "[Content_Types].xml")
            odf_type = _read_member(archive, "mimetype").strip()
            kind = (
                next((key for key, main in _OOXML_MAIN.items() if main in names), None)
                if content_types
                else _ODF_TYPES.get(odf_type)
            )
            if kind is None:
                return None
            if not content_types and b"encryption-data" in _read_member(archive, "META-INF/manifest.xml"):
                raise IsLocked
            _check_macros(archive, depth=0)
            _read_through(archive, _OOXML_MAIN.get(kind, _ODF_MAIN))
    except _DAMAGED:
        return None
    return kind


def _check_measure(archive: zipfile.ZipFile, size: int) -> None:
    """Raises UnpacksTooFar by what the directory says; reading stops at what it says, so nothing larger comes out."""
    members = archive.infolist()
    if len(members) > _MAX_MEMBERS:
        raise UnpacksTooFar
    # Members that share their bytes weigh more together than the file does.
    if sum(member.compress_size for member in members) > size or sum(m.file_size for m in members) > _MAX_UNPACKED:
        raise UnpacksTooFar
    for member in members:
        if member.file_size > _RATIO_COUNTS_FROM and member.file_size > _MAX_RATIO * member.compress_size:
            raise UnpacksTooFar


def _check_macros(archive: zipfile.ZipFile, *, depth: int) -> None:
    """Raises HasMacros, here and in the documents that are embedded; UnpacksTooFar where that goes too deep."""
    content_types = _read_member(archive, "[Content_Types].xml").lower()
    if b"macroenabled" in content_types or b"macrosheet" in content_types:
        raise HasMacros
    if any(_OOXML_MACROS.search(name) or name.startswith(_ODF_MACROS) for name in archive.namelist()):
        raise HasMacros
    for member in archive.infolist():
        with archive.open(member) as content:
            if content.read(4) != b"PK\x03\x04":
                continue
            if depth == _MAX_DEPTH:
                raise UnpacksTooFar
            # What is larger is left alone: we never open it, and whoever does is asked by their own program.
            nested = io.BytesIO(b"PK\x03\x04" + content.read(_MAX_NESTED))
        if _zip_directory_size(nested) > _MAX_ZIP_DIRECTORY:
            raise UnpacksTooFar
        try:
            with zipfile.ZipFile(nested) as inner:
                _check_measure(inner, len(nested.getbuffer()))
                _check_macros(inner, depth=depth + 1)
        except _DAMAGED:
            continue


def _read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as member:
            return member.read(_MAX_ZIP_MEMBER)
    except KeyError:
        return b""


def _read_through(archive: zipfile.ZipFile, name: str) -> None:
    """Read a member to its end and keep nothing of it: damage shows by its checksum. Raises one of _DAMAGED."""
    try:
        with archive.open(name) as member:
            while member.read(_CHUNK):
                pass
    except KeyError as error:
        raise zipfile.BadZipFile(name) from error


def _zip_directory_size(file: IO[bytes]) -> int:
    """The size in bytes that a ZIP file's directory claims, read before anything is unpacked into memory."""
    end = file.seek(0, io.SEEK_END)
    start = max(0, end - 65_557 - 20)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return 0
    size: int = struct.unpack_from("<I", tail, at + 12)[0]
    if at >= 20 and tail[at - 20 : at - 16] == b"PK\x06\x07":
        # A ZIP64 record overrules the plain one; ours never reach the size that would need it.
        file.seek(min(struct.unpack_from("<Q", tail, at - 12)[0], end))
        record = file.read(56)
        return max(size, struct.unpack_from("<Q", record, 40)[0]) if len(record) == 56 else _MAX_ZIP_DIRECTORY + 1
    return size


def find_ole_kinds(file: IO[bytes]) -> list[str]:
    """The kinds of old office document that an OLE compound file may be, likeliest first; none where it is none.

    Raises HasMacros for a document with macros, IsLocked for a new office document under a password.
    """
    wanted = (*_OLE_KINDS, *_OLE_MACROS, _OLE_LOCKED)
    found = _find_ole_entries(file, wanted)
    kinds = list(dict.fromkeys(kind for entry, kind in _OLE_KINDS.items() if entry in found))
    if _OLE_LOCKED in found and not kinds:
        raise IsLocked
    if kinds and kinds[0] != "msg" and found.intersection(_OLE_MACROS):
        raise HasMacros
    if kinds and kinds[0] == "xls" and _has_macro_sheet(file):
        raise HasMacros
    return kinds


def _find_ole_entries(file: IO[bytes], wanted: Iterable[str]) -> set[str]:
    """Which of the wanted entries the directory holds.

    Directory entries are 128 bytes long and lie on multiples of 128. Looking at all of these places, and not only along
    the chain of directory sectors, finds entries that a crafted chain would hide.
    """
    patterns = {name: (name + "\0").encode("utf-16-le") for name in wanted}
    found: set[str] = set()
    file.seek(0)
    while chunk := file.read(_CHUNK):
        for name, pattern in patterns.items():
            at = chunk.find(pattern)
            while at >= 0 and name not in found:
                if at % 128 == 0 and chunk[at + 64 : at + 66] == struct.pack("<H", len(pattern)):
                    found.add(name)
                at = chunk.find(pattern, at + 1)
    return found


def _has_macro_sheet(file: IO[bytes]) -> bool:
    """Whether an old workbook lists a sheet of macros, as Excel 4 wrote them: they live in no entry of their own."""
    file.seek(0)
    before = b""
    while chunk := file.read(_CHUNK):
        for match in _MACRO_SHEET.finditer(before + chunk):
            if match[1][0] == 8 + match[2][0] * (1 + match[3][0]):
                return True
        before = chunk[-_MACRO_SHEET_SIZE:]
    return False
