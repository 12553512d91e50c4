"""64 who sign at one moment: one signature, over exactly what was shown, and everybody else is told why not.

Real threads and real connections. On SQLite the writers queue for the one write lock; no one is shown an error.
"""

from collections import Counter
from functools import partial
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from centres.models import Membership, User
from centres.people.actions import accept_invitation, invite
from proof.verify import faults
from registrations.models import RecordState, UnitRecord
from signoff.actions import mark_sample, sign, unlock
from signoff.handover.reassigning import reassign_unit
from signoff.models import Signature, Slot, Unlocking
from signoff.presence import PASSKEY, Proof
from tests.at_once import at_once, told
from tests.evidence.builders import PASSWORD, World, add_offered_item, approve, join, make_world
from tests.signoff.builders import (
    BY_PASSWORD,
    again,
    awaiting_countersignature,
    candidate_signed,
    complete,
    confirm_sufficient,
    judge,
    ready,
    seen_by,
    sign_line,
)
from tests.signoff.signing_page import digest_in, path_of

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 64


@pytest.fixture(autouse=True)
def _nobody_is_mailed(settings: Any) -> None:
    """Mail has tests of its own, and would be read for in the threads of these."""
    settings.LEDGER_LISTENERS = []


def signing(record: UnitRecord, slot: str, seat: Membership, *, digest: str = "", proof: Proof = BY_PASSWORD) -> Any:
    """Ready to be called: the line signed over what the page shows now."""
    return partial(
        sign,
        record_id=record.pk,
        slot=slot,
        typed_name=seat.person.name,
        seen_digest=digest or seen_by(seat, record, slot),
        proof=proof,
        by=seat,
    )


def countersigners(world: World, number: int) -> list[Membership]:
    """So many qualified assessors who are approved for the unit."""
    seats = [join(world.coordinator, "assessor", f"Second Signer {place}") for place in range(number)]
    return [approve(world.coordinator, seat, world.unit, award="A1") for seat in seats]


def the_one_signature(record: UnitRecord, slot: str, digest: str) -> Signature:
    """It is alone on its line, over what was shown, and everything verifies."""
    (signature,) = Signature.objects.filter(record=record, slot=slot)
    assert signature.voided_at is None
    assert signature.snapshot_digest == digest
    assert list(faults()) == []
    return signature


# --- By the action ----------------------------------------------------------------------------------------------------


def test_sixty_four_times_the_candidate() -> None:
    world = make_world()
    record = ready(world)
    digest = seen_by(world.candidate, record, Slot.CANDIDATE)
    answers = at_once([signing(record, Slot.CANDIDATE, world.candidate, digest=digest)] * MANY)
    assert sum(isinstance(one, Signature) for one in answers) == 1
    assert {words.partition(" on ")[0] for words in told(answers)} == {"Carla Candidate signed this line"}
    the_one_signature(record, Slot.CANDIDATE, digest)
    assert again(record).state == RecordState.CANDIDATE_SIGNED


def test_sixty_four_countersigners() -> None:
    world = make_world()
    seats = countersigners(world, MANY)
    record = awaiting_countersignature(world)
    digest = seen_by(seats[0], record, Slot.ASSESSOR_COUNTERSIGNATURE)
    answers = at_once([signing(record, Slot.ASSESSOR_COUNTERSIGNATURE, seat, digest=digest) for seat in seats])
    assert sum(isinstance(one, Signature) for one in answers) == 1
    signature = the_one_signature(record, Slot.ASSESSOR_COUNTERSIGNATURE, digest)
    assert {words.partition(" on ")[0] for words in told(answers)} == {f"{signature.printed_name} signed this line"}
    assert again(record).state == RecordState.COMPLETE


# --- On the page ------------------------------------------------------------------------------------------------------


def posting(client: Client, record: UnitRecord, slot: str, name: str) -> Any:
    """Ready to be called: the page, opened now and filled in, is sent."""
    digest = digest_in(client.get(path_of(record, slot)).content.decode())
    filled = {"typed_name": name, "password": PASSWORD, "seen_digest": digest}
    return lambda: client.post(path_of(record, slot), filled).status_code


def test_a_dozen_browsers_of_the_candidate() -> None:
    """More than five passwords at one moment are too many for one person, right as they are."""
    world = make_world()
    record = ready(world)
    browsers = [world.client(world.candidate) for _ in range(12)]
    statuses = Counter(at_once([posting(browser, record, Slot.CANDIDATE, "Carla Candidate") for browser in browsers]))
    assert statuses[HTTPStatus.FOUND] >= 1
    assert set(statuses) <= {HTTPStatus.FOUND, HTTPStatus.TOO_MANY_REQUESTS}, statuses
    the_one_signature(record, Slot.CANDIDATE, Signature.objects.get().snapshot_digest)


def test_sixty_four_browsers_of_countersigners() -> None:
    world = make_world()
    seats = countersigners(world, MANY)
    record = awaiting_countersignature(world)
    statuses = Counter(
        at_once(
            [posting(world.client(seat), record, Slot.ASSESSOR_COUNTERSIGNATURE, seat.person.name) for seat in seats]
        )
    )
    # Whoever comes too late is led to the record, which says who signed.
    assert statuses == {HTTPStatus.FOUND: MANY}, statuses
    the_one_signature(
        record,
        Slot.ASSESSOR_COUNTERSIGNATURE,
        Signature.objects.get(slot=Slot.ASSESSOR_COUNTERSIGNATURE).snapshot_digest,
    )


# --- One passkey confirmation, one address ----------------------------------------------------------------------------


def test_one_passkey_confirmation_signs_one_of_two_records() -> None:
    world = make_world()
    seat = countersigners(world, 1)[0]
    first = awaiting_countersignature(world)
    second = _another_awaiting(world)
    for turn in range(6):
        proof = Proof(kind=PASSKEY, key=f"passkey:{seat.person_id}:{turn}")
        answers = at_once([signing(one, Slot.ASSESSOR_COUNTERSIGNATURE, seat, proof=proof) for one in (first, second)])
        assert told(answers) == ["That confirmation has been used for a signature. Confirm again."]
        assert Signature.objects.filter(proof_key=proof.key).count() == 1
        signed = next(one for one in answers if isinstance(one, Signature))
        _sign_again(world, signed.record)
    assert list(faults()) == []


def _another_awaiting(world: World) -> UnitRecord:
    """The candidate's record, given to the trainee."""
    record = world.record
    reassign_unit(
        record_id=record.pk, own_assessor=world.trainee.person, own_iv=None, why="Holidays", by=world.coordinator
    )
    judge(add_offered_item(world), by=world.trainee)
    confirm_sufficient(record, by=world.trainee)
    sign_line(record, Slot.CANDIDATE, by=world.candidate)
    sign_line(record, Slot.ASSESSOR, by=world.trainee)
    return again(record)


def _sign_again(world: World, record: UnitRecord) -> None:
    unlock(record_id=record.pk, reason="Once more", by=world.coordinator)
    confirm_sufficient(record, by=world.trainee)
    candidate = world.candidate if record.pk == world.record.pk else world.trainee_candidate
    sign_line(record, Slot.CANDIDATE, by=candidate)
    sign_line(record, Slot.ASSESSOR, by=world.trainee)


def test_two_invitations_of_one_new_address_accepted_at_once() -> None:
    world = make_world()
    for turn in range(4):
        asked = [
            invite(email=f"nora{turn}@example.org", name="Nora New", role="candidate", by=coordinator)
            for coordinator in (world.coordinator, world.foreign_coordinator)
        ]
        answers = at_once(
            [partial(accept_invitation, invitation=one, name="Nora New", password=PASSWORD) for one in asked]
        )
        assert told(answers) == [
            f"This invitation is for nora{turn}@example.org. Sign in with that address to accept it."
        ]
        person = User.objects.get(email=f"nora{turn}@example.org")
        assert Membership.objects.filter(person=person).count() == 1
        late = next(one for one in asked if type(one).objects.get(pk=one.pk).accepted_at is None)
        assert accept_invitation(invitation=late, person=person).centre == late.centre


# --- Unlocking --------------------------------------------------------------------------------------------------------


def test_two_who_unlock_at_once_unlock_once() -> None:
    world = make_world()
    record = candidate_signed(world)
    for turn in range(1, 5):
        answers = at_once(
            [
                partial(unlock, record_id=record.pk, reason="A mistake", by=seat)
                for seat in (world.assessor, world.coordinator)
            ]
        )
        assert told(answers) == ["Nothing is signed on this record, so there is nothing to unlock."]
        assert Unlocking.objects.filter(record=record).count() == turn
        confirm_sufficient(record, by=world.assessor)
        sign_line(record, Slot.CANDIDATE, by=world.candidate)
    assert list(faults()) == []


@pytest.mark.parametrize("slot", [Slot.ASSESSOR, Slot.IV])
def test_signing_against_unlocking(slot: str) -> None:
    """Either the signature came first and is void, or it is refused; the record is open in the end."""
    world = make_world()
    record = candidate_signed(world) if slot == Slot.ASSESSOR else complete(world)
    seat = world.assessor if slot == Slot.ASSESSOR else world.iv
    if slot == Slot.IV:
        mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    for _ in range(6):
        before = Signature.objects.filter(slot=slot).count()
        answers = at_once(
            [signing(record, slot, seat), partial(unlock, record_id=record.pk, reason="No", by=world.coordinator)]
        )
        assert isinstance(answers[1], Unlocking)
        assert again(record).state == RecordState.OPEN
        assert not Signature.objects.filter(record=record, voided_at=None).exists()
        made = Signature.objects.filter(slot=slot).count() - before
        assert made == (1 if isinstance(answers[0], Signature) else 0)
        assert bool(told(answers)) is (made == 0)
        assert list(faults()) == []
        confirm_sufficient(record, by=world.assessor)
        sign_line(record, Slot.CANDIDATE, by=world.candidate)
        if slot == Slot.IV:
            sign_line(record, Slot.ASSESSOR, by=world.assessor)
