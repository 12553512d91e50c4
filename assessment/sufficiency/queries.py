"""What an assessor looks at before confirming that evidence is sufficient (R4, R15, R18, R23); who judged before."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from assessment.models import Judgement
from assessment.queries import hang_judgements
from assessment.sufficiency.weighing import AcceptedClaim, Sufficiency, weigh
from centres.models import User
from evidence.models import Claim, ClaimState, EvidenceVersion
from registrations.models import UnitRecord
from units.kinds import Section
from units.methods import Method


def sufficiency_of(record: UnitRecord) -> Sufficiency:
    """The timeline of one unit record's accepted evidence, with warnings. One query."""
    claims = (
        Claim.objects.filter(record=record, state=ClaimState.ACCEPTED)
        .select_related("judged_version", "evidence", "criterion__group")
        .order_by(F("criterion__group__position").asc(nulls_last=True), "criterion__position", "evidence__number")
    )
    return weigh_today(
        accepted_claim(
            claim.judged_version,
            reference=claim.evidence.reference,
            label=claim.criterion.label if claim.criterion else "",
            section=claim.criterion.group.section if claim.criterion else None,
        )
        for claim in claims
        if claim.judged_version
    )


def weigh_today(claims: Iterable[AcceptedClaim]) -> Sufficiency:
    """The timeline of accepted claims that were read already, in print order, as of today. No query."""
    return weigh(claims, today=timezone.localdate(), current_months=settings.EVIDENCE_AGE_WARNING_MONTHS)


def accepted_claim(version: EvidenceVersion, *, reference: str, label: str, section: str | None) -> AcceptedClaim:
    """A claim on the version it was judged on; `label` and `section` are its criterion's, "" and None without one."""
    return AcceptedClaim(
        evidence_id=version.evidence_id,
        reference=reference,
        title=version.title,
        first_day=version.happened_from,
        last_day=version.happened_to,
        methods=frozenset(map(Method, version.methods)),
        occasion=version.occasion,
        customer=version.customer,
        label=label,
        section=Section(section) if section else None,
    )


def judgements_of_others(record: UnitRecord, person: User) -> list[Judgement]:
    """The latest judgement on each accepted claim of a unit, where somebody else made it (Q23). Two queries."""
    claims = (
        Claim.objects.filter(record=record, state=ClaimState.ACCEPTED)
        .select_related("evidence__current_version", "criterion__group", "instance")
        .order_by(F("criterion__group__position").asc(nulls_last=True), "criterion__position", "evidence__number")
    )
    others = []
    for claim in hang_judgements(list(claims)):
        latest: Judgement = claim.judgements[-1]
        if latest.judged_by_id != person.pk:
            latest.claim = claim
            others.append(latest)
    return others
