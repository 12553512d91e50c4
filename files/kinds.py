"""The one list of file types that may be handed in: forms, sniffing, serving and tests all read it."""

import enum
from dataclasses import dataclass
from pathlib import PurePath


class Shown(enum.Enum):
    """How a file is shown on a page; the original can be downloaded in every case."""

    PICTURE = "picture"  # our own re-encoded copy, inline
    PAGES = "pages"  # one picture for each page, inline
    AUDIO = "audio"  # the original, in an <audio> element
    VIDEO = "video"  # the original, in a <video> element
    TEXT = "text"  # the words read out of it, as plain text
    DOWNLOAD = "download"  # only by downloading it


@dataclass(frozen=True)
class Kind:
    """One allowed type of file.

    key: what `Blob.kind` stores. called: the words for it in a sentence, with the article.
    extensions: in lower case with the dot, the usual one first. media_type: what it is served as.
    advertised: whether file choosers are told of it.
    """

    key: str
    called: str
    extensions: tuple[str, ...]
    media_type: str
    shown: Shown
    advertised: bool = True

    @property
    def is_playable(self) -> bool:
        """Whether the browser plays the original itself."""
        return self.shown in (Shown.AUDIO, Shown.VIDEO)

    @property
    def needs_preparation(self) -> bool:
        """Whether there are pictures to be made of it, or words to be read, before it can be shown."""
        return self.shown in (Shown.PICTURE, Shown.PAGES, Shown.TEXT)

    @property
    def has_pictures(self) -> bool:
        """Whether pictures are made of it, one of them small."""
        return self.shown in (Shown.PICTURE, Shown.PAGES)

    @property
    def has_words(self) -> bool:
        """Whether words are read out of it, to be searched."""
        return self.shown in (Shown.PAGES, Shown.TEXT)

    @property
    def pillow_format(self) -> str:
        """What the picture library calls it; for pictures only."""
        return "HEIF" if self.key == "heic" else self.key.upper()


_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

ALLOWED: tuple[Kind, ...] = (
    Kind("jpeg", "a JPEG picture", (".jpg", ".jpeg", ".jpe", ".jfif"), "image/jpeg", Shown.PICTURE),
    Kind("png", "a PNG picture", (".png",), "image/png", Shown.PICTURE),
    Kind("webp", "a WebP picture", (".webp",), "image/webp", Shown.PICTURE),
    Kind("gif", "a GIF picture", (".gif",), "image/gif", Shown.PICTURE),
    # Not advertised: an iPhone told that HEIC is welcome sends HEIC, which few browsers show; otherwise it sends JPEG.
    Kind("heic", "a HEIC picture", (".heic", ".heif"), "image/heic", Shown.PICTURE, advertised=False),
    Kind("pdf", "a PDF document", (".pdf",), "application/pdf", Shown.PAGES),
    Kind("docx", "a Word document", (".docx",), _OOXML + "wordprocessingml.document", Shown.TEXT),
    Kind("doc", "a Word 97–2003 document", (".doc",), "application/msword", Shown.DOWNLOAD),
    Kind("xlsx", "an Excel workbook", (".xlsx",), _OOXML + "spreadsheetml.sheet", Shown.TEXT),
    Kind("xls", "an Excel 97–2003 workbook", (".xls",), "application/vnd.ms-excel", Shown.DOWNLOAD),
    Kind("pptx", "a PowerPoint presentation", (".pptx",), _OOXML + "presentationml.presentation", Shown.TEXT),
    Kind("ppt", "a PowerPoint 97–2003 presentation", (".ppt",), "application/vnd.ms-powerpoint", Shown.DOWNLOAD),
    Kind("odt", "an OpenDocument text", (".odt",), _ODF + "text", Shown.TEXT),
    Kind("ods", "an OpenDocument spreadsheet", (".ods",), _ODF + "spreadsheet", Shown.TEXT),
    Kind("odp", "an OpenDocument presentation", (".odp",), _ODF + "presentation", Shown.TEXT),
    Kind("txt", "a plain text file", (".txt",), "text/plain", Shown.TEXT),
    Kind("csv", "a CSV file", (".csv",), "text/csv", Shown.TEXT),
    Kind("eml", "an email message", (".eml",), "message/rfc822", Shown.TEXT),
    Kind("msg", "an Outlook message", (".msg",), "application/vnd.ms-outlook", Shown.DOWNLOAD),
    Kind("mp3", "an MP3 recording", (".mp3",), "audio/mpeg", Shown.AUDIO),
    Kind("m4a", "an M4A recording", (".m4a",), "audio/mp4", Shown.AUDIO),
    Kind("wav", "a WAV recording", (".wav",), "audio/wav", Shown.AUDIO),
    Kind("ogg", "an Ogg recording", (".ogg", ".oga", ".opus"), "audio/ogg", Shown.AUDIO),
    Kind("mp4", "an MP4 video", (".mp4", ".m4v", ".3gp"), "video/mp4", Shown.VIDEO),
    Kind("mov", "a QuickTime video", (".mov",), "video/quicktime", Shown.VIDEO),
    Kind("webm", "a WebM video", (".webm",), "video/webm", Shown.VIDEO),
)

BY_KEY: dict[str, Kind] = {kind.key: kind for kind in ALLOWED}
BY_EXTENSION: dict[str, Kind] = {extension: kind for kind in ALLOWED for extension in kind.extensions}

# For the `accept` attribute: endings for desktop file choosers, media types so that phones offer camera and recorder.
ACCEPT: str = ",".join(
    [extension for kind in ALLOWED if kind.advertised for extension in kind.extensions]
    + [kind.media_type for kind in ALLOWED if kind.advertised]
)

# The same list in words a candidate reads.
IN_WORDS = (
    "pictures (JPEG, PNG, WebP, GIF, HEIC), PDF, Word, Excel, PowerPoint and OpenDocument files, text, CSV, emails, "
    "sound (MP3, M4A, WAV, Ogg) and video (MP4, MOV, WebM)"
)


def find_kind(name: str) -> Kind | None:
    """The kind that a file's name claims by its ending, or None where the ending is not on the list."""
    return BY_EXTENSION.get(PurePath(name).suffix.lower())
