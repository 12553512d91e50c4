"""The files of evidence: who may have them, and that they go through the one way out."""

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import reverse

from evidence.items import file_views as views
from evidence.models import EvidenceFile
from files.models import Blob
from tests.evidence.builders import World, add_item, add_offered_item, hand_in, jpeg

# A recording of no length: header, format (one channel, 16 bits at 44.1 kHz), and no samples.
WAV = (
    b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x44\xac\x00\x00\x88\x58\x01\x00\x02\x00\x10\x00"
    b"data\x00\x00\x00\x00"
)


@pytest.fixture
def photo(world: World) -> EvidenceFile:
    return add_offered_item(world, world.criteria[:1]).current_version.files.get()


def body(response: HttpResponseBase) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_the_original_comes_down_as_it_was_handed_in(world: World, photo: EvidenceFile) -> None:
    response = world.client(world.candidate).get(reverse("evidence_file", args=[photo.pk]))
    assert body(response) == jpeg()
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"] == 'attachment; filename="counter.jpg"'


def test_pages_show_our_own_copies(world: World, photo: EvidenceFile, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        shown = add_item(world, files=[hand_in(world.candidate, "shown.jpg")]).current_version.files.get()
    client = world.client(world.candidate)
    for variant in ("display", "thumbnail"):
        response = client.get(reverse("evidence_file_variant", args=[shown.pk, variant]))
        assert (response.status_code, response.headers["Content-Type"]) == (200, "image/webp")
        assert response.headers["Content-Disposition"].startswith("inline")
        body(response)
    page = client.get(reverse("evidence", args=[shown.version.evidence_id])).content.decode()
    assert reverse("evidence_file_variant", args=[shown.pk, "display"]) in page


def test_sound_plays_on_our_page_and_answers_ranges(world: World) -> None:
    evidence = add_item(world, files=[hand_in(world.candidate, "call.wav", WAV)])
    file = evidence.current_version.files.get()
    client = world.client(world.candidate)
    url = reverse("evidence_file_variant", args=[file.pk, "media"])
    assert f'src="{url}"' in client.get(reverse("evidence", args=[evidence.pk])).content.decode()
    response = client.get(url, headers={"Range": "bytes=0-3"})
    assert (response.status_code, body(response)) == (206, b"RIFF")


@pytest.mark.parametrize("variant", ["media", "original", "..", "page"])
def test_a_picture_has_no_other_views(world: World, photo: EvidenceFile, variant: str) -> None:
    url = f"/evidence/files/{photo.pk}/{variant}/"
    assert world.client(world.candidate).get(url).status_code == 404


def every_address(photo: EvidenceFile) -> list[str]:
    return [
        reverse("evidence_file", args=[photo.pk]),
        reverse("evidence_file_variant", args=[photo.pk, "display"]),
        reverse("evidence_file_variant", args=[photo.pk, "thumbnail"]),
        reverse("evidence_file_page", args=[photo.pk, 1]),
    ]


@pytest.mark.parametrize(
    "who",
    [
        "other_candidate",
        "other_assessor",
        "countersigner",
        "trainee",
        "other_iv",
        "ev",
        "expired_ev",
        "foreign_coordinator",
        "foreign_assessor",
    ],
)
def test_strangers_find_no_file(world: World, photo: EvidenceFile, who: str) -> None:
    client = world.client(getattr(world, who))
    assert {client.get(url).status_code for url in every_address(photo)} == {404}


@pytest.mark.parametrize("who", ["candidate", "assessor", "iv", "coordinator"])
def test_those_who_may_read_the_evidence_get_its_files(world: World, photo: EvidenceFile, who: str) -> None:
    response = world.client(getattr(world, who)).get(reverse("evidence_file", args=[photo.pk]))
    assert body(response) == jpeg()


def test_drafts_are_not_served_to_staff(world: World) -> None:
    file = add_item(world).current_version.files.get()
    for seat in (world.assessor, world.iv, world.coordinator):
        assert world.client(seat).get(reverse("evidence_file", args=[file.pk])).status_code == 404


def test_somebody_unknown_is_asked_to_sign_in(photo: EvidenceFile) -> None:
    assert {Client().get(url).status_code for url in every_address(photo)} == {302}


def test_files_are_only_read(world: World, photo: EvidenceFile) -> None:
    client = world.client(world.candidate)
    assert {client.post(url).status_code for url in every_address(photo)} == {405}


def test_every_file_view_goes_through_the_one_way_out(
    world: World, photo: EvidenceFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = []

    def note(request: HttpRequest, blob: Blob, **how: object) -> HttpResponse:
        served.append(blob)
        return HttpResponse()

    monkeypatch.setattr(views, "serve", note)
    for url in every_address(photo):
        world.client(world.candidate).get(url)
    assert served == [photo.blob] * 4
