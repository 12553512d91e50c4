"""A centre's own standards: handed in, looked at, loaded (Q2, Q31)."""

from datetime import timedelta
from typing import IO

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from centres.models import Membership, StandardUpload
from centres.permissions import check_coordinates
from centres.standards.queries import problems_at
from files.sniffing import clean_name
from ledger.chains import centre_chain
from units.actions import load_standard
from units.documents import document_to_data
from units.standard_files import StandardFileError, check, digest_of
from units.uploads import MOST_BYTES, NotReadable, read_upload

# A preview that nobody comes back to is thrown away with the next file that is handed in.
KEPT_FOR = timedelta(days=14)


def check_may_load(upload: StandardUpload) -> None:
    """Raises ValidationError, saying what to do, for a file with problems and for one that is loaded already."""
    match upload.state:
        case "refused":
            raise ValidationError(
                "Nothing of this file can be loaded while it has problems. Mend them, hand it in again."
            )
        case "applied":
            raise ValidationError("This file has been loaded.")


def hand_in_standard(*, file: IO[bytes], name: str, by: Membership) -> StandardUpload:
    """Read a standard file or a spreadsheet and keep what it says for its preview. Nothing is loaded yet.

    It is read before anything is locked: 0.1 s for 68 units, some seconds for a file made to harm. Raises
    PermissionDenied unless ``by`` coordinates the centre; ValidationError for what is neither file nor spreadsheet.
    """
    check_coordinates(centre=by.centre, by=by)
    try:
        read = read_upload(file.read(MOST_BYTES + 1), name, also=problems_at(by.centre))
    except NotReadable as refusal:
        raise ValidationError({"file": str(refusal)}) from None
    with transaction.atomic():
        StandardUpload.objects.filter(
            centre=by.centre, applied_at=None, uploaded_at__lt=timezone.now() - KEPT_FOR
        ).delete()
        return StandardUpload.objects.create(
            centre=by.centre,
            name=clean_name(name),
            uploaded_by=by.person,
            document=document_to_data(read.document) if read.document else None,
            digest=digest_of(read.document) if read.document else "",
            problems=[list(problem) for problem in read.problems],
            problem_count=read.problem_count,
        )


@transaction.atomic
def load_handed_in(*, upload: StandardUpload, by: Membership) -> StandardUpload:
    """Load what was handed in as the centre's own standard. Loading it twice changes nothing.

    Everything is checked again: much may have been loaded since. Raises PermissionDenied unless ``by`` coordinates the
    centre; ValidationError, with the reasons, for a file with problems or one that cannot stand beside what is there.
    """
    upload = StandardUpload.objects.select_for_update(of=("self",)).select_related("centre").get(pk=upload.pk)
    check_coordinates(centre=upload.centre, by=by)
    if upload.state == "applied":
        return upload
    check_may_load(upload)
    owner = centre_chain(upload.centre_id)
    try:
        document = check(upload.document)
        problems = [f"{place}: {what}." for place, what in problems_at(upload.centre)(document)]
        if problems:
            raise StandardFileError(problems)
        report = load_standard(document=document, owner=owner, by=by)
    except StandardFileError as refusal:
        raise ValidationError(
            ["This can no longer be loaded. Hand the file in again to see it by its rows.", *refusal.problems[:20]]
        ) from None
    upload.standard_id = report.standard_id
    upload.document = None
    upload.applied_at = timezone.now()
    upload.applied_by = by.person
    upload.save(update_fields=["standard", "document", "applied_at", "applied_by"])
    return upload
