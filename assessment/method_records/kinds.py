"""What the record of each assessment method holds: closed shapes, plain text only (R11, R14, R16). No ORM.

The form, the action and the printed page all read the one table here, so that none of them can ask for what another
does not know.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models

from units.methods import Method

MOST_ROWS = 60
_LOCATOR = re.compile(r"[0-9]{1,3}:[0-5][0-9](:[0-5][0-9])?")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9]")
_ANSWERS = {"yes": "Yes", "no": "Not yet"}

# A body: texts by name, and under the name of its rows a list of such.
type Body = dict[str, str | list[str] | list[dict[str, str]]]


class MethodKind(models.TextChoices):
    """The kinds of signed record. The first three are the assessor's, the last two the candidate's."""

    OBSERVATION = "observation", "Observation"
    QUESTIONING = "questioning", "Questioning"
    DISCUSSION = "professional_discussion", "Professional discussion"
    STATEMENT = "personal_statement", "Personal statement"
    PRODUCT = "product", "Note on a product"

    @property
    def method(self) -> Method | None:
        """The assessment method that evidence made of such a record carries; None for the candidate's own (R14)."""
        return {
            MethodKind.OBSERVATION: Method.OBSERVATION,
            MethodKind.QUESTIONING: Method.QUESTIONING,
            MethodKind.DISCUSSION: Method.PROFESSIONAL_DISCUSSION,
        }.get(self)


ASSESSORS_KINDS = frozenset(kind for kind in MethodKind if kind.method)
CANDIDATES_KINDS = frozenset(MethodKind) - ASSESSORS_KINDS


def _check_locator(text: str) -> None:
    if not _LOCATOR.fullmatch(text):
        raise ValidationError("Give minutes and seconds, such as 04:10.")


def _check_clock(text: str) -> None:
    if not _CLOCK.fullmatch(text):
        raise ValidationError("Give a time of day, such as 14:30.")


def _check_answer(text: str) -> None:
    if text not in _ANSWERS:
        raise ValidationError("Choose one.")


@dataclass(frozen=True, slots=True)
class Line:
    """One text of a record. Without ``refusal``, which is said where it is missing, it may stay empty.

    ``lines``: how many lines its field shows; a text of one line is stored without breaks.
    """

    name: str
    label: str
    refusal: str = ""
    help: str = ""
    lines: int = 1
    longest: int = 4000
    check: Callable[[str], None] | None = None
    numbered: str = ""

    def label_of(self, number: int) -> str:
        """Its label in one of several rows, such as "Answer 3"."""
        return self.numbered.format(number) if self.numbered else f"{self.label} {number}"

    @property
    def is_choice(self) -> bool:
        """Whether it is answered with yes or not yet."""
        return self.check is _check_answer


@dataclass(frozen=True, slots=True)
class Rows:
    """What a record holds several of. ``word`` numbers them on the page: "Question 3"."""

    name: str
    word: str
    title: str
    refusal: str
    columns: tuple[Line, ...]
    spare: int = 5


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything that the record of one kind holds."""

    lines: tuple[Line, ...]
    rows: Rows | None = None


_WHERE = Line("where", "Where", "Say where.", "Such as “Sales floor, Marsh and Daughters”.", longest=200)

SHAPES: dict[MethodKind, Shape] = {
    MethodKind.OBSERVATION: Shape(
        (
            _WHERE,
            Line("at", "From what time", help="Such as 14:30.", longest=5, check=_check_clock),
            Line("not_seen", "What you did not see", help="What the occasion gave no chance to see.", lines=3),
        ),
        Rows(
            "steps",
            "Step",
            "What you saw, step by step",
            "Say what you saw the candidate do.",
            (
                Line("step", "What the candidate did", "Say what you saw.", lines=2, numbered="Step {}"),
            ),
        ),
    ),
    MethodKind.QUESTIONING: Shape(
        (_WHERE,),
        Rows(
            "questions",
            "Question",
            "Questions and answers",
            "Write down what you asked.",
            (
                Line("question", "Question", "Write down what you asked.", lines=2, longest=500),
                Line("answer", "Answer", "Write down what the candidate answered.", lines=3),
                Line("satisfactory", "Satisfactory?", "Say whether the answer is satisfactory.", check=_check_answer,
                     numbered="Is answer {} satisfactory?"),
            ),
        ),
    ),
    MethodKind.DISCUSSION: Shape(
        (_WHERE,),
        Rows(
            "notes",
            "Note",
            "Notes, with times",
            "Write down what was said.",
            (
                Line("time", "Minute", "Give minutes and seconds, such as 04:10.", longest=9,
                     check=_check_locator, numbered="Minute of note {}"),
                Line("note", "What was said", "Write down what was said.", lines=2, numbered="Note {}"),
            ),
        ),
    ),
    MethodKind.STATEMENT: Shape(
        (
            Line(
                "text",
                "Your statement",
                "Say what you did.",
                "What you did, how and why, in your own words. Write “a customer” instead of names.",
                lines=10,
            ),
        )
    ),
    MethodKind.PRODUCT: Shape(
        (
            Line("what", "What it is", "Say what it is.", "Such as “The price list that hangs by the till”.", lines=3),
            Line("part", "What you did of it yourself", "Say what your part in it was.", lines=4),
            Line("others", "Who else worked on it", help="Their jobs, such as “my manager”, not their names.", lines=2),
        )
    ),
}  # fmt: skip


def cleaned_body(kind: MethodKind, given: Mapping[str, object]) -> Body:
    """What was typed into a form as it is stored; rows that are wholly blank are left out.

    Raises ValidationError by field, that of a row under its column and number ("answer-2"), for what is missing, too
    long or not of the shape, and for anything that such a record does not hold.
    """
    shape, errors = SHAPES[kind], dict[str, str]()
    known = {line.name for line in shape.lines} | ({shape.rows.name} if shape.rows else set())
    if set(given) - known:
        raise ValidationError("This record holds something that its form does not ask for.")
    body: Body = {line.name: _cleaned(line, given.get(line.name, ""), line.name, errors) for line in shape.lines}
    if shape.rows:
        body[shape.rows.name] = _cleaned_rows(shape.rows, given.get(shape.rows.name, []), errors)
    if errors:
        raise ValidationError(errors)
    return body


def _cleaned(line: Line, text: object, name: str, errors: dict[str, str]) -> str:
    if not isinstance(text, str) or "\0" in text:
        errors[name] = "This is not text."
        return ""
    text = text.replace("\r\n", "\n").strip() if line.lines > 1 else " ".join(text.split())
    if not text:
        if line.refusal:
            errors[name] = line.refusal
    elif len(text) > line.longest:
        errors[name] = f"This is longer than {line.longest} letters."
    elif line.check:
        try:
            line.check(text)
        except ValidationError as refusal:
            errors[name] = " ".join(refusal.messages)
    return text


def _cleaned_rows(rows: Rows, given: object, errors: dict[str, str]) -> list[dict[str, str]]:
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) > MOST_ROWS:
        raise ValidationError(f"A record holds at most {MOST_ROWS} of these.")
    names = {column.name for column in rows.columns}
    made = []
    for number, row in enumerate(given, start=1):
        if not isinstance(row, Mapping) or set(row) - names:
            raise ValidationError("This record holds something that its form does not ask for.")
        if any(not isinstance(text, str) or text.strip() for text in row.values()):
            made.append(
                {
                    column.name: _cleaned(column, row.get(column.name, ""), f"{column.name}-{number}", errors)
                    for column in rows.columns
                }
            )
    if not made:
        errors[f"{rows.columns[0].name}-1"] = rows.refusal
    return made


@dataclass(frozen=True, slots=True)
class ReadBody:
    """A body as a page shows it: labelled texts, and a table with its column heads."""

    texts: tuple[tuple[str, str], ...]
    title: str = ""
    word: str = ""
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def cells(self) -> list[list[tuple[str, str]]]:
        """The rows, each cell with the head of its column."""
        return [list(zip(self.heads, row, strict=True)) for row in self.rows]


def read_body(kind: MethodKind, body: Mapping[str, object]) -> ReadBody:
    """What a stored body says, in the order of its form; what was left empty is left out."""
    shape = SHAPES[kind]
    texts = [(line.label, str(body[line.name])) for line in shape.lines if body.get(line.name)]
    areas = body.get("areas")
    if isinstance(areas, list):
        texts.append(("Areas agreed beforehand", "\n".join(areas)))
    if shape.rows is None:
        return ReadBody(tuple(texts))
    stored = body[shape.rows.name]
    assert isinstance(stored, list)
    return ReadBody(
        tuple(texts),
        shape.rows.title,
        shape.rows.word,
        tuple(column.label for column in shape.rows.columns),
        tuple(tuple(_said(column, row[column.name]) for column in shape.rows.columns) for row in stored),
    )


def _said(column: Line, text: str) -> str:
    return _ANSWERS[text] if column.is_choice else text


def as_text(kind: MethodKind, body: Mapping[str, object]) -> str:
    """The whole record as one text: what its evidence says happened, wherever evidence is read, searched and signed."""
    read = read_body(kind, body)
    parts = [f"{label}: {text}" if "\n" not in text else f"{label}:\n{text}" for label, text in read.texts]
    for number, (first, *rest) in enumerate(read.rows, start=1):
        said = [
            f"{head} {text}" if head.endswith("?") else f"{head}: {text}"
            for head, text in zip(read.heads[1:], rest, strict=True)
        ]
        parts.append("\n".join([f"{read.word} {number}: {first}", *said]))
    return "\n\n".join(parts)
