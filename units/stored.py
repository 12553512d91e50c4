"""A loaded standard read back as the document it came from: for the export, and to compare with a new file."""

from django.db.models import Prefetch

from units.combination import GroupRule
from units.declarations import Declaration, Owner
from units.documents import (
    ConflictDocument,
    CriterionDocument,
    ElementDocument,
    GroupDocument,
    MethodDocument,
    NoteDocument,
    QualificationDocument,
    QualificationUnitDocument,
    SectionDocument,
    StandardDocument,
    UnitDocument,
)
from units.kinds import IMPLIED_KINDS, GroupKind, Nation, NoteKind, Section
from units.methods import Method
from units.models import Criterion, Group, Qualification, QualificationGroup, QualificationUnit, Standard, Unit
from units.setting_policy import SettingPolicy


def stored_document(standard: Standard) -> StandardDocument:
    """The document of a loaded standard, equal to the one that was loaded. A constant number of queries."""
    units = standard.units.order_by("position").prefetch_related(
        "notes",
        "elements",
        Prefetch("groups", queryset=Group.objects.select_related("element").order_by("unit_id", "position")),
        "groups__criteria",
    )
    awards = standard.qualifications.order_by("position").prefetch_related(
        Prefetch("members", queryset=QualificationUnit.objects.select_related("unit", "group").order_by("position")),
        "groups",
    )
    return StandardDocument(
        code=standard.code,
        edition=standard.edition,
        title=standard.title,
        source=standard.source,
        awarding_note=standard.awarding_note,
        method_key=tuple(MethodDocument(**entry) for entry in standard.method_key),
        sections=tuple(SectionDocument(**entry) for entry in standard.sections),
        assessed_evidence=standard.assessed_evidence,
        declarations=tuple(
            Declaration(owner=Owner(entry["owner"]), text=entry["text"]) for entry in standard.declarations
        ),
        units=tuple(_unit(unit) for unit in units),
        qualifications=tuple(_qualification(award) for award in awards),
    )


def _unit(unit: Unit) -> UnitDocument:
    return UnitDocument(
        code=unit.code,
        title=unit.title,
        display_title=unit.display_title,
        setting_policy=SettingPolicy(unit.setting_policy),
        level=unit.level,
        credits=unit.credits,
        conflicts=tuple(ConflictDocument(**entry) for entry in unit.conflicts),
        notes=tuple(
            NoteDocument(printed_number=note.printed_number, kind=NoteKind(note.kind), text=note.text)
            for note in unit.notes.all()
        ),
        elements=tuple(
            ElementDocument(number=element.number, text=element.text, instruction=element.instruction)
            for element in unit.elements.all()
        ),
        groups=tuple(_group(group) for group in unit.groups.all()),
    )


def _group(group: Group) -> GroupDocument:
    criteria = list(group.criteria.all())
    is_implied = group.kind in IMPLIED_KINDS
    return GroupDocument(
        section=Section(group.section),
        kind=GroupKind(group.kind),
        printed_number=group.printed_number,
        element=group.element.number if group.element else "",
        text=group.text,
        at_least=group.at_least,
        wanted_values=criteria[0].wanted_values if is_implied else 1,
        value_name=criteria[0].value_name if is_implied else "",
        methods=_methods(criteria[0]) if is_implied else (),
        times=criteria[0].times if is_implied else 1,
        per_instance=group.per_instance,
        instances=group.instances,
        is_should=group.is_should,
        reading=group.reading,
        criteria=()
        if is_implied
        else tuple(
            CriterionDocument(
                printed_label=row.printed_label,
                text=row.text,
                wanted_values=row.wanted_values,
                value_name=row.value_name,
                methods=_methods(row),
                times=row.times,
            )
            for row in criteria
        ),
    )


def _methods(criterion: Criterion) -> tuple[Method, ...]:
    return tuple(Method(code) for code in criterion.methods)


def _qualification(award: Qualification) -> QualificationDocument:
    return QualificationDocument(
        code=award.code,
        title=award.title,
        level=award.level,
        nation=Nation(award.nation),
        at_least_units=award.at_least_units,
        at_least_credits=award.at_least_credits,
        at_least_credits_at_level=award.at_least_credits_at_level,
        groups=tuple(group_rule(group) for group in award.groups.all()),
        barred=tuple(tuple(codes) for codes in award.barred),
        units=tuple(
            QualificationUnitDocument(
                unit=member.unit.code,
                is_mandatory=member.is_mandatory,
                group=member.group.name if member.group else "",
            )
            for member in award.members.all()
        ),
    )


def group_rule(group: QualificationGroup) -> GroupRule:
    """A group of a qualification's units as the rule that it holds."""
    return GroupRule(
        name=group.name,
        at_least_units=group.at_least_units,
        at_most_units=group.at_most_units,
        at_least_credits=group.at_least_credits,
    )
