"""A plain search over the evidence of one portfolio, within what the seat may see (R64).

Titles and words are looked through here, folded as the words of files are, and not by the database: which letters are
one and the same, two databases do not agree on.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Case, Q, QuerySet, Value, When

from evidence.models import Evidence, EvidenceFile
from files.models import BlobText
from files.queries import excerpt, fold
from units.catalogue import Piece, words_of

PASSAGES_SHOWN = 3
_AROUND = 80


@dataclass(frozen=True, slots=True)
class Passage:
    """A line in which a word stands, and what it was found in."""

    found_in: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class FoundEvidence:
    """An item in which every word was found, with the first few lines that hold one."""

    evidence: Evidence
    title: tuple[Piece, ...]
    passages: tuple[Passage, ...]


@dataclass(slots=True)
class _Item:
    """What one item is searched by."""

    pk: int
    number: int
    title: str
    said: list[tuple[str, str]]
    # The files' names, by blob.
    files: dict[int, str] = field(default_factory=dict)

    @property
    def texts(self) -> list[tuple[str, str]]:
        return [*self.said, *(("File", name) for name in self.files.values())]


def find_evidence(evidence: QuerySet[Evidence], search: str) -> list[int]:
    """The ids of the items that hold every word in their present version, the likeliest first. Three queries at most.

    A word is found in the title, in what was said of the item, in its witness's testimony, in the name of a file, or in
    the words that were read out of one; an evidence reference only as a whole. The item of that reference comes first,
    then those with every word in the title, newest first.
    """
    words = _folded_words(search)
    items = _items(evidence) if words else []
    in_files = _words_in_files(words, {blob for item in items for blob in item.files})
    ranked = []
    for item in items:
        whole = fold("\n".join([item.title, *(text for _, text in item.texts)]))
        reference = f"e{item.number}"
        if all(
            word in whole or word == reference or any(word in in_files.get(blob, ()) for blob in item.files)
            for word in words
        ):
            in_title = all(word in fold(item.title) for word in words)
            ranked.append((reference not in words, not in_title, -item.number, item.pk))
    return [pk for *_, pk in sorted(ranked)]


def show_found(evidence: QuerySet[Evidence], pks: Sequence[int], search: str) -> list[FoundEvidence]:
    """These items, in this order, with the words marked where they were found. Four queries."""
    words = _folded_words(search)
    shown = evidence.filter(pk__in=pks)
    rows = {row.pk: row for row in shown.select_related("current_version")}
    items = {item.pk: item for item in _items(shown)}
    blobs = {blob for item in items.values() for blob in item.files}
    texts: dict[int, BlobText] = {text.blob_id: text for text in _texts_with_any(words, blobs)}
    return [_show(rows[pk], items[pk], words, texts) for pk in pks if pk in rows]


def _show(row: Evidence, item: _Item, words: Sequence[str], texts: dict[int, BlobText]) -> FoundEvidence:
    passages = [
        Passage(found_in, marked(_line(text, words), words))
        for found_in, text in item.texts
        if any(word in fold(text) for word in words)
    ]
    passages += [
        Passage(f"In {name}", marked(excerpt(texts[blob], " ".join(words)), words))
        for blob, name in item.files.items()
        if blob in texts
    ]
    return FoundEvidence(row, marked(item.title, words), tuple(passages[:PASSAGES_SHOWN]))


def marked(text: str, words: Iterable[str]) -> tuple[Piece, ...]:
    """The text cut at the folded words: joined together again it is the text."""
    longest_first = sorted(words, key=len, reverse=True)
    if not longest_first:
        return (Piece(text, False),) if text else ()
    pieces, done = [], 0
    # Folding keeps the length, so that a place in the folded text is the same place in the text.
    for match in re.finditer("|".join(map(re.escape, longest_first)), fold(text)):
        pieces += [Piece(text[done : match.start()], False), Piece(text[match.start() : match.end()], True)]
        done = match.end()
    pieces.append(Piece(text[done:], False))
    return tuple(piece for piece in pieces if piece.text)


def _line(text: str, words: Iterable[str]) -> str:
    """A line out of a long text around the first of the words, cut at blanks."""
    folded = fold(text)
    at = min((place for word in words if (place := folded.find(word)) >= 0), default=0)
    start = folded.find(" ", at - _AROUND, at) + 1 if at > _AROUND else 0
    end = at + _AROUND
    end = max(folded.rfind(" ", at, end), at + 1) if end < len(folded) and " " in folded[at:end] else end
    line = " ".join(text[start:end].split())
    return f"{'… ' if start else ''}{line}{' …' if end < len(text) else ''}"


def _folded_words(search: str) -> list[str]:
    return list(dict.fromkeys(fold(word) for word in words_of(search)))


def _items(evidence: QuerySet[Evidence]) -> list[_Item]:
    """What each item of a query is searched by. Two queries."""
    said = {
        "What happened": "what_happened",
        "Occasion": "occasion",
        "Customer": "customer",
        "Kept at work": "kept_at",
        "Testimony": "testimony__words",
    }
    of_version = [f"current_version__{name}" for name in said.values()]
    items = {}
    for pk, number, version, title, *texts in evidence.order_by().values_list(
        "pk", "number", "current_version", "current_version__title", *of_version
    ):
        found = [(found_in, text) for found_in, text in zip(said, texts, strict=True) if text]
        items[version] = _Item(pk, number, title, found)
    files = EvidenceFile.objects.filter(version__current_of__in=evidence.order_by().values("pk"))
    for version, blob, name in files.order_by("position").values_list("version_id", "blob_id", "name"):
        items[version].files[blob] = name
    return list(items.values())


def _texts_with_any(words: Sequence[str], blobs: Iterable[int]) -> QuerySet[BlobText]:
    any_word = Q()
    for word in words:
        any_word |= Q(folded__contains=word)
    return BlobText.objects.filter(any_word, blob__in=list(blobs)) if words else BlobText.objects.none()


def _words_in_files(words: Sequence[str], blobs: Iterable[int]) -> dict[int, list[str]]:
    """Which of the words stand in the words read out of each file. One query; the texts stay in the database."""
    holds = {
        f"holds_{number}": Case(When(folded__contains=word, then=Value(True)), default=Value(False))
        for number, word in enumerate(words)
    }
    found = _texts_with_any(words, blobs).annotate(**holds).values_list("blob_id", *holds)
    return {blob: [word for word, is_there in zip(words, there, strict=True) if is_there] for blob, *there in found}
