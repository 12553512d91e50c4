"""The installation's own signature: Ed25519, with the private key in a file outside the database (HOUSE, first, 3)."""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.conf import settings
from django.utils import timezone

from ledger.models import SigningKey

type Keys = Mapping[str, Ed25519PublicKey]


@dataclass(frozen=True)
class Signed:
    """A signature in hex and the fingerprint of the key that made it."""

    signature_hex: str
    fingerprint: str


def sign(payload: bytes) -> Signed:
    """Sign `payload` with the installation's key, which is made at first use.

    Also keeps the public key in the database, so that the signature can be checked after the key has been replaced.
    Raises OSError when the key file cannot be read or made, ValueError when it holds no Ed25519 key.
    """
    key = _private_key(Path(settings.LEDGER_KEY_FILE))
    fingerprint = _fingerprint(key.public_key())
    SigningKey.objects.get_or_create(
        fingerprint=fingerprint,
        defaults={
            "public_key": key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
            "first_used_at": timezone.now(),
        },
    )
    return Signed(signature_hex=key.sign(payload).hex(), fingerprint=fingerprint)


def is_genuine(payload: bytes, signature_hex: str, fingerprint: str, *, keys: Keys | None = None) -> bool:
    """Whether a key of this installation, present or past, signed exactly this payload.

    A malformed signature, an unknown key, or a key row that does not match its fingerprint is simply not genuine. Who
    checks many signatures hands in `known_keys()`, read once.
    """
    key = (known_keys(fingerprint) if keys is None else keys).get(fingerprint)
    if key is None:
        return False
    try:
        key.verify(bytes.fromhex(signature_hex), payload)
    except (ValueError, InvalidSignature):
        return False
    return True


def known_keys(*fingerprints: str) -> Keys:
    """The public keys that this installation has signed with, or those asked for, by their fingerprints. One query.

    A row that holds no Ed25519 key, or another one than its fingerprint says, is left out.
    """
    rows = SigningKey.objects.filter(fingerprint__in=fingerprints) if fingerprints else SigningKey.objects.all()
    keys: dict[str, Ed25519PublicKey] = {}
    for row in rows:
        try:
            key = load_pem_public_key(row.public_key.encode())
        except ValueError:
            continue
        if isinstance(key, Ed25519PublicKey) and _fingerprint(key) == row.fingerprint:
            keys[row.fingerprint] = key
    return keys


def _fingerprint(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def _private_key(path: Path) -> Ed25519PrivateKey:
    if not path.exists():
        _make_key_file(path)
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} holds no Ed25519 key.")
    return key


def _make_key_file(path: Path) -> None:
    """Write a new key beside its place and link it there: whoever comes second keeps the first one's key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # mkstemp makes the file with mode 0600 from the start, and the link keeps it.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        os.unlink(draft)
