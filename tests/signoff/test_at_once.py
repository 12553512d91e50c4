"""The centre takes its word back while somebody signs on it (Q2): before they sign or afterwards, never in between."""

import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from assessment.confirming.actions import confirm_record
from assessment.confirming.statements import Confirming
from proof.verify import faults
from registrations.held_elsewhere import actions as held_elsewhere
from registrations.models import UnitConfirmationKind
from signoff.actions import sign
from signoff.models import Signature, Slot
from tests.evidence.builders import make_world
from tests.evidence.other_units import judged_record_of
from tests.signoff.builders import BY_PASSWORD, seen_by


@pytest.mark.django_db(transaction=True)
def test_nobody_signs_on_a_word_that_is_being_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world()
    record = judged_record_of(world, "A16")
    wanted = [Confirming(UnitConfirmationKind.NOTES), Confirming(UnitConfirmationKind.SUFFICIENT)]
    confirm_record(record_id=record.pk, wanted=wanted, by=world.assessor)
    (held,) = held_elsewhere.confirm_held_elsewhere(units=[record.unit], where="Folder 3", by=world.coordinator)
    digest = seen_by(world.candidate, record, Slot.CANDIDATE)
    ended, signed = threading.Event(), threading.Event()
    tell = held_elsewhere.tell

    def tell_late(*told: Any, **facts: Any) -> object:
        """It is written and not committed yet: whoever signs meanwhile still reads that it stands."""
        ended.set()
        signed.wait(timeout=2)
        return tell(*told, **facts)

    def end() -> None:
        try:
            held_elsewhere.end_held_elsewhere(held=held, by=world.coordinator)
        finally:
            connections.close_all()

    monkeypatch.setattr(held_elsewhere, "tell", tell_late)
    ending = threading.Thread(target=end)
    ending.start()
    assert ended.wait(timeout=30)
    with pytest.raises(ValidationError, match="confirms where they are held"):
        sign(
            record_id=record.pk,
            slot=Slot.CANDIDATE,
            typed_name=world.candidate.person.name,
            seen_digest=digest,
            proof=BY_PASSWORD,
            by=world.candidate,
        )
    signed.set()
    ending.join(timeout=30)
    assert Signature.objects.count() == 0
    assert list(faults()) == []
