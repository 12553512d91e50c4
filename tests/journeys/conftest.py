"""The world of a journey, and what a candidate brings to it."""

from pathlib import Path

import pytest
from docx import Document

from tests.evidence.builders import World, jpeg, make_world
from tests.journeys.papers import a_pdf


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


@pytest.fixture
def papers(tmp_path: Path) -> dict[str, Path]:
    """A photograph, a PDF and a Word document, as a candidate has them on a phone and at work."""
    photo, report, account = tmp_path / "counter.jpg", tmp_path / "comparison.pdf", tmp_path / "account.docx"
    photo.write_bytes(jpeg(size=(800, 600)))
    report.write_bytes(a_pdf())
    document = Document()
    document.add_paragraph("What our service offer is, and how it compares.")
    document.save(str(account))
    return {"cover": photo, "do": report, "know": account}
