"""A drawn signature stands on the print, above the name it was signed with; a print never shows another one."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from pypdf import PdfReader

from records.codes import new_code
from records.unit_record_pdf import drawings_of, printed, unit_record_pdf
from registrations.models import UnitRecord
from signoff.contents import RECORD_RELATIONS, RecordContents, contents_of_record
from signoff.models import Signature, Slot
from tests.centres.drawings import keep_drawing
from tests.evidence.builders import World
from tests.signoff.builders import ready, sign_line

pytestmark = pytest.mark.pdf


def signed_with_a_drawing(world: World) -> RecordContents:
    record = ready(world)
    drawing = keep_drawing(world.candidate).blob
    sign_line(record, Slot.CANDIDATE, by=world.candidate, seen_drawing=drawing.sha256)
    sign_line(record, Slot.ASSESSOR, by=world.assessor)
    return contents_of_record(UnitRecord.objects.select_related(*RECORD_RELATIONS).get(pk=record.pk), with_files=True)


def pictures_on(contents: RecordContents) -> set[tuple[int, int]]:
    """The sizes of the pictures on the print, in pixels; its pages share their pictures."""
    made = unit_record_pdf(
        printed(contents), asked_by="Anna", at=timezone.now(), code=new_code(), drawings=drawings_of(contents)
    )
    return {image.image.size for page in PdfReader(io.BytesIO(made)).pages for image in page.images}


def test_the_drawing_stands_on_the_print(world: World):
    contents = signed_with_a_drawing(world)
    first, second, *_ = printed(contents).lines
    assert first.drawing == contents.signatures[Slot.CANDIDATE].drawing.sha256
    assert second.drawing == ""
    ((width, height),) = pictures_on(contents)
    assert (width <= 600, height <= 200) == (True, True)


@pytest.mark.parametrize("fate", ["changed", "lost"])
def test_a_drawing_that_is_not_the_one_signed_is_left_out(world: World, fate: str):
    contents = signed_with_a_drawing(world)
    name = Signature.objects.get(slot=Slot.CANDIDATE).drawing.stored_as
    default_storage.delete(name)
    if fate == "changed":
        default_storage.save(name, ContentFile(b"\x89PNG\r\n\x1a\nsomething else"))
    assert drawings_of(contents) == {}
    assert pictures_on(contents) == set()


def test_a_record_signed_with_a_drawing_is_another_print_than_one_without(world: World):
    contents = signed_with_a_drawing(world)
    before = printed(contents).digest
    contents.signatures[Slot.CANDIDATE].drawing = None
    assert printed(contents).digest != before
