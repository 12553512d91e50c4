"""Loading is all or nothing, repeatable, and never changes what must be proven within an edition (Q31)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from ledger.events import EventType
from ledger.models import Event
from ledger.testing import LedgerWriteFailed, expect_events, failing_ledger
from tests.units.kinds_of_items import standard_of_all_kinds
from units.actions import load_standard
from units.models import Criterion, Element, Group, Note, Qualification, Standard, Unit
from units.standard_files import StandardFileError, check, standard_paths, write_standard
from units.stored import stored_document

pytestmark = pytest.mark.django_db

TABLES = (Standard, Unit, Note, Element, Group, Criterion, Qualification)


def rows() -> dict[str, list[Any]]:
    """Every row of the room, to compare before with after."""
    return {table.__name__: list(table.objects.order_by("pk").values()) for table in TABLES}


def test_the_command_loads_every_file_and_again_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_standard")
    before = rows()
    assert "unit-304-record.json: units: 1 new, 0 changed, 0 as before" in capsys.readouterr().out
    assert Criterion.objects.filter(group__unit__code="304").count() == 27
    call_command("load_standard")
    assert rows() == before
    assert capsys.readouterr().out.splitlines() == [f"{path.name}: nothing new" for path in standard_paths()]
    assert Event.objects.count() == len(standard_paths())


def test_the_event_says_what_was_loaded() -> None:
    with expect_events(EventType.STANDARD_LOADED) as events:
        report = load_standard(document=standard_of_all_kinds())
    (event,) = events
    standard = Standard.objects.get()
    assert event.subject == f"standard:{standard.pk}"
    assert event.data == {
        "code": "all-kinds",
        "edition": "2010",
        "digest": standard.digest,
        "units_created": 7,
        "units_changed": 0,
    }
    assert report.created == ("B4", "A17", "D2", "D3", "D6", "D13", "F6")


def test_loading_is_all_or_nothing() -> None:
    with pytest.raises(LedgerWriteFailed), failing_ledger():
        load_standard(document=standard_of_all_kinds())
    assert all(not found for found in rows().values())


def test_loading_takes_a_path_or_a_document() -> None:
    with pytest.raises(ValueError, match="either a path or a document"):
        load_standard()
    with pytest.raises(ValueError, match="either a path or a document"):
        load_standard(path=standard_paths()[0], document=standard_of_all_kinds())


@pytest.mark.parametrize("path", standard_paths(), ids=lambda path: path.name)
@pytest.mark.engine("order")
def test_export_gives_back_the_same_bytes(path: Path, tmp_path: Path) -> None:
    load_standard(path=path)
    out = tmp_path / "out.json"
    call_command("export_standard", Standard.objects.get().code, output=out)
    assert out.read_bytes() == path.read_bytes()


@pytest.mark.engine("order")
def test_every_kind_of_item_comes_back_as_it_went_in(capsys: pytest.CaptureFixture[str]) -> None:
    load_standard(document=standard_of_all_kinds())
    call_command("export_standard", "all-kinds", edition="2010")
    exported = capsys.readouterr().out
    assert without_ordinals(json.loads(exported)) == standard_of_all_kinds()
    assert exported == json.dumps(json.loads(exported), ensure_ascii=False, indent=2) + "\n"
    assert stored_document(Standard.objects.get()) == check(standard_of_all_kinds()) == check(json.loads(exported))


def without_ordinals(data: Any) -> Any:
    """What was exported, as `standard_of_all_kinds` writes it."""
    if isinstance(data, list):
        return [without_ordinals(part) for part in data]
    if isinstance(data, dict):
        return {key: without_ordinals(value) for key, value in data.items() if key != "ordinal"}
    return data


def test_every_note_item_and_point_tells_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    """Notes and items are one count, so that a number printed twice is still told apart (PRACTICE §2)."""
    load_standard(document=standard_of_all_kinds())
    call_command("export_standard", "all-kinds")
    unit = json.loads(capsys.readouterr().out)["units"][0]
    assert [note["ordinal"] for note in unit["notes"]] == [1]
    assert [group["ordinal"] for group in unit["groups"]] == [2]
    assert [point["ordinal"] for point in unit["groups"][0]["criteria"]] == [1, 2, 3, 4, 5, 6]


def test_the_same_edition_may_stand_beside_itself_for_another_owner() -> None:
    shared = load_standard(document=standard_of_all_kinds())
    own = load_standard(document=standard_of_all_kinds(), owner="centre:7")
    assert own.wrote
    assert own.standard_id != shared.standard_id
    assert not load_standard(document=standard_of_all_kinds(), owner="centre:7").wrote
    assert [standard.is_shared for standard in Standard.objects.order_by("pk")] == [True, False]


@pytest.mark.engine("aggregates")
def test_export_asks_which_edition_and_knows_what_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Loaded are: none"):
        call_command("export_standard", "all-kinds")
    load_standard(document=standard_of_all_kinds())
    load_standard(document=standard_of_all_kinds() | {"edition": "2014"})
    with pytest.raises(CommandError, match="choose one with --edition: 2010, 2014"):
        call_command("export_standard", "all-kinds")
    with pytest.raises(CommandError, match="Loaded are: all-kinds"):
        call_command("export_standard", "all-kinds", edition="1999")
    with pytest.raises(CommandError, match="cannot be written: Is a directory"):
        call_command("export_standard", "all-kinds", edition="2010", output=tmp_path)


def test_white_space_and_order_of_keys_are_no_change(tmp_path: Path) -> None:
    load_standard(document=standard_of_all_kinds())
    path = tmp_path / "sorted.json"
    path.write_text(json.dumps(standard_of_all_kinds(), sort_keys=True, indent=7), encoding="utf-8")
    assert not load_standard(path=path).wrote


def test_wording_is_mended_in_place_and_units_may_be_added() -> None:
    load_standard(document=standard_of_all_kinds())
    ids = list(Criterion.objects.order_by("pk").values_list("pk", flat=True))
    loaded_at = Standard.objects.get().loaded_at
    data = standard_of_all_kinds()
    data["units"][0]["groups"][0]["criteria"][1]["text"] = "Disability or none"
    data["units"][4]["display_title"] = "Study by yourself"
    data["units"].insert(0, {"code": "F1", "title": "Language", "setting_policy": "real_job_preferred"})
    data["qualifications"][1]["units"].append({"unit": "F1", "is_mandatory": False})
    data["qualifications"].reverse()
    data["declarations"] = [{"owner": "candidate", "text": "It is mine."}]
    report = load_standard(document=data)
    assert (report.created, report.changed) == (("F1",), ("B4", "D6"))
    assert report.unchanged == ("A17", "D2", "D3", "D13", "F6")
    assert list(Criterion.objects.order_by("pk").values_list("pk", flat=True)) == ids
    assert Criterion.objects.get(group__unit__code="B4", position=2).text == "Disability or none"
    assert Standard.objects.get().loaded_at > loaded_at
    assert write_standard(stored_document(Standard.objects.get())) == write_standard(check(data))


def swap(entries: list[Any]) -> None:
    entries[0], entries[1] = entries[1], entries[0]


FROZEN: list[tuple[str, Callable[[Any], object], str]] = [
    ("a unit gone", lambda d: d["units"].pop(1), "units: unit A17 is missing"),
    ("a criterion gone", lambda d: d["units"][0]["groups"][0]["criteria"].pop(), "units[0].groups[0].criteria: the"),
    (
        "a criterion added",
        lambda d: d["units"][0]["groups"][0]["criteria"].append({"text": "New"}),
        "units[0].groups[0].criteria: the loaded edition has 6 here, this file 7",
    ),
    (
        "criteria in another order",
        lambda d: swap(d["units"][0]["groups"][0]["criteria"]),
        "units[0].groups[0].criteria[0]: the loaded edition has another order",
    ),
    ("a group gone", lambda d: d["units"][2]["groups"].pop(), "units[2].groups: the loaded edition has 2"),
    ("groups in another order", lambda d: swap(d["units"][1]["groups"]), "units[1].groups[0]: the loaded edition has"),
    (
        "more wanted",
        lambda d: d["units"][0]["groups"][0].update(at_least=5),
        "units[0].groups[0].at_least: the loaded edition has 4, this file 5",
    ),
    (
        "more values wanted",
        lambda d: d["units"][1]["groups"][1].update(wanted_values=3),
        "units[1].groups[1].wanted_values: the loaded edition has 2, this file 3",
    ),
    (
        "more values of a point wanted",
        lambda d: d["units"][4]["groups"][1]["criteria"][0].update(wanted_values=3),
        "units[4].groups[1].criteria[0].wanted_values: the loaded edition has 2, this file 3",
    ),
    (
        "an example made an obligation",
        lambda d: d["units"][5]["groups"][0].update(kind="obligation"),
        "units[5].groups[0].kind: the loaded edition has scope, this file obligation",
    ),
    ("three changes", lambda d: d["units"][2]["groups"][0].update(instances=3), "units[2].groups[0].instances: the"),
    (
        "another word for the changes",
        lambda d: d["units"][2]["groups"][0].update(per_instance="alteration"),
        "units[2].groups[0].per_instance: the loaded edition has change, this file alteration",
    ),
    (
        "another word for the values",
        lambda d: d["units"][1]["groups"][1].update(value_name="channel"),
        "units[1].groups[1].value_name: the loaded edition has communication medium, this file channel",
    ),
    (
        "a word for the values of a point",
        lambda d: d["units"][4]["groups"][1]["criteria"][0].update(value_name="method"),
        "units[4].groups[1].criteria[0].value_name: the loaded edition has none, this file method",
    ),
    (
        "another number of an item",
        lambda d: d["units"][0]["groups"][0].update(printed_number="6"),
        "units[0].groups[0].printed_number: the loaded edition has 5, this file 6",
    ),
    (
        "another letter of a point",
        lambda d: d["units"][0]["groups"][0]["criteria"][0].update(printed_label="z"),
        "units[0].groups[0].criteria[0].printed_label: the loaded edition has a, this file z",
    ),
    (
        "another setting policy",
        lambda d: d["units"][0].update(setting_policy="no_simulation"),
        "units[0].setting_policy: the loaded edition has real_job_expected, this file no_simulation",
    ),
    (
        "an element added",
        lambda d: d["units"][0].update(elements=[{"number": "1", "text": "x"}]),
        "units[0].elements: the loaded edition has 0 here, this file 1",
    ),
    ("a note gone", lambda d: d["units"][0].pop("notes"), "units[0].notes: the loaded edition has 1 here, this file 0"),
    ("a qualification gone", lambda d: d["qualifications"].pop(), "qualifications: nvq-2 is missing"),
    (
        "a unit of a qualification gone",
        lambda d: d["qualifications"][0]["units"].pop(),
        "qualifications[0].units: unit B4 is missing",
    ),
]


@pytest.mark.parametrize(("change", "place"), [row[1:] for row in FROZEN], ids=[row[0] for row in FROZEN])
def test_what_must_be_proven_stays_within_an_edition(change: Callable[[Any], object], place: str) -> None:
    """Q31: refused in place, welcome as a new edition."""
    load_standard(document=standard_of_all_kinds())
    before = rows()
    data = standard_of_all_kinds()
    change(data)
    with pytest.raises(StandardFileError) as caught:
        load_standard(document=data)
    assert any(problem.startswith(place) for problem in caught.value.problems), caught.value.problems
    assert rows() == before
    data["edition"] = "2014"
    assert load_standard(document=data).wrote
    assert Standard.objects.count() == 2


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (Unit, {"title": "", "display_title": ""}),
        (Unit, {"setting_policy": "anything"}),
        (Unit, {"code": "A17"}),
        (Group, {"at_least": 0}),
        (Group, {"kind": "scope", "at_least": 2}),
        (Group, {"instances": 2}),
        (Group, {"section": "say"}),
        (Criterion, {"wanted_values": 0}),
        (Criterion, {"position": 2}),
        (Qualification, {"nation": "GB"}),
    ],
    ids=str,
)
def test_the_database_repeats_the_rules(table: Any, values: dict[str, Any]) -> None:
    load_standard(document=standard_of_all_kinds())
    first = table.objects.order_by("pk").first()
    with pytest.raises(IntegrityError), transaction.atomic():
        table.objects.filter(pk=first.pk).update(**values)
