"""What the portfolio page and the evidence page show, each in a constant number of queries."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils import timezone

from centres.authority import add_months
from centres.models import Membership, Registration
from centres.queries import registrations_for
from evidence.models import (
    Claim,
    ClaimState,
    Evidence,
    EvidenceFile,
    EvidenceVersion,
    ItemConfirmation,
    Judgement,
    Portfolio,
    UnitRecord,
)
from evidence.queries.progress import RecordProgress, progress_of
from evidence.queries.scope import records_for, records_listed_for
from files.models import PageImage


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One unit record on the portfolio page. ``opens`` says whether this seat may open it, or only know of it (Q25)."""

    record: UnitRecord
    progress: RecordProgress
    opens: bool


def registrations_in(portfolio: Portfolio, seat: Membership) -> QuerySet[Registration]:
    """The registrations that a portfolio serves, as far as this seat may see them."""
    return (
        registrations_for(seat)
        .filter(candidate=portfolio.candidate_id)
        .select_related("qualification", "assessor", "iv")
        .order_by("-started_on", "-pk")
    )


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
class UnitClaims:
    """An item's live claims in one unit record, in print order."""

    record: UnitRecord
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """One item as a seat sees it, with the version that is looked at."""

    evidence: Evidence
    version: EvidenceVersion
    versions: Sequence[EvidenceVersion]
    files: Sequence[EvidenceFile]
    confirmation: ItemConfirmation | None
    units: Sequence[UnitClaims]
    is_old: bool

    @property
    def is_current_version(self) -> bool:
        return self.version.pk == self.evidence.current_version_id

    @property
    def claims(self) -> list[Claim]:
        return [claim for unit in self.units for claim in unit.claims]

    @property
    def returned(self) -> list[Claim]:
        return [claim for claim in self.claims if claim.state == ClaimState.RETURNED]

    @property
    def to_mend(self) -> list[tuple[Claim, str]]:
        """Each returned claim with what the assessor wrote last."""
        return [(claim, list(claim.judgements.all())[-1].comment) for claim in self.returned if claim.judgements.all()]

    @property
    def undecided(self) -> list[Claim]:
        return [claim for claim in self.claims if claim.state == ClaimState.UNDECIDED]


def evidence_page(evidence: Evidence, seat: Membership, ordinal: int | None = None) -> EvidencePage | None:
    """An item with its files, versions and claims; None where it has no version ``ordinal``.

    The claims are those on records that the seat may open. ``is_old`` warns of evidence past the age of R18.
    """
    versions = list(
        evidence.versions.select_related(
            "witness", "environment", "testimony__request", "made_by", "confirmation__confirmed_by"
        )
    )
    wanted = ordinal or versions[-1].ordinal
    version = next((version for version in versions if version.ordinal == wanted), None)
    if version is None:
        return None
    pages = Prefetch("blob__page_images", queryset=PageImage.objects.order_by("number"))
    return EvidencePage(
        evidence=evidence,
        version=version,
        versions=versions,
        files=list(
            version.files.select_related("blob__text")
            .defer("blob__text__whole", "blob__text__folded")
            .prefetch_related(pages)
        ),
        confirmation=getattr(version, "confirmation", None),
        units=_claims_by_unit(evidence, seat),
        is_old=is_old(version.happened_to),
    )


def is_old(day: datetime.date) -> bool:
    """Whether evidence of a day is so old that its currency is in doubt (R18)."""
    return day < add_months(timezone.localdate(), -settings.EVIDENCE_AGE_WARNING_MONTHS)


def _claims_by_unit(evidence: Evidence, seat: Membership) -> list[UnitClaims]:
    live = (
        Claim.objects.filter(evidence=evidence, record__in=records_for(seat).order_by().values("pk"))
        .exclude(state=ClaimState.WITHDRAWN)
        .select_related(
            "record__unit",
            "record__registration__assessor",
            "record__own_assessor",
            "criterion__group",
            "instance",
            "judged_version",
        )
        .prefetch_related(Prefetch("judgements", queryset=Judgement.objects.select_related("judged_by", "version")))
        .order_by("record", F("criterion__group__position").asc(nulls_last=True), "criterion__position", "pk")
    )
    units: dict[int, list[Claim]] = {}
    for claim in live:
        units.setdefault(claim.record_id, []).append(claim)
    return [UnitClaims(claims[0].record, tuple(claims)) for claims in units.values()]
