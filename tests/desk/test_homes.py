"""Home by role: what needs this person next, and nothing of anybody else's (R63, R64)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessment.confirming.actions import confirm_unit
from centres.models import Membership, Role
from centres.people.actions import end_role, invite
from desk.queries.assessor import to_confirm
from desk.queries.signatures import records_awaiting_signature, signatures_due, signatures_due_from
from registrations.models import Registration, RegistrationStatus, UnitConfirmationKind, UnitRecord
from signoff.actions import mark_sample
from signoff.handover.reassigning import reassign_unit
from signoff.queries import pending_for
from tests.evidence.builders import World, add_item, add_offered_item, approve, grant, join, register
from tests.signoff.builders import (
    REACH,
    awaiting_countersignature,
    awaiting_iv_countersignature,
    candidate_signed,
    complete,
    confirm_sufficient,
    judge,
    ready,
    sign_line,
)


def home_of(world: World, seat: Membership | None) -> str:
    """The text of the home page in that seat."""
    response = world.client(seat).get("/")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_somebody_unknown_is_asked_to_sign_in(world: World):
    response = world.client(None).get("/")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_somebody_without_a_role_is_told_why_there_is_nothing(world: World):
    end_role(membership=world.countersigner, by=world.coordinator)
    assert "You have no role at a centre" in home_of(world, world.countersigner)


@pytest.mark.parametrize(
    ("who", "says"),
    [
        ("candidate", "No evidence yet"),
        ("assessor", "Nothing waits for you"),
        ("iv", "Nothing waits for you"),
        ("expired_ev", "Nothing is open to you"),
        ("coordinator", "Nothing is stuck"),
    ],
)
def test_every_empty_home_says_what_fills_it(world: World, who: str, says: str):
    assert says in home_of(world, getattr(world, who))


def test_a_candidate_who_is_not_registered_is_told_who_registers_them(world: World):
    newcomer = join(world.coordinator, Role.CANDIDATE, "Nora Newcomer")
    assert "You are not registered for a qualification yet" in home_of(world, newcomer)


def test_the_candidate_is_led_from_returned_to_ready(world: World):
    item = add_offered_item(world)
    assert "has 27 claims of yours to judge" in home_of(world, world.candidate)
    judge(item, by=world.assessor, is_accepted=False, comment="Name the customer.")
    page = home_of(world, world.candidate)
    assert f"Mend {item.reference}: your assessor returned it" in page
    assert "Name the customer." in page
    assert "Name the customer." not in home_of(world, world.other_candidate)


@pytest.mark.stage(reach=ready)
def test_the_candidate_signs_first_once_the_gate_is_open(world: World):
    record = world.record
    page = home_of(world, world.candidate)
    assert "Sign unit 304: everything in it is accepted" in page
    assert f"/records/{record.pk}/sign/candidate/" in page
    assert "<b>27</b> of 27 accepted" in page


def test_the_assessor_has_the_queue_oldest_first_and_sees_no_draft(world: World):
    first, second = add_offered_item(world, title="First"), add_offered_item(world, title="Second")
    add_item(world, title="Only a draft")
    page = home_of(world, world.assessor)
    assert page.index(f"/evidence/{first.pk}/judge/") < page.index(f"/evidence/{second.pk}/judge/")
    assert "Only a draft" not in page
    assert "First" not in home_of(world, world.other_assessor)


def test_the_assessor_is_asked_for_the_last_confirmation_only_when_nothing_else_is_missing(world: World):
    item = add_offered_item(world)
    assert to_confirm(world.assessor) == []
    judge(item, by=world.assessor)
    assert [steps.record for steps in to_confirm(world.assessor)] == [world.record]
    assert "The evidence for the whole unit must be confirmed as sufficient." in home_of(world, world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    assert to_confirm(world.assessor) == []


def test_a_new_assessor_is_asked_for_the_review_too(world: World):
    """Q23: having confirmed that there is enough, they still owe the review."""
    judge(add_offered_item(world), by=world.assessor)
    reassign_unit(
        record_id=world.record.pk, own_assessor=world.countersigner.person, own_iv=None, why="Anna has left",
        by=world.coordinator,
    )  # fmt: skip
    confirm_sufficient(world.record, by=world.countersigner)
    assert [steps.record for steps in to_confirm(world.countersigner)] == [world.record]
    confirm_unit(record_id=world.record.pk, kind=UnitConfirmationKind.REVIEWED, by=world.countersigner)
    assert to_confirm(world.countersigner) == []


@pytest.mark.stage(reach=complete)
def test_a_complete_record_is_offered_to_its_iv_until_it_is_drawn(world: World):
    record = world.record
    assert "Complete and not sampled" in home_of(world, world.iv)
    assert "Complete and not sampled" not in home_of(world, world.other_iv)
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    page = home_of(world, world.iv)
    assert "Waiting for your signature" in page
    assert "Complete and not sampled" not in page


def test_an_interim_sample_is_listed_though_it_cannot_be_signed(world: World):
    mark_sample(record_id=world.record.pk, reason="New assessor", by=world.iv)
    page = home_of(world, world.iv)
    assert "Drawn as samples, not ready for you to sign" in page
    assert "Waiting for your signature" not in page


@pytest.mark.parametrize("who", ["candidate", "coordinator"])
@pytest.mark.stage(reach=candidate_signed)
def test_a_suspended_registration_waits_for_nobody(world: World, who: str):
    assert "Anna Assessor" in home_of(world, getattr(world, who))
    Registration.objects.update(status=RegistrationStatus.SUSPENDED)
    assert "Anna Assessor" not in home_of(world, getattr(world, who))


def test_an_ev_reads_what_is_open_until_when(world: World):
    page = home_of(world, world.ev)
    assert world.registration.number in page
    assert world.other_registration.number not in page
    assert "0 of 1 unit" in page


def test_the_coordinator_sees_who_could_countersign(world: World):
    REACH["awaiting_countersignature"](world)
    page = home_of(world, world.coordinator)
    assert "The countersignature of the assessor" in page
    assert "Connie Countersigner" in page
    assert "Tina Traineescandidate" not in home_of(world, world.foreign_coordinator)


def test_the_coordinator_is_told_when_nobody_could_countersign(world: World):
    REACH["awaiting_countersignature"](world)
    for seat in (world.countersigner, world.assessor):
        end_role(membership=seat, by=world.coordinator)
    assert "Nobody can sign unit 304 of Tina Traineescandidate" in home_of(world, world.coordinator)


def test_work_assigned_to_somebody_who_left_is_shown(world: World):
    end_role(membership=world.assessor, by=world.coordinator)
    page = home_of(world, world.coordinator)
    assert "Assigned to people who have left the role" in page
    assert "Anna Assessor, assessor" in page


@pytest.mark.parametrize("state", list(REACH))
def test_whom_a_record_waits_for_agrees_with_whom_it_is_pending_for(world: World, state: str):
    """Two ways to ask the same question: from the record, and from each person's seat (HOUSE decided 6)."""
    record = REACH[state](world)
    approve(world.coordinator, world.other_iv, world.unit)
    due = signatures_due(records_awaiting_signature(UnitRecord.objects.filter(pk=record.pk)))
    waited_for = {person.pk for each in due for person in each.people}
    seats = [seat for seat in vars(world).values() if isinstance(seat, Membership) and seat.role != Role.CANDIDATE]
    pending = {seat.person_id for seat in seats if pending_for(seat).filter(pk=record.pk).exists()}
    assert waited_for == pending


@pytest.mark.stage(reach=candidate_signed)
def test_a_line_that_is_due_from_somebody_who_has_left_leads_to_handing_their_work_over(world: World):
    """Nothing waits for somebody who has left (PRACTICE §5, pain 9)."""
    record = world.record
    end_role(membership=world.assessor, by=world.coordinator)
    (due,) = signatures_due(records_awaiting_signature(UnitRecord.objects.filter(pk=record.pk)))
    assert (due.people, due.left) == ((), (world.assessor.person,))
    page = home_of(world, world.coordinator)
    assert "is due from Anna Assessor, who has left the role." in page


def test_a_countersigner_who_is_the_units_iv_is_not_waited_for(world: World):
    """Q4: whoever countersigns as assessor cannot be IV for that unit."""
    records = UnitRecord.objects.filter(pk=awaiting_countersignature(world).pk)
    assert signatures_due_from(world.countersigner) != []
    records.update(own_iv=world.countersigner.person)
    (due,) = signatures_due(records_awaiting_signature(records))
    assert world.countersigner.person not in due.people
    assert signatures_due_from(world.countersigner) == []


@pytest.mark.stage(reach=awaiting_iv_countersignature)
def test_a_second_iv_who_had_a_part_is_not_waited_for(world: World):
    """R40: whoever confirmed something of this unit in earlier days cannot countersign its verification."""
    record = world.record
    approve(world.coordinator, world.other_iv, world.unit)
    of_it = UnitRecord.objects.filter(pk=record.pk)
    (due,) = signatures_due(records_awaiting_signature(of_it))
    assert world.other_iv.person in due.people
    assert signatures_due_from(world.other_iv) != []
    record.confirmations.update(confirmed_by=world.other_iv.person)
    (due,) = signatures_due(records_awaiting_signature(of_it))
    assert world.other_iv.person not in due.people
    assert signatures_due_from(world.other_iv) == []


def queries_of(world: World, seat: Membership) -> int:
    client = world.client(seat)
    client.get("/")  # builds the unit outlines, which are kept
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/").status_code == 200
    return len(captured)


def another_candidate(world: World, number: int) -> dict[str, Any]:
    """One more candidate with an item that waits."""
    seat = join(world.coordinator, Role.CANDIDATE, f"Candidate {number}")
    registration = register(world.coordinator, seat, assessor=world.assessor, iv=world.iv, units=[world.unit])
    record = registration.unit_records.get()
    return {"seat": seat, "record": record}


def one_more_item(world: World, number: int) -> None:
    item = add_offered_item(world, title=f"Item {number}", criteria=world.criteria[number : number + 1])
    judge(item, by=world.assessor, is_accepted=False, comment="Say more.")


def one_more_waiting(world: World, number: int) -> None:
    new = another_candidate(world, number)
    add_offered_item(world, seat=new["seat"], record=new["record"])


def one_more_complete(world: World, number: int) -> None:
    new = another_candidate(world, number)
    judge(add_offered_item(world, seat=new["seat"], record=new["record"]), by=world.assessor)
    confirm_sufficient(new["record"], by=world.assessor)
    sign_line(new["record"], "candidate", by=new["seat"])
    sign_line(new["record"], "assessor", by=world.assessor)


def one_more_stuck(world: World, number: int) -> None:
    new = another_candidate(world, number)
    judge(add_offered_item(world, seat=new["seat"], record=new["record"]), by=world.assessor)
    confirm_sufficient(new["record"], by=world.assessor)
    sign_line(new["record"], "candidate", by=new["seat"])
    invite(email=f"i{number}@example.org", name=f"I {number}", role=Role.ASSESSOR, by=world.coordinator)


def one_more_open(world: World, number: int) -> None:
    new = another_candidate(world, number)
    grant(world, world.ev, new["record"].registration)
    mark_sample(record_id=new["record"].pk, reason="Visit", by=world.ev)


@pytest.mark.parametrize(
    ("who", "one_more"),
    [
        ("candidate", one_more_item),
        ("assessor", one_more_waiting),
        ("iv", one_more_complete),
        ("ev", one_more_open),
        ("coordinator", one_more_stuck),
    ],
)
def test_queries_do_not_grow_with_what_waits(world: World, who: str, one_more: Callable[[World, int], None]):
    seat = getattr(world, who)
    one_more(world, 1)
    with_one = queries_of(world, seat)
    one_more(world, 2)
    one_more(world, 3)
    assert queries_of(world, seat) == with_one
