"""What may change within an edition: wording, and more units; never what must be proven (Q31). Pure."""

import dataclasses
from collections.abc import Iterator, Sequence

from units.documents import CriterionDocument, GroupDocument, QualificationDocument, StandardDocument, UnitDocument

RULES_OF_COMBINATION = ("at_least_units", "at_least_credits", "at_least_credits_at_level", "groups", "barred")
# Of an item or point: the words, and our reading of them. Points are looked at one by one.
MAY_BE_MENDED = frozenset({"text", "reading", "criteria"})


def changes_refused(stored: StandardDocument, offered: StandardDocument) -> Iterator[str]:
    """What `offered` would change that a loaded edition must keep, each line naming its place; nothing if it may load.

    Candidates stay on the edition they registered on, so its units keep their setting policy and their notes,
    elements, groups and criteria in number and order, and each group what it asks for. Labels stay, since signed
    records call their criteria by them, and so do the words for instances, by which candidates have named theirs (R3).
    What counts towards a certificate stays once it is there: level and credits of a unit, and the rules of combination.
    """
    places = {unit.code: (f"units[{index}]", unit) for index, unit in enumerate(offered.units)}
    for unit in stored.units:
        if unit.code not in places:
            yield f"units: unit {unit.code} is missing; a loaded edition keeps its units"
            continue
        place, counterpart = places[unit.code]
        yield from _in_unit(place, unit, counterpart)
    awards = {award.code: (f"qualifications[{index}]", award) for index, award in enumerate(offered.qualifications)}
    for award in stored.qualifications:
        if award.code not in awards:
            yield f"qualifications: {award.code} is missing; a loaded edition keeps its qualifications"
            continue
        yield from _in_qualification(*awards[award.code], award)


def _in_qualification(place: str, offered: QualificationDocument, stored: QualificationDocument) -> Iterator[str]:
    """Units may be added. Rules of combination may be added where there were none; those that are there stay (Q30)."""
    has_rules = any(getattr(stored, field) for field in RULES_OF_COMBINATION)
    if has_rules:
        for field in (*RULES_OF_COMBINATION, *(["level"] if stored.at_least_credits_at_level else [])):
            old, new = getattr(stored, field), getattr(offered, field)
            if old != new:
                yield _held(f"{place}.{field}", old, new)
    has_mandatory = any(member.is_mandatory for member in stored.units)
    places = {member.unit: (f"{place}.units[{index}]", member) for index, member in enumerate(offered.units)}
    for member in stored.units:
        if member.unit not in places:
            yield f"{place}.units: unit {member.unit} is missing; a loaded qualification keeps its units"
            continue
        where, new_member = places.pop(member.unit)
        if (has_rules or has_mandatory) and member.is_mandatory != new_member.is_mandatory:
            old_word, new_word = ("mandatory" if one.is_mandatory else "optional" for one in (member, new_member))
            yield _held(f"{where}.is_mandatory", old_word, new_word)
        if has_rules and member.group != new_member.group:
            yield _held(f"{where}.group", member.group or "no group", new_member.group or "no group")
    if has_rules or has_mandatory:
        for where, new_member in places.values():
            if new_member.is_mandatory:
                yield f"{where}.is_mandatory: a unit added to a loaded qualification is optional; make it a new edition"


def _in_unit(place: str, stored: UnitDocument, offered: UnitDocument) -> Iterator[str]:
    if stored.setting_policy != offered.setting_policy:
        yield _held(f"{place}.setting_policy", stored.setting_policy, offered.setting_policy)
    if stored.level and stored.level != offered.level:
        yield _held(f"{place}.level", stored.level, offered.level or "none")
    if stored.credits is not None and stored.credits != offered.credits:
        yield _held(f"{place}.credits", stored.credits, "none" if offered.credits is None else offered.credits)
    note_texts = ([note.text for note in stored.notes], [note.text for note in offered.notes])
    yield from _in_list(f"{place}.notes", *note_texts)
    yield from _in_list(
        f"{place}.elements",
        [element.text for element in stored.elements],
        [element.text for element in offered.elements],
    )
    group_texts = ([_whole_text(group) for group in stored.groups], [_whole_text(group) for group in offered.groups])
    yield from _in_list(f"{place}.groups", *group_texts)
    for index, (old, new) in enumerate(zip(stored.groups, offered.groups, strict=False)):
        yield from _in_group(f"{place}.groups[{index}]", old, new)


def _in_group(place: str, stored: GroupDocument, offered: GroupDocument) -> Iterator[str]:
    yield from _in_fields(place, stored, offered)
    points = ([point.text for point in stored.criteria], [point.text for point in offered.criteria])
    yield from _in_list(f"{place}.criteria", *points)
    for index, (old, new) in enumerate(zip(stored.criteria, offered.criteria, strict=False)):
        yield from _in_fields(f"{place}.criteria[{index}]", old, new)


def _in_fields[Part: (GroupDocument, CriterionDocument)](place: str, stored: Part, offered: Part) -> Iterator[str]:
    """Everything but the words."""
    for field in dataclasses.fields(stored):
        old, new = getattr(stored, field.name), getattr(offered, field.name)
        if field.name not in MAY_BE_MENDED and old != new:
            yield _held(f"{place}.{field.name}", old, new)


def _in_list(place: str, stored: Sequence[str], offered: Sequence[str]) -> Iterator[str]:
    """Same number, same order: a text found again at another place has been moved, a text found nowhere was mended."""
    if len(stored) != len(offered):
        yield f"{place}: the loaded edition has {len(stored)} here, this file {len(offered)}; make it a new edition"
        return
    for index, (old, new) in enumerate(zip(stored, offered, strict=True)):
        if old != new and old in offered and new in stored:
            yield f"{place}[{index}]: the loaded edition has another order here; make it a new edition"
            return


def _whole_text(group: GroupDocument) -> str:
    return "\n".join((group.element, group.text, *(point.text for point in group.criteria)))


def _held(place: str, old: object, new: object) -> str:
    def shown(value: object) -> str:
        if isinstance(value, tuple):
            return ", ".join(map(shown, value)) or "none"
        return "none" if value in (None, "") else str(value)

    return f"{place}: the loaded edition has {shown(old)}, this file {shown(new)}; make it a new edition"
