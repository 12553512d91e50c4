"""The PDF itself: its text in order, its pages, what it tells a screen reader, and what it may read."""

import io
import re

import pypdfium2
import pytest
from django.template import engines
from django.utils import timezone
from pypdf import PdfReader
from weasyprint.urls import FatalURLFetchingError

from records import pdf
from records.codes import new_code
from records.unit_record_pdf import printed, unit_record_pdf
from registrations.held_elsewhere.actions import confirm_held_elsewhere
from registrations.models import UnitRecord
from signoff.contents import RECORD_RELATIONS, contents_of_record
from signoff.models import Slot
from tests.evidence.builders import World, add_offered_item
from tests.evidence.other_units import waived_record_of
from tests.signoff.builders import REACH, confirm_sufficient, judge, sign_line

pytestmark = pytest.mark.pdf

IN_ORDER = [
    "304",
    "Use customer service as a competitive tool",
    "You should note",
    "Elements in this unit",
    "Assessed evidence",
    "Evidence reference",
    "Assessment method key",
    "What you must cover",
    "intangible in that they are represented solely by feelings",
    "What you must do",
    "304.2.8",
    "What you must know",
    "304.3.8",
    "Unit sign-off",
    "I confirm that the evidence provided is a result of my own work.",
    "Signature of candidate",
    "I confirm that the candidate has demonstrated competence",
    "Signature of assessor",
    "Countersignature of assessor",
    "Signature of IV (if sampled)",
    "Countersignature of IV",
    "Signature of EV (if sampled)",
]


def read(record: UnitRecord) -> PdfReader:
    contents = contents_of_record(UnitRecord.objects.select_related(*RECORD_RELATIONS).get(pk=record.pk))
    return PdfReader(
        io.BytesIO(unit_record_pdf(printed(contents), asked_by="Anna Assessor", at=timezone.now(), code=new_code()))
    )


def text_of(reader: PdfReader) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))


def test_a_signed_record_holds_every_reference_name_and_date_in_print_order(world: World):
    record = world.trainee_registration.unit_records.get()
    references = []
    for number, criterion in enumerate(world.criteria):
        item = add_offered_item(
            world, [criterion], seat=world.trainee_candidate, record=record, title=f"Item number {number} of mine"
        )
        judge(item, by=world.trainee)
        references.append(item.reference)
    confirm_sufficient(record, by=world.trainee)
    sign_line(record, Slot.CANDIDATE, by=world.trainee_candidate)
    sign_line(record, Slot.ASSESSOR, by=world.trainee)
    sign_line(record, Slot.ASSESSOR_COUNTERSIGNATURE, by=world.countersigner)
    text = text_of(read(record))
    where = -1
    for words in IN_ORDER:
        where = text.find(words, where + 1)
        assert where >= 0, f"{words!r} is missing, or out of order"
    after_cover = text[text.index("What you must cover Evidence reference") :]
    for criterion, reference in zip(world.criteria, references, strict=True):
        assert re.search(rf"\b{reference}\b", after_cover), f"{criterion.label} lacks {reference}"
        assert text.count(reference) >= 2
    for name in ("Tina Traineescandidate", "Terry Trainee", "Connie Countersigner"):
        assert name in text[text.index("Unit sign-off") :]
    assert text[text.index("Unit sign-off") :].count(f"{timezone.localdate():%d/%m/%Y}") >= 3
    assert record.registration.number in text
    assert "Northgate College" in text


@pytest.mark.parametrize("state", ["open", "externally_verified"])
def test_every_page_has_its_head_its_number_and_its_marker(world: World, state: str):
    record = REACH[state](world)
    reader = read(record)
    pages = [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]
    assert len(pages) >= 3
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert ("Draft – not signed" in page) == (state == "open")
        assert record.registration.number in page
    # One sheet holds the whole sign-off.
    assert sum("Signature of" in page or "Countersignature of" in page for page in pages) == 1


def test_it_is_a4_tagged_and_named_and_has_bookmarks(world: World):
    reader = read(world.record)
    assert {(round(float(page.mediabox.width)), round(float(page.mediabox.height))) for page in reader.pages} == {
        (595, 842)
    }
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert reader.metadata.title == "NVQ unit record 304, Carla Candidate"
    titles = [entry.title for entry in flatten(reader.outline)]
    assert titles[1:3] == ["You should note", "Elements in this unit"]
    assert titles[-1] == "Unit sign-off"


def test_what_was_confirmed_and_waived_stands_above_the_signatures(world: World):
    """Q2, Q11."""
    record, waiver = waived_record_of(world)
    confirm_held_elsewhere(units=[record.unit], where="Blue folders", by=world.coordinator)
    text = text_of(read(record))
    places = [text.find(part) for part in ("Confirmed and waived", waiver.reason, "Blue folders", "Unit sign-off")]
    assert -1 not in places
    assert places == sorted(places)
    assert "Confirmed and waived" not in text_of(read(world.record))


def flatten(outline: list) -> list:
    return [leaf for entry in outline for leaf in (flatten(entry) if isinstance(entry, list) else [entry])]


def test_it_can_be_read_in_black_and_white(world: World):
    """The shaded cells stay lighter than their ink, and darker than the paper, once colour is gone."""
    contents = contents_of_record(UnitRecord.objects.select_related(*RECORD_RELATIONS).get(pk=world.record.pk))
    document = pypdfium2.PdfDocument(
        unit_record_pdf(printed(contents), asked_by="Anna", at=timezone.now(), code=new_code())
    )
    page = next(page for page in document if "What you must do" in page.get_textpage().get_text_range())
    grey = page.render(scale=1).to_pil().convert("L")
    levels = {level: count for count, level in grey.getcolors(256)}
    shaded = sum(count for level, count in levels.items() if 210 <= level <= 240)
    assert shaded > 0.02 * grey.width * grey.height
    assert min(levels) < 60
    document.close()


def test_nothing_but_our_own_static_files_is_read(monkeypatch: pytest.MonkeyPatch):
    for address in ("https://example.org/logo.png", "file:///etc/hostname", "../manage.py", "css/missing.css"):
        page = engines["django"].from_string(f'<link rel="stylesheet" href="{address}"><p>x</p>').render()
        monkeypatch.setattr(pdf, "render_to_string", lambda *_, page=page: page)
        with pytest.raises(FatalURLFetchingError):
            pdf.make_pdf("any", {})
