"""Who may draw a unit record as a sample, draw it anew, and take a sample back, with the reason why not (R42, R49).

PermissionDenied: this person may not. ValidationError: not in this state.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from centres.authority.register import check_may_verify
from centres.models import Membership, Role
from registrations.models import RecordState
from signoff.contents import RecordContents
from signoff.independence import check_from_outside, check_independent
from signoff.models import SamplingMark
from signoff.permissions import (
    Verifier,
    check_centre,
    check_verifies,
    has_record_grant,
    registration_grant,
    why_not_going_on,
)


def check_may_mark(*, contents: RecordContents, by: Membership) -> None:
    """Whether the verifier in this seat may draw this record (R42, R49, Q25), in any state: sampling may be interim."""
    record = contents.record
    check_centre(contents, by)
    match by.role:
        case Role.IV:
            check_verifies(contents, by)
            check_independent(contents=contents, person=by.person)
            check_may_verify(by.person, by.centre, record.unit, timezone.localdate())
        case Role.EV:
            if registration_grant(contents=contents, person=by.person) is None:
                raise PermissionDenied("This registration is not open to you. Ask the centre coordinator.")
            check_from_outside(person=by.person, centre=by.centre)
            check_independent(contents=contents, person=by.person)
        case _:
            raise PermissionDenied("Unit records are drawn by internal and external verifiers.")
    earlier = contents.marks.get(by.role)
    if earlier and not is_closed_again(contents=contents, by=by) and not is_drawn_anew(contents=contents, by=by):
        raise ValidationError(f"{earlier.verifier} has drawn this unit record already.", code="marked_already")
    if record.state == RecordState.EXTERNALLY_VERIFIED:
        raise ValidationError("The EV has signed this record, so it is not sampled any more.")
    if reason := why_not_going_on(record.registration):
        raise ValidationError(reason)


def is_drawn_anew(*, contents: RecordContents, by: Membership) -> bool:
    """Whether this seat would draw in another's place: the mark that stands counts no more and is withdrawn with it."""
    mark = contents.marks.get(by.role)
    is_anothers = mark is not None and mark.verifier_id != by.person_id
    return is_anothers and contents.signed(by.role) is None and bool(contents.why_drawn_anew(by.role))


def mark_to_withdraw(*, contents: RecordContents, by: Membership) -> SamplingMark | None:
    """The mark that this seat would take back: a verifier's is that of their capacity, a coordinator's that of somebody
    who has left, the IV's before the EV's, unless it was signed for."""
    if by.role != Role.COORDINATOR:
        return contents.marks.get(by.role)
    left = (capacity for capacity in Verifier if capacity in contents.left and contents.signed(capacity) is None)
    return next((contents.marks[capacity] for capacity in left), None)


def check_may_withdraw_mark(*, contents: RecordContents, by: Membership) -> None:
    """Whether this seat may take a sampling mark back: before the signature it was made for.

    A verifier takes back their own, an IV also another's of a unit that they verify. The coordinator does it where
    whoever drew the record has left, so that nothing hangs on them.
    """
    check_centre(contents, by)
    mark = mark_to_withdraw(contents=contents, by=by)
    if by.role not in (*Verifier, Role.COORDINATOR):
        raise PermissionDenied("Sampling marks are taken back by verifiers.")
    if mark is None and by.role == Role.COORDINATOR and contents.marks:
        raise PermissionDenied("Whoever drew this unit record takes that back. You can once they have left.")
    if mark is None:
        raise ValidationError("This unit record has not been drawn.")
    if by.role != Role.COORDINATOR and mark.verifier_id != by.person_id:
        if by.role == Role.EV:
            raise PermissionDenied(f"{mark.verifier} drew this unit record, and only they can take that back.")
        check_verifies(contents, by)
    if signature := contents.signed(mark.capacity):
        raise ValidationError(f"{signature.printed_name} has signed for this sample, so it stays.")


def is_closed_again(*, contents: RecordContents, by: Membership) -> bool:
    """Whether an EV drew this record on an earlier visit, since when their access to it has ended (Q25)."""
    mark = contents.marks.get(by.role)
    return bool(mark and by.role == Role.EV and mark.verifier_id == by.person_id and not has_record_grant(contents, by))
