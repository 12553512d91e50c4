"""Standard files: read, checked to the last field, and written back.

A file is one JSON document (fixtures/standards/standard.schema.json). Text is stored as printed, with white space
collapsed (PRACTICE §2, Q14); `display_title` holds a corrected title.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import jsonschema
from django.conf import settings

from ledger.canonical import digest
from units.consistency import Problem, inconsistencies
from units.documents import StandardDocument, document_from_data, document_to_data
from units.well_formed import well_formed_part

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "standards"
SCHEMA_FILE = FOLDER / "standard.schema.json"
MOST_PROBLEMS_SHOWN = 20
_DEEPEST = 12


class StandardFileError(ValueError):
    """A standard that cannot be loaded. `problems` holds one line per mistake, each naming its place."""

    def __init__(self, problems: Iterable[str], *, name: str = "") -> None:
        self.problems = tuple(problems)
        self.name = name
        shown = self.problems[:MOST_PROBLEMS_SHOWN]
        left_out = len(self.problems) - len(shown)
        lines = [*shown, *([f"and {left_out} more"] if left_out else [])]
        super().__init__("\n".join(f"{name}: {line}" if name else line for line in lines))


def standard_paths() -> list[Path]:
    """Every standard file that comes with the product, in name order."""
    return sorted(path for path in FOLDER.glob("*.json") if path != SCHEMA_FILE)


def read_standard_file(path: Path) -> StandardDocument:
    """Read and check one file. Raises StandardFileError naming the file and the place of each mistake."""
    try:
        return parse_standard(path.read_bytes(), name=path.name)
    except OSError as error:
        raise StandardFileError([f"cannot be read: {error.strerror}"], name=path.name) from error


def parse_standard(content: bytes, *, name: str = "") -> StandardDocument:
    """Check the bytes of a standard file. Raises StandardFileError naming the place of each mistake."""
    return check(json_of(content, name=name), name=name)


def json_of(content: bytes, *, name: str = "") -> Any:
    """The JSON data in the bytes of a file, not checked yet. Raises StandardFileError for what is no plain JSON."""
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=_object_without_doubles,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except UnicodeDecodeError as error:
        raise StandardFileError([f"byte {error.start}: the file is not UTF-8 text"], name=name) from error
    except json.JSONDecodeError as error:
        problem = f"line {error.lineno}, column {error.colno}: this is not JSON ({error.msg})"
        raise StandardFileError([problem], name=name) from error
    except StandardFileError as error:
        raise StandardFileError(error.problems, name=name) from error
    except (RecursionError, ValueError) as error:
        raise StandardFileError(["this is not a standard: nested too deep, or a number too long"], name=name) from error


def check(data: Any, *, name: str = "") -> StandardDocument:
    """Check plain JSON data against the schema and the rules no schema can say, and return it as a document.

    Raises StandardFileError with every mistake found, each with its place, such as
    "units[0].groups[2].criteria[1].text: must not be empty". What is well-formed is checked for sense even where other
    parts are not.
    """
    errors = list(_validator().iter_errors(data))
    sound = well_formed_part(data, [tuple(error.absolute_path) for error in errors]) if errors else data
    problems = (*_schema_problems(errors), *_text_problems(data), *inconsistencies(sound))
    if problems:
        raise StandardFileError((f"{place or 'the file'}: {what}" for place, what in problems), name=name)
    return document_from_data(data)


def write_standard(document: StandardDocument) -> str:
    """The file's text for a document: reading it gives the document back, and writing that gives these bytes."""
    return json.dumps(document_to_data(document), ensure_ascii=False, indent=2) + "\n"


def digest_of(document: StandardDocument) -> str:
    """SHA-256 of the content, whatever its white space and order of keys, as 64 hex digits."""
    return digest(document_to_data(document, with_ordinals=False))


def _object_without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    doubles = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    if doubles:
        raise StandardFileError([f"the key {doubles[0]!r} occurs twice in one object"])
    return dict(pairs)


def _refuse_number(literal: str) -> NoReturn:
    raise StandardFileError([f"{literal}: numbers are whole numbers"])


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def _schema_problems(errors: Iterable[jsonschema.ValidationError]) -> list[Problem]:
    in_order = sorted(errors, key=lambda error: [str(step).zfill(6) for step in error.absolute_path])
    return [problem for error in in_order for problem in _explain(error)]


def _explain(error: jsonschema.ValidationError) -> Iterator[Problem]:
    place = _place(error.absolute_path)
    wanted: Any = error.validator_value
    match error.validator:
        case "required":
            missing = [key for key in wanted if key not in error.instance]
            # One error comes per missing key; its message opens with the key it is about.
            for key in (key for key in missing if error.message.startswith(repr(key))):
                yield _join(place, key), "is missing"
        case "additionalProperties":
            known = error.schema["properties"]
            for key in (key for key in error.instance if key not in known):
                yield _join(place, key), "is not a known field"
        case "minItems" if wanted > 1:
            yield place, f"must hold at least {wanted}"
        case "minLength" | "minItems":
            yield place, "must not be empty"
        case "maxLength":
            yield place, f"must not be longer than {wanted} characters"
        case "enum":
            yield place, f"{error.instance!r} is not one of {', '.join(wanted)}"
        case "const":
            yield place, f"must be {wanted!r}"
        case "type":
            names = {"string": "text", "integer": "a whole number", "boolean": "true or false", "array": "a list"}
            yield place, f"must be {names.get(wanted, 'an object')}"
        case "minimum":
            yield place, f"must be at least {wanted}"
        case "maximum":
            yield place, f"must be at most {wanted}"
        case "pattern":
            yield place, f"{error.instance!r} may hold letters, digits, dots, hyphens and underscores only"
        case _:
            yield place, error.message


def _place(path: Iterable[str | int]) -> str:
    place = ""
    for step in path:
        place = f"{place}[{step}]" if isinstance(step, int) else _join(place, step)
    return place


def _join(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _text_problems(data: Any, place: str = "", depth: int = 0) -> Iterator[Problem]:
    """Text as it must be stored: white space collapsed, nothing that does not print."""
    if depth > _DEEPEST:
        return  # No field lies there, which has been told.
    if isinstance(data, str):
        if " ".join(data.split()) != data:
            yield place, "white space must be collapsed to single spaces, with none at the ends"
        elif not data.isprintable():
            yield place, "holds a character that does not print"
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from _text_problems(value, _join(place, key), depth + 1)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _text_problems(value, f"{place}[{index}]", depth + 1)
