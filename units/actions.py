"""Loading standards: the only writer of this room's tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from ledger.actions import tell
from ledger.events import EventType
from ledger.subjects import HasPk, Seat
from units.documents import (
    CriterionDocument,
    GroupDocument,
    QualificationDocument,
    StandardDocument,
    UnitDocument,
    plain_data,
)
from units.editions import changes_refused
from units.kinds import IMPLIED_KINDS
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
        defaults=_standard_values(offered) | {"digest": digest, "loaded_at": timezone.now()},
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
        values = _standard_values(offered) | {"digest": digest, "loaded_at": timezone.now()}
        for field, value in values.items():
            setattr(standard, field, value)
        standard.save(update_fields=list(values))
    units = _write_units(standard, offered.units)
    for position, award in enumerate(offered.qualifications, start=1):
        _write_qualification(standard, position, award, units)
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


def _standard_values(document: StandardDocument) -> dict[str, Any]:
    return {
        "title": document.title,
        "source": document.source,
        "awarding_note": document.awarding_note,
        "method_key": plain_data(document.method_key),
        "sections": plain_data(document.sections),
        "assessed_evidence": document.assessed_evidence,
        "declarations": plain_data(document.declarations),
    }


def _write_units(standard: Standard, documents: tuple[UnitDocument, ...]) -> dict[str, Unit]:
    """Write every unit and all below it, one statement per table, keeping the ids of rows that exist."""
    units = Unit.objects.bulk_create(
        [
            Unit(
                standard=standard,
                code=unit.code,
                position=position,
                title=unit.title,
                display_title=unit.display_title,
                setting_policy=unit.setting_policy,
                level=unit.level,
                credits=unit.credits,
                conflicts=plain_data(unit.conflicts),
            )
            for position, unit in enumerate(documents, start=1)
        ],
        update_conflicts=True,
        unique_fields=["standard", "code"],
        update_fields=["position", "title", "display_title", "setting_policy", "level", "credits", "conflicts"],
    )
    Note.objects.bulk_create(
        [
            Note(unit=unit, position=position, printed_number=note.printed_number, kind=note.kind, text=note.text)
            for unit, document in zip(units, documents, strict=True)
            for position, note in enumerate(document.notes, start=1)
        ],
        update_conflicts=True,
        unique_fields=["unit", "position"],
        update_fields=["printed_number", "kind", "text"],
    )
    _write_groups(units, documents, _write_elements(units, documents))
    return {unit.code: unit for unit in units}


def _write_elements(units: list[Unit], documents: tuple[UnitDocument, ...]) -> dict[tuple[str, str], Element]:
    elements = Element.objects.bulk_create(
        [
            Element(
                unit=unit,
                position=position,
                number=element.number,
                text=element.text,
                instruction=element.instruction,
            )
            for unit, document in zip(units, documents, strict=True)
            for position, element in enumerate(document.elements, start=1)
        ],
        update_conflicts=True,
        unique_fields=["unit", "position"],
        update_fields=["number", "text", "instruction"],
    )
    return {(element.unit.code, element.number): element for element in elements}


def _write_groups(
    units: list[Unit], documents: tuple[UnitDocument, ...], elements: dict[tuple[str, str], Element]
) -> None:
    pairs = [
        (
            Group(
                unit=unit,
                position=position,
                section=group.section,
                kind=group.kind,
                printed_number=group.printed_number,
                element=elements.get((unit.code, group.element)),
                text=group.text,
                at_least=group.at_least,
                per_instance=group.per_instance,
                instances=group.instances,
                is_should=group.is_should,
                reading=group.reading,
            ),
            group,
        )
        for unit, document in zip(units, documents, strict=True)
        for position, group in enumerate(document.groups, start=1)
    ]
    groups = Group.objects.bulk_create(
        [row for row, _ in pairs],
        update_conflicts=True,
        unique_fields=["unit", "position"],
        update_fields=[
            "section",
            "kind",
            "printed_number",
            "element",
            "text",
            "at_least",
            "per_instance",
            "instances",
            "is_should",
            "reading",
        ],
    )
    criteria = []
    for group_row, (_, group) in zip(groups, pairs, strict=True):
        if group.kind in IMPLIED_KINDS:
            # The one cell that an unlettered item stands for.
            criteria.append(_criterion(group_row, 1, group))
        criteria.extend(
            _criterion(group_row, position, point, printed_label=point.printed_label)
            for position, point in enumerate(group.criteria, start=1)
        )
    Criterion.objects.bulk_create(
        criteria,
        update_conflicts=True,
        unique_fields=["group", "position"],
        update_fields=["printed_label", "text", "wanted_values", "value_name", "methods", "times"],
    )


def _criterion(
    group: Group, position: int, asked: CriterionDocument | GroupDocument, *, printed_label: str = ""
) -> Criterion:
    return Criterion(
        group=group,
        position=position,
        printed_label=printed_label,
        text=asked.text,
        wanted_values=asked.wanted_values,
        value_name=asked.value_name,
        methods=plain_data(asked.methods),
        times=asked.times,
    )


def _write_qualification(
    standard: Standard, position: int, award: QualificationDocument, units: dict[str, Unit]
) -> None:
    row, _ = Qualification.objects.update_or_create(
        standard=standard,
        code=award.code,
        defaults={
            "position": position,
            "title": award.title,
            "level": award.level,
            "nation": award.nation,
            "at_least_units": award.at_least_units,
            "at_least_credits": award.at_least_credits,
            "at_least_credits_at_level": award.at_least_credits_at_level,
            "barred": plain_data(award.barred),
        },
    )
    groups = QualificationGroup.objects.bulk_create(
        [
            QualificationGroup(
                qualification=row,
                position=position,
                name=rule.name,
                at_least_units=rule.at_least_units,
                at_most_units=rule.at_most_units,
                at_least_credits=rule.at_least_credits,
            )
            for position, rule in enumerate(award.groups, start=1)
        ],
        update_conflicts=True,
        unique_fields=["qualification", "position"],
        update_fields=["name", "at_least_units", "at_most_units", "at_least_credits"],
    )
    named = {group.name: group for group in groups}
    QualificationUnit.objects.bulk_create(
        [
            QualificationUnit(
                qualification=row,
                unit=units[member.unit],
                position=position,
                is_mandatory=member.is_mandatory,
                group=named.get(member.group),
            )
            for position, member in enumerate(award.units, start=1)
        ],
        update_conflicts=True,
        unique_fields=["qualification", "unit"],
        update_fields=["position", "is_mandatory", "group"],
    )
