"""Who may sign and unlock, with the reason why not (HOUSE, habits 2 and 3; decided 7).

PermissionDenied: this person may not. ValidationError: not in this state; its code is "signed_already" where the line
is signed. Page and action call the same checks on the same contents, so they agree by construction.
"""

from collections.abc import Collection
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from centres.authority.register import check_may_countersign, check_may_verify, is_approved
from centres.decorators import with_article
from centres.models import AccessGrant, Capacity, Membership, Role, ScopeKind, User
from registrations.models import RecordState, Registration, RegistrationStatus
from registrations.permissions import check_registration_open
from signoff.contents import RecordContents
from signoff.independence import check_from_outside, check_independent, check_no_witness
from signoff.models import SamplingMark, Slot
from signoff.states import LINE_NAMES, UNLOCKED_BY_ASSESSOR, not_due, slots_due, unlocking_move

Verifier = SamplingMark.Verifier

SLOT_ROLES: dict[Slot, Role] = {
    Slot.CANDIDATE: Role.CANDIDATE,
    Slot.ASSESSOR: Role.ASSESSOR,
    Slot.ASSESSOR_COUNTERSIGNATURE: Role.ASSESSOR,
    Slot.IV: Role.IV,
    Slot.IV_COUNTERSIGNATURE: Role.IV,
    Slot.EV: Role.EV,
}
# Verification goes on after the registration was completed; assessment does not.
_VERIFYING = frozenset({Slot.IV, Slot.IV_COUNTERSIGNATURE, Slot.EV})
VERIFIABLE = frozenset({RegistrationStatus.ACTIVE, RegistrationStatus.COMPLETED})


def check_may_sign(*, contents: RecordContents, slot: Slot, by: Membership, day: date | None = None) -> None:
    """Whether the person in this seat may sign this line now (Q6, R33, R40-R42, Q4, Q5).

    First the person, then the state, then what the state demands: an open gate, a sampling mark, authority on the day.
    """
    on = day or timezone.localdate()
    _check_seat(contents, slot, by)
    _check_line_is_due(contents, slot)
    _check_registration(contents, slot)
    check_nothing_disowned(contents)
    match slot:
        case Slot.CANDIDATE:
            _check_gate(contents)
        case Slot.ASSESSOR:
            _check_gate(contents)
            _check_approved_assessor(contents, by, on)
        case Slot.ASSESSOR_COUNTERSIGNATURE:
            _check_countersigner(contents, slot=slot, under=Slot.ASSESSOR, by=by, on=on)
            _check_not_its_iv(contents, by)
        case Slot.IV:
            _check_drawn(contents, Verifier.IV, by)
            check_independent(contents=contents, person=by.person)
            check_may_verify(by.person, by.centre, contents.record.unit, on)
        case Slot.IV_COUNTERSIGNATURE:
            check_independent(contents=contents, person=by.person)
            _check_countersigner(contents, slot=slot, under=Slot.IV, by=by, on=on)
        case Slot.EV:
            _check_drawn(contents, Verifier.EV, by)
            _check_iv_is_done(contents)
            check_from_outside(person=by.person, centre=by.centre)
            check_independent(contents=contents, person=by.person, signed_too=(Slot.IV, Slot.IV_COUNTERSIGNATURE))


def check_may_unlock(*, contents: RecordContents, by: Membership) -> None:
    """Whether this seat may open a signed record again: until a verifier has signed, its assessor or the coordinator;
    afterwards the coordinator only (R48)."""
    record = contents.record
    check_centre(contents, by)
    if by.role not in (Role.ASSESSOR, Role.COORDINATOR):
        raise PermissionDenied("A signed record is unlocked by its assessor or the centre coordinator.")
    if by.role == Role.ASSESSOR and by.person_id != record.assessor.pk:
        raise PermissionDenied(f"This record is unlocked by its assessor, {record.assessor}, or the coordinator.")
    unlocking_move(state=record.state)
    if by.role == Role.ASSESSOR and record.state not in UNLOCKED_BY_ASSESSOR:
        raise PermissionDenied("A verifier has signed this record: only the centre coordinator can unlock it now.")
    check_registration_open(record.registration)


def why_not_going_on(registration: Registration, *, allowed: Collection[str] = VERIFIABLE) -> str:
    """Why nothing on a registration of this status is signed or sampled any more; "" where it is."""
    if registration.status in allowed:
        return ""
    return (
        f"This registration is {registration.get_status_display().lower()}, so nothing on it can be signed or sampled."
    )


def registration_grant(*, contents: RecordContents, person: User) -> AccessGrant | None:
    """The running grant that opens this registration to a verifier, the longest if there are several (Q25)."""
    grants = AccessGrant.objects.running().filter(
        person=person, scope_kind=ScopeKind.REGISTRATION, scope_id=contents.record.registration_id
    )
    return grants.order_by("-ends_on", "pk").first()


def is_open_to_ev(contents: RecordContents, by: Membership) -> bool:
    """Both grants run, as for reading: when the coordinator ends the visit, what was drawn on it closes too (Q25)."""
    return has_record_grant(contents, by) and registration_grant(contents=contents, person=by.person) is not None


def has_record_grant(contents: RecordContents, by: Membership) -> bool:
    """Whether this record itself is open to the person today."""
    return record_grants(contents=contents, person=by.person).exists()


def record_grants(*, contents: RecordContents, person: User) -> QuerySet[AccessGrant]:
    """The running grants that open this record itself to the person."""
    return AccessGrant.objects.running().filter(
        person=person, scope_kind=ScopeKind.UNIT_RECORD, scope_id=contents.record.pk
    )


def check_centre(contents: RecordContents, by: Membership) -> None:
    if by.centre_id != contents.record.registration.centre_id or by.ended_at is not None:
        raise PermissionDenied("This record belongs to a centre that you are not acting for.")


def check_verifies(contents: RecordContents, by: Membership) -> None:
    """The unit's IV, or an IV to whom this record has been opened."""
    record = contents.record
    if by.person_id != record.iv.pk and not has_record_grant(contents, by):
        raise PermissionDenied(f"The IV of this unit is {record.iv}.")


def check_nothing_disowned(contents: RecordContents) -> None:
    """Nobody signs over a testimony that its witness says is not theirs (R20a, R21). Raises ValidationError."""
    if not contents.disowned:
        return
    first = contents.disowned[0]
    what_now = "judge it again" if contents.record.state == RecordState.OPEN else "unlock the record and judge it again"
    raise ValidationError(f"The witness of {first} says that the testimony is not theirs: {what_now}.", code="disowned")


def _check_drawn(contents: RecordContents, capacity: str, by: Membership) -> None:
    """No verifier signs what was not sampled, and no EV what another one drew (R42, R49)."""
    mark = contents.marks.get(capacity)
    if mark is None:
        raise ValidationError(
            "Mark this record as sampled first: verifiers sign only what they sampled.", code="unsampled"
        )
    if reason := contents.why_drawn_anew(capacity):
        raise ValidationError(f"{reason} Draw the record anew first.", code="unsampled")
    if capacity == Verifier.EV and mark.verifier_id != by.person_id:
        raise ValidationError(
            f"{mark.verifier} drew this record, and an EV signs only what they sampled themself.", code="unsampled"
        )


def _check_seat(contents: RecordContents, slot: Slot, by: Membership) -> None:
    """The role and the assignment that this line asks for (Q24)."""
    check_centre(contents, by)
    record = contents.record
    if by.role != SLOT_ROLES[slot]:
        raise PermissionDenied(f"{LINE_NAMES[slot]} is not yours to give. You are here as {with_article(by.role)}.")
    if slot is Slot.CANDIDATE and by.person_id != record.registration.candidate_id:
        raise PermissionDenied(f"Only {record.registration.candidate} can sign here.")
    if slot is not Slot.CANDIDATE and by.person_id == record.registration.candidate_id:
        raise PermissionDenied("This is your own record: you cannot sign it as anything but the candidate.")
    if slot is Slot.ASSESSOR and by.person_id != record.assessor.pk:
        raise PermissionDenied(f"Only the assessor of this unit, {record.assessor}, can sign here.")
    if slot is Slot.IV:
        check_verifies(contents, by)
    if slot is Slot.EV and not is_open_to_ev(contents, by):
        raise PermissionDenied("Your access to this record has ended or was never opened.")


def _check_line_is_due(contents: RecordContents, slot: Slot) -> None:
    signature = contents.signed(slot)
    if signature is not None:
        on = timezone.localtime(signature.signed_at)
        raise ValidationError(f"{signature.printed_name} signed this line on {on:%d/%m/%Y}.", code="signed_already")
    if slot not in slots_due(contents.record.state):
        raise ValidationError(not_due(state=contents.record.state, slot=slot), code="not_due")


def _check_registration(contents: RecordContents, slot: Slot) -> None:
    allowed = VERIFIABLE if slot in _VERIFYING else {RegistrationStatus.ACTIVE}
    if reason := why_not_going_on(contents.record.registration, allowed=allowed):
        raise ValidationError(reason)


def _check_gate(contents: RecordContents) -> None:
    gate = contents.gate
    if gate.is_open:
        return
    unlock_first = "" if contents.record.state == RecordState.OPEN else " Unlock the record for that."
    raise ValidationError(f"This unit is not ready to be signed. {gate.reason}{unlock_first}", code="gate")


def _check_approved_assessor(contents: RecordContents, by: Membership, on: date) -> None:
    """The seat says that the role is held; approval for the unit is what remains (HOUSE decided 7)."""
    unit = contents.record.unit
    if not is_approved(by.person, by.centre, unit, Capacity.ASSESSOR, on):
        raise PermissionDenied(f"You are not approved to assess unit {unit.code} today. Ask the coordinator.")
    check_no_witness(contents, by.person)


def _check_countersigner(contents: RecordContents, *, slot: Slot, under: Slot, by: Membership, on: date) -> None:
    """Any qualified, approved person may discharge the duty, whoever is assigned (R33, R35)."""
    signature = contents.signed(under)
    assert signature is not None  # the state says that it waits for the second signature
    check_may_countersign(
        by.person,
        by.centre,
        contents.record.unit,
        Capacity.ASSESSOR if slot is Slot.ASSESSOR_COUNTERSIGNATURE else Capacity.IV,
        on,
        signer=signature.signer,
        candidate=contents.record.registration.candidate,
    )


def _check_not_its_iv(contents: RecordContents, by: Membership) -> None:
    """Who countersigns as assessor cannot be the IV of the unit, unless another IV takes that over first (Q4, Q5)."""
    mark = contents.marks.get(Verifier.IV)
    if by.person_id == contents.record.iv.pk or (mark and mark.verifier_id == by.person_id):
        raise PermissionDenied(
            "You are the IV of this unit. Ask the coordinator to name another IV for it, then you may countersign."
        )
    check_no_witness(contents, by.person)


def _check_iv_is_done(contents: RecordContents) -> None:
    """While the IV has drawn the record and not signed, the EV waits (Q6)."""
    if Verifier.IV in contents.marks and contents.signed(Slot.IV) is None:
        raise ValidationError(
            f"{contents.marks[Verifier.IV].verifier} has drawn this record and has not signed yet. The IV comes first.",
            code="not_due",
        )
