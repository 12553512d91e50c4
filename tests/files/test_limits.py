"""How much may be handed in: one file, one request, one portfolio; and what is said to whoever brings more."""

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from evidence.items.actions import change_evidence
from evidence.models import Evidence
from files.limits import OverQuota, check_quota
from files.models import Blob
from files.sniffing import Refused, max_bytes, sniff
from files.uploads import BoundedUploadHandler
from tests.evidence.builders import World, add_item, hand_in, upload, words
from tests.evidence.conftest import stage, world, world_of_module  # noqa: F401 - fixtures
from tests.evidence.pages import add_url, text_of, typed

from .samples import GOOD

MB = 1024 * 1024


@pytest.mark.parametrize(
    ("used", "adding", "fits"), [(0, 100, True), (40, 60, True), (41, 60, False), (0, 101, False), (500, 0, True)]
)
def test_the_quota_is_a_plain_sum(settings, used: int, adding: int, fits: bool) -> None:
    settings.EVIDENCE_QUOTA_BYTES = 100
    if fits:
        check_quota(used=used, adding=adding)
    else:
        with pytest.raises(OverQuota) as refusal:
            check_quota(used=used, adding=adding)
        assert "100\xa0bytes" in refusal.value.reason


def test_over_the_quota_the_words_and_the_files_are_kept(world: World, folder, settings) -> None:  # noqa: F811
    add_item(world, files=[hand_in(world.candidate, "first.txt", b"a" * 3 * MB)])
    settings.EVIDENCE_QUOTA_BYTES = 5 * MB
    client = world.client(world.candidate)
    response = client.post(add_url(world), typed() | {"files": [upload("second.txt", b"b" * 3 * MB)]})
    page = text_of(response)
    assert response.status_code == 422
    assert "they take 3.0 MB, and this portfolio uses 3.0 MB of the 5.0 MB that it may" in page.replace("\xa0", " ")
    assert words()["what_happened"] in page
    assert "second.txt" in page
    assert 'name="files-kept"' in page
    assert Evidence.objects.count() == 1
    assert not Blob.objects.get(size=3 * MB, attached=False).attached
    assert client.post(add_url(world), typed() | {"files": [upload("small.txt", b"c" * MB)]}).status_code == 302


def test_a_file_that_versions_share_counts_once(world: World, folder, settings) -> None:  # noqa: F811
    settings.EVIDENCE_QUOTA_BYTES = 100
    file = hand_in(world.candidate, "first.txt", b"a" * 60)
    evidence = add_item(world, files=[file])
    given = words(title="Told better", files=[file, hand_in(world.candidate, "more.txt", b"b" * 40)])
    change_evidence(evidence=evidence, revision=evidence.revision, by=world.candidate, **given)
    evidence.refresh_from_db()
    assert evidence.current_version.files.count() == 2


def test_another_portfolio_has_a_quota_of_its_own(world: World, folder, settings) -> None:  # noqa: F811
    settings.EVIDENCE_QUOTA_BYTES = 100
    for seat in (world.candidate, world.other_candidate):
        add_item(world, seat, files=[hand_in(seat, "first.txt", b"a" * 90)])
    assert Evidence.objects.count() == 2


def test_what_is_never_saved_as_evidence_has_an_end_too(world: World, folder, settings) -> None:  # noqa: F811
    settings.EVIDENCE_QUOTA_BYTES = 100
    client = world.client(world.candidate)
    for number in range(4):
        files = [upload(f"{number}.txt", f"{number}".encode() * 40)]
        response = client.post(add_url(world), typed() | {"title": "", "files": files})
    assert "“3.txt” was not taken: you have handed in 80" in text_of(response).replace("\xa0", " ")
    assert Blob.objects.count() == 2


def test_recordings_may_be_larger_than_the_rest(settings) -> None:
    settings.MAX_FILE_BYTES, settings.MAX_RECORDING_BYTES = 100, 10_000
    kind = sniff(open_bytes("counter.mp4"), "counter.mp4").kind
    assert max_bytes(kind) == 10_000
    with pytest.raises(Refused, match="one file may be at most"):
        sniff(open_bytes("visit.jpg"), "visit.jpg")
    settings.MAX_RECORDING_BYTES = 200
    with pytest.raises(Refused, match="a recording may be at most"):
        sniff(open_bytes("counter.mp4"), "counter.mp4")


def open_bytes(name: str):
    return upload(name, GOOD[name])


# --- One request ------------------------------------------------------------------------------------------------------


def test_a_request_beyond_all_bounds_is_refused_before_it_is_read(world: World, folder, settings) -> None:  # noqa: F811
    settings.EVIDENCE_QUOTA_BYTES = MB
    client = world.client(world.candidate)
    files = [upload("film.mp4", GOOD["counter.mp4"] + b"\7" * 18 * MB)]
    response = client.post(add_url(world), typed() | {"files": files})
    assert response.status_code == 413
    assert not Evidence.objects.exists()
    assert not Blob.objects.exists()
    assert default_storage.listdir("") == ([], [])


def test_somebody_unknown_hands_in_nothing_large(db) -> None:
    content = upload("film.mp4", b"\7" * 2 * MB)
    assert Client().post(reverse("account_login"), {"login": "a@example.org", "file": content}).status_code == 413
    assert Client().post(reverse("account_login"), {"login": "a@example.org"}).status_code == 200


def test_it_stands_before_the_handlers_that_write(settings) -> None:
    first = settings.FILE_UPLOAD_HANDLERS[0]
    assert first == f"{BoundedUploadHandler.__module__}.{BoundedUploadHandler.__name__}"
