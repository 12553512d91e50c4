"""Registering, adding units, handing over and moving on: what is made, what is refused, and what is told."""

import itertools
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from centres.models import Membership, Role
from evidence.models import Claim, ClaimState, Evidence
from ledger.events import EventType
from ledger.models import Event
from proof.verify import faults
from registrations.enrolment import add_unit
from registrations.models import Portfolio, RecordState, Registration, RegistrationStatus, UnitRecord
from registrations.states import REGISTRATION_MOVES
from signoff.actions import mark_sample, unlock, withdraw_sample
from signoff.handover.reassigning import reassign, reassign_unit
from signoff.models import Signature, Slot
from signoff.moving_on import change_status
from tests.evidence.builders import World, approve, criteria_of, join, register, replace, today
from tests.signoff.builders import REACH, awaiting_countersignature, complete, ready, sign_line
from units.models import Qualification, QualificationUnit, Unit

NOT_COORDINATING = ["candidate", "assessor", "iv", "ev", "foreign_coordinator"]


def standing() -> tuple[Any, ...]:
    """Everything that this room writes about registrations."""
    return (
        list(Registration.objects.order_by("pk").values()),
        list(UnitRecord.objects.order_by("pk").values()),
        Portfolio.objects.count(),
        Event.objects.count(),
    )


def again(registration: Registration) -> Registration:
    return Registration.objects.get(pk=registration.pk)


def second_unit(world: World) -> Unit:
    """A14, as one more unit of the candidate's qualification, for which their assessor and IV are approved."""
    into_qualification(world)
    approve(world.coordinator, world.assessor, world.other_unit)
    approve(world.coordinator, world.iv, world.other_unit)
    return world.other_unit


def into_qualification(world: World) -> None:
    QualificationUnit.objects.create(
        qualification=world.registration.qualification, unit=world.other_unit, position=90, is_mandatory=False
    )


def hand_over(world: World, *, assessor: Membership, iv: Membership, why: str = "Anna has left") -> Registration:
    registration = again(world.registration)
    return reassign(
        registration=registration,
        revision=registration.revision,
        assessor=assessor.person,
        iv=iv.person,
        why=why,
        by=world.coordinator,
    )


def give_unit(world: World, *, assessor: Membership | None, iv: Membership | None, why: str = "Holiday") -> UnitRecord:
    return reassign_unit(
        record_id=world.record.pk,
        own_assessor=assessor.person if assessor else None,
        own_iv=iv.person if iv else None,
        why=why,
        by=world.coordinator,
    )


def move(world: World, status: str, *, why: str = "Because", by: Membership | None = None) -> Registration:
    registration = again(world.registration)
    return change_status(
        registration=registration,
        revision=registration.revision,
        status=status,
        on=today(),
        why=why,
        by=by or world.coordinator,
    )


# --- Registering ------------------------------------------------------------------------------------------------------


def test_registering_opens_a_portfolio_and_a_record_for_each_unit(world: World) -> None:
    """HOUSE decided 1 and 2."""
    newcomer = join(world.coordinator, Role.CANDIDATE, "Nina Newcomer")
    made = register(world.coordinator, newcomer, assessor=world.assessor, iv=world.iv, units=[world.unit])
    record = made.unit_records.get()
    assert (record.unit, record.state, record.portfolio.candidate) == (world.unit, RecordState.OPEN, newcomer.person)
    assert (record.assessor, record.iv) == (world.assessor.person, world.iv.person)
    told = Event.objects.filter(chain__key=record.portfolio.chain).values_list("type", flat=True)
    assert list(told) == [EventType.CANDIDATE_REGISTERED, EventType.UNIT_ADDED]


def test_a_second_registration_goes_into_the_same_portfolio(world: World) -> None:
    approve(world.coordinator, world.assessor, world.other_unit)
    approve(world.coordinator, world.iv, world.other_unit)
    register(world.coordinator, world.candidate, assessor=world.assessor, iv=world.iv, units=[world.other_unit])
    assert Portfolio.objects.filter(candidate=world.candidate.person).count() == 1
    assert world.portfolio.unit_records.count() == 2


def test_what_is_refused_leaves_no_portfolio_behind(world: World) -> None:
    newcomer = join(world.coordinator, Role.CANDIDATE, "Nina Newcomer")
    before = standing()
    with pytest.raises(ValidationError) as refusal:
        register(world.coordinator, newcomer, assessor=world.other_assessor, iv=world.other_iv, units=[world.unit])
    assert set(refusal.value.message_dict) == {"assessor", "iv"}
    assert standing() == before


@pytest.mark.parametrize("failing", ["registrations.actions.tell", "registrations.enrolment.tell"])
def test_without_its_event_nobody_is_registered(world: World, failing: str) -> None:
    newcomer = join(world.coordinator, Role.CANDIDATE, "Nina Newcomer")
    before = standing()
    with patch(failing, side_effect=RuntimeError("the ledger is gone")), pytest.raises(RuntimeError):
        register(world.coordinator, newcomer, assessor=world.assessor, iv=world.iv, units=[world.unit])
    assert standing() == before


# --- Units ------------------------------------------------------------------------------------------------------------


def test_a_unit_is_added_once(world: World) -> None:
    unit = second_unit(world)
    record = add_unit(registration=world.registration, unit=unit, by=world.coordinator)
    assert (record.unit, record.portfolio, record.state) == (unit, world.portfolio, RecordState.OPEN)
    assert Event.objects.filter(type=EventType.UNIT_ADDED, subject=f"unit_record:{record.pk}").exists()
    before = standing()
    with pytest.raises(ValidationError, match="already"):
        add_unit(registration=world.registration, unit=unit, by=world.coordinator)
    assert standing() == before


def test_a_unit_is_not_added_from_elsewhere_nor_without_approval(world: World) -> None:
    with pytest.raises(ValidationError, match="does not have"):
        add_unit(registration=world.registration, unit=world.other_unit, by=world.coordinator)
    into_qualification(world)
    with pytest.raises(ValidationError) as refusal:
        add_unit(registration=world.registration, unit=world.other_unit, by=world.coordinator)
    assert list(refusal.value.message_dict) == ["unit"]


# --- Handing over -----------------------------------------------------------------------------------------------------


def test_a_unit_changes_hands_and_back(world: World) -> None:
    """Q24."""
    record = give_unit(world, assessor=world.countersigner, iv=None)
    assert (record.assessor, record.iv) == (world.countersigner.person, world.iv.person)
    told = Event.objects.get(type=EventType.UNIT_REASSIGNED)
    assert told.data == {"assessor": world.countersigner.person_id, "iv": None, "unit": "304"}
    assert give_unit(world, assessor=None, iv=None, why="Back again").assessor == world.assessor.person


@pytest.mark.parametrize(
    ("assessor", "iv", "field"),
    [
        ("candidate", None, "own_assessor"),
        (None, "candidate", "own_iv"),
        (None, "assessor", "own_iv"),
        ("iv", None, "own_iv"),
        ("other_assessor", None, "own_assessor"),
        (None, "other_iv", "own_iv"),
        ("foreign_assessor", None, "own_assessor"),
    ],
)
def test_a_unit_is_not_given_to_just_anybody(world: World, assessor: str | None, iv: str | None, field: str) -> None:
    """R40, R41: three people for a unit, each approved for it."""
    before = standing()
    with pytest.raises(ValidationError) as refusal:
        give_unit(
            world,
            assessor=getattr(world, assessor) if assessor else None,
            iv=getattr(world, iv) if iv else None,
        )
    assert list(refusal.value.message_dict) == [field]
    assert standing() == before


def test_handing_over_needs_a_reason_and_a_change(world: World) -> None:
    with pytest.raises(ValidationError, match="Say why"):
        give_unit(world, assessor=world.countersigner, iv=None, why=" ")
    with pytest.raises(ValidationError, match="Nobody has been changed"):
        give_unit(world, assessor=None, iv=None)
    with pytest.raises(ValidationError, match="Nobody has been changed"):
        hand_over(world, assessor=world.assessor, iv=world.iv)


@pytest.mark.parametrize("state", RecordState.values)
def test_whoever_has_signed_a_unit_stays_with_it(world: World, state: str) -> None:
    """Q6, R66: in each state, whether the unit's assessor and IV may still change."""
    record = REACH[state](world)
    registration = record.registration
    iv = approve(world.coordinator, join(world.coordinator, Role.IV, "Iris Verifier"), world.unit)
    before = (record.own_assessor, record.own_iv)

    def may(**who: Any) -> bool:
        try:
            reassign_unit(
                record_id=record.pk,
                why="Holiday",
                by=world.coordinator,
                **{"own_assessor": before[0], "own_iv": before[1]} | who,
            )
        except ValidationError:
            return False
        return True

    assert may(own_assessor=world.countersigner.person) == (state == RecordState.OPEN)
    signed_by_iv = state in {
        RecordState.AWAITING_IV_COUNTERSIGNATURE,
        RecordState.VERIFIED,
        RecordState.EXTERNALLY_VERIFIED,
    }
    own_assessor = UnitRecord.objects.get(pk=record.pk).own_assessor
    assert may(own_assessor=own_assessor, own_iv=iv.person) == (not signed_by_iv)
    assert registration.unit_records.count() == 1


def test_a_registration_is_handed_over_with_all_that_is_unsigned(world: World) -> None:
    """Q23: what somebody signed stays theirs."""
    unit = second_unit(world)
    approve(world.coordinator, world.countersigner, unit)
    other = add_unit(registration=world.registration, unit=unit, by=world.coordinator)
    complete(world)
    hand_over(world, assessor=world.countersigner, iv=world.iv)
    told = Event.objects.get(type=EventType.UNIT_STAYED)
    assert (told.subject, told.data) == (
        f"unit_record:{world.record.pk}",
        {"assessor": world.assessor.person_id, "iv": None, "unit": "304"},
    )
    # The second unit of this test was written past the standard.
    assert [fault.what for fault in faults() if not fault.what.startswith("Standard")] == []
    other.refresh_from_db()
    other = UnitRecord.objects.get(pk=other.pk)
    assert world.record.assessor == world.assessor.person
    assert (other.assessor, other.own_assessor) == (world.countersigner.person, None)


def test_handing_over_keeps_assessor_and_verifier_apart_on_every_unit(world: World) -> None:
    """R40: the new IV assesses one unit of the registration."""
    both = join(world.coordinator, Role.ASSESSOR, "Bea Both")
    approve(world.coordinator, both, world.unit)
    as_iv = Membership.objects.create(person=both.person, centre=world.centre, role=Role.IV)
    approve(world.coordinator, Membership.objects.select_related("person", "centre").get(pk=as_iv.pk), world.unit)
    give_unit(world, assessor=both, iv=None)
    before = standing()
    with pytest.raises(ValidationError) as refusal:
        hand_over(world, assessor=world.assessor, iv=as_iv)
    assert list(refusal.value.message_dict) == ["iv"]
    assert standing() == before


@pytest.mark.parametrize(
    ("had_a_part", "reason"),
    [(ready, "judged evidence in unit 304"), (awaiting_countersignature, "countersigned unit 304")],
)
@pytest.mark.parametrize("whole", [False, True], ids=["the unit", "the registration"])
def test_nobody_is_named_to_verify_what_they_had_a_part_in(
    world: World, had_a_part: Any, reason: str, whole: bool
) -> None:
    """R40, Q4: a former assessor, and whoever countersigned."""
    record = had_a_part(world)
    if had_a_part is ready:
        insider = world.assessor
        give_unit(world, assessor=world.countersigner, iv=None)
    else:
        insider = world.countersigner
        sign_line(record, Slot.ASSESSOR_COUNTERSIGNATURE, by=insider)
    seat = Membership.objects.create(person=insider.person, centre=world.centre, role=Role.IV)
    approve(world.coordinator, Membership.objects.select_related("person", "centre").get(pk=seat.pk), world.unit)
    record = UnitRecord.objects.get(pk=record.pk)
    registration = again(record.registration)
    other = approve(world.coordinator, join(world.coordinator, Role.ASSESSOR, "Ada Another"), world.unit)
    said: dict[str, Any] = {"why": "Holiday", "by": world.coordinator}
    of_unit = {"record_id": record.pk, "own_assessor": record.own_assessor, "own_iv": insider.person}
    of_all = {
        "registration": registration,
        "revision": registration.revision,
        "assessor": other.person,
        "iv": insider.person,
    }
    before = standing()
    with pytest.raises(ValidationError, match=reason):
        reassign(**of_all, **said) if whole else reassign_unit(**of_unit, **said)
    assert standing() == before


def test_a_stale_form_hands_nothing_over(world: World) -> None:
    hand_over(world, assessor=world.countersigner, iv=world.iv)
    before = standing()
    with pytest.raises(ValidationError, match="Cora Coordinator") as refusal:
        reassign(
            registration=world.registration,
            revision=world.registration.revision,
            assessor=world.assessor.person,
            iv=world.iv.person,
            why="Back",
            by=world.coordinator,
        )
    assert refusal.value.code == "stale"
    assert standing() == before


# --- Moving on --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "target"), list(itertools.product(RegistrationStatus.values, repeat=2)))
@pytest.mark.stage(reach=complete)
def test_a_registration_moves_as_the_table_says_and_no_other_way(world: World, source: str, target: str) -> None:
    """Every pair, with every unit complete."""
    ended_on = today() if source in ("withdrawn", "completed", "certificated") else None
    Registration.objects.filter(pk=world.registration.pk).update(status=source, ended_on=ended_on)
    if (source, target) in {(move.source, move.target) for move in REGISTRATION_MOVES}:
        assert move(world, target).status == target
    else:
        with pytest.raises(ValidationError):
            move(world, target)
        assert again(world.registration).status == source


def test_completion_waits_for_every_unit(world: World) -> None:
    unit = second_unit(world)
    add_unit(registration=world.registration, unit=unit, by=world.coordinator)
    with pytest.raises(ValidationError) as refusal:
        move(world, RegistrationStatus.COMPLETED)
    assert refusal.value.message_dict["status"] == ["Not every unit is signed yet: 304, A14."]
    complete(world)
    with pytest.raises(ValidationError) as refusal:
        move(world, RegistrationStatus.COMPLETED)
    assert refusal.value.message_dict["status"] == [f"Not every unit is signed yet: {unit.code}."]


@pytest.mark.engine("aggregates")
@pytest.mark.stage(reach=complete)
def test_completion_waits_for_what_the_iv_has_drawn(world: World) -> None:
    """R48: what they may send back must still be open to change. A sample of the EV's may come later (Q8)."""
    record = world.record
    mark_sample(record_id=record.pk, reason="Visit", by=world.ev)
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    for _ in ("drawn", "signed and not countersigned"):
        with pytest.raises(ValidationError, match="has not finished what they sampled: 304"):
            move(world, RegistrationStatus.COMPLETED)
        world.iv.person.awards.update(struck_out_at=record.opened_at)
        if Signature.objects.filter(record=record).filter(slot=Slot.IV).exists():
            break
        sign_line(record, Slot.IV, by=world.iv)
    approve(world.coordinator, world.other_iv, world.unit)
    sign_line(record, Slot.IV_COUNTERSIGNATURE, by=world.other_iv)
    assert move(world, RegistrationStatus.COMPLETED).status == RegistrationStatus.COMPLETED


@pytest.mark.stage(reach=complete)
def test_a_sample_taken_back_keeps_nothing_from_completion(world: World) -> None:
    record = world.record
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    withdraw_sample(record_id=record.pk, reason="The wrong candidate", by=world.iv)
    assert move(world, RegistrationStatus.COMPLETED).status == RegistrationStatus.COMPLETED


@pytest.mark.stage(reach=complete)
def test_what_is_found_after_completion_is_unlocked_once_it_is_resumed(world: World) -> None:
    """R48: the EV comes after completion, and sends a record back."""
    record = world.record
    move(world, RegistrationStatus.COMPLETED)
    with pytest.raises(ValidationError, match="completed"):
        unlock(record_id=record.pk, reason="The EV sent it back", by=world.coordinator)
    resumed = move(world, RegistrationStatus.ACTIVE, why="The EV sent 304 back")
    assert (resumed.status, resumed.ended_on) == (RegistrationStatus.ACTIVE, None)
    unlock(record_id=record.pk, reason="The EV sent it back", by=world.coordinator)
    assert world.record.state == RecordState.OPEN


def test_evidence_replaced_during_a_suspension_is_judged_again(world: World) -> None:
    """Q22: the candidate goes on with another registration meanwhile."""
    approve(world.coordinator, world.assessor, world.other_unit)
    approve(world.coordinator, world.iv, world.other_unit)
    register(world.coordinator, world.candidate, assessor=world.assessor, iv=world.iv, units=[world.other_unit])
    record = ready(world)
    move(world, RegistrationStatus.SUSPENDED)
    replace(world, Evidence.objects.get())
    assert set(Claim.objects.filter(record=record).values_list("state", flat=True)) == {ClaimState.ACCEPTED}
    move(world, RegistrationStatus.ACTIVE)
    assert set(Claim.objects.filter(record=record).values_list("state", flat=True)) == {ClaimState.UNDECIDED}
    assert not record.confirmations.filter(lapsed_at=None).exists()


@pytest.mark.parametrize("status", [RegistrationStatus.WITHDRAWN, RegistrationStatus.SUSPENDED])
def test_nothing_is_added_or_handed_over_while_it_does_not_go_on(world: World, status: str) -> None:
    unit = second_unit(world)
    move(world, status)
    with pytest.raises(ValidationError, match=status):
        add_unit(registration=world.registration, unit=unit, by=world.coordinator)
    with pytest.raises(ValidationError, match=status):
        give_unit(world, assessor=world.countersigner, iv=None)
    if status == RegistrationStatus.WITHDRAWN:
        with pytest.raises(ValidationError, match=status):
            hand_over(world, assessor=world.countersigner, iv=world.iv)


# --- Isolation --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", NOT_COORDINATING)
def test_only_the_centres_coordinator_writes(world: World, who: str) -> None:
    unit, by = second_unit(world), getattr(world, who)
    registration = again(world.registration)
    before = standing()
    attempts = (
        lambda: add_unit(registration=registration, unit=unit, by=by),
        lambda: reassign_unit(
            record_id=world.record.pk, own_assessor=world.countersigner.person, own_iv=None, why="Mine", by=by
        ),
        lambda: reassign(
            registration=registration,
            revision=registration.revision,
            assessor=world.countersigner.person,
            iv=world.iv.person,
            why="Mine",
            by=by,
        ),
        lambda: move(world, RegistrationStatus.SUSPENDED, by=by),
        lambda: move(world, RegistrationStatus.COMPLETED, by=by),
    )
    for attempt in attempts:
        with pytest.raises((PermissionDenied, Registration.DoesNotExist, UnitRecord.DoesNotExist)):
            attempt()
    assert standing() == before


def test_the_demo_qualification_has_the_cells_that_the_tests_speak_of(world: World) -> None:
    """The figures used above: 304 has 27 cells, and belongs to one qualification."""
    assert len(criteria_of(world.unit)) == 27
    assert Qualification.objects.filter(units=world.unit).count() == 1
