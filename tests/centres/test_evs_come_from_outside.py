"""Nobody is an external verifier and anything else at one centre, not one after the other either (R41, R49)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from centres.models import AccessGrant, Invitation, Membership, Role, ScopeKind
from centres.people import actions as people
from centres.people.invitations import link_for
from ledger.testing import expect_events
from registrations.access import actions as access
from signoff.actions import mark_sample
from signoff.models import SamplingMark, Signature, Slot
from signoff.queries import record_page
from tests.evidence.builders import PASSWORD, World, join, today
from tests.signoff.builders import complete, refused

OTHERS = [role for role in Role if role != Role.EV]


@pytest.mark.parametrize("who", ["coordinator", "candidate", "assessor", "iv"])
@pytest.mark.parametrize("has_left", [False, True])
def test_who_has_been_something_here_becomes_no_ev(world: World, who: str, has_left: bool) -> None:
    seat: Membership = getattr(world, who)
    if has_left:
        second = join(world.coordinator, Role.COORDINATOR, "Cyril Second")
        people.end_role(membership=seat, by=second)
        by = second
    else:
        by = world.coordinator
    with pytest.raises(ValidationError, match="external verifier comes from outside the centre"), expect_events():
        people.give_role(person=seat.person, role=Role.EV, by=by)


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("has_left", [False, True])
def test_who_has_been_an_ev_here_becomes_nothing_else(world: World, role: str, has_left: bool) -> None:
    if has_left:
        people.end_role(membership=world.ev, by=world.coordinator)
    with pytest.raises(ValidationError, match="is or was an external verifier at"), expect_events():
        people.give_role(person=world.ev.person, role=role, by=world.coordinator)


def test_an_ev_who_left_may_come_back_as_one_and_work_elsewhere(world: World) -> None:
    people.end_role(membership=world.ev, by=world.coordinator)
    assert people.give_role(person=world.ev.person, role=Role.EV, by=world.coordinator)
    asked = people.invite(email=world.ev.person.email, name="Eva", role=Role.ASSESSOR, by=world.foreign_coordinator)
    assert people.accept_invitation(invitation=asked, person=world.ev.person).role == Role.ASSESSOR


@pytest.mark.parametrize(("first", "then"), [(Role.EV, Role.ASSESSOR), (Role.ASSESSOR, Role.EV)])
def test_nobody_is_invited_as_both(world: World, first: str, then: str) -> None:
    people.invite(email="new@example.org", name="Nora New", role=first, by=world.coordinator)
    with pytest.raises(ValidationError, match="Nora New has been invited as an") as refusal, expect_events():
        people.invite(email="new@example.org", name="Nora New", role=then, by=world.coordinator)
    assert set(refusal.value.message_dict) == {"email"}


def test_two_invitations_from_before_are_not_both_accepted(world: World) -> None:
    first = people.invite(email="new@example.org", name="Nora New", role=Role.ASSESSOR, by=world.coordinator)
    second = Invitation.objects.get(pk=first.pk)
    second.pk, second.role = None, Role.EV
    second.save()
    seat = people.accept_invitation(invitation=first, name="Nora New", password=PASSWORD)
    with pytest.raises(ValidationError, match="Nora New is or was an assessor"):
        people.accept_invitation(invitation=second, person=seat.person)
    assert not Membership.objects.filter(person=seat.person, role=Role.EV).exists()
    answer = world.client(seat).get(link_for(second).removeprefix("http://testserver"))
    assert (answer.status_code, "comes from outside the centre" in answer.text) == (409, True)


def test_the_page_says_why(world: World) -> None:
    answer = world.client(world.coordinator).post(
        reverse("give_role", args=[world.iv.person_id]), {"role": Role.EV.value}
    )
    assert answer.status_code == 422
    assert "is or was an internal verifier at Northgate College" in answer.text


@pytest.mark.stage(reach=complete)
def test_who_got_both_before_reads_draws_and_signs_nothing_as_ev(world: World) -> None:
    """However it came to be: each action asks again, and the button says so."""
    record = world.record
    seat = Membership.objects.create(person=world.other_iv.person, centre=world.centre, role=Role.EV)
    seat = Membership.objects.select_related("person", "centre").get(pk=seat.pk)
    days = {"starts_on": today(), "ends_on": today() + timedelta(days=30)}
    opening = {"person": seat.person, "scope_kind": ScopeKind.REGISTRATION, "scope_id": world.registration.pk}
    with pytest.raises(ValidationError, match="is or was an internal verifier at"):
        access.grant_access(**opening, **days, reason="Visit", by=world.coordinator)
    opened = {"centre": world.centre, "reason": "Visit", "granted_by": world.coordinator.person, **days}
    AccessGrant.objects.create(**opening, **opened)
    with pytest.raises(PermissionDenied, match="is or was an internal verifier at"):
        mark_sample(record_id=record.pk, reason="Visit", by=seat)
    AccessGrant.objects.create(person=seat.person, scope_kind=ScopeKind.UNIT_RECORD, scope_id=record.pk, **opened)
    SamplingMark.objects.create(
        record=record, capacity="ev", verifier=seat.person, marked_by=seat.person, reason="Visit"
    )
    refused(record, Slot.EV, by=seat, match="is or was an internal verifier at")
    assert "comes from outside the centre" in record_page(record.pk, seat).lines[5].reason
    assert not Signature.objects.filter(slot=Slot.EV).exists()
