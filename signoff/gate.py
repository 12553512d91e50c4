"""The coverage gate: whether a unit may be signed, what is missing, and who must act next. Pure: no database.

R1 coverage, R4 sufficiency, R5 settings, R17 valid, authentic and current, R20a witnesses, Q12 whole units, Q13
undecided claims, Q23 review.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from units.coverage import Coverage, Need, progress
from units.coverage import Missing as MissingCells
from units.kinds import Section
from units.setting_policy import Setting, SettingPolicy, may_count

WHOLE_UNIT = "the unit as a whole"


class Party(StrEnum):
    """Who must act next."""

    CANDIDATE = "candidate"
    ASSESSOR = "assessor"
    COORDINATOR = "coordinator"


class Kind(StrEnum):
    """What kind of thing is missing."""

    REGISTRATION = "registration"
    COVERAGE = "coverage"
    BARRED = "barred"
    NOT_OFFERED = "not_offered"
    UNDECIDED = "undecided"
    UNCONFIRMED = "unconfirmed"
    WITNESS = "witness"
    REVIEW = "review"
    SUFFICIENCY = "sufficiency"


class Verdict(StrEnum):
    """Where a claim stands, as far as the gate cares. Withdrawn claims are not facts of a record."""

    UNDECIDED = "undecided"
    ACCEPTED = "accepted"
    RETURNED = "returned"


@dataclass(frozen=True, kw_only=True)
class ClaimFacts:
    """One live claim. The facts of an accepted claim are those of the version that it was judged on."""

    reference: str
    evidence_id: int
    # None for a claim against the unit as a whole, which counts as performance (R5, Q12).
    criterion_id: int | None
    label: str = WHOLE_UNIT
    section: Section = Section.COVER
    setting: Setting = Setting.REAL_JOB
    verdict: Verdict = Verdict.UNDECIDED
    is_offered: bool = True
    judged_by: int | None = None
    is_confirmed: bool = False
    is_testimony: bool = False
    witness_is_authenticated: bool = False


@dataclass(frozen=True, kw_only=True)
class RecordFacts:
    """What the gate looks at."""

    needs: tuple[Need, ...]
    policy: SettingPolicy
    claims: tuple[ClaimFacts, ...]
    assessor_id: int
    sufficient_by: int | None = None
    reviewed_by: int | None = None
    registration_is_open: bool = True


@dataclass(frozen=True, kw_only=True)
class Missing:
    """One thing that keeps the gate shut: what, who must act next, and which criteria and evidence it is about."""

    kind: Kind
    what: str
    who: Party
    criteria: tuple[int, ...] = ()
    evidence: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Open exactly when nothing is missing. Returned claims are told of, yet keep nothing shut."""

    missing: tuple[Missing, ...]
    # The same two measures as everywhere: cells with a claim that may count, and cells with an accepted one.
    claimed: Coverage
    accepted: Coverage
    returned: tuple[str, ...] = ()

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

    def for_party(self, who: Party) -> tuple[Missing, ...]:
        """What this party must do."""
        return tuple(missing for missing in self.missing if missing.who is who)


def judge_gate(facts: RecordFacts) -> Gate:
    """Say what keeps a unit from being signed. Raises nothing for known settings and policies."""
    barred = {claim: reason for claim in facts.claims if (reason := _bar(facts.policy, claim))}
    accepted = _of(facts, lambda claim: claim.verdict is Verdict.ACCEPTED and claim not in barred)
    waiting = _of(facts, lambda claim: claim.verdict is Verdict.UNDECIDED and claim not in barred)
    claimed = _coverage(facts.needs, accepted + waiting)
    missing = [
        *_registration(facts),
        *map(_uncovered, claimed.missing()),
        *_barred({claim: why for claim, why in barred.items() if claim.verdict is not Verdict.RETURNED}),
        *_not_offered([claim for claim in waiting if not claim.is_offered]),
        *_undecided([claim for claim in waiting if claim.is_offered]),
        *_unauthenticated(accepted),
        *_unconfirmed(accepted),
        *_review(facts, accepted),
        *_sufficiency(facts),
    ]
    return Gate(
        missing=tuple(sorted(missing, key=lambda item: list(Party).index(item.who))),
        claimed=claimed,
        accepted=_coverage(facts.needs, accepted),
        returned=tuple(
            f"{claims[0].reference} was returned for {_listed(claim.label for claim in claims)}."
            for claims in _by_item(_of(facts, lambda claim: claim.verdict is Verdict.RETURNED))
        ),
    )


def _of(facts: RecordFacts, wanted: Callable[[ClaimFacts], bool]) -> list[ClaimFacts]:
    return [claim for claim in facts.claims if wanted(claim)]


def _bar(policy: SettingPolicy, claim: ClaimFacts) -> str:
    ruling = may_count(policy, claim.setting, claim.section)
    return "" if ruling.allowed else ruling.reason


def _coverage(needs: Iterable[Need], counted: Sequence[ClaimFacts]) -> Coverage:
    """Coverage by these claims. Where several values are wanted, each item of evidence shows one."""
    items: dict[int, set[int]] = {}
    for claim in counted:
        if claim.criterion_id is not None:
            items.setdefault(claim.criterion_id, set()).add(claim.evidence_id)
    return progress(
        needs,
        met=frozenset(items),
        whole_unit_met=any(claim.criterion_id is None for claim in counted),
        values={criterion: len(shown) for criterion, shown in items.items()},
    )


def _registration(facts: RecordFacts) -> Iterable[Missing]:
    if not facts.registration_is_open:
        yield Missing(
            kind=Kind.REGISTRATION,
            what="This registration is not active, so nothing can be signed. The coordinator can say why.",
            who=Party.COORDINATOR,
        )


def _uncovered(cells: MissingCells) -> Missing:
    labels = _listed(point.label for point in cells.points) or WHOLE_UNIT
    if cells.points and cells.still_needed < len(cells.points):
        what = f"The candidate shows at least {cells.still_needed} more of {labels}."
    elif cells.still_needed > len(cells.points) > 0:
        what = f"The candidate adds {cells.still_needed} different pieces of evidence for {labels}."
    else:
        what = f"The candidate adds evidence for {labels}."
    return Missing(
        kind=Kind.COVERAGE, what=what, who=Party.CANDIDATE, criteria=tuple(point.id for point in cells.points)
    )


def _barred(claims: dict[ClaimFacts, str]) -> Iterable[Missing]:
    reasons: dict[tuple[int, str, Verdict], list[ClaimFacts]] = {}
    for claim, reason in claims.items():
        reasons.setdefault((claim.evidence_id, reason, claim.verdict), []).append(claim)
    for (_, reason, verdict), same in reasons.items():
        labels = _listed(claim.label for claim in same)
        if verdict is Verdict.ACCEPTED:
            what, who = f"{reason} The assessor judges {same[0].reference} for {labels} again.", Party.ASSESSOR
        else:
            what, who = f"{reason} The candidate takes {same[0].reference} off {labels}.", Party.CANDIDATE
        yield _about(same, kind=Kind.BARRED, what=what, who=who)


def _not_offered(claims: Sequence[ClaimFacts]) -> Iterable[Missing]:
    for same in _by_item(claims):
        what = f"The candidate offers {same[0].reference} for assessment, or takes it off this unit. It is a draft."
        yield _about(same, kind=Kind.NOT_OFFERED, what=what, who=Party.CANDIDATE)


def _undecided(claims: Sequence[ClaimFacts]) -> Iterable[Missing]:
    for same in _by_item(claims):
        what = f"The assessor judges {same[0].reference} for {_listed(claim.label for claim in same)}."
        yield _about(same, kind=Kind.UNDECIDED, what=what, who=Party.ASSESSOR)


def _unconfirmed(claims: Sequence[ClaimFacts]) -> Iterable[Missing]:
    for same in _by_item([claim for claim in claims if not claim.is_confirmed]):
        what = f"The assessor confirms that {same[0].reference} is valid, authentic and current."
        yield _about(same, kind=Kind.UNCONFIRMED, what=what, who=Party.ASSESSOR)


def _unauthenticated(claims: Sequence[ClaimFacts]) -> Iterable[Missing]:
    unproven = [claim for claim in claims if claim.is_testimony and not claim.witness_is_authenticated]
    for same in _by_item(unproven):
        what = f"The assessor records how the witness of {same[0].reference} was authenticated."
        yield _about(same, kind=Kind.WITNESS, what=what, who=Party.ASSESSOR)


def _review(facts: RecordFacts, accepted: Sequence[ClaimFacts]) -> Iterable[Missing]:
    earlier = [claim for claim in accepted if claim.judged_by != facts.assessor_id]
    if earlier and facts.reviewed_by != facts.assessor_id:
        what = "The assessor reviews the claims that another assessor accepted, and says so."
        yield _about(earlier, kind=Kind.REVIEW, what=what, who=Party.ASSESSOR)


def _sufficiency(facts: RecordFacts) -> Iterable[Missing]:
    if facts.sufficient_by != facts.assessor_id:
        yield Missing(
            kind=Kind.SUFFICIENCY,
            what="The assessor confirms that the evidence for the whole unit is sufficient.",
            who=Party.ASSESSOR,
        )


def _by_item(claims: Iterable[ClaimFacts]) -> list[list[ClaimFacts]]:
    items: dict[int, list[ClaimFacts]] = {}
    for claim in claims:
        items.setdefault(claim.evidence_id, []).append(claim)
    return list(items.values())


def _about(claims: Sequence[ClaimFacts], *, kind: Kind, what: str, who: Party) -> Missing:
    return Missing(
        kind=kind,
        what=what,
        who=who,
        criteria=tuple(claim.criterion_id for claim in claims if claim.criterion_id is not None),
        evidence=tuple(dict.fromkeys(claim.evidence_id for claim in claims)),
    )


def _listed(words: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    every = list(dict.fromkeys(words))
    return " and ".join(filter(None, [", ".join(every[:-1]), *every[-1:]]))
