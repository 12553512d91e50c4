"""Reads of standards. They are the same for everybody: no scoping by person is needed here."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from units.combination import MemberUnit, Structure
from units.declarations import DEFAULT_DECLARATIONS, Declaration, Owner
from units.kinds import IMPLIED_KINDS, TICKED_KINDS, GroupKind, NoteKind, Section, criterion_label
from units.methods import Method
from units.models import Criterion, Element, Group, Note, Qualification, QualificationUnit, Unit
from units.outline import (
    Conflict,
    CriterionOutline,
    ElementOutline,
    GroupOutline,
    Heading,
    NoteOutline,
    SectionOutline,
    UnitOutline,
)
from units.setting_policy import SettingPolicy
from units.stored import group_rule

DEFAULT_HEADINGS = {
    "notes": Heading(title="You should note"),
    "elements": Heading(title="Elements in this unit"),
    "assessed_evidence": Heading(title="Assessed evidence"),
    "method_key": Heading(title="Assessment method key"),
    "sign_off": Heading(title="Unit sign-off"),
}

type Stamp = tuple[str, datetime]

# One entry per unit. The stamp is the standard's digest and the moment it was loaded: an edition that was mended, or
# loaded anew under the same ids, is built again.
_built: dict[int, tuple[Stamp, UnitOutline]] = {}


def qualifications() -> QuerySet[Qualification]:
    """Every qualification with its units in order (`members`, each with its `unit`), in two queries."""
    members = QualificationUnit.objects.select_related("unit").order_by("position")
    return Qualification.objects.select_related("standard").prefetch_related(Prefetch("members", queryset=members))


def structure_of(qualification: Qualification) -> Structure:
    """A qualification's rules of combination, for `combination.check_combination` (Q30). One query."""
    members = list(
        QualificationUnit.objects.filter(qualification=qualification)
        .select_related("unit", "group")
        .order_by("position")
    )
    # No group is without a unit, so the units tell of every group.
    groups = {member.group.position: member.group for member in members if member.group}
    return Structure(
        level=qualification.level,
        at_least_units=qualification.at_least_units,
        at_least_credits=qualification.at_least_credits,
        at_least_credits_at_level=qualification.at_least_credits_at_level,
        groups=tuple(group_rule(group) for _, group in sorted(groups.items())),
        barred=tuple(tuple(codes) for codes in qualification.barred),
        members=tuple(
            MemberUnit(
                code=member.unit.code,
                group=member.group.name if member.group else "",
                is_mandatory=member.is_mandatory,
                credits=member.unit.credits,
                level=member.unit.level,
            )
            for member in members
        ),
    )


def unit_outline(unit_id: int) -> UnitOutline:
    """One unit with all that is printed for it. Raises Unit.DoesNotExist for an unknown id."""
    try:
        return outlines([unit_id])[unit_id]
    except KeyError:
        raise Unit.DoesNotExist(f"There is no unit with id {unit_id}.") from None


def outlines(unit_ids: Iterable[int]) -> dict[int, UnitOutline]:
    """Outlines by unit id; unknown ids are left out.

    One query says whether the kept outlines still hold; four more build all those that are missing, however many.
    """
    return outlines_of(Unit.objects.filter(pk__in=set(unit_ids)).select_related("standard"))


def outlines_of(just_read: Iterable[Unit]) -> dict[int, UnitOutline]:
    """Outlines by unit id, of units that were just read together with their standards: no query for those kept."""
    units = {unit.pk: unit for unit in just_read}
    stamps: dict[int, Stamp] = {pk: (unit.standard.digest, unit.standard.loaded_at) for pk, unit in units.items()}
    found = {pk: kept[1] for pk in units if (kept := _built.get(pk)) and kept[0] == stamps[pk]}
    absent = [unit for pk, unit in units.items() if pk not in found]
    for outline in _build(absent) if absent else ():
        _built[outline.id] = (stamps[outline.id], outline)
        found[outline.id] = outline
    return found


def forget_outlines() -> None:
    """Drop every kept outline, so that the next read builds anew: for counting queries from a cold start."""
    _built.clear()


def _build(units: list[Unit]) -> list[UnitOutline]:
    notes = _by(Note.objects.filter(unit__in=units).order_by("unit_id", "position"), lambda note: note.unit_id)
    elements = _by(Element.objects.filter(unit__in=units).order_by("unit_id", "position"), lambda e: e.unit_id)
    groups = _by(Group.objects.filter(unit__in=units).order_by("unit_id", "position"), lambda group: group.unit_id)
    criteria = _by(
        Criterion.objects.filter(group__unit__in=units).order_by("group_id", "position"), lambda c: c.group_id
    )
    return [_outline(unit, notes[unit.pk], elements[unit.pk], groups[unit.pk], criteria) for unit in units]


def _by[Row](rows: Iterable[Row], key: Callable[[Row], int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def _outline(
    unit: Unit, notes: list[Note], elements: list[Element], groups: list[Group], criteria: dict[int, list[Criterion]]
) -> UnitOutline:
    standard = unit.standard
    headings = DEFAULT_HEADINGS | {
        part["section"]: Heading(title=part["title"], instruction=part.get("instruction", ""))
        for part in standard.sections
    }
    shown_elements = {
        row.pk: ElementOutline(id=row.pk, number=row.number, text=row.text, instruction=row.instruction)
        for row in elements
    }
    sections = []
    for section in Section:
        members = tuple(
            _group(group, shown_elements, criteria[group.pk]) for group in groups if group.section == section
        )
        heading = headings.get(section.value) or Heading(title=str(section.label))
        if members:
            sections.append(
                SectionOutline(section=section, title=heading.title, instruction=heading.instruction, groups=members)
            )
    return UnitOutline(
        id=unit.pk,
        code=unit.code,
        title=unit.title,
        display_title=unit.display_title,
        setting_policy=SettingPolicy(unit.setting_policy),
        standard_id=standard.pk,
        standard_title=standard.title,
        edition=standard.edition,
        conflicts=tuple(Conflict(**entry) for entry in unit.conflicts),
        notes=tuple(
            NoteOutline(printed_number=row.printed_number, kind=NoteKind(row.kind), text=row.text) for row in notes
        ),
        elements=tuple(shown_elements.values()),
        sections=tuple(sections),
        headings={name: headings[name] for name in DEFAULT_HEADINGS},
        assessed_evidence=standard.assessed_evidence,
        method_key=tuple((entry["code"], entry["name"]) for entry in standard.method_key)
        or tuple((method.value, str(method.label)) for method in Method),
        declarations=tuple(
            Declaration(owner=Owner(entry["owner"]), text=entry["text"]) for entry in standard.declarations
        )
        or DEFAULT_DECLARATIONS,
    )


def _group(group: Group, elements: dict[int, ElementOutline], criteria: list[Criterion]) -> GroupOutline:
    element = elements[group.element_id] if group.element_id else None
    section = Section(group.section)
    return GroupOutline(
        id=group.pk,
        position=group.position,
        section=section,
        kind=GroupKind(group.kind),
        printed_number=group.printed_number,
        text=group.text or (element.instruction if element else ""),
        element=element,
        at_least=group.at_least,
        per_instance=group.per_instance,
        instances=group.instances,
        is_should=group.is_should,
        reading=group.reading,
        criteria=tuple(
            CriterionOutline(
                id=row.pk,
                position=row.position,
                label=criterion_label(
                    kind=group.kind,
                    printed_number=group.printed_number,
                    printed_label=row.printed_label,
                    position=row.position,
                ),
                text=row.text,
                wanted_values=row.wanted_values,
                value_name=row.value_name,
                methods=frozenset(map(Method, row.methods)),
                times=row.times,
                section=section,
                is_ticked=group.kind in TICKED_KINDS,
                is_implied=group.kind in IMPLIED_KINDS,
            )
            for row in criteria
        ),
    )
