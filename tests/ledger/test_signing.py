"""The installation's key: made once, kept private, and only what it signed is genuine."""

import stat
from pathlib import Path
from threading import Barrier, Thread

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.keys import KeyTrouble, make_key_file
from ledger.models import SigningKey
from ledger.signing import is_genuine, sign


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


def test_a_key_of_another_kind_is_refused(db, key_file) -> None:
    key_file.parent.mkdir()
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key_file.write_bytes(pem)
    with pytest.raises(KeyTrouble, match="no Ed25519 key"):
        sign(b"p")


def test_whoever_comes_second_uses_the_first_ones_key(key_file) -> None:
    start, seen = Barrier(8), []

    def make() -> None:
        start.wait(timeout=10)
        make_key_file(key_file)
        seen.append(key_file.read_bytes())

    threads = [Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert len(seen) == 8
    assert len(set(seen)) == 1
    assert list(key_file.parent.iterdir()) == [key_file]
