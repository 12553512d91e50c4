"""What was judged, hung on the rows that a page shows."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from assessment.models import ItemConfirmation, Judgement, SeenAtWork
from evidence.models import Claim, EvidenceVersion


def hang_judgements[Rows: Collection[Claim]](claims: Rows) -> Rows:
    """Give each claim its judgements, oldest first, each with its judge and version. One query. Out: the claims."""
    found: dict[int, list[Judgement]] = defaultdict(list)
    rows = Judgement.objects.filter(claim__in=[claim.pk for claim in claims]).select_related("judged_by", "version")
    for judgement in rows.order_by("judged_at", "pk"):
        found[judgement.claim_id].append(judgement)
    for claim in claims:
        claim.judgements = found[claim.pk]
    return claims


def confirmations_of(versions: Iterable[int]) -> dict[int, ItemConfirmation]:
    """The assessor's V, A and C of some versions, by version, with who confirmed (R17). One query."""
    rows = ItemConfirmation.objects.filter(version__in=list(versions)).select_related("confirmed_by")
    return {row.version_id: row for row in rows}


def sights_of(version: EvidenceVersion) -> list[SeenAtWork]:
    """Who saw a version at work, where and when (R12): none is looked for where nothing is kept there. One query."""
    if not version.kept_at:
        return []
    return list(SeenAtWork.objects.filter(version=version).select_related("seen_by"))
