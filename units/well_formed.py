"""The well-formed part of a malformed file: what can be checked for sense while other parts of it are malformed. Pure.

So that whoever mends a file is told of everything at once, and not of the next layer after each mend.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

type Path = tuple[str | int, ...]

# Nothing can be wrong with a note on scope.
_ANY_GROUP = {"section": "cover", "kind": "scope", "text": "…"}
_NAMED_IN_AWARDS = frozenset({"code", "level", "credits"})


def well_formed_part(data: Any, malformed: Iterable[Path]) -> dict[str, Any]:
    """The data with every malformed part exchanged for one that nothing is wrong with; all places stay the same.

    In: JSON data, and the paths at which the schema refuses it. Out: data that the schema's shape can be relied on.
    """
    below: dict[str | int, list[Path]] = defaultdict(list)
    for path in malformed:
        if path:
            below[path[0]].append(path[1:])
    if not isinstance(data, Mapping):
        return {"units": []}
    sound = {key: value for key, value in data.items() if key not in below}
    units = data.get("units")
    sound["units"] = _units(units, below["units"]) if isinstance(units, list) else []
    awards = data.get("qualifications")
    if () in below["qualifications"] or not isinstance(awards, list) or _spoil_awards(units, below["units"]):
        # The awards speak of units that are not known for certain.
        sound.pop("qualifications", None)
    else:
        broken = {path[0] for path in below["qualifications"]}
        sound["qualifications"] = [_any_award(i) if i in broken else award for i, award in enumerate(awards)]
    return sound


def _any_award(index: int) -> dict[str, Any]:
    return {"code": f"?{index}", "title": "…", "units": []}


def _spoil_awards(units: Any, malformed: list[Path]) -> bool:
    """Whether a unit's code, or another field that rules of combination look at, is malformed or missing."""
    if not isinstance(units, list) or not all(isinstance(unit, Mapping) and "code" in unit for unit in units):
        return True
    return any(len(path) > 1 and path[1] in _NAMED_IN_AWARDS for path in malformed)


def _units(units: list[Any], malformed: list[Path]) -> list[dict[str, Any]]:
    below: dict[str | int, list[Path]] = defaultdict(list)
    for path in malformed:
        if path:
            below[path[0]].append(path[1:])
    return [_unit(unit, i, below[i]) for i, unit in enumerate(units)]


def _unit(unit: Any, index: int, malformed: list[Path]) -> dict[str, Any]:
    given = unit if isinstance(unit, Mapping) else {}
    broken = {path[0] for path in malformed if path}
    sound = {key: value for key, value in given.items() if key not in broken}
    sound.setdefault("code", f"?{index}")
    if "title" not in sound or "display_title" in broken:
        sound["title"] = "…"
    for key in ("notes", "groups"):
        entries = given.get(key)
        if key in broken or key in sound:
            entries = entries if isinstance(entries, list) else []
            spoilt = {path[1] for path in malformed if len(path) > 1 and path[0] == key}
            blank = {} if key == "notes" else _ANY_GROUP
            sound[key] = [blank if i in spoilt else entry for i, entry in enumerate(entries)]
    if "elements" in broken:
        sound["groups"] = [_ANY_GROUP if "element" in group else group for group in sound.get("groups", ())]
    return sound
