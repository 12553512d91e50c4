"""How far unit records are, in two measures: claimed and accepted (R1-R5, Q9-Q12)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evidence.models import Claim, ClaimState, EvidenceState, Instance
from registrations.models import UnitConfirmation, UnitRecord, Waiver
from units.coverage import ClaimFacts, Named, UnitCoverage, UnitFacts, Verdict, cover
from units.kinds import Ask, Confirmed
from units.methods import Method
from units.outline import UnitOutline
from units.queries import outlines
from units.setting_policy import Setting

_METHODS = {str(method): method for method in Method}


@dataclass(frozen=True, slots=True)
class RecordProgress:
    """One unit record. Its coverage counts as claimed what has a live claim that may count and was not returned, drafts
    and all. The rest are numbers of claims: waiting for the assessor, returned, and on evidence not offered yet.
    """

    coverage: UnitCoverage
    undecided: int
    returned: int
    in_drafts: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What bears on the coverage of one record besides its claims."""

    named: tuple[Named, ...] = ()
    waived: frozenset[int] = frozenset()
    confirmed: frozenset[Confirmed] = frozenset()


def progress_of(records: Iterable[UnitRecord]) -> dict[int, RecordProgress]:
    """Progress by unit record id, in at most four queries besides the outlines' one, however many records.

    A claim that the unit's setting policy bars does not count (R5): an accepted one by the version it was judged on,
    any other by the current version.
    """
    given = list(records)
    units = outlines({record.unit_id for record in given})
    claims: dict[int, list[ClaimFacts]] = defaultdict(list)
    # Lists show hundreds of claims: whole rows would take most of the time.
    live = (
        Claim.objects.filter(record__in=[record.pk for record in given])
        .exclude(state=ClaimState.WITHDRAWN)
        .order_by("pk")
        .values_list(
            "record_id",
            "evidence_id",
            "criterion_id",
            "instance_id",
            "state",
            "evidence__state",
            "judged_version__setting",
            "judged_version__methods",
            "evidence__current_version__setting",
            "evidence__current_version__methods",
        )
    )
    for record_id, evidence_id, criterion_id, instance_id, state, item_state, *versions in live:
        setting, methods = versions[:2] if state == ClaimState.ACCEPTED else versions[2:]
        claims[record_id].append(
            ClaimFacts(
                reference="",
                evidence_id=evidence_id,
                criterion_id=criterion_id,
                instance_id=instance_id,
                setting=Setting(setting),
                methods=frozenset(_METHODS[code] for code in methods),
                verdict=Verdict(state),
                is_offered=item_state == EvidenceState.OFFERED,
            )
        )
    around = surroundings_of({record.pk: units[record.unit_id] for record in given})
    return {record.pk: _progress(units[record.unit_id], claims[record.pk], around[record.pk]) for record in given}


def surroundings_of(units: Mapping[int, UnitOutline]) -> dict[int, Surroundings]:
    """Names given, criteria waived and what is confirmed, by unit record id; `units` are the outlines by the same.

    At most three queries: what no unit here asks for is not looked up.
    """
    named: dict[int, list[Named]] = defaultdict(list)
    if with_instances := [pk for pk, unit in units.items() if unit.instance_words]:
        for row in Instance.objects.filter(record__in=with_instances, removed_at=None).order_by("pk"):
            named[row.record_id].append(Named(row.pk, row.of, row.name))
    waived: dict[int, set[int]] = defaultdict(set)
    if with_should := [pk for pk, unit in units.items() if unit.can_be_waived]:
        rows = Waiver.objects.filter(record__in=with_should, withdrawn_at=None)
        for record_id, criterion_id in rows.values_list("record_id", "criterion_id"):
            waived[record_id].add(criterion_id)
    confirmed: dict[int, set[Confirmed]] = defaultdict(set)
    if with_asks := [pk for pk, unit in units.items() if unit.asks]:
        said = UnitConfirmation.objects.filter(record__in=with_asks, lapsed_at=None, kind__in=list(Ask))
        for record_id, kind, group_id in said.values_list("record_id", "kind", "group_id"):
            confirmed[record_id].add((Ask(kind), group_id))
    return {pk: Surroundings(tuple(named[pk]), frozenset(waived[pk]), frozenset(confirmed[pk])) for pk in units}


def _progress(unit: UnitOutline, claims: list[ClaimFacts], around: Surroundings) -> RecordProgress:
    facts = UnitFacts(claims=tuple(claims), named=around.named, waived=around.waived, confirmed=around.confirmed)
    return RecordProgress(
        coverage=cover(unit, facts),
        undecided=sum(claim.verdict is Verdict.UNDECIDED and claim.is_offered for claim in claims),
        returned=sum(claim.verdict is Verdict.RETURNED for claim in claims),
        in_drafts=sum(not claim.is_offered for claim in claims),
    )
