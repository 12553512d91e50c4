"""What lies inside container formats, read no further than it takes to tell one kind of file from another."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import IO

_CHUNK = 1024 * 1024
# A real office document has some dozens of members; a directory beyond this is there to exhaust memory.
_MAX_ZIP_DIRECTORY = 2 * 1024 * 1024
_MAX_ZIP_MEMBER = 1024 * 1024

_OOXML_MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
_ODF_TYPES = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}

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


class HasMacros(Exception):
    """The document carries a program of its own."""


class IsLocked(Exception):
    """The document is encrypted as a whole, so that nobody can tell what it is."""


def find_zip_kind(file: IO[bytes]) -> str | None:
    """The kind of office document in a ZIP file, or None where it is none.

    Raises HasMacros for a document with macros in it.
    """
    if _zip_directory_size(file) > _MAX_ZIP_DIRECTORY:
        return None
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            content_types = _read_member(archive, "[Content_Types].xml")
            odf_type = _read_member(archive, "mimetype").strip()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, zlib.error, EOFError):
        return None
    kind: str | None = None
    if content_types:
        kind = next((key for key, main in _OOXML_MAIN.items() if main in names), None)
        has_macros = b"macroEnabled" in content_types or any(name.endswith("vbaProject.bin") for name in names)
    else:
        kind = _ODF_TYPES.get(odf_type)
        has_macros = any(name.startswith(("Basic/", "Scripts/")) for name in names)
    if kind and has_macros:
        raise HasMacros
    return kind


def _read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as member:
            return member.read(_MAX_ZIP_MEMBER)
    except KeyError:
        return b""


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
