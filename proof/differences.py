"""Where a record first differs from what was signed, in words: evidence reference, field or file (R66). Pure.

It is handed canonical data (`snapshot.py`), which somebody may have edited into anything, so it trusts no shape.
"""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

_PARTS = {"held_elsewhere": "criteria held elsewhere", "id": "its number"}
_FIELDS = {
    "setting": "setting",
    "methods": "assessment methods",
    "simulation_basis": "why it was simulated",
    "from": "date",
    "to": "last date",
    "what_happened": "what happened",
    "kept_at": "where it is kept",
    "is_rpl": "earlier learning",
    "environment": "realistic working environment",
    "records": "record of an assessment method",
    "seen": "seen at work",
    "confirmed": "valid, authentic and current",
    "locator": "place",
    "judged_by": "who judged it",
    "judged_at": "when it was judged",
    "by": "by whom",
    "at": "when",
}


def first_difference(then: object, now: Mapping[str, Any]) -> str:
    """The first thing that differs between the record part of a snapshot and the record as it stands.

    Out: such as "evidence E12, version 1: file photo.jpg" or "claims E3 against 1a: place"; blank when nothing differs.
    """
    if not isinstance(then, Mapping):
        return "it held something else altogether"
    for part in [*now, *(part for part in then if part not in now)]:
        if then.get(part) != now.get(part):
            return f"{_PARTS.get(part, part)}{_within(part, then.get(part), now.get(part))}"
    return ""


def _within(part: str, then: object, now: object) -> str:
    """What differs inside one part, to be said after its name."""
    if _is_list_of_things(then) and _is_list_of_things(now):
        return f" {_in_list(part, then, now)}"
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        return f": {_field(then, now)}"
    return ""


def _is_list_of_things(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(thing, Mapping) for thing in value))


def _in_list(part: str, then: Any, now: Any) -> str:
    then, now = then or [], now or []
    for old, new in zip_longest(then, now):
        if old == new:
            continue
        if old is not None and new is not None and _name(part, old) == _name(part, new):
            return f"{_name(part, old)}: {_field(old, new)}"
        if old is not None and _name(part, old) not in {_name(part, thing) for thing in now}:
            return f"{_name(part, old)} is gone"
        return f"{_name(part, new if new is not None else old)} was put in or taken out"
    return ""


def _name(part: str, thing: Mapping[str, Any]) -> str:
    match part:
        case "evidence":
            return f"{thing.get('reference')}, version {thing.get('version')}"
        case "claims":
            which = f" for “{thing['instance']}”" if "instance" in thing else ""
            return f"{thing.get('reference')} against {thing.get('criterion') or 'the unit as a whole'}{which}"
        case "confirmations":
            item = f" of item {thing['item']}" if "item" in thing else ""
            return f"{thing.get('kind')}{item}"
        case "named":
            return f"{thing.get('of')} “{thing.get('name')}”"
    return str(thing.get("criterion", ""))


def _field(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    for key in [*then, *(key for key in now if key not in then)]:
        old, new = then.get(key), now.get(key)
        if old == new:
            continue
        if key == "files":
            return f"file {_file(old, new)}"
        return _FIELDS.get(key, key)
    return "something"


def _file(then: object, now: object) -> str:
    old, new = (files if isinstance(files, Sequence) else () for files in (then, now))
    changed = next((a if a is not None else b for a, b in zip_longest(old, new) if a != b), None)
    return str(changed.get("name")) if isinstance(changed, Mapping) else "list"
