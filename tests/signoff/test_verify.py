"""Whatever is changed behind the product's back is found, and named (R66; HOUSE decided 3)."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from assessment.models import ItemConfirmation, Judgement
from centres.models import User
from evidence.items.actions import change_evidence
from evidence.models import Claim, Evidence, EvidenceFile, EvidenceVersion
from files.models import Blob
from ledger.models import Event
from ledger.testing import ledger_open_for_tests
from proof.verify import faults
from registrations.models import Registration, UnitRecord
from signoff.actions import unlock
from signoff.models import Signature, Slot
from signoff.queries import contents_for
from tests.evidence.builders import World, portfolio_of, words
from tests.signoff.builders import candidate_signed, complete, sign_line, verified

pytestmark = pytest.mark.engine("ledger")


def verify(**options: object) -> str:
    out = StringIO()
    call_command("verify", stdout=out, **options)
    return out.getvalue()


@pytest.mark.stage(reach=verified)
def test_a_world_where_nothing_was_touched_holds(world: World):
    record = world.record
    assert "Everything holds" in verify()
    assert "Everything holds" in verify(portfolio=record.portfolio_id)


@pytest.mark.stage(reach=complete)
def test_an_unlocked_record_with_void_signatures_holds(world: World):
    record = world.record
    unlock(record_id=record.pk, reason="Wrong", by=world.coordinator)
    assert "Everything holds" in verify()


@pytest.mark.stage(reach=complete)
def test_what_may_be_mended_afterwards_breaks_nothing(world: World):
    """A name or a registration number may change; what was judged and signed may not."""
    Registration.objects.filter(pk=world.registration.pk).update(number="R-mended", employer="Another shop")
    User.objects.filter(pk=world.candidate.person_id).update(name="Carla Married")
    assert "Everything holds" in verify()


def last(slot: str = Slot.ASSESSOR) -> Signature:
    return Signature.objects.get(slot=slot)


def another_name() -> None:
    Signature.objects.filter(slot=Slot.ASSESSOR).update(printed_name="Somebody Else")


def another_time() -> None:
    Signature.objects.filter(slot=Slot.ASSESSOR).update(signed_at=timezone.now())


def no_duty_after_all() -> None:
    Signature.objects.filter(slot=Slot.ASSESSOR).update(award="", needs_countersignature=True)


def another_snapshot() -> None:
    signature = last()
    signature.snapshot["record"]["claims"].pop()
    signature.save(update_fields=["snapshot"])


def another_digest() -> None:
    Signature.objects.filter(slot=Slot.ASSESSOR).update(snapshot_digest="0" * 64)


def a_foreign_key() -> None:
    Signature.objects.filter(slot=Slot.ASSESSOR).update(key_fingerprint="0" * 64)


def a_signature_gone() -> None:
    last().delete()


def another_locator() -> None:
    Claim.objects.filter(pk=Claim.objects.earliest("pk").pk).update(locator="page 99")


def a_claim_gone() -> None:
    Claim.objects.filter(pk=Claim.objects.earliest("pk").pk).update(state="withdrawn")


def another_title() -> None:
    EvidenceVersion.objects.update(title="Something better")


def another_story() -> None:
    EvidenceVersion.objects.update(what_happened="Something better")


def another_judge() -> None:
    Judgement.objects.update(judged_by=User.objects.get(name="Oscar Otherwise"))


def another_confirmation() -> None:
    ItemConfirmation.objects.update(how_authenticated="I asked somebody")


def another_file_row() -> None:
    EvidenceFile.objects.update(name="other.jpg")


def other_bytes() -> None:
    blob = Blob.objects.get()
    default_storage.delete(blob.stored_as)
    default_storage.save(blob.stored_as, ContentFile(b"other bytes"))


def bytes_gone() -> None:
    default_storage.delete(Blob.objects.get().stored_as)


def opened_by_hand() -> None:
    UnitRecord.objects.filter(pk__in=Signature.objects.values("record")).update(state="open", completed_at=None)


TAMPERINGS: list[tuple[Callable[[], None], str]] = [
    (another_name, "not genuine"),
    (another_time, "not genuine"),
    (no_duty_after_all, "not genuine"),
    (another_snapshot, "what was signed was changed"),
    (another_digest, "what was signed was changed"),
    (a_foreign_key, "not genuine"),
    (a_signature_gone, "the ledger tells of it, and it is gone"),
    (another_locator, "the record has changed since: claims"),
    (a_claim_gone, "the record has changed since: claims"),
    (another_title, "the record has changed since: evidence"),
    (another_story, "the record has changed since: evidence"),
    (another_judge, "the record has changed since: claims"),
    (another_confirmation, "the record has changed since: evidence"),
    (another_file_row, "the record has changed since: evidence"),
    (other_bytes, "not those that were handed in"),
    (bytes_gone, "cannot be read"),
    (opened_by_hand, "it is open, yet a signature stands on it"),
]


@pytest.mark.parametrize(("tamper", "why"), TAMPERINGS, ids=[tamper.__name__ for tamper, _ in TAMPERINGS])
@pytest.mark.stage(reach=complete)
def test_a_change_behind_the_products_back_is_found(world: World, tamper: Callable[[], None], why: str):
    record = world.record
    tamper()
    out = StringIO()
    with pytest.raises(CommandError, match="not hold"):
        call_command("verify", stdout=out)
    assert why in out.getvalue()
    assert any(why in fault.why for fault in faults(portfolio_id=record.portfolio_id))
    assert list(faults(portfolio_id=portfolio_of(world.other_candidate).pk)) == []


@pytest.mark.stage(reach=complete)
def test_an_edited_ledger_is_found(world: World):
    with ledger_open_for_tests():
        Event.objects.filter(type="record_signed").update(actor_id=world.iv.person_id)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("verify", stdout=out)
    assert "The event was changed after it was written." in out.getvalue()


def test_an_unknown_portfolio_is_said(db):
    with pytest.raises(CommandError, match="no portfolio 999"):
        verify(portfolio=999)


def test_evidence_alone_is_no_fault(world: World):
    """Drafts and open records are not signed, so nothing is compared."""
    assert Evidence.objects.count() == 0
    assert "Everything holds" in verify()


@pytest.mark.stage(reach=candidate_signed)
def test_a_signed_record_keeps_the_version_it_was_judged_on(world: World):
    """Q22a: replaced, then withdrawn, the evidence stays in the signed record as it was judged."""
    record = world.record
    evidence = Evidence.objects.get()
    change_evidence(
        evidence=evidence,
        revision=evidence.revision,
        files=[],
        why="A better story",
        by=world.candidate,
        **words(title="Another title", kept_at="The shop's safe"),
    )
    sign_line(record, Slot.ASSESSOR, by=world.assessor)
    evidence.refresh_from_db()
    assert evidence.current_version.title == "Another title"
    contents = contents_for(record.pk, world.assessor)
    assert {line.version.title for line in contents.lines} == {"Returned kettle at the counter"}
    assert len(contents.accepted) == 27
    assert "Everything holds" in verify()
