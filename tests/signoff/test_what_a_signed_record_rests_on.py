"""What a signed record rests on neither moves by what happens elsewhere nor can be moved unseen (R66, Q22a)."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from assessment.judging.actions import Verdict, judge_item
from centres.authority import actions as authority
from centres.models import Capacity
from evidence.models import Claim
from evidence.witnesses.actions import change_witness
from ledger.models import Chain, Event
from ledger.testing import ledger_open_for_tests
from registrations.models import UnitRecord
from signoff.actions import unlock
from signoff.models import Signature, Slot, Unlocking
from tests.evidence.builders import (
    World,
    add_a_witness,
    add_item,
    add_offered_item,
    claim,
    criteria_of,
    offer,
    register,
    today,
)
from tests.signoff.builders import CONFIRMED, complete, confirm_sufficient, judge, ready, sign_line
from units.models import Criterion, Standard
from units.standard_files import digest_of
from units.stored import stored_document


def verify() -> str:
    out = StringIO()
    call_command("verify", stdout=out)
    return out.getvalue()


def refuse_to_verify() -> str:
    out = StringIO()
    with pytest.raises(CommandError, match="not hold"):
        call_command("verify", stdout=out)
    return out.getvalue()


def second_record(world: World) -> UnitRecord:
    """The candidate's record of another unit, with the same assessor."""
    for seat, capacity in ((world.assessor, Capacity.ASSESSOR), (world.iv, Capacity.IV)):
        authority.give_approval(
            person=seat.person, unit=world.other_unit, capacity=capacity, starts_on=today(), by=world.coordinator
        )
    registration = register(
        world.coordinator, world.candidate, assessor=world.assessor, iv=world.iv, units=[world.other_unit]
    )
    return registration.unit_records.get()


def test_judging_the_same_item_for_another_unit_leaves_a_signed_record_as_it_was(world: World):
    """A returned claim stays in a signed record; V, A and C of its item may still be confirmed for another unit."""
    other = second_record(world)
    both = add_item(world)
    claim(world, both, criteria_of(world.unit)[:1])
    claim(world, both, criteria_of(world.other_unit)[:1], record=other)
    both = offer(world, both)
    here = Claim.objects.get(evidence=both, record=world.record)
    judge_item(
        evidence=both,
        version=both.current_version,
        verdicts=[Verdict(claim_id=here.pk, is_accepted=False, comment="The till receipt is missing.")],
        confirmation=None,
        by=world.assessor,
    )
    ready(world)
    sign_line(world.record, Slot.CANDIDATE, by=world.candidate)
    there = Claim.objects.get(evidence=both, record=other)
    judge_item(
        evidence=both,
        version=both.current_version,
        verdicts=[Verdict(claim_id=there.pk, is_accepted=True)],
        confirmation=CONFIRMED,
        by=world.assessor,
    )
    sign_line(world.record, Slot.ASSESSOR, by=world.assessor)
    assert "Everything holds" in verify()


def test_a_witness_on_whom_a_signed_record_rests_stays_as_signed(world: World):
    """The witness need not be authenticated where the item is no testimony, so that alone does not keep the entry."""
    witness = add_a_witness(world)
    judge(add_offered_item(world, witness=witness), by=world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    entry = {
        "name": "Somebody Else",
        "job_role": "Buyer",
        "relationship": "A friend",
        "contact": "else@marsh.example",
        "by": world.candidate,
    }
    sign_line(world.record, Slot.CANDIDATE, by=world.candidate)
    with pytest.raises(ValidationError, match="signed"):
        change_witness(witness=witness, **entry)
    witness.refresh_from_db()
    assert witness.name == "Wendy Witness"
    unlock(record_id=world.record.pk, reason="The name is misspelt", by=world.assessor)
    assert change_witness(witness=witness, **entry).name == "Somebody Else"


def void_by_hand() -> None:
    """As if it had been unlocked, but the ledger tells of no unlocking."""
    record = Signature.objects.get(slot=Slot.ASSESSOR).record
    unlocking = Unlocking.objects.create(
        record=record, unlocked_by=record.registration.assessor, capacity="assessor", reason="So to say"
    )
    Signature.objects.filter(record=record).update(voided_at=timezone.now(), voided_by=unlocking)
    UnitRecord.objects.filter(pk=record.pk).update(state="open", completed_at=None)


def void_one_by_hand() -> None:
    record = Signature.objects.get(slot=Slot.ASSESSOR).record
    unlocking = Unlocking.objects.create(
        record=record, unlocked_by=record.registration.assessor, capacity="assessor", reason="So to say"
    )
    Signature.objects.filter(record=record).filter(slot=Slot.ASSESSOR).update(
        voided_at=timezone.now(), voided_by=unlocking
    )


def mend_a_criterion_by_hand() -> None:
    Criterion.objects.filter(pk=Claim.objects.earliest("pk").criterion_id).update(text="Something easier")


def mend_a_standard_by_hand() -> None:
    """The digest beside it too: then the ledger's word of what was loaded tells."""
    mend_a_criterion_by_hand()
    standard = Claim.objects.earliest("pk").record.unit.standard
    Standard.objects.filter(pk=standard.pk).update(digest=digest_of(stored_document(standard)))


@pytest.mark.parametrize(
    ("tamper", "why"),
    [
        (void_by_hand, "void, yet the ledger tells of no unlocking"),
        (void_one_by_hand, "void, yet the ledger tells of no unlocking"),
        (mend_a_criterion_by_hand, "its wording is not what was loaded"),
        (mend_a_standard_by_hand, "its wording is not what was loaded"),
    ],
)
@pytest.mark.stage(reach=complete)
def test_a_change_behind_the_products_back_is_found(world: World, tamper: Callable[[], None], why: str):
    assert "Everything holds" in verify()
    tamper()
    assert why in refuse_to_verify()


@pytest.mark.stage(reach=complete)
def test_a_void_signature_brought_back_is_found(world: World):
    """Unlocked and put back by hand just as it was signed: only the ledger knows that it is void."""
    record = world.record
    completed_at = record.completed_at
    unlock(record_id=record.pk, reason="Wrong", by=world.coordinator)
    assert "Everything holds" in verify()
    Signature.objects.filter(record=record).update(voided_at=None, voided_by=None)
    UnitRecord.objects.filter(pk=record.pk).update(state="complete", completed_at=completed_at)
    assert "it stands, yet the ledger tells that it was voided" in refuse_to_verify()


@pytest.mark.stage(reach=complete)
def test_a_signature_of_which_the_ledger_does_not_tell_is_found(world: World):
    """Copied from one record to another, say, by somebody with the key at hand."""
    record = world.record
    last = Event.objects.filter(chain__key=record.portfolio.chain).latest("sequence")
    assert last.type == "record_signed"
    with ledger_open_for_tests():
        Chain.objects.filter(pk=last.chain_id).update(
            length=last.sequence - 1, sealed_length=last.sequence - 1, head=last.previous
        )
        last.delete()
    assert Signature.objects.count() == 2
    assert "the ledger does not tell of it" in refuse_to_verify()
