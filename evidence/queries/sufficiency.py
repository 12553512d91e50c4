"""What an assessor looks at before confirming that evidence is sufficient (R4, R15, R18, R23). No thresholds."""

import datetime
from dataclasses import dataclass, field

from django.db.models import F, Prefetch

from centres.models import User
from evidence.models import Claim, ClaimState, Judgement, UnitRecord
from units.kinds import Section
from units.methods import Method

ONLY_TALK = frozenset({Method.QUESTIONING, Method.PROFESSIONAL_DISCUSSION})


@dataclass(frozen=True)
class Sufficiency:
    """How much accepted evidence there is, over what period, by which methods, and what to think about twice."""

    items: int
    first_day: datetime.date | None
    last_day: datetime.date | None
    occasions: int
    methods: list[str]
    warnings: list[str] = field(default_factory=list)


def sufficiency_of(record: UnitRecord) -> Sufficiency:
    """Figures about the accepted claims of one unit record, and warnings. One query."""
    claims = list(
        Claim.objects.filter(record=record, state=ClaimState.ACCEPTED).select_related(
            "judged_version", "criterion__group"
        )
    )
    versions = {claim.judged_version_id: claim.judged_version for claim in claims if claim.judged_version}
    days = sorted({version.happened_from for version in versions.values()})
    methods = {method for version in versions.values() for method in version.methods}
    warnings = []
    if len(days) == 1:
        warnings.append("All of it comes from one date. Is that a sufficient period of time?")
    if versions and methods == {Method.WITNESS_TESTIMONY}:
        warnings.append("Witness testimony alone carries this unit.")
    talked = [
        claim.criterion.label
        for claim in claims
        if claim.criterion and claim.criterion.group.section == Section.DO and _rests_on_talk(claim, claims)
    ]
    if talked:
        warnings.append(f"These rest on questioning or discussion only: {', '.join(sorted(set(talked)))}.")
    return Sufficiency(
        items=len({version.evidence_id for version in versions.values()}),
        first_day=days[0] if days else None,
        last_day=max((version.happened_to for version in versions.values()), default=None),
        occasions=len(days),
        methods=[str(method.label) for method in Method if method in methods],
        warnings=warnings,
    )


def judgements_of_others(record: UnitRecord, person: User) -> list[Judgement]:
    """The latest judgement on each accepted claim of a unit, where somebody else made it (Q23). Two queries."""
    claims = (
        Claim.objects.filter(record=record, state=ClaimState.ACCEPTED)
        .select_related("evidence__current_version", "criterion__group")
        .prefetch_related(Prefetch("judgements", queryset=Judgement.objects.select_related("judged_by")))
        .order_by(F("criterion__group__position").asc(nulls_last=True), "criterion__position", "evidence__number")
    )
    others = []
    for claim in claims:
        latest = list(claim.judgements.all())[-1]
        if latest.judged_by_id != person.pk:
            latest.claim = claim
            others.append(latest)
    return others


def _rests_on_talk(claim: Claim, claims: list[Claim]) -> bool:
    """Whether nothing but questioning and discussion was accepted for the criterion of ``claim`` (R15)."""
    return all(
        set(other.judged_version.methods) <= ONLY_TALK
        for other in claims
        if other.criterion_id == claim.criterion_id and other.judged_version
    )
