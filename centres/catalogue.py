"""The catalogue of units, limited to who is asking: what is shared by all, and what belongs to the own centre."""

from dataclasses import dataclass

from django.db.models import QuerySet

from centres.models import Membership
from ledger.chains import centre_chain
from units.catalogue import Hit, find
from units.models import Qualification, Standard, Unit
from units.outline import UnitOutline
from units.queries import outlines_of

SHARED = ""


def owner_of(seat: Membership) -> str:
    """The owner's key of the standards that belong to the seat's centre: that of the centre's chain."""
    return centre_chain(seat.centre_id)


def standards_for(seat: Membership | None) -> QuerySet[Standard]:
    """The standards that a seat may see: the shared ones and its own centre's, which come first; never another's.

    Without a seat (an operator's account): the shared ones.
    """
    owners = [SHARED] if seat is None else [SHARED, owner_of(seat)]
    return Standard.objects.filter(owner__in=owners).order_by("-owner", "title", "-edition", "pk")


def units_for(seat: Membership | None) -> QuerySet[Unit]:
    """The units of those standards, each with its standard, in the order of the catalogue."""
    return (
        Unit.objects.filter(standard__in=standards_for(seat).order_by())
        .select_related("standard")
        .order_by("-standard__owner", "standard__title", "-standard__edition", "standard_id", "position")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the catalogue lists. `hits` are None while nothing is searched for, and `outlines` hold every unit then."""

    outlines: list[UnitOutline]
    hits: list[Hit] | None


def listed(seat: Membership | None, *, search: str, standard: int | None, policy: str) -> Found:
    """The catalogue, narrowed to a standard, a setting policy and the units that hold every word of `search`."""
    units = units_for(seat)
    if standard is not None:
        units = units.filter(standard=standard)
    if policy:
        units = units.filter(setting_policy=policy)
    kept = list(units)
    by_id = outlines_of(kept)
    outlines = [by_id[unit.pk] for unit in kept]
    return Found(outlines=outlines, hits=find(outlines, search) if search else None)


def units_named(seat: Membership | None, outline: UnitOutline) -> dict[str, list[Unit]]:
    """The visible units that a unit's conflicts speak of, by code; a code may stand in several editions (Q1)."""
    found: dict[str, list[Unit]] = {conflict.unit: [] for conflict in outline.conflicts}
    if found:
        for unit in units_for(seat).filter(code__in=found).exclude(pk=outline.id):
            found[unit.code].append(unit)
    return found


def qualifications_with(unit: Unit) -> QuerySet[Qualification]:
    """The qualifications of its edition that a unit belongs to."""
    return Qualification.objects.filter(members__unit=unit).order_by("title", "pk")
