"""Seals: the chain of chain heads (HOUSE, decided first, 3), signed with the installation's key.

Whoever can write to the database but does not hold the key cannot make a ledger anew, seals and all.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.anchors import Anchor
from ledger.canonical import canonical_json
from ledger.keys import Keys
from ledger.models import Event
from ledger.signing import is_genuine, sign

# Beside the chains' keys in a seal's data; no chain is called so.
_SIGNED = "signed"


def signed_seal(heads: Mapping[str, list[Any]], *, previous: str) -> dict[str, Any]:
    """The data of a seal: each chain's [length, head], and the key's signature over them and the seal before.

    Raises what `ledger.signing.sign` raises.
    """
    signed = sign(_words(heads, previous))
    return {**heads, _SIGNED: {"key_signature": signed.signature_hex, "key_fingerprint": signed.fingerprint}}


def heads_in(seal: Event) -> Iterator[Anchor]:
    """The heads that a seal holds. One that was edited may hold anything; its own chain then reports it."""
    for key, sealed in seal.data.items() if isinstance(seal.data, dict) else ():
        match sealed:
            case [int(length), str(head)]:
                yield Anchor(chain=key, sequence=length, digest=head)


def is_seal_genuine(seal: Event, keys: Keys) -> bool:
    """Whether a key of this installation signed exactly these heads, after exactly that seal. One that nobody signed is
    not genuine."""
    match seal.data:
        case {"signed": {"key_signature": str(signature), "key_fingerprint": str(fingerprint)}}:
            heads = {key: head for key, head in seal.data.items() if key != _SIGNED}
            return is_genuine(_words(heads, seal.previous), signature, fingerprint, keys=keys)
    return False


def _words(heads: Mapping[str, Any], previous: str) -> bytes:
    return canonical_json({"heads": heads, "previous": previous})
