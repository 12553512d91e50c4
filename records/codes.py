"""The code on a print: 128 random bits that lead whoever holds the paper to the page that confirms it.

Only the code's SHA-256 is stored. The PDF carries the code, and is handed out as it is as long as the record stands as
printed; a record that has changed is printed anew with a code of its own. So nothing here ever needs the code again,
and a copy of the database opens no page to anybody. A plain digest does: nobody guesses among 2 to the power of 128.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, pairwise

import segno
from django.conf import settings
from django.urls import reverse

# Crockford's 32 signs: no letter that reads like a figure.
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BITS = 128
LENGTH = 26
_GROUPS = (0, 5, 10, 15, 20, LENGTH)


@dataclass(frozen=True, kw_only=True)
class CheckMark:
    """What stands on the paper: the code in groups, where to type it, and the QR code as an SVG path with its side."""

    code: str
    form_address: str
    path: str
    side: int


def new_code() -> str:
    """A fresh code, in groups."""
    number = secrets.randbits(_BITS)
    return spelled("".join(_SIGNS[number >> 5 * place & 31] for place in reversed(range(LENGTH))))


def spelled(signs: str) -> str:
    """26 signs in groups, to be read aloud and typed: "01234-56789-ABCDE-FGHJK-MNPQRS"."""
    return "-".join(signs[start:end] for start, end in pairwise(_GROUPS))


def read_code(typed: str) -> str | None:
    """A code as it was typed, in groups; None when it can be none.

    Case, spaces and dashes do not matter; O is read as 0, I and L as 1.
    """
    signs = "".join(sign for sign in typed.upper().translate(_READ_AS) if not sign.isspace() and sign not in "-–—.")
    if len(signs) != LENGTH or not set(signs) <= set(_SIGNS):
        return None
    return spelled(signs)


def digest_of_code(code: str) -> str:
    """What is stored of a code that `new_code` or `read_code` gave."""
    return hashlib.sha256(code.encode()).hexdigest()


def check_mark(code: str) -> CheckMark:
    """The code as it is printed. The QR code leads to the page itself and stands a fold or a stain (level M)."""
    qr = segno.make(settings.SITE_URL + reverse("check_print", args=[code]), error="m", micro=False)
    return CheckMark(
        code=code,
        form_address=settings.SITE_URL + reverse("check"),
        path="".join(_bars(y, row) for y, row in enumerate(qr.matrix)),
        side=len(qr.matrix),
    )


def _bars(y: int, row: Iterable[int]) -> str:
    """One row of the pattern as an SVG path: a bar for each run of dark squares."""
    path, x = "", 0
    for is_dark, run in groupby(row, key=bool):
        length = sum(1 for _ in run)
        path += f"M{x} {y}h{length}v1h-{length}z" if is_dark else ""
        x += length
    return path
