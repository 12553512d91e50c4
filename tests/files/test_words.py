"""The words read out of documents: shown as text, searched, and never more than that."""

import io
import zipfile
from datetime import datetime

import docx
import pytest
from defusedxml import EntitiesForbidden
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.chart import BarChart
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900
from openpyxl.xml.constants import SHARED_STRINGS

from files.models import BlobText, Preparation
from files.queries import excerpt, fold, size_of, size_waiting, texts_of, texts_saying
from files.text_extraction import NotWellFormed, read_words, tidy

from . import samples
from .corpus.archives import LAUGHS, archive, word

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ODT = b"application/vnd.oasis.opendocument.text"

SHARED = "xl/sharedStrings.xml"
STRINGS = (
    b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<si><t>Customer</t></si><si><r><t>Wait</t></r><r><t>ing</t></r></si></sst>"
)


def read(kind: str, content: bytes, limit: int = 10_000) -> str:
    return read_words(io.BytesIO(content), kind, limit)


def document_with_table() -> bytes:
    document = docx.Document()
    document.add_paragraph("My week\tat the counter")
    table = document.add_table(rows=2, cols=2)
    for row, texts in zip(table.rows, [("Monday", "Returns"), ("Tuesday", "Orders")], strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_paragraph("I learnt to ask first.")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def workbook() -> bytes:
    """Two sheets, a gap of a million rows in the first, and one that shows a chart."""
    book = Workbook()
    first = book.active
    first.append(["Customer", "Waiting"])
    first.append(["Mrs P", 12, None, 0.5, True])
    first["A1000000"] = "far below"
    book.create_sheet("Empty")
    book.create_sheet("Second")["C7"] = "second"
    book.create_chartsheet("Chart").add_chart(BarChart())
    return saved(book)


def rota(epoch: datetime = CALENDAR_WINDOWS_1900) -> bytes:
    """Dates as a workbook keeps them: numbers, with a style that says so."""
    book = Workbook()
    book.epoch = epoch
    cells = [("General", 46012), ("mm-dd-yy", 46012), ("ddd d mmm", 46012.5), ('0.00 "days"', 46012), ("h:mm", 0.375),
             ("[h]:mm", 1.5)]  # fmt: skip
    for column, (number_format, value) in enumerate(cells, start=1):
        cell = book.active.cell(1, column, value)
        cell.number_format = number_format
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_saved_by_office(strings: bytes = STRINGS) -> bytes:
    """A formula beside its result, and texts that cells name by number, as spreadsheet programs keep them."""
    cells = b'<row><c><f>1+1</f><v>2</v></c><c t="s"><v>1</v></c><c t="e"><v>#DIV/0!</v></c></row></sheetData>'
    listed = f'<Override PartName="/{SHARED}" ContentType="{SHARED_STRINGS}"/></Types>'.encode()
    with zipfile.ZipFile(io.BytesIO(saved(Workbook()))) as file:
        members = {name: file.read(name) for name in file.namelist()} | {SHARED: strings}
    members["xl/worksheets/sheet1.xml"] = members["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", cells)
    members["xl/worksheets/sheet1.xml"] = members["xl/worksheets/sheet1.xml"].replace(
        b"<sheetData/>", b"<sheetData>" + cells
    )
    members["[Content_Types].xml"] = members["[Content_Types].xml"].replace(b"</Types>", listed)
    return archive(members)


def slides() -> bytes:
    def slide(text: str) -> bytes:
        return f'<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sld>'.encode()

    names = {f"ppt/slides/slide{number}.xml": slide(f"slide {number}") for number in (10, 2, 1)}
    return archive({"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": b"<x/>", **names})


def open_text(body: str) -> bytes:
    names = 'xmlns:office="o" xmlns:text="t" xmlns:table="tb"'
    content = f"<office:document-content {names}><office:styles>unseen</office:styles>"
    content += f"<office:body>{body}</office:body></office:document-content>"
    return archive({"mimetype": ODT, "content.xml": content.encode()})


def letter(subtype: str, body: str) -> bytes:
    head = "From: Sam Price <sam@shop.example>\r\nTo: me@shop.example\r\n"
    head += "Subject: =?utf-8?q?Thank_you_=E2=80=93_again?=\r\n"
    return f"{head}MIME-Version: 1.0\r\nContent-Type: text/{subtype}; charset=utf-8\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("docx", document_with_table(),
         "My week\tat the counter\nMonday \tReturns\nTuesday \tOrders\nI learnt to ask first."),
        ("docx", word(f"<w:document {W}><w:p><w:t>once</w:t><w:Fallback><w:t>twice</w:t></w:Fallback></w:p>"
                      "</w:document>".encode()), "once"),
        ("docx", word(b"<x/>"), ""),
        ("xlsx", workbook(), "Customer\tWaiting\nMrs P\t12\t0.5\t1\n\nfar below\n\nsecond"),
        ("xlsx", rota(), "46012\t21/12/2025\t21/12/2025 12:00\t46012\t09:00\t36:00"),
        ("xlsx", rota(CALENDAR_MAC_1904), "46012\t22/12/2029\t22/12/2029 12:00\t46012\t09:00\t36:00"),
        ("xlsx", as_saved_by_office(), "2\tWaiting\t#DIV/0!"),
        ("pptx", slides(), "slide 1\n\nslide 2\n\nslide 10"),
        ("odt", open_text("<text:h>Diary</text:h><text:p>I<text:s/>asked<text:tab/>first</text:p>"),
         "Diary\nI asked\tfirst"),
        ("odt", open_text("<text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:p>here</text:p>"),
         "here"),
        ("ods", open_text("<table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell>"
                          "<text:p>b</text:p></table:table-cell></table:table-row>"), "a \tb"),
        ("txt", b"\xef\xbb\xbfone\r\ntwo\r\n\r\n\r\n\r\nthree", "one\ntwo\n\nthree"),
        ("txt", "naïve “€”".encode("cp1252"), "naïve “€”"),
        ("csv", "a;ü".encode("utf-16"), "a;ü"),
        ("eml", letter("plain", "You put it right."),
         "From: Sam Price <sam@shop.example>\nTo: me@shop.example\nSubject: Thank you – again\n\nYou put it right."),
        ("eml", letter("html", "<style>p{}</style><p>You <b>put</b>\nit right.</p><script>alert(1)</script>"),
         "From: Sam Price <sam@shop.example>\nTo: me@shop.example\nSubject: Thank you – again\n\nYou put it right."),
    ],
)  # fmt: skip
def test_words_of_every_kind(kind: str, content: bytes, expected: str) -> None:
    assert read(kind, content) == expected


def test_an_e_mail_names_what_is_attached() -> None:
    message = samples.mail().replace(b"\n\n", b"\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n", 1)
    message = message.replace(b'Content-Type: text/plain; charset="utf-8"\n', b"", 1)
    message += b"--b\nContent-Disposition: attachment; filename=receipt.pdf\n\n%PDF\n--b--\n"
    assert read("eml", message).endswith("Attached: receipt.pdf")


@pytest.mark.parametrize("kind", ["txt", "eml", "docx"])
def test_no_more_is_read_than_is_kept(kind: str) -> None:
    long = {"txt": b"word " * 9000, "eml": letter("plain", "word " * 9000)}
    content = long.get(kind) or word(b"<x><t>" + b"word " * 9000 + b"</t></x>")
    assert 400 <= len(read(kind, content, limit=500)) <= 500


@pytest.mark.parametrize(
    "body", [LAUGHS, b"not xml", b"<x><t>unclosed", b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>']
)
def test_xml_that_is_damaged_or_reaches_out_is_given_up(body: bytes) -> None:
    with pytest.raises(NotWellFormed):
        read("docx", word(body))


def test_a_spreadsheet_may_not_be_a_bomb() -> None:
    with pytest.raises(ValueError, match="could not read strings") as refusal:
        read("xlsx", as_saved_by_office(strings=LAUGHS))
    assert isinstance(refusal.value.__cause__, EntitiesForbidden)


@given(st.text())
@settings(deadline=None)
def test_text_is_tidy_and_stays_so(text: str) -> None:
    once = tidy(text)
    assert once == tidy(once)
    assert "\0" not in once
    assert all(character.isprintable() or character in "\n\t" or not character.isascii() for character in once)
    once.encode()


@given(st.text())
@settings(deadline=None)
def test_folding_keeps_every_place(text: str) -> None:
    """An excerpt is cut out of the words as they were written, at the place where the folded ones were found."""
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


# --- In the background, and found again -------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("diary.docx", document_with_table(), "I learnt to ask first."),
        ("notes.txt", b"Ask first.", "Ask first."),
        ("thanks.eml", samples.mail(), "You put it right at once."),
        ("rota.xlsx", workbook(), "Mrs P"),
    ],
)
def test_documents_are_shown_by_their_words(hand_in, name: str, content: bytes, says: str) -> None:
    blob = hand_in(name, content)
    assert (blob.preparation, blob.shown) == (Preparation.READY, "text")
    assert says in blob.opening
    assert says in texts_of([blob.pk])[blob.pk]
    assert blob.why_in_part == ""


@pytest.mark.django_db
def test_a_long_text_is_shown_by_its_beginning(hand_in) -> None:
    blob = hand_in("long.txt", b"first " + b"word " * 5000 + b"last")
    assert len(blob.opening) == BlobText.OPENING
    assert "Download the file to read all of it" in blob.why_in_part
    assert texts_saying("last", [blob.pk]).get().blob == blob


@pytest.mark.django_db
def test_a_pdf_is_found_by_its_words(hand_in) -> None:
    blob = hand_in("report.pdf", samples.pdf(pages=3))
    assert "Page 1 of the report" in blob.opening
    assert texts_saying("LAST page", [blob.pk]).get().blob == blob


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("diary.docx", word(b"not xml")),
        ("bomb.xlsx", as_saved_by_office(strings=LAUGHS)),
        ("rota.xlsx", samples.office("xl/workbook.xml")),  # a bare beginning of one
    ],
)
def test_a_document_whose_xml_is_damaged_still_downloads(hand_in, name: str, content: bytes) -> None:
    blob = hand_in(name, content)
    assert (blob.preparation, blob.shown) == (Preparation.FAILED, "download")


@pytest.mark.engine("search")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("counter", {"one", "two"}),
        ("COUNTER returns", {"one"}),
        ("returns counter", {"one"}),
        ("élan", {"two"}),
        ("ÉLAN", {"two"}),
        ("don't", {"one"}),
        ("100%", {"two"}),
        ("_", set()),
        ("", set()),
        ("  ", set()),
        ("nowhere", set()),
    ],
)
def test_search_finds_every_word_in_any_order(hand_in, words: str, found: set[str]) -> None:
    texts = {
        "one": "At the counter I don’t\nrefuse returns.",
        "two": "Élan at the counter, 100% of the time.",
        "other": "counter returns",
    }
    blobs = {name: hand_in(f"{name}.txt", text.encode()) for name, text in texts.items()}
    mine = [blobs["one"].pk, blobs["two"].pk]
    assert {text.blob_id for text in texts_saying(words, mine)} == {blobs[name].pk for name in found}


@pytest.mark.django_db
def test_an_excerpt_shows_the_place_as_it_was_written(hand_in) -> None:
    blob = hand_in("long.txt", b"Once upon a time. " * 40 + b"Then Mrs Price Came Back.\n" + b"And so on. " * 40)
    line = excerpt(blob.text, "price came")
    assert "Then Mrs Price Came Back. And" in line
    assert line.startswith("… ")
    assert line.endswith(" …")
    assert len(line) < 200
    assert excerpt(hand_in("short.txt", b"Mrs Price").text, "price") == "Mrs Price"


@pytest.mark.django_db
def test_sizes_count_each_file_once(hand_in, candidate) -> None:
    one, two = hand_in("one.txt", b"12345"), hand_in("two.txt", b"123")
    everything = type(one).objects.all()
    assert size_of(everything) == 8
    assert size_of(everything.filter(pk=two.pk)) == 3
    assert size_of(everything.none()) == 0
    one.attached = True
    one.save()
    assert size_waiting(candidate.pk) == 3
    assert size_waiting(candidate.pk + 1) == 0
