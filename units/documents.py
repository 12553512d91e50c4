"""A standard file as frozen dataclasses: what the loader compares, and what the export writes back.

The order of fields is the order of keys in the file; a field that holds its default is left out of it.
"""

import dataclasses
from collections.abc import Callable, Mapping
from enum import EnumType
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from units.combination import GroupRule
from units.declarations import Declaration
from units.kinds import IMPLIED_KINDS, GroupKind, Nation, NoteKind, Section
from units.methods import Method
from units.setting_policy import SettingPolicy

# The fields that an unlettered item says for its one cell.
ASKED_OF_A_CELL = ("wanted_values", "value_name", "methods", "times")
SCHEMA_REFERENCE = "./standard.schema.json"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MethodDocument:
    """One entry of the printed method key."""

    code: str
    name: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The printed heading of one part of a unit record, and the instruction below it."""

    section: str
    title: str
    instruction: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A known contradiction with another unit, to be shown to assessor and IV (Q1)."""

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

    @property
    def cells(self) -> tuple[CriterionDocument, ...]:
        """What evidence is claimed against: the points, or the one cell that an unlettered item stands for."""
        if self.kind not in IMPLIED_KINDS:
            return self.criteria
        return (CriterionDocument(text=self.text, **{name: getattr(self, name) for name in ASKED_OF_A_CELL}),)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class UnitDocument:
    """One unit, with everything printed for it."""

    code: str
    title: str
    display_title: str = ""
    setting_policy: SettingPolicy
    level: str = ""
    credits: int | None = None
    conflicts: tuple[Conflict, ...] = ()
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
    sections: tuple[Heading, ...] = ()
    assessed_evidence: str = ""
    declarations: tuple[Declaration, ...] = ()
    units: tuple[UnitDocument, ...]
    qualifications: tuple[QualificationDocument, ...] = ()


def document_from_data(data: Mapping[str, Any]) -> StandardDocument:
    """Build the document from checked data (see `standard_files.check`)."""
    return part_from_data(StandardDocument, data)


def part_from_data[Part](kind: type[Part], data: Mapping[str, Any], **below: Any) -> Part:
    """One part of a document from its plain data, the parts in it too; `below` are fields that are built already.

    An ordinal goes: in a document the place in the list says it.
    """
    types = _types_of(kind)
    return kind(**{key: _built(types[key], value) for key, value in data.items() if key not in _NOT_KEPT}, **below)


_NOT_KEPT = frozenset({"$schema", "ordinal"})
_types_of: Callable[[Any], dict[str, Any]] = cache(get_type_hints)


def _built(kind: Any, value: Any) -> Any:
    """A value as the type of its field says."""
    if get_origin(kind) is tuple:
        return tuple(_built(get_args(kind)[0], entry) for entry in value)
    if dataclasses.is_dataclass(kind):
        return part_from_data(kind, value)  # type: ignore[arg-type]  # A field's type is a class.
    return kind(value) if isinstance(kind, EnumType) else value


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
