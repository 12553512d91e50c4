"""What the portfolio page and the evidence page show, each in a constant number of queries."""

from dataclasses import dataclass, fields

from django.db.models import Count, Q, QuerySet

from assessment.models import ItemConfirmation
from assessment.queries import confirmation_of, hang_judgements, with_confirmations
from centres.models import Membership
from evidence.items.queries import ItemPage, item_page
from evidence.models import Claim, ClaimState, Evidence, EvidenceVersion
from evidence.progress import RecordProgress, progress_of
from registrations.models import Portfolio, UnitRecord
from registrations.queries import records_for, records_listed_for


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One unit record on the portfolio page. ``opens`` says whether this seat may open it, or only know of it (Q25)."""

    record: UnitRecord
    progress: RecordProgress
    opens: bool


def record_lines(portfolio: Portfolio, seat: Membership) -> list[RecordLine]:
    """The unit records of a portfolio, with their progress."""
    records = list(
        records_listed_for(seat)
        .filter(portfolio=portfolio)
        .select_related("unit", "registration__assessor", "registration__iv", "own_assessor", "own_iv")
    )
    opening = set(records_for(seat).filter(portfolio=portfolio).order_by().values_list("pk", flat=True))
    progress = progress_of(records)
    return [RecordLine(record, progress[record.pk], record.pk in opening) for record in records]


def evidence_index(evidence: QuerySet[Evidence], seat: Membership) -> QuerySet[Evidence]:
    """The evidence index: newest first, each with its version and the numbers of its live claims by state."""
    live = Q(claims__record__in=records_for(seat).order_by().values("pk"))
    return (
        evidence.select_related("current_version")
        .annotate(
            accepted=Count("claims", filter=live & Q(claims__state=ClaimState.ACCEPTED)),
            returned=Count("claims", filter=live & Q(claims__state=ClaimState.RETURNED)),
            undecided=Count("claims", filter=live & Q(claims__state=ClaimState.UNDECIDED)),
        )
        .order_by("-number")
    )


@dataclass(frozen=True, slots=True)
class EvidencePage(ItemPage):
    """An item with the assessor's V, A and C of the version that is looked at."""

    confirmation: ItemConfirmation | None = None

    @property
    def to_mend(self) -> list[tuple[Claim, str]]:
        """Each returned claim with what the assessor wrote last."""
        return [(claim, claim.comment) for claim in self.returned]


def evidence_page(evidence: Evidence, seat: Membership, ordinal: int | None = None) -> EvidencePage | None:
    """An item with its files, versions, claims and judgements; None where it has no version ``ordinal``."""
    page = item_page(evidence, seat, ordinal, versions=with_confirmations(EvidenceVersion.objects.all()))
    if page is None:
        return None
    hang_judgements(page.claims)
    found = {field.name: getattr(page, field.name) for field in fields(ItemPage)}
    return EvidencePage(**found, confirmation=confirmation_of(page.version))
