"""Two who change one thing at one moment: the second is told of the first, and nothing is decided by what was before.

PostgreSQL reads a locked row anew after waiting for it, but not what is joined to it in the same query.
"""

from functools import partial
from typing import Any

import pytest

from assessment.judging.actions import authenticate_witness
from evidence.items.actions import change_evidence
from evidence.models import Evidence, Witness
from registrations.access.actions import end_access
from registrations.enrolment import add_unit
from registrations.models import Registration, UnitRecord
from signoff.actions import mark_sample, withdraw_sample
from signoff.handover.leavers import pass_on as hand_over
from signoff.handover.reassigning import reassign, reassign_unit
from signoff.models import Slot
from signoff.moving_on import change_status
from tests.at_once import at_once, told
from tests.evidence.builders import (
    World,
    add_a_witness,
    add_offered_item,
    approve,
    grant,
    make_world,
    register,
    today,
    words,
)
from tests.evidence.other_units import record_of
from tests.signoff.builders import complete, sign_line
from units.models import QualificationUnit

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


def test_a_unit_that_is_added_while_its_registration_is_completed() -> None:
    """Q30: nothing is completed with a unit that nobody has assessed; either comes first."""
    for turn in range(4):
        world = make_world()
        QualificationUnit.objects.get_or_create(
            qualification=world.registration.qualification,
            unit=world.other_unit,
            defaults={"position": 90, "is_mandatory": False},
        )
        for seat in (world.assessor, world.iv):
            approve(world.coordinator, seat, world.other_unit)
        complete(world)
        registration = Registration.objects.get(pk=world.registration.pk)
        completing = partial(
            change_status,
            registration=registration,
            revision=registration.revision,
            status="completed",
            on=today(),
            why="",
            by=world.coordinator,
        )
        adding = partial(add_unit, registration=registration, unit=world.other_unit, by=world.coordinator)
        answers = at_once([completing, adding] if turn % 2 else [adding, completing])
        assert len(told(answers)) == 1, answers
        states = set(registration.unit_records.values_list("state", flat=True))
        is_completed = Registration.objects.get(pk=registration.pk).status == "completed"
        assert states == ({"complete"} if is_completed else {"complete", "open"})


def test_an_ev_who_signs_while_the_sample_of_another_record_is_taken_back() -> None:
    """They hold the reading rights of one record each, so that neither waits for the other for ever."""
    for turn in range(4):
        world = make_world()
        drawn = complete(world)
        mark_sample(record_id=drawn.pk, reason="Visit", by=world.ev)
        (second,) = second_registration(world).unit_records.all()
        visit = grant(world, world.ev, second.registration)
        mark_sample(record_id=second.pk, reason="Visit", by=world.ev)
        end_access(grant=visit, by=world.coordinator)
        signing = partial(sign_line, drawn, Slot.EV, by=world.ev)
        taking_back = partial(withdraw_sample, record_id=second.pk, reason="She has left", by=world.coordinator)
        answers = at_once([signing, taking_back] if turn % 2 else [taking_back, signing])
        assert told(answers) == []


def second_registration(world: World) -> Registration:
    """The same candidate on another qualification, so that both records are told of in one chain."""
    for seat in (world.assessor, world.iv):
        approve(world.coordinator, seat, world.other_unit)
    return register(world.coordinator, world.candidate, assessor=world.assessor, iv=world.iv, units=[world.other_unit])
