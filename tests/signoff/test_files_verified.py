"""Which files `verify` reads, what it says of one that was exchanged, and how prints stand beside the ledger (R66)."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from centres.authority.actions import record_award
from centres.models import AwardKind
from evidence.models import EvidenceFile
from files.models import Blob
from ledger.events import EventType
from ledger.models import Chain, Event
from proof.signature_faults import Fault
from proof.verify import Scope, faults
from records.models import PrintedRecord
from tests.centres.drawings import keep_drawing
from tests.evidence.builders import World, add_offered_item, hand_in, jpeg
from tests.records.test_checking import print_of
from tests.signoff.builders import complete


def of_a_print(world: World) -> Blob:
    complete(world)
    print_of(world)
    return PrintedRecord.objects.get().blob


def of_a_drawing_on_an_account(world: World) -> Blob:
    return keep_drawing(world.assessor).blob


def of_a_certificate(world: World) -> Blob:
    handed_in = hand_in(world.coordinator, "a1.jpg", jpeg("navy"))
    award = record_award(
        person=world.trainee.person,
        kind=AwardKind.A1,
        number="T-1",
        awarded_on=date(2015, 2, 1),
        certificate=handed_in,
        by=world.coordinator,
    )
    return award.certificate


def of_evidence(world: World) -> Blob:
    return add_offered_item(world).current_version.files.get().blob


FILES = [of_a_print, of_a_drawing_on_an_account, of_a_certificate, of_evidence]


@pytest.mark.parametrize("file_of", FILES, ids=lambda file_of: file_of.__name__)
def test_a_file_that_was_exchanged_or_is_gone_is_named(world: World, file_of: Callable[[World], Blob]) -> None:
    blob = file_of(world)
    assert list(faults()) == []
    name = f"File {blob.pk} ({blob.stored_as})"
    default_storage.delete(blob.stored_as)
    assert list(faults(centre_id=world.centre.pk)) == [Fault(name, "it cannot be read: No such file or directory")]
    default_storage.save(blob.stored_as, ContentFile(b"%PDF-1.4 forged"))
    assert list(faults(centre_id=world.centre.pk)) == [Fault(name, "its bytes are not those that were handed in")]
    assert list(faults(centre_id=world.foreign_centre.pk)) == []


def test_a_portfolio_has_its_prints_and_evidence_and_no_registers(world: World) -> None:
    of_portfolio = {of_a_print(world).pk, *EvidenceFile.objects.values_list("blob", flat=True)}
    of_a_certificate(world)
    of_a_drawing_on_an_account(world)
    assert set(Scope(portfolio=world.record.portfolio).blobs.values_list("pk", flat=True)) == of_portfolio


def test_the_ledger_tells_the_digest_of_each_print(world: World) -> None:
    blob = of_a_print(world)
    event = Event.objects.get(type=EventType.PRINT_MADE)
    assert event.data["sha256"] == blob.sha256
    assert event.chain.key == world.record.portfolio.chain
    assert event.actor_id is None


def test_a_print_that_points_to_another_file_is_named(world: World) -> None:
    of_a_print(world)
    number = PrintedRecord.objects.get().pk
    other = EvidenceFile.objects.earliest("pk").blob
    PrintedRecord.objects.update(blob=other)
    why = "the ledger tells otherwise of it"
    assert list(faults()) == [Fault(f"Print {number} of unit record {world.record.pk}", why)]


@pytest.mark.parametrize(
    "change", [{"signature_ids": []}, {"record_digest": "0" * 64}, {"code_digest": "0" * 64}, {"record_state": "open"}]
)
def test_what_a_print_confirms_is_told(world: World, change: dict[str, object]) -> None:
    of_a_print(world)
    PrintedRecord.objects.update(**change)
    assert [fault.why for fault in faults()] == ["the ledger tells otherwise of it"]


def test_a_print_put_in_or_taken_out_is_named(world: World) -> None:
    of_a_print(world)
    told = PrintedRecord.objects.get()
    put_in = PrintedRecord.objects.get()
    put_in.pk, put_in.code_digest = None, "1" * 64
    put_in.save(force_insert=True)
    what = f"Print {put_in.pk} of unit record {world.record.pk}"
    assert list(faults()) == [Fault(what, "the ledger does not tell of it")]
    PrintedRecord.objects.all().delete()
    event = Event.objects.get(type=EventType.PRINT_MADE)
    what = f"Print {told.pk}, event {event.sequence} of {event.chain.key}"
    assert list(faults()) == [Fault(what, "the ledger tells of it, and it is gone")]


def test_the_chains_are_told_of_before_the_files(world: World) -> None:
    """A storage that is out of reach must not hide what the database shows by itself."""
    blob = of_evidence(world)
    default_storage.delete(blob.stored_as)
    chain = world.record.portfolio.chain
    Chain.objects.filter(key=chain).update(length=999, head="0" * 64)
    found = [fault.what for fault in faults()]
    assert found[0].startswith(f"{chain} at")
    assert found[-1].startswith("File ")
