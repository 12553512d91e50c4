"""Small units and claims for the coverage rules, with as few words as a table needs."""

from typing import Any

from units.coverage import Ask, ClaimFacts, Confirmed, Named, Need, Point, UnitFacts, UnitRules, Verdict
from units.kinds import GroupKind, Section
from units.setting_policy import SettingPolicy

CHANGES = (Named(51, "change", "New rota"), Named(52, "change", "New till"), Named(53, "change", "New sign"))
MEDIA = (Named(61, "medium", "Letter"), Named(62, "medium", "Telephone"), Named(63, "medium", "Poster"))
RISKS = (Named(71, "risk", "Slips"), Named(72, "risk", "Queues"))


def item(group_id: int, *points: Point | int, kind: GroupKind = GroupKind.POINTS, **of: Any) -> Need:
    """One numbered item; a number stands for a plain point of that id."""
    whole = tuple(Point(one, f"{one}", f"point {one}") if isinstance(one, int) else one for one in points)
    section = of.pop("section", Section.COVER)
    return Need(group_id=group_id, section=section, kind=kind, label=str(group_id), points=whole, **of)


def several(point_id: int, wanted: int) -> Point:
    """A point that wants distinct values: media."""
    return Point(point_id, str(point_id), f"point {point_id}", wanted=wanted, value_name="medium")


def unit(*needs: Need, policy: SettingPolicy = SettingPolicy.REAL_JOB_REQUIRED) -> UnitRules:
    return UnitRules(code="X1", policy=policy, needs=needs)


def claim(criterion: int | None, evidence: int = 1, instance: int | None = None, **of: Any) -> ClaimFacts:
    """An accepted claim, unless it is said to be something else."""
    return ClaimFacts(
        reference=f"E{evidence}",
        evidence_id=evidence,
        criterion_id=criterion,
        instance_id=instance,
        **{"verdict": Verdict.ACCEPTED} | of,
    )


def facts(
    *claims: ClaimFacts, named: tuple[Named, ...] = (), confirmed: tuple[Confirmed, ...] = (), **of: Any
) -> UnitFacts:
    return UnitFacts(claims=claims, named=named, confirmed=frozenset(confirmed), **of)


NOTES: Confirmed = (Ask.NOTES, None)
