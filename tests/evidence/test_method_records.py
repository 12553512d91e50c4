"""Signed records: who makes them, what they hold, and that nothing of them is lost (R11, R12, R14, R16, R19, Q22)."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from assessment.discussions import actions as discussions
from assessment.method_records import actions as method_records
from assessment.method_records.kinds import ASSESSORS_KINDS, CANDIDATES_KINDS, SHAPES, MethodKind, as_text, cleaned_body
from assessment.method_records.permissions import check_may_correct
from assessment.models import AgreedDiscussion, BankedQuestion, MethodRecord, SeenAtWork
from assessment.questions import actions as questions
from assessment.seen_at_work import actions as seen_at_work
from centres.people.actions import end_role
from evidence.items.actions import change_evidence, offer_evidence
from evidence.models import ClaimState, Evidence, EvidenceState, EvidenceVersion
from ledger.events import EventType
from ledger.models import Event
from ledger.testing import LedgerWriteFailed, actions_of, expect_events, failing_ledger
from proof.verify import faults
from registrations.models import UnitRecord
from registrations.queries import assessed_by
from signoff.handover.reassigning import reassign_unit
from tests.evidence.builders import World, add_item, add_offered_item, claim, hand_in, today, words
from tests.evidence.decisions import judge_it
from tests.evidence.other_units import record_of
from tests.evidence.signed_records import BODIES, STRANGERS, about, agree, note, see, sign
from tests.signoff.builders import candidate_signed

ASSESSORS = sorted(ASSESSORS_KINDS)
CANDIDATES = sorted(CANDIDATES_KINDS)

pytestmark = pytest.mark.django_db


def everything() -> list[Any]:
    """All that these actions write."""
    models = (Evidence, EvidenceVersion, MethodRecord, AgreedDiscussion, BankedQuestion, SeenAtWork, Event)
    return [list(model.objects.order_by("pk").values()) for model in models]


# --- Shapes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "changed", "wrong"),
    [
        ("observation", {"where": " "}, {"where"}),
        ("observation", {"at": "25:00"}, {"at"}),
        ("observation", {"steps": []}, {"step-1"}),
        ("observation", {"steps": [{"step": " "}]}, {"step-1"}),
        ("observation", {"steps": [{"step": "x" * 4001}]}, {"step-1"}),
        ("observation", {"where": "a\0b"}, {"where"}),
        ("observation", {"where": 7}, {"where"}),
        ("questioning", {"questions": [{}, {"question": "Why?"}]}, {"answer-2", "satisfactory-2"}),
        (
            "questioning",
            {"questions": [{"question": "Q", "answer": "A", "satisfactory": "perhaps"}]},
            {"satisfactory-1"},
        ),
        ("questioning", {"questions": [{"answer": "A", "satisfactory": "yes"}]}, {"question-1"}),
        ("professional_discussion", {"notes": [{"time": "4 min", "note": "x"}]}, {"time-1"}),
        ("professional_discussion", {"notes": [{"time": "04:99", "note": "x"}]}, {"time-1"}),
        ("professional_discussion", {"notes": [{"time": "04:10", "note": ""}]}, {"note-1"}),
        ("personal_statement", {"text": ""}, {"text"}),
        ("product", {"what": "", "part": ""}, {"what", "part"}),
    ],
)
def test_what_is_missing_or_wrong_is_said_at_its_field(kind: str, changed: dict[str, Any], wrong: set[str]) -> None:
    with pytest.raises(ValidationError) as refused:
        cleaned_body(MethodKind(kind), BODIES[MethodKind(kind)] | changed)
    assert set(refused.value.message_dict) == wrong


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("observation", {"verdict": "passed"}),
        ("observation", {"areas": ["slipped in"]}),
        ("observation", {"steps": [{"step": "x", "verdict": "passed"}]}),
        ("observation", {"steps": "not rows"}),
        ("observation", {"steps": [{"step": "x"}] * 61}),
        ("personal_statement", {"steps": []}),
    ],
)
def test_a_record_holds_nothing_else(kind: str, changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        cleaned_body(MethodKind(kind), BODIES[MethodKind(kind)] | changed)


@given(
    steps=st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30), max_size=20)
)
def test_no_row_with_words_is_lost_and_no_blank_one_kept(steps: list[str]) -> None:
    typed = BODIES[MethodKind.OBSERVATION] | {"steps": [{"step": step} for step in ["First", *steps]]}
    body = cleaned_body(MethodKind.OBSERVATION, typed)
    kept = [step.replace("\r\n", "\n").strip() for step in ["First", *steps] if step.strip()]
    assert body["steps"] == [{"step": step} for step in kept]
    assert cleaned_body(MethodKind.OBSERVATION, body) == body


@pytest.mark.parametrize("kind", list(MethodKind))
def test_the_text_of_a_record_says_everything_that_was_typed(kind: MethodKind) -> None:
    text = as_text(kind, cleaned_body(kind, BODIES[kind]))
    rows = SHAPES[kind].rows
    said = [value for value in BODIES[kind].values() if isinstance(value, str)]
    if rows:
        said += [value for row in BODIES[kind][rows.name] for name, value in row.items() if name != "satisfactory"]
    assert [one for one in said if one.strip() not in text] == []
    assert kind != MethodKind.QUESTIONING or "Not yet" in text


# --- The assessor's records -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ASSESSORS)
def test_an_assessors_record_becomes_evidence_in_the_candidates_portfolio(world: World, kind: MethodKind) -> None:
    """R11, R16: numbered as usual (R10), on offer, by the assessor, with the method of its kind."""
    first = add_item(world)
    discussion = agree(world) if kind == MethodKind.DISCUSSION else None
    with expect_events(EventType.EVIDENCE_ADDED, EventType.EVIDENCE_OFFERED, EventType.METHOD_RECORD_SIGNED):
        record = sign(world, kind, discussion=discussion, files=[hand_in(world.assessor)])
    evidence = record.version.evidence
    assert evidence.number == first.number + 1
    assert (evidence.state, evidence.current_version, evidence.portfolio) == (
        "offered",
        record.version,
        world.portfolio,
    )
    assert record.version.methods == [kind.method]
    assert (record.version.made_by, record.author) == (world.assessor.person, world.assessor.person)
    assert record.signed_name == "Anna Assessor"
    assert record.version.files.count() == 1
    assert record.digest == method_records.digest_of(MethodRecord.objects.get(pk=record.pk))
    assert "Staff room" in record.version.what_happened or "Sales floor" in record.version.what_happened


def test_the_digest_tells_of_any_change(world: World) -> None:
    record = sign(world)
    for name, value in (("signed_name", "Somebody Else"), ("body", {}), ("author_id", world.iv.person_id)):
        changed = MethodRecord.objects.select_related("version__evidence").get(pk=record.pk)
        setattr(changed, name, value)
        assert method_records.digest_of(changed) != record.digest, name


@pytest.mark.parametrize("who", STRANGERS)
def test_nobody_else_records_in_this_portfolio(world: World, who: str) -> None:
    discussion = agree(world)
    before = everything()
    for kind in ASSESSORS:
        with pytest.raises(PermissionDenied):
            sign(world, kind, getattr(world, who), discussion=discussion if kind == MethodKind.DISCUSSION else None)
    with pytest.raises(PermissionDenied):
        agree(world, getattr(world, who))
    with pytest.raises(PermissionDenied):
        discussions.call_off_discussion(discussion=discussion, by=getattr(world, who))
    assert everything() == before


@pytest.mark.stage(reach=candidate_signed)
def test_nothing_is_recorded_once_every_unit_is_signed(world: World) -> None:
    before = everything()
    for kind in ASSESSORS:
        with pytest.raises(ValidationError, match="signed or closed"):
            sign(world, kind, discussion=None)
    assert everything() == before


@pytest.mark.parametrize("kind", ASSESSORS)
def test_the_same_form_sent_twice_makes_one_record(world: World, kind: MethodKind) -> None:
    key = uuid4()
    discussion = agree(world) if kind == MethodKind.DISCUSSION else None
    once = sign(world, kind, form_key=key, discussion=discussion)
    before = everything()
    assert sign(world, kind, form_key=key, discussion=discussion) == once
    assert everything() == before
    with pytest.raises(ValidationError, match="another portfolio"):
        note(add_item(world), world.candidate, form_key=key)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"typed_name": "A. Assessor"}, "typed_name"),
        ({"about": about(title=" ")}, "title"),
        ({"about": about(setting="simulation")}, "simulation_basis"),
        ({"about": about(happened_from=today().replace(year=today().year + 1))}, "happened_from"),
        ({"body": {}}, "where"),
    ],
)
def test_a_record_that_is_not_whole_is_not_signed(world: World, changed: dict[str, Any], field: str) -> None:
    before = everything()
    with pytest.raises(ValidationError) as refused:
        sign(world, **changed)
    assert field in refused.value.message_dict
    assert everything() == before


def test_the_candidate_claims_it_and_the_assessor_accepts_it(world: World) -> None:
    """And R19: a record of earlier learning is judged by the same tests."""
    record = sign(world, about=about(is_rpl=True))
    (made,) = claim(world, record.version.evidence, world.criteria[:1])
    judge_it(record.version.evidence, world.assessor)
    made.refresh_from_db()
    assert made.state == ClaimState.ACCEPTED
    assert record.version.is_rpl


def test_only_its_author_corrects_a_record_and_the_old_one_stays(world: World) -> None:
    """Q22: a new version, judged again; the candidate cannot change what the assessor wrote."""
    record = sign(world)
    evidence = record.version.evidence
    claim(world, evidence, world.criteria[:1])
    judge_it(evidence, world.assessor)
    evidence.refresh_from_db()
    with pytest.raises(ValidationError, match="only an assessor corrects it"):
        change_evidence(
            evidence=evidence, revision=evidence.revision, why="Mine", by=world.candidate, **words(), files=[]
        )
    given = {
        "record": record,
        "form_key": uuid4(),
        "about": about(title="Saturday, corrected"),
        "body": BODIES[MethodKind.OBSERVATION] | {"where": "Returns desk"},
        "typed_name": "anna  ASSESSOR",
        "why": "It was the returns desk",
    }
    for who in ("candidate", "trainee", "coordinator", "foreign_assessor"):
        with pytest.raises(PermissionDenied):
            method_records.correct_record(**given, by=getattr(world, who))
    with pytest.raises(ValidationError, match="what you correct"):
        method_records.correct_record(**given | {"why": " "}, by=world.assessor)
    newer = method_records.correct_record(**given, by=world.assessor)
    assert method_records.correct_record(**given, by=world.assessor) == newer
    old = MethodRecord.objects.get(pk=record.pk)
    assert (old.body, old.digest, old.version.ordinal) == (record.body, record.digest, 1)
    assert (newer.corrects, newer.version.ordinal, newer.version.title) == (old, 2, "Saturday, corrected")
    assert evidence.claims.get().state == ClaimState.UNDECIDED
    with pytest.raises(ValidationError, match="corrected already"):
        method_records.correct_record(**given | {"form_key": uuid4()}, by=world.assessor)


@pytest.mark.parametrize("left", ["role", "unit"])
def test_what_a_leaver_wrote_is_corrected_by_the_units_present_assessor(world: World, left: str) -> None:
    """Nothing hangs on somebody who has left: a new record in their own name, which names the old one (Q22)."""
    record = sign(world)
    evidence = record.version.evidence
    claim(world, evidence, world.criteria[:1])
    given = {
        "record": record,
        "form_key": uuid4(),
        "about": about(title="Saturday, corrected"),
        "body": BODIES[MethodKind.OBSERVATION] | {"where": "Returns desk"},
        "typed_name": world.countersigner.person.name,
        "why": "It was the returns desk",
        "by": world.countersigner,
    }
    with pytest.raises(PermissionDenied, match="they alone correct it"):
        method_records.correct_record(**given)
    reassign_unit(
        record_id=world.record.pk, own_assessor=world.countersigner.person, own_iv=None, why="x", by=world.coordinator
    )
    if left == "role":
        end_role(membership=world.assessor, by=world.coordinator)
    else:
        # She works here still, and assesses nothing of the candidate.
        assert not UnitRecord.objects.filter(assessed_by(world.assessor.person), portfolio=world.portfolio).exists()
    url = reverse("method_record", args=[evidence.pk, record.pk])
    correct = reverse("correct_method_record", args=[evidence.pk, record.pk])
    assert correct in world.client(world.countersigner).get(url).text
    assert correct not in world.client(world.candidate).get(url).text
    assert world.client(world.countersigner).get(correct).status_code == 200
    for who in ("other_assessor", "trainee", "candidate", "iv", "coordinator"):
        with pytest.raises(PermissionDenied):
            method_records.correct_record(**given | {"by": getattr(world, who)})
    newer = method_records.correct_record(**given)
    assert (newer.corrects_id, newer.author, newer.version.made_by) == (
        record.pk,
        world.countersigner.person,
        world.countersigner.person,
    )
    page = world.client(world.countersigner).get(reverse("method_record", args=[evidence.pk, newer.pk])).text
    assert "signed by Anna Assessor" in page
    assert list(faults()) == []


def test_while_its_author_assesses_the_candidate_a_record_stays_theirs(world: World) -> None:
    """A unit has another assessor, and the author still has the rest."""
    record = sign(world)
    claim(world, record.version.evidence, world.criteria[:1])
    second = record_of(world, "A18")
    reassign_unit(
        record_id=world.record.pk, own_assessor=world.countersigner.person, own_iv=None, why="x", by=world.coordinator
    )
    assert second.assessor == world.assessor.person
    with pytest.raises(PermissionDenied, match="they alone correct it"):
        check_may_correct(MethodRecord.objects.get(pk=record.pk), world.countersigner)


# --- The candidate's notes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CANDIDATES)
def test_a_note_supports_an_item_and_stands_for_nothing_by_itself(world: World, kind: MethodKind) -> None:
    """R14: with nothing but a note, the item still cannot be offered."""
    item = add_item(world, with_file=False)
    with expect_events(EventType.METHOD_RECORD_SIGNED):
        record = note(item, world.candidate, kind)
    assert record.version == item.current_version
    assert not record.is_assessors
    item.refresh_from_db()
    with pytest.raises(ValidationError, match="Hand in a file"):
        offer_evidence(evidence=item, revision=item.revision, by=world.candidate)


def test_a_note_on_judged_evidence_makes_a_new_version_with_the_same_files(world: World) -> None:
    item = add_offered_item(world, world.criteria[:1])
    judge_it(item, world.assessor)
    key = uuid4()
    record = note(item, world.candidate, form_key=key)
    assert note(item, world.candidate, form_key=key) == record
    first, second = item.versions.all()
    assert record.version == second
    assert [file.blob_id for file in first.files.all()] == [file.blob_id for file in second.files.all()]
    assert (second.title, second.why) == (first.title, "Personal statement added")
    assert item.claims.get().state == ClaimState.UNDECIDED


@pytest.mark.parametrize("who", ["other_candidate", "assessor", "iv", "coordinator", "foreign_candidate"])
def test_nobody_else_adds_a_note(world: World, who: str) -> None:
    item = add_item(world)
    before = everything()
    with pytest.raises(PermissionDenied):
        note(item, getattr(world, who))
    assert everything() == before


def test_each_kind_has_its_author(world: World) -> None:
    item = add_item(world)
    with pytest.raises(ValidationError):
        note(item, world.candidate, MethodKind.OBSERVATION)
    with pytest.raises(ValidationError):
        sign(world, MethodKind.STATEMENT)
    with pytest.raises(ValidationError, match="agreed beforehand"):
        sign(world, MethodKind.DISCUSSION, discussion=None)


# --- Discussions ------------------------------------------------------------------------------------------------------


def test_areas_are_agreed_first_and_stand_in_the_record(world: World) -> None:
    """R16."""
    yesterday = about(happened_from=today().fromordinal(today().toordinal() - 1))
    discussion = agree(world)
    with pytest.raises(ValidationError) as refused:
        sign(world, MethodKind.DISCUSSION, discussion=discussion, about=yesterday)
    assert "happened_from" in refused.value.message_dict
    record = sign(world, MethodKind.DISCUSSION, discussion=discussion)
    assert record.body["areas"] == ["How you keep promises", "Second line"]
    assert "How you keep promises" in record.version.what_happened
    with pytest.raises(ValidationError, match="already"):
        sign(world, MethodKind.DISCUSSION, discussion=discussion)
    with pytest.raises(ValidationError, match="already"):
        discussions.call_off_discussion(discussion=discussion, by=world.assessor)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"areas": [" ", ""]}, "areas"),
        ({"areas": [str(n) for n in range(31)]}, "areas"),
        ({"areas": ["x" * 201]}, "areas"),
        ({"planned_for": today().replace(year=today().year - 1)}, "planned_for"),
    ],
)
def test_a_discussion_is_agreed_on_something_and_beforehand(world: World, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        agree(world, **changed)
    assert set(refused.value.message_dict) == {field}


@pytest.mark.engine("races")
def test_a_discussion_is_agreed_once_and_may_be_called_off(world: World) -> None:
    key = uuid4()
    with expect_events(EventType.DISCUSSION_AGREED):
        discussion = agree(world, form_key=key)
        assert agree(world, form_key=key) == discussion
    with expect_events(EventType.DISCUSSION_CALLED_OFF):
        discussions.call_off_discussion(discussion=discussion, by=world.assessor)
        discussions.call_off_discussion(discussion=discussion, by=world.assessor)
    with pytest.raises(ValidationError, match="called off"):
        sign(world, MethodKind.DISCUSSION, discussion=discussion)


# --- All of them ------------------------------------------------------------------------------------------------------


def test_an_action_that_cannot_be_recorded_leaves_nothing_behind(world: World) -> None:
    item = add_offered_item(world, world.criteria[:1], with_file=False, kept_at="Complaints binder")
    discussion, kept = agree(world), questions.add_question(text="Why?", unit=None, by=world.assessor)
    record = sign(world)
    actions = {
        "record_method": lambda: sign(world),
        "correct_record": lambda: method_records.correct_record(
            record=record,
            form_key=uuid4(),
            about=about(),
            body=BODIES[MethodKind.OBSERVATION],
            typed_name="Anna Assessor",
            why="Wrong desk",
            by=world.assessor,
        ),
        "add_note": lambda: note(item, world.candidate),
        "agree_discussion": lambda: agree(world),
        "call_off_discussion": lambda: discussions.call_off_discussion(discussion=discussion, by=world.assessor),
        "record_seen": lambda: see(item, world.assessor),
        "add_question": lambda: questions.add_question(text="And then?", unit=None, by=world.assessor),
        "remove_question": lambda: questions.remove_question(question=kept, by=world.assessor),
    }
    modules = (method_records, discussions, seen_at_work, questions)
    assert set(actions) == {name for module in modules for name in actions_of(module)}
    before = everything()
    for action in actions.values():
        with failing_ledger(), pytest.raises(LedgerWriteFailed):
            action()
    assert everything() == before
    assert item.state == EvidenceState.OFFERED
