"""Reads of what is stored. Who may see a file is decided in the rooms below, which pass the files in."""

from collections.abc import Iterable

from django.db.models import QuerySet, Sum

from files.models import Blob, BlobText

_QUOTES = str.maketrans("‘’“”–—", "''\"\"--")
_AROUND = 80


def size_of(blobs: QuerySet[Blob]) -> int:
    """What files weigh together, in bytes, each counted once however often the query finds it."""
    total = Blob.objects.filter(pk__in=blobs.order_by().values("pk")).aggregate(total=Sum("size"))["total"]
    return int(total or 0)


def size_waiting(person_id: int) -> int:
    """What one person has handed in that nothing has taken up yet, in bytes."""
    return size_of(Blob.objects.filter(uploaded_by_id=person_id, attached=False))


def fold(text: str) -> str:
    """Text to be searched: small letters, plain quotes and dashes, blanks for line ends; as long as it was."""
    small = "".join(low if len(low := character.lower()) == 1 else character for character in text)
    return "".join(" " if character.isspace() else character for character in small.translate(_QUOTES))


def texts_saying(words: str, blobs: QuerySet[Blob] | Iterable[int]) -> QuerySet[BlobText]:
    """The texts, among those of these files, in which every one of the words occurs; none where there are no words.

    words: as somebody types them into a search box, in any order. blobs: a query of files, or their ids.
    """
    wanted = fold(words).split()
    if not wanted:
        return BlobText.objects.none()
    found = BlobText.objects.filter(blob__in=blobs)
    for word in wanted:
        found = found.filter(folded__contains=word)
    return found


def texts_of(blobs: QuerySet[Blob] | Iterable[int]) -> dict[int, str]:
    """The whole text of each of these files that has one, by the file's id."""
    return dict(BlobText.objects.filter(blob__in=blobs).values_list("blob_id", "whole"))


def excerpt(text: BlobText, words: str) -> str:
    """A line out of a text around the first of the words that occurs, to show why it was found."""
    places = [at for word in fold(words).split() if (at := text.folded.find(word)) >= 0]
    at = min(places, default=0)
    start, end = max(0, at - _AROUND), at + _AROUND
    # From one blank to another, so that no word is cut.
    start = text.folded.find(" ", start, at) + 1 if start else 0
    if end < len(text.folded):
        end = max(text.folded.rfind(" ", at, end), at + 1) if " " in text.folded[at:end] else end
    line = " ".join(text.whole[start:end].split())
    return f"{'… ' if start else ''}{line}{' …' if end < len(text.whole) else ''}"
