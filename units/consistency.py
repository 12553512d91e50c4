"""Whether a standard agrees with itself, before it is loaded: codes, quantities, rules of combination. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from units.combination import MemberUnit, Part, Structure, as_level, credits_of, is_at_level
from units.documents import ordinals, part_from_data
from units.kinds import IMPLIED_KINDS, GroupKind

type Problem = tuple[str, str]

RULES_OF_AN_AWARD = ("level", "at_least_units", "at_least_credits", "at_least_credits_at_level", "groups", "barred")


def inconsistencies(data: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with well-formed data, each as its place and what to say: what no schema can tell."""
    units: list[Mapping[str, Any]] = data["units"]
    yield from _doubles((f"units[{i}].code", unit["code"]) for i, unit in enumerate(units))
    yield from _doubles((f"method_key[{i}].code", entry["code"]) for i, entry in enumerate(data.get("method_key", ())))
    yield from _doubles((f"sections[{i}].section", part["section"]) for i, part in enumerate(data.get("sections", ())))
    for i, unit in enumerate(units):
        yield from _unit_problems(unit, f"units[{i}]")
    qualifications = data.get("qualifications", ())
    yield from _doubles((f"qualifications[{i}].code", entry["code"]) for i, entry in enumerate(qualifications))
    by_code = {unit["code"]: unit for unit in units}
    for i, qualification in enumerate(qualifications):
        yield from _qualification_problems(qualification, by_code, f"qualifications[{i}]")


def _qualification_problems(
    award: Mapping[str, Any], units: Mapping[str, Mapping[str, Any]], place: str
) -> Iterator[Problem]:
    """Its units and rules of combination: all of them known, and such that somebody could keep them."""
    members = [(f"{place}.units[{i}].unit", member["unit"]) for i, member in enumerate(award["units"])]
    groups = award.get("groups", ())
    unknown = [
        *((where, f"no unit {code!r} in this file") for where, code in members if code not in units),
        *_unknown_in_structure(award, {code for _, code in members}, {group["name"] for group in groups}, place),
    ]
    doubles = [
        *_doubles(members),
        *_doubles((f"{place}.groups[{i}].name", group["name"]) for i, group in enumerate(groups)),
        *(
            problem
            for i, barred in enumerate(award.get("barred", ()))
            for problem in _doubles((f"{place}.barred[{i}][{j}]", code) for j, code in enumerate(barred))
        ),
    ]
    yield from (*doubles, *unknown)
    if not doubles and not unknown:
        yield from (
            (f"{place}.{where}", what) for where, what in rules_not_kept_by_anybody(structure_of_award(award, units))
        )


def _unknown_in_structure(award: Mapping[str, Any], codes: set[str], names: set[str], place: str) -> Iterator[Problem]:
    for i, member in enumerate(award["units"]):
        if "group" in member and member["group"] not in names:
            yield f"{place}.units[{i}].group", f"this qualification has no group {member['group']!r}"
    for i, barred in enumerate(award.get("barred", ())):
        for j, code in enumerate(barred):
            if code not in codes:
                yield f"{place}.barred[{i}][{j}]", f"this qualification has no unit {code!r}"


def _unit_problems(unit: Mapping[str, Any], place: str) -> Iterator[Problem]:
    if not unit["title"] and not unit.get("display_title"):
        yield f"{place}.display_title", "is needed where no title is printed"
    for i, conflict in enumerate(unit.get("conflicts", ())):
        if conflict["unit"] == unit["code"]:
            yield f"{place}.conflicts[{i}].unit", "a unit cannot conflict with itself"
    elements = [element["number"] for element in unit.get("elements", ())]
    yield from _doubles((f"{place}.elements[{i}].number", number) for i, number in enumerate(elements))
    for key in ("notes", "groups"):
        for i, (ordinal, part) in enumerate(zip(ordinals(unit, key), unit.get(key, ()), strict=True)):
            yield from _ordinal_problems(part, ordinal, f"{place}.{key}[{i}]")
            for j, point in enumerate(part.get("criteria", ())):
                yield from _ordinal_problems(point, j + 1, f"{place}.{key}[{i}].criteria[{j}]")
    sets: dict[str, int | None] = {}
    for i, group in enumerate(unit.get("groups", ())):
        of, count = group.get("per_instance"), group.get("instances")
        if of and sets.setdefault(of, count) != count:
            yield f"{place}.groups[{i}].instances", f"another item of this unit says otherwise how many {of!r} it takes"
        if group.get("element") and group["element"] not in elements:
            yield f"{place}.groups[{i}].element", f"this unit has no element {group['element']!r}"
        yield from _group_problems(group, f"{place}.groups[{i}]")


def _group_problems(group: Mapping[str, Any], place: str) -> Iterator[Problem]:
    kind = GroupKind(group["kind"])
    criteria = group.get("criteria", [])
    labels = [(f"{place}.criteria[{i}].printed_label", c.get("printed_label", "")) for i, c in enumerate(criteria)]
    yield from _doubles((where, label) for where, label in labels if label)
    if kind is GroupKind.POINTS and not criteria:
        yield f"{place}.criteria", "an item of kind 'points' needs at least one point"
    if kind in IMPLIED_KINDS and criteria:
        yield f"{place}.criteria", f"an item of kind '{kind}' has no points of its own"
    if not group.get("text") and not group.get("element"):
        yield f"{place}.text", "must not be empty unless an element says what is asked for"
    if "at_least" in group:
        if kind is not GroupKind.POINTS:
            yield f"{place}.at_least", "is for items of kind 'points' only"
        elif group["at_least"] > len(criteria):
            yield f"{place}.at_least", f"asks for {group['at_least']} of {len(criteria)} points"
    if (kind is GroupKind.DISTINCT) != (group.get("wanted_values", 1) > 1):
        yield f"{place}.wanted_values", "must be 2 or more for an item of kind 'distinct', and is for that kind only"
    for field in ("methods", "times"):
        if field in group and kind not in IMPLIED_KINDS:
            yield f"{place}.{field}", "is for an item without points; with points, each says it for itself"
    yield from _demand_problems(group, place)
    for i, point in enumerate(criteria):
        yield from _demand_problems(point, f"{place}.criteria[{i}]")
        if point.get("wanted_values", 1) > 1 and group.get("per_instance"):
            yield f"{place}.criteria[{i}].wanted_values", "cannot be asked for within each instance"
    if kind is GroupKind.DISTINCT and group.get("per_instance"):
        yield f"{place}.per_instance", "an item of kind 'distinct' has its values for instances"
    if "instances" in group and not group.get("per_instance"):
        yield f"{place}.per_instance", "must say what the instances are of"


def _demand_problems(part: Mapping[str, Any], place: str) -> Iterator[Problem]:
    """What one cell asks for: several values, or several showings, and by which methods."""
    if "value_name" in part and part.get("wanted_values", 1) < 2:
        yield f"{place}.value_name", "is for what wants several values"
    if part.get("times", 1) > 1 and part.get("wanted_values", 1) > 1:
        yield f"{place}.times", "cannot be asked for together with several values"
    yield from _doubles((f"{place}.methods[{i}]", code) for i, code in enumerate(part.get("methods", ())))


def _ordinal_problems(part: Mapping[str, Any], ordinal: int, place: str) -> Iterator[Problem]:
    if part.get("ordinal", ordinal) != ordinal:
        yield f"{place}.ordinal", f"must be {ordinal}, its place"


def _doubles(places: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for place, value in places:
        if value in first:
            yield place, f"{value!r} is already used at {first[value]}"
        first.setdefault(value, place)


def structure_of_award(award: Mapping[str, Any], units: Mapping[str, Mapping[str, Any]]) -> Structure:
    """The rules of one entry of a file's `qualifications`. `units` are the file's units by code, all of them known."""
    return part_from_data(
        Structure,
        {key: award[key] for key in RULES_OF_AN_AWARD if key in award},
        members=tuple(
            MemberUnit(
                code=member["unit"],
                group=member.get("group", ""),
                is_mandatory=member["is_mandatory"],
                credits=units[member["unit"]].get("credits"),
                level=units[member["unit"]].get("level", ""),
            )
            for member in award["units"]
        ),
    )


def rules_not_kept_by_anybody(structure: Structure) -> Iterator[Problem]:
    """Rules that no choice of units could keep, as (place within the qualification, what is wrong).

    Each rule is looked at by itself and with what the groups allow; sets that bar one another are taken singly. Credits
    are counted only where every unit that could bring some has them: none are guessed (Q30).
    """
    parts = {part.rule.name: part for part in structure.parts if any(member.group for member in part.members)}
    for index, rule in enumerate(structure.groups):
        if rule.name in parts:
            yield from _in_group_of_units(parts[rule.name], f"groups[{index}]")
        else:
            yield f"groups[{index}].name", "no unit of this qualification belongs to it"
    mandatory = {member.code for member in structure.members if member.is_mandatory}
    for index, barred in enumerate(structure.barred):
        if len(both := [code for code in barred if code in mandatory]) > 1:
            yield f"barred[{index}]", f"{both[0]} and {both[1]} are both mandatory"
    yield from _in_all(structure)


def _in_group_of_units(part: Part, place: str) -> Iterator[Problem]:
    rule, size = part.rule, len(part.members)
    if rule.at_least_units is not None and rule.at_least_units > size:
        yield f"{place}.at_least_units", f"asks for {rule.at_least_units} of {size} units"
    if rule.at_most_units is not None and rule.at_most_units < part.at_least_units:
        yield f"{place}.at_most_units", f"allows {rule.at_most_units} where {part.at_least_units} are needed"
    if rule.at_least_credits is not None:
        yield from _credits_asked(f"{place}.at_least_credits", rule.at_least_credits, [part])


def _in_all(structure: Structure) -> Iterator[Problem]:
    most = sum(min(len(part.members), part.rule.at_most_units or len(part.members)) for part in structure.parts)
    if structure.at_least_units is not None and structure.at_least_units > most:
        yield "at_least_units", f"asks for {structure.at_least_units} of {most} units"
    if structure.at_least_credits is not None:
        yield from _credits_asked("at_least_credits", structure.at_least_credits, structure.parts)
    if structure.at_least_credits_at_level is None:
        return
    place = "at_least_credits_at_level"
    if as_level(structure.level) is None:
        yield "level", f"must be a whole number where {place} is asked for"
    elif unlevelled := [member.code for member in structure.members if not member.level]:
        yield place, f"cannot be counted without the level of {', '.join(unlevelled)}"
    else:
        yield from _credits_asked(place, structure.at_least_credits_at_level, structure.parts, level=structure.level)


def _credits_asked(
    place: str, asked: int, parts: list[Part] | tuple[Part, ...], *, level: str | None = None
) -> Iterator[Problem]:
    members = [member for part in parts for member in part.members]
    if without := [member.code for member in members if member.credits is None]:
        yield place, f"cannot be counted without the credits of {', '.join(without)}"
        return
    most = 0
    for part in parts:
        counting = [member for member in part.members if level is None or is_at_level(member.level, level)]
        dearest = sorted(counting, key=lambda member: member.credits or 0, reverse=True)
        most += credits_of(dearest[: part.rule.at_most_units])
    if asked > most:
        yield place, f"asks for {asked} of {most} credits"
