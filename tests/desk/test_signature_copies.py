"""Whoever signs, on whichever of the six lines, gets a copy of what was signed in their name (Q26)."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.utils import timezone

from centres.models import Membership, Role
from desk.notices import deliver, pass_over
from ledger.anchors import read_anchor
from ledger.models import Chain
from ledger.verify import verify_chain
from records.unit_record_pdf import printed
from signoff.actions import mark_sample
from signoff.contents import RECORD_RELATIONS, contents_of_record
from signoff.models import Slot
from signoff.snapshot import record_digest_of
from signoff.statements import PRINTED_LINES
from tests.evidence.builders import World, approve, join
from tests.signoff.builders import (
    awaiting_countersignature,
    awaiting_iv_countersignature,
    candidate_signed,
    complete,
    ready,
    sign_line,
    verified,
)
from tests.signoff.test_seen import mixed, snapshot_in
from tests.signoff.test_tampering import a_gate_that_is_open

pytestmark = pytest.mark.engine("order")


def second_iv(world: World) -> Membership:
    return approve(world.coordinator, join(world.coordinator, Role.IV, "Imogen Second"), world.unit, award="V1")


def drawn_by(record, seat: Membership):
    mark_sample(record_id=record.pk, reason="Ten per cent", by=seat)
    return record


# For each line, a record on which it is due, and who gives it.
LINES: dict[Slot, tuple[Callable[[World], object], Callable[[World], Membership]]] = {
    Slot.CANDIDATE: (ready, lambda world: world.candidate),
    Slot.ASSESSOR: (candidate_signed, lambda world: world.assessor),
    Slot.ASSESSOR_COUNTERSIGNATURE: (awaiting_countersignature, lambda world: world.countersigner),
    Slot.IV: (lambda world: drawn_by(complete(world), world.iv), lambda world: world.iv),
    Slot.IV_COUNTERSIGNATURE: (awaiting_iv_countersignature, second_iv),
    Slot.EV: (lambda world: drawn_by(verified(world), world.ev), lambda world: world.ev),
}


@pytest.mark.parametrize("slot", Slot)
def test_every_signer_is_told_what_was_signed_in_their_name(world: World, slot: Slot):
    reach, who = LINES[slot]
    record, seat = reach(world), who(world)
    pass_over(Chain.objects.values_list("key", flat=True))
    signature = sign_line(record, slot, by=seat)
    deliver(record.portfolio.chain)
    (copy,) = [message for message in mail.outbox if message.subject.startswith("Your signature on")]
    assert copy.to == [seat.person.email]
    assert copy.subject == f"Your signature on unit 304 of {record.registration.candidate}"
    entry = re.search(r"Ledger entry: (\S+)", copy.body)[1]
    assert verify_chain(record.portfolio.chain, kept=[read_anchor(entry)]).state == "sound"
    contents = contents_of_record(
        type(record).objects.select_related(*RECORD_RELATIONS).get(pk=record.pk), with_files=True
    )
    at = timezone.localtime(signature.signed_at)
    said = [
        "304",
        "Use customer service as a competitive tool",
        record.registration.candidate.name,
        f"Registration {record.registration.number} at Northgate College",
        "Evidence: E1",
        PRINTED_LINES[slot],
        seat.person.name,
        f"{at:%d/%m/%Y} {at:%H:%M}",
        "Proof that it was you: password",
        *signature.statement.split("\n\n"),
        signature.snapshot_digest,
        # The same as on a print made now.
        printed(contents).record_digest,
        entry,
        "Was this not you? Tell your centre’s coordinator at once, and change your password.",
        # A countersigner's sight of the record ends with their signature (R64).
        "The record is not open to you any more; this copy is yours."
        if slot in (Slot.ASSESSOR_COUNTERSIGNATURE, Slot.IV_COUNTERSIGNATURE)
        else f"/records/{record.pk}/",
    ]
    ((html, kind),) = copy.alternatives
    assert kind == "text/html"
    for text in (copy.body, html):
        assert [words for words in said if words not in text] == []


def test_the_copy_names_all_the_evidence_returned_items_too(world: World):
    with a_gate_that_is_open():
        record, slot, seat = signing = mixed(world)
        snapshot = snapshot_in(signing)
        pass_over(Chain.objects.values_list("key", flat=True))
        sign_line(record, slot, by=seat)
    deliver(record.portfolio.chain)
    copy = next(message for message in mail.outbox if message.subject.startswith("Your signature on"))
    assert "Evidence: E1, E2" in copy.body
    assert record_digest_of(snapshot) in copy.body


@pytest.mark.stage(reach=ready)
def test_the_copy_reaches_who_has_left(world: World):
    record = world.record
    pass_over(Chain.objects.values_list("key", flat=True))
    signature = sign_line(record, Slot.CANDIDATE, by=world.candidate)
    world.candidate.person.is_active = False
    world.candidate.person.save(update_fields=["is_active"])
    deliver(record.portfolio.chain)
    copies = [message for message in mail.outbox if signature.snapshot_digest in message.body]
    assert [message.to for message in copies] == [[world.candidate.person.email]]
