"""Nothing hangs on a verifier who has left (R49, Q25; PRACTICE §5, pain 9)."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from centres.models import AccessGrant, Membership, Role, ScopeKind
from centres.people import actions as people
from desk.queries.coordinator import coordinator_home
from ledger.events import EventType
from ledger.queries import events_about, with_notes
from ledger.testing import LedgerWriteFailed, failing_ledger
from proof.verify import faults
from registrations.access import actions as access
from signoff.actions import mark_sample, withdraw_sample
from signoff.models import SamplingMark, Slot
from signoff.queries import record_page
from tests.evidence.builders import World, grant, join, today
from tests.signoff.builders import again, complete, refused, sign_line, verified


@pytest.fixture
def second(world: World) -> Membership:
    """Another EV, to whom the registration is open."""
    seat = join(world.coordinator, Role.EV, "Nell Newexternal")
    grant(world, seat, world.registration)
    return seat


def leave(world: World, how: str) -> None:
    if how == "role":
        people.end_role(membership=world.ev, by=world.coordinator)
        return
    kind = ScopeKind.REGISTRATION if how == "visit" else ScopeKind.UNIT_RECORD
    access.end_access(
        grant=AccessGrant.objects.get(person=world.ev.person, scope_kind=kind, ended_at=None), by=world.coordinator
    )


@pytest.mark.parametrize("how", ["role", "visit", "record"])
@pytest.mark.stage(reach=complete)
def test_another_ev_draws_anew_what_one_who_has_left_drew(world: World, second: Membership, how: str) -> None:
    record = world.record
    first = mark_sample(record_id=record.pk, reason="Spring", by=world.ev)
    leave(world, how)
    home = coordinator_home(world.coordinator)
    assert ([each.left for each in home.nobody], home.stuck_in_all) == ([(world.ev.person,)], 0)
    page = record_page(record.pk, world.coordinator)
    assert "has no access to it any more. Another EV draws it anew" in page.next_step
    answer = world.client(world.coordinator).get(reverse("home"))
    assert "who drew the record and has no access to it any more" in answer.text
    anew = mark_sample(record_id=record.pk, reason="Summer", by=second)
    first.refresh_from_db()
    assert (first.withdrawn_at is None, anew.verifier) == (False, second.person)
    told = with_notes(events_about(f"unit_record:{record.pk}")).get(type=EventType.SAMPLING_MARK_WITHDRAWN)
    assert (told.data["mark"], told.actor_id) == (first.pk, second.person_id)
    assert "Drawn anew: Summer" in told.note
    assert sign_line(record, Slot.EV, by=second)
    assert list(faults()) == []


@pytest.mark.stage(reach=complete)
def test_drawing_anew_is_one_act(world: World, second: Membership) -> None:
    record = world.record
    mark_sample(record_id=record.pk, reason="Spring", by=world.ev)
    leave(world, "role")
    before = list(SamplingMark.objects.values())
    with pytest.raises(LedgerWriteFailed), failing_ledger():
        mark_sample(record_id=record.pk, reason="Summer", by=second)
    assert list(SamplingMark.objects.values()) == before


@pytest.mark.stage(reach=complete)
def test_what_an_ev_who_is_here_drew_stays_theirs(world: World, second: Membership) -> None:
    """R49: nobody else signs for it, not even with the record opened to them, and nobody takes it away."""
    record = world.record
    mark_sample(record_id=record.pk, reason="Spring", by=world.ev)
    with pytest.raises(ValidationError, match="Eva External has drawn this unit record already"):
        mark_sample(record_id=record.pk, reason="Summer", by=second)
    with pytest.raises(PermissionDenied, match="only they can take that back"):
        withdraw_sample(record_id=record.pk, reason="Mine now", by=second)
    with pytest.raises(PermissionDenied, match="once they have left"):
        withdraw_sample(record_id=record.pk, reason="Mine now", by=world.coordinator)
    access.grant_access(
        person=second.person, scope_kind=ScopeKind.UNIT_RECORD, scope_id=record.pk, starts_on=today(),
        ends_on=today(), reason="To look at", by=world.coordinator,
    )  # fmt: skip
    refused(record, Slot.EV, by=second, match="only what they sampled themself", error=ValidationError)
    assert "only what they sampled themself" in record_page(record.pk, second).lines[5].reason
    assert record_page(record.pk, world.coordinator).withdraw_sample is None
    assert sign_line(record, Slot.EV, by=world.ev)


@pytest.mark.parametrize("capacity", ["iv", "ev"])
@pytest.mark.stage(reach=complete)
def test_the_coordinator_takes_back_what_somebody_drew_who_has_left(world: World, capacity: str) -> None:
    record = world.record
    seat: Membership = getattr(world, capacity)
    mark = mark_sample(record_id=record.pk, reason="Spring", by=seat)
    people.end_role(membership=seat, by=world.coordinator)
    client = world.client(world.coordinator)
    url = reverse("withdraw_sample", args=[record.pk])
    assert url in client.get(reverse("record", args=[record.pk])).text
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": "They left before they could look"}).status_code == 302
    mark.refresh_from_db()
    assert mark.withdrawn_at is not None
    assert not AccessGrant.objects.running().filter(scope_kind=ScopeKind.UNIT_RECORD, scope_id=record.pk).exists()
    told = with_notes(events_about(f"unit_record:{record.pk}")).get(type=EventType.SAMPLING_MARK_WITHDRAWN)
    assert (told.actor_id, told.note) == (world.coordinator.person_id, "They left before they could look")
    assert not coordinator_home(world.coordinator).nobody
    assert list(faults()) == []


@pytest.mark.stage(reach=verified)
def test_a_sample_that_was_signed_for_stays(world: World) -> None:
    record = world.record
    people.end_role(membership=world.iv, by=world.coordinator)
    with pytest.raises(PermissionDenied, match="once they have left"):
        withdraw_sample(record_id=record.pk, reason="Left", by=world.coordinator)
    assert SamplingMark.objects.filter(record=again(record)).get().withdrawn_at is None
