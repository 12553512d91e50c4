"""Small units and claims for the coverage rules, with as few words as a table needs."""

from dataclasses import replace
from typing import Any

from units.coverage import ClaimFacts, Named, UnitFacts, Verdict
from units.kinds import IMPLIED_KINDS, Ask, Confirmed, GroupKind, Section
from units.outline import CriterionOutline, GroupOutline, SectionOutline, UnitOutline
from units.setting_policy import SettingPolicy

CHANGES = (Named(51, "change", "New rota"), Named(52, "change", "New till"), Named(53, "change", "New sign"))
MEDIA = (Named(61, "medium", "Letter"), Named(62, "medium", "Telephone"), Named(63, "medium", "Poster"))
RISKS = (Named(71, "risk", "Slips"), Named(72, "risk", "Queues"))


def cell(criterion_id: int, label: str = "", **of: Any) -> CriterionOutline:
    """One point of an item."""
    text = of.pop("text", f"point {criterion_id}")
    said = {"wanted_values": 1, "position": 1, "section": Section.COVER, "is_ticked": True, "is_implied": False} | of
    return CriterionOutline(id=criterion_id, label=label or str(criterion_id), text=text, **said)


def item(group_id: int, *cells: CriterionOutline | int, kind: GroupKind = GroupKind.POINTS, **of: Any) -> GroupOutline:
    """One numbered item; a number stands for a plain point of that id."""
    section = of.pop("section", Section.COVER)
    return GroupOutline(
        id=group_id,
        position=group_id,
        section=section,
        kind=kind,
        printed_number=str(group_id),
        text=of.pop("text", ""),
        criteria=tuple(
            replace(cell(one) if isinstance(one, int) else one, section=section, is_implied=kind in IMPLIED_KINDS)
            for one in cells
        ),
        **of,
    )


def several(criterion_id: int, wanted: int) -> CriterionOutline:
    """A point that wants distinct values: media."""
    return cell(criterion_id, wanted_values=wanted, value_name="medium")


def unit(
    *groups: GroupOutline, policy: SettingPolicy = SettingPolicy.REAL_JOB_REQUIRED, code: str = "X1"
) -> UnitOutline:
    """A unit of these items, in this order whatever their sections."""
    return UnitOutline(
        id=1,
        code=code,
        title="A unit",
        display_title="",
        setting_policy=policy,
        standard_id=1,
        standard_title="A standard",
        edition="2010",
        conflicts=(),
        notes=(),
        elements=(),
        sections=tuple(
            SectionOutline(section=group.section, title=group.section.label, instruction="", groups=(group,))
            for group in groups
        ),
        headings={},
        assessed_evidence="",
        method_key=(),
        declarations=(),
    )


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
