"""Giving the installation a new key, for which the old one vouches (decision 0014)."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction

from ledger.actions import lock_chain, seal_heads, tell
from ledger.chains import INSTALLATION
from ledger.events import EventType
from ledger.keys import (
    Rotation,
    current_key,
    fingerprint_of,
    make_key_file,
    read_key,
    rotation_words,
    successor_of,
    take_up,
)
from ledger.subjects import Named


def rotate_key() -> Rotation | None:
    """Put a new key in the place of the installation's, and have each sign for the other in the ledger.

    The new key waits beside the key file until the ledger tells of it; where an earlier run was cut short in between,
    this one only finishes it, and None comes out. Raises KeyTrouble as `ledger.keys.current_key` does.
    """
    path = Path(settings.LEDGER_KEY_FILE)
    waiting = path.with_name(f"{path.name}.next")
    with transaction.atomic():
        # Nobody else rotates meanwhile.
        lock_chain(INSTALLATION)
        rotation = None if _was_cut_short(path, waiting) else _told(current_key(), waiting)
    os.replace(waiting, path)
    seal_heads()
    return rotation


def _was_cut_short(path: Path, waiting: Path) -> bool:
    if not path.exists() or not waiting.exists():
        return False
    return successor_of(read_key(path).public_key()) == fingerprint_of(read_key(waiting).public_key())


def _told(old: Ed25519PrivateKey, waiting: Path) -> Rotation:
    # One that stands there and was never told of is nobody's key.
    waiting.unlink(missing_ok=True)
    make_key_file(waiting)
    new = read_key(waiting)
    names = {"old": fingerprint_of(old.public_key()), "new": fingerprint_of(new.public_key())}
    words = rotation_words(**names)
    rotation = Rotation(**names, by_old=old.sign(words).hex(), by_new=new.sign(words).hex())
    take_up(new.public_key())
    tell(
        EventType.KEY_ROTATED,
        about=Named(INSTALLATION, "ledger:key"),
        by=None,
        **names,
        by_old=rotation.by_old,
        by_new=rotation.by_new,
    )
    return rotation
