"""Signed records in one line each, for the tests of them."""

from typing import Any
from uuid import uuid4

from assessment.discussions.actions import agree_discussion
from assessment.method_records.actions import About, add_note, correct_record, record_method
from assessment.method_records.kinds import MethodKind
from assessment.models import AgreedDiscussion, MethodRecord, SeenAtWork
from assessment.seen_at_work.actions import record_seen
from centres.models import Membership
from evidence.models import Evidence
from tests.evidence.builders import World, portfolio_of, today

STRANGERS = ["candidate", "other_assessor", "countersigner", "trainee", "iv", "ev", "coordinator", "foreign_assessor"]

BODIES: dict[MethodKind, dict[str, Any]] = {
    MethodKind.OBSERVATION: {
        "where": "Sales floor",
        "at": "14:30",
        "not_seen": "Nobody complained.",
        "steps": [{"step": "Greeted the customer"}, {"step": "  "}, {"step": "Offered a better kettle"}],
    },
    MethodKind.QUESTIONING: {
        "where": "Staff room",
        "questions": [
            {"question": "Why that one?", "answer": "It lasts longer.", "satisfactory": "yes"},
            {"question": "What if it is sold out?", "answer": "I order it.", "satisfactory": "no"},
        ],
    },
    MethodKind.DISCUSSION: {"where": "Staff room", "notes": [{"time": "04:10", "note": "How promises are kept"}]},
    MethodKind.STATEMENT: {"text": "I did it all myself.\nOn a Saturday."},
    MethodKind.PRODUCT: {"what": "The price list by the till", "part": "I wrote it", "others": ""},
}


def about(**changed: Any) -> About:
    """What an assessor says of the evidence that their record becomes."""
    return About(**{"title": "Saturday at the desk", "happened_from": today(), "setting": "real_job"} | changed)


def agree(world: World, seat: Membership | None = None, **changed: Any) -> AgreedDiscussion:
    """A discussion with the candidate, agreed for today."""
    given = {
        "portfolio": world.portfolio,
        "planned_for": today(),
        "areas": ["How you keep promises", "Second line"],
        "form_key": uuid4(),
        "by": seat or world.assessor,
    }
    return agree_discussion(**given | changed)


def sign(
    world: World, kind: MethodKind = MethodKind.OBSERVATION, seat: Membership | None = None, **changed: Any
) -> MethodRecord:
    """A record of the assessor about the candidate."""
    seat = seat or world.assessor
    if kind == MethodKind.DISCUSSION and "discussion" not in changed:
        changed["discussion"] = agree(world)
    given = {
        "portfolio": portfolio_of(world.candidate),
        "kind": kind,
        "form_key": uuid4(),
        "about": about(),
        "body": BODIES[kind],
        "typed_name": seat.person.name,
        "by": seat,
    }
    return record_method(**given | changed)


def correct(record: MethodRecord, seat: Membership, **changed: Any) -> MethodRecord:
    """An assessor's record written anew by that seat, with a word more."""
    given = {
        "record": record,
        "form_key": uuid4(),
        "about": about(),
        "body": BODIES[MethodKind(record.kind)] | {"where": "Sales floor, by the till"},
        "typed_name": seat.person.name,
        "why": "The place was wrong",
        "by": seat,
    }
    return correct_record(**given | changed)


def note(item: Evidence, seat: Membership, kind: MethodKind = MethodKind.STATEMENT, **changed: Any) -> MethodRecord:
    """A note of the candidate beside an item."""
    given = {
        "evidence": item,
        "kind": kind,
        "form_key": uuid4(),
        "body": BODIES[kind],
        "typed_name": seat.person.name,
        "by": seat,
    }
    return add_note(**given | changed)


def see(item: Evidence, by: Any, **changed: Any) -> SeenAtWork:
    """An assessor records having seen an item at work today."""
    given = {"evidence": item, "version_id": item.current_version_id, "seen_on": today(), "where": "Shop office"}
    return record_seen(**given | changed, by=by)
