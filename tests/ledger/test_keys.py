"""Trust begins at the key file: neither a row in the database nor an event makes a key this installation's (R66)."""

import hashlib
from pathlib import Path
from unittest import mock

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from ledger.actions import seal_heads
from ledger.chains import HEADS, INSTALLATION
from ledger.events import EventType
from ledger.keys import KeyTrouble, faults_of_keys, known_keys, rotation_words
from ledger.models import Chain, Event, SigningKey
from ledger.rotation import rotate_key
from ledger.seals import _words
from ledger.signing import is_genuine, sign
from ledger.testing import ledger_open_for_tests
from ledger.verify import verify_chain
from tests.ledger.conftest import CHAIN, append, record

NEVER = "it is a key that this installation never took up"


@pytest.fixture(autouse=True)
def key_file(settings, tmp_path) -> Path:
    settings.LEDGER_KEY_FILE = tmp_path / "ledger.key"
    return settings.LEDGER_KEY_FILE


def fingerprint(key: Ed25519PrivateKey) -> str:
    return hashlib.sha256(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def a_strangers_key() -> Ed25519PrivateKey:
    """A key of somebody who can insert rows, and has inserted its public half."""
    key = Ed25519PrivateKey.generate()
    SigningKey.objects.create(
        fingerprint=fingerprint(key),
        public_key=key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        first_used_at=timezone.now(),
    )
    return key


def rotation_told(*, old: str, new: str, by_old: str, by_new: str) -> None:
    with transaction.atomic():
        data = {"old": old, "new": new, "by_old": by_old, "by_new": by_new}
        record(type=EventType.KEY_ROTATED, chain=INSTALLATION, subject="ledger:key", by=None, data=data)


def write(key_file: Path, key: Ed25519PrivateKey) -> None:
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


# --- A key in the database only --------------------------------------------------------------------------------------


def test_what_a_strangers_key_signed_is_not_genuine_and_the_key_is_named(db) -> None:
    own, key = sign(b"p"), a_strangers_key()
    assert not is_genuine(b"p", key.sign(b"p").hex(), fingerprint(key))
    assert known_keys().keys() == {own.fingerprint}
    assert list(faults_of_keys()) == [(f"Signing key {fingerprint(key)}", NEVER)]
    # Whoever can insert rows must not be able to keep everybody from signing either.
    assert sign(b"p") == own
    with pytest.raises(CommandError):
        call_command("verify_ledger", verbosity=0)


@pytest.mark.parametrize("direction", ["stranger_is_older", "stranger_is_newer"])
def test_no_stranger_vouches_themselves_in(db, direction) -> None:
    own, key = sign(b"p").fingerprint, a_strangers_key()
    old, new = (fingerprint(key), own) if direction == "stranger_is_older" else (own, fingerprint(key))
    words = rotation_words(old=old, new=new)
    rotation_told(old=old, new=new, by_old=key.sign(words).hex(), by_new=key.sign(words).hex())
    assert known_keys().keys() == {own}
    assert {what.partition(",")[0] for what, _ in faults_of_keys()} == {
        f"Signing key {fingerprint(key)}",
        "Rotation of the key",
    }
    assert sign(b"p").fingerprint == own


def test_a_rotation_that_says_nothing_readable_is_named(db) -> None:
    sign(b"p")
    with transaction.atomic():
        record(type=EventType.KEY_ROTATED, chain=INSTALLATION, subject="ledger:key", by=None, data={"old": 1})
    assert [what for what, _ in faults_of_keys()] == [f"Rotation of the key, event 1 of {INSTALLATION}"]


def test_a_seal_by_a_strangers_key_is_not_genuine(three_events) -> None:
    sign(b"p")
    key, heads = a_strangers_key(), {CHAIN: [3, Chain.objects.get(key=CHAIN).head]}
    signed = {"key_signature": key.sign(_words(heads, "")).hex(), "key_fingerprint": fingerprint(key)}
    with transaction.atomic():
        record(
            type=EventType.HEADS_SEALED, chain=HEADS, subject="ledger:heads", by=None, data=heads | {"signed": signed}
        )
    assert "not genuine" in verify_chain(HEADS).why


@pytest.mark.parametrize("after_a_signed_one", [False, True])
def test_a_seal_that_nobody_signed_is_never_taken(three_events, after_a_signed_one) -> None:
    if after_a_signed_one:
        seal_heads()
        append(revision=4)
    chain = Chain.objects.get(key=CHAIN)
    with transaction.atomic():
        heads = {CHAIN: [chain.length, chain.head]}
        record(type=EventType.HEADS_SEALED, chain=HEADS, subject="ledger:heads", by=None, data=heads)
    report = verify_chain(HEADS)
    assert (report.state, report.broken_at) == ("broken", 1 + after_a_signed_one)


# --- Rotation --------------------------------------------------------------------------------------------------------


def test_every_key_that_was_replaced_in_turn_still_verifies(db, key_file) -> None:
    signed = [sign(b"p")]
    for _ in range(2):
        call_command("rotate_ledger_key", verbosity=0)
        signed.append(sign(b"p"))
    assert len({one.fingerprint for one in signed}) == 3
    assert all(is_genuine(b"p", one.signature_hex, one.fingerprint) for one in signed)
    assert not is_genuine(b"p", signed[0].signature_hex, signed[1].fingerprint)
    assert list(faults_of_keys()) == []
    assert verify_chain(HEADS).state == verify_chain(INSTALLATION).state == "sound"
    assert list(key_file.parent.iterdir()) == [key_file]
    assert Event.objects.filter(type=EventType.KEY_ROTATED).count() == 2


def test_an_old_key_counts_only_as_long_as_the_row_is_its_own(db) -> None:
    old = sign(b"p")
    rotate_key()
    new = sign(b"p")
    with ledger_open_for_tests():
        other = SigningKey.objects.get(fingerprint=new.fingerprint).public_key
        SigningKey.objects.filter(fingerprint=old.fingerprint).update(public_key=other)
    assert not is_genuine(b"p", old.signature_hex, old.fingerprint)
    assert (f"Signing key {old.fingerprint}", NEVER) in faults_of_keys()
    with ledger_open_for_tests():
        SigningKey.objects.update(public_key="nonsense")
    assert not is_genuine(b"p", old.signature_hex, old.fingerprint)
    # The file's own key is read from the file; that its row was edited is named all the same.
    assert is_genuine(b"p", new.signature_hex, new.fingerprint)
    assert any("another one than its fingerprint says" in why for _, why in faults_of_keys())


def test_an_old_key_file_put_back_signs_nothing(db, key_file) -> None:
    sign(b"p")
    old = key_file.read_bytes()
    rotate_key()
    key_file.write_bytes(old)
    with pytest.raises(KeyTrouble, match="whose place the key"):
        sign(b"p")
    assert any(what == "The installation’s key" for what, _ in faults_of_keys())
    with pytest.raises(CommandError, match="whose place"):
        call_command("rotate_ledger_key", verbosity=0)


def test_a_rotation_that_was_cut_short_is_finished_by_the_next(db) -> None:
    old = sign(b"p")
    with (
        mock.patch("ledger.rotation.os.replace", side_effect=OSError("no room")),
        pytest.raises(OSError, match="no room"),
    ):
        rotate_key()
    with pytest.raises(KeyTrouble, match="run rotate_ledger_key again"):
        sign(b"p")
    assert rotate_key() is None
    new = sign(b"p")
    assert new.fingerprint != old.fingerprint
    assert is_genuine(b"p", old.signature_hex, old.fingerprint)
    assert Event.objects.filter(type=EventType.KEY_ROTATED).count() == 1
    assert list(faults_of_keys()) == []


def test_a_new_key_that_was_never_told_of_is_thrown_away(db, key_file) -> None:
    sign(b"p")
    write(key_file.with_name("ledger.key.next"), Ed25519PrivateKey.generate())
    rotation = rotate_key()
    assert sign(b"p").fingerprint == rotation.new
    assert list(faults_of_keys()) == []


# --- A key file that is missing, or another's ------------------------------------------------------------------------


def test_no_new_key_is_made_once_something_was_signed(db, key_file) -> None:
    own = sign(b"p")
    key_file.unlink()
    with pytest.raises(KeyTrouble, match="is missing"):
        sign(b"p")
    assert not key_file.exists()
    assert not is_genuine(b"p", own.signature_hex, own.fingerprint)
    ((what, why), named) = faults_of_keys()
    assert what == "The installation’s key"
    assert own.fingerprint in why
    assert named == (f"Signing key {own.fingerprint}", NEVER)
    assert not key_file.exists()


def test_a_key_file_from_elsewhere_signs_nothing(db, key_file) -> None:
    own = sign(b"p")
    write(key_file, Ed25519PrivateKey.generate())
    with pytest.raises(KeyTrouble, match="never took up"):
        sign(b"p")
    assert SigningKey.objects.get().fingerprint == own.fingerprint
    assert not is_genuine(b"p", own.signature_hex, own.fingerprint)


def test_a_file_that_cannot_be_read_is_told_of(db, key_file) -> None:
    key_file.mkdir()
    with pytest.raises(KeyTrouble, match="cannot be read"):
        sign(b"p")
    key_file.rmdir()
    key_file.write_text("not a key")
    with pytest.raises(KeyTrouble, match="no Ed25519 key"):
        sign(b"p")


def test_an_empty_database_takes_up_a_key_that_is_there(db, key_file) -> None:
    key = Ed25519PrivateKey.generate()
    write(key_file, key)
    assert sign(b"p").fingerprint == fingerprint(key)


def test_an_operator_may_say_that_a_key_is_lost(db, key_file, settings) -> None:
    """By a setting, which is as far from the database as the file; the ledger goes on under a new key."""
    own = sign(b"p")
    key_file.unlink()
    settings.LEDGER_LOST_KEYS = [own.fingerprint]
    new = sign(b"p")
    assert new.fingerprint != own.fingerprint
    assert is_genuine(b"p", own.signature_hex, own.fingerprint)
    assert list(faults_of_keys()) == []
    rotate_key()
    assert is_genuine(b"p", own.signature_hex, own.fingerprint)
