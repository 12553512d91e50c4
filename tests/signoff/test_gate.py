"""The coverage gate: what keeps it shut, and who must act (R1, R4, R5, R17, R20a, Q12, Q13, Q23)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff.gate import Gate, Judged, Kind, RecordFacts, judge_gate
from tests.units.coverage_builders import cell, item, unit
from units.coverage import ClaimFacts, Named, UnitFacts, Verdict
from units.gaps import Party
from units.kinds import Ask, GroupKind, Section
from units.outline import GroupOutline
from units.setting_policy import Setting, SettingPolicy, may_count

ASSESSOR, EARLIER_ASSESSOR = 7, 8


def need(*ids: int, section: Section = Section.COVER, wanted: int = 1, **of: Any) -> GroupOutline:
    cells = (cell(id, f"{id}a", wanted_values=wanted, value_name="medium" if wanted > 1 else "") for id in ids)
    return item(ids[0], *cells, section=section, **of)


CHANGES = (Named(4, "change", "New rota"), Named(5, "change", "New till"))
CONFIRMED = frozenset({(Ask.CONDITION, 9), (Ask.NOTES, None)})
CONDITION = item(9, kind=GroupKind.CONDITION, text="It must be significant.")


def accepted(criterion: int | None, evidence: int = 1, **changed: Any) -> Judged:
    of_judgement = {"judged_by", "is_confirmed", "is_testimony", "witness_is_authenticated"}
    claim = ClaimFacts(reference=f"E{evidence}", evidence_id=evidence, criterion_id=criterion, verdict=Verdict.ACCEPTED)
    return replace(
        Judged(
            claim=replace(claim, **{key: value for key, value in changed.items() if key not in of_judgement}),
            judged_by=ASSESSOR,
            is_confirmed=True,
        ),
        **{key: value for key, value in changed.items() if key in of_judgement},
    )


def undecided(criterion: int | None, evidence: int = 1, **changed: Any) -> Judged:
    return accepted(criterion, evidence, verdict=Verdict.UNDECIDED, judged_by=None, **changed)


def record(
    *judged: Judged,
    needs: tuple[GroupOutline, ...] = (need(1, 2),),
    named: tuple[Named, ...] = (),
    confirmed: frozenset[tuple[Ask, int | None]] = frozenset(),
    **changed: Any,
) -> RecordFacts:
    facts = RecordFacts(
        outline=unit(*needs, code="B10"),
        unit=UnitFacts(claims=tuple(one.claim for one in judged), named=named, confirmed=confirmed),
        judged=judged,
        assessor_id=ASSESSOR,
        sufficient_by=ASSESSOR,
    )
    return replace(facts, **changed)


def kinds(gate: Gate) -> list[Kind]:
    return [missing.kind for missing in gate.missing]


def test_a_whole_record_opens_the_gate():
    gate = judge_gate(record(accepted(1), accepted(2)))
    assert gate.is_open
    assert gate.reason == ""
    assert (gate.coverage.accepted, gate.coverage.required) == (2, 2)


@pytest.mark.parametrize(
    ("facts", "kind", "who", "words"),
    [
        (record(accepted(1)), Kind.COVERAGE, Party.CANDIDATE, "2a needs evidence."),
        (record(), Kind.COVERAGE, Party.CANDIDATE, "1a and 2a need evidence."),
        (
            record(accepted(1), needs=(need(1, 2, 3, at_least=2),)),
            Kind.COVERAGE,
            Party.CANDIDATE,
            "Item 1: one of three covered, needs two.",
        ),
        (
            record(accepted(1, instance_id=4), needs=(need(1, wanted=3),), named=(Named(4, "medium", "Letter"),)),
            Kind.COVERAGE,
            Party.CANDIDATE,
            "1a needs three, each a different medium: one is there.",
        ),
        (
            record(needs=(CONDITION,), confirmed=CONFIRMED),
            Kind.COVERAGE,
            Party.CANDIDATE,
            "The unit as a whole needs evidence.",
        ),
        (
            record(accepted(1), undecided(2, 2, waits_since=date(2026, 5, 12))),
            Kind.UNDECIDED,
            Party.ASSESSOR,
            "E2 waits for a decision since 12/05/2026 on 2a.",
        ),
        (
            record(accepted(1), undecided(2, 2)),
            Kind.UNDECIDED,
            Party.ASSESSOR,
            "E2 waits for a decision on 2a.",
        ),
        (
            record(accepted(1), accepted(2), undecided(None, 3)),
            Kind.UNDECIDED,
            Party.ASSESSOR,
            "E3 waits for a decision on the unit as a whole.",
        ),
        (
            record(accepted(1), undecided(2, 2, is_offered=False)),
            Kind.NOT_OFFERED,
            Party.CANDIDATE,
            "E2 is still a draft: offer it for assessment, or take it off this unit.",
        ),
        (
            record(accepted(1), accepted(2), undecided(2, 2, setting=Setting.RWE)),
            Kind.BARRED,
            Party.CANDIDATE,
            "E2 was gathered in a realistic working environment, which unit B10 does not allow.",
        ),
        (
            record(accepted(1), accepted(2), accepted(2, 2, setting=Setting.SIMULATION)),
            Kind.BARRED,
            Party.ASSESSOR,
            "which unit B10 allows only for what you must know, not for 2a. It must be judged again.",
        ),
        (
            record(accepted(1), accepted(2, is_confirmed=False)),
            Kind.UNCONFIRMED,
            Party.ASSESSOR,
            "E1 must be confirmed as valid, authentic and current.",
        ),
        (
            record(accepted(1), accepted(2, is_testimony=True)),
            Kind.WITNESS,
            Party.ASSESSOR,
            "E1 needs a note of how its witness was authenticated.",
        ),
        (
            record(accepted(1), accepted(2), sufficient_by=None),
            Kind.SUFFICIENCY,
            Party.ASSESSOR,
            "The evidence for the whole unit must be confirmed as sufficient.",
        ),
        (
            record(accepted(1), accepted(2), sufficient_by=EARLIER_ASSESSOR),
            Kind.SUFFICIENCY,
            Party.ASSESSOR,
            "must be confirmed as sufficient",
        ),
        (
            record(accepted(1), accepted(2, judged_by=EARLIER_ASSESSOR)),
            Kind.REVIEW,
            Party.ASSESSOR,
            "Claims that another assessor accepted must be reviewed.",
        ),
        (
            record(accepted(1), accepted(2), criteria_are_held=False),
            Kind.HELD_ELSEWHERE,
            Party.COORDINATOR,
            "Unit B10 prints no do and know criteria: the centre confirms where they are held.",
        ),
        (
            record(accepted(1), accepted(2), needs=(need(1, 2), CONDITION)),
            Kind.CONFIRMATION,
            Party.ASSESSOR,
            "Item 9 is a condition, which must be confirmed.",
        ),
        (
            record(accepted(1), accepted(2), needs=(need(1, 2, per_instance="risk"),)),
            Kind.CONFIRMATION,
            Party.ASSESSOR,
            "Item 1 must be confirmed: every risk is covered.",
        ),
        (
            record(accepted(None), needs=()),
            Kind.CONFIRMATION,
            Party.ASSESSOR,
            "Items 1 to 3 must be confirmed: setting, sector and sufficiency.",
        ),
        (
            record(
                accepted(1, instance_id=4),
                accepted(1, instance_id=5),
                accepted(2, 2, instance_id=4),
                needs=(need(1, 2, per_instance="change", instances=2),),
                named=CHANGES,
            ),
            Kind.COVERAGE,
            Party.CANDIDATE,
            "2a needs evidence for “New till”.",
        ),
        (
            record(
                accepted(1, instance_id=4),
                accepted(2, instance_id=4),
                needs=(need(1, 2, per_instance="change", instances=2),),
                named=CHANGES[:1],
            ),
            Kind.INSTANCE,
            Party.CANDIDATE,
            "Item 1 asks for two changes. Name them: one is named so far.",
        ),
        (
            record(accepted(1), accepted(2), registration_is_open=False),
            Kind.REGISTRATION,
            Party.COORDINATOR,
            "This registration is not active",
        ),
    ],
)
def test_each_thing_missing_names_who_acts_next(facts: RecordFacts, kind: Kind, who: Party, words: str):
    gate = judge_gate(facts)
    assert kinds(gate) == [kind]
    assert gate.missing[0].who is who
    assert words in gate.missing[0].what
    assert gate.reason == gate.missing[0].what


def test_a_reviewed_unit_may_rest_on_the_judgements_of_the_assessor_before():
    """Q23."""
    claims = accepted(1, judged_by=EARLIER_ASSESSOR), accepted(2)
    assert judge_gate(record(*claims, reviewed_by=ASSESSOR)).is_open
    assert not judge_gate(record(*claims, reviewed_by=EARLIER_ASSESSOR)).is_open


def test_a_returned_claim_shuts_nothing_and_is_told_of():
    returned = accepted(2, 3, verdict=Verdict.RETURNED)
    gate = judge_gate(record(accepted(1), accepted(2), returned))
    assert gate.is_open
    assert gate.returned == ("E3 was returned for 2a.",)


def test_a_barred_claim_fills_no_cell():
    """R5: an accepted claim whose setting the unit bars does not count."""
    gate = judge_gate(record(accepted(1), accepted(2, setting=Setting.PLACEMENT)))
    assert gate.coverage.accepted == 1
    assert {missing.kind for missing in gate.missing} == {Kind.BARRED, Kind.COVERAGE}


def test_what_the_candidate_must_do_comes_first():
    gate = judge_gate(record(undecided(1), sufficient_by=None))
    assert [missing.who for missing in gate.missing] == [Party.CANDIDATE, Party.ASSESSOR, Party.ASSESSOR]
    assert gate.for_party(Party.CANDIDATE)[0].criteria == (2,)
    assert gate.reason.endswith("2 more things are missing.")


def test_more_is_not_better_and_is_told_without_shutting_anything():
    gate = judge_gate(record(accepted(2), *(accepted(1, evidence) for evidence in range(1, 5))))
    assert gate.is_open
    assert gate.over_evidenced == ("1a has four accepted pieces of evidence. It needs one: more is not better.",)
    assert judge_gate(record(accepted(2), *(accepted(1, evidence) for evidence in range(1, 4)))).over_evidenced == ()


# --- Properties ------------------------------------------------------------------------------------------------------

CRITERIA = st.sampled_from([None, 1, 2, 3, 4])
FLAGS = st.booleans()
NEEDS = (need(1, 2), need(3, section=Section.DO), need(4, section=Section.KNOW))


@st.composite
def judged(draw: st.DrawFn) -> tuple[Judged, ...]:
    places = draw(st.sets(st.tuples(st.integers(1, 4), CRITERIA), max_size=10))
    return tuple(
        Judged(
            claim=ClaimFacts(
                reference=f"E{evidence}",
                evidence_id=evidence,
                criterion_id=criterion,
                setting=draw(st.sampled_from(Setting)),
                verdict=draw(st.sampled_from(Verdict)),
                is_offered=draw(FLAGS),
            ),
            judged_by=draw(st.sampled_from([ASSESSOR, EARLIER_ASSESSOR])),
            is_confirmed=draw(FLAGS),
            is_testimony=draw(FLAGS),
            witness_is_authenticated=draw(FLAGS),
        )
        for evidence, criterion in sorted(places, key=str)
    )


@st.composite
def records(draw: st.DrawFn) -> RecordFacts:
    people = st.sampled_from([None, ASSESSOR, EARLIER_ASSESSOR])
    every = draw(judged())
    needs = draw(st.sampled_from([NEEDS, (), (need(1, 2, at_least=1), need(3), need(4))]))
    return RecordFacts(
        outline=unit(*needs, code="B10", policy=draw(st.sampled_from(SettingPolicy))),
        unit=UnitFacts(
            claims=tuple(one.claim for one in every if needs or one.claim.criterion_id is None),
            confirmed=draw(st.sampled_from([frozenset(), frozenset({(Ask.NOTES, None)})])),
        ),
        judged=tuple(one for one in every if needs or one.claim.criterion_id is None),
        assessor_id=ASSESSOR,
        sufficient_by=draw(people),
        reviewed_by=draw(people),
        registration_is_open=draw(FLAGS),
        criteria_are_held=draw(FLAGS),
    )


def section_of(facts: RecordFacts, claim: ClaimFacts) -> Section:
    return next(
        (one.section for one in facts.outline.groups for point in one.cells if point.id == claim.criterion_id),
        Section.COVER,
    )


def is_allowed(facts: RecordFacts, claim: ClaimFacts) -> bool:
    return may_count(facts.outline.setting_policy, claim.setting, section_of(facts, claim)).allowed


def settle(facts: RecordFacts, chosen: Judged) -> RecordFacts:
    """The same record with one undecided claim accepted as it should be, and with nothing lapsing through that."""
    done = replace(
        chosen,
        claim=replace(chosen.claim, verdict=Verdict.ACCEPTED, is_offered=True),
        is_confirmed=True,
        is_testimony=False,
        judged_by=ASSESSOR,
    )
    every = tuple(done if one == chosen else one for one in facts.judged)
    return replace(facts, judged=every, unit=replace(facts.unit, claims=tuple(one.claim for one in every)))


@given(records(), st.data())
def test_settling_a_claim_never_adds_to_what_is_missing(facts: RecordFacts, data: st.DataObject):
    """Opening is monotone: accepting what may be accepted brings the gate nearer, never further."""
    waiting = [one for one in facts.judged if one.claim.verdict is Verdict.UNDECIDED and is_allowed(facts, one.claim)]
    if not waiting:
        return
    before = judge_gate(facts)
    after = judge_gate(settle(facts, data.draw(st.sampled_from(waiting))))
    assert len(after.missing) <= len(before.missing)
    assert after.coverage.accepted >= before.coverage.accepted
    assert after.is_open or not before.is_open


@given(records())
def test_the_gate_is_open_exactly_when_every_rule_is_kept(facts: RecordFacts):
    """The rules written a second time, in a way that shares nothing with the gate but the setting table."""
    live = [one for one in facts.judged if one.claim.verdict is not Verdict.RETURNED]
    accepted_ones = [one for one in live if one.claim.verdict is Verdict.ACCEPTED]
    cells = {one.claim.criterion_id for one in accepted_ones if is_allowed(facts, one.claim)}
    if facts.outline.groups == ():
        is_covered = None in cells and (Ask.NOTES, None) in facts.unit.confirmed
    else:
        is_covered = all(
            len(cells & {cell.id for cell in one.cells}) >= (one.at_least or len(one.cells))
            for one in facts.outline.groups
        )
    kept = [
        facts.registration_is_open,
        facts.criteria_are_held,
        is_covered,
        all(one.claim.verdict is Verdict.ACCEPTED for one in live),
        all(is_allowed(facts, one.claim) for one in live),
        all(one.is_confirmed for one in accepted_ones),
        all(one.witness_is_authenticated or not one.is_testimony for one in accepted_ones),
        facts.sufficient_by == ASSESSOR,
        facts.reviewed_by == ASSESSOR or all(one.judged_by == ASSESSOR for one in accepted_ones),
    ]
    assert judge_gate(facts).is_open == all(kept)


@given(records())
def test_everything_missing_says_who_and_what_in_a_sentence(facts: RecordFacts):
    for missing in judge_gate(facts).missing:
        assert missing.who in Party
        assert missing.what.endswith(".")
        assert not missing.what[0].islower()
