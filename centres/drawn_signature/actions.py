"""The drawn signature on somebody's account: kept, replaced, taken away (Q26)."""

from typing import IO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from centres.models import DrawnSignature, Membership, User
from files.actions import StorageFull, attach, let_go, store
from files.drawn import redraw
from files.forms import NO_ROOM
from files.sniffing import Refused, clean_name
from ledger.actions import tell
from ledger.events import EventType

FILE_NAME = "signature.png"


def save_drawn_signature(*, file: IO[bytes], name: str, by: Membership) -> DrawnSignature:
    """Keep a drawing of one's own signature, in the place of the one before. The same drawing twice is one.

    It is drawn anew from the picture before anything is locked, and only that is kept. What was signed with an earlier
    drawing keeps it. Raises ValidationError under "picture" for what is no picture, holds no strokes or is too big.
    """
    try:
        drawn = redraw(file, clean_name(name))
        blob = store(upload=ContentFile(drawn), name=FILE_NAME, by=by.person)
    except Refused as refusal:
        raise ValidationError({"picture": refusal.reason}) from None
    except StorageFull:
        raise ValidationError({"picture": NO_ROOM}) from None
    with transaction.atomic():
        # Held, so that of two windows the second replaces the drawing of the first.
        User.objects.select_for_update(no_key=True).get(pk=by.person_id)
        kept = DrawnSignature.objects.select_related("blob").filter(person=by.person).first()
        if kept and kept.blob.sha256 == blob.sha256:
            return kept
        attach([blob])
        before = kept.blob if kept else None
        if kept:
            kept.blob, kept.saved_at = blob, timezone.now()
            kept.save(update_fields=["blob", "saved_at"])
        else:
            kept = DrawnSignature.objects.create(person=by.person, blob=blob)
        _tell(EventType.DRAWN_SIGNATURE_SAVED, sha256=blob.sha256, by=by)
        if before:
            let_go(before)
    return kept


@transaction.atomic
def remove_drawn_signature(*, by: Membership) -> None:
    """Take one's own drawing away; where there is none, nothing happens. What was signed with it keeps it."""
    User.objects.select_for_update(no_key=True).get(pk=by.person_id)
    kept = DrawnSignature.objects.select_related("blob").filter(person=by.person).first()
    if kept is None:
        return
    kept.delete()
    _tell(EventType.DRAWN_SIGNATURE_REMOVED, sha256=kept.blob.sha256, by=by)
    let_go(kept.blob)


def drawing_in_use(person: User) -> DrawnSignature | None:
    """Somebody's drawing, held until the transaction ends: it is neither replaced nor taken away meanwhile."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    return DrawnSignature.objects.select_related("blob").filter(person=person).first()


def _tell(type: EventType, *, sha256: str, by: Membership) -> None:
    tell(type, about=by, by=by, sha256=sha256)
