"""A drawn signature decorates what is signed with it, for good, and nobody signs with somebody else's (Q26)."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from centres.drawn_signature.actions import remove_drawn_signature
from ledger.models import Event
from proof.verify import faults
from signoff.actions import unlock
from signoff.models import Signature, Slot
from signoff.snapshot import signed_words
from tests.centres.drawings import keep_drawing, strokes
from tests.evidence.builders import World
from tests.signoff.builders import candidate_signed, confirm_sufficient, ready, sign_line
from tests.signoff.signing_page import path_of, post


def test_the_page_shows_the_drawing_and_the_signature_keeps_it(world: World):
    record, drawing = ready(world), keep_drawing(world.candidate)
    client = world.client(world.candidate)
    html = client.get(path_of(record)).content.decode()
    assert f'src="{reverse("own_drawing")}"' in html
    assert "It is decoration: what counts is the name and the proof." in html
    assert post(client, path_of(record), seen_drawing=drawing.blob.sha256).status_code == 302
    signature = Signature.objects.get()
    assert signature.drawing == drawing.blob
    assert drawing.blob.sha256.encode() in signed_words(signature)
    event = Event.objects.get(type="record_signed", data__signature=signature.pk)
    assert event.data["drawing"] == drawing.blob.sha256
    picture = reverse("signature_drawing", args=[signature.pk])
    assert f'src="{picture}"' in client.get(reverse("record", args=[record.pk])).content.decode()
    assert b"".join(client.get(picture).streaming_content).startswith(b"\x89PNG")
    # The next signer sees it too, beside the page.
    html = world.client(world.assessor).get(path_of(record, Slot.ASSESSOR)).content.decode()
    assert f'src="{picture}"' in html
    assert list(faults()) == []


@pytest.mark.stage(reach=ready)
def test_without_a_drawing_nothing_speaks_of_one(world: World):
    """So that signatures given before there were any still verify."""
    record = world.record
    html = world.client(world.candidate).get(path_of(record)).content.decode()
    assert "seen_drawing" not in html
    assert f"{reverse('drawn_signature')}?next={path_of(record)}" in html
    signature = sign_line(record, Slot.CANDIDATE, by=world.candidate)
    assert b"drawing" not in signed_words(signature)
    assert "drawing" not in Event.objects.get(type="record_signed", data__signature=signature.pk).data
    html = world.client(world.candidate).get(reverse("record", args=[record.pk])).content.decode()
    assert "Drawn signature</" in html  # the menu
    assert 'alt="Drawn signature"' not in html


@pytest.mark.parametrize("then", ["replaced", "taken away"])
def test_what_becomes_of_it_later_changes_nothing_that_is_signed(
    world: World, then: str, django_capture_on_commit_callbacks
):
    record, drawing = ready(world), keep_drawing(world.candidate)
    signature = sign_line(record, Slot.CANDIDATE, by=world.candidate, seen_drawing=drawing.blob.sha256)
    with django_capture_on_commit_callbacks(execute=True):
        if then == "replaced":
            keep_drawing(world.candidate, strokes((900, 300)))
        else:
            remove_drawn_signature(by=world.candidate)
    signature.refresh_from_db()
    assert signature.drawing == drawing.blob
    assert default_storage.exists(drawing.blob.stored_as)
    assert list(faults()) == []


@pytest.mark.parametrize("meanwhile", ["replaced", "taken away", "drawn"])
def test_a_drawing_that_changed_meanwhile_is_not_signed_with(world: World, meanwhile: str):
    record, client = ready(world), world.client(world.candidate)
    shown = "" if meanwhile == "drawn" else keep_drawing(world.candidate).blob.sha256
    if meanwhile == "taken away":
        remove_drawn_signature(by=world.candidate)
    else:
        keep_drawing(world.candidate, strokes((900, 300)))
    response = post(client, path_of(record), seen_drawing=shown)
    assert response.status_code == 409
    html = response.content.decode()
    assert "Your drawn signature has changed since you opened the page" in html
    assert 'value="Carla Candidate"' in html
    assert not Signature.objects.exists()


@pytest.mark.stage(reach=ready)
def test_nobody_signs_with_somebody_elses_drawing(world: World):
    record = world.record
    of_another = keep_drawing(world.assessor).blob.sha256
    with pytest.raises(ValidationError, match="Your drawn signature has changed"):
        sign_line(record, Slot.CANDIDATE, by=world.candidate, seen_drawing=of_another)
    assert post(world.client(world.candidate), path_of(record), seen_drawing=of_another).status_code == 409
    assert not Signature.objects.exists()
    # Even the very same picture is then one's own file.
    keep_drawing(world.candidate)
    signature = sign_line(record, Slot.CANDIDATE, by=world.candidate, seen_drawing=of_another)
    assert signature.drawing.uploaded_by_id == world.candidate.person_id


def test_who_sees_the_drawing_is_who_sees_the_record(world: World):
    record, drawing = ready(world), keep_drawing(world.candidate)
    signature = sign_line(record, Slot.CANDIDATE, by=world.candidate, seen_drawing=drawing.blob.sha256)
    path = reverse("signature_drawing", args=[signature.pk])
    answers = {
        "candidate": 200,
        "assessor": 200,
        "iv": 200,
        "coordinator": 200,
        "other_candidate": 404,
        "other_assessor": 404,
        "countersigner": 404,
        "ev": 404,
        "foreign_coordinator": 404,
    }
    assert {who: world.client(getattr(world, who)).get(path).status_code for who in answers} == answers
    assert world.client(None).get(path).status_code == 302


def test_a_void_signature_keeps_its_drawing(world: World):
    record, drawing = ready(world), keep_drawing(world.candidate)
    signature = sign_line(record, Slot.CANDIDATE, by=world.candidate, seen_drawing=drawing.blob.sha256)
    unlock(record_id=record.pk, reason="Wrong", by=world.coordinator)
    remove_drawn_signature(by=world.candidate)
    path = reverse("signature_drawing", args=[signature.pk])
    assert world.client(world.candidate).get(path).status_code == 200
    assert list(faults()) == []


def test_the_record_page_takes_the_same_queries_with_drawings_and_without(world: World, django_assert_num_queries):
    record, client = candidate_signed(world), world.client(world.assessor)
    path = reverse("record", args=[record.pk])
    client.get(path)
    with CaptureQueriesContext(connection) as without:
        client.get(path)
    unlock(record_id=record.pk, reason="Wrong", by=world.coordinator)
    confirm_sufficient(record, by=world.assessor)
    drawing = keep_drawing(world.candidate).blob
    sign_line(record, Slot.CANDIDATE, by=world.candidate, seen_drawing=drawing.sha256)
    with django_assert_num_queries(len(without)):
        assert 'alt="Drawn signature"' in client.get(path).content.decode()
