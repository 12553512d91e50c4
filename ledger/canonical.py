"""One spelling for each value, so that a digest made today can be made again in ten years, by any program."""

import hashlib
import json
from typing import Any


def canonical_json(obj: Any) -> bytes:
    """The one JSON spelling of `obj`: sorted keys, no spaces, UTF-8, no escapes beyond those JSON demands.

    In: dicts with text keys, lists, text, whole numbers, true, false, null. Out: bytes.
    Raises ValueError for not-a-number and for text that is no valid Unicode, TypeError for what JSON does not know.
    """
    spelled = json.dumps(obj, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return spelled.encode("utf-8")


def digest(obj: Any) -> str:
    """SHA-256 of the canonical spelling of `obj`, as 64 lower-case hex digits. Raises as `canonical_json` does."""
    return hashlib.sha256(canonical_json(obj)).hexdigest()


def note_digest(*, salt: str, text: str) -> str:
    """Digest of a note. The salt keeps a short, guessable note from being found again after its disposal (R60).

    Salt and text are digested as a pair: joined end to end, a letter could move between them unseen.
    """
    return digest([salt, text])
