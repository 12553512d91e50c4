"""Points of the candidate's units that repeat what an item is claimed against already (PRACTICE §5 pain 4)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from centres.permissions import why_not
from evidence.models import Claim, ClaimState, Evidence, EvidenceVersion
from evidence.permissions import check_independent
from evidence.progress import progress_of
from registrations.models import RecordState, UnitRecord
from units.coverage import ClaimFacts, Named, why_barred
from units.methods import Method
from units.outline import UnitOutline
from units.queries import outlines
from units.recurring_points import Place, TwinKey, keys_of, places_in
from units.setting_policy import Setting

MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One cell that the item may show as well. ``twin`` is the claim that it repeats, whose place it takes over.

    ``instance`` is the change or value that it would be for, where the cell asks which (R3). ``is_claimed``: other
    evidence is claimed there and waits to be accepted.
    """

    record: UnitRecord
    place: Place
    instance: Named | None
    twin: Claim
    is_claimed: bool

    @property
    def label(self) -> str:
        label = f"{self.place.unit.code} {self.place.criterion.label}"
        return f"{label} for “{self.instance.name}”" if self.instance else label

    @property
    def twin_label(self) -> str:
        return f"{self.twin.record.unit.code} {self.twin.label}"


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What is listed, how much is left out for length, and how much because it is covered: more is not better."""

    listed: tuple[Suggestion, ...] = ()
    more: int = 0
    covered: int = 0

    def __len__(self) -> int:
        return len(self.listed) + self.more


def suggestions_for(evidence: Evidence) -> Suggestions:
    """What else an item may show, those cells first that nothing is claimed for; in a constant number of queries.

    For the candidate: all open units of the item's portfolio are looked at. Left out is what the item is claimed
    against, what repeats a returned claim only, what the item's setting or methods bar (R5, Q16), units that its
    witness may not testify in (R23), and cells that ask which change or value it is for, unless one alone is named.
    """
    version = evidence.current_version
    assert version is not None  # an item is made together with its first version
    claims = list(
        evidence.claims.exclude(state=ClaimState.WITHDRAWN)
        .select_related("record__unit", "criterion__group", "instance")
        .order_by("record__registration", "record__unit__position", "criterion__group__position", "criterion__position")
    )
    if not claims:
        return Suggestions()
    records = _open_records(evidence, version)
    units = outlines({record.unit_id for record in records} | {claim.record.unit_id for claim in claims})
    progress = progress_of(records)
    sources = _sources(claims, units)
    claimed = {(claim.record_id, claim.criterion_id) for claim in claims}
    found: list[Suggestion] = []
    covered = 0
    for record in records:
        unit = units[record.unit_id]
        for place, twin in _repeating(record, unit, sources):
            facts = ClaimFacts(
                reference=evidence.reference,
                evidence_id=evidence.pk,
                criterion_id=place.criterion.id,
                setting=Setting(version.setting),
                methods=frozenset(map(Method, version.methods)),
            )
            if (record.pk, place.criterion.id) in claimed or why_barred(unit, facts):
                continue
            coverage = progress[record.pk].coverage
            named = _only_one_named(unit, place, coverage.facts.named)
            if named is None and unit.must_name_instance(place.criterion.id):
                continue
            cell = coverage.by_criterion[place.criterion.id]
            if cell.is_needed:
                found.append(Suggestion(record, place, named, twin, is_claimed=cell.claimed >= cell.required))
            else:
                covered += 1
    found.sort(key=lambda one: one.is_claimed)
    return Suggestions(tuple(found[:MOST_SHOWN]), max(0, len(found) - MOST_SHOWN), covered)


def _open_records(evidence: Evidence, version: EvidenceVersion) -> list[UnitRecord]:
    """The unit records that this version may be claimed in: open, and not those of its witness."""
    records = UnitRecord.objects.filter(portfolio=evidence.portfolio_id, state=RecordState.OPEN).select_related(
        "unit",
        "registration__candidate",
        "registration__assessor",
        "registration__iv",
        "own_assessor",
        "own_iv",
    )
    witness = version.witness
    return [
        record for record in records if record.is_open and not (witness and why_not(check_independent, witness, record))
    ]


def _sources(claims: Sequence[Claim], units: Mapping[int, UnitOutline]) -> dict[TwinKey, list[Claim]]:
    """The claims that a point may repeat, by what it would have in common with them."""
    keys = {unit_id: keys_of(unit) for unit_id, unit in units.items()}
    sources: dict[TwinKey, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.criterion_id is not None and claim.state != ClaimState.RETURNED:
            sources[keys[claim.record.unit_id][claim.criterion_id]].append(claim)
    return sources


def _repeating(
    record: UnitRecord, unit: UnitOutline, sources: Mapping[TwinKey, Sequence[Claim]]
) -> Iterator[tuple[Place, Claim]]:
    """The cells of a record that repeat a claim, each with the first that it repeats, never one of its own item."""
    for key, place in places_in(unit):
        for claim in sources.get(key, ()):
            assert claim.criterion is not None
            if (claim.record_id, claim.criterion.group_id) != (record.pk, place.group.id):
                yield place, claim
                break


def _only_one_named(unit: UnitOutline, place: Place, named: Sequence[Named]) -> Named | None:
    """What a claim is for where it must say, and nothing else could be meant."""
    if not unit.must_name_instance(place.criterion.id):
        return None  # A claim that says nothing is for all of an open set.
    meant = [one for one in named if one.of == unit.instance_word(place.criterion.id)]
    return meant[0] if len(meant) == 1 else None
