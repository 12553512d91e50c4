"""A standard file as frozen dataclasses: what the loader compares, and what the export writes back.

The order of fields is the order of keys in the file; a field that holds its default is left out of it.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from units.combination import GroupRule
from units.declarations import Declaration, Owner
from units.kinds import GroupKind, Nation, NoteKind, Section
from units.methods import Method
from units.setting_policy import SettingPolicy

SCHEMA_REFERENCE = "./standard.schema.json"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MethodDocument:
    """One entry of the printed method key."""

    code: str
    name: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SectionDocument:
    """The printed heading of one part of a unit record, and the instruction below it."""

    section: str
    title: str
    instruction: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ConflictDocument:
    """A known contradiction with another unit (Q1)."""

    unit: str
    about: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NoteDocument:
    """One of items 1 to 3: setting, sector or sufficiency."""

    printed_number: str = ""
    kind: NoteKind
    text: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ElementDocument:
    """One element, with the line its criteria are printed under."""

    number: str
    text: str
    instruction: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CriterionDocument:
    """One lettered or numbered point; its position is its place in the list."""

    printed_label: str = ""
    text: str
    wanted_values: int = 1
    value_name: str = ""
    methods: tuple[Method, ...] = ()
    times: int = 1


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GroupDocument:
    """One numbered item with its points; its position is its place in the unit's list."""

    section: Section
    kind: GroupKind
    printed_number: str = ""
    element: str = ""
    text: str = ""
    at_least: int | None = None
    wanted_values: int = 1
    value_name: str = ""
    methods: tuple[Method, ...] = ()
    times: int = 1
    per_instance: str = ""
    instances: int | None = None
    is_should: bool = False
    reading: str = ""
    criteria: tuple[CriterionDocument, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class UnitDocument:
    """One unit, with everything printed for it."""

    code: str
    title: str
    display_title: str = ""
    setting_policy: SettingPolicy
    level: str = ""
    credits: int | None = None
    conflicts: tuple[ConflictDocument, ...] = ()
    notes: tuple[NoteDocument, ...] = ()
    elements: tuple[ElementDocument, ...] = ()
    groups: tuple[GroupDocument, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class QualificationUnitDocument:
    """One unit of a qualification, and the name of the group it belongs to, if any."""

    unit: str
    is_mandatory: bool
    group: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class QualificationDocument:
    """A qualification, its units and which of them make it up; where a centre loads no such rules, none are invented
    (Q30). `barred` are sets of unit codes of which one at most may be taken."""

    code: str
    title: str
    level: str = ""
    nation: Nation = Nation.NVQ
    at_least_units: int | None = None
    at_least_credits: int | None = None
    at_least_credits_at_level: int | None = None
    groups: tuple[GroupRule, ...] = ()
    barred: tuple[tuple[str, ...], ...] = ()
    units: tuple[QualificationUnitDocument, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StandardDocument:
    """One edition of one standard."""

    code: str
    edition: str
    title: str
    source: str
    awarding_note: str = ""
    method_key: tuple[MethodDocument, ...] = ()
    sections: tuple[SectionDocument, ...] = ()
    assessed_evidence: str = ""
    declarations: tuple[Declaration, ...] = ()
    units: tuple[UnitDocument, ...]
    qualifications: tuple[QualificationDocument, ...] = ()


def document_from_data(data: Mapping[str, Any]) -> StandardDocument:
    """Build the document from checked data (see `standard_files.check`)."""
    plain = {key: value for key, value in data.items() if key != "$schema"}
    return StandardDocument(
        **plain
        | {
            "method_key": tuple(MethodDocument(**entry) for entry in data.get("method_key", ())),
            "sections": tuple(SectionDocument(**entry) for entry in data.get("sections", ())),
            "declarations": tuple(
                Declaration(owner=Owner(entry["owner"]), text=entry["text"]) for entry in data.get("declarations", ())
            ),
            "units": tuple(_unit(entry) for entry in data["units"]),
            "qualifications": tuple(_qualification(entry) for entry in data.get("qualifications", ())),
        }
    )


def _unit(data: Mapping[str, Any]) -> UnitDocument:
    return UnitDocument(
        **dict(data)
        | {
            "setting_policy": SettingPolicy(data["setting_policy"]),
            "conflicts": tuple(ConflictDocument(**entry) for entry in data.get("conflicts", ())),
            "notes": tuple(
                NoteDocument(**_placed(entry) | {"kind": NoteKind(entry["kind"])}) for entry in data.get("notes", ())
            ),
            "elements": tuple(ElementDocument(**entry) for entry in data.get("elements", ())),
            "groups": tuple(_group(entry) for entry in data.get("groups", ())),
        }
    )


def _group(data: Mapping[str, Any]) -> GroupDocument:
    return GroupDocument(
        **_placed(data)
        | {
            "section": Section(data["section"]),
            "kind": GroupKind(data["kind"]),
            "methods": _methods(data),
            "criteria": tuple(
                CriterionDocument(**_placed(entry) | {"methods": _methods(entry)}) for entry in data.get("criteria", ())
            ),
        }
    )


def _placed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Without its ordinal: in a document the place in the list says it."""
    return {key: value for key, value in data.items() if key != "ordinal"}


def _methods(data: Mapping[str, Any]) -> tuple[Method, ...]:
    return tuple(Method(code) for code in data.get("methods", ()))


def _qualification(data: Mapping[str, Any]) -> QualificationDocument:
    return QualificationDocument(
        **dict(data)
        | {
            "nation": Nation(data.get("nation", Nation.NVQ)),
            "groups": tuple(GroupRule(**entry) for entry in data.get("groups", ())),
            "barred": tuple(tuple(codes) for codes in data.get("barred", ())),
            "units": tuple(QualificationUnitDocument(**entry) for entry in data.get("units", ())),
        }
    )


def document_to_data(document: StandardDocument, *, with_ordinals: bool = True) -> dict[str, Any]:
    """The document as plain JSON data, keys in their order, defaults left out.

    With ordinals every note, item and criterion tells its place besides its printed number, since print repeats and
    skips numbers (PRACTICE §2): notes and items are counted as one list, criteria within their item.
    """
    data = {"$schema": SCHEMA_REFERENCE} | plain_data(document)
    return _with_ordinals(data) if with_ordinals else data


def _with_ordinals(data: dict[str, Any]) -> dict[str, Any]:
    units = [unit | {key: _numbered(unit, key) for key in ("notes", "groups") if key in unit} for unit in data["units"]]
    return data | {"units": units}


def _numbered(unit: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = []
    for ordinal, part in zip(ordinals(unit, key), unit[key], strict=True):
        points = [{"ordinal": place} | point for place, point in enumerate(part.get("criteria", ()), start=1)]
        found.append({"ordinal": ordinal} | part | ({"criteria": points} if points else {}))
    return found


def ordinals(unit: Mapping[str, Any], key: str) -> range:
    """The places of a unit's notes or groups (by `key`): one count over both, notes first, as they are printed."""
    before = len(unit.get("notes", ())) if key == "groups" else 0
    return range(before + 1, before + 1 + len(unit.get(key, ())))


def plain_data(part: Any) -> Any:
    """A part of a document as plain JSON data: what the file holds and what the JSON columns store."""
    if isinstance(part, tuple):
        return [plain_data(entry) for entry in part]
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        return {
            field.name: plain_data(getattr(part, field.name))
            for field in dataclasses.fields(part)
            if getattr(part, field.name) != field.default
        }
    return str(part) if isinstance(part, str) else part
