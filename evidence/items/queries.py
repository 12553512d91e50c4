"""One item as a seat sees it, in a constant number of queries."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import F, Prefetch, QuerySet
from django.utils import timezone

from centres.authority.register import add_months
from centres.models import Membership
from evidence.models import Claim, ClaimState, Evidence, EvidenceFile, EvidenceVersion
from files.models import PageImage
from registrations.models import UnitRecord
from registrations.queries import records_for


@dataclass(frozen=True, slots=True)
class UnitClaims:
    """An item's live claims in one unit record, in print order."""

    record: UnitRecord
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class ItemPage:
    """One item as a seat sees it, with the version looked at. ``is_old`` warns of evidence past the age of R18."""

    evidence: Evidence
    version: EvidenceVersion
    versions: Sequence[EvidenceVersion]
    files: Sequence[EvidenceFile]
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
    def undecided(self) -> list[Claim]:
        return [claim for claim in self.claims if claim.state == ClaimState.UNDECIDED]


def item_page(
    evidence: Evidence,
    seat: Membership,
    ordinal: int | None = None,
    *,
    versions: QuerySet[EvidenceVersion] | None = None,
) -> ItemPage | None:
    """An item with its files, versions and claims; None where it has no version ``ordinal``.

    The claims are those on records that the seat may open. ``versions``: what to read versions from, for a page that
    reads more of each.
    """
    every = EvidenceVersion.objects.all() if versions is None else versions
    rows = list(
        every.filter(evidence=evidence).select_related("witness", "environment", "testimony__request", "made_by")
    )
    wanted = ordinal or rows[-1].ordinal
    version = next((version for version in rows if version.ordinal == wanted), None)
    if version is None:
        return None
    pages = Prefetch("blob__page_images", queryset=PageImage.objects.order_by("number"))
    return ItemPage(
        evidence=evidence,
        version=version,
        versions=rows,
        files=list(
            version.files.select_related("blob__text")
            .defer("blob__text__whole", "blob__text__folded")
            .prefetch_related(pages)
        ),
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
        .order_by("record", F("criterion__group__position").asc(nulls_last=True), "criterion__position", "pk")
    )
    units: dict[int, list[Claim]] = {}
    for claim in live:
        units.setdefault(claim.record_id, []).append(claim)
    return [UnitClaims(found[0].record, tuple(found)) for found in units.values()]
