"""The installation's key: made once, kept private, and every key ever used still verifies."""

import stat
from pathlib import Path
from threading import Barrier, Thread

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import signing
from ledger.models import SigningKey
from ledger.signing import is_genuine, sign
from ledger.testing import ledger_open_for_tests


@pytest.fixture(autouse=True)
def key_file(settings, tmp_path) -> Path:
    settings.LEDGER_KEY_FILE = tmp_path / "keys" / "ledger.key"
    return settings.LEDGER_KEY_FILE


def test_the_key_is_made_at_first_use_and_kept_private(db, key_file) -> None:
    first = sign(b"unit 304")
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert key_file.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert list(key_file.parent.iterdir()) == [key_file]
    # Ed25519 signs the same payload with the same key in the same way.
    assert sign(b"unit 304") == first
    assert SigningKey.objects.get().fingerprint == first.fingerprint


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=st.binary(max_size=200), other=st.binary(max_size=200), bit=st.integers(0, 511))
def test_only_the_very_payload_and_signature_are_genuine(db, payload, other, bit) -> None:
    signed = sign(payload)
    assert is_genuine(payload, signed.signature_hex, signed.fingerprint)
    if other != payload:
        assert not is_genuine(other, signed.signature_hex, signed.fingerprint)
    flipped = f"{int(signed.signature_hex, 16) ^ (1 << bit):0128x}"
    assert not is_genuine(payload, flipped, signed.fingerprint)


@pytest.mark.parametrize("signature", ["", "not hex", "ab", "é", "00" * 64, "00" * 65])
def test_a_malformed_signature_is_not_genuine(db, signature) -> None:
    assert not is_genuine(b"p", signature, sign(b"p").fingerprint)


def test_a_key_that_was_replaced_still_verifies(db, key_file) -> None:
    old = sign(b"p")
    key_file.unlink()
    new = sign(b"p")
    assert old.fingerprint != new.fingerprint
    assert is_genuine(b"p", old.signature_hex, old.fingerprint)
    assert is_genuine(b"p", new.signature_hex, new.fingerprint)
    assert not is_genuine(b"p", old.signature_hex, new.fingerprint)
    assert SigningKey.objects.count() == 2


def test_an_unknown_or_exchanged_key_is_not_genuine(db, key_file) -> None:
    old = sign(b"p")
    assert not is_genuine(b"p", old.signature_hex, "0" * 64)
    key_file.unlink()
    forger = sign(b"forged")
    with ledger_open_for_tests():
        key = SigningKey.objects.get(fingerprint=forger.fingerprint).public_key
        SigningKey.objects.filter(fingerprint=old.fingerprint).update(public_key=key)
    assert not is_genuine(b"forged", forger.signature_hex, old.fingerprint)
    with ledger_open_for_tests():
        SigningKey.objects.filter(fingerprint=old.fingerprint).update(public_key="nonsense")
    assert not is_genuine(b"p", old.signature_hex, old.fingerprint)


def test_a_key_of_another_kind_is_refused(db, key_file) -> None:
    key_file.parent.mkdir()
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key_file.write_bytes(pem)
    with pytest.raises(ValueError, match="no Ed25519 key"):
        sign(b"p")


def test_whoever_comes_second_uses_the_first_ones_key(key_file) -> None:
    start, seen = Barrier(8), []

    def make() -> None:
        start.wait(timeout=10)
        signing._make_key_file(key_file)
        seen.append(key_file.read_bytes())

    threads = [Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert len(seen) == 8
    assert len(set(seen)) == 1
    assert list(key_file.parent.iterdir()) == [key_file]
