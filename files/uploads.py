"""A request that is too big is refused before its first byte is written to disk."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

# For the words around the files, and the parts between them.
_ROOM_FOR_WORDS = 16 * 1024 * 1024
# Nobody who has not signed in is asked for a file anywhere; their request is read before a view can turn them away.
_OF_STRANGERS = 1024 * 1024


class BoundedUploadHandler(FileUploadHandler):
    """First of the upload handlers: looks at how much is announced, and leaves the rest to those after it.

    More than a portfolio may hold is refused with 413; so is anything large from somebody who is not signed in. What
    a single file may weigh is for the form to say, where what was typed is kept. A request cannot bring more than it
    announced: the web server stops reading there.
    """

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        user = getattr(self.request, "user", None)
        known = user is not None and user.is_authenticated
        if content_length > (settings.EVIDENCE_QUOTA_BYTES + _ROOM_FOR_WORDS if known else _OF_STRANGERS):
            raise RequestDataTooBig("The request is bigger than anything that can be handed in.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
