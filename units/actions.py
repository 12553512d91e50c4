"""Loading standards: the only writer of this room's tables."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Model, UniqueConstraint
from django.utils import timezone

from ledger.actions import tell
from ledger.events import EventType
from ledger.subjects import HasPk, Seat
from units.documents import (
    QualificationDocument,
    StandardDocument,
    UnitDocument,
    plain_data,
)
from units.editions import changes_refused
from units.models import (
    Criterion,
    Element,
    Group,
    Note,
    Qualification,
    QualificationGroup,
    QualificationUnit,
    Standard,
    Unit,
)
from units.standard_files import StandardFileError, check, digest_of, read_standard_file
from units.stored import stored_document


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What loading did: unit codes that are new, that changed, and that stayed as they were."""

    standard_id: int
    created: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    wrote: bool


@transaction.atomic
def load_standard(
    *,
    path: Path | None = None,
    document: StandardDocument | Mapping[str, Any] | None = None,
    owner: str = "",
    by: Seat | HasPk | None = None,
) -> LoadReport:
    """Load one standard from a file, or from a document (checked data may come as plain JSON data too).

    `owner` says whose it is (see `Standard`), and so where the ledger tells of it; the same code and edition may stand
    beside each other for several owners.

    Loading the same content again writes nothing. The same edition with other content mends its wording and adds
    units; what must be proven stays (Q31). All or nothing. Raises StandardFileError naming each place that is wrong,
    and ValueError unless given exactly one of `path` and `document`.
    """
    offered = _given(path, document)
    digest = digest_of(offered)
    standard, is_new = Standard.objects.select_for_update().get_or_create(
        owner=owner,
        code=offered.code,
        edition=offered.edition,
        defaults=_columns(Standard, offered) | {"digest": digest, "loaded_at": timezone.now()},
    )
    if not is_new and standard.digest == digest:
        return LoadReport(standard.pk, (), (), tuple(unit.code for unit in offered.units), wrote=False)
    stored: dict[str, UnitDocument] = {}
    if not is_new:
        before = stored_document(standard)
        problems = tuple(changes_refused(before, offered))
        if problems:
            raise StandardFileError(problems, name=path.name if path else "")
        stored = {unit.code: unit for unit in before.units}
        values = _columns(Standard, offered) | {"digest": digest, "loaded_at": timezone.now()}
        for field, value in values.items():
            setattr(standard, field, value)
        standard.save(update_fields=list(values))
    units = _write_units(standard, offered.units)
    _write_qualifications(standard, offered.qualifications, units)
    report = LoadReport(
        standard.pk,
        created=tuple(unit.code for unit in offered.units if unit.code not in stored),
        changed=tuple(unit.code for unit in offered.units if unit.code in stored and stored[unit.code] != unit),
        unchanged=tuple(unit.code for unit in offered.units if stored.get(unit.code) == unit),
        wrote=True,
    )
    tell(
        EventType.STANDARD_LOADED,
        about=standard,
        by=by,
        code=standard.code,
        edition=standard.edition,
        digest=digest,
        units_created=len(report.created),
        units_changed=len(report.changed),
    )
    return report


def _given(path: Path | None, document: StandardDocument | Mapping[str, Any] | None) -> StandardDocument:
    if (path is None) == (document is None):
        raise ValueError("load_standard takes either a path or a document.")
    if path is not None:
        return read_standard_file(path)
    return document if isinstance(document, StandardDocument) else check(document)


def _columns(table: type[Model], part: Any) -> dict[str, Any]:
    """What a part of a document says for the columns of the same names."""
    names = {field.name for field in dataclasses.fields(part)}
    columns = [field.name for field in table._meta.concrete_fields if not field.is_relation and field.name in names]
    return {name: plain_data(getattr(part, name)) for name in columns}


def _write[Row: Model](
    table: type[Row],
    within: str,
    parts: Iterable[tuple[Model, Sequence[Any]]],
    **relations: Callable[[Any, Any], object],
) -> list[Row]:
    """Write the rows of one table in one statement, in order; those that stand there already keep their ids.

    `within` names the column of what a row belongs to, which `parts` pairs with its parts of the document. `relations`
    find the rows that a part speaks of besides. What a row is known by is the table's first unique constraint.
    """
    rows = [
        table(
            **{within: parent, "position": place},
            **{name: related(parent, part) for name, related in relations.items()},
            **_columns(table, part),
        )
        for parent, below in parts
        for place, part in enumerate(below, start=1)
    ]
    identity = next(rule.fields for rule in table._meta.constraints if isinstance(rule, UniqueConstraint))
    columns = [field.name for field in table._meta.concrete_fields if not field.primary_key]
    return table._default_manager.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=identity,
        update_fields=[name for name in columns if name not in identity],
    )


def _write_units(standard: Standard, documents: Sequence[UnitDocument]) -> dict[str, Unit]:
    """Write every unit and all below it."""
    units = _write(Unit, "standard", [(standard, documents)])
    both = list(zip(units, documents, strict=True))
    _write(Note, "unit", [(unit, document.notes) for unit, document in both])
    elements = _write(Element, "unit", [(unit, document.elements) for unit, document in both])
    numbered = {(element.unit_id, element.number): element for element in elements}
    groups = _write(
        Group,
        "unit",
        [(unit, document.groups) for unit, document in both],
        element=lambda unit, group: numbered.get((unit.pk, group.element)),
    )
    asked = [group.cells for document in documents for group in document.groups]
    _write(Criterion, "group", zip(groups, asked, strict=True))
    return {unit.code: unit for unit in units}


def _write_qualifications(
    standard: Standard, documents: Sequence[QualificationDocument], units: Mapping[str, Unit]
) -> None:
    awards = _write(Qualification, "standard", [(standard, documents)])
    both = list(zip(awards, documents, strict=True))
    groups = _write(QualificationGroup, "qualification", [(row, award.groups) for row, award in both])
    named = {(group.qualification_id, group.name): group for group in groups}
    _write(
        QualificationUnit,
        "qualification",
        [(row, award.units) for row, award in both],
        unit=lambda row, member: units[member.unit],
        group=lambda row, member: named.get((row.pk, member.group)),
    )
