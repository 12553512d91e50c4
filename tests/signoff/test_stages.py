"""Stages of a shared world (tests/evidence/conftest.py): each test finds its own, and nothing that another did."""

import pytest

from evidence.models import Claim
from ledger.models import Event
from registrations.models import RecordState, Registration
from signoff.models import Signature, Slot
from tests.evidence.builders import World
from tests.signoff.builders import REACH, complete, ready, sign_line


def what_stands(world: World) -> tuple[str, int, int]:
    """The state of the record, how much is signed, and how much has been told."""
    return world.record.state, Signature.objects.count(), Event.objects.count()


@pytest.fixture(scope="module")
def first_seen() -> dict[str, tuple[str, int, int]]:
    """What the first test at each stage found."""
    return {}


@pytest.mark.parametrize("again", [1, 2])
@pytest.mark.stage(reach=ready)
def test_a_test_at_a_stage_finds_what_the_one_before_it_found(world: World, first_seen: dict, again: int):
    assert what_stands(world) == first_seen.setdefault("ready", what_stands(world))
    assert what_stands(world)[:2] == (RecordState.OPEN, 0)
    sign_line(world.record, Slot.CANDIDATE, by=world.candidate)
    assert what_stands(world)[:2] == (RecordState.CANDIDATE_SIGNED, 1)


@pytest.mark.parametrize("again", [1, 2])
@pytest.mark.stage(reach=complete)
def test_nor_is_a_signature_that_a_test_takes_away_missed_by_the_next(world: World, first_seen: dict, again: int):
    assert what_stands(world) == first_seen.setdefault("complete", what_stands(world))
    assert what_stands(world)[:2] == (RecordState.COMPLETE, 2)
    assert not Registration.objects.filter(employer="Somebody Else’s").exists()
    Signature.objects.all().delete()
    Registration.objects.update(employer="Somebody Else’s")
    world.candidate.person.name = "Somebody Else"


@pytest.mark.parametrize("again", [1, 2])
def test_a_test_without_a_stage_finds_the_world_as_it_was_made(world: World, again: int):
    assert what_stands(world)[:2] == (RecordState.OPEN, 0)
    assert not Claim.objects.exists()
    assert world.candidate.person.name == "Carla Candidate"
    ready(world)


@pytest.mark.parametrize(
    ("stage", "signed"), [(REACH[state], signed) for state, signed in zip(REACH, (0, 1, 2, 2, 3, 3, 4), strict=True)],
    indirect=["stage"],
)  # fmt: skip
def test_a_stage_may_be_a_parameter(world: World, signed: int):
    assert Signature.objects.count() == signed
