"""Handing over unlocks what the candidate has signed, and reaches samples on completed registrations (Q23)."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from assessment.confirming.actions import confirm_unit
from centres.models import Role
from centres.people.actions import end_role, give_role
from desk.queries.assessor import to_confirm
from desk.queries.coordinator import coordinator_home
from ledger.events import EventType
from ledger.testing import LedgerWriteFailed, expect_events, failing_ledger
from proof.verify import faults
from registrations.models import RecordState, RegistrationStatus, UnitConfirmationKind, UnitRecord
from signoff.actions import mark_sample
from signoff.handover.reassigning import reassign_unit
from signoff.models import Signature, Slot, Unlocking
from signoff.moving_on import change_status
from signoff.queries import pending_for
from tests.evidence.builders import World, register
from tests.evidence.handing_over import hand, items_of, new_iv
from tests.evidence.pages import text_of
from tests.signoff.builders import again, candidate_signed, complete, sign_line

pytestmark = pytest.mark.engine("races")


@pytest.mark.parametrize("is_own", [False, True])
@pytest.mark.stage(reach=candidate_signed)
def test_a_signature_that_waited_for_the_leaver_waits_for_the_successor_who_reviews_first(
    world: World, is_own: bool
) -> None:
    """Q23, R48: the record is unlocked with the hand-over, for its reason, then reviewed and signed anew."""
    record = world.record
    if is_own:
        UnitRecord.objects.filter(pk=record.pk).update(own_assessor=world.assessor.person)
        items = [f"unit-{record.pk}-assessor"]
    else:
        items = [f"registration-{record.registration_id}-assessor"]
    with expect_events(
        EventType.RECORD_UNLOCKED,
        EventType.CONFIRMATION_LAPSED,
        EventType.UNIT_REASSIGNED if is_own else EventType.REGISTRATION_REASSIGNED,
        EventType.HANDED_OVER,
        EventType.HEADS_SEALED,
    ):
        hand(world, world.assessor, assessor=world.countersigner, items=items)
    unlocking = Unlocking.objects.filter(record=record).get()
    assert (unlocking.reason, unlocking.unlocked_by) == ("Anna has left", world.coordinator.person)
    assert Signature.objects.filter(record=again(record)).get().voided_by == unlocking
    assert not pending_for(world.assessor).exists()
    assert [steps.record for steps in to_confirm(world.countersigner)] == [record]
    for kind in (UnitConfirmationKind.SUFFICIENT, UnitConfirmationKind.REVIEWED):
        confirm_unit(record_id=record.pk, kind=kind, by=world.countersigner)
    sign_line(record, Slot.CANDIDATE, by=world.candidate)
    sign_line(record, Slot.ASSESSOR, by=world.countersigner)
    assert again(record).state == RecordState.COMPLETE
    assert list(faults()) == []


@pytest.mark.stage(reach=candidate_signed)
def test_what_is_unlocked_is_said_beforehand(world: World) -> None:
    (item,) = items_of(world, world.assessor)
    assert item.unlocks == [world.record]
    url = reverse("hand_over", args=[world.assessor.person_id])
    page = text_of(world.client(world.coordinator).get(url, {"assessor": world.countersigner.person_id}))
    assert "Unlocked with it, and signed anew: 304" in page
    assert [item.unlocks for item in items_of(world, world.iv) if item.capacity == "iv"] == [[], []]


@pytest.mark.stage(reach=candidate_signed)
def test_a_refused_hand_over_unlocks_nothing(world: World) -> None:
    """One transaction: a second thing that was ticked cannot go."""
    record = world.record
    seat = give_role(person=world.countersigner.person, role=Role.CANDIDATE, by=world.coordinator)
    register(world.coordinator, seat, assessor=world.assessor, iv=world.iv, units=[world.unit])
    with pytest.raises(ValidationError, match="cannot be their own assessor"), expect_events():
        hand(world, world.assessor, assessor=world.countersigner)
    assert (again(record).state, Unlocking.objects.filter(record=record).count()) == (RecordState.CANDIDATE_SIGNED, 0)
    with pytest.raises(LedgerWriteFailed), failing_ledger():
        hand(
            world,
            world.assessor,
            assessor=world.countersigner,
            items=[f"registration-{record.registration_id}-assessor"],
        )
    assert (again(record).state, Unlocking.objects.filter(record=record).count()) == (RecordState.CANDIDATE_SIGNED, 0)


@pytest.mark.stage(reach=candidate_signed)
def test_a_suspended_registration_changes_hands_under_its_signature(world: World) -> None:
    """Nothing on it is unlocked while it does not go on; afterwards its new assessor unlocks it to review it."""
    record = world.record
    change_status(
        registration=world.registration, revision=1, status=RegistrationStatus.SUSPENDED,
        on=world.registration.started_on, why="Leave", by=world.coordinator,
    )  # fmt: skip
    hand(world, world.assessor, assessor=world.countersigner)
    assert (again(record).state, again(record).assessor) == (RecordState.CANDIDATE_SIGNED, world.countersigner.person)
    assert list(faults()) == []


@pytest.mark.stage(reach=complete)
def test_on_a_completed_registration_a_sample_of_a_units_own_iv_is_handed_over(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = world.record
    own = new_iv(world)
    reassign_unit(record_id=record.pk, own_assessor=None, own_iv=own.person, why="Ivor is ill", by=world.coordinator)
    monkeypatch.setattr("signoff.moving_on.check_may_move_on", lambda **kwargs: None)
    change_status(
        registration=world.registration, revision=1, status=RegistrationStatus.COMPLETED,
        on=world.registration.started_on, why="", by=world.coordinator,
    )  # fmt: skip
    assert items_of(world, own) == []  # Nothing waits for them.
    with pytest.raises(ValidationError, match="is completed"):
        reassign_unit(record_id=record.pk, own_assessor=None, own_iv=None, why="She left", by=world.coordinator)
    mark_sample(record_id=record.pk, reason="Ten per cent", by=own)
    end_role(membership=own, by=world.coordinator)
    assert [due.left for due in coordinator_home(world.coordinator).nobody] == [(own.person,)]
    with pytest.raises(ValidationError, match="is completed"):
        reassign_unit(
            record_id=record.pk, own_assessor=world.countersigner.person, own_iv=world.iv.person, why="All go",
            by=world.coordinator,
        )  # fmt: skip
    (item,) = items_of(world, own, iv=world.iv)
    assert (item.record, item.reason) == (record, "")
    hand(world, own, iv=world.iv)
    assert not coordinator_home(world.coordinator).nobody
    sign_line(record, Slot.IV, by=world.iv)
    assert again(record).state == RecordState.VERIFIED
