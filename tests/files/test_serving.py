"""What goes out: which bytes, as what, and with which instructions to the browser."""

import pytest
from django.core.files.storage import default_storage
from django.http import Http404
from django.test import RequestFactory

from files.models import Blob
from files.serving import serve

from . import samples
from .samples import GOOD


def body(response) -> bytes:
    return b"".join(response) if response.streaming else response.content


def ask(blob: Blob, *, method: str = "get", filename: str = "notes.txt", variant="original", page=None, **headers: str):
    request = getattr(RequestFactory(), method)("/file", headers=headers)
    return serve(request, blob, filename=filename, variant=variant, page=page)


@pytest.fixture
def digits(hand_in) -> Blob:
    return hand_in("notes.txt", b"0123456789")


@pytest.mark.parametrize(
    ("asked", "status", "content", "content_range"),
    [
        (None, 200, b"0123456789", None),
        ("bytes=0-", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=0-0", 206, b"0", "bytes 0-0/10"),
        ("bytes=2-5", 206, b"2345", "bytes 2-5/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=9-9", 206, b"9", "bytes 9-9/10"),
        ("bytes=5-500", 206, b"56789", "bytes 5-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=-50", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes= 2 - 5", 206, b"2345", "bytes 2-5/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=10-20", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=" + "9" * 5000 + "-", 416, b"", "bytes */10"),
        ("bytes=5-2", 200, b"0123456789", None),
        ("bytes=-", 200, b"0123456789", None),
        ("bytes=a-b", 200, b"0123456789", None),
        ("bytes=٣-", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
    ],
)
def test_ranges(digits: Blob, asked: str | None, status: int, content: bytes, content_range: str | None) -> None:
    response = ask(digits, **({"Range": asked} if asked else {}))
    assert response.status_code == status
    assert body(response) == content
    assert response.headers.get("Content-Range") == content_range
    assert response.headers["Accept-Ranges"] == "bytes"
    if status != 416:
        assert response.headers["Content-Length"] == str(len(content))


def test_a_range_of_another_version_gets_the_whole(digits: Blob) -> None:
    etag = f'"{digits.sha256}"'
    assert ask(digits, **{"Range": "bytes=0-1", "If-Range": etag}).status_code == 206
    assert ask(digits, **{"Range": "bytes=0-1", "If-Range": '"other"'}).status_code == 200


def test_unchanged_bytes_are_not_sent_again(digits: Blob) -> None:
    etag = ask(digits).headers["ETag"]
    assert etag == f'"{digits.sha256}"'
    for tags in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        response = ask(digits, **{"If-None-Match": tags})
        assert (response.status_code, body(response)) == (304, b"")
        assert response.headers["ETag"] == etag
    assert ask(digits, **{"If-None-Match": '"other"'}).status_code == 200


def test_head_tells_the_size_and_sends_nothing(digits: Blob) -> None:
    response = ask(digits, method="head", Range="bytes=0-1")
    assert (response.status_code, body(response)) == (200, b"")
    assert response.headers["Content-Length"] == "10"


def test_nothing_but_reading(digits: Blob) -> None:
    assert ask(digits, method="post").status_code == 405


@pytest.mark.parametrize("name", GOOD)
def test_headers_of_every_original(hand_in, name: str) -> None:
    blob = hand_in(name, GOOD[name])
    response = ask(blob, filename=name)
    assert body(response) == GOOD[name]
    assert response.headers["Content-Type"] == blob.type.media_type
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["Cache-Control"] == "private, no-cache"
    kind = "inline" if blob.type.media_type.startswith(("audio/", "video/")) else "attachment"
    assert response.headers["Content-Disposition"] == f'{kind}; filename="{name}"'


@pytest.mark.parametrize("variant", ["display", "thumbnail"])
def test_headers_of_our_copies_of_a_picture(hand_in, variant: str) -> None:
    blob = hand_in("photo.jpg", samples.photo_with_place())
    response = ask(blob, filename="photo.jpg", variant=variant)
    assert response.headers["Content-Type"] == "image/webp"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["Content-Disposition"] == 'inline; filename="photo.webp"'
    assert response.headers["Cache-Control"] == "private, max-age=300"
    content = body(response)
    assert content.startswith(b"RIFF")
    assert len(content) == int(response.headers["Content-Length"])
    etag = response.headers["ETag"]
    assert etag != f'"{blob.sha256}"'
    assert ask(blob, variant=variant, **{"If-None-Match": etag}).status_code == 304


def test_pages_are_served_by_number(hand_in) -> None:
    blob = hand_in("report.pdf", samples.pdf(pages=2))
    first, second = (ask(blob, filename="report.pdf", variant="page", page=number) for number in (1, 2))
    assert body(first) != body(second)
    assert second.headers["Content-Disposition"] == 'inline; filename="report-page-2.webp"'
    assert second.headers["Content-Type"] == "image/webp"
    for number in (0, 3, None):
        with pytest.raises(Http404):
            ask(blob, variant="page", page=number)
    with pytest.raises(Http404):
        ask(blob, variant="display")


@pytest.mark.parametrize(
    ("filename", "disposition"),
    [
        ("Ünit 304.jpg", "attachment; filename*=utf-8''%C3%9Cnit%20304.jpg"),
        ('the "best".jpg', 'attachment; filename="the \\"best\\".jpg"'),
        ("a\r\nSet-Cookie: x.jpg", 'attachment; filename="a Set-Cookie: x.jpg"'),
        ("../../x.jpg", 'attachment; filename="x.jpg"'),
        ("trick.html", 'attachment; filename="trick.html.jpg"'),
        ("", 'attachment; filename="file.jpg"'),
        ("PHOTO.JPEG", 'attachment; filename="PHOTO.JPEG"'),
    ],
)
def test_download_names(hand_in, filename: str, disposition: str) -> None:
    blob = hand_in("photo.jpg", GOOD["visit.jpg"])
    assert ask(blob, filename=filename).headers["Content-Disposition"] == disposition


def test_a_copy_that_is_not_ready_is_not_found(hand_in) -> None:
    blob = hand_in("notes.txt", b"notes")
    for variant in ("display", "thumbnail", "page"):
        with pytest.raises(Http404):
            ask(blob, variant=variant, page=1)


def test_an_object_that_storage_has_lost_is_not_found(digits: Blob, caplog: pytest.LogCaptureFixture) -> None:
    default_storage.delete(digits.stored_as)
    with pytest.raises(Http404):
        ask(digits)
    assert digits.stored_as in caplog.text


def test_the_browsers_type_counts_for_nothing(hand_in) -> None:
    """A row that was tampered with to say HTML is still served as what the allow-list says of its kind."""
    blob = hand_in("notes.txt", b"<script>alert(1)</script>")
    blob.media_type = "text/html"
    response = ask(blob)
    assert response.headers["Content-Type"] == "text/plain"
    assert response.headers["Content-Disposition"].startswith("attachment")
