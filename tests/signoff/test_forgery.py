"""Whoever can write to the database but does not hold the key file forges nothing that is believed (R66, Q26)."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection
from django.test import Client
from django.utils import timezone

from ledger.chains import HEADS
from ledger.links import Link
from ledger.models import Chain, Event, SigningKey
from ledger.rotation import rotate_key
from ledger.seals import _words
from ledger.testing import ledger_open_for_tests
from proof.checking import Standing, confirmed_by
from proof.signature_faults import Fault
from proof.verify import faults
from registrations.models import RecordState, UnitRecord
from signoff.actions import unlock
from signoff.contents import RECORD_RELATIONS, contents_of_record
from signoff.models import Signature, Slot, Unlocking
from signoff.snapshot import digest_of, signed_words, snapshot_of
from signoff.statements import statement_for
from tests.evidence.builders import World
from tests.records.test_checking import print_of
from tests.signoff.builders import again, candidate_signed, complete, confirm_sufficient, sign_line, verified
from tests.signoff.signing_page import filled_in, path_of, post


def run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))


def insert(row: Any) -> int:
    """The row by plain SQL, as anybody may who can write to the database. Out: its id."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    run(f"INSERT INTO {row._meta.db_table} ({columns}) VALUES ({', '.join(['%s'] * len(fields))})", *values)
    return int(type(row).objects.latest("pk").pk)


def append(
    key: str, *, type: str, subject: str, data: dict[str, Any], actor: int | None = None, role: str = ""
) -> None:
    """One more event at the end of a chain, by plain SQL that the guard lets through: a chain that grows."""
    chain = Chain.objects.get(key=key)
    link = Link(
        chain=key,
        sequence=chain.length + 1,
        type=type,
        at=timezone.now(),
        actor_id=actor,
        actor_role=role,
        subject=subject,
        data=json.loads(json.dumps(data)),
        note_digest="",
        previous=chain.head,
    )
    insert(
        Event(
            chain=chain,
            sequence=link.sequence,
            type=type,
            at=link.at,
            actor_id=actor,
            actor_role=role,
            subject=subject,
            data=link.data,
            previous=link.previous,
            digest=link.digest,
        )
    )
    run("UPDATE ledger_chain SET length = %s, head = %s WHERE id = %s", link.sequence, link.digest, chain.pk)


def forge_an_ivs_signature(world: World, record: UnitRecord) -> str:
    """A key of one's own, an IV's signature by it, and a ledger that tells of both. Out: the key's fingerprint."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key()
    fingerprint = hashlib.sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    insert(SigningKey(fingerprint=fingerprint, public_key=pem, first_used_at=timezone.now()))
    whole = UnitRecord.objects.select_related(*RECORD_RELATIONS).get(pk=record.pk)
    contents = contents_of_record(whole, with_files=True)
    snapshot = snapshot_of(contents, before=Slot.IV)
    forged = Signature(
        record=record,
        slot=Slot.IV,
        signer=world.iv.person,
        printed_name=world.iv.person.name,
        signed_at=timezone.now(),
        statement=statement_for(contents.outline, Slot.IV),
        proof="password",
        snapshot=snapshot,
        snapshot_digest=digest_of(snapshot),
        award="V1 forged, 01/02/2015",
    )
    forged.key_signature, forged.key_fingerprint = key.sign(signed_words(forged)).hex(), fingerprint
    number = insert(forged)
    run("UPDATE registrations_unitrecord SET state = 'verified' WHERE id = %s", record.pk)
    append(
        record.portfolio.chain,
        type="record_signed",
        subject=f"unit_record:{record.pk}",
        actor=world.iv.person_id,
        role="iv",
        data={
            "unit_record": record.pk,
            "signature": number,
            "slot": "iv",
            "from": "complete",
            "to": "verified",
            "proof": "password",
            "award": forged.award,
            "needs_countersignature": False,
            "snapshot_digest": forged.snapshot_digest,
            "key_signature": forged.key_signature,
        },
    )
    chain = Chain.objects.get(key=record.portfolio.chain)
    heads, previous = {chain.key: [chain.length, chain.head]}, Chain.objects.get(key=HEADS).head
    signed = {"key_signature": key.sign(_words(heads, previous)).hex(), "key_fingerprint": fingerprint}
    append(HEADS, type="heads_sealed", subject="ledger:heads", data={**heads, "signed": signed})
    run("UPDATE ledger_chain SET sealed_length = %s WHERE id = %s", chain.length, chain.pk)
    return fingerprint


@pytest.mark.stage(reach=complete)
def test_a_signature_by_an_inserted_key_is_named_and_the_check_page_does_not_vouch(world: World) -> None:
    record = world.record
    before = print_of(world)
    assert confirmed_by(before).standing == Standing.SAME
    fingerprint = forge_an_ivs_signature(world, record)
    found = list(faults())
    assert Fault(f"Signing key {fingerprint}", "it is a key that this installation never took up") in found
    assert any(fault.why == "the key’s signature is not genuine" and "IV" in fault.what for fault in found)
    assert any(fault.what.startswith("heads at") and "not genuine" in fault.why for fault in found)
    # Neither a print from before it, nor one that shows it.
    assert confirmed_by(before).standing == Standing.BROKEN
    assert confirmed_by(print_of(world)).standing == Standing.BROKEN


@pytest.mark.stage(reach=complete)
def test_history_cannot_be_taken_out_of_the_middle_with_seals_that_nobody_signed(world: World) -> None:
    """The guard lifted, as by somebody who may drop triggers: an unlocking goes, and everything is made to fit."""
    record = world.record
    unlock(record_id=record.pk, reason="Fraud found", by=world.coordinator)
    confirm_sufficient(record, by=world.assessor)
    sign_line(record, Slot.CANDIDATE, by=world.candidate)
    with ledger_open_for_tests():
        chain = Chain.objects.get(key=record.portfolio.chain)
        gone = [event.pk for event in chain.events.filter(subject=f"unit_record:{record.pk}").order_by("pk")[:3]]
        Signature.objects.exclude(voided_at=None).delete()
        Unlocking.objects.all().delete()
        Event.objects.filter(pk__in=gone).delete()
        previous = ""
        for place, event in enumerate(chain.events.order_by("sequence"), start=1):
            event.sequence, event.previous = place, previous
            event.digest = previous = event.as_link(chain.key).digest
            event.save()
        heads = Chain.objects.get(key=HEADS)
        heads.events.all().delete()
        Chain.objects.filter(pk=heads.pk).update(length=0, head="", sealed_length=0)
        Chain.objects.filter(pk=chain.pk).update(length=place, head=previous, sealed_length=place)
    append(HEADS, type="heads_sealed", subject="ledger:heads", data={chain.key: [place, previous]})
    assert Fault("heads at 1", "The key’s signature on the seal is not genuine.") in list(faults())


@pytest.mark.stage(reach=complete)
def test_everything_signed_holds_after_the_key_was_replaced(world: World) -> None:
    """A record that two keys signed."""
    record = world.record
    code = print_of(world)
    rotate_key()
    assert list(faults()) == []
    assert confirmed_by(code).standing == Standing.SAME
    unlock(record_id=record.pk, reason="Wrong", by=world.coordinator)
    confirm_sufficient(record, by=world.assessor)
    sign_line(record, Slot.CANDIDATE, by=world.candidate)
    assert len(set(Signature.objects.values_list("key_fingerprint", flat=True))) == 2
    assert list(faults()) == []


@pytest.fixture
def key_file(settings, tmp_path) -> Path:
    settings.LEDGER_KEY_FILE = tmp_path / "ledger.key"
    return settings.LEDGER_KEY_FILE


def test_without_the_key_nothing_is_signed_nothing_is_lost_and_the_page_says_so(key_file: Path, world: World) -> None:
    record = candidate_signed(world)
    key, events = key_file.read_bytes(), Event.objects.count()
    client = world.client(world.assessor)
    client.raise_request_exception = False
    path = path_of(record, Slot.ASSESSOR)
    filled = filled_in(client, path) | {"typed_name": "Anna Assessor"}
    key_file.unlink()
    for answer in (client.get(path), client.post(path, filled)):
        assert answer.status_code == 503
        assert "Nothing can be signed at the moment" in answer.content.decode()
    assert not key_file.exists()
    assert Event.objects.count() == events
    assert again(record).state == RecordState.CANDIDATE_SIGNED
    assert next(faults()).what == "The installation’s key"
    key_file.write_bytes(key)
    assert post(client, path, typed_name="Anna Assessor").status_code == 302
    assert list(faults()) == []


def test_without_the_key_the_check_page_says_nothing_of_any_print(key_file: Path, world: World) -> None:
    verified(world)
    code = print_of(world)
    key_file.unlink()
    page = Client().get(f"/check/{code}/")
    assert page.status_code == 503
    assert "This says nothing about your print" in page.content.decode()
