"""Reads of standards. They are the same for everybody: no scoping by person is needed here."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from units.combination import GroupRule, MemberUnit, Structure
from units.models import Qualification, QualificationUnit, Unit
from units.outline import UnitOutline
from units.outlining import Ids, outline_of
from units.stored import BELOW_A_UNIT, part_of, stored_unit, title_page

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
    return part_of(
        Structure,
        qualification,
        groups=tuple(part_of(GroupRule, group) for _, group in sorted(groups.items())),
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
    prefetch_related_objects(units, *BELOW_A_UNIT)
    title_pages = {unit.standard_id: title_page(unit.standard) for unit in units}
    return [outline_of(title_pages[unit.standard_id], stored_unit(unit), _ids(unit)) for unit in units]


def _ids(unit: Unit) -> Ids:
    groups = unit.groups.all()
    criteria = [criterion.pk for group in groups for criterion in group.criteria.all()]
    return Ids(unit.pk, unit.standard_id, groups=iter([group.pk for group in groups]), criteria=iter(criteria))
