"""Reads about sign-off, limited to who is asking (R64)."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from centres.authority.register import approved_units, is_qualified
from centres.models import Capacity, Membership, Role, User
from centres.permissions import why_not
from ledger.models import Event
from ledger.queries import events_in, with_notes
from registrations.models import RecordState, RegistrationStatus, UnitRecord
from registrations.queries import assessed_by, records_for, records_listed_for, verified_by
from signoff.contents import RECORD_RELATIONS, RecordContents, contents_of, contents_of_record
from signoff.models import SamplingMark, Signature
from signoff.page import Reasons, RecordPage, lay_out
from signoff.permissions import (
    SLOT_ROLES,
    VERIFIABLE,
    check_may_sign,
    check_may_unlock,
)
from signoff.sampling import check_may_mark, check_may_withdraw_mark, is_drawn_anew, mark_to_withdraw
from signoff.seen import Names, Seen, people_in, seen_of
from signoff.snapshot import digest_of
from signoff.states import slots_due


def record_page(record_id: int, seat: Membership) -> RecordPage:
    """The unit record as this seat sees it, in at most eight queries however many claims it holds.

    Raises UnitRecord.DoesNotExist when it does not open to this seat.
    """
    contents = contents_for(record_id, seat)
    return lay_out(contents, seat=seat, reasons=_reasons(contents, seat))


def contents_for(
    record_id: int, seat: Membership, *, with_files: bool = False, merely_listed: bool = False
) -> RecordContents:
    """The contents of a record that opens to this seat, or with `merely_listed` that the seat may know of (Q25).

    Raises UnitRecord.DoesNotExist.
    """
    records = records_listed_for(seat) if merely_listed else records_for(seat)
    return contents_of_record(records.select_related(*RECORD_RELATIONS).get(pk=record_id), with_files=with_files)


def seen_in(snapshot: dict[str, Any], contents: RecordContents) -> Seen:
    """What the signer of a snapshot reads (Q26), taken from these contents. One query, for everybody's names."""
    people = User.objects.filter(pk__in=people_in(snapshot)).values_list("pk", "name")
    witnesses = (line.version.witness for line in contents.lines)
    names = Names(people=dict(people), witnesses={one.pk: one.name for one in witnesses if one})
    return seen_of(snapshot, fingerprint=digest_of(snapshot), names=names, outline=contents.outline)


def drawn_signatures_for(seat: Membership) -> QuerySet[Signature]:
    """The signatures with a drawing beside them on records that open to this seat, void ones too."""
    drawn = Signature.objects.filter(drawing__isnull=False).select_related("drawing")
    return drawn.filter(record__in=records_for(seat).order_by().values("pk"))


def pending_for(seat: Membership) -> QuerySet[UnitRecord]:
    """The records that wait for a signature which this seat can give (HOUSE decided 6: derived, never stored).

    Oldest first. Assessor: those the candidate has signed, and countersignatures that they could discharge. IV: those
    drawn that they verify now, whoever drew them, and countersignatures. EV: those that they have drawn. For a
    candidate, see `open_contents`: it takes the gate.
    """
    records = (
        records_for(seat)
        .exclude(registration__candidate=seat.person)
        .select_related("registration__candidate", "unit")
        .order_by("opened_at", "pk")
    )
    match seat.role:
        case Role.ASSESSOR:
            own = Q(assessed_by(seat.person), state=RecordState.CANDIDATE_SIGNED)
            drew = Exists(_live_marks("iv").filter(verifier=seat.person))
            second = _to_countersign(seat, Capacity.ASSESSOR) & ~Q(verified_by(seat.person)) & ~Q(drew)
            return records.filter(own | second, registration__status=RegistrationStatus.ACTIVE)
        case Role.IV:
            own = Q(Exists(_live_marks("iv")), state=RecordState.COMPLETE)
            second = _to_countersign(seat, Capacity.IV) & ~Q(assessed_by(seat.person))
            return records.filter(own | second, registration__status__in=VERIFIABLE)
        case Role.EV:
            drawn = Exists(_live_marks("ev").filter(verifier=seat.person))
            iv_waits = Exists(_live_marks("iv")) & Q(state=RecordState.COMPLETE)
            of_ev = records.filter(drawn & ~iv_waits, registration__status__in=VERIFIABLE)
            return of_ev.filter(state__in=[RecordState.COMPLETE, RecordState.VERIFIED])
    return records.none()


def open_contents(seat: Membership) -> list[RecordContents]:
    """The candidate's own open records with all that their gates look at, oldest first; nobody else has any.

    At most ten queries, however many records.
    """
    if seat.role != Role.CANDIDATE:
        return []
    records = records_for(seat).filter(state=RecordState.OPEN, registration__status=RegistrationStatus.ACTIVE)
    return list(contents_of(records.select_related(*RECORD_RELATIONS).order_by("opened_at", "pk")).values())


def history_of_record(record: UnitRecord) -> QuerySet[Event]:
    """Everything the ledger tells of a unit record and the claims on it, newest first, with notes."""
    told = events_in(record.chain).filter(Q(subject=f"unit_record:{record.pk}") | Q(data__unit_record=record.pk))
    return with_notes(told).order_by("-sequence")


def _reasons(contents: RecordContents, seat: Membership) -> Reasons:
    """Ask the checks for what this seat could do here; nothing is asked that the seat's role never does."""
    due = [slot for slot in slots_due(contents.record.state) if SLOT_ROLES[slot] == seat.role]
    sign = {slot: why_not(check_may_sign, contents=contents, slot=slot, by=seat) for slot in due}
    sample = withdraw = unlock = None
    if seat.role in SamplingMark.Verifier:
        mark, signature = contents.marks.get(seat.role), contents.signed(seat.role)
        is_to_draw = mark is None or is_drawn_anew(contents=contents, by=seat)
        if is_to_draw and contents.record.state != RecordState.EXTERNALLY_VERIFIED:
            sample = why_not(check_may_mark, contents=contents, by=seat)
        elif mark and not signature:
            withdraw = why_not(check_may_withdraw_mark, contents=contents, by=seat)
    if seat.role == Role.COORDINATOR and mark_to_withdraw(contents=contents, by=seat):
        withdraw = why_not(check_may_withdraw_mark, contents=contents, by=seat)
    answers_for_it = seat.role == Role.ASSESSOR and seat.person_id == contents.record.assessor.pk
    if contents.record.state != RecordState.OPEN and (answers_for_it or seat.role == Role.COORDINATOR):
        unlock = why_not(check_may_unlock, contents=contents, by=seat)
    return Reasons(sign=sign, sample=sample, withdraw_sample=withdraw, unlock=unlock)


def _live_marks(capacity: str) -> QuerySet[SamplingMark]:
    return SamplingMark.objects.filter(record=OuterRef("pk"), capacity=capacity, withdrawn_at=None)


def _to_countersign(seat: Membership, capacity: Capacity) -> Q:
    """Countersignatures that this person could give today: qualified, approved, with no signature there yet (R33)."""
    today = timezone.localdate()
    if not is_qualified(seat.person, seat.centre, capacity, today):
        return Q(pk=None)
    state = {
        Capacity.ASSESSOR: RecordState.AWAITING_COUNTERSIGNATURE,
        Capacity.IV: RecordState.AWAITING_IV_COUNTERSIGNATURE,
    }[capacity]
    signed = Signature.objects.filter(record=OuterRef("pk"), voided_at=None, signer=seat.person)
    units = approved_units(seat.person, seat.centre, capacity, today)
    return Q(state=state, unit__in=units) & ~Q(Exists(signed))
