"""What a file is, told from its bytes; what its name or the browser says counts only as a claim to be checked."""

import codecs
import io
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, Any

from django.conf import settings
from django.core.files.base import File
from django.template.defaultfilters import filesizeformat
from PIL import Image

from files import sandbox
from files.containers import HasMacros, IsLocked, UnpacksTooFar, find_ole_kinds, find_zip_kind
from files.kinds import BY_KEY, IN_WORDS, Kind, Shown, find_kind
from files.pictures import UNREADABLE, open_picture, pictures_must_be_whole, upright_size
from files.sandbox import Outcome
from files.text_extraction import encoding_of

_HEAD = 4096
_CHUNK = 1024 * 1024
_MAX_NAME = 200
_TEXT_KINDS = ("txt", "csv", "eml")
_LOCKABLE = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp")
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")
_WEB_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|svg)\b", re.I)
_NOT_ALLOWED = {
    b"MZ": "is a program",
    b"PK\x03\x04": "is a ZIP archive or damaged",
    b"Rar!": "is a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "is a 7-Zip archive",
    b"\x1f\x8b": "is a GZIP archive",
    b"BM": "is a BMP picture",
    b"II*\0": "is a TIFF picture",
    b"MM\0*": "is a TIFF picture",
    b"fLaC": "is a FLAC recording",
}
_MAIL_HEADER = re.compile(r"^(?:from|to|date|subject|received|message-id|mime-version|return-path):", re.I | re.M)


class Refused(ValueError):
    """A file that may not be handed in; `reason` is a sentence for the person who chose it, naming the file."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class FileType:
    """What a file was found to be. size in bytes; width and height in pixels, as seen upright, for pictures only."""

    kind: Kind
    size: int
    width: int | None = None
    height: int | None = None


def clean_name(name: str) -> str:
    """A file's own name, fit for pages and headers: no folders, no control or direction characters, not too long."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    visible = "".join(" " if unicodedata.category(character)[0] == "C" else character for character in name)
    name = " ".join(visible.split()).rstrip(". ")
    if not name or name.startswith("."):
        name = f"file{name}"
    if len(name) > _MAX_NAME:
        ending = PurePath(name).suffix[:16]
        name = name[: _MAX_NAME - len(ending)] + ending
    return name


def max_bytes(kind: Kind) -> int:
    """What a file of a kind may weigh, in bytes: recordings more than the rest."""
    most: int = settings.MAX_RECORDING_BYTES if kind.is_playable else settings.MAX_FILE_BYTES
    return most


def sniff(file: File[Any] | IO[bytes], name: str) -> FileType:
    """Tell what a file is from its bytes and refuse what may not be handed in.

    file: seekable bytes, left at the start. name: the name it was handed in under.
    Raises Refused, with the reason, for a file that is empty, too big, of a type not on the list, with content that is
    not what its name says, a picture or PDF that is broken or has too many pixels, or a document with macros, locked,
    or made to fill the memory of whoever opens it.
    """
    name = clean_name(name)
    size = file.seek(0, io.SEEK_END)
    if size == 0:
        raise Refused(f"“{name}” is empty: there is nothing in the file. Check it on your device and choose it again.")
    claimed = find_kind(name)
    if claimed is None:
        raise Refused(f"“{name}” is not a type of file that can be handed in. Allowed are {IN_WORDS}.")
    most = max_bytes(claimed)
    if size > most:
        what = "a recording" if claimed.is_playable else "one file"
        raise Refused(
            f"“{name}” is too big: it is {filesizeformat(size)}, and {what} may be at most {filesizeformat(most)}."
        )
    stream: IO[bytes] = file
    try:
        found = _find_kinds(stream)
    except HasMacros:
        raise Refused(f"“{name}” contains macros. Save a copy without macros, or as a PDF, and choose that.") from None
    except UnpacksTooFar:
        raise Refused(
            f"“{name}” unpacks to far more than a document holds, so it is not opened. Save it again in its own "
            "program, or as a PDF, and choose that."
        ) from None
    except IsLocked:
        if PurePath(name).suffix.lower() not in _LOCKABLE:
            found = []
        else:
            raise Refused(
                f"“{name}” is locked with a password. Save a copy without the password and choose that."
            ) from None
    if claimed.key not in found:
        raise Refused(_mismatch(stream, name, claimed, found))
    width = height = None
    if claimed.key in ("pdf", "heic"):
        width, height = _check_in_sandbox(stream, name, claimed)
    elif claimed.shown is Shown.PICTURE:
        width, height = _check_picture(stream, name, claimed)
    file.seek(0)
    return FileType(kind=claimed, size=size, width=width, height=height)


def _find_kinds(file: IO[bytes]) -> list[str]:
    """The keys of the kinds that these bytes can be, likeliest first."""
    file.seek(0)
    head = file.read(_HEAD)
    by_signature = _find_by_signature(head)
    if by_signature is not None:
        return by_signature
    if head.startswith(b"PK\x03\x04"):
        kind = find_zip_kind(file)
        return [kind] if kind else []
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return find_ole_kinds(file)
    if not _is_text(file):
        return []
    return ["eml", "txt", "csv"] if _is_mail(head) else ["txt", "csv"]


def _find_by_signature(head: bytes) -> list[str] | None:
    """The kinds that the first bytes alone can tell; None where they tell nothing."""
    brand = head[8:12]
    match head[:4], head[4:8]:
        case b"\x89PNG", b"\r\n\x1a\n":
            return ["png"]
        case b"RIFF", _ if brand == b"WEBP":
            return ["webp"]
        case b"RIFF", _ if brand == b"WAVE":
            return ["wav"]
        case b"OggS", _:
            return [] if b"theora" in head[:128] else ["ogg"]
        case b"\x1aE\xdf\xa3", _:
            return ["webm"] if re.search(rb"\x42\x82.{1,8}?webm", head[:128], re.S) else []
        # A box starts with its length, and a first byte of nought tells it from text such as "The wide …".
        case _, b"ftyp" if head[0] == 0:
            return _find_by_brand(brand)
        case _, b"moov" | b"mdat" | b"wide" if head[0] == 0:
            return ["mov"]
    if head.startswith(b"\xff\xd8\xff"):
        return ["jpeg"]
    if head.startswith((b"GIF87a", b"GIF89a")):
        return ["gif"]
    if head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\t \0").startswith(b"%PDF-"):
        return ["pdf"]
    return ["mp3"] if _is_mp3(head) else None


def _find_by_brand(brand: bytes) -> list[str]:
    """MP4, M4A, MOV and HEIC share one container; recorders also write sound alone under the general brands."""
    if brand in _HEIC_BRANDS:
        return ["heic"]
    if brand in (b"avif", b"avis", b"crx "):
        return []
    if brand == b"qt  ":
        return ["mov"]
    return ["m4a"] if brand in (b"M4A ", b"M4B ", b"M4P ") else ["mp4", "m4a"]


def _is_mp3(head: bytes) -> bool:
    """Whether the bytes start with an ID3 tag or with the header of an MPEG layer III frame."""
    if head[:3] == b"ID3":
        return len(head) > 10 and head[3] in (2, 3, 4)
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    return head[1] & 0x18 != 0x08 and head[2] >> 4 not in (0, 15) and head[2] & 0x0C != 0x0C


def _is_text(file: IO[bytes]) -> bool:
    """Whether the whole file reads as UTF-8, UTF-16 with its mark, or Windows-1252, free of control characters."""
    file.seek(0)
    first = encoding_of(file.read(4))
    return _decodes(file, first) or (first != "utf-16" and _decodes(file, "cp1252"))


def _decodes(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            if _CONTROLS.search(decoder.decode(chunk)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_mail(head: bytes) -> bool:
    """Whether the bytes start with the headers of an e-mail: at least two well-known ones before the first gap."""
    headers = re.split(r"\r?\n\r?\n", head.decode("latin-1"), maxsplit=1)[0]
    return len(_MAIL_HEADER.findall(headers)) >= 2


def _mismatch(file: IO[bytes], name: str, claimed: Kind, found: list[str]) -> str:
    """The sentence that says what a wrongly named file is, and what to do about it."""
    file.seek(0)
    head = file.read(_HEAD)
    advice = "Save it again in its own program and choose that copy."
    if set(found).issubset(_TEXT_KINDS) and _WEB_PAGE.search(head[:1024]):
        content = "is a web page"
    elif found:
        real = BY_KEY[found[0]]
        content = f"is {real.called}"
        if not set(found).issubset(_TEXT_KINDS):
            advice = f"If that is right, rename it so that it ends in {real.extensions[0]} and choose it again."
    else:
        content = _name_content(head)
    return f"“{name}” says it is {claimed.called} but its content {content}. {advice}"


def _name_content(head: bytes) -> str:
    """Words for content that is on no list of ours, where people are known to hand it in."""
    for beginning, content in _NOT_ALLOWED.items():
        if head.startswith(beginning):
            return content
    return "is damaged or of another type"


def _broken(name: str, what: str) -> Refused:
    return Refused(f"“{name}” is broken: {what} cannot be opened. Save or send it again and choose the new copy.")


def _check_pixels(name: str, width: int, height: int) -> None:
    limit = settings.MAX_IMAGE_PIXELS
    if width * height > limit:
        raise Refused(
            f"“{name}” has too many pixels: it is {width} × {height}, which makes {width * height / 1e6:.0f} million, "
            f"and a picture may have at most {limit / 1e6:.0f} million. Make it smaller and choose it again."
        )


def _check_in_sandbox(file: IO[bytes], name: str, kind: Kind) -> tuple[int, int] | tuple[None, None]:
    """The same as below for what is not opened in the web server: a HEIC picture, or a PDF, which has no such size.

    A PDF under a password may be handed in all the same.
    """
    found, is_picture = sandbox.measure(file, kind), kind.shown is Shown.PICTURE
    if found.outcome is Outcome.STOPPED:
        raise Refused(
            f"“{name}” takes too long to open, so it may be broken or made to do harm. Print it into a new PDF, or "
            "take a picture of it, and choose that."
        )
    if is_picture:
        if found.outcome is not Outcome.DONE or not found.width or not found.height:
            raise _broken(name, "the picture")
        _check_pixels(name, found.width, found.height)
        return found.width, found.height
    if found.outcome is Outcome.UNREADABLE:
        raise _broken(name, "the document")
    if found.outcome is Outcome.DONE and not found.page_count:
        raise Refused(f"“{name}” has no pages. Save it again in its own program and choose that copy.")
    return None, None


def _check_picture(file: IO[bytes], name: str, kind: Kind) -> tuple[int, int]:
    """A picture's upright width and height in pixels; raises Refused where it is too large or does not decode."""
    file.seek(0)
    try:
        picture = open_picture(file, kind.pillow_format)
        _check_pixels(name, picture.width, picture.height)
        with pictures_must_be_whole():
            size = upright_size(picture)
            # For JPEG, decoding at an eighth of the size still reads every byte, so that half a picture is noticed.
            picture.draft("RGB", (picture.width // 8 or 1, picture.height // 8 or 1))
            picture.load()
    except Refused:  # a ValueError, which is among the unreadable
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        # Pillow's own limit, met while it read the header: so far over ours that the numbers do not matter.
        raise Refused(f"“{name}” has too many pixels. Make it smaller and choose it again.") from None
    except UNREADABLE:
        raise _broken(name, "the picture") from None
    return size
