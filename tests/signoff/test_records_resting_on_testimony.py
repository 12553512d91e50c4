"""A signed record that rests on a testimony: what is signed, and what follows when it is disowned (R20a, R66)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from evidence import models
from evidence.models import Claim, ClaimState
from evidence.testimonies.actions import suspend_testimony
from ledger.models import Event
from ledger.testing import ledger_open_for_tests
from proof.verify import faults
from registrations.models import RecordState, UnitRecord
from signoff.actions import mark_sample, unlock
from signoff.models import Signature, Slot
from signoff.queries import record_page
from tests.evidence.builders import World
from tests.evidence.pages import text_of
from tests.evidence.testifying import offered_testimony
from tests.signoff.builders import confirm_sufficient, judge, refused, sign_line


@pytest.fixture
def record(world: World) -> UnitRecord:
    """Every cell accepted on one testimony, signed by the candidate and the assessor."""
    judge(offered_testimony(world, cells=len(world.criteria)), by=world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    sign_line(world.record, Slot.CANDIDATE, by=world.candidate)
    sign_line(world.record, Slot.ASSESSOR, by=world.assessor)
    return UnitRecord.objects.get(pk=world.record.pk)


def test_the_signers_sign_the_testimony_too(record: UnitRecord) -> None:
    testimony = models.Testimony.objects.get()
    for signature in Signature.objects.all():
        (item,) = signature.snapshot["record"]["evidence"]
        assert item["testimony"] == testimony.digest
    assert list(faults()) == []


def test_a_disowned_testimony_leaves_the_signatures_and_warns_everybody(world: World, record: UnitRecord) -> None:
    suspend_testimony(testimony=models.Testimony.objects.get())
    record.refresh_from_db()
    assert record.state == RecordState.COMPLETE
    assert list(faults()) == []
    for seat in (world.candidate, world.assessor, world.iv):
        page = text_of(world.client(seat).get(reverse("record", args=[record.pk])))
        assert "A testimony is suspended" in page
        assert "<li>E1</li>" in page
    unlock(record_id=record.pk, reason="It was not her", by=world.assessor)
    assert set(Claim.objects.filter(record=record).values_list("state", flat=True)) == {ClaimState.UNDECIDED}
    assert "A testimony is suspended" not in text_of(world.client(world.iv).get(reverse("record", args=[record.pk])))


def forget() -> None:
    with ledger_open_for_tests():
        Event.objects.filter(type="testimony_given").update(type="evidence_changed")


@pytest.mark.parametrize(
    ("tamper", "why"),
    [
        (lambda: models.Testimony.objects.update(words="She was rude."), "not what the witness signed"),
        (lambda: models.Testimony.objects.update(digest="0" * 64), "does not tell of it as it stands"),
        (lambda: models.TestimonyRequest.objects.update(email="x@example.org"), "not what the witness signed"),
        (forget, "does not tell of it as it stands"),
    ],
    ids=["words", "digest", "address", "ledger"],
)
def test_what_is_changed_behind_our_back_is_found(record: UnitRecord, tamper: Callable[[], Any], why: str) -> None:
    tamper()
    assert any("Testimony" in fault.what and why in fault.why for fault in faults(portfolio_id=record.portfolio_id))


# The line to be signed, and which were signed before; unqualified where a second signature is to be due.
_NEXT: dict[str, tuple[Slot, ...]] = {
    Slot.ASSESSOR: (),
    Slot.ASSESSOR_COUNTERSIGNATURE: (Slot.ASSESSOR,),
    Slot.IV: (Slot.ASSESSOR,),
    Slot.IV_COUNTERSIGNATURE: (Slot.ASSESSOR, Slot.IV),
    Slot.EV: (Slot.ASSESSOR, Slot.IV),
}


@pytest.mark.parametrize("slot", _NEXT)
def test_nobody_signs_on_a_disowned_testimony(world: World, slot: str) -> None:
    """R20a, R21: whatever line is next; unlocked, judged again on something else, everybody signs anew."""
    judge(offered_testimony(world, cells=len(world.criteria)), by=world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    sign_line(world.record, Slot.CANDIDATE, by=world.candidate)
    seats = {
        Slot.ASSESSOR: world.assessor,
        Slot.ASSESSOR_COUNTERSIGNATURE: world.countersigner,
        Slot.IV: world.iv,
        Slot.IV_COUNTERSIGNATURE: world.other_iv,
        Slot.EV: world.ev,
    }
    lacks = {Slot.ASSESSOR_COUNTERSIGNATURE: world.assessor, Slot.IV_COUNTERSIGNATURE: world.iv}.get(Slot(slot))
    if lacks:
        lacks.person.awards.update(struck_out_at=world.record.opened_at)
    for seat in (world.iv, world.ev):
        mark_sample(record_id=world.record.pk, reason="Ten per cent", by=seat)
    for before in _NEXT[slot]:
        sign_line(world.record, before, by=seats[before])
    suspend_testimony(testimony=models.Testimony.objects.get())
    says = "The witness of E1 says that the testimony is not theirs: unlock the record and judge it again."
    refused(world.record, slot, by=seats[Slot(slot)], match=says, error=ValidationError)
    if slot != Slot.IV_COUNTERSIGNATURE:
        page = record_page(world.record.pk, seats[Slot(slot)])
        assert page.lines[list(Slot).index(Slot(slot))].reason == says


def test_no_candidate_signs_on_a_disowned_testimony(world: World) -> None:
    """While the record is open its claims are undecided again, so the gate is shut; the check says it all the same."""
    judge(offered_testimony(world, cells=len(world.criteria)), by=world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    models.Testimony.objects.update(suspended_at=timezone.now())
    says = "The witness of E1 says that the testimony is not theirs: judge it again"
    refused(world.record, Slot.CANDIDATE, by=world.candidate, match=says, error=ValidationError)
    assert says in record_page(world.record.pk, world.candidate).lines[0].reason
