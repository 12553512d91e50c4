"""A loaded standard read back as the document it came from: for the export, and to compare with a new file."""

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any

from django.db.models import Model, Prefetch

from units.combination import GroupRule
from units.documents import (
    ASKED_OF_A_CELL,
    CriterionDocument,
    ElementDocument,
    GroupDocument,
    NoteDocument,
    QualificationDocument,
    QualificationUnitDocument,
    StandardDocument,
    UnitDocument,
    part_from_data,
)
from units.kinds import IMPLIED_KINDS
from units.models import Group, Qualification, QualificationUnit, Standard, Unit

BELOW_A_UNIT = (
    "notes",
    "elements",
    Prefetch("groups", queryset=Group.objects.select_related("element").order_by("unit_id", "position")),
    "groups__criteria",
)


def stored_document(standard: Standard) -> StandardDocument:
    """The document of a loaded standard, equal to the one that was loaded. A constant number of queries."""
    units = standard.units.order_by("position").prefetch_related(*BELOW_A_UNIT)
    awards = standard.qualifications.order_by("position").prefetch_related(
        Prefetch("members", queryset=QualificationUnit.objects.select_related("unit", "group").order_by("position")),
        "groups",
    )
    return title_page(
        standard,
        units=tuple(stored_unit(unit) for unit in units),
        qualifications=tuple(_qualification(award) for award in awards),
    )


def title_page(
    standard: Standard,
    units: tuple[UnitDocument, ...] = (),
    qualifications: tuple[QualificationDocument, ...] = (),
) -> StandardDocument:
    """What a loaded standard says of itself, with as many of its units and awards as are given. No queries."""
    return part_of(StandardDocument, standard, units=units, qualifications=qualifications)


def part_of[Part](kind: type[Part], row: Model, **below: Any) -> Part:
    """A part of a document from the columns of the same names; `below` are the fields that other rows hold."""
    return part_from_data(kind, {name: getattr(row, name) for name in _in_common(kind, type(row))}, **below)


def _names_in_common(kind: Any, table: type[Model]) -> list[str]:
    columns = {field.name for field in table._meta.concrete_fields if not field.is_relation}
    return [field.name for field in dataclasses.fields(kind) if field.name in columns]


# Asked for every row of every unit.
_in_common: Callable[[Any, type[Model]], list[str]] = cache(_names_in_common)


def stored_unit(unit: Unit) -> UnitDocument:
    """One loaded unit, read with what `BELOW_A_UNIT` names."""
    return part_of(
        UnitDocument,
        unit,
        notes=tuple(part_of(NoteDocument, note) for note in unit.notes.all()),
        elements=tuple(part_of(ElementDocument, element) for element in unit.elements.all()),
        groups=tuple(_group(group) for group in unit.groups.all()),
    )


def _group(group: Group) -> GroupDocument:
    criteria = tuple(part_of(CriterionDocument, row) for row in group.criteria.all())
    below: dict[str, Any] = {"criteria": criteria}
    if group.kind in IMPLIED_KINDS:
        below = {name: getattr(criteria[0], name) for name in ASKED_OF_A_CELL}
    return part_of(GroupDocument, group, element=group.element.number if group.element else "", **below)


def _qualification(award: Qualification) -> QualificationDocument:
    return part_of(
        QualificationDocument,
        award,
        groups=tuple(part_of(GroupRule, group) for group in award.groups.all()),
        units=tuple(
            part_of(
                QualificationUnitDocument,
                member,
                unit=member.unit.code,
                group=member.group.name if member.group else "",
            )
            for member in award.members.all()
        ),
    )
