"""Two who change one thing at one moment: the second is told of the first, and nothing is decided by what was before.

PostgreSQL reads a locked row anew after waiting for it, but not what is joined to it in the same query.
"""

from functools import partial
from typing import Any

import pytest

from centres.models import Registration
from evidence.actions.enrolment import reassign, reassign_unit
from evidence.actions.handover import hand_over
from evidence.actions.items import change_evidence
from evidence.actions.judging import authenticate_witness
from evidence.models import Evidence, UnitRecord, Witness
from signoff.actions import mark_sample
from tests.at_once import at_once, told
from tests.evidence.builders import World, add_a_witness, add_offered_item, approve, make_world, words
from tests.evidence.other_units import record_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nobody_is_mailed(settings: Any) -> None:
    """Mail has tests of its own, and would be read for in the threads of these."""
    settings.LEDGER_LISTENERS = []


def test_two_who_replace_one_item() -> None:
    world = make_world()
    item = add_offered_item(world)
    for turn in range(3):
        seen = Evidence.objects.get(pk=item.pk)
        replacing = partial(
            change_evidence,
            evidence=seen,
            revision=seen.revision,
            why="No date",
            by=world.candidate,
        )
        given = [words(title=f"Kettle {turn}{side}", kept_at="The safe") for side in "ab"]
        answers = at_once([partial(replacing, **one) for one in given])
        assert told(answers) == ["This has been changed meanwhile by Carla Candidate. Look again, then save."]
        assert Evidence.objects.get(pk=item.pk).versions.count() == turn + 2


def test_two_assessors_who_make_sure_of_one_witness() -> None:
    world = make_world()
    other = record_of(world, "A16")
    _give(world, other, world.countersigner)
    for number in range(3):
        witness = add_a_witness(world, contact=f"{number}")
        answers = at_once(
            [
                partial(authenticate_witness, witness=witness, how=f"Rang {seat.person.name}", by=seat)
                for seat in (world.assessor, world.countersigner)
            ]
        )
        first = Witness.objects.get(pk=witness.pk).authenticated_by
        assert told(answers) == [f"{first} has recorded already how Wendy Witness was authenticated."]


def _give(world: World, record: UnitRecord, seat: Any) -> None:
    approve(world.coordinator, seat, record.unit)
    reassign_unit(record_id=record.pk, own_assessor=seat.person, own_iv=None, why="Holidays", by=world.coordinator)


def test_a_registration_that_two_hand_over_while_an_ev_draws_from_it() -> None:
    """They lock the centre and its records in one order, so that none waits for another for ever."""
    world = make_world()
    for turn in range(4):
        registration = Registration.objects.get(pk=world.registration.pk)
        seats = [world.assessor, world.countersigner]
        now, then = seats if turn % 2 == 0 else reversed(seats)
        answers = at_once(
            [
                partial(
                    reassign,
                    registration=registration,
                    revision=registration.revision,
                    assessor=then.person,
                    iv=world.iv.person,
                    why="Holidays",
                    by=world.coordinator,
                ),
                partial(
                    hand_over,
                    person=now.person,
                    assessor=then.person,
                    iv=None,
                    items=[f"registration-{registration.pk}-assessor"],
                    why="She left",
                    by=world.coordinator,
                ),
                partial(mark_sample, record_id=world.record.pk, reason="Visit", by=world.ev),
            ]
        )
        assert len(told(answers[:2])) == 1, "one of them is told of the other"
        assert Registration.objects.get(pk=registration.pk).assessor == then.person
