"""People leave: everything that somebody answers for goes to others in one step (Q23; PRACTICE §5.9, §5.11)."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from assessment.confirming.actions import confirm_unit
from centres.authority.actions import record_award
from centres.models import AwardKind, Membership, Role
from centres.people.actions import end_role, give_role
from desk.queries.assessor import to_confirm
from desk.queries.coordinator import coordinator_home
from ledger.events import EventType
from ledger.testing import LedgerWriteFailed, expect_events, failing_ledger
from registrations.models import RecordState, Registration, RegistrationStatus, UnitConfirmationKind, UnitRecord
from signoff.actions import mark_sample
from signoff.handover.reassigning import reassign_unit
from signoff.models import SamplingMark, Signature, Slot
from signoff.moving_on import change_status
from signoff.queries import pending_for
from tests.evidence.builders import World, add_offered_item, approve, join, register
from tests.evidence.handing_over import both_roles, hand, items_of, new_iv
from tests.evidence.pages import text_of
from tests.signoff.builders import (
    REACH,
    again,
    awaiting_countersignature,
    complete,
    judge,
    ready,
    sign_line,
    trainee_ready,
)

type Costs = Callable[[int], AbstractContextManager[object]]


# --- In one step ------------------------------------------------------------------------------------------------------


def test_everything_changes_hands_with_one_event_each(world: World) -> None:
    """Registrations, and units of their own, in one transaction."""
    another = join(world.coordinator, Role.CANDIDATE, "Nora Newcomer")
    register(world.coordinator, another, assessor=world.assessor, iv=world.iv, units=[world.unit])
    of_trainee = world.trainee_registration.unit_records.get()
    reassign_unit(
        record_id=of_trainee.pk, own_assessor=world.assessor.person, own_iv=None, why="Holiday", by=world.coordinator
    )
    with expect_events(
        EventType.REGISTRATION_REASSIGNED,
        EventType.REGISTRATION_REASSIGNED,
        EventType.UNIT_REASSIGNED,
        EventType.HANDED_OVER,
    ) as events:
        done = hand(world, world.assessor, assessor=world.countersigner)
    assert len(done) == 3
    assert again(world.record).assessor == again(of_trainee).assessor == world.countersigner.person
    assert items_of(world, world.assessor) == []
    assert events[-1].subject == f"person:{world.assessor.person_id}"
    assert "Anna" not in str(events[-1].data)
    assert events[-1].data["iv"] is None


def test_only_what_is_ticked_goes(world: World) -> None:
    another = join(world.coordinator, Role.CANDIDATE, "Nora Newcomer")
    other = register(world.coordinator, another, assessor=world.assessor, iv=world.iv, units=[world.unit])
    hand(world, world.assessor, assessor=world.countersigner, items=[f"registration-{other.pk}-assessor"])
    assert again(world.record).assessor == world.assessor.person
    assert Registration.objects.get(pk=other.pk).assessor == world.countersigner.person


def test_one_refusal_keeps_everything_where_it_is(world: World) -> None:
    """The one who takes over is also a candidate of the one who leaves."""
    seat = give_role(person=world.countersigner.person, role=Role.CANDIDATE, by=world.coordinator)
    register(world.coordinator, seat, assessor=world.assessor, iv=world.iv, units=[world.unit])
    with pytest.raises(ValidationError, match="cannot be their own assessor") as refusal, expect_events():
        hand(world, world.assessor, assessor=world.countersigner)
    assert list(refusal.value.message_dict) == ["items"]
    assert len(items_of(world, world.assessor)) == 2


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"why": " "}, "why"),
        ({"items": []}, "items"),
        ({"items": ["registration-999999-assessor"]}, "__all__"),
        ({"assessor": None}, "items"),
    ],
)
def test_what_is_refused(world: World, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refusal, expect_events():
        hand(world, world.assessor, **{"assessor": world.countersigner} | changed)
    assert list(getattr(refusal.value, "error_dict", {"__all__": 0})) == [field]


def test_a_ledger_that_fails_leaves_nothing(world: World) -> None:
    with pytest.raises(LedgerWriteFailed), failing_ledger():
        hand(world, world.assessor, assessor=world.countersigner)
    assert again(world.record).assessor == world.assessor.person


@pytest.mark.parametrize("who", ["candidate", "assessor", "countersigner", "iv", "ev", "foreign_coordinator"])
def test_only_the_centres_coordinator_hands_over(world: World, who: str) -> None:
    with pytest.raises(PermissionDenied), expect_events():
        hand(world, world.assessor, assessor=world.countersigner, by=getattr(world, who))


# --- Nothing hangs on somebody who has left ---------------------------------------------------------------------------


@pytest.mark.parametrize("state", RecordState.values)
@pytest.mark.parametrize("capacity", ["assessor", "iv"])
def test_in_no_state_does_anything_wait_for_somebody_who_has_left(world: World, state: str, capacity: str) -> None:
    """Pain 9: pending lists, homes and the end of the role name nobody who is gone; what was signed stays theirs."""
    record = REACH[state](world)
    before = record.assessor, record.iv
    if state in (RecordState.COMPLETE, RecordState.CANDIDATE_SIGNED):
        mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    marks = list(SamplingMark.objects.order_by("pk").values())
    leaver = Membership.objects.select_related("person", "centre").get(
        person=before[0] if capacity == "assessor" else before[1], centre=world.centre, role=capacity
    )
    successor = {"assessor": world.countersigner} if capacity == "assessor" else {"iv": new_iv(world)}
    if items_of(world, leaver):
        hand(world, leaver, **successor)
    end_role(membership=leaver, by=world.coordinator)
    assert items_of(world, leaver) == []
    assert list(SamplingMark.objects.order_by("pk").values()) == marks
    home = coordinator_home(world.coordinator)
    assert home.orphans == ()
    assert not [due for due in (*home.nobody, *home.stuck) if leaver.person in due.people]
    assert leaver.person.name not in text_of(world.client(world.coordinator).get(reverse("home")))
    assert f"{leaver.person.name} names" not in text_of(
        world.client(world.coordinator).get(reverse("end_role", args=[leaver.pk]))
    )
    signed = set(Signature.objects.filter(record=again(record)).values_list("slot", flat=True))
    now = again(record)
    assert (now.assessor == before[0]) is (capacity == "iv" or Slot.ASSESSOR in signed)
    assert (now.iv == before[1]) is (capacity == "assessor" or Slot.IV in signed)


def test_the_successor_is_asked_for_the_review(world: World) -> None:
    judge(add_offered_item(world), by=world.assessor)
    hand(world, world.assessor, assessor=world.countersigner)
    assert [steps.record for steps in to_confirm(world.countersigner)] == [world.record]
    assert to_confirm(world.assessor) == []


@pytest.mark.stage(reach=complete)
def test_what_the_iv_had_drawn_waits_for_the_new_iv(world: World) -> None:
    record = world.record
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    successor = new_iv(world)
    hand(world, world.iv, iv=successor)
    assert list(pending_for(successor)) == [record]
    sign_line(record, Slot.IV, by=successor)
    assert again(record).state == RecordState.VERIFIED


@pytest.mark.stage(reach=complete)
def test_somebody_else_who_has_left_does_not_stand_in_the_way(world: World) -> None:
    """The assessor signed, is gone and stays; the unit's IV leaves as well."""
    record = world.record
    iv = new_iv(world)
    reassign_unit(record_id=record.pk, own_assessor=None, own_iv=iv.person, why="Illness", by=world.coordinator)
    end_role(membership=world.assessor, by=world.coordinator)
    hand(world, iv, iv=world.iv)
    assert again(record).iv == world.iv.person


# --- Why something cannot be handed over ------------------------------------------------------------------------------


def _candidate_of_their_own(world: World) -> dict[str, Membership]:
    seat = give_role(person=world.candidate.person, role=Role.ASSESSOR, by=world.coordinator)
    seat = Membership.objects.select_related("person", "centre").get(pk=seat.pk)
    return {"assessor": approve(world.coordinator, seat, world.unit)}


def _judged(world: World) -> dict[str, Membership]:
    ready(world)
    reassign_unit(
        record_id=world.record.pk, own_assessor=world.countersigner.person, own_iv=None, why="x", by=world.coordinator
    )
    return {"iv": both_roles(world, world.assessor, Role.IV, AwardKind.V1)}


def _judged_once(world: World) -> dict[str, Membership]:
    """Their registration has gone to somebody else, so that only their judgement stands in the way."""
    ready(world)
    hand(world, world.assessor, assessor=world.countersigner)
    return {"iv": both_roles(world, world.assessor, Role.IV, AwardKind.V1)}


def _countersigned(world: World) -> dict[str, Membership]:
    record = awaiting_countersignature(world)
    sign_line(record, Slot.ASSESSOR_COUNTERSIGNATURE, by=world.countersigner)
    return {"iv": both_roles(world, world.countersigner, Role.IV, AwardKind.V1)}


def _suspended_unit(world: World) -> dict[str, Membership]:
    reassign_unit(
        record_id=world.other_registration.unit_records.get().pk,
        own_assessor=None,
        own_iv=approve(world.coordinator, world.iv, world.other_unit).person,
        why="x",
        by=world.coordinator,
    )
    change_status(
        registration=world.other_registration, revision=1, status=RegistrationStatus.SUSPENDED,
        on=world.other_registration.started_on, why="Leave", by=world.coordinator,
    )  # fmt: skip
    return {"iv": approve(world.coordinator, new_iv(world), world.other_unit)}


def _being_signed(world: World) -> dict[str, Membership]:
    ready(world)
    reassign_unit(
        record_id=world.trainee_registration.unit_records.get().pk,
        own_assessor=world.assessor.person,
        own_iv=None,
        why="x",
        by=world.coordinator,
    )
    UnitRecord.objects.filter(registration=world.trainee_registration).update(state=RecordState.CANDIDATE_SIGNED)
    return {"assessor": world.countersigner}


SCENES: dict[str, tuple[str, Callable[[World], dict[str, Membership]], str]] = {
    "can be": ("assessor", lambda world: {"assessor": world.countersigner}, ""),
    "not approved": (
        "assessor",
        lambda world: {"assessor": world.other_assessor},
        "is not approved to assess unit 304",
    ),
    "no such role": ("assessor", lambda world: {"assessor": world.iv}, "and nobody verifies their own"),
    "an IV only": ("assessor", lambda world: {"assessor": new_iv(world)}, "is not an assessor at"),
    "the candidate": ("assessor", _candidate_of_their_own, "cannot be their own assessor"),
    "being signed": ("assessor", _being_signed, ""),
    "its assessor": ("iv", lambda world: {"iv": both_roles(world, world.assessor, Role.IV)}, "nobody verifies"),
    "has judged": ("iv", _judged_once, "judged evidence in unit 304"),
    "judged, still named": ("iv", _judged, "nobody verifies their own"),
    "countersigned": ("iv", _countersigned, "countersigned unit 304"),
    "suspended": ("iv", _suspended_unit, "is suspended"),
}


@pytest.mark.parametrize("name", SCENES)
def test_the_list_and_the_action_agree_on_each_item(world: World, name: str) -> None:
    """The page gives a reason exactly where the action refuses."""
    leaver, arrange, reason = SCENES[name]
    seat: Membership = getattr(world, leaver)
    people = arrange(world)
    items = items_of(world, seat, **people)
    assert any(reason in item.reason for item in items if item.reason) or not reason
    for item in items:
        expected = pytest.raises(ValidationError) if item.reason else nullcontext()
        with expected:
            hand(world, seat, **people, items=[item.key])


# --- The page ---------------------------------------------------------------------------------------------------------


def test_the_coordinator_hands_over_in_the_browser(world: World) -> None:
    client, url = world.client(world.coordinator), reverse("hand_over", args=[world.assessor.person_id])
    assert url in client.get(reverse("person", args=[world.assessor.person_id])).text
    assert url in client.get(reverse("end_role", args=[world.assessor.pk])).text
    page = text_of(client.get(url))
    assert "Choose first who takes over" in page
    assert world.candidate.person.name in page
    refused = text_of(client.get(url, {"assessor": world.other_assessor.person_id}))
    assert "is not approved to assess unit 304" in refused
    assert "None of this can go to who is chosen" in refused
    page = text_of(client.get(url, {"assessor": world.countersigner.person_id}))
    key = f"registration-{world.registration.pk}-assessor"
    assert f'value="{key}" id="{key}" checked' in page
    sent = {"assessor": world.countersigner.person_id, "items": [key], "why": ""}
    answer = client.post(url, sent)
    assert answer.status_code == 422
    assert "Say why this changes hands." in text_of(answer)
    assert f'value="{key}" id="{key}" checked' in text_of(answer)
    assert client.post(url, sent | {"items": [], "why": "She leaves"}).status_code == 422
    assert client.post(url, sent | {"why": "She leaves"}).status_code == 302
    assert "Nothing to hand over" in text_of(client.get(url))
    history = text_of(client.get(reverse("person", args=[world.assessor.person_id])))
    assert "She leaves" in history
    # Sent again from an old page: it is said what happened.
    assert client.post(url, sent | {"why": "She leaves"}).status_code == 422


def test_the_page_costs_the_same_for_one_and_three(world: World, django_assert_num_queries: Costs) -> None:
    client = world.client(world.coordinator)
    url = reverse("hand_over", args=[world.assessor.person_id])
    asked = {"assessor": world.countersigner.person_id}
    client.get(url, asked)
    for count in (1, 3):
        while Registration.objects.filter(assessor=world.assessor.person).count() < count:
            seat = join(world.coordinator, Role.CANDIDATE, f"Number {count}")
            register(world.coordinator, seat, assessor=world.assessor, iv=world.iv, units=[world.unit])
        with django_assert_num_queries(16):
            assert len(client.get(url, asked).context["items"]) == count


# --- Once a trainee's award is entered (PRACTICE §5.11) ---------------------------------------------------------------


@pytest.mark.stage(reach=awaiting_countersignature)
def test_records_not_yet_signed_need_no_countersignature_and_those_signed_still_do(world: World) -> None:
    """R35, Q3: the register of the signing day decides, once; anybody qualified discharges what is due."""
    signed = world.trainee_record
    another = join(world.coordinator, Role.CANDIDATE, "Nora Newcomer")
    registration = register(world.coordinator, another, assessor=world.trainee, iv=world.iv, units=[world.unit])
    record_award(
        person=world.trainee.person, kind="A1", number="A1-7", awarded_on=registration.started_on, by=world.coordinator
    )
    unsigned = registration.unit_records.get()
    judge(add_offered_item(world, seat=another, record=unsigned), by=world.trainee)
    confirm_unit(record_id=unsigned.pk, kind=UnitConfirmationKind.SUFFICIENT, by=world.trainee)
    sign_line(unsigned, Slot.CANDIDATE, by=another)
    signature = sign_line(unsigned, Slot.ASSESSOR, by=world.trainee)
    assert (signature.needs_countersignature, signature.award[:4]) == (False, "A1 A")
    assert again(unsigned).state == RecordState.COMPLETE
    assert again(signed).state == RecordState.AWAITING_COUNTERSIGNATURE
    assert list(pending_for(world.countersigner)) == list(pending_for(world.assessor)) == [signed]
    # Whoever was to countersign has left as well: any other qualified, approved person does.
    end_role(membership=world.countersigner, by=world.coordinator)
    sign_line(signed, Slot.ASSESSOR_COUNTERSIGNATURE, by=world.assessor)
    assert again(signed).state == RecordState.COMPLETE


@pytest.mark.stage(reach=trainee_ready)
def test_an_award_that_expired_before_the_signature_creates_the_duty(world: World) -> None:
    """R35: expiry is looked at on the day of signing."""
    record = world.trainee_record
    started = record.registration.started_on
    record_award(
        person=world.trainee.person, kind="A1", number="9", awarded_on=started, expires_on=started, by=world.coordinator
    )
    sign_line(record, Slot.CANDIDATE, by=world.trainee_candidate)
    assert sign_line(record, Slot.ASSESSOR, by=world.trainee).needs_countersignature
