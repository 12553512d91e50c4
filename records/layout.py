"""The printed unit record laid out as plain words: what stands where on the paper, and nothing else. Pure.

The same layout gives the same digest, so a record that has not changed is not printed twice.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.utils import timezone

from assessment.confirming.statements import Confirming, confirmable, statement_of
from centres.models import User
from evidence.models import ClaimState
from ledger.canonical import digest
from ledger.models import Event
from registrations.models import RecordState, UnitConfirmationKind
from signoff.contents import ClaimLine, RecordContents
from signoff.models import Signature, Slot
from signoff.page import void_signatures
from signoff.snapshot import record_digest_of, snapshot_of
from signoff.statements import (
    PRINTED_LINES,
    award_note,
    not_required_note,
    statements_for,
)
from signoff.states import COUNTERSIGNED_BY
from signoff.to_do import WHO
from units.declarations import Owner
from units.outline import GroupOutline

# Raise this when the look of the print changes, so that records are printed anew.
FORMAT = 4
MENDED = "After this record was signed, the wording of this unit was mended in its standard."
# An empty evidence table still has room for a pen.
_LEAST_EVIDENCE_ROWS = 6

_MARKERS: dict[str, str] = {
    RecordState.OPEN: "Draft – not signed",
    RecordState.CANDIDATE_SIGNED: "Not complete – awaits the assessor’s signature",
    RecordState.AWAITING_COUNTERSIGNATURE: "Not complete – awaits the assessor’s countersignature",
    RecordState.AWAITING_IV_COUNTERSIGNATURE: "Awaits the IV’s countersignature",
}


@dataclass(frozen=True, kw_only=True)
class PrintedBox:
    """One box of the front: "Candidate", "Aisha Rahman"."""

    term: str
    value: str


@dataclass(frozen=True, kw_only=True)
class PrintedEvidence:
    """One row of the table of assessed evidence."""

    reference: str
    title: str
    methods: str


@dataclass(frozen=True, kw_only=True)
class PrintedCell:
    """One criterion and its shaded cell. What is only read has no cell; a waived one says so in it (Q11)."""

    label: str
    text: str
    note: str
    has_cell: bool
    references: tuple[str, ...]
    is_waived: bool


@dataclass(frozen=True, kw_only=True)
class PrintedGroup:
    """One numbered item: its own line, unless its one criterion repeats it, and its cells."""

    number: str
    text: str
    note: str
    cells: tuple[PrintedCell, ...]


@dataclass(frozen=True, kw_only=True)
class PrintedTable:
    """What you must cover, do or know."""

    title: str
    instruction: str
    groups: tuple[PrintedGroup, ...]


@dataclass(frozen=True, kw_only=True)
class PrintedWord:
    """Somebody's word on the unit that is no signature: a confirmation, a waiver, where criteria are held.

    ``reason``: what they wrote, if they did; ``by``: who and when.
    """

    text: str
    reason: str
    by: str


@dataclass(frozen=True, kw_only=True)
class PrintedLine:
    """One of the six lines. Without a name it is a line for a pen, unless ``note`` says that none is required.

    ``drawing``: the digest of the signer's drawing, which stands above the name; "" for none.
    """

    label: str
    statements: tuple[str, ...]
    name: str
    date: str
    note: str
    seal: str
    is_required: bool = True
    drawing: str = ""


@dataclass(frozen=True, kw_only=True)
class PrintedGap:
    """Something that an unsigned record still lacks, and who must do it."""

    who: str
    what: str


@dataclass(frozen=True, kw_only=True)
class PrintLayout:
    """A unit record in print order. ``marker`` says on each page what it lacks; blank when nothing."""

    marker: str
    award: str
    code: str
    title: str
    printed_title: str
    standard: str
    boxes: tuple[PrintedBox, ...]
    headings: dict[str, dict[str, str]]
    notes: tuple[tuple[str, str], ...]
    elements: tuple[tuple[str, str], ...]
    assessed_evidence: str
    evidence: tuple[PrintedEvidence, ...]
    empty_rows: int
    has_undecided: bool
    method_key: tuple[tuple[str, str], ...]
    tables: tuple[PrintedTable, ...]
    whole_unit: tuple[str, ...]
    words: tuple[PrintedWord, ...]
    missing: tuple[PrintedGap, ...]
    lines: tuple[PrintedLine, ...]
    voided: tuple[PrintedWord, ...]
    record_digest: str

    @property
    def is_signed(self) -> bool:
        """Whether anybody has signed. A print that nobody has signed is a draft, and says so."""
        return any(line.seal for line in self.lines)

    @property
    def digest(self) -> str:
        """What tells two prints apart."""
        return digest({"format": FORMAT, **asdict(self)})

    @property
    def running_head(self) -> str:
        """The line at the head of each page: candidate, unit, centre, registration number."""
        facts = {box.term: box.value for box in self.boxes}
        wanted = (facts["Candidate"], f"Unit {self.code}", facts["Centre"], facts["Registration number"])
        return "  ·  ".join(wanted)

    @property
    def name(self) -> str:
        """What the file is called."""
        facts = {box.term: box.value for box in self.boxes}
        return f"{self.code} {facts['Candidate']}"


def lay_out(contents: RecordContents, events: Mapping[int, Event]) -> PrintLayout:
    """Lay out a record for print. ``events``: the ledger's entry for each live signature, by the signature's id.

    Evidence that was never offered, and claims that were returned, do not stand in a printed record. What is offered
    and not judged yet stands in brackets. The contents come with their files: the record's digest covers them.
    """
    outline = contents.outline
    standing = [line for line in contents.lines if not line.is_draft and line.claim.state != ClaimState.RETURNED]
    evidence = _evidence(standing)
    return PrintLayout(
        marker=_MARKERS.get(contents.record.state, ""),
        award=contents.record.registration.qualification.nation,
        code=outline.code,
        title=outline.shown_title,
        printed_title=outline.title if outline.title != outline.shown_title else "",
        standard=f"{outline.standard_title}, edition {outline.edition}",
        boxes=_boxes(contents),
        headings={
            name: {"title": heading.title, "instruction": heading.instruction}
            for name, heading in outline.headings.items()
        },
        notes=tuple((note.printed_number, note.text) for note in outline.notes),
        elements=tuple((element.number, element.text) for element in outline.elements),
        assessed_evidence=outline.assessed_evidence,
        evidence=evidence,
        empty_rows=max(0, _LEAST_EVIDENCE_ROWS - len(evidence)) if contents.record.state == RecordState.OPEN else 0,
        has_undecided=any(not line.is_accepted for line in standing),
        method_key=outline.method_key,
        tables=_tables(contents, standing),
        whole_unit=_references(line for line in standing if line.criterion is None),
        words=tuple(_words(contents)),
        missing=_missing(contents),
        lines=tuple(_line(slot, contents, events) for slot in Slot),
        voided=tuple(
            PrintedWord(
                text=f"{old.title}: {old.name}, {_day(old.date)}. Void since {_day(old.void_since)}.",
                reason=old.reason,
                by=f"Unlocked by {old.unlocked_by}",
            )
            for old in void_signatures(contents)
        ),
        record_digest=record_digest_of(snapshot_of(contents)),
    )


def _boxes(contents: RecordContents) -> tuple[PrintedBox, ...]:
    record, registration = contents.record, contents.record.registration
    facts: tuple[tuple[str, str], ...] = (
        ("Candidate", registration.candidate.name),
        ("Registration number", registration.number),
        ("Centre", f"{registration.centre.name} ({registration.centre.number})"),
        ("Awarding body", registration.centre.awarding_body),
        ("Qualification", registration.qualification.title),
        ("Employer and site", f"{registration.employer}, {registration.site}"),
        ("Assessor", record.assessor.name),
        ("IV", record.iv.name),
        ("Registered on", _day(registration.started_on)),
        ("Unit completed on", _day(record.completed_at) if record.completed_at else "–"),
    )
    return tuple(PrintedBox(term=term, value=value) for term, value in facts)


def _evidence(lines: Sequence[ClaimLine]) -> tuple[PrintedEvidence, ...]:
    """One row per item; in brackets while nothing of it is accepted."""
    rows: dict[int, PrintedEvidence] = {}
    accepted = {line.claim.evidence_id for line in lines if line.is_accepted}
    for line in lines:
        pk = line.claim.evidence_id
        if pk not in rows or line.is_accepted:
            reference = line.reference if pk in accepted else f"({line.reference})"
            rows[pk] = PrintedEvidence(reference=reference, title=line.version.title, methods=line.version.method_codes)
    return tuple(rows.values())


def _tables(contents: RecordContents, lines: Sequence[ClaimLine]) -> tuple[PrintedTable, ...]:
    waived = frozenset(row.criterion_id for row in contents.waivers)
    by_cell: dict[int, list[ClaimLine]] = {}
    for line in lines:
        if line.criterion:
            by_cell.setdefault(line.criterion.id, []).append(line)
    return tuple(
        PrintedTable(
            title=section.title,
            instruction=section.instruction,
            groups=tuple(_group(group, by_cell, waived) for group in section.groups),
        )
        for section in contents.outline.sections
    )


def _group(group: GroupOutline, by_cell: Mapping[int, Sequence[ClaimLine]], waived: Container[int]) -> PrintedGroup:
    return PrintedGroup(
        number="" if group.is_implied else group.printed_number,
        text="" if group.is_implied else group.text,
        note=group.notes,
        cells=tuple(
            PrintedCell(
                label=criterion.label,
                text=criterion.text,
                note=group.notes_beside(criterion),
                has_cell=criterion.is_ticked,
                references=_references(by_cell.get(criterion.id, ())),
                is_waived=criterion.id in waived,
            )
            for criterion in group.criteria
        ),
    )


def _references(lines: Iterable[ClaimLine]) -> tuple[str, ...]:
    return tuple(
        f"{line.reference if line.is_accepted else f'({line.reference})'}"
        f"{f' for “{line.instance}”' if line.instance else ''}"
        for line in lines
    )


def _missing(contents: RecordContents) -> tuple[PrintedGap, ...]:
    """What the gate says of an open record, so that a print of it needs no screen beside it."""
    if contents.record.state != RecordState.OPEN:
        return ()
    return tuple(PrintedGap(who=WHO[missing.who], what=missing.what) for missing in contents.gate.missing)


def _words(contents: RecordContents) -> Iterable[PrintedWord]:
    """What stands between the tables and the signatures: waivers with their reasons (Q11), what the assessor confirmed
    (R3, R4, Q12, Q23), and where a centre holds the criteria that are not printed (Q2)."""
    outline = contents.outline
    places = {criterion.id: (place, criterion) for place, criterion in enumerate(outline.criteria)}
    for waiver in sorted(contents.waivers, key=lambda row: places[row.criterion_id][0]):
        criterion = places[waiver.criterion_id][1]
        text = f"Waived: {criterion.label} {criterion.text.rstrip('.')}."
        yield PrintedWord(text=text, reason=waiver.reason, by=_by(waiver.waived_by, waiver.waived_at))
    confirmed = {Confirming(UnitConfirmationKind(row.kind), row.group_id): row for row in contents.confirmations}
    for one in confirmable(outline):
        if row := confirmed.get(one):
            yield PrintedWord(text=statement_of(one, outline), reason="", by=_by(row.confirmed_by, row.confirmed_at))
    if contents.is_mended:
        yield PrintedWord(text=MENDED, reason="", by=f"Edition {outline.edition}")
    if held := contents.held_elsewhere:
        text = "For the centre: the performance and knowledge criteria of this unit are met and held elsewhere."
        yield PrintedWord(text=text, reason=held.where, by=_by(held.confirmed_by, held.confirmed_at))


def _by(person: User, moment: datetime) -> str:
    return f"{person.name}, {_day(moment)}"


def _line(slot: Slot, contents: RecordContents, events: Mapping[int, Event]) -> PrintedLine:
    """A line with its printed statements above it: the one without an owner stands above the candidate's (Q7)."""
    signature = contents.signed(slot)
    above = contents.signed(COUNTERSIGNED_BY.get(slot, ""))
    is_required = not (above and not above.needs_countersignature)
    return PrintedLine(
        label=PRINTED_LINES[slot],
        statements=_statements(slot, contents),
        name=signature.printed_name if signature else "",
        date=_day(signature.signed_at) if signature else "",
        note=_note(slot, contents, signature, above),
        seal=_seal(signature, events.get(signature.pk), contents.record.chain) if signature else "",
        is_required=is_required,
        drawing=signature.drawing.sha256 if signature and signature.drawing else "",
    )


def _statements(slot: Slot, contents: RecordContents) -> tuple[str, ...]:
    """What stands above a line: as it was signed, since a standard may be mended afterwards; else as it is now."""
    if slot not in (Slot.CANDIDATE, Slot.ASSESSOR):
        return ()
    outline, assessed = contents.outline, contents.signed(Slot.ASSESSOR)
    unowned = [declaration.text for declaration in outline.declarations if declaration.owner is Owner.NONE]
    if assessed:
        unowned = [text for text in unowned if text in _said(assessed)]
    signature = contents.signed(slot)
    own = _said(signature) if signature else statements_for(outline, slot)
    return (*unowned, *own) if slot is Slot.CANDIDATE else tuple(text for text in own if text not in unowned)


def _said(signature: Signature) -> tuple[str, ...]:
    return tuple(signature.statement.split("\n\n"))


def _note(slot: Slot, contents: RecordContents, signature: Signature | None, above: Signature | None) -> str:
    if signature:
        return award_note(signature, contents.signature_state(slot))
    if above and not above.needs_countersignature:
        return not_required_note(above)
    is_done = contents.record.completed_at is not None
    if slot in (Slot.IV, Slot.EV) and is_done and slot.value not in contents.marks:
        return "Not sampled."
    return ""


def _seal(signature: Signature, event: Event | None, chain: str) -> str:
    """What a reader needs to find this signature again: its moment, its digest, and its place in the ledger, which
    whoever verifies takes as an anchor."""
    at = timezone.localtime(signature.signed_at)
    entry = f" Ledger entry {event.as_anchor(chain)}" if event else ""
    return f"Signed on NVQ Portfolio at {at:%H:%M}. Digest of what was signed: {signature.snapshot_digest}.{entry}"


def _day(moment: date | datetime) -> str:
    """dd/mm/yyyy (Q26)."""
    day = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return f"{day:%d/%m/%Y}"
