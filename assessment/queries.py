"""What was judged, hung on the rows that a page shows."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import OuterRef, QuerySet, Subquery

from assessment.models import ItemConfirmation, Judgement, SeenAtWork
from centres.models import User
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


_CONFIRMED = tuple(field.attname for field in ItemConfirmation._meta.concrete_fields if field.name != "version")


def with_confirmations(versions: QuerySet[EvidenceVersion]) -> QuerySet[EvidenceVersion]:
    """Versions read together with the assessor's V, A and C of each (R17), for `confirmation_of`, by no query more."""
    made = ItemConfirmation.objects.filter(version=OuterRef("pk"))
    named = (*_CONFIRMED, "confirmed_by__name")
    return versions.annotate(**{f"vac_{name.replace('__', '_')}": Subquery(made.values(name)) for name in named})


def confirmation_of(version: EvidenceVersion) -> ItemConfirmation | None:
    """The V, A and C of a version that `with_confirmations` has read, with the name of who confirmed; None without."""
    said = {name: getattr(version, f"vac_{name}") for name in (*_CONFIRMED, "confirmed_by_name")}
    name = said.pop("confirmed_by_name")
    if said["id"] is None:
        return None
    confirmation = ItemConfirmation(version=version, **said)
    confirmation.confirmed_by = User(pk=confirmation.confirmed_by_id, name=name)
    return confirmation


def sights_of(version: EvidenceVersion) -> list[SeenAtWork]:
    """Who saw a version at work, where and when (R12): none is looked for where nothing is kept there. One query."""
    if not version.kept_at:
        return []
    return list(SeenAtWork.objects.filter(version=version).select_related("seen_by"))
