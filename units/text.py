"""Words and sentences, said and compared in one way: lists, numbers, plurals, capitals, folded names.

Pure. Nothing here knows of standards, so every room from `units` on may use it.
"""

import unicodedata
from collections.abc import Iterable

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_PLURALS = {"medium": "media", "criterion": "criteria", "person": "people", "child": "children"}


def listed(words: Iterable[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c", each once; "" of none. `last` joins the last two, such as "or"."""
    every = list(dict.fromkeys(words))
    return f" {last} ".join(filter(None, [", ".join(every[:-1]), *every[-1:]]))


def in_words(number: int, *, nought: str = "no") -> str:
    """A small number as the standards print it; figures from thirteen, and below nought."""
    if number == 0:
        return nought
    return _NUMBERS[number] if 0 < number < len(_NUMBERS) else str(number)


def ordinal_word(number: int) -> str:
    """ "first", "second"; figures where nobody reads words."""
    return _ORDINALS[number - 1] if 0 < number <= len(_ORDINALS) else f"{number}th"


def several(word: str) -> str:
    """More than one of something: "changes", "communication media". A word that is plural already is left alone."""
    start, _, last = word.rpartition(" ")
    if last in _PLURALS:
        last = _PLURALS[last]
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = f"{last[:-1]}ies"
    elif last.endswith(("ss", "x", "ch", "sh")):
        last = f"{last}es"
    elif not last.endswith("s"):
        last = f"{last}s"
    return f"{start} {last}".strip()


def counted(count: int, noun: str) -> str:
    """ "1 unit", "3 units"."""
    return f"{count} {noun if count == 1 else several(noun)}"


def is_or_are(count: int) -> str:
    """The verb of a count: "none is", "1 is", "2 are"."""
    return "is" if count < 2 else "are"


def capitalised(text: str) -> str:
    """The same with a capital at its beginning, as a sentence starts."""
    return text[:1].upper() + text[1:]


def uncapitalised(text: str) -> str:
    """The same with a small letter at its beginning, as within a sentence."""
    return text[:1].lower() + text[1:]


def collapsed(text: str) -> str:
    """The same with single spaces for any white space, and none at the ends."""
    return " ".join(text.split())


def folded(text: str) -> str:
    """What two names, headings or words have in common when only case, spacing or the form of letters differs."""
    return collapsed(unicodedata.normalize("NFKC", text)).casefold()
