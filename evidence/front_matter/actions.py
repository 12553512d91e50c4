"""Writes to a portfolio's front matter: profile or CV, and job description (R61)."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from centres.models import Membership
from evidence.items.versions import check_room, digests, named
from evidence.models import FrontMatter, FrontMatterFile, FrontMatterKind
from evidence.permissions import check_may_add
from files.actions import NoLongerHere, attach
from files.forms import HandedIn
from ledger.actions import tell
from ledger.events import EventType
from registrations.models import Portfolio

LONGEST_TEXT = 20_000


@transaction.atomic
def change_front_matter(
    *,
    portfolio: Portfolio,
    kind: FrontMatterKind,
    based_on: int | None,
    text: str,
    files: Sequence[HandedIn] = (),
    by: Membership,
) -> FrontMatter:
    """Save one part anew (R61). What stood there before stays on record, for the candidate only (R60).

    ``based_on`` is the id of the row that the form was filled in from, None where there was none. ``files`` are all the
    files from now on, kept ones included. Neither text nor files takes the part out. The same form sent twice saves
    once.

    Raises PermissionDenied for anybody but the candidate; ValidationError for a read-only portfolio, a part that was
    saved meanwhile, one that says nothing yet and still would not, text that is too long, and files without room.
    """
    portfolio = Portfolio.objects.select_for_update().get(pk=portfolio.pk)
    check_may_add(portfolio, by)
    text = text.strip()
    before = FrontMatter.objects.filter(portfolio=portfolio, kind=kind, replaced_at=None).first()
    if before is not None and before.text == text and _files_of(before) == named(files):
        return before  # Saved already: the same form came twice, or nothing was changed.
    if (before.pk if before else None) != based_on:
        raise ValidationError("You have saved this in another tab meanwhile. Look again, then save.", code="stale")
    if len(text) > LONGEST_TEXT:
        raise ValidationError({"text": f"Say it in {LONGEST_TEXT} characters, or hand in a file."})
    if before is None and not text and not files:
        raise ValidationError({"text": "Write something, or hand in a file."})
    now = timezone.now()
    if before is not None:
        before.replaced_at = now
        before.save(update_fields=["replaced_at"])
    made = FrontMatter.objects.create(portfolio=portfolio, kind=kind, text=text, written_by=by.person, written_at=now)
    _put_files(made, files)
    tell(
        EventType.FRONT_MATTER_CHANGED,
        about=made,
        by=by,
        kind=str(kind),
        replaces=before.pk if before else None,
        files=digests(files),
    )
    return made


def _files_of(part: FrontMatter) -> list[tuple[str, str]]:
    return list(part.files.values_list("blob__sha256", "name"))


def _put_files(part: FrontMatter, files: Sequence[HandedIn]) -> None:
    blobs = [file.blob for file in files]
    check_room(part.portfolio_id, blobs)
    try:
        attach(blobs)
    except NoLongerHere as error:
        raise ValidationError({"files": "A file was handed in too long ago and is gone. Choose it again."}) from error
    FrontMatterFile.objects.bulk_create(
        FrontMatterFile(front_matter=part, blob=file.blob, name=file.name, position=position)
        for position, file in enumerate(files, start=1)
    )
