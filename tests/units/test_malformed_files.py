"""Every way a file can be wrong is refused, names the place, and changes nothing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ledger.models import Event
from tests.units.kinds_of_items import standard_of_all_kinds
from units.actions import load_standard
from units.models import Standard, Unit
from units.standard_files import FOLDER, SCHEMA_FILE, StandardFileError, parse_standard, read_standard_file

type Spoil = Callable[[Any], object]


def put(*steps: str | int, value: object) -> Spoil:
    """A mutation that sets one place of a document."""

    def spoil(data: Any) -> None:
        for step in steps[:-1]:
            data = data[step]
        data[steps[-1]] = value

    return spoil


def drop(*steps: str | int) -> Spoil:
    def spoil(data: Any) -> None:
        for step in steps[:-1]:
            data = data[step]
        del data[steps[-1]]

    return spoil


def repeat(*steps: str | int) -> Spoil:
    """A mutation that appends the first entry of a list to it once more."""

    def spoil(data: Any) -> None:
        for step in steps:
            data = data[step]
        data.append(json.loads(json.dumps(data[0])))

    return spoil


POINT = ("units", 0, "groups", 0, "criteria", 1)
GROUP = ("units", 0, "groups", 0)
CHANGES = standard_of_all_kinds()["units"][2]["groups"][0]

MUTATIONS: list[tuple[str, Spoil, str]] = [
    ("no code", drop("code"), "code: is missing"),
    ("no units", drop("units"), "units: is missing"),
    ("empty units", put("units", value=[]), "units: must not be empty"),
    ("units as text", put("units", value="B4"), "units: must be a list"),
    ("unknown field", put("publisher", value="x"), "publisher: is not a known field"),
    (
        "unknown field below",
        put(*POINT, "note", value="x"),
        "units[0].groups[0].criteria[1].note: is not a known field",
    ),
    ("blank code", put("code", value=""), "code: must not be empty"),
    ("code with a slash", put("code", value="a/b"), "code: 'a/b' may hold letters, digits"),
    ("edition as number", put("edition", value=2010), "edition: must be text"),
    ("long title", put("units", 0, "title", value="x" * 301), "units[0].title: must not be longer than 300"),
    ("wrong schema", put("$schema", value="other.json"), "$schema: must be './standard.schema.json'"),
    ("no policy", drop("units", 1, "setting_policy"), "units[1].setting_policy: is missing"),
    (
        "unknown policy",
        put("units", 0, "setting_policy", value="anything"),
        "units[0].setting_policy: 'anything' is not",
    ),
    ("unknown kind", put(*GROUP, "kind", value="list"), "units[0].groups[0].kind: 'list' is not one of points"),
    ("unknown section", put(*GROUP, "section", value="say"), "units[0].groups[0].section: 'say' is not one of"),
    ("unknown note", put("units", 0, "notes", 0, "kind", value="x"), "units[0].notes[0].kind: 'x' is not one of"),
    ("empty note", put("units", 0, "notes", 0, "text", value=""), "units[0].notes[0].text: must not be empty"),
    ("empty text", put(*POINT, "text", value=""), "units[0].groups[0].criteria[1].text: must not be empty"),
    ("text of spaces", put(*POINT, "text", value=" "), "units[0].groups[0].criteria[1].text: white space must be"),
    ("double space", put(*POINT, "text", value="a  b"), "units[0].groups[0].criteria[1].text: white space must be"),
    ("line break", put(*POINT, "text", value="a\nb"), "units[0].groups[0].criteria[1].text: white space must be"),
    ("zero byte", put(*POINT, "text", value="a\0b"), "units[0].groups[0].criteria[1].text: holds a character"),
    ("lone surrogate", put(*POINT, "text", value="a\ud800"), "units[0].groups[0].criteria[1].text: holds a character"),
    ("text as null", put(*POINT, "text", value=None), "units[0].groups[0].criteria[1].text: must be text"),
    ("point as text", put(*POINT, value="Age"), "units[0].groups[0].criteria[1]: must be an object"),
    ("wrong place", put(*POINT, "ordinal", value=3), "units[0].groups[0].criteria[1].ordinal: must be 2, its place"),
    ("items from one", put(*GROUP, "ordinal", value=1), "units[0].groups[0].ordinal: must be 2, its place"),
    ("value of one", put(*POINT, "value_name", value="method"), "criteria[1].value_name: is for what wants several"),
    ("method unknown", put(*POINT, "methods", value=["X"]), "criteria[1].methods[0]: 'X' is not one of O, Q, PE"),
    ("method twice", put(*POINT, "methods", value=["O", "O"]), "criteria[1].methods[1]: 'O' is already used"),
    ("no method", put(*POINT, "methods", value=[]), "criteria[1].methods: must not be empty"),
    ("methods of points", put(*GROUP, "methods", value=["O"]), "groups[0].methods: is for an item without points"),
    ("times of points", put(*GROUP, "times", value=2), "groups[0].times: is for an item without points"),
    ("never shown", put(*POINT, "times", value=0), "criteria[1].times: must be at least 1"),
    ("credits as text", put("units", 0, "credits", value="6"), "units[0].credits: must be a whole number"),
    (
        "values and times",
        put("units", 1, "groups", 1, "times", value=2),
        "units[1].groups[1].times: cannot be asked for together with several values",
    ),
    (
        "values for each",
        put("units", 2, "groups", 0, "criteria", 0, "wanted_values", value=2),
        "units[2].groups[0].criteria[0].wanted_values: cannot be asked for within each instance",
    ),
    (
        "two counts of one set",
        put("units", 2, "groups", 1, value={**CHANGES, "instances": 3}),
        "units[2].groups[1].instances: another item of this unit says otherwise",
    ),
    ("nothing wanted", put(*POINT, "wanted_values", value=0), "criteria[1].wanted_values: must be at least 1"),
    ("wants a million", put(*POINT, "wanted_values", value=10**6), "criteria[1].wanted_values: must be at most 1000"),
    ("none of N", put(*GROUP, "at_least", value=0), "units[0].groups[0].at_least: must be at least 1"),
    ("more than N", put(*GROUP, "at_least", value=7), "units[0].groups[0].at_least: asks for 7 of 6 points"),
    ("true of N", put(*GROUP, "at_least", value=True), "units[0].groups[0].at_least: must be a whole number"),
    ("half of N", put(*GROUP, "at_least", value=0.5), "0.5: numbers are whole numbers"),
    ("not a number", put(*GROUP, "at_least", value=float("nan")), "NaN: numbers are whole numbers"),
    ("no points", drop(*GROUP, "criteria"), "units[0].groups[0].criteria: an item of kind 'points' needs"),
    ("no text", drop(*GROUP, "text"), "units[0].groups[0].text: must not be empty unless an element"),
    (
        "letter twice",
        put(*POINT, "printed_label", value="a"),
        "criteria[1].printed_label: 'a' is already used at units[0]",
    ),
    ("no such element", put(*GROUP, "element", value="9"), "units[0].groups[0].element: this unit has no element '9'"),
    ("instances of nothing", put(*GROUP, "instances", value=2), "units[0].groups[0].per_instance: must say what"),
    ("values on points", put(*GROUP, "wanted_values", value=2), "units[0].groups[0].wanted_values: must be 2 or more"),
    (
        "one distinct value",
        drop("units", 1, "groups", 1, "wanted_values"),
        "units[1].groups[1].wanted_values: must be 2",
    ),
    (
        "n of N of a condition",
        put("units", 2, "groups", 1, "at_least", value=1),
        "units[2].groups[1].at_least: is for items of kind 'points' only",
    ),
    (
        "an obligation with points",
        put("units", 3, "groups", 1, "criteria", value=[{"text": "x"}]),
        "units[3].groups[1].criteria: an item of kind 'obligation' has no points",
    ),
    ("code twice", put("units", 1, "code", value="B4"), "units[1].code: 'B4' is already used at units[0].code"),
    ("no title", put("units", 0, "title", value=""), "units[0].display_title: is needed where no title is printed"),
    (
        "conflict with itself",
        put("units", 5, "conflicts", 0, "unit", value="D13"),
        "units[5].conflicts[0].unit: a unit",
    ),
    ("empty qualification", put("qualifications", 0, "units", value=[]), "qualifications[0].units: must not be empty"),
    ("qualification twice", repeat("qualifications"), "qualifications[2].code: 'svq-2' is already used"),
    (
        "unit twice in a qualification",
        repeat("qualifications", 0, "units"),
        "qualifications[0].units[2].unit: 'F6' is already used",
    ),
    (
        "unit of another file",
        put("qualifications", 0, "units", 0, "unit", value="Z9"),
        "qualifications[0].units[0].unit: no unit 'Z9' in this file",
    ),
    ("unknown nation", put("qualifications", 0, "nation", value="GB"), "qualifications[0].nation: 'GB' is not one of"),
    ("level as number", put("qualifications", 1, "level", value=2), "qualifications[1].level: must be text"),
    (
        "method not in the key",
        put("method_key", value=[{"code": "X", "name": "X-ray"}]),
        "method_key[0].code: 'X' is not one of O, Q, PE, WT, PD",
    ),
    (
        "method twice",
        put("method_key", value=[{"code": "O", "name": "Observation"}] * 2),
        "method_key[1].code: 'O' is already used at method_key[0].code",
    ),
    (
        "heading twice",
        put("sections", value=[{"section": "do", "title": "Do"}] * 2),
        "sections[1].section: 'do' is already used",
    ),
    (
        "statement of the EV",
        put("declarations", value=[{"owner": "ev", "text": "x"}]),
        "declarations[0].owner: 'ev' is not one of none, candidate, assessor",
    ),
    (
        "element twice",
        put("units", 0, "elements", value=[{"number": "1", "text": "x"}] * 2),
        "units[0].elements[1].number: '1' is already used",
    ),
]

BROKEN_BYTES = [
    ("empty", b"", "line 1, column 1: this is not JSON"),
    ("cut off", b'{"code": "x",\n "units": [', "line 2, column 12: this is not JSON"),
    ("a list", b"[]", "the file: must be an object"),
    ("null", b"null", "the file: must be an object"),
    ("a picture", b"\xff\xd8\xff\xe0", "byte 0: the file is not UTF-8 text"),
    ("a key twice", b'{"code": "x", "code": "y"}', "the key 'code' occurs twice"),
    ("too deep", b"[" * 100_000, "nested too deep"),
    ("a number too long", b'{"units": ' + b"9" * 5000 + b"}", "a number too long"),
]


@pytest.mark.parametrize(("spoil", "place"), [row[1:] for row in MUTATIONS], ids=[row[0] for row in MUTATIONS])
@pytest.mark.django_db
def test_a_malformed_file_is_refused_naming_the_place(spoil: Spoil, place: str, tmp_path: Path) -> None:
    path = tmp_path / "spoilt.json"
    data = standard_of_all_kinds()
    spoil(data)
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(StandardFileError) as caught:
        load_standard(path=path)
    assert any(place in problem for problem in caught.value.problems), caught.value.problems
    assert str(caught.value).startswith("spoilt.json: ")
    assert not Standard.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize(("content", "place"), [row[1:] for row in BROKEN_BYTES], ids=[row[0] for row in BROKEN_BYTES])
def test_what_is_no_json_document_is_refused(content: bytes, place: str) -> None:
    with pytest.raises(StandardFileError) as caught:
        parse_standard(content, name="x.json")
    assert place in str(caught.value)


def test_the_unspoilt_document_is_sound() -> None:
    """Without this, every mutation above could be refused for a reason of its own."""
    content = json.dumps(standard_of_all_kinds(), indent=1).encode()
    assert len(parse_standard(content).units) == 7
    assert parse_standard(b"\xef\xbb\xbf" + content) == parse_standard(content)


def test_every_mistake_is_told_at_once_and_a_long_list_is_cut() -> None:
    data = standard_of_all_kinds()
    for unit in data["units"]:
        unit["setting_policy"] = "x"
        unit["colour"] = unit["size"] = unit["weight"] = "x"
    with pytest.raises(StandardFileError) as caught:
        parse_standard(json.dumps(data).encode())
    assert len(caught.value.problems) == 28
    assert str(caught.value).endswith("and 8 more")
    assert str(caught.value).count("\n") == 20


def test_a_missing_file_is_a_message(tmp_path: Path) -> None:
    with pytest.raises(StandardFileError, match=r"nowhere\.json: cannot be read: No such file"):
        read_standard_file(tmp_path / "nowhere.json")


@pytest.mark.django_db
def test_the_command_refuses_and_keeps_what_was_loaded(tmp_path: Path) -> None:
    load_standard(document=standard_of_all_kinds())
    data = standard_of_all_kinds()
    data["units"][0]["title"] = "Changed"
    data["units"][6]["notes"][0]["text"] = ""
    path = tmp_path / "spoilt.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(CommandError, match=r"units\[6\]\.notes\[0\]\.text: must not be empty"):
        call_command("load_standard", str(path))
    assert Unit.objects.get(code="B4").title == "Recognise diversity"


def test_every_field_of_the_schema_is_described() -> None:
    """The schema is the manual of whoever edits a standard file."""

    def undescribed(node: Any, place: str) -> list[str]:
        found = []
        for name, field in node.get("properties", {}).items():
            if "description" not in field:
                found.append(f"{place}.{name}")
            found += undescribed(field.get("items", {}), f"{place}.{name}[]")
        if node.get("type") == "object" and node.get("additionalProperties") is not False:
            found.append(f"{place} is open")
        return found

    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    nodes = {"standard": schema, **schema["$defs"]}
    assert [line for name, node in nodes.items() for line in undescribed(node, name)] == []
    assert SCHEMA_FILE.parent == FOLDER
