"""How far unit records are, in two measures: claimed and accepted (R1, R2, R5, Q12)."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from evidence.models import Claim, ClaimState, EvidenceState, UnitRecord
from units.coverage import Coverage, progress
from units.kinds import Section
from units.outline import UnitOutline
from units.queries import outlines
from units.setting_policy import may_count


@dataclass(frozen=True, slots=True)
class RecordProgress:
    """One unit record. ``claimed`` counts cells with a live claim that may count and was not returned, drafts and all;
    ``accepted`` those with an accepted one. The rest are numbers of claims: waiting for the assessor, returned, and on
    evidence not offered yet.
    """

    claimed: Coverage
    accepted: Coverage
    undecided: int
    returned: int
    in_drafts: int


class _Row(NamedTuple):
    """What progress asks of a live claim. Lists show hundreds: whole rows would take most of the time."""

    record_id: int
    criterion_id: int | None
    state: str
    evidence_state: str
    judged_setting: str | None
    current_setting: str | None

    @property
    def is_offered(self) -> bool:
        return self.evidence_state == EvidenceState.OFFERED

    def counts(self, unit: UnitOutline) -> bool:
        """Whether the setting of the evidence may count for this cell (R5). The unit as a whole is performance."""
        setting = self.judged_setting if self.state == ClaimState.ACCEPTED else self.current_setting
        criterion = unit.criteria_by_id.get(self.criterion_id) if self.criterion_id else None
        section = criterion.section if criterion else Section.COVER
        return setting is not None and may_count(unit.setting_policy, setting, section).allowed


def progress_of(records: Iterable[UnitRecord]) -> dict[int, RecordProgress]:
    """Progress by unit record id, in one query besides the outlines' one, however many records.

    A claim that the unit's setting policy bars does not count (R5): an accepted one by the version it was judged on,
    any other by the current version.
    """
    given = list(records)
    units = outlines({record.unit_id for record in given})
    claims: dict[int, list[_Row]] = defaultdict(list)
    live = (
        Claim.objects.filter(record__in=[record.pk for record in given])
        .exclude(state=ClaimState.WITHDRAWN)
        .order_by("pk")
        .values_list(
            "record_id",
            "criterion_id",
            "state",
            "evidence__state",
            "judged_version__setting",
            "evidence__current_version__setting",
        )
    )
    for row in map(_Row._make, live):
        claims[row.record_id].append(row)
    return {record.pk: _progress(units[record.unit_id], claims[record.pk]) for record in given}


def _progress(unit: UnitOutline, claims: list[_Row]) -> RecordProgress:
    counting = [claim for claim in claims if claim.counts(unit)]
    return RecordProgress(
        claimed=_coverage(unit, [claim for claim in counting if claim.state != ClaimState.RETURNED]),
        accepted=_coverage(unit, [claim for claim in counting if claim.state == ClaimState.ACCEPTED]),
        undecided=sum(claim.state == ClaimState.UNDECIDED and claim.is_offered for claim in claims),
        returned=sum(claim.state == ClaimState.RETURNED for claim in claims),
        in_drafts=sum(not claim.is_offered for claim in claims),
    )


def _coverage(unit: UnitOutline, claims: list[_Row]) -> Coverage:
    # Each claim shows one value of a point that wants several.
    values = Counter(claim.criterion_id for claim in claims if claim.criterion_id)
    whole = any(claim.criterion_id is None for claim in claims)
    return progress(unit.needs, set(values), whole, values)
