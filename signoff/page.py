"""The unit record as a page shows it, laid out like the paper one. Pure: contents and reasons in, dataclasses out.

`queries.record_page` asks the checks and hands their reasons in; the template only draws.
"""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from assessment.confirming.statements import Confirming, statement_of
from assessment.sufficiency.queries import accepted_claim, weigh_today
from assessment.sufficiency.weighing import Sufficiency
from centres.models import Membership, Role
from registrations.models import RecordState, UnitConfirmationKind
from signoff.contents import RecordContents
from signoff.gate import Gate
from signoff.models import Signature, Slot
from signoff.page_tables import Assessed, Chip, Table, assessed_of, chips_of, tables_of
from signoff.permissions import why_not_going_on
from signoff.statements import (
    PRINTED_LINES,
    award_note,
    not_required_note,
    statement_for,
)
from signoff.states import COUNTERSIGNED_BY, slots_due
from signoff.to_do import ToDo, to_do
from units.outline import Conflict, UnitOutline
from units.text import listed


@dataclass(frozen=True, kw_only=True)
class Button:
    """Something that can be done, or cannot be done for a reason (HOUSE, habit 2)."""

    label: str
    url: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Box:
    """One box at the head of the record."""

    term: str
    value: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Said:
    """Something confirmed of the unit instead of being ticked, by whom and when."""

    text: str
    name: str
    date: datetime


@dataclass(frozen=True, kw_only=True)
class VoidSignature:
    """A signature of an earlier round, with who made it void, when and why (R48)."""

    title: str
    name: str
    date: datetime
    void_since: datetime
    unlocked_by: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One of the six lines. `status`: done, current, not_required or waiting."""

    slot: Slot
    number: int
    title: str
    statement: str
    status: str
    name: str = ""
    date: datetime | None = None
    drawing: str = ""
    note: str = ""
    button: Button | None = None

    @property
    def action_url(self) -> str:
        return self.button.url if self.button and not self.button.reason else ""

    @property
    def action_label(self) -> str:
        return self.button.label if self.button else ""

    @property
    def reason(self) -> str:
        return self.button.reason if self.button else ""


@dataclass(frozen=True, kw_only=True)
class RecordPage:
    """Everything that the record page shows."""

    contents: RecordContents
    outline: UnitOutline
    gate: Gate
    boxes: tuple[Box, ...]
    conflicts: tuple[Conflict, ...]
    tables: tuple[Table, ...]
    whole_unit: tuple[Chip, ...]
    assessed: tuple[Assessed, ...]
    to_do: tuple[ToDo, ...]
    confirmed: tuple[Said, ...]
    # What the assessor judges sufficiency by; the candidate is not shown it.
    sufficiency: Sufficiency | None
    lines: tuple[Line, ...]
    voided: tuple[VoidSignature, ...]
    unlocked: str
    next_step: str
    sample: Button | None
    withdraw_sample: Button | None
    unlock: Button | None
    instances: Button | None
    waive: Button | None

    @property
    def is_frozen(self) -> bool:
        return self.contents.record.state != RecordState.OPEN


@dataclass(frozen=True, kw_only=True)
class Reasons:
    """Why this seat cannot do something; "" where it can, None where it is not theirs to do at all."""

    sign: dict[Slot, str]
    sample: str | None = None
    withdraw_sample: str | None = None
    unlock: str | None = None


def lay_out(contents: RecordContents, *, seat: Membership, reasons: Reasons) -> RecordPage:
    """Lay the record out for one seat. Drafts are shown to the candidate only."""
    pk = contents.record.pk
    shown = chips_of(line for line in contents.lines if seat.role == Role.CANDIDATE or not line.is_draft)
    gate = contents.gate
    return RecordPage(
        contents=contents,
        outline=contents.outline,
        gate=gate,
        boxes=_boxes(contents),
        # Q1: the unit registered on governs; assessor and IV are told where another unit says otherwise.
        conflicts=contents.outline.conflicts if seat.role in (Role.ASSESSOR, Role.IV) else (),
        tables=tables_of(contents, shown),
        whole_unit=tuple(chip for line, chip in shown if line.criterion is None),
        assessed=assessed_of(shown),
        to_do=to_do(contents, seat) if contents.record.state == RecordState.OPEN else (),
        confirmed=_confirmed(contents),
        sufficiency=None if seat.role == Role.CANDIDATE or not contents.accepted else _sufficiency(contents),
        lines=tuple(_line(slot, contents, reasons) for slot in Slot),
        voided=void_signatures(contents),
        unlocked=_unlocked(contents),
        next_step=next_step(contents),
        sample=_button("Draw this record as a sample", "sample", pk, reasons.sample),
        withdraw_sample=_button("Take the sample back", "withdraw_sample", pk, reasons.withdraw_sample),
        unlock=_button("Unlock this record", "unlock", pk, reasons.unlock),
        instances=_instances(contents, seat),
        waive=_waive(contents, seat),
    )


def _button(label: str, name: str, pk: int, reason: str | None) -> Button | None:
    return None if reason is None else Button(label=label, url=reverse(name, args=[pk]), reason=reason)


def _instances(contents: RecordContents, seat: Membership) -> Button | None:
    """The way to name what the unit asks for several of, for its candidate while it is open (R3)."""
    words = contents.outline.instance_words
    if not words or seat.role != Role.CANDIDATE or not contents.record.is_open:
        return None
    label = f"Name each {listed(sorted(words))}"
    return Button(label=label, url=reverse("instances", args=[contents.record.pk]))


def _waive(contents: RecordContents, seat: Membership) -> Button | None:
    """The way to do without a "should", for the unit's assessor while it is open (Q11)."""
    record = contents.record
    is_theirs = seat.role == Role.ASSESSOR and seat.person_id == record.assessor.pk
    if not contents.outline.can_be_waived or not is_theirs or not record.is_open:
        return None
    return Button(label="Waive a “should”", url=reverse("waive", args=[record.pk]))


def _confirmed(contents: RecordContents) -> tuple[Said, ...]:
    """What the assessor has confirmed, and the centre's word on criteria held elsewhere (Q2)."""
    said = [
        Said(
            text=statement_of(Confirming(UnitConfirmationKind(row.kind), row.group_id), contents.outline),
            name=row.confirmed_by.name,
            date=row.confirmed_at,
        )
        for row in contents.confirmations
    ]
    if held := contents.held_elsewhere:
        text = f"The centre confirms that the do and know criteria are held elsewhere: {held.where}."
        said.append(Said(text=text, name=held.confirmed_by.name, date=held.confirmed_at))
    return tuple(said)


def void_signatures(contents: RecordContents) -> tuple[VoidSignature, ...]:
    """The signatures of earlier rounds, oldest first: they are void, and stay to be read."""
    return tuple(
        VoidSignature(
            title=PRINTED_LINES[Slot(row.slot)],
            name=row.printed_name,
            date=row.signed_at,
            void_since=row.voided_by.unlocked_at,
            unlocked_by=row.voided_by.unlocked_by.name,
            reason=row.voided_by.reason,
        )
        for row in contents.voided
        if row.voided_by
    )


def _unlocked(contents: RecordContents) -> str:
    """Who opened a record again that nobody has signed since, when and why; "" for any other."""
    unlocking = contents.unlocking
    if unlocking is None or contents.record.state != RecordState.OPEN:
        return ""
    on = date_format(localtime(unlocking.unlocked_at), "SHORT_DATE_FORMAT")
    return (
        f"{unlocking.unlocked_by} opened it again on {on}: “{unlocking.reason}” Every signature from before is void, "
        "so it takes new ones."
    )


def _sufficiency(contents: RecordContents) -> Sufficiency:
    return weigh_today(
        accepted_claim(
            line.version,
            reference=line.reference,
            label=line.criterion.label if line.criterion else "",
            section=line.criterion.section if line.criterion else None,
        )
        for line in contents.accepted
    )


def next_step(contents: RecordContents) -> str:
    """Who signs next, in a sentence."""
    record = contents.record
    if reason := why_not_going_on(record.registration):
        return reason
    if contents.disowned and record.state != RecordState.EXTERNALLY_VERIFIED:
        return f"Nobody can sign: the testimony in {', '.join(contents.disowned)} is suspended."
    match record.state:
        case RecordState.OPEN:
            if contents.gate.is_open:
                return f"{record.registration.candidate} signs next: everything that is required is there."
            return "Nobody can sign yet: something is still missing."
        case RecordState.CANDIDATE_SIGNED:
            return f"{record.assessor} signs next, as assessor."
        case RecordState.AWAITING_COUNTERSIGNATURE:
            return f"A qualified assessor who is approved for unit {record.unit.code} countersigns next."
        case RecordState.AWAITING_IV_COUNTERSIGNATURE:
            return f"A qualified IV who is approved for unit {record.unit.code} countersigns next."
        case RecordState.EXTERNALLY_VERIFIED:
            return "Every signature that is due is there."
    for capacity, mark in sorted(contents.marks.items(), reverse=True):  # The IV comes before the EV.
        if contents.signed(capacity):
            continue
        if reason := contents.why_drawn_anew(capacity):
            who = f"{record.iv}, as IV, draws" if capacity == Slot.IV else "Another EV draws"
            return f"{reason} {who} it anew and signs next, or the sample is taken back."
        # After a hand-over the mark stays with the record, and the new IV signs.
        if capacity == Slot.IV and mark.verifier_id != record.iv.pk:
            return f"{mark.verifier} has drawn this record as a sample. {record.iv} signs next, as IV."
        return f"{mark.verifier} has drawn this record as a sample and signs next."
    return "Every signature that is due is there. A verifier signs only if they draw this record as a sample."


def _boxes(contents: RecordContents) -> tuple[Box, ...]:
    record = contents.record
    registration = record.registration
    return (
        Box(term="Candidate", value=str(registration.candidate), url=reverse("portfolio", args=[record.portfolio_id])),
        Box(term="Registration number", value=registration.number),
        Box(term="Centre", value=f"{registration.centre} ({registration.centre.number})"),
        Box(term="Qualification", value=str(registration.qualification)),
        Box(term="Assessor", value=str(record.assessor)),
        Box(term="Internal verifier", value=str(record.iv)),
    )


_SIGN = {
    Slot.CANDIDATE: "Sign as candidate",
    Slot.ASSESSOR: "Sign as assessor",
    Slot.ASSESSOR_COUNTERSIGNATURE: "Countersign the assessor",
    Slot.IV: "Sign as IV",
    Slot.IV_COUNTERSIGNATURE: "Countersign the IV",
    Slot.EV: "Sign as EV",
}
_PRINTED_STATEMENTS = (Slot.CANDIDATE, Slot.ASSESSOR)


def _line(slot: Slot, contents: RecordContents, reasons: Reasons) -> Line:
    number, title = list(Slot).index(slot) + 1, PRINTED_LINES[slot]
    statement = statement_for(contents.outline, slot)
    if signature := contents.signed(slot):
        return Line(
            slot=slot,
            number=number,
            title=title,
            statement=signature.statement,
            status="done",
            name=signature.printed_name,
            date=signature.signed_at,
            drawing=drawing_url(signature),
            note=award_note(signature, contents.signature_state(slot)),
        )
    status, note = _unsigned(slot, contents)
    button = None
    if status == "current" and slot in reasons.sign:
        url = reverse("sign", args=[contents.record.pk, slot.value])
        button = Button(label=_SIGN[slot], url=url, reason=reasons.sign[slot])
    if slot not in _PRINTED_STATEMENTS and status != "current":
        # The paper record prints a bare line here.
        statement = ""
    return Line(slot=slot, number=number, title=title, statement=statement, status=status, note=note, button=button)


def drawing_url(signature: Signature) -> str:
    """Where the drawing beside a signature is to be had; "" where there is none."""
    return reverse("signature_drawing", args=[signature.pk]) if signature.drawing_id else ""


def _unsigned(slot: Slot, contents: RecordContents) -> tuple[str, str]:
    """Status and note of a line without a signature."""
    if under := COUNTERSIGNED_BY.get(slot):
        signature = contents.signed(under)
        if signature and not signature.needs_countersignature:
            return "not_required", not_required_note(signature)
        if signature is None:
            return "waiting", "Due only if the register shows no recognised award on the day of signing."
    if slot in (Slot.IV, Slot.EV) and slot.value not in contents.marks:
        return "waiting", "Not sampled, so this line stays blank."
    is_due = slot in slots_due(contents.record.state)
    if slot is Slot.EV and Slot.IV.value in contents.marks and contents.signed(Slot.IV) is None:
        is_due = False
    return ("current" if is_due else "waiting"), ""
