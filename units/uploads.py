"""A file that a centre hands in as a standard: told apart, kept within limits, read and checked. Changes nothing."""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from files.sniffing import Refused, clean_name, sniff
from units.documents import StandardDocument
from units.spreadsheets.cells import LONGEST_CELL, MOST_BYTES, THE_FILE, NotReadable
from units.spreadsheets.reading import read_spreadsheet
from units.spreadsheets.writing import EXAMPLE_CODE
from units.standard_files import Problem, StandardFileError, check, json_of

# The evidence requirements of 68 units hold some six thousand values, and a list of 68.
MOST_VALUES = 40_000
LONGEST_LIST = 1_000
LONGEST_TEXT = LONGEST_CELL
_DEEPEST = 12
MOST_PROBLEMS = 200
_LONGEST_PROBLEM = 300

__all__ = ["MOST_BYTES", "NotReadable", "Read", "read_upload"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a file holds: a document, or problems, each as its place in words and what is wrong there.

    `problem_count` counts them all; `problems` are the first MOST_PROBLEMS.
    """

    document: StandardDocument | None = None
    problems: tuple[Problem, ...] = ()
    problem_count: int = 0


type Also = Callable[[StandardDocument], Iterable[Problem]]
type Tell = Callable[[Iterable[Problem]], list[Problem]]


def read_upload(content: bytes, name: str, *, also: Also = lambda document: ()) -> Read:
    """Read a standard file (.json) or a spreadsheet made from our template (.xlsx).

    `also` checks a document for what only the caller can know; its problems name JSON places, and are told with their
    rows like all others. Raises NotReadable, with a sentence for whoever chose the file, where it is neither.
    """
    name = clean_name(name)
    if len(content) > MOST_BYTES:
        raise NotReadable(f"“{name}” is too big: a standard may take {MOST_BYTES // 1024**2} MB at most.")
    if name.lower().endswith(".json"):
        return _read_file(content, also)
    if name.lower().endswith(".xlsx"):
        return _read_sheets(content, name, also)
    raise NotReadable(
        f"“{name}” is neither a spreadsheet (.xlsx) nor a standard file (.json). Save it as .xlsx and choose that copy."
    )


def _read_file(content: bytes, also: Also) -> Read:
    try:
        data = json_of(content)
    except StandardFileError as error:
        return _refused([(THE_FILE, problem) for problem in error.problems])
    return _checked(data, [], lambda problems: [(place or THE_FILE, what) for place, what in problems], also)


def _read_sheets(content: bytes, name: str, also: Also) -> Read:
    try:
        sniff(io.BytesIO(content), name)
    except Refused as refused:
        raise NotReadable(refused.reason) from None
    try:
        reading = read_spreadsheet(content)
    except NotReadable as unreadable:
        raise NotReadable(f"“{name}” cannot be used: {unreadable}.") from None
    return _checked(reading.data, reading.told(()), reading.told, also)


def _checked(data: Any, told: list[Problem], tell: Tell, also: Also) -> Read:
    problems = list(_beyond_limits(data))
    if problems:
        return _refused(tell(problems))
    try:
        document = check(data)
    except StandardFileError as error:
        return _refused(tell([_split(problem) for problem in error.problems]))
    problems = [*_examples_left(document), *also(document)]
    if problems or told:
        return _refused(tell(problems))
    return Read(document=document)


def _refused(problems: list[Problem]) -> Read:
    kept = tuple((_shown(place), _shown(what)) for place, what in problems[:MOST_PROBLEMS])
    return Read(problems=kept, problem_count=len(problems))


def _split(problem: str) -> Problem:
    place, _, what = problem.partition(": ")
    return ("" if place == "the file" else place), what


def _shown(text: str) -> str:
    """A problem may quote the file: only what prints, and not all of it."""
    printed = "".join(letter if letter.isprintable() else "�" for letter in text)
    return printed if len(printed) <= _LONGEST_PROBLEM else f"{printed[:_LONGEST_PROBLEM]}…"


def _beyond_limits(data: Any) -> Iterator[Problem]:
    """What would take too long to check, or not fit the tables. Without recursion: the data may be nested to harm."""
    waiting: list[tuple[str, Any, int]] = [("", data, 0)]
    values = 0
    while waiting:
        place, part, depth = waiting.pop()
        values += 1
        if values > MOST_VALUES:
            yield "", f"holds more than {MOST_VALUES} values: that is no standard"
            return
        if isinstance(part, str) and len(part) > LONGEST_TEXT:
            yield place, f"is longer than {LONGEST_TEXT} characters"
        if not isinstance(part, dict | list):
            continue
        if depth == _DEEPEST or (isinstance(part, list) and len(part) > LONGEST_LIST):
            yield place, f"holds more than {LONGEST_LIST} entries" if depth < _DEEPEST else "is nested too deep"
            continue
        below = part.items() if isinstance(part, dict) else enumerate(part)
        waiting.extend(
            (f"{place}[{key}]" if isinstance(key, int) else f"{place}.{key}".lstrip("."), value, depth + 1)
            for key, value in below
        )


def _examples_left(document: StandardDocument) -> Iterator[Problem]:
    codes = [
        ("code", document.code),
        *((f"units[{i}].code", unit.code) for i, unit in enumerate(document.units)),
        *((f"qualifications[{i}].code", award.code) for i, award in enumerate(document.qualifications)),
    ]
    for place, code in codes:
        if code == EXAMPLE_CODE:
            yield place, "this is the template's example: write your own over it"
