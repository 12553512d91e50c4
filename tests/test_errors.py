"""What people see when something goes wrong before a view could say so."""

import errno

import pytest
from django.core.exceptions import SuspiciousOperation, TooManyFilesSent
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import reverse

from desk.errors import bad_request, server_error


def test_too_many_files_are_refused_with_what_to_do(rf: RequestFactory) -> None:
    response = bad_request(rf.get("/"), TooManyFilesSent())
    assert response.status_code == 413
    assert "Send fewer files at once" in response.content.decode()


def test_other_bad_requests_stay_bad_requests(rf: RequestFactory) -> None:
    assert bad_request(rf.get("/"), SuspiciousOperation()).status_code == 400


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 507, "the disk is full"),
        (OSError(errno.EACCES, "Permission denied"), 500, "our fault"),
        (OperationalError("database is locked"), 503, "send it again"),
        (OperationalError("no such table: nothing"), 500, "our fault"),
        (ZeroDivisionError(), 500, "our fault"),
    ],
)
def test_a_full_disk_and_a_busy_database_are_told_apart_from_a_fault(
    rf: RequestFactory, fault, status: int, words: str
) -> None:
    try:
        raise fault
    except type(fault):
        response = server_error(rf.get("/"))
    assert response.status_code == status
    assert words in response.content.decode()


def test_a_full_disk_met_while_the_files_come_in(settings, db, monkeypatch) -> None:
    """Django writes large files to a temporary folder before any form sees them."""
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1
    client = Client(raise_request_exception=False)

    def no_room(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", no_room)
    response = client.post(reverse("account_login"), {"file": SimpleUploadedFile("long.txt", b"a few words")})
    assert response.status_code == 507


def test_an_unknown_address_says_so(client: Client) -> None:
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert "NVQ" in response.content.decode()
