"""Who had a part in what is signed, and so cannot verify it; who testified, and so cannot sign for it (R23, R40, R41).

Each check raises PermissionDenied with the reason.
"""

from collections.abc import Iterator

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied

from centres.models import Centre, Role, User
from centres.permissions import why_not_both
from evidence.models import EvidenceVersion
from evidence.permissions import is_same_person
from signoff.contents import RecordContents
from signoff.models import Slot
from signoff.states import LINE_NAMES


def check_independent(*, contents: RecordContents, person: User, signed_too: tuple[Slot, ...] = ()) -> None:
    """A verifier had no part in what is verified: not as candidate, assessor, countersigner or witness (R40, R41, Q4).

    `signed_too` names further lines that the person must not have signed. Raises PermissionDenied with the reason.
    """
    if person.pk == contents.record.registration.candidate_id:
        raise PermissionDenied("You are the candidate of this record, so you cannot verify it.")
    if person.pk == contents.record.assessor.pk or any(person.pk in line.judges for line in contents.lines):
        raise PermissionDenied("You assessed this unit, and nobody verifies their own assessment decision.")
    for slot in (Slot.ASSESSOR, Slot.ASSESSOR_COUNTERSIGNATURE, *signed_too):
        signature = contents.signed(slot)
        if signature and signature.signer_id == person.pk:
            raise PermissionDenied(f"{LINE_NAMES[slot]} is yours, so you cannot verify this record as well.")
    if person.pk in contents.vouched:
        raise PermissionDenied(
            "You signed or countersigned this unit as assessor before it was unlocked, so you cannot verify it."
        )
    if person.pk in contents.assessed_by:
        raise PermissionDenied(
            "You had a part in this assessment, as who observed, confirmed or waived something in it, so you cannot "
            "verify it."
        )
    check_no_witness(contents, person)


def check_from_outside(*, person: User, centre: Centre) -> None:
    """An EV comes from the awarding body: whoever holds or held another role at the centre is none there (R41, R49)."""
    if reason := why_not_both(person, centre, Role.EV):
        raise PermissionDenied(reason)


def check_no_witness(contents: RecordContents, person: User) -> None:
    """Whoever testified in the evidence neither assesses nor verifies it (R23, R41), under whatever address.

    A person goes by the name on their account and by every address that they have proved to be theirs; a witness by
    the entry in the witness list, by what the testimony says and is signed with, and by the address that was asked.
    """
    resting = {line.version.pk: line for line in contents.lines if line.version.witness or line.version.testimony}
    if not resting:
        return
    addresses = [person.email, *EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)]
    for line in resting.values():
        for name, contact in _goes_by(line.version):
            if any(is_same_person(name, contact, person.name, address) for address in addresses):
                raise PermissionDenied(f"You are the witness in {line.reference}, so you cannot sign for it here.")


def _goes_by(version: EvidenceVersion) -> Iterator[tuple[str, str]]:
    if version.witness:
        yield version.witness.name, version.witness.contact
    if version.testimony:
        yield version.testimony.name, version.testimony.contact
        yield version.testimony.signed_name, version.testimony.request.email
