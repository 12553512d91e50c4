"""The same on an S3 server: stored, drawn, served in part, thrown away."""

from collections.abc import Iterator
from datetime import timedelta
from unittest import mock

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404
from django.test import RequestFactory
from moto.server import ThreadedMotoServer
from storages.backends.s3 import S3Storage

from files.actions import discard_unattached
from files.models import Blob, new_storage_name
from files.serving import serve
from files.sweeping import sweep_orphans
from proof.signature_faults import Fault
from proof.verify import faults
from tests.evidence.builders import add_offered_item, make_world

from . import samples

ACCESS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "eu-west-2"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def folder(settings, server: str) -> Iterator[object]:
    """Takes the place of the folder on disk: a bucket."""
    bucket = boto3.resource("s3", endpoint_url=server, **ACCESS).create_bucket(
        Bucket="evidence", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"}
    )
    options = {
        "bucket_name": "evidence",
        "endpoint_url": server,
        "region_name": "eu-west-2",
        "access_key": "test",
        "secret_key": "test",
        "file_overwrite": False,
        "querystring_auth": True,
    }
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    }
    yield bucket
    bucket.objects.all().delete()
    bucket.delete()


def ask(blob: Blob, variant="original", page=None, **headers: str):
    return serve(RequestFactory().get("/file", headers=headers), blob, filename="x.pdf", variant=variant, page=page)


def test_stored_drawn_served_and_thrown_away(hand_in, folder, django_capture_on_commit_callbacks) -> None:
    content = samples.pdf(pages=2)
    blob = hand_in("report.pdf", content)
    assert blob.page_count == 2
    assert len(list(folder.objects.all())) == 4

    whole = ask(blob)
    assert b"".join(whole) == content
    part = ask(blob, Range="bytes=5-14")
    assert part.status_code == 206
    assert part.headers["Content-Range"] == f"bytes 5-14/{len(content)}"
    assert b"".join(part) == content[5:15]
    assert b"".join(ask(blob, Range="bytes=-7")) == content[-7:]
    assert ask(blob, Range=f"bytes={len(content)}-").status_code == 416
    assert b"".join(ask(blob, "page", 2)).startswith(b"RIFF")
    assert b"".join(ask(blob, "thumbnail")).startswith(b"RIFF")

    with django_capture_on_commit_callbacks(execute=True):
        assert discard_unattached(timedelta(0)) == 1
    assert list(folder.objects.all()) == []


def test_a_picture_is_prepared(hand_in, folder) -> None:
    blob = hand_in("photo.jpg", samples.photo_with_place())
    assert blob.shown == "picture"
    assert b"".join(ask(blob, "display")).startswith(b"RIFF")


def test_what_no_row_speaks_of_is_swept(hand_in, folder) -> None:
    blob = hand_in("photo.jpg", samples.photo_with_place())
    kept = {blob.stored_as, blob.display_as, blob.thumbnail_as}
    orphan = default_storage.save(new_storage_name("originals", ".txt"), ContentFile(b"x"))
    assert sweep_orphans(timedelta(hours=1)) == 0
    assert sweep_orphans(timedelta(0)) == 1
    assert {stored.key for stored in folder.objects.all()} == kept
    assert not default_storage.exists(orphan)


def test_a_document_is_read(hand_in, folder) -> None:
    assert hand_in("diary.docx", samples.word()).opening == "I served a customer who had lost her ticket."


def test_a_lost_object_is_not_found(hand_in, folder) -> None:
    blob = hand_in("notes.txt", b"notes")
    default_storage.delete(blob.stored_as)
    with pytest.raises(Http404):
        ask(blob)


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (ClientError({"Error": {"Code": "403"}}, "HeadObject"), "ClientError"),
        (EndpointConnectionError(endpoint_url="https://s3.example.org"), "EndpointConnectionError"),
    ],
)
def test_verifying_goes_on_over_a_storage_that_refuses_or_is_out_of_reach(folder, db, trouble, why) -> None:
    evidence = add_offered_item(make_world())
    blob = evidence.current_version.files.get().blob
    assert list(faults()) == []
    default_storage.delete(blob.stored_as)
    name = f"File {blob.pk} ({blob.stored_as})"
    assert [fault.what for fault in faults()] == [name]
    with mock.patch.object(S3Storage, "open", side_effect=trouble):
        assert list(faults()) == [Fault(name, f"it cannot be read: {why}")]


def test_verifying_goes_on_where_the_bucket_is_gone(folder, db, settings) -> None:
    add_offered_item(make_world())
    options = settings.STORAGES["default"]["OPTIONS"] | {"bucket_name": "elsewhere"}
    settings.STORAGES = settings.STORAGES | {"default": settings.STORAGES["default"] | {"OPTIONS": options}}
    assert all(fault.why.startswith("it cannot be read") for fault in faults())
    assert len(list(faults())) == 1
