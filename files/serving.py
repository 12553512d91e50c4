"""The one way out for files. Views in rooms below check who is asking, then call `serve`."""

import logging
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal, Protocol

from botocore.exceptions import ClientError
from django.core.files.storage import default_storage
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header, parse_etags

from files import pictures
from files.models import Blob
from files.sniffing import clean_name

log = logging.getLogger(__name__)

type Variant = Literal["original", "display", "thumbnail", "page"]

_CHUNK = 256 * 1024
_FIVE_MINUTES = 5 * 60
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class _Served:
    """What is about to be sent: where it is stored, what it is, and under which name."""

    stored_as: str
    media_type: str
    filename: str
    etag: str
    is_inline: bool
    is_ours: bool


def serve(
    request: HttpRequest, blob: Blob, *, filename: str, variant: Variant = "original", page: int | None = None
) -> HttpResponseBase:
    """Answer a request for a stored file; whether this person may have it has been checked by the caller.

    filename: the name that the file was handed in under. variant: the original bytes, or one of the pictures we made;
    page: the page number, from one, for "page". Only our own pictures, sound and video are shown by the browser; every
    other original downloads. Answers HEAD, Range, If-Range and If-None-Match; 416 where a range lies past the end.
    Raises Http404 where there is no such picture (yet), or storage has lost the object.
    """
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    served = _find(blob, filename, variant, page)
    if _has_it_already(request, served.etag):
        return _with_headers(HttpResponseNotModified(), served)
    try:
        size = default_storage.size(served.stored_as)
    except (FileNotFoundError, ClientError) as error:
        log.error("Storage has lost %s of blob %s", served.stored_as, blob.pk)
        raise Http404("This file is missing from storage.") from error
    wanted = _find_range(request, served.etag, size)
    if wanted is not None and not len(wanted):
        response: HttpResponseBase = HttpResponse(status=416)
        response.headers["Content-Range"] = f"bytes */{size}"
        return _with_headers(response, served)
    span = range(size) if wanted is None else wanted
    response = HttpResponse() if request.method == "HEAD" else StreamingHttpResponse(_read(served.stored_as, span))
    if wanted is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
    response.headers["Content-Length"] = str(len(span))
    return _with_headers(response, served)


def _has_it_already(request: HttpRequest, etag: str) -> bool:
    """Whether If-None-Match names these bytes; a proxy may have marked the tag as weak."""
    tags = [tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))]
    return etag in tags or tags == ["*"]


def _find(blob: Blob, filename: str, variant: Variant, page: int | None) -> _Served:
    filename = clean_name(filename)
    stem = PurePath(filename).stem
    if variant == "original":
        if PurePath(filename).suffix.lower() not in blob.type.extensions:
            # The name must not promise the reader's computer another type than the one we know.
            filename += blob.type.extensions[0]
        return _Served(
            stored_as=blob.stored_as,
            media_type=blob.type.media_type,
            filename=filename,
            etag=f'"{blob.sha256}"',
            is_inline=blob.type.is_playable,
            is_ours=False,
        )
    if variant == "page":
        image = blob.page_images.filter(number=page or 0).first()
        stored_as, stem = (image.stored_as, f"{stem}-page-{page}") if image else ("", stem)
    else:
        stored_as = blob.display_as if variant == "display" else blob.thumbnail_as
    if not stored_as:
        raise Http404("There is no such picture of this file.")
    return _Served(
        stored_as=stored_as,
        media_type=pictures.MEDIA_TYPE,
        filename=stem + pictures.EXTENSION,
        # Made anew, a picture gets a new name in storage.
        etag=f'"{PurePath(stored_as).stem}"',
        is_inline=True,
        is_ours=True,
    )


def _find_range(request: HttpRequest, etag: str, size: int) -> range | None:
    """The bytes asked for; an empty range where they lie past the end; None where the whole file is the answer."""
    header = request.headers.get("Range", "")
    match = _RANGE.fullmatch(header.replace(" ", ""))
    if request.method != "GET" or not match or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = match.groups()
    # Numbers of absurd length are refused by int(); no file is that long either.
    if len(first) > 18 or len(last) > 18:
        return range(0) if first else None
    if first:
        if last and int(last) < int(first):
            return None
        return range(int(first), min(int(last) + 1, size) if last else size)
    if not last:
        return None
    return range(max(0, size - int(last)), size)


def _read(stored_as: str, span: range) -> Iterator[bytes]:
    """The bytes of a span, piece by piece; the object is opened only when the first piece is asked for."""
    with default_storage.open(stored_as, "rb") as stored:
        remote = getattr(stored, "obj", None)
        if remote is None:
            stored.seek(span.start)
            yield from _pieces(stored, len(span))
        else:
            # S3's file object would fetch the whole object before the first byte of the range.
            with closing(remote.get(Range=f"bytes={span.start}-{span.stop - 1}")["Body"]) as part:
                yield from _pieces(part, len(span))


def _pieces(source: _Readable, left: int) -> Iterator[bytes]:
    while left > 0 and (piece := source.read(min(_CHUNK, left))):
        left -= len(piece)
        yield piece


def _with_headers(response: HttpResponseBase, served: _Served) -> HttpResponseBase:
    headers = response.headers
    headers["Content-Type"] = served.media_type
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Content-Disposition"] = str(content_disposition_header(not served.is_inline, served.filename))
    headers["Accept-Ranges"] = "bytes"
    headers["ETag"] = served.etag
    if served.is_ours:
        # Long enough to turn pages; short enough that the next person at a shared computer does not find them.
        patch_cache_control(response, private=True, max_age=_FIVE_MINUTES)
    else:
        # An original is asked for each time, so that access that has ended is seen; unchanged bytes are not resent.
        patch_cache_control(response, private=True, no_cache=True)
    return response
