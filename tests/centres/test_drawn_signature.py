"""The drawn signature on somebody's account: one for each person, theirs alone, and gone when they take it away."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from centres.drawn_signature.actions import remove_drawn_signature, save_drawn_signature
from centres.models import DrawnSignature, Membership
from centres.queries import drawn_signature_of
from files.models import Blob
from ledger.chains import centre_chain
from ledger.events import EventType
from ledger.queries import events_in
from tests.centres.drawings import keep_drawing, strokes
from tests.evidence.builders import World

PAGE = "/drawn-signature/"


def told(world: World) -> list[tuple[str, str, Any]]:
    """What the centre's ledger tells of drawings: what, of whom, and which."""
    types = (EventType.DRAWN_SIGNATURE_SAVED, EventType.DRAWN_SIGNATURE_REMOVED)
    events = events_in(centre_chain(world.centre.pk)).filter(type__in=types).order_by("sequence")
    return [(event.type, event.subject, event.data["sha256"]) for event in events]


def send(client: Client, picture: bytes | None, *, name: str = "me.png", path: str = PAGE, **more: str) -> Any:
    files = {} if picture is None else {"picture": SimpleUploadedFile(name, picture)}
    return client.post(path, {**more, **files})


def test_a_drawing_is_kept_and_told(world: World):
    keep_drawing(world.candidate)
    kept = DrawnSignature.objects.get()
    assert drawn_signature_of(world.candidate.person) == kept
    assert (kept.blob.kind, kept.blob.attached, kept.blob.uploaded_by_id) == ("png", True, world.candidate.person_id)
    subject = f"person:{world.candidate.person_id}"
    assert told(world) == [("drawn_signature_saved", subject, kept.blob.sha256)]


def test_the_same_drawing_twice_is_one(world: World):
    first, second = keep_drawing(world.candidate), keep_drawing(world.candidate)
    assert first == second
    assert first.blob == second.blob
    assert len(told(world)) == 1


def test_another_takes_its_place_and_the_first_is_thrown_away(world: World, django_capture_on_commit_callbacks):
    first = keep_drawing(world.candidate).blob
    with django_capture_on_commit_callbacks(execute=True):
        second = keep_drawing(world.candidate, strokes((900, 300), paper="white")).blob
    assert DrawnSignature.objects.get().blob == second
    assert not Blob.objects.filter(pk=first.pk).exists()
    assert not default_storage.exists(first.stored_as)
    assert [what for what, *_ in told(world)] == ["drawn_signature_saved"] * 2


def test_taken_away_nothing_of_it_is_left(world: World, django_capture_on_commit_callbacks):
    blob = keep_drawing(world.candidate).blob
    with django_capture_on_commit_callbacks(execute=True):
        remove_drawn_signature(by=world.candidate)
    assert drawn_signature_of(world.candidate.person) is None
    assert not default_storage.exists(blob.stored_as)
    assert [what for what, *_ in told(world)] == ["drawn_signature_saved", "drawn_signature_removed"]
    remove_drawn_signature(by=world.candidate)
    assert len(told(world)) == 2


def test_nothing_is_kept_of_what_is_no_drawing(world: World):
    keep_drawing(world.candidate)
    with pytest.raises(ValidationError, match="not a PNG or a JPEG"):
        save_drawn_signature(file=io.BytesIO(b"Signed, Carla"), name="me.txt", by=world.candidate)
    assert DrawnSignature.objects.count() == len(told(world)) == 1


@pytest.mark.parametrize(
    "act",
    [lambda seat: keep_drawing(seat, strokes((900, 300))), lambda seat: remove_drawn_signature(by=seat)],
    ids=["keep", "remove"],
)
def test_when_the_ledger_cannot_be_written_nothing_has_changed(
    world: World, act: Callable[[Membership], object], monkeypatch: pytest.MonkeyPatch
):
    before = keep_drawing(world.candidate).blob
    monkeypatch.setattr("centres.drawn_signature.actions.tell", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        act(world.candidate)
    assert drawn_signature_of(world.candidate.person).blob == before
    assert default_storage.exists(before.stored_as)


def test_the_database_keeps_one_for_each_person(world: World):
    kept = keep_drawing(world.candidate)
    with pytest.raises(IntegrityError), transaction.atomic():
        DrawnSignature.objects.create(person=world.candidate.person, blob=kept.blob)


# --- The page --------------------------------------------------------------------------------------------------------


def test_it_is_handed_in_shown_and_taken_away_without_scripts(world: World):
    client = world.client(world.candidate)
    html = client.get(PAGE).content.decode()
    assert "It is decoration: what counts is the name that you type and the proof that it is you." in html
    assert "own_drawing" not in html
    response = send(client, strokes())
    assert (response.status_code, response.url) == (302, PAGE)
    html = client.get(PAGE).content.decode()
    assert f'src="{reverse("own_drawing")}"' in html
    assert "Another one takes its place." in html
    picture = client.get(reverse("own_drawing"))
    assert picture["Content-Type"] == "image/png"
    assert picture["X-Content-Type-Options"] == "nosniff"
    assert b"".join(picture.streaming_content).startswith(b"\x89PNG")
    assert client.post(reverse("remove_drawing")).status_code == 302
    assert client.get(reverse("own_drawing")).status_code == 404


@pytest.mark.parametrize(
    ("picture", "name", "words"),
    [
        (None, "", "Draw your signature, or choose a picture of it."),
        (b"", "me.png", "This file is empty. Choose another one."),
        (b"MZ\x90\x00", "me.exe", "is not a type of file"),
        (strokes(ink="white", paper="white"), "me.png", "There is nothing drawn."),
    ],
    ids=["nothing", "empty", "programme", "white"],
)
def test_what_is_wrong_is_said_and_what_was_kept_stays(world: World, picture: bytes | None, name: str, words: str):
    before = keep_drawing(world.candidate).blob
    response = send(world.client(world.candidate), picture, name=name)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert drawn_signature_of(world.candidate.person).blob == before


def test_whoever_came_from_signing_goes_back_there(world: World):
    client, back = world.client(world.candidate), "/records/1/sign/candidate/"
    html = client.get(PAGE, {"next": back}).content.decode()
    assert f'name="next" value="{back}"' in html
    assert f'href="{back}"' in html
    assert send(client, strokes(), next=back).url == back


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"])
def test_nobody_is_sent_elsewhere(world: World, where: str):
    client = world.client(world.candidate)
    assert where not in client.get(PAGE, {"next": where}).content.decode()
    assert send(client, strokes(), next=where).url == PAGE


def test_each_sees_and_changes_their_own_only(world: World):
    mine = keep_drawing(world.candidate)
    other = world.client(world.other_candidate)
    assert other.get(reverse("own_drawing")).status_code == 404
    assert other.post(reverse("remove_drawing")).status_code == 302
    send(other, strokes((900, 300)), person=str(world.candidate.person_id), blob=str(mine.blob_id))
    assert DrawnSignature.objects.get(person=world.candidate.person).blob == mine.blob
    assert drawn_signature_of(world.other_candidate.person).blob != mine.blob


def test_the_account_menu_leads_to_it(world: World):
    html = world.client(world.assessor).get("/").content.decode()
    assert f'href="{PAGE}"' in html
