"""Asking for a print, waiting for it, fetching it; who may, and what happens when it cannot be made."""

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from ledger.events import EventType
from ledger.queries import events_in
from records.actions import ask_for_print, make_print
from records.models import PrintedRecord, PrintState
from tests.evidence.builders import World, add_offered_item

pytestmark = pytest.mark.pdf


def ask(client: Client, world: World) -> str:
    response = client.post(f"/records/{world.record.pk}/print/")
    assert response.status_code == 302
    return response["Location"]


def test_the_page_waits_then_gives_the_pdf_under_its_own_name(world: World):
    client = world.client(world.candidate)
    address = ask(client, world)
    waiting = client.get(address).content.decode()
    assert "Your PDF is being made" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    assert '<noscript><meta http-equiv="refresh"' in waiting
    assert client.get(f"{address}pdf/").status_code == 404
    make_print(PrintedRecord.objects.get().pk)
    assert PrintedRecord.objects.get().blob.attached
    ready = client.get(address).content.decode()
    assert "Your PDF is ready" in ready
    assert "hx-trigger" not in ready
    assert "refresh" not in ready
    response = client.get(f"{address}pdf/")
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == 'attachment; filename="304 Carla Candidate.pdf"'
    assert "Unit sign-off" in " ".join(page.extract_text() for page in PdfReader(io.BytesIO(response.getvalue())).pages)


def test_scripts_get_only_the_part_that_changes_and_it_equals_the_pages(world: World):
    client = world.client(world.candidate)
    address = ask(client, world)
    waiting = client.get(address, headers={"HX-Request": "true"})
    assert (waiting.status_code, waiting.content) == (204, b"")
    assert "HX-Request" in waiting.headers["Vary"]
    make_print(PrintedRecord.objects.get().pk)
    part = client.get(address, headers={"HX-Request": "true"})
    assert part.content.decode().strip().startswith('<section class="sheet" id="print-state"')
    assert part.content.decode().strip() in client.get(address).content.decode()
    assert "HX-Request" in part.headers["Vary"]


def test_the_same_record_is_printed_once_and_a_changed_one_again(world: World):
    first = ask_for_print(record_id=world.record.pk, by=world.candidate)
    assert ask_for_print(record_id=world.record.pk, by=world.assessor) == first
    make_print(first.pk)
    assert ask_for_print(record_id=world.record.pk, by=world.coordinator) == first
    printed = events_in(world.portfolio.chain).filter(type=EventType.RECORD_PRINTED)
    assert printed.count() == 1
    add_offered_item(world)
    assert ask_for_print(record_id=world.record.pk, by=world.candidate) != first
    assert printed.count() == 2


def test_making_it_twice_makes_one(world: World):
    asked = ask_for_print(record_id=world.record.pk, by=world.candidate)
    make_print(asked.pk)
    asked.refresh_from_db()
    blob = asked.blob
    make_print(asked.pk)
    asked.refresh_from_db()
    assert asked.blob == blob


def test_a_print_that_fails_says_so_and_can_be_asked_for_again(world: World, monkeypatch: pytest.MonkeyPatch):
    client = world.client(world.candidate)
    address = ask(client, world)

    def no_room(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("records.actions.store", no_room)
        with pytest.raises(OSError, match="No space left"):
            make_print(PrintedRecord.objects.get().pk)
    page = client.get(address).content.decode()
    assert "The PDF could not be made" in page
    assert f'action="/records/{world.record.pk}/print/"' in page
    assert ask(client, world) != address


def test_a_print_whose_worker_was_lost_is_queued_again(world: World, django_capture_on_commit_callbacks):
    asked = ask_for_print(record_id=world.record.pk, by=world.candidate)
    PrintedRecord.objects.filter(pk=asked.pk).update(asked_at=timezone.now() - timedelta(minutes=6))
    with django_capture_on_commit_callbacks(execute=True):
        ask_for_print(record_id=world.record.pk, by=world.candidate)
    assert PrintedRecord.objects.get().state == PrintState.READY


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("candidate", True),
        ("assessor", True),
        ("iv", True),
        ("coordinator", True),
        ("other_candidate", False),
        ("other_assessor", False),
        ("ev", False),  # the registration is open to them, this record is not drawn (Q25)
        ("expired_ev", False),
        ("foreign_coordinator", False),
    ],
)
def test_a_print_opens_to_whom_its_record_opens(world: World, who: str, may: bool):
    asked = ask_for_print(record_id=world.record.pk, by=world.candidate)
    make_print(asked.pk)
    client = world.client(getattr(world, who))
    answers = [
        client.post(f"/records/{world.record.pk}/print/").status_code,
        client.get(f"/prints/{asked.pk}/").status_code,
        client.get(f"/prints/{asked.pk}/pdf/").status_code,
    ]
    assert answers == ([302, 200, 200] if may else [404, 404, 404])


def test_a_link_alone_prints_nothing(world: World):
    assert world.client(world.candidate).get(f"/records/{world.record.pk}/print/").status_code == 405
