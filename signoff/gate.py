"""The coverage gate: whether a unit may be signed, what is missing, and who must act next. Pure: no database.

Coverage is counted in `units.coverage` and told by `units.gaps`; what stands here besides is what judging and signing
demand: R4 sufficiency, R17 valid, authentic and current, R20a witnesses, Q2 criteria held elsewhere, Q13 undecided
claims, Q23 review.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from units.coverage import ClaimFacts, UnitCoverage, UnitFacts, Verdict, cover
from units.gaps import Gap, Party, by_item, gaps_of, labels_of, over_evidenced
from units.outline import UnitOutline


class Kind(StrEnum):
    """What kind of thing is missing; those of `units.gaps.GapKind` come first."""

    COVERAGE = "coverage"
    INSTANCE = "instance"
    BARRED = "barred"
    NOT_OFFERED = "not_offered"
    UNDECIDED = "undecided"
    CONFIRMATION = "confirmation"
    REGISTRATION = "registration"
    HELD_ELSEWHERE = "held_elsewhere"
    UNCONFIRMED = "unconfirmed"
    WITNESS = "witness"
    REVIEW = "review"
    SUFFICIENCY = "sufficiency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the gate asks of a judged claim besides its coverage."""

    claim: ClaimFacts
    judged_by: int | None = None
    is_confirmed: bool = False
    is_testimony: bool = False
    witness_is_authenticated: bool = False


@dataclass(frozen=True, kw_only=True)
class RecordFacts:
    """What the gate looks at. `judged` are the unit's claims again, with what was judged of them."""

    outline: UnitOutline
    unit: UnitFacts
    judged: tuple[Judged, ...] = ()
    assessor_id: int
    sufficient_by: int | None = None
    reviewed_by: int | None = None
    registration_is_open: bool = True
    criteria_are_held: bool = True


@dataclass(frozen=True, kw_only=True)
class Missing:
    """One thing that keeps the gate shut: what, who must act next, and the criteria, evidence and items it is about."""

    kind: Kind
    what: str
    who: Party
    criteria: tuple[int, ...] = ()
    evidence: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Open exactly when nothing is missing. Returned claims and too much evidence are only told of."""

    missing: tuple[Missing, ...]
    coverage: UnitCoverage

    @property
    def is_open(self) -> bool:
        return not self.missing

    @property
    def reason(self) -> str:
        """Why nobody can sign yet, in one sentence; blank when the gate is open."""
        if not self.missing:
            return ""
        first, more = self.missing[0].what, len(self.missing) - 1
        return f"{first} {more} more {'thing is' if more == 1 else 'things are'} missing." if more else first

    @cached_property
    def returned(self) -> tuple[str, ...]:
        """A sentence for each item with returned claims."""
        claims = [claim for claim in self.coverage.facts.claims if claim.verdict is Verdict.RETURNED]
        return tuple(
            f"{same[0].reference} was returned for {labels_of(self.coverage, same)}." for same in by_item(claims)
        )

    @cached_property
    def over_evidenced(self) -> tuple[str, ...]:
        """A sentence for each criterion that has far more than it takes."""
        return over_evidenced(self.coverage)

    def for_party(self, who: Party) -> tuple[Missing, ...]:
        """What this party must do."""
        return tuple(missing for missing in self.missing if missing.who is who)


def judge_gate(facts: RecordFacts) -> Gate:
    """Say what keeps a unit from being signed. Raises nothing."""
    coverage = cover(facts.outline, facts.unit)
    accepted = [
        judged
        for judged in facts.judged
        if judged.claim.verdict is Verdict.ACCEPTED and judged.claim not in coverage.barred
    ]
    missing = [
        *_registration(facts),
        *map(_told, gaps_of(coverage)),
        *_unauthenticated(accepted),
        *_unconfirmed(accepted),
        *_review(facts, accepted),
        *_sufficiency(facts),
        *_held_elsewhere(facts),
    ]
    return Gate(missing=tuple(sorted(missing, key=lambda item: list(Party).index(item.who))), coverage=coverage)


def _told(gap: Gap) -> Missing:
    return Missing(
        kind=Kind(gap.kind),
        what=gap.what,
        who=gap.who,
        criteria=gap.criteria,
        evidence=gap.evidence,
        groups=gap.groups,
    )


def _registration(facts: RecordFacts) -> Iterator[Missing]:
    if not facts.registration_is_open:
        yield Missing(
            kind=Kind.REGISTRATION,
            what="This registration is not active, so nothing can be signed. The coordinator can say why.",
            who=Party.COORDINATOR,
        )


def _held_elsewhere(facts: RecordFacts) -> Iterator[Missing]:
    if not facts.criteria_are_held:
        what = f"Unit {facts.outline.code} prints no do and know criteria: the centre confirms where they are held."
        yield Missing(kind=Kind.HELD_ELSEWHERE, what=what, who=Party.COORDINATOR)


def _unauthenticated(accepted: Iterable[Judged]) -> Iterator[Missing]:
    unproven = [judged.claim for judged in accepted if judged.is_testimony and not judged.witness_is_authenticated]
    for same in by_item(unproven):
        what = f"{same[0].reference} needs a note of how its witness was authenticated."
        yield _about(same, kind=Kind.WITNESS, what=what)


def _unconfirmed(accepted: Iterable[Judged]) -> Iterator[Missing]:
    for same in by_item([judged.claim for judged in accepted if not judged.is_confirmed]):
        what = f"{same[0].reference} must be confirmed as valid, authentic and current."
        yield _about(same, kind=Kind.UNCONFIRMED, what=what)


def _review(facts: RecordFacts, accepted: Iterable[Judged]) -> Iterator[Missing]:
    earlier = [judged.claim for judged in accepted if judged.judged_by != facts.assessor_id]
    if earlier and facts.reviewed_by != facts.assessor_id:
        what = "Claims that another assessor accepted must be reviewed."
        yield _about(earlier, kind=Kind.REVIEW, what=what)


def _sufficiency(facts: RecordFacts) -> Iterator[Missing]:
    if facts.sufficient_by != facts.assessor_id:
        yield Missing(
            kind=Kind.SUFFICIENCY,
            what="The evidence for the whole unit must be confirmed as sufficient.",
            who=Party.ASSESSOR,
        )


def _about(claims: Sequence[ClaimFacts], *, kind: Kind, what: str) -> Missing:
    return Missing(
        kind=kind,
        what=what,
        who=Party.ASSESSOR,
        criteria=tuple(claim.criterion_id for claim in claims if claim.criterion_id is not None),
        evidence=tuple(dict.fromkeys(claim.evidence_id for claim in claims)),
    )
