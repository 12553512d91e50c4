"""What a unit still lacks, in sentences, with whose move it is. Pure: `coverage.py` counts, this tells.

Missing evidence is told by item of the unit; what stands in the way of a claim by piece of evidence.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from units.coverage import (
    ClaimFacts,
    CriterionOutline,
    GroupCoverage,
    GroupOutline,
    Measure,
    Named,
    UnitCoverage,
    Verdict,
    is_unplaced,
    why_barred,
)
from units.kinds import Ask, Section
from units.setting_policy import NAMES_IN_A_SENTENCE, Setting, may_count
from units.text import capitalised, in_words, is_or_are, listed, several

WHOLE_UNIT = "the unit as a whole"

_MOST_LABELS = 6


class Party(StrEnum):
    """Who must act next."""

    CANDIDATE = "candidate"
    ASSESSOR = "assessor"
    COORDINATOR = "coordinator"


class GapKind(StrEnum):
    """What kind of thing is missing; each has its own place where it is mended."""

    COVERAGE = "coverage"
    INSTANCE = "instance"
    BARRED = "barred"
    NOT_OFFERED = "not_offered"
    UNDECIDED = "undecided"
    CONFIRMATION = "confirmation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One thing that is missing: what, who must act next, and the criteria, evidence and items it is about."""

    kind: GapKind
    what: str
    who: Party
    criteria: tuple[int, ...] = ()
    evidence: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()


def gaps_of(coverage: UnitCoverage) -> tuple[Gap, ...]:
    """Everything that keeps a unit from being covered and confirmed, the candidate's part first; empty when it is.

    Claims that are waiting count as claimed: what they wait for is a gap of its own (Q13), and so is a claim that the
    setting policy bars (R5).
    """
    return (*_missing(coverage), *_standing_in_the_way(coverage), *_undecided(coverage), *_unconfirmed(coverage))


def over_evidenced(coverage: UnitCoverage) -> tuple[str, ...]:
    """A sentence for each criterion with far more accepted than it takes: more is not better."""
    return tuple(
        capitalised(
            f"{item.group.name_of(cell.criterion)} has {_number(cell.accepted_items)} accepted pieces of "
            f"evidence. {_needs(cell.required)}: more is not better."
        )
        for item in coverage.groups
        for cell in item.criteria
        if cell.is_over_evidenced
    )


def standing(coverage: GroupCoverage) -> str:
    """How far an item is that does not simply want every point once: "Two of five covered, needs two: met"."""
    group = coverage.group
    if group.at_least is not None and not group.per_instance:
        told = f"{_number(coverage.covered)} of {_number(len(group.cells))} covered, needs {_number(group.at_least)}"
    elif group.per_instance or coverage.required > len(group.cells):
        told = f"{_number(coverage.accepted)} of {_number(coverage.required)} accepted"
    else:
        return ""
    return capitalised(f"{told}{': met' if coverage.is_satisfied else ''}.")


def _number(count: int) -> str:
    return in_words(count, nought="none")


def _needs(count: int) -> str:
    return "It needs one" if count == 1 else f"It needs {_number(count)}"


def _missing(coverage: UnitCoverage) -> Iterator[Gap]:
    claimed = coverage.measure_claimed
    if coverage.wants_whole_unit:
        if not claimed.met:
            yield _evidence("The unit as a whole needs evidence.")
        return
    sets: dict[tuple[str, int | None], list[GroupOutline]] = {}
    for group in coverage.unit.ticked:
        if group.per_instance:
            sets.setdefault((group.per_instance, group.instances), []).append(group)
        elif claimed.group(group) < claimed.needed(group):
            yield from _missing_in(group, claimed)
    for groups in sets.values():
        yield from _missing_in_set(groups, claimed)
    if claimed.met >= claimed.required and not any(
        claim.verdict is not Verdict.RETURNED and claim not in coverage.barred for claim in coverage.facts.claims
    ):
        yield _evidence("The unit needs at least one piece of evidence.")


def _missing_in(group: GroupOutline, claimed: Measure) -> Iterator[Gap]:
    """Of an item that is asked for once."""
    lacking = claimed.missing(group, None)
    if group.at_least is not None:
        covered = f"{_number(claimed.group(group))} of {_number(len(group.cells))} covered"
        yield _evidence(f"{group.name}: {covered}, needs {_number(group.at_least)}.", lacking, [group])
        return
    yield from _lacking(group, lacking, claimed, None)


def _missing_in_set(groups: Sequence[GroupOutline], claimed: Measure) -> Iterator[Gap]:
    """Of items that share a set of instances (R3)."""
    first, counted = groups[0], claimed.counted(groups)
    if first.instances is not None and len(counted) < first.instances:
        where = listed(group.name for group in groups)
        verb = "asks" if len(groups) == 1 else "ask"
        wanted, them = (first.per_instance, "it") if first.instances == 1 else (several(first.per_instance), "them")
        what = f"{where} {verb} for {_number(first.instances)} {wanted}. Name {them}: {_so_far(len(counted))}."
        yield Gap(
            kind=GapKind.INSTANCE,
            what=capitalised(what),
            who=Party.CANDIDATE,
            groups=tuple(group.id for group in groups),
        )
    shown: list[Named | None] = [*counted] or ([None] if first.instances is None else [])
    for instance in shown:
        for group in groups:
            if group.at_least is None:
                yield from _lacking(group, claimed.missing(group, instance), claimed, instance)
            elif len(lacking := claimed.missing(group, instance)) > len(group.cells) - group.at_least:
                full = len(group.cells) - len(lacking)
                what = f"{group.name}: {_number(full)} of {_number(len(group.cells))} covered"
                yield _evidence(f"{what}{_for(instance)}, needs {_number(group.at_least)}.", lacking, [group])


def _lacking(
    group: GroupOutline, lacking: list[CriterionOutline], claimed: Measure, instance: Named | None
) -> Iterator[Gap]:
    """Points that each need more: those that need one piece in one sentence, any other in its own."""
    plain = [criterion for criterion in lacking if criterion.required == 1]
    if plain:
        verb = "needs" if len(plain) == 1 else "need"
        yield _evidence(f"{group.name_of(*plain)} {verb} evidence{_for(instance)}.", plain, [group])
    for criterion in lacking:
        short = criterion.required - claimed.score(group, instance, criterion)
        if criterion.wanted_values > 1:
            each = f"each a different {group.instance_word(criterion)}"
            what = f"{group.name_of(criterion)} needs {_number(criterion.wanted_values)}, {each}"
            there = criterion.wanted_values - short
            yield _evidence(f"{what}: {_number(there)} {is_or_are(there)} there.", [criterion], [group])
        elif criterion.times > 1:
            pieces = "piece" if short == 1 else "pieces"
            what = f"{group.name_of(criterion)} needs {_number(short)} more {pieces} of evidence{_for(instance)}."
            yield _evidence(what, [criterion], [group])


def _so_far(count: int) -> str:
    return f"{_number(count)} {is_or_are(count)} named so far"


def _for(instance: Named | None) -> str:
    return f" for “{instance.name}”" if instance else ""


def _evidence(what: str, points: Sequence[CriterionOutline] = (), groups: Sequence[GroupOutline] = ()) -> Gap:
    return Gap(
        kind=GapKind.COVERAGE,
        what=capitalised(what),
        who=Party.CANDIDATE,
        criteria=tuple(criterion.id for criterion in points),
        groups=tuple(group.id for group in groups),
    )


def _standing_in_the_way(coverage: UnitCoverage) -> Iterator[Gap]:
    """Claims that cannot count as they are: barred, without a name for what they show, or still drafts."""
    live = [claim for claim in coverage.facts.claims if claim.verdict is not Verdict.RETURNED]
    for same in _alike(live, coverage):
        first = same[0]
        if first.verdict is Verdict.ACCEPTED:
            what, who = f"{_barred(coverage, same)} It must be judged again.", Party.ASSESSOR
        else:
            what, who = _barred(coverage, same), Party.CANDIDATE
        yield _about(same, kind=GapKind.BARRED, what=what, who=who)
    counting = [claim for claim in live if claim not in coverage.barred]
    unplaced = [claim for claim in counting if is_unplaced(coverage.unit, claim)]
    for same in by_item(unplaced):
        words = listed(_word_of(coverage, claim) for claim in same)
        what = f"{same[0].reference} does not say which {words} it shows for {labels_of(coverage, same)}."
        who = Party.ASSESSOR if all(claim.verdict is Verdict.ACCEPTED for claim in same) else Party.CANDIDATE
        yield _about(same, kind=GapKind.BARRED, what=what, who=who)
    drafts = [claim for claim in counting if claim.verdict is Verdict.UNDECIDED and not claim.is_offered]
    for same in by_item(drafts):
        what = f"{same[0].reference} is still a draft: offer it for assessment, or take it off this unit."
        yield _about(same, kind=GapKind.NOT_OFFERED, what=what, who=Party.CANDIDATE)


def _alike(claims: Iterable[ClaimFacts], coverage: UnitCoverage) -> list[list[ClaimFacts]]:
    """Barred claims of one item that are barred for one reason."""
    found: dict[tuple[int, str, Verdict], list[ClaimFacts]] = {}
    for claim in claims:
        if reason := coverage.barred.get(claim):
            found.setdefault((claim.evidence_id, reason, claim.verdict), []).append(claim)
    return list(found.values())


def _barred(coverage: UnitCoverage, claims: Sequence[ClaimFacts]) -> str:
    unit, claim = coverage.unit, claims[0]
    group, _ = unit.cells.get(claim.criterion_id or 0, (None, None))
    section = group.section if group else Section.COVER
    if may_count(unit.setting_policy, claim.setting, section).allowed:
        return f"{claim.reference} cannot count. {why_barred(unit, claim)}"
    source = NAMES_IN_A_SENTENCE[Setting(claim.setting)]
    if section is not Section.KNOW and may_count(unit.setting_policy, claim.setting, Section.KNOW).allowed:
        limit = f"which unit {unit.code} allows only for what you must know, not for {labels_of(coverage, claims)}."
        return f"{claim.reference} was gathered in {source}, {limit}"
    return f"{claim.reference} was gathered in {source}, which unit {unit.code} does not allow."


def _undecided(coverage: UnitCoverage) -> Iterator[Gap]:
    waiting = [
        claim
        for claim in coverage.facts.claims
        if claim.verdict is Verdict.UNDECIDED and claim.is_offered and claim not in coverage.barred
        if not is_unplaced(coverage.unit, claim)
    ]
    for same in by_item(waiting):
        days = [claim.waits_since for claim in same if claim.waits_since]
        since = f" since {min(days):%d/%m/%Y}" if days else ""
        what = f"{same[0].reference} waits for a decision{since} on {labels_of(coverage, same)}."
        yield _about(same, kind=GapKind.UNDECIDED, what=what, who=Party.ASSESSOR)


def _unconfirmed(coverage: UnitCoverage) -> Iterator[Gap]:
    by_id = {group.id: group for group in coverage.unit.groups}
    for ask, group_id in coverage.unconfirmed:
        if group_id is None:
            what = "Items 1 to 3 must be confirmed: setting, sector and sufficiency."
        elif ask is Ask.CONDITION:
            what = f"{by_id[group_id].name} is a condition, which must be confirmed."
        else:
            group = by_id[group_id]
            what = f"{group.name} must be confirmed: every {group.per_instance} is covered."
        groups = () if group_id is None else (group_id,)
        yield Gap(kind=GapKind.CONFIRMATION, what=capitalised(what), who=Party.ASSESSOR, groups=groups)


def by_item(claims: Iterable[ClaimFacts]) -> list[list[ClaimFacts]]:
    """Claims by piece of evidence, in the order in which they come."""
    items: dict[int, list[ClaimFacts]] = {}
    for claim in claims:
        items.setdefault(claim.evidence_id, []).append(claim)
    return list(items.values())


def labels_of(coverage: UnitCoverage, claims: Iterable[ClaimFacts]) -> str:
    """What claims are made against, such as "1a and 2b"; of many, the first few and how many more."""
    every = list(dict.fromkeys(_called(coverage, claim) for claim in claims))
    if len(every) > _MOST_LABELS:
        return listed([*every[: _MOST_LABELS - 1], f"{len(every) - _MOST_LABELS + 1} more"])
    return listed(every)


def _called(coverage: UnitCoverage, claim: ClaimFacts) -> str:
    if claim.criterion_id is None:
        return WHOLE_UNIT
    group, criterion = coverage.unit.cells[claim.criterion_id]
    return group.name_of(criterion)


def _word_of(coverage: UnitCoverage, claim: ClaimFacts) -> str:
    group, criterion = coverage.unit.cells[claim.criterion_id or 0]
    return group.instance_word(criterion)


def _about(claims: Sequence[ClaimFacts], *, kind: GapKind, what: str, who: Party) -> Gap:
    return Gap(
        kind=kind,
        what=what,
        who=who,
        criteria=tuple(claim.criterion_id for claim in claims if claim.criterion_id is not None),
        evidence=tuple(dict.fromkeys(claim.evidence_id for claim in claims)),
    )
