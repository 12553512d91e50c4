"""Hostile and broken uploads, made here and nowhere downloaded: by family, each a name, its bytes and what must follow.

REFUSED: a sentence that names the file, and nothing of it kept. SAFE: taken, and shown or downloaded without harm.
EITHER: one of the two, whichever the bytes happen to allow; what matters is that it is nothing else.
"""

from collections.abc import Callable

from tests.files.corpus import archives, disguises, documents, images
from tests.files.corpus.cases import EITHER, REFUSED, SAFE, Case

# Made when they are asked for: that takes seconds, and every run collects the tests.
FAMILIES: dict[str, Callable[[], list[Case]]] = {
    **disguises.FAMILIES,
    **images.FAMILIES,
    **documents.FAMILIES,
    **archives.FAMILIES,
}

__all__ = ["EITHER", "FAMILIES", "REFUSED", "SAFE", "Case"]
