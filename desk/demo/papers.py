"""Documents for the demo centre: PDF through WeasyPrint, Word through python-docx, CSV and e-mail."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from docx import Document
from docx.shared import Pt

from records.pdf import make_pdf


@dataclass(frozen=True)
class Part:
    """One page of a PDF: a heading, a table with its head first (or none), and paragraphs under it."""

    heading: str
    rows: Sequence[Sequence[str]] = ()
    paragraphs: Sequence[str] = ()


def pdf(*, title: str, organisation: str, parts: Sequence[Part]) -> bytes:
    """A report with one page for each part."""
    return make_pdf("desk/demo_paper.html", {"title": title, "organisation": organisation, "parts": parts})


def docx(*, title: str, byline: str, paragraphs: Sequence[str]) -> bytes:
    """A Word document. A paragraph that begins with "# " is a heading."""
    document = Document()
    document.styles["Normal"].font.name = "Calibri"
    document.styles["Normal"].font.size = Pt(11)
    document.add_heading(title, level=1)
    document.add_paragraph(byline)
    for paragraph in paragraphs:
        if paragraph.startswith("# "):
            document.add_heading(paragraph.removeprefix("# "), level=2)
        else:
            document.add_paragraph(paragraph)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def table(rows: Sequence[Sequence[str | int]]) -> bytes:
    """A CSV file, as a spreadsheet saves it."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode()


def letter(*, sender: str, to: str, subject: str, at: datetime, text: str) -> bytes:
    """An e-mail message as a mail program saves it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(at)
    message.set_content(text)
    return message.as_bytes()
