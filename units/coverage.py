"""How far a unit is covered, what is missing, and whose move it is (R1-R5, Q9-Q12, Q16). Pure: no database.

A unit's rules and the facts of one record go in; per criterion, group and unit it says what is required, claimed and
accepted. `gaps.py` puts what is missing into sentences.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property, partial

from units.kinds import Confirmed, Section
from units.methods import Method
from units.outline import CriterionOutline, GroupOutline, UnitOutline
from units.setting_policy import Setting, may_count
from units.text import capitalised

# From this many accepted items more than a criterion takes, the gate says that more is not better.
OVER_EVIDENCED_BY = 3


class Verdict(StrEnum):
    """Where a claim stands, as far as coverage cares. Withdrawn claims are not facts of a record."""

    UNDECIDED = "undecided"
    ACCEPTED = "accepted"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Named:
    """One instance or value that the candidate has named, such as the change of a phone rota."""

    id: int
    of: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """One live claim. The facts of an accepted claim are those of the version that it was judged on.

    Without a criterion it is made against the unit as a whole, which counts as performance (R5, Q12). `waits_since` is
    when it was last put before the assessor.
    """

    reference: str
    evidence_id: int
    criterion_id: int | None
    instance_id: int | None = None
    setting: Setting = Setting.REAL_JOB
    methods: frozenset[Method] = frozenset()
    verdict: Verdict = Verdict.UNDECIDED
    is_offered: bool = True
    waits_since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFacts:
    """What a record holds for a unit: claims, names given, criteria waived (Q11) and what was confirmed."""

    claims: tuple[ClaimFacts, ...]
    named: tuple[Named, ...] = ()
    waived: frozenset[int] = frozenset()
    confirmed: frozenset[Confirmed] = frozenset()


@dataclass(frozen=True, slots=True)
class CriterionCoverage:
    """One cell: what it takes and what is there. `is_needed`: something must still be accepted for it."""

    criterion: CriterionOutline
    required: int
    claimed: int
    accepted: int
    accepted_items: int
    is_waived: bool
    is_needed: bool

    @property
    def is_satisfied(self) -> bool:
        return self.accepted >= self.required

    @property
    def is_over_evidenced(self) -> bool:
        """Whether far more was accepted than it takes: more is not better."""
        return self.accepted_items >= self.required + OVER_EVIDENCED_BY


@dataclass(frozen=True, slots=True)
class GroupCoverage:
    """One item's share, counted in cells: "n of N" counts n (R2), a set of two changes counts each point twice."""

    group: GroupOutline
    required: int
    claimed: int
    accepted: int
    criteria: tuple[CriterionCoverage, ...]

    @property
    def is_satisfied(self) -> bool:
        return self.accepted >= self.required

    @property
    def covered(self) -> int:
        """How many of its points are full."""
        return sum(criterion.is_satisfied for criterion in self.criteria)


@dataclass(frozen=True, kw_only=True)
class UnitCoverage:
    """A unit's coverage, counted in cells. A unit with nothing to tick has one: a claim on the whole (Q12).

    `unconfirmed` is what the assessor has still to confirm; `barred` are claims that cannot count, with the reason.
    """

    unit: UnitOutline
    facts: UnitFacts
    required: int
    claimed: int
    accepted: int
    groups: tuple[GroupCoverage, ...]
    unconfirmed: tuple[Confirmed, ...]
    barred: Mapping[ClaimFacts, str]
    measure_claimed: "Measure"

    @property
    def wants_whole_unit(self) -> bool:
        """Whether nothing is ticked, so that a claim on the unit as a whole is what it takes."""
        return not self.unit.ticked

    @cached_property
    def has_accepted(self) -> bool:
        """Whether anything was accepted that counts: no unit is done without (Q12)."""
        return any(
            claim.verdict is Verdict.ACCEPTED and claim not in self.barred and not is_unplaced(self.unit, claim)
            for claim in self.facts.claims
        )

    @property
    def is_covered(self) -> bool:
        """Whether every cell has what it takes, accepted (R1)."""
        return self.accepted >= self.required and self.has_accepted

    @property
    def is_satisfied(self) -> bool:
        """Whether it is covered and everything is confirmed that is not ticked."""
        return self.is_covered and not self.unconfirmed

    @cached_property
    def by_criterion(self) -> Mapping[int, CriterionCoverage]:
        return {cell.criterion.id: cell for item in self.groups for cell in item.criteria}

    @cached_property
    def by_group(self) -> Mapping[int, GroupCoverage]:
        return {item.group.id: item for item in self.groups}


def cover(unit: UnitOutline, facts: UnitFacts) -> UnitCoverage:
    """Count what is covered, claimed and accepted.

    "n of N" needs n distinct points and reads n/n, more is welcome (R2, Q9). Without a number every point is needed
    (Q10). Distinct values are counted by what the claims name. Where every point is needed for each of two changes, the
    two fullest count, the same two in every item that speaks of them; an open set needs each one that is named (R3). A
    waived criterion is full (Q11). What the setting policy or the criterion's methods bar does not count (R5, Q16). A
    unit with nothing to tick needs one claim on the whole (Q12): 0 of 0 is not done. Raises nothing.
    """
    barred = {claim: reason for claim in facts.claims if (reason := why_barred(unit, claim))}
    counting = [claim for claim in facts.claims if claim not in barred]
    accepted_claims = [claim for claim in counting if claim.verdict is Verdict.ACCEPTED]
    claimed = Measure(unit, facts, [claim for claim in counting if claim.verdict is not Verdict.RETURNED])
    accepted = Measure(unit, facts, accepted_claims)
    groups = tuple(_group(group, claimed, accepted, facts) for group in unit.ticked)
    return UnitCoverage(
        unit=unit,
        facts=facts,
        required=claimed.required,
        claimed=claimed.met,
        accepted=accepted.met,
        groups=groups,
        unconfirmed=tuple(ask for ask in unit.asks if ask not in facts.confirmed),
        barred=barred,
        measure_claimed=claimed,
    )


def why_barred(unit: UnitOutline, claim: ClaimFacts) -> str:
    """Why a claim cannot count: its setting (R5, Q16), or methods that its criterion does not accept; "" if it can."""
    group, criterion = unit.cells.get(claim.criterion_id or 0, (None, None))
    ruling = may_count(unit.setting_policy, claim.setting, group.section if group else Section.COVER)
    if not ruling.allowed:
        return ruling.reason
    if group and criterion and criterion.methods and not claim.methods & criterion.methods:
        wanted = " or ".join(str(method.label) for method in Method if method in criterion.methods)
        return capitalised(f"{group.name_of(criterion)} accepts {wanted} only.")
    return ""


def is_unplaced(unit: UnitOutline, claim: ClaimFacts) -> bool:
    """Whether a claim leaves out for which change, or which value, it is: it cannot count until it says."""
    if claim.criterion_id is None or claim.instance_id is not None:
        return False
    group, criterion = unit.cells[claim.criterion_id]
    return group.must_name(criterion)


class Measure:
    """The count of one set of claims: those accepted, or all that may yet be."""

    def __init__(self, unit: UnitOutline, facts: UnitFacts, claims: Iterable[ClaimFacts]) -> None:
        self._waived = facts.waived
        self._named = facts.named
        self._whole = False
        # The items that show each cell, by the instance that they show it for.
        self._items: dict[int, dict[int | None, set[int]]] = {}
        for claim in claims:
            if claim.criterion_id is None:
                self._whole = True
            else:
                shown = self._items.setdefault(claim.criterion_id, {})
                shown.setdefault(claim.instance_id, set()).add(claim.evidence_id)
        if not unit.ticked:
            self.required, self.met = 1, int(self._whole)
            return
        sets: dict[tuple[str, int | None], list[GroupOutline]] = {}
        for group in unit.ticked:
            # An item without instances is a set of its own.
            key = (group.per_instance, group.instances) if group.per_instance else (str(group.id), 0)
            sets.setdefault(key, []).append(group)
        self.required = sum(self.needed(group) for group in unit.ticked)
        self.met = sum(self._met_by(groups) for groups in sets.values())

    def needed(self, group: GroupOutline) -> int:
        """How many cells an item takes."""
        return self._times_over(group) * _whole_share(group)

    def group(self, group: GroupOutline) -> int:
        """How many of an item's cells are full, taken by itself."""
        return self._met_by([group])

    def point_needed(self, group: GroupOutline, criterion: CriterionOutline) -> int:
        return self._times_over(group) * criterion.required

    def point(self, group: GroupOutline, criterion: CriterionOutline) -> int:
        """How far one point is full, taken by itself."""
        return _best((self.score(group, one, criterion) for one in self._instances(group)), group)

    def items(self, criterion: CriterionOutline) -> int:
        """How many different items show a criterion."""
        return len(set().union(*self._items.get(criterion.id, {}).values()))

    def missing(self, group: GroupOutline, instance: Named | None) -> list[CriterionOutline]:
        """The points of an item that are not full, for one instance or, without any, at all."""
        return [criterion for criterion in group.cells if self.score(group, instance, criterion) < criterion.required]

    def counted(self, groups: Sequence[GroupOutline]) -> list[Named]:
        """The instances that count for items that share a set: the fullest of a fixed set, all of an open one."""
        named = [one for one in self._named if one.of == groups[0].per_instance]
        if groups[0].instances is None:
            return named
        return sorted(named, key=lambda one: -self._joint(groups, one))[: groups[0].instances]

    def _met_by(self, groups: Sequence[GroupOutline]) -> int:
        return _best((self._joint(groups, one) for one in self._instances(groups[0])), groups[0])

    def _joint(self, groups: Iterable[GroupOutline], instance: Named | None) -> int:
        return sum(_share(group, partial(self.score, group, instance)) for group in groups)

    def _instances(self, group: GroupOutline) -> list[Named | None]:
        """For whom an item's points are counted: nobody in particular, or each that was named."""
        if not group.per_instance:
            return [None]
        named: list[Named | None] = [one for one in self._named if one.of == group.per_instance]
        return named or ([None] if group.instances is None else [])

    def _times_over(self, group: GroupOutline) -> int:
        return group.instances or len(self._instances(group))

    def score(self, group: GroupOutline, instance: Named | None, criterion: CriterionOutline) -> int:
        """How far one point is full for one instance, or for a claim that need not name any."""
        if criterion.id in self._waived:
            return criterion.required
        shown = self._items.get(criterion.id, {})
        if criterion.wanted_values > 1:
            return min(criterion.wanted_values, len(shown.keys() - {None}))
        if instance is None:
            return min(criterion.times, self.items(criterion))
        # In an open set, a claim that names none is for all of them.
        general = shown.get(None, set()) if group.instances is None else set()
        return min(criterion.times, len(shown.get(instance.id, set()) | general))


def _best(scores: Iterable[int], group: GroupOutline) -> int:
    """The sum of the fullest instances of a fixed set, or of all."""
    return sum(sorted(scores, reverse=True)[: group.instances])


def _share(group: GroupOutline, score: Callable[[CriterionOutline], int]) -> int:
    """How many cells of an item are full, counted once: no more than it takes."""
    if group.at_least is None:
        return sum(score(criterion) for criterion in group.cells)
    return min(group.at_least, sum(score(criterion) >= criterion.required for criterion in group.cells))


def _whole_share(group: GroupOutline) -> int:
    return group.at_least or sum(criterion.required for criterion in group.cells)


def _group(group: GroupOutline, claimed: Measure, accepted: Measure, facts: UnitFacts) -> GroupCoverage:
    required, met = accepted.needed(group), accepted.group(group)
    return GroupCoverage(
        group=group,
        required=required,
        claimed=claimed.group(group),
        accepted=met,
        criteria=tuple(
            CriterionCoverage(
                criterion=criterion,
                required=(needed := accepted.point_needed(group, criterion)),
                claimed=claimed.point(group, criterion),
                accepted=(full := accepted.point(group, criterion)),
                accepted_items=accepted.items(criterion),
                is_waived=criterion.id in facts.waived,
                is_needed=met < required and full < needed,
            )
            for criterion in group.cells
        ),
    )
