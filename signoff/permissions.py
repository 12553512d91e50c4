"""Who may sign, draw and unlock, with the reason why not (HOUSE, habits 2 and 3; decided 7).

PermissionDenied: this person may not. ValidationError: not in this state; its code is "signed_already" where the line
is signed. Page and action call the same checks on the same contents, so they agree by construction.
"""

from collections.abc import Collection
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from centres.authority import check_may_countersign, check_may_verify, is_approved
from centres.decorators import with_article
from centres.models import AccessGrant, Capacity, Membership, Registration, RegistrationStatus, Role, ScopeKind, User
from centres.permissions import check_registration_open
from evidence.models import RecordState
from evidence.permissions.portfolio import is_same_person
from signoff.contents import RecordContents
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
            _check_drawn(contents, Verifier.IV)
            check_independent(contents=contents, person=by.person)
            check_may_verify(by.person, by.centre, contents.record.unit, on)
        case Slot.IV_COUNTERSIGNATURE:
            check_independent(contents=contents, person=by.person)
            _check_countersigner(contents, slot=slot, under=Slot.IV, by=by, on=on)
        case Slot.EV:
            _check_drawn(contents, Verifier.EV)
            _check_iv_is_done(contents)
            check_independent(contents=contents, person=by.person, signed_too=(Slot.IV, Slot.IV_COUNTERSIGNATURE))


def check_may_mark(*, contents: RecordContents, by: Membership) -> None:
    """Whether the verifier in this seat may draw this record (R42, R49, Q25), in any state: sampling may be interim."""
    record = contents.record
    _check_centre(contents, by)
    match by.role:
        case Role.IV:
            _check_verifies(contents, by)
            check_independent(contents=contents, person=by.person)
            check_may_verify(by.person, by.centre, record.unit, timezone.localdate())
        case Role.EV:
            if registration_grant(contents=contents, person=by.person) is None:
                raise PermissionDenied("This registration is not open to you. Ask the centre coordinator.")
            check_independent(contents=contents, person=by.person)
        case _:
            raise PermissionDenied("Unit records are drawn by internal and external verifiers.")
    if (earlier := contents.marks.get(by.role)) and not is_closed_again(contents=contents, by=by):
        raise ValidationError(f"{earlier.verifier} has drawn this unit record already.", code="marked_already")
    if record.state == RecordState.EXTERNALLY_VERIFIED:
        raise ValidationError("The EV has signed this record, so it is not sampled any more.")
    if reason := why_not_going_on(record.registration):
        raise ValidationError(reason)


def check_may_withdraw_mark(*, contents: RecordContents, by: Membership) -> None:
    """Whether the verifier in this seat may take a sampling mark back: before the signature it was made for."""
    _check_centre(contents, by)
    mark = contents.marks.get(by.role)
    if by.role not in Verifier:
        raise PermissionDenied("Sampling marks are taken back by verifiers.")
    if mark is None:
        raise ValidationError("This unit record has not been drawn.")
    if mark.verifier_id != by.person_id:
        if by.role == Role.EV:
            raise PermissionDenied(f"{mark.verifier} drew this unit record, and only they can take that back.")
        _check_verifies(contents, by)
    if signature := contents.signed(by.role):
        raise ValidationError(f"{signature.printed_name} has signed for this sample, so it stays.")


def check_may_unlock(*, contents: RecordContents, by: Membership) -> None:
    """Whether this seat may open a signed record again: until a verifier has signed, its assessor or the coordinator;
    afterwards the coordinator only (R48)."""
    record = contents.record
    _check_centre(contents, by)
    if by.role not in (Role.ASSESSOR, Role.COORDINATOR):
        raise PermissionDenied("A signed record is unlocked by its assessor or the centre coordinator.")
    if by.role == Role.ASSESSOR and by.person_id != record.assessor.pk:
        raise PermissionDenied(f"This record is unlocked by its assessor, {record.assessor}, or the coordinator.")
    unlocking_move(state=record.state)
    if by.role == Role.ASSESSOR and record.state not in UNLOCKED_BY_ASSESSOR:
        raise PermissionDenied("A verifier has signed this record: only the centre coordinator can unlock it now.")
    check_registration_open(record.registration)


def check_independent(*, contents: RecordContents, person: User, signed_too: tuple[Slot, ...] = ()) -> None:
    """A verifier had no part in what is verified: not as candidate, assessor, countersigner or witness (R40, R41, Q4).

    `signed_too` names further lines that the person must not have signed. Raises PermissionDenied with the reason.
    """
    if person.pk == contents.record.registration.candidate_id:
        raise PermissionDenied("You are the candidate of this record, so you cannot verify it.")
    if person.pk in {line.judged_by_id for line in contents.lines} | {contents.record.assessor.pk}:
        raise PermissionDenied("You assessed this unit, and nobody verifies their own assessment decision.")
    if person.pk in contents.assessed_by:
        raise PermissionDenied(
            "You had a part in this assessment, as who observed, confirmed or waived something in it, so you cannot "
            "verify it."
        )
    for slot in (Slot.ASSESSOR, Slot.ASSESSOR_COUNTERSIGNATURE, *signed_too):
        signature = contents.signed(slot)
        if signature and signature.signer_id == person.pk:
            raise PermissionDenied(f"{LINE_NAMES[slot]} is yours, so you cannot verify this record as well.")
    _check_no_witness(contents, person)


def why_not_going_on(registration: Registration, *, allowed: Collection[str] = VERIFIABLE) -> str:
    """Why nothing on a registration of this status is signed or sampled any more; "" where it is."""
    if registration.status in allowed:
        return ""
    return f"This registration is {registration.get_status_display().lower()}, so nothing on it can be signed."


def registration_grant(*, contents: RecordContents, person: User) -> AccessGrant | None:
    """The running grant that opens this registration to a verifier, the longest if there are several (Q25)."""
    grants = AccessGrant.objects.running().filter(
        person=person, scope_kind=ScopeKind.REGISTRATION, scope_id=contents.record.registration_id
    )
    return grants.order_by("-ends_on", "pk").first()


def _check_centre(contents: RecordContents, by: Membership) -> None:
    if by.centre_id != contents.record.registration.centre_id or by.ended_at is not None:
        raise PermissionDenied("This record belongs to a centre that you are not acting for.")


def _check_seat(contents: RecordContents, slot: Slot, by: Membership) -> None:
    """The role and the assignment that this line asks for (Q24)."""
    _check_centre(contents, by)
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
        _check_verifies(contents, by)
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
    _check_no_witness(contents, by.person)


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
    _check_no_witness(contents, by.person)


def _check_verifies(contents: RecordContents, by: Membership) -> None:
    """The unit's IV, or an IV to whom this record has been opened."""
    record = contents.record
    if by.person_id != record.iv.pk and not has_record_grant(contents, by):
        raise PermissionDenied(f"The IV of this unit is {record.iv}.")


def is_closed_again(*, contents: RecordContents, by: Membership) -> bool:
    """Whether an EV drew this record on an earlier visit, since when their access to it has ended (Q25)."""
    mark = contents.marks.get(by.role)
    return bool(mark and by.role == Role.EV and mark.verifier_id == by.person_id and not has_record_grant(contents, by))


def is_open_to_ev(contents: RecordContents, by: Membership) -> bool:
    """Both grants run, as for reading: when the coordinator ends the visit, what was drawn on it closes too (Q25)."""
    return has_record_grant(contents, by) and registration_grant(contents=contents, person=by.person) is not None


def has_record_grant(contents: RecordContents, by: Membership) -> bool:
    """Whether this record itself is open to the person today."""
    return record_grants(contents=contents, by=by).exists()


def record_grants(*, contents: RecordContents, by: Membership) -> QuerySet[AccessGrant]:
    """The running grants that open this record itself to the person."""
    return AccessGrant.objects.running().filter(
        person=by.person, scope_kind=ScopeKind.UNIT_RECORD, scope_id=contents.record.pk
    )


def _check_drawn(contents: RecordContents, capacity: str) -> None:
    """No verifier signs what was not sampled (R42, R49)."""
    mark = contents.marks.get(capacity)
    if mark is None:
        raise ValidationError(
            "Mark this record as sampled first: verifiers sign only what they sampled.", code="unsampled"
        )


def _check_iv_is_done(contents: RecordContents) -> None:
    """While the IV has drawn the record and not signed, the EV waits (Q6)."""
    if Verifier.IV in contents.marks and contents.signed(Slot.IV) is None:
        raise ValidationError(
            f"{contents.marks[Verifier.IV].verifier} has drawn this record and has not signed yet. The IV comes first.",
            code="not_due",
        )


def _check_no_witness(contents: RecordContents, person: User) -> None:
    """Whoever testified in the evidence neither assesses nor verifies it (R23, R41)."""
    for line in contents.lines:
        witness = line.version.witness
        if witness and is_same_person(witness.name, witness.contact, person.name, person.email):
            raise PermissionDenied(f"You are the witness in {line.reference}, so you cannot sign for it here.")
