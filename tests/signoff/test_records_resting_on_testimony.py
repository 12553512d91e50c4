"""A signed record that rests on a testimony: what is signed, and what follows when it is disowned (R20a, R66)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from evidence import models
from evidence.actions.testimonies import suspend_testimony
from evidence.models import ClaimState, RecordState, UnitRecord
from ledger.models import Event
from ledger.testing import ledger_open_for_tests
from signoff.actions import unlock
from signoff.models import Signature, Slot
from signoff.verify import faults
from tests.evidence.builders import World
from tests.evidence.pages import text_of
from tests.evidence.testifying import offered_testimony
from tests.signoff.builders import confirm_sufficient, judge, sign_line


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
    assert set(record.claims.values_list("state", flat=True)) == {ClaimState.UNDECIDED}
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
