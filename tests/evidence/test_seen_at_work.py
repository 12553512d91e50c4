"""What stays at work is seen there before it is accepted (R12); the questions that an assessor keeps (R16)."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assessment.models import SeenAtWork
from assessment.questions import actions as questions
from evidence.items.actions import change_evidence
from evidence.models import ClaimState
from ledger.events import EventType
from ledger.testing import expect_events
from tests.evidence.builders import World, add_offered_item, today, words
from tests.evidence.decisions import judge_it
from tests.evidence.signed_records import STRANGERS, see

pytestmark = pytest.mark.django_db

# --- Seen at work -----------------------------------------------------------------------------------------------------


def test_what_stays_at_work_is_accepted_once_it_was_seen_there(world: World) -> None:
    """R12."""
    item = add_offered_item(world, world.criteria[:1], with_file=False, kept_at="Complaints binder")
    with pytest.raises(ValidationError, match="saw this at work"):
        judge_it(item, world.assessor)
    with expect_events(EventType.SEEN_AT_WORK):
        assert see(item, world.assessor) == see(item, world.assessor)
    judge_it(item, world.assessor)
    assert item.claims.get().state == ClaimState.ACCEPTED


def test_returning_it_needs_no_visit(world: World) -> None:
    item = add_offered_item(world, world.criteria[:1], with_file=False, kept_at="Complaints binder")
    judge_it(item, world.assessor, is_accepted=False, comment="Which binder?", confirmation=None)
    assert item.claims.get().state == ClaimState.RETURNED


def test_a_new_version_is_seen_anew(world: World) -> None:
    item = add_offered_item(world, world.criteria[:1], with_file=False, kept_at="Complaints binder")
    see(item, world.assessor)
    shown = item.current_version_id
    change_evidence(
        evidence=item,
        revision=item.revision,
        why="Moved",
        files=[],
        by=world.candidate,
        **words(kept_at="The manager's safe"),
    )
    item.refresh_from_db()
    with pytest.raises(ValidationError, match="replaced since"):
        see(item, world.assessor, version_id=shown)
    with pytest.raises(ValidationError, match="saw this at work"):
        judge_it(item, world.assessor)


@pytest.mark.parametrize("who", STRANGERS)
def test_nobody_else_records_having_seen_it(world: World, who: str) -> None:
    item = add_offered_item(world, world.criteria[:1], with_file=False, kept_at="Complaints binder")
    with pytest.raises(PermissionDenied):
        see(item, getattr(world, who))
    assert not SeenAtWork.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"where": "  "}, "where"), ({"where": "x" * 201}, "where"), ({"seen_on": today().replace(year=9999)}, "seen_on")],
)
def test_where_and_when_are_said(world: World, changed: dict[str, Any], field: str) -> None:
    item = add_offered_item(world, world.criteria[:1], with_file=False, kept_at="Complaints binder")
    with pytest.raises(ValidationError) as refused:
        see(item, world.assessor, **changed)
    assert set(refused.value.message_dict) == {field}


def test_there_is_nothing_to_see_where_the_files_are_here(world: World) -> None:
    item = add_offered_item(world, world.criteria[:1], kept_at="Complaints binder")
    with pytest.raises(ValidationError, match="are here"):
        see(item, world.assessor)
    judge_it(item, world.assessor)


# --- Questions --------------------------------------------------------------------------------------------------------


def test_an_assessor_keeps_and_removes_questions(world: World) -> None:
    with expect_events(EventType.QUESTION_ADDED):
        kept = questions.add_question(text=" Why  this one? ", unit=world.unit, by=world.assessor)
        assert questions.add_question(text="Why this one?", unit=None, by=world.assessor) == kept
    assert questions.add_question(text="Why this one?", unit=None, by=world.trainee) != kept
    for who in ("trainee", "candidate", "foreign_assessor"):
        with pytest.raises(PermissionDenied):
            questions.remove_question(question=kept, by=getattr(world, who))
    with expect_events(EventType.QUESTION_REMOVED):
        questions.remove_question(question=kept, by=world.assessor)
        questions.remove_question(question=kept, by=world.assessor)
    assert questions.add_question(text="Why this one?", unit=None, by=world.assessor) != kept


@pytest.mark.parametrize("text", ["  ", "x" * 501])
def test_a_question_is_one(world: World, text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        questions.add_question(text=text, unit=None, by=world.assessor)
    assert set(refused.value.message_dict) == {"text"}


@pytest.mark.parametrize("who", ["candidate", "iv", "ev", "coordinator"])
def test_only_assessors_keep_questions(world: World, who: str) -> None:
    with pytest.raises(PermissionDenied):
        questions.add_question(text="Why?", unit=None, by=getattr(world, who))
