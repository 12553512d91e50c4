"""Files made for the tests: one good one of every allowed kind, and ways to spoil them."""

import io
import struct
import wave
import zipfile
from email.message import EmailMessage

import docx
import pillow_heif
from openpyxl import Workbook
from PIL import Image
from weasyprint import HTML

ORIENTATION = 0x0112
GPS = 0x8825


def picture(image_format: str, *, size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, image_format, **options)
    return out.getvalue()


def photo_with_place(orientation: int = 6, size: tuple[int, int] = (64, 48)) -> bytes:
    """A photograph as a phone takes it: turned by a note, with the place and the maker in it."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F] = "SecretMaker"
    exif.get_ifd(GPS).update({1: "N", 2: (51.0, 30.0, 26.0), 3: "W", 4: (0.0, 7.0, 39.0)})
    out = io.BytesIO()
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    image.save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


def heic(size: tuple[int, int] = (64, 48), *, orientation: int = 0) -> bytes:
    """A photograph as an iPhone takes it; with an orientation, it has the place and the maker in it too."""
    pillow_heif.register_heif_opener()
    if not orientation:
        return picture("HEIF", size=size, quality=60)
    with Image.open(io.BytesIO(photo_with_place(orientation, size))) as photo:
        out = io.BytesIO()
        photo.save(out, "HEIF", quality=90, exif=photo.info["exif"])
    return out.getvalue()


def pdf(pages: int = 1) -> bytes:
    body = "".join(f"<p style='break-after: page'>Page {number} of the report</p>" for number in range(pages - 1))
    return HTML(string=f"<style>@page {{ size: A4 }}</style>{body}<p>The last page</p>").write_pdf()


def bare_pdf(
    *objects: str, media_box: str = "0 0 200 200", catalog: str = "", page: str = "", kids: str = "3 0 R"
) -> bytes:
    """A PDF of one page written by hand: `catalog` and `page` go into those dictionaries, objects count from 4."""
    bodies = [
        f"<</Type/Catalog/Pages 2 0 R {catalog}>>",
        f"<</Type/Pages/Kids[{kids}]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[{media_box}] {page}>>",
        *objects,
    ]
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    start, count = len(out), len(bodies) + 1
    out += f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<</Size {count}/Root 1 0 R>>\n".encode()
    return out + f"startxref\n{start}\n%%EOF\n".encode()


def word() -> bytes:
    out = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("I served a customer who had lost her ticket.")
    document.save(out)
    return out.getvalue()


def sheet() -> bytes:
    out = io.BytesIO()
    book = Workbook()
    book.active.append(["Monday", "Mrs Price", 9])
    book.save(out)
    return out.getvalue()


def office(*members: str, content_types: str = "<Types/>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", content_types)
        for member in members:
            archive.writestr(member, "<x/>")
    return out.getvalue()


def open_document(kind: str, *members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        for member in ("content.xml", *members):
            archive.writestr(member, "<x/>")
    return out.getvalue()


def ole(*entries: str) -> bytes:
    """A compound file with these entries in its directory, as old Word and Outlook write."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
    directory = b""
    for entry in ("Root Entry", *entries):
        name = (entry + "\0").encode("utf-16-le")
        directory += name.ljust(64, b"\0") + struct.pack("<H", len(name)) + b"\0" * 62
    return header + directory.ljust(1024, b"\0")


def sound() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as recording:
        recording.setparams((1, 2, 8000, 0, "NONE", ""))
        recording.writeframes(b"\0\1" * 800)
    return out.getvalue()


def box(brand: bytes) -> bytes:
    """The start of an MP4-like file."""
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0isommp42" + b"\0\0\0\x08mdat" + b"\7" * 500


def mail() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "sam@shop.example", "me@shop.example", "Thank you"
    message.set_content("You put it right at once.")
    return message.as_bytes()


GOOD: dict[str, bytes] = {
    "visit.jpg": picture("JPEG"),
    "VISIT.JPEG": picture("JPEG"),
    "plan.png": picture("PNG"),
    "shelf.webp": picture("WEBP"),
    "sign.gif": picture("GIF"),
    "iphone.heic": heic(),
    "report.pdf": pdf(),
    "diary.docx": word(),
    "diary.doc": ole("WordDocument", "1Table"),
    "rota.xlsx": sheet(),
    "rota.xls": ole("Workbook"),
    "older.xls": ole("Book"),
    "talk.pptx": office("ppt/presentation.xml"),
    "talk.ppt": ole("PowerPoint Document", "Current User"),
    "diary.odt": open_document("text"),
    "rota.ods": open_document("spreadsheet"),
    "talk.odp": open_document("presentation"),
    "notes.txt": "I said “sorry” – twice.\r\n".encode(),
    "notepad.txt": "I said “sorry” – twice.\r\n".encode("utf-16"),
    "windows.txt": "I said “sorry” – twice.\r\n".encode("cp1252"),
    "wide.txt": b"The wide aisle was blocked.",
    "survey.csv": b"date,score\n2026-01-02,9\n",
    "thanks.eml": mail(),
    "thanks.msg": ole("__properties_version1.0", "__substg1.0_0037001F"),
    "msg-with-macro-attachment.msg": ole("__properties_version1.0", "WordDocument", "Macros"),
    "talk.mp3": b"ID3\x04\0\0\0\0\0\x10" + b"\0" * 100,
    "bare.mp3": b"\xff\xfb\x90\x64" + b"\0" * 400,
    "memo.m4a": box(b"M4A "),
    "android.m4a": box(b"mp42"),
    "talk.wav": sound(),
    "talk.ogg": b"OggS\0\2" + b"\0" * 22 + b"\x01\x13OpusHead" + b"\0" * 50,
    "counter.mp4": box(b"isom"),
    "counter.mov": box(b"qt  "),
    "old.mov": b"\0\0\0\x08wide\0\0\1\0mdat" + b"\7" * 50,
    "counter.webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm" + b"\0" * 50,
}
