"""What may be handed in, and what is said about what may not."""

import io
import struct
import zipfile
import zlib

import pytest
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from files.kinds import ACCEPT, ALLOWED, BY_KEY, Kind, find_kind
from files.sniffing import Refused, clean_name, sniff

from . import samples
from .samples import GOOD

MACRO_TYPE = "<Override ContentType='application/vnd.ms-word.document.macroEnabled'/>"


def outcome(name: str, content: bytes) -> Kind | str:
    """The kind that the content is taken for, or the reason why it is refused."""
    try:
        return sniff(io.BytesIO(content), name).kind
    except Refused as refused:
        return refused.reason


def refusal(name: str, content: bytes) -> str:
    reason = outcome(name, content)
    assert isinstance(reason, str), f"{name} was taken for {reason}"
    return reason


@pytest.mark.parametrize("name", GOOD)
def test_good_files_are_what_they_say(name: str) -> None:
    file = io.BytesIO(GOOD[name])
    found = sniff(file, name)
    assert found.kind == find_kind(name)
    assert found.size == len(GOOD[name])
    assert file.tell() == 0


def test_every_allowed_kind_has_a_good_sample() -> None:
    assert {kind.key for name in GOOD if (kind := find_kind(name))} == set(BY_KEY)


# Text is text, and recorders write sound and film into the same container; an Outlook message may hold a document.
FAMILIES = [{"txt", "csv", "eml"}, {"mp4", "m4a"}, {"msg", "doc"}]


@pytest.mark.parametrize("name", GOOD)
def test_no_file_passes_for_another_kind(name: str) -> None:
    own = find_kind(name)
    assert own is not None
    for kind in ALLOWED:
        if own == kind or any({own.key, kind.key} <= family for family in FAMILIES):
            continue
        wrong = f"other{kind.extensions[0]}"
        assert f"“{wrong}” says it is {kind.called} but its content" in refusal(wrong, GOOD[name])


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("visit.jpg", b"", "“visit.jpg” is empty"),
        ("visit.jpg", GOOD["report.pdf"], "“visit.jpg” says it is a JPEG picture but its content is a PDF document."),
        ("visit.jpg", GOOD["plan.png"], "rename it so that it ends in .png"),
        ("visit.jpg", b"<!DOCTYPE html><script>alert(1)</script>", "its content is a web page"),
        ("visit.jpg", b"GIF89a/*<script>alert(1)</script>*/", "its content is a GIF picture"),
        ("visit.pdf", b"\n<html><body>%PDF-1.7</body></html>", "its content is a web page"),
        ("visit.png", b"MZ\x90\0" + b"\0" * 200, "its content is a program"),
        ("diary.docx", b"PK\x03\x04 broken", "is a ZIP archive or damaged"),
        ("diary.docx", GOOD["rota.xlsx"], "its content is an Excel workbook"),
        ("notes.txt", b"text\0with nought", "says it is a plain text file"),
        ("notes.txt", b"Rar!\x1a\x07\x01\0" + b"x" * 50, "its content is a RAR archive."),
        ("scan.jpg", b"II*\0" + b"\0" * 50, "its content is a TIFF picture."),
        ("notes.txt", GOOD["visit.jpg"], "its content is a JPEG picture"),
        ("page.html", b"<html></html>", "“page.html” is not a type of file that can be handed in"),
        ("drawing.svg", b"<svg/>", "not a type of file that can be handed in"),
        ("setup.exe", b"MZ", "not a type of file that can be handed in"),
        ("noending", b"text", "not a type of file that can be handed in"),
        ("visit.jpg.exe", GOOD["visit.jpg"], "not a type of file that can be handed in"),
        ("macros.docm", GOOD["diary.docx"], "not a type of file that can be handed in"),
        ("diary.docx", samples.office("word/document.xml", "word/vbaProject.bin"), "contains macros"),
        (
            "diary.docx",
            samples.office("word/document.xml", content_types=MACRO_TYPE),
            "contains macros",
        ),
        ("diary.doc", samples.ole("WordDocument", "Macros"), "contains macros"),
        ("rota.xls", samples.ole("Workbook", "_VBA_PROJECT_CUR"), "contains macros"),
        ("diary.odt", samples.open_document("text", "Basic/script-lc.xml"), "contains macros"),
        ("diary.docx", samples.ole("EncryptedPackage", "EncryptionInfo"), "locked with a password"),
        ("visit.jpg", samples.picture("JPEG", size=(400, 400))[:-900], "is broken"),
        ("visit.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 50, "is broken"),
        ("plan.png", samples.picture("PNG", size=(400, 400))[:500], "is broken"),
        ("shelf.webp", GOOD["shelf.webp"][:40], "is broken"),
        ("sign.gif", b"GIF89a" + b"\0" * 4, "is broken"),
        ("video.ogg", b"OggS\0\2" + b"\0" * 22 + b"\x01\x2a\x80theora", "says it is an Ogg recording"),
        ("film.webm", b"\x1aE\xdf\xa3B\x82\x88matroska" + b"\0" * 50, "says it is a WebM video"),
    ],
)  # fmt: skip
def test_bad_files_are_refused_with_a_reason(name: str, content: bytes, says: str) -> None:
    assert says in refusal(name, content)


@pytest.mark.parametrize(
    ("header", "is_recording"),
    [
        (b"\xff\xfb\x90\x64", True),  # MPEG 1, layer III, 128 kbit/s, 44.1 kHz
        (b"\xff\xf3\x90\x64", True),  # MPEG 2
        (b"\xff\xe3\x90\x64", True),  # MPEG 2.5
        (b"\xff\xeb\x90\x64", False),  # reserved version
        (b"\xff\xf9\x90\x64", False),  # reserved layer
        (b"\xff\xfd\x90\x64", False),  # layer II
        (b"\xff\xdb\x90\x64", False),  # no beginning of a frame
        (b"\xff\xfb\x00\x64", False),  # free bit rate, which no recorder uses
        (b"\xff\xfb\xf0\x64", False),  # forbidden bit rate
        (b"\xff\xfb\x9c\x64", False),  # reserved sampling rate
    ],
)
def test_mp3_begins_with_the_header_of_a_frame(header: bytes, is_recording: bool) -> None:
    mismatch = (
        "“talk.mp3” says it is an MP3 recording but its content is damaged or of another type. Save it again in its own"
        " program and choose that copy."
    )
    assert outcome("talk.mp3", header + b"\0" * 400) == (BY_KEY["mp3"] if is_recording else mismatch)


@override_settings(MAX_FILE_BYTES=2048)
def test_too_big_says_both_sizes() -> None:
    reason = refusal("notes.txt", b"a" * 4096)
    assert "4.0" in reason
    assert "2.0" in reason
    assert sniff(io.BytesIO(b"a" * 2048), "notes.txt").size == 2048


@override_settings(MAX_IMAGE_PIXELS=2_000_000)
def test_too_many_pixels_says_both_numbers() -> None:
    reason = refusal("plan.png", samples.picture("PNG", size=(2000, 1500)))
    assert "2000 × 1500, which makes 3 million" in reason
    assert "at most 2 million" in reason


def test_a_decompression_bomb_is_refused_before_it_is_decoded() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )
    assert "too many pixels" in refusal("bomb.png", bomb)


def test_a_zip_with_a_huge_directory_is_not_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(25_000):
            archive.writestr(f"word/some-long-name-that-fills-the-directory-{number:030}.xml", b"")
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<x/>")
    assert "is a ZIP archive or damaged" in refusal("bomb.docx", out.getvalue())


@pytest.mark.parametrize(("orientation", "size"), [(1, (64, 48)), (3, (64, 48)), (6, (48, 64)), (8, (48, 64))])
def test_size_is_told_upright(orientation: int, size: tuple[int, int]) -> None:
    found = sniff(io.BytesIO(samples.photo_with_place(orientation)), "photo.jpg")
    assert (found.width, found.height) == size


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("visit.jpg", "visit.jpg"),
        ("C:\\Users\\sam\\visit.jpg", "visit.jpg"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("photo\u202egpj.exe", "photo gpj.exe"),
        ("a\r\nSet-Cookie: x.txt", "a Set-Cookie: x.txt"),
        ("cafe\u0301.txt", "café.txt"),
        ("", "file"),
        ("/", "file"),
        ("...", "file"),
        (".jpg", "file.jpg"),
    ],
)
def test_names_are_made_fit_for_pages_and_headers(given_name: str, name: str) -> None:
    assert clean_name(given_name) == name


@given(st.text(max_size=400), st.sampled_from([".jpg", ".docx", ".txt"]))
def test_a_cleaned_name_stays_clean_and_keeps_its_ending(stem: str, ending: str) -> None:
    name = clean_name(f"a{stem}{ending}")
    assert 0 < len(name) <= 200
    assert name == clean_name(name)
    assert name.endswith(ending)
    assert name.isprintable()


@settings(deadline=None)
@given(st.binary(max_size=600), st.sampled_from([kind.extensions[0] for kind in ALLOWED]))
def test_no_bytes_make_it_stumble(content: bytes, ending: str) -> None:
    """Whatever comes, the answer is a type or a reason; nothing else is raised."""
    found = outcome(f"x{ending}", content)
    assert found == find_kind(f"x{ending}") or str(found).startswith(f"“x{ending}” ")


@settings(deadline=None)  # some kinds are opened in a process of their own
@given(st.sampled_from(sorted(GOOD)), st.data())
def test_no_damage_makes_it_stumble(name: str, data: st.DataObject) -> None:
    content = bytearray(GOOD[name])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(content)))
    found = outcome(name, bytes(content[:cut]))
    assert found == find_kind(name) or str(found).startswith(f"“{name}” ")


def test_file_choosers_are_told_of_everything_but_heic() -> None:
    accepted = ACCEPT.split(",")
    for kind in ALLOWED:
        assert set(kind.extensions).issubset(accepted) is kind.advertised
        assert (kind.media_type in accepted) is kind.advertised
    assert "image/heic" not in accepted
