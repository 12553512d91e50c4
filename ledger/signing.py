"""The installation's own signature: Ed25519, with the private key in a file outside the database (HOUSE, first, 3)."""

from dataclasses import dataclass

from ledger.keys import Keys, current_key, fingerprint_of, has_signed, known_keys


@dataclass(frozen=True)
class Signed:
    """A signature in hex and the fingerprint of the key that made it."""

    signature_hex: str
    fingerprint: str


def sign(payload: bytes) -> Signed:
    """Sign `payload` with the installation's key, which is made at first use.

    Raises `ledger.keys.KeyTrouble` when the key file is missing, cannot be read, or is not this installation's.
    """
    key = current_key()
    return Signed(signature_hex=key.sign(payload).hex(), fingerprint=fingerprint_of(key.public_key()))


def is_genuine(payload: bytes, signature_hex: str, fingerprint: str, *, keys: Keys | None = None) -> bool:
    """Whether a key of this installation, present or past, signed exactly this payload.

    A malformed signature, or one by a key that the key file does not vouch for, is simply not genuine. Who checks many
    signatures hands in `known_keys()`, read once.
    """
    key = (known_keys() if keys is None else keys).get(fingerprint)
    return key is not None and has_signed(key, payload, signature_hex)
