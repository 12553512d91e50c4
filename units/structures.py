"""Whether a qualification's rules of combination make sense, before they are loaded. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from units.combination import MemberUnit, Part, Structure, as_level, credits_of, is_at_level
from units.documents import part_from_data

RULES_OF_AN_AWARD = ("level", "at_least_units", "at_least_credits", "at_least_credits_at_level", "groups", "barred")

type Finding = tuple[str, str]


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


def rules_not_kept_by_anybody(structure: Structure) -> Iterator[Finding]:
    """Rules that no choice of units could keep, as (place within the qualification, what is wrong).

    Each rule is looked at by itself and with what the groups allow; sets that bar one another are taken singly. Credits
    are counted only where every unit that could bring some has them: none are guessed (Q30).
    """
    parts = {part.rule.name: part for part in structure.parts if any(member.group for member in part.members)}
    for index, rule in enumerate(structure.groups):
        if rule.name in parts:
            yield from _in_group(parts[rule.name], f"groups[{index}]")
        else:
            yield f"groups[{index}].name", "no unit of this qualification belongs to it"
    mandatory = {member.code for member in structure.members if member.is_mandatory}
    for index, barred in enumerate(structure.barred):
        if len(both := [code for code in barred if code in mandatory]) > 1:
            yield f"barred[{index}]", f"{both[0]} and {both[1]} are both mandatory"
    yield from _in_all(structure)


def _in_group(part: Part, place: str) -> Iterator[Finding]:
    rule, size = part.rule, len(part.members)
    if rule.at_least_units is not None and rule.at_least_units > size:
        yield f"{place}.at_least_units", f"asks for {rule.at_least_units} of {size} units"
    if rule.at_most_units is not None and rule.at_most_units < part.at_least_units:
        yield f"{place}.at_most_units", f"allows {rule.at_most_units} where {part.at_least_units} are needed"
    if rule.at_least_credits is not None:
        yield from _credits_asked(f"{place}.at_least_credits", rule.at_least_credits, [part])


def _in_all(structure: Structure) -> Iterator[Finding]:
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
) -> Iterator[Finding]:
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
