"""What may change within an edition: wording, and more units; never what must be proven (Q31). Pure."""

from collections.abc import Iterator, Sequence

from units.documents import GroupDocument, StandardDocument, UnitDocument


def changes_refused(stored: StandardDocument, offered: StandardDocument) -> Iterator[str]:
    """What `offered` would change that a loaded edition must keep, each line naming its place; nothing if it may load.

    Candidates stay on the edition they registered on, so its units keep their setting policy and their notes,
    elements, groups and criteria in number and order, and each group what it asks for.
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
        award_place, new_award = awards[award.code]
        kept = {member.unit for member in new_award.units}
        for member in award.units:
            if member.unit not in kept:
                yield f"{award_place}.units: unit {member.unit} is missing; a loaded qualification keeps its units"


def _in_unit(place: str, stored: UnitDocument, offered: UnitDocument) -> Iterator[str]:
    if stored.setting_policy != offered.setting_policy:
        yield _held(f"{place}.setting_policy", stored.setting_policy, offered.setting_policy)
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
    for field in (
        "section",
        "kind",
        "element",
        "at_least",
        "wanted_values",
        "methods",
        "times",
        "instances",
        "is_should",
    ):
        old, new = getattr(stored, field), getattr(offered, field)
        if old != new:
            yield _held(f"{place}.{field}", old, new)
    if bool(stored.per_instance) != bool(offered.per_instance):
        yield _held(f"{place}.per_instance", stored.per_instance, offered.per_instance)
    yield from _in_list(
        f"{place}.criteria", [point.text for point in stored.criteria], [point.text for point in offered.criteria]
    )
    for index, (old_point, new_point) in enumerate(zip(stored.criteria, offered.criteria, strict=False)):
        for field in ("wanted_values", "methods", "times"):
            old, new = getattr(old_point, field), getattr(new_point, field)
            if old != new:
                yield _held(f"{place}.criteria[{index}].{field}", old, new)


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
        return (", ".join(map(str, value)) or "none") if isinstance(value, tuple) else str(value)

    return f"{place}: the loaded edition has {shown(old)}, this file {shown(new)}; make it a new edition"
