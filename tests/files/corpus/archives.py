"""Office and OpenDocument files, which are ZIP archives: bombs, nests, macros, and XML made to do harm."""

import io
import struct
import zipfile
from collections.abc import Mapping

from tests.files.corpus.cases import Case, either, refused, safe
from tests.files.samples import GOOD, office, open_document

MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
MACRO_TYPES = {
    "docx": "application/vnd.ms-word.document.macroEnabled.main+xml",
    "xlsx": "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    "pptx": "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml",
}


def archive(members: Mapping[str, bytes], *, packed: bool = True) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


def word(body: bytes = b"<x/>", **members: bytes) -> bytes:
    """A Word file with this body; a dot in a further member's name is written as two underlines."""
    named = {name.replace("__", "."): content for name, content in members.items()}
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": body, **named})


def with_macros() -> list[Case]:
    """Programs of the document's own, wherever they are put and however they are named."""
    cases = []
    for kind, main in MAIN.items():
        folder = main.split("/")[0]
        for member in (f"{folder}/vbaProject.bin", f"{folder}/vbaData.xml", "other/VBAPROJECT.BIN", "vbaProject.bin"):
            cases.append(refused(f"{member.replace('/', '-')}.{kind}", office(main, member), "contains macros"))
        types = f"<Override ContentType='{MACRO_TYPES[kind]}'/>"
        cases.append(refused(f"types.{kind}", office(main, content_types=types), "contains macros"))
        shouted = office(main, content_types=types.upper())
        cases.append(refused(f"shouted.{kind}", shouted, "contains macros"))
    inside = office("xl/workbook.xml", "xl/vbaProject.bin")
    twice = archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<x/>", "embeddings/b.bin": inside})
    cases += [
        refused("excel4.xlsx", office("xl/workbook.xml", "xl/macrosheets/sheet1.xml"), "contains macros"),
        refused("embedded-name.docx", office("word/document.xml", "word/embeddings/Sheet1.xlsm"), "contains macros"),
        refused("embedded.docx", word(embedded__xlsx=inside), "contains macros"),
        refused("embedded-as-picture.docx", word(image1__png=inside), "contains macros"),
        refused("embedded-twice.docx", word(inner__docx=twice), "contains macros"),
        refused("basic.odt", open_document("text", "Basic/script-lc.xml"), "contains macros"),
        refused("basic.ods", open_document("spreadsheet", "Basic/script-lc.xml"), "contains macros"),
        refused("python.odp", open_document("presentation", "Scripts/python/evil.py"), "contains macros"),
    ]
    return cases


def nested(depth: int, innermost: bytes) -> bytes:
    """A document in a document in a document."""
    content = innermost
    for _ in range(depth):
        content = word(inner__docx=content)
    return content


def overlapping() -> bytes:
    """A directory in which 300 members share the same bytes."""
    content = bytearray(word(big__bin=b"\0" * 4_000_000))
    start = struct.unpack_from("<I", content, len(content) - 6)[0]
    directory = bytes(content[start : len(content) - 22])
    last = directory[directory.rindex(b"PK\x01\x02") :]
    many = directory + last * 300
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 303, 303, len(many), start, 0)
    return bytes(content[:start]) + many + end


def patched(content: bytes, *, flags: int | None = None, method: int | None = None) -> bytes:
    """With other flags or another method of packing in every header."""
    changed = bytearray(content)
    for signature, at_flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(signature)
        while at >= 0:
            if flags is not None:
                struct.pack_into("<H", changed, at + at_flags, flags)
            if method is not None:
                struct.pack_into("<H", changed, at + at_flags + 2, method)
            at = changed.find(signature, at + 1)
    return bytes(changed)


def bombs() -> list[Case]:
    """Small to send, endless to open."""
    far, zeros = "unpacks to far more", b"\0" * 60_000_000
    many = {f"word/media/{number}.bin": b"" for number in range(25_000)}
    return [
        refused("ratio.docx", word(big__bin=zeros), far),
        refused("ratio.xlsx", archive({"[Content_Types].xml": b"<T/>", "xl/workbook.xml": b"<x/>", "b": zeros}), far),
        refused("ratio.odt", archive({"mimetype": GOOD_ODT, "content.xml": b"<x/>", "Pictures/1.png": zeros}), far),
        refused("main.docx", word(b"<x>" + b" " * 60_000_000 + b"</x>"), far),
        refused("overlapping.docx", overlapping(), far),
        *[refused(f"nested{depth}.docx", nested(depth, b"PK\x03\x04"), far) for depth in (3, 5, 40)],
        safe("nested1.docx", nested(1, b"text")),
        safe("nested2.docx", nested(2, b"text")),
        refused("members.docx", archive({"[Content_Types].xml": b"<T/>", "word/document.xml": b"<x/>", **many})),
        refused("nested-ratio.docx", word(inner__xlsx=archive({"b": zeros})), far),
        refused("archive.docx", archive({"a.txt": b"a"}), "ZIP archive"),
        refused("program.docx", archive({"evil.exe": b"MZ"}), "ZIP archive"),
        refused("quine.docx", archive({"r/r.zip": archive({"r/r.zip": archive({"r": b"r"})})}), "ZIP archive"),
    ]


GOOD_ODT = b"application/vnd.oasis.opendocument.text"
LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">'
    b'<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;">]><x><t>&e;&e;&e;</t></x>'
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x><t>&f;</t></x>'


def malformed() -> list[Case]:
    """Damaged archives, names that climb, XML that reads other files."""
    good = GOOD["diary.docx"]
    manifest = b"<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    relations = b'<Relationship TargetMode="External" Target="http://evil.example/t.dotm"/>'
    return [
        safe("laughs.docx", word(LAUGHS)),
        safe("outside.docx", word(OUTSIDE)),
        safe("laughs.odt", archive({"mimetype": GOOD_ODT, "content.xml": LAUGHS})),
        safe("outside.ods", archive({"mimetype": GOOD_ODT[:-4] + b"spreadsheet", "content.xml": OUTSIDE})),
        safe("not-xml.docx", word(b"not xml at all")),
        safe("deep.docx", word(b"<x>" * 100_000 + b"</x>" * 100_000)),
        safe("noughts.docx", word(b"<x><t>a&#0;b</t></x>")),
        safe("utf16.docx", word("<?xml version='1.0' encoding='utf-16'?><x><t>a</t></x>".encode("utf-16"))),
        safe("script.docx", word(b"<x><t>&lt;script&gt;alert(1)&lt;/script&gt;</t></x>")),
        safe("climbing.docx", archive({
            "[Content_Types].xml": b"<T/>", "word/document.xml": b"<x/>", "../../../etc/cron.d/evil": b"x", "/a": b"x",
        })),
        safe("external.docx", word(settings__rels=relations)),
        safe("activex.docx", office("word/document.xml", "word/activeX/activeX1.bin")),
        refused("locked.odt", archive({
            "mimetype": GOOD_ODT, "content.xml": b"\x93", "META-INF/manifest.xml": manifest,
        }), "password"),
        refused("encrypted.docx", patched(office("word/document.xml"), flags=1)),
        refused("method.docx", patched(office("word/document.xml"), method=99)),
        refused("flipped.docx", archive({
            "[Content_Types].xml": b"<T/>", "word/document.xml": b"<x>" + b"a" * 500 + b"</x>",
        }, packed=False).replace(b"aaaa", b"aaab", 1), "damaged"),
        either("comment.docx", good[:-2] + b"\xff\xff"),
        either("prefixed.docx", b"PK\x03\x04" + good),
        refused("no-main.docx", archive({"[Content_Types].xml": b"<T/>"}), "ZIP archive"),
        refused("no-content.odt", archive({"mimetype": GOOD_ODT}), "ZIP archive"),
        refused("empty-archive.docx", b"PK\x05\x06" + b"\0" * 18),
        refused("directory-lies.docx", good[:-10] + b"\xff\xff\xff\x7f" + good[-6:]),
        refused("place-lies.docx", good[:-6] + b"\xff\xff\xff\x7f" + good[-2:]),
    ]  # fmt: skip


FAMILIES = {"macros": with_macros, "bombs": bombs, "malformed archives": malformed}
