"""The coverage gate: what keeps it shut, and who must act (R1, R4, R5, R17, R20a, Q12, Q13, Q23)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff.gate import WHOLE_UNIT, ClaimFacts, Gate, Kind, Party, RecordFacts, Verdict, judge_gate
from units.coverage import Need, Point
from units.kinds import GroupKind, Section
from units.setting_policy import Setting, SettingPolicy, may_count

ASSESSOR, EARLIER_ASSESSOR = 7, 8


def need(*ids: int, section: Section = Section.COVER, at_least: int | None = None, wanted: int = 1) -> Need:
    return Need(
        group_id=ids[0],
        section=section,
        kind=GroupKind.POINTS,
        points=tuple(Point(id, f"{id}a", f"point {id}", wanted) for id in ids),
        at_least=at_least,
    )


def accepted(criterion: int | None, evidence: int = 1, **changed: object) -> ClaimFacts:
    facts = ClaimFacts(
        reference=f"E{evidence}",
        evidence_id=evidence,
        criterion_id=criterion,
        label=f"{criterion}a" if criterion else WHOLE_UNIT,
        verdict=Verdict.ACCEPTED,
        judged_by=ASSESSOR,
        is_confirmed=True,
    )
    return replace(facts, **changed)


def undecided(criterion: int | None, evidence: int = 1, **changed: object) -> ClaimFacts:
    return accepted(criterion, evidence, verdict=Verdict.UNDECIDED, judged_by=None, **changed)


def record(*claims: ClaimFacts, needs: tuple[Need, ...] = (need(1, 2),), **changed: object) -> RecordFacts:
    facts = RecordFacts(
        needs=needs,
        policy=SettingPolicy.REAL_JOB_REQUIRED,
        claims=claims,
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
    assert (gate.accepted.met, gate.accepted.needed) == (2, 2)


@pytest.mark.parametrize(
    ("facts", "kind", "who", "words"),
    [
        (record(accepted(1)), Kind.COVERAGE, Party.CANDIDATE, "The candidate adds evidence for 2a."),
        (record(), Kind.COVERAGE, Party.CANDIDATE, "The candidate adds evidence for 1a and 2a."),
        (
            record(accepted(1), needs=(need(1, 2, 3, at_least=2),)),
            Kind.COVERAGE,
            Party.CANDIDATE,
            "The candidate shows at least 1 more of 2a and 3a.",
        ),
        (
            record(accepted(1), needs=(need(1, wanted=3),)),
            Kind.COVERAGE,
            Party.CANDIDATE,
            "The candidate adds 2 different pieces of evidence for 1a.",
        ),
        (record(needs=()), Kind.COVERAGE, Party.CANDIDATE, "The candidate adds evidence for the unit as a whole."),
        (
            record(accepted(1), undecided(2, 2)),
            Kind.UNDECIDED,
            Party.ASSESSOR,
            "The assessor judges E2 for 2a.",
        ),
        (
            record(accepted(1), accepted(2), undecided(None, 3)),
            Kind.UNDECIDED,
            Party.ASSESSOR,
            "The assessor judges E3 for the unit as a whole.",
        ),
        (
            record(accepted(1), undecided(2, 2, is_offered=False)),
            Kind.NOT_OFFERED,
            Party.CANDIDATE,
            "The candidate offers E2 for assessment, or takes it off this unit. It is a draft.",
        ),
        (
            record(accepted(1), accepted(2), undecided(2, 2, setting=Setting.RWE)),
            Kind.BARRED,
            Party.CANDIDATE,
            "The candidate takes E2 off 2a.",
        ),
        (
            record(accepted(1), accepted(2), accepted(2, 2, setting=Setting.SIMULATION)),
            Kind.BARRED,
            Party.ASSESSOR,
            "The assessor judges E2 for 2a again.",
        ),
        (
            record(accepted(1), accepted(2, is_confirmed=False)),
            Kind.UNCONFIRMED,
            Party.ASSESSOR,
            "The assessor confirms that E1 is valid, authentic and current.",
        ),
        (
            record(accepted(1), accepted(2, is_testimony=True)),
            Kind.WITNESS,
            Party.ASSESSOR,
            "The assessor records how the witness of E1 was authenticated.",
        ),
        (
            record(accepted(1), accepted(2), sufficient_by=None),
            Kind.SUFFICIENCY,
            Party.ASSESSOR,
            "The assessor confirms that the evidence for the whole unit is sufficient.",
        ),
        (
            record(accepted(1), accepted(2), sufficient_by=EARLIER_ASSESSOR),
            Kind.SUFFICIENCY,
            Party.ASSESSOR,
            "The assessor confirms",
        ),
        (
            record(accepted(1), accepted(2, judged_by=EARLIER_ASSESSOR)),
            Kind.REVIEW,
            Party.ASSESSOR,
            "The assessor reviews the claims that another assessor accepted",
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
    assert gate.accepted.met == 1
    assert {missing.kind for missing in gate.missing} == {Kind.BARRED, Kind.COVERAGE}


def test_what_the_candidate_must_do_comes_first():
    gate = judge_gate(record(undecided(1), sufficient_by=None))
    assert [missing.who for missing in gate.missing] == [Party.CANDIDATE, Party.ASSESSOR, Party.ASSESSOR]
    assert gate.for_party(Party.CANDIDATE)[0].criteria == (2,)
    assert gate.reason.endswith("2 more things are missing.")


# --- Properties ------------------------------------------------------------------------------------------------------

CRITERIA = st.sampled_from([None, 1, 2, 3, 4])
FLAGS = st.booleans()
SECTION_OF = {None: Section.COVER, 1: Section.COVER, 2: Section.COVER, 3: Section.DO, 4: Section.KNOW}
NEEDS = (need(1, 2), need(3, section=Section.DO), need(4, section=Section.KNOW))


@st.composite
def claims(draw: st.DrawFn) -> tuple[ClaimFacts, ...]:
    places = draw(st.sets(st.tuples(st.integers(1, 4), CRITERIA), max_size=10))
    return tuple(
        ClaimFacts(
            reference=f"E{evidence}",
            evidence_id=evidence,
            criterion_id=criterion,
            label=f"{criterion}a",
            section=SECTION_OF[criterion],
            setting=draw(st.sampled_from(Setting)),
            verdict=draw(st.sampled_from(Verdict)),
            is_offered=draw(FLAGS),
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
    return RecordFacts(
        needs=draw(st.sampled_from([NEEDS, (), (need(1, 2, at_least=1),)])),
        policy=draw(st.sampled_from(SettingPolicy)),
        claims=draw(claims()),
        assessor_id=ASSESSOR,
        sufficient_by=draw(people),
        reviewed_by=draw(people),
        registration_is_open=draw(FLAGS),
    )


def settle(facts: RecordFacts, claim: ClaimFacts) -> RecordFacts:
    """The same record with one undecided claim accepted as it should be, and with nothing lapsing through that."""
    done = replace(
        claim, verdict=Verdict.ACCEPTED, is_offered=True, is_confirmed=True, is_testimony=False, judged_by=ASSESSOR
    )
    return replace(facts, claims=tuple(done if one == claim else one for one in facts.claims))


@given(records(), st.data())
def test_settling_a_claim_never_adds_to_what_is_missing(facts: RecordFacts, data: st.DataObject):
    """Opening is monotone: accepting what may be accepted brings the gate nearer, never further."""
    undecided_ones = [
        claim
        for claim in facts.claims
        if claim.verdict is Verdict.UNDECIDED and may_count(facts.policy, claim.setting, claim.section).allowed
    ]
    if not undecided_ones:
        return
    before = judge_gate(facts)
    after = judge_gate(settle(facts, data.draw(st.sampled_from(undecided_ones))))
    assert len(after.missing) <= len(before.missing)
    assert after.accepted.met >= before.accepted.met
    assert after.is_open or not before.is_open


@given(records())
def test_the_gate_is_open_exactly_when_every_rule_is_kept(facts: RecordFacts):
    """The rules written a second time, in a way that shares nothing with the gate but the setting table."""

    def allowed(claim: ClaimFacts) -> bool:
        return may_count(facts.policy, claim.setting, claim.section).allowed

    live = [claim for claim in facts.claims if claim.verdict is not Verdict.RETURNED]
    accepted_ones = [claim for claim in live if claim.verdict is Verdict.ACCEPTED]
    cells = {claim.criterion_id for claim in accepted_ones if allowed(claim)}
    if facts.needs == ():
        is_covered = None in cells
    else:
        is_covered = all(
            len(cells & {point.id for point in one.points}) >= (one.at_least or len(one.points)) for one in facts.needs
        )
    kept = [
        facts.registration_is_open,
        is_covered,
        all(claim.verdict is Verdict.ACCEPTED for claim in live),
        all(allowed(claim) for claim in live),
        all(claim.is_confirmed for claim in accepted_ones),
        all(claim.witness_is_authenticated or not claim.is_testimony for claim in accepted_ones),
        facts.sufficient_by == ASSESSOR,
        facts.reviewed_by == ASSESSOR or all(claim.judged_by == ASSESSOR for claim in accepted_ones),
    ]
    assert judge_gate(facts).is_open == all(kept)


@given(records())
def test_everything_missing_says_who_and_what_in_a_sentence(facts: RecordFacts):
    for missing in judge_gate(facts).missing:
        assert missing.who in Party
        assert missing.what.endswith(".")
        assert missing.what[0].isupper()
        assert missing.who.value in missing.what.lower()
