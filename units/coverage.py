"""How far a unit is covered, what is missing, and whose move it is (R1-R5, Q9-Q12, Q16). Pure: no database.

A unit's rules and the facts of one record go in; per criterion, group and unit it says what is required, claimed and
accepted. `gaps.py` puts what is missing into sentences.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property, partial

from units.kinds import IMPLIED_KINDS, TICKED_KINDS, GroupKind, Section
from units.methods import Method
from units.setting_policy import Setting, SettingPolicy, may_count
from units.text import capitalised, listed

# From this many accepted items more than a criterion takes, the gate says that more is not better.
OVER_EVIDENCED_BY = 3


class Verdict(StrEnum):
    """Where a claim stands, as far as coverage cares. Withdrawn claims are not facts of a record."""

    UNDECIDED = "undecided"
    ACCEPTED = "accepted"
    RETURNED = "returned"


class Ask(StrEnum):
    """What is confirmed by the assessor instead of being ticked."""

    NOTES = "notes"  # Q12: setting, sector and sufficiency, of a unit with nothing to tick
    CONDITION = "condition"
    EVERY_INSTANCE = "every_instance"  # R3: an open set is complete when the assessor says so


# An ask and the group that it is about; the notes are about none.
type Confirmed = tuple[Ask, int | None]


@dataclass(frozen=True, slots=True)
class Point:
    """One cell that a reference goes into.

    `wanted` is how many different values fill it and `value_name` what they are values of; `times` is how many pieces
    of evidence must show it; `methods` are the only ones that count, where it names any.
    """

    id: int
    label: str
    text: str
    wanted: int = 1
    value_name: str = ""
    methods: frozenset[Method] = frozenset()
    times: int = 1

    @property
    def required(self) -> int:
        """How much fills the cell once."""
        return max(self.wanted, self.times)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One numbered item of a unit, as `models.Group` describes it.

    `which` tells items apart that the print numbers alike: "first", "second".
    """

    group_id: int
    section: Section
    kind: GroupKind
    label: str = ""
    which: str = ""
    text: str = ""
    points: tuple[Point, ...] = ()
    at_least: int | None = None
    per_instance: str = ""
    instances: int | None = None

    @property
    def is_ticked(self) -> bool:
        """Whether anything has to be claimed here: conditions, examples and scope notes are never ticked."""
        return self.kind in TICKED_KINDS and bool(self.points)

    @property
    def is_open_set(self) -> bool:
        """Whether every point is needed for each of something that nobody can count beforehand (R3)."""
        return self.is_ticked and bool(self.per_instance) and self.instances is None

    @property
    def name(self) -> str:
        """What a sentence calls it: "item 5", "the second item 5"."""
        if not self.label:
            return "an item"
        return f"the {self.which} item {self.label}" if self.which else f"item {self.label}"

    def name_of(self, *points: Point) -> str:
        """What a sentence calls some of its cells: "5a and 5b", "5a of the second item 5", "item 6" where it is one."""
        if self.kind in IMPLIED_KINDS:
            return self.name
        labels = listed(point.label for point in points)
        return f"{labels} of {self.name}" if self.which else labels

    def instance_word(self, point: Point) -> str:
        """What a claim on one of its cells is for one of, such as "change"; "" where there is nothing to name."""
        return self.per_instance or ((point.value_name or "value") if point.wanted > 1 else "")

    def must_name(self, point: Point) -> bool:
        """Whether a claim on one of its cells counts only once it says for which: of an open set it may be for all."""
        return self.instances is not None or point.wanted > 1


@dataclass(frozen=True, kw_only=True)
class UnitRules:
    """What a unit demands: its setting policy and its items."""

    code: str
    policy: SettingPolicy
    needs: tuple[Need, ...]

    @cached_property
    def ticked(self) -> tuple[Need, ...]:
        return tuple(need for need in self.needs if need.is_ticked)

    @cached_property
    def points(self) -> Mapping[int, tuple[Need, Point]]:
        """Each cell with its item, by id."""
        return {point.id: (need, point) for need in self.ticked for point in need.points}

    @cached_property
    def instance_words(self) -> frozenset[str]:
        """What the candidate names: changes, risks, media."""
        return frozenset(filter(None, (need.instance_word(point) for need, point in self.points.values())))

    @cached_property
    def asks(self) -> tuple[Confirmed, ...]:
        """What the assessor confirms of the unit: conditions, open sets, and where nothing is ticked items 1 to 3."""
        found: list[Confirmed] = [] if self.ticked else [(Ask.NOTES, None)]
        for need in self.needs:
            if need.kind is GroupKind.CONDITION:
                found.append((Ask.CONDITION, need.group_id))
            elif need.is_open_set:
                found.append((Ask.EVERY_INSTANCE, need.group_id))
        return tuple(found)


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

    point: Point
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

    need: Need
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

    rules: UnitRules
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
        return not self.rules.ticked

    @cached_property
    def has_accepted(self) -> bool:
        """Whether anything was accepted that counts: no unit is done without (Q12)."""
        return any(
            claim.verdict is Verdict.ACCEPTED and claim not in self.barred and not is_unplaced(self.rules, claim)
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
        return {criterion.point.id: criterion for group in self.groups for criterion in group.criteria}

    @cached_property
    def by_group(self) -> Mapping[int, GroupCoverage]:
        return {group.need.group_id: group for group in self.groups}


def cover(rules: UnitRules, facts: UnitFacts) -> UnitCoverage:
    """Count what is covered, claimed and accepted.

    "n of N" needs n distinct points and reads n/n, more is welcome (R2, Q9). Without a number every point is needed
    (Q10). Distinct values are counted by what the claims name. Where every point is needed for each of two changes, the
    two fullest count, the same two in every item that speaks of them; an open set needs each one that is named (R3). A
    waived criterion is full (Q11). What the setting policy or the criterion's methods bar does not count (R5, Q16). A
    unit with nothing to tick needs one claim on the whole (Q12): 0 of 0 is not done. Raises nothing.
    """
    barred = {claim: reason for claim in facts.claims if (reason := why_barred(rules, claim))}
    counting = [claim for claim in facts.claims if claim not in barred]
    accepted_claims = [claim for claim in counting if claim.verdict is Verdict.ACCEPTED]
    claimed = Measure(rules, facts, [claim for claim in counting if claim.verdict is not Verdict.RETURNED])
    accepted = Measure(rules, facts, accepted_claims)
    groups = tuple(_group(need, claimed, accepted, facts) for need in rules.ticked)
    return UnitCoverage(
        rules=rules,
        facts=facts,
        required=claimed.required,
        claimed=claimed.met,
        accepted=accepted.met,
        groups=groups,
        unconfirmed=tuple(ask for ask in rules.asks if ask not in facts.confirmed),
        barred=barred,
        measure_claimed=claimed,
    )


def why_barred(rules: UnitRules, claim: ClaimFacts) -> str:
    """Why a claim cannot count: its setting (R5, Q16), or methods that its criterion does not accept; "" if it can."""
    need, point = rules.points.get(claim.criterion_id or 0, (None, None))
    ruling = may_count(rules.policy, claim.setting, need.section if need else Section.COVER)
    if not ruling.allowed:
        return ruling.reason
    if need and point and point.methods and not claim.methods & point.methods:
        wanted = " or ".join(str(method.label) for method in Method if method in point.methods)
        return capitalised(f"{need.name_of(point)} accepts {wanted} only.")
    return ""


def is_unplaced(rules: UnitRules, claim: ClaimFacts) -> bool:
    """Whether a claim leaves out for which change, or which value, it is: it cannot count until it says."""
    if claim.criterion_id is None or claim.instance_id is not None:
        return False
    need, point = rules.points[claim.criterion_id]
    return need.must_name(point)


class Measure:
    """The count of one set of claims: those accepted, or all that may yet be."""

    def __init__(self, rules: UnitRules, facts: UnitFacts, claims: Iterable[ClaimFacts]) -> None:
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
        if not rules.ticked:
            self.required, self.met = 1, int(self._whole)
            return
        sets: dict[tuple[str, int | None], list[Need]] = {}
        for need in rules.ticked:
            # An item without instances is a set of its own.
            key = (need.per_instance, need.instances) if need.per_instance else (str(need.group_id), 0)
            sets.setdefault(key, []).append(need)
        self.required = sum(self.needed(need) for need in rules.ticked)
        self.met = sum(self._met_by(needs) for needs in sets.values())

    def needed(self, need: Need) -> int:
        """How many cells an item takes."""
        return self._times_over(need) * _whole_share(need)

    def group(self, need: Need) -> int:
        """How many of an item's cells are full, taken by itself."""
        return self._met_by([need])

    def point_needed(self, need: Need, point: Point) -> int:
        return self._times_over(need) * point.required

    def point(self, need: Need, point: Point) -> int:
        """How far one point is full, taken by itself."""
        return _best((self.score(need, one, point) for one in self._instances(need)), need)

    def items(self, point: Point) -> int:
        """How many different items show a point."""
        return len(set().union(*self._items.get(point.id, {}).values()))

    def missing(self, need: Need, instance: Named | None) -> list[Point]:
        """The points of an item that are not full, for one instance or, without any, at all."""
        return [point for point in need.points if self.score(need, instance, point) < point.required]

    def counted(self, needs: Sequence[Need]) -> list[Named]:
        """The instances that count for items that share a set: the fullest of a fixed set, all of an open one."""
        named = [one for one in self._named if one.of == needs[0].per_instance]
        if needs[0].instances is None:
            return named
        return sorted(named, key=lambda one: -self._joint(needs, one))[: needs[0].instances]

    def _met_by(self, needs: Sequence[Need]) -> int:
        return _best((self._joint(needs, one) for one in self._instances(needs[0])), needs[0])

    def _joint(self, needs: Iterable[Need], instance: Named | None) -> int:
        return sum(_share(need, partial(self.score, need, instance)) for need in needs)

    def _instances(self, need: Need) -> list[Named | None]:
        """For whom an item's points are counted: nobody in particular, or each that was named."""
        if not need.per_instance:
            return [None]
        named: list[Named | None] = [one for one in self._named if one.of == need.per_instance]
        return named or ([None] if need.instances is None else [])

    def _times_over(self, need: Need) -> int:
        return need.instances or len(self._instances(need))

    def score(self, need: Need, instance: Named | None, point: Point) -> int:
        """How far one point is full for one instance, or for a claim that need not name any."""
        if point.id in self._waived:
            return point.required
        shown = self._items.get(point.id, {})
        if point.wanted > 1:
            return min(point.wanted, len(shown.keys() - {None}))
        if instance is None:
            return min(point.times, self.items(point))
        # In an open set, a claim that names none is for all of them.
        general = shown.get(None, set()) if need.instances is None else set()
        return min(point.times, len(shown.get(instance.id, set()) | general))


def _best(scores: Iterable[int], need: Need) -> int:
    """The sum of the fullest instances of a fixed set, or of all."""
    return sum(sorted(scores, reverse=True)[: need.instances])


def _share(need: Need, score: Callable[[Point], int]) -> int:
    """How many cells of an item are full, counted once: no more than it takes."""
    if need.at_least is None:
        return sum(score(point) for point in need.points)
    return min(need.at_least, sum(score(point) >= point.required for point in need.points))


def _whole_share(need: Need) -> int:
    return need.at_least or sum(point.required for point in need.points)


def _group(need: Need, claimed: Measure, accepted: Measure, facts: UnitFacts) -> GroupCoverage:
    required, met = accepted.needed(need), accepted.group(need)
    return GroupCoverage(
        need=need,
        required=required,
        claimed=claimed.group(need),
        accepted=met,
        criteria=tuple(
            CriterionCoverage(
                point=point,
                required=(needed := accepted.point_needed(need, point)),
                claimed=claimed.point(need, point),
                accepted=(full := accepted.point(need, point)),
                accepted_items=accepted.items(point),
                is_waived=point.id in facts.waived,
                is_needed=met < required and full < needed,
            )
            for point in need.points
        ),
    )
