"""A qualification's structure as a file carries it: loaded, exported, refused where it makes no sense, held (Q30)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from tests.units.kinds_of_items import standard_of_all_kinds
from tests.units.structured import structured_standard, without_rules
from units.actions import load_standard
from units.combination import check_combination
from units.consistency import structure_of_award
from units.models import Qualification, QualificationGroup, QualificationUnit, Standard
from units.queries import structure_of
from units.standard_files import StandardFileError, check, standard_paths
from units.stored import stored_document

pytestmark = pytest.mark.django_db

type Change = Callable[[Any], object]


def award_of(data: Any) -> Any:
    return data["qualifications"][0]


def rows() -> list[Any]:
    tables = (Standard, Qualification, QualificationGroup, QualificationUnit)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_a_structure_comes_back_as_it_went_in(capsys: pytest.CaptureFixture[str]) -> None:
    load_standard(document=structured_standard())
    call_command("export_standard", "structured")
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(structured_standard()))
    assert stored_document(Standard.objects.get()) == check(structured_standard())
    assert not load_standard(document=structured_standard()).wrote


def test_what_is_loaded_is_what_the_file_says(django_assert_num_queries: Any) -> None:
    load_standard(document=structured_standard())
    data = structured_standard()
    qualification = Qualification.objects.get()
    with django_assert_num_queries(1):
        structure = structure_of(qualification)
    assert structure == structure_of_award(award_of(data), {unit["code"]: unit for unit in data["units"]})
    assert check_combination(structure, ["F1", "F2", "B1", "B2", "B3", "C1"]).is_complete
    assert check_combination(structure, ["F1", "F2", "B1", "B2", "B3", "B4", "C1"]).wrong == (
        "Units B4 and C1 may not be taken together.",
    )


@pytest.mark.parametrize("path", standard_paths(), ids=lambda path: path.name)
def test_the_shipped_standards_have_no_structure(path: Any) -> None:
    """Q30: none is printed, so none is invented, and any choice of units will do."""
    load_standard(path=path)
    for qualification in Qualification.objects.all():
        assert not structure_of(qualification).has_rules
        assert check_combination(structure_of(qualification), []).is_complete


def put(key: str, value: Any) -> Change:
    return lambda data: award_of(data).update({key: value})


def in_group(index: int, **values: Any) -> Change:
    return lambda data: award_of(data)["groups"][index].update(values)


def in_member(index: int, **values: Any) -> Change:
    return lambda data: award_of(data)["units"][index].update(values)


def in_unit(index: int, key: str) -> Change:
    return lambda data: data["units"][index].pop(key)


SENSELESS: list[tuple[str, Change, str]] = [
    ("no units needed", put("at_least_units", 0), "at_least_units: must be at least 1"),
    ("units as text", put("at_least_units", "6"), "at_least_units: must be a whole number"),
    ("a rule unknown", put("at_most_credits", 6), "at_most_credits: is not a known field"),
    ("a group without a name", lambda d: award_of(d)["groups"][0].pop("name"), "groups[0].name: is missing"),
    ("a group with an empty name", in_group(0, name=""), "groups[0].name: must not be empty"),
    ("a group twice", in_group(1, name="Group B"), "groups[1].name: 'Group B' is already used"),
    ("a group of none", put("groups", [{"name": "Group Q"}]), "units[2].group: this qualification has no group"),
    (
        "a group that no unit is in",
        lambda d: award_of(d)["groups"].append({"name": "Group Q"}),
        "groups[2].name: no unit of this qualification belongs to it",
    ),
    ("a unit in an unknown group", in_member(9, group="X"), "units[9].group: this qualification has no group 'X'"),
    ("five of four", in_group(0, at_least_units=5), "groups[0].at_least_units: asks for 5 of 4 units"),
    ("most below least", in_group(0, at_most_units=2), "groups[0].at_most_units: allows 2 where 3 are needed"),
    (
        "most below what is mandatory",
        lambda d: [in_member(index, is_mandatory=True)(d) for index in (6, 7, 8)],
        "groups[1].at_most_units: allows 2 where 3 are needed",
    ),
    ("credits beyond a group", in_group(0, at_least_credits=21), "groups[0].at_least_credits: asks for 21 of 20"),
    (
        "credits beyond what a group allows",
        in_group(1, at_least_credits=17),
        "groups[1].at_least_credits: asks for 17 of 16 credits",
    ),
    (
        "credits nobody knows",
        in_unit(2, "credits"),
        "groups[0].at_least_credits: cannot be counted without the credits of B1",
    ),
    ("units beyond all", put("at_least_units", 10), "at_least_units: asks for 10 of 9 units"),
    ("credits beyond all", put("at_least_credits", 47), "at_least_credits: asks for 47 of 46 credits"),
    ("credits at its level beyond all", put("at_least_credits_at_level", 17), "asks for 17 of 16 credits"),
    ("a level in words", put("level", "Entry 3"), "level: must be a whole number where at_least_credits_at_level"),
    (
        "a unit without a level",
        in_unit(9, "level"),
        "at_least_credits_at_level: cannot be counted without the level of X1",
    ),
    ("one unit barred", put("barred", [["B4"]]), "barred[0]: must hold at least 2"),
    ("barred from itself", put("barred", [["B4", "B4"]]), "barred[0][1]: 'B4' is already used"),
    ("a stranger barred", put("barred", [["B4", "Z9"]]), "barred[0][1]: this qualification has no unit 'Z9'"),
    ("both mandatory", put("barred", [["X1", "F1", "F2"]]), "barred[0]: F1 and F2 are both mandatory"),
]


@pytest.mark.parametrize(("spoil", "place"), [row[1:] for row in SENSELESS], ids=[row[0] for row in SENSELESS])
def test_rules_that_make_no_sense_are_refused_by_their_place(spoil: Change, place: str) -> None:
    data = structured_standard()
    spoil(data)
    with pytest.raises(StandardFileError) as caught:
        load_standard(document=data)
    assert any(place in problem for problem in caught.value.problems), caught.value.problems
    assert all(problem.startswith("qualifications[0].") for problem in caught.value.problems)
    assert not Standard.objects.exists()


HELD: list[tuple[str, Change, str]] = [
    ("more units", put("at_least_units", 7), "at_least_units: the loaded edition has 6, this file 7"),
    ("fewer credits", put("at_least_credits", 30), "at_least_credits: the loaded edition has 31, this file 30"),
    (
        "a total gone",
        lambda d: award_of(d).pop("at_least_credits_at_level"),
        "at_least_credits_at_level: the loaded edition has 8, this file none",
    ),
    (
        "another group rule",
        in_group(0, at_least_units=2),
        "groups: the loaded edition has Group B: at least 3 units, at least 15 credits, Group C: at least 1 unit and "
        "at most 2 units, this file Group B: at least 2 units",
    ),
    ("nothing barred", put("barred", []), "barred: the loaded edition has B4, C1, this file none"),
    ("another level", put("level", "2"), "level: the loaded edition has 3, this file 2"),
    (
        "an optional unit made mandatory",
        in_member(9, is_mandatory=True),
        "units[9].is_mandatory: the loaded edition has optional, this file mandatory",
    ),
    (
        "a mandatory unit made optional",
        in_member(0, is_mandatory=False),
        "units[0].is_mandatory: the loaded edition has mandatory, this file optional",
    ),
    ("a unit in another group", in_member(2, group="Group C"), "units[2].group: the loaded edition has Group B, this"),
    ("a unit in a group", in_member(9, group="Group C"), "units[9].group: the loaded edition has no group, this file"),
    (
        "a mandatory unit added",
        lambda d: (
            d["units"].append(d["units"][9] | {"code": "X2"}),
            award_of(d)["units"].append({"unit": "X2", "is_mandatory": True}),
        ),
        "units[10].is_mandatory: a unit added to a loaded qualification is optional",
    ),
]


@pytest.mark.parametrize(("change", "place"), [row[1:] for row in HELD], ids=[row[0] for row in HELD])
def test_a_loaded_edition_keeps_its_rules(change: Change, place: str) -> None:
    """Q31: candidates have chosen by them. Refused in place, welcome as a new edition."""
    load_standard(document=structured_standard())
    before = rows()
    data = structured_standard()
    change(data)
    with pytest.raises(StandardFileError) as caught:
        load_standard(document=data)
    assert any(problem.startswith(f"qualifications[0].{place}") for problem in caught.value.problems), (
        caught.value.problems
    )
    assert rows() == before
    assert load_standard(document=data | {"edition": "2014"}).wrote


@pytest.mark.parametrize(("key", "value"), [("credits", 7), ("level", "4")])
def test_a_units_credits_and_level_stay_once_they_are_there(key: str, value: Any) -> None:
    load_standard(document=structured_standard())
    data = structured_standard()
    data["units"][2][key] = value
    with pytest.raises(StandardFileError, match=rf"units\[2\].{key}: the loaded edition has"):
        load_standard(document=data)
    bare = standard_of_all_kinds()
    load_standard(document=bare)
    bare["units"][0][key] = value
    assert load_standard(document=bare).changed == ("B4",)


def test_a_structure_may_be_added_where_there_was_none() -> None:
    load_standard(document=without_rules())
    assert not structure_of(Qualification.objects.get()).has_rules
    member_ids = list(QualificationUnit.objects.order_by("pk").values_list("pk", flat=True))
    assert load_standard(document=structured_standard()).wrote
    assert stored_document(Standard.objects.get()) == check(structured_standard())
    assert list(QualificationUnit.objects.order_by("pk").values_list("pk", flat=True)) == member_ids


def test_an_optional_unit_may_join_a_group() -> None:
    load_standard(document=structured_standard())
    data = structured_standard()
    data["units"].append(data["units"][2] | {"code": "B5"})
    award_of(data)["units"].insert(6, {"unit": "B5", "is_mandatory": False, "group": "Group B"})
    assert load_standard(document=data).created == ("B5",)
    assert stored_document(Standard.objects.get()) == check(data)


@pytest.mark.parametrize(
    ("position", "values"),
    [(1, {"at_most_units": 2}), (2, {"at_most_units": 0}), (2, {"name": "Group B"}), (2, {"position": 1})],
    ids=str,
)
def test_the_database_repeats_the_rules(position: int, values: dict[str, Any]) -> None:
    load_standard(document=structured_standard())
    with pytest.raises(IntegrityError), transaction.atomic():
        QualificationGroup.objects.filter(position=position).update(**values)
