"""Which keys are this installation's: the one in the key file, and those that it vouches for (decision 0014).

The database holds public keys only so that old signatures can be checked; a row there is trusted by nobody. Trust
begins at the key file, outside the database, and goes back from key to key along the rotations that both keys signed.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
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
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from ledger.canonical import canonical_json
from ledger.chains import INSTALLATION
from ledger.events import EventType
from ledger.models import Event, SigningKey

type Keys = Mapping[str, Ed25519PublicKey]


class KeyTrouble(ImproperlyConfigured):
    """The installation cannot sign with the key file as it is; the message tells the operator why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """One key taking another's place: two fingerprints, and each key's signature over both, in hex."""

    old: str
    new: str
    by_old: str
    by_new: str

    @property
    def words(self) -> bytes:
        """What both keys sign."""
        return rotation_words(old=self.old, new=self.new)


def current_key() -> Ed25519PrivateKey:
    """The installation's key, made at first use and taken up by the database then.

    Raises KeyTrouble when the file is missing, unreadable or another one than the database has signatures by: a new
    key is made where nothing has been signed yet, and never in silence later.
    """
    path = Path(settings.LEDGER_KEY_FILE)
    used = _used_fingerprints()
    if not path.exists():
        _check_may_begin_anew(path, used)
        make_key_file(path)
    key = read_key(path)
    _check_is_ours(path, key.public_key(), used)
    if fingerprint_of(key.public_key()) not in used:
        take_up(key.public_key())
    return key


def check_key_in_place() -> None:
    """Raise KeyTrouble as `current_key` would. Writes nothing, so that a page may ask before anybody types."""
    _check_in_place(_used_fingerprints())


def known_keys() -> Keys:
    """The public keys of this installation by fingerprint: the key file's own, those that the operator says were lost
    (LEDGER_LOST_KEYS), and all that these vouch for. One query, or two where a key was ever replaced.

    Empty when the key file cannot be read. A row that holds another key than its fingerprint says counts for nothing.
    """
    known: dict[str, Ed25519PublicKey] = {}
    own = _own_key()
    if own is not None:
        known[fingerprint_of(own)] = own
    rotations = [rotation for _, rotation in _rotations() if rotation is not None]
    if rotations or settings.LEDGER_LOST_KEYS:
        stored = _stored_keys()
        known |= {lost: stored[lost] for lost in settings.LEDGER_LOST_KEYS if lost in stored}
        for rotation in rotations:
            if rotation.new in known and rotation.old in stored and _is_genuine(rotation, {**stored, **known}):
                known.setdefault(rotation.old, stored[rotation.old])
    return known


def faults_of_keys() -> Iterator[tuple[str, str]]:
    """What does not hold about the keys themselves, each as two texts: which, and what is wrong with it."""
    known, stored, used = known_keys(), _stored_keys(), _used_fingerprints()
    try:
        _check_in_place(used)
    except KeyTrouble as trouble:
        yield "The installation’s key", str(trouble)
    for fingerprint in sorted(used):
        if fingerprint not in known:
            yield f"Signing key {fingerprint}", "it is a key that this installation never took up"
        elif fingerprint not in stored:
            yield f"Signing key {fingerprint}", "the key stored is another one than its fingerprint says"
    for event, rotation in _rotations():
        if rotation is None or rotation.new not in known or not _is_genuine(rotation, {**stored, **known}):
            name = f"Rotation of the key, event {event.sequence} of {INSTALLATION}"
            yield name, "the installation’s key does not vouch for it"


def successor_of(key: Ed25519PublicKey) -> str | None:
    """The fingerprint of the key that took this one's place, by this one's own word. One query."""
    fingerprint = fingerprint_of(key)
    for _, rotation in _rotations():
        if rotation and rotation.old == fingerprint and has_signed(key, rotation.words, rotation.by_old):
            return rotation.new
    return None


def has_signed(key: Ed25519PublicKey, payload: bytes, signature_hex: str) -> bool:
    """Whether this key signed exactly this payload. A malformed signature is none."""
    try:
        key.verify(bytes.fromhex(signature_hex), payload)
    except (ValueError, InvalidSignature):
        return False
    return True


def rotation_words(*, old: str, new: str) -> bytes:
    """What the old key and the new one both sign when one takes the other's place."""
    return canonical_json({"old": old, "new": new, "purpose": "rotation of the ledger's key"})


def fingerprint_of(key: Ed25519PublicKey) -> str:
    """SHA-256 of the raw public key, in hex."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def take_up(key: Ed25519PublicKey) -> None:
    """Keep the public key, so that what it signs can be checked after it has been replaced."""
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    SigningKey.objects.get_or_create(
        fingerprint=fingerprint_of(key), defaults={"public_key": pem, "first_used_at": timezone.now()}
    )


def read_key(path: Path) -> Ed25519PrivateKey:
    """The key in a file. Raises KeyTrouble when it cannot be read or holds no Ed25519 key."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as trouble:
        raise KeyTrouble(f"The key file {path.name} cannot be read: {trouble.strerror}.") from trouble
    except (ValueError, TypeError) as trouble:
        raise KeyTrouble(f"{path.name} holds no Ed25519 key.") from trouble
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyTrouble(f"{path.name} holds no Ed25519 key.")
    return key


def make_key_file(path: Path) -> None:
    """Write a new key beside its place and link it there: whoever comes second keeps the first one's key.

    Raises KeyTrouble when the folder cannot be written to.
    """
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
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
    except OSError as trouble:
        raise KeyTrouble(f"The key file {path.name} cannot be made: {trouble.strerror}.") from trouble


def _check_in_place(used: set[str]) -> None:
    path = Path(settings.LEDGER_KEY_FILE)
    if path.exists():
        _check_is_ours(path, read_key(path).public_key(), used)
    else:
        _check_may_begin_anew(path, used)


def _check_may_begin_anew(path: Path, used: set[str]) -> None:
    if used - known_keys().keys():
        raise KeyTrouble(
            f"The key file {path.name} is missing, and this installation has signed with {_named(used)}. Put the file"
            " back from a backup (README, “The key”). Nothing is signed until then."
        )


def _check_is_ours(path: Path, key: Ed25519PublicKey, used: set[str]) -> None:
    fingerprint = fingerprint_of(key)
    if fingerprint not in used:
        if used - known_keys().keys():
            raise KeyTrouble(
                f"The key file {path.name} holds the key {fingerprint}, which this installation never took up; it has"
                f" signed with {_named(used)}. Put the right file back (README, “The key”). Nothing is signed until"
                " then."
            )
    elif successor := successor_of(key):
        raise KeyTrouble(
            f"The key file {path.name} holds the key {fingerprint}, whose place the key {successor} has taken. Put the"
            " newer file back, or run rotate_ledger_key again where it was cut short. Nothing is signed until then."
        )


def _own_key() -> Ed25519PublicKey | None:
    try:
        return read_key(Path(settings.LEDGER_KEY_FILE)).public_key()
    except KeyTrouble:
        return None


def _rotations() -> list[tuple[Event, Rotation | None]]:
    """What the ledger tells of rotations, newest first; None beside an event that tells of none. One query."""
    events = Event.objects.filter(chain__key=INSTALLATION, type=EventType.KEY_ROTATED).order_by("-sequence")
    return [(event, _rotation_in(event)) for event in events]


def _rotation_in(event: Event) -> Rotation | None:
    match event.data:
        case {"old": str(old), "new": str(new), "by_old": str(by_old), "by_new": str(by_new)}:
            return Rotation(old=old, new=new, by_old=by_old, by_new=by_new)
    return None


def _is_genuine(rotation: Rotation, keys: Keys) -> bool:
    """Whether both keys signed it."""
    old, new = keys.get(rotation.old), keys.get(rotation.new)
    return (
        old is not None
        and new is not None
        and has_signed(old, rotation.words, rotation.by_old)
        and has_signed(new, rotation.words, rotation.by_new)
    )


def _used_fingerprints() -> set[str]:
    return set(SigningKey.objects.values_list("fingerprint", flat=True))


def _stored_keys() -> dict[str, Ed25519PublicKey]:
    """The public keys in the database whose fingerprints are right, whosever they are. One query."""
    keys: dict[str, Ed25519PublicKey] = {}
    for row in SigningKey.objects.all():
        try:
            key = load_pem_public_key(row.public_key.encode())
        except ValueError:
            continue
        if isinstance(key, Ed25519PublicKey) and fingerprint_of(key) == row.fingerprint:
            keys[row.fingerprint] = key
    return keys


def _named(fingerprints: Iterable[str]) -> str:
    return ", ".join(sorted(fingerprints))
