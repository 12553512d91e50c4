"""A chain's head as somebody keeps it outside the system: in the copy of a signature by email, or on paper.

Whoever holds one can show later that a chain still passes through it, so that a tail cut off together with everything
that tells of it is found too (HOUSE, decided first, 3). Pure.
"""

import re
from dataclasses import dataclass

# No slash stands in a chain's key, which is made of a word and ids (`ledger/chains.py`).
_SPELLED = re.compile(r"(?P<chain>[a-z]+(?::[0-9]+)*)/(?P<sequence>[1-9][0-9]{0,17})/(?P<digest>[0-9a-f]{64})")


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """One place in one chain, and the digest of the event that stood there."""

    chain: str
    sequence: int
    digest: str

    def __str__(self) -> str:
        """One word that can be copied from a message or typed from paper: "portfolio:3:7/42/9f86…"."""
        return f"{self.chain}/{self.sequence}/{self.digest}"


def read_anchor(text: str) -> Anchor:
    """An anchor as it was copied or typed; spaces, line breaks and capitals do not matter, nor does a full stop.

    Raises ValueError, with words for whoever typed it, when it is not whole.
    """
    found = _SPELLED.fullmatch("".join(text.split()).lower().rstrip("."))
    if found is None:
        raise ValueError("This is not a whole ledger entry. Copy all of it, such as “portfolio:3:7/42/9f86…”.")
    return Anchor(chain=found["chain"], sequence=int(found["sequence"]), digest=found["digest"])
