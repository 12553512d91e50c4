"""What stands in a unit record, read once: page, gate, snapshot and signing all start from here.

However many records and claims: six queries, two more with files and method records, and one for each of instances,
waivers, criteria held elsewhere and things seen at work where a record has any.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property, partial

from django.utils.timezone import localdate

from assessment.models import ItemConfirmation, MethodRecord, SeenAtWork
from assessment.queries import confirmation_of
from evidence.models import Claim, ClaimState, EvidenceFile, EvidenceState, EvidenceVersion, Instance
from registrations.models import HeldElsewhere, UnitConfirmation, UnitConfirmationKind, UnitRecord, Waiver
from signoff.contents_rows import (
    claims_of,
    files_of,
    hang_on_their_versions,
    has_left,
    instances_of,
    live_marks,
    method_records_of,
    sights_of,
    waivers_of,
    word_for,
    words_on_held_elsewhere,
)
from signoff.gate import Gate, Judged, RecordFacts, judge_gate
from signoff.models import SamplingMark, Signature, Slot, Unlocking
from signoff.states import COUNTERSIGNATURE_OF, SignatureState, signature_state
from units.coverage import ClaimFacts, Named, UnitFacts, Verdict
from units.kinds import Ask
from units.methods import Method
from units.outline import CriterionOutline, UnitOutline
from units.queries import outlines_of
from units.setting_policy import Setting

# The people and papers that every use of a record needs; one query with the record.
RECORD_RELATIONS = (
    "registration__candidate",
    "registration__assessor",
    "registration__iv",
    "registration__centre",
    "registration__qualification",
    "own_assessor",
    "own_iv",
    "portfolio",
    "unit__standard",
)

# The lines that vouch for the assessment decision itself.
VOUCHING = (Slot.ASSESSOR, Slot.ASSESSOR_COUNTERSIGNATURE)


@dataclass(frozen=True, kw_only=True)
class ClaimLine:
    """A live claim with the version that counts for it: the judged one, or the current one while undecided (Q22a)."""

    claim: Claim
    version: EvidenceVersion
    criterion: CriterionOutline | None
    confirmation: ItemConfirmation | None
    judged_by_id: int | None
    # Everybody who ever judged it, on whatever version.
    judges: frozenset[int]
    judged_at: datetime | None
    comment: str
    instance: Instance | None = None

    @property
    def place(self) -> str:
        """Where to look, and for which instance where several are asked for: "“New rota”: page 2" (R3, R9)."""
        return f"“{self.instance}”: {self.claim.locator}" if self.instance else self.claim.locator

    @property
    def reference(self) -> str:
        return self.claim.evidence.reference

    @property
    def is_accepted(self) -> bool:
        return self.claim.state == ClaimState.ACCEPTED

    @property
    def is_draft(self) -> bool:
        """A draft is the candidate's own: nobody else is shown it."""
        return self.claim.evidence.state == EvidenceState.DRAFT


@dataclass(frozen=True, kw_only=True)
class RecordContents:
    """One unit record with everything that bears on its sign-off; confirmations, waivers, signatures and marks are the
    live ones, `held_elsewhere` is the centre's word when the first of them signed, or now (Q2).
    """

    record: UnitRecord
    outline: UnitOutline
    lines: tuple[ClaimLine, ...]
    confirmations: tuple[UnitConfirmation, ...]
    instances: tuple[Instance, ...]
    waivers: tuple[Waiver, ...]
    held_elsewhere: HeldElsewhere | None
    signatures: Mapping[str, Signature]
    marks: Mapping[str, SamplingMark]
    # Signatures of earlier rounds, which an unlocking has made void; oldest first (R48).
    voided: tuple[Signature, ...] = ()
    # In which capacity whoever drew the record can act on it no more: the role, or the access of an EV, has ended.
    left: frozenset[str] = frozenset()
    # Who has signed as assessor or countersigned that in any round, void by now or not.
    vouched: frozenset[int] = frozenset()
    # Who ever confirmed or waived something of the unit, lapsed or taken back by now or not.
    decided: frozenset[int] = frozenset()
    # Who made any version of an item, by item: an assessor, where the item is a record of theirs.
    makers: Mapping[int, frozenset[int]] = field(default_factory=dict)
    # Each by version: what was seen at work (R12); files and method records only when asked for.
    sights: Mapping[int, tuple[SeenAtWork, ...]] = field(default_factory=dict)
    files: Mapping[int, tuple[EvidenceFile, ...]] = field(default_factory=dict)
    method_records: Mapping[int, tuple[MethodRecord, ...]] = field(default_factory=dict)

    @property
    def accepted(self) -> tuple[ClaimLine, ...]:
        return tuple(line for line in self.lines if line.is_accepted)

    @cached_property
    def gate(self) -> Gate:
        """What is missing before anybody signs (R1, R4, R5, R17, Q13, Q23). Judged once: page and checks ask alike."""
        return judge_gate(facts_of(self))

    @cached_property
    def assessed_by(self) -> frozenset[int]:
        """Everybody who had a part in the assessment decision, whoever is the unit's assessor by now (R17, R40, Q23):
        who ever judged a claim that is there, confirmed or waived, made the record of an observation or one that it
        corrects, saw something at work, made sure of a witness, gave the centre's word on criteria held elsewhere, or
        signed as assessor or countersigned that.
        """
        versions = {line.version.pk: line.version for line in self.accepted}.values()
        took_part = [
            *(pk for line in self.lines for pk in line.judges),
            *(line.confirmation.confirmed_by_id for line in self.accepted if line.confirmation),
            *self.decided,
            *(pk for line in self.accepted for pk in self.makers.get(line.claim.evidence_id, ())),
            *(version.witness.authenticated_by_id for version in versions if version.witness),
            *(sight.seen_by_id for version in versions for sight in self.sights.get(version.pk, ())),
            *([self.held_elsewhere.confirmed_by_id] if self.held_elsewhere else []),
            *self.vouched,
        ]
        # An assessor's record is a version that they made; every other version is the candidate's.
        return frozenset(pk for pk in took_part if pk) - {self.record.registration.candidate_id}

    def why_drawn_anew(self, capacity: str) -> str:
        """Why the mark in this capacity does not count any more, in a sentence; "" where it does, or none is.

        An IV's does not once whoever drew had a part in the assessment (R40), an EV's once they can act on it no more.
        After a hand-over the mark of an IV who has left stays with the record.
        """
        mark = self.marks.get(capacity)
        if mark is None:
            return ""
        if mark.verifier_id in self.assessed_by | {self.record.assessor.pk}:
            return (
                f"{mark.verifier} drew this record and has had a part in assessing it, so that sample does not count."
            )
        if capacity == SamplingMark.Verifier.EV and capacity in self.left:
            return f"{mark.verifier} drew this record and has no access to it any more."
        return ""

    @property
    def disowned(self) -> list[str]:
        """The references that were accepted on a testimony which its witness has disowned since (R20a)."""
        resting = (line for line in self.accepted if line.version.testimony and line.version.testimony.is_suspended)
        return list(dict.fromkeys(line.reference for line in resting))

    @property
    def is_mended(self) -> bool:
        """Whether the wording of the unit was mended in its standard after somebody signed (Q31). Earlier signatures do
        not tell in which wording they were given."""
        signed = (signature.snapshot.get("header", {}).get("unit_wording") for signature in self.signatures.values())
        return any(wording not in (None, self.outline.wording) for wording in signed)

    def confirmed(self, kind: str) -> UnitConfirmation | None:
        """What was confirmed of the whole unit, if it was."""
        return next((row for row in self.confirmations if row.kind == kind and row.group_id is None), None)

    def signed(self, slot: str) -> Signature | None:
        """The live signature on one line, if there is one."""
        return self.signatures.get(slot)

    def signature_state(self, slot: str) -> SignatureState:
        """Where the signature on one line stands (`states.SIGNATURE_MOVES`)."""
        second = COUNTERSIGNATURE_OF.get(Slot(slot))
        is_countersigned = second is not None and self.signed(second) is not None
        return signature_state(self.signed(slot), is_countersigned=is_countersigned)

    @property
    def unlocking(self) -> Unlocking | None:
        """The last unlocking of a record that was signed before, if it was."""
        return self.voided[-1].voided_by if self.voided else None


def contents_of(records: Iterable[UnitRecord], *, with_files: bool = False) -> dict[int, RecordContents]:
    """The contents of records that were fetched with RECORD_RELATIONS, by record id."""
    by_id = {record.pk: record for record in records}
    units = outlines_of(record.unit for record in by_id.values())
    claims = list(claims_of(by_id))
    makers = hang_on_their_versions(claims)
    instances = instances_of(by_id, units)
    every_waiver = waivers_of(by_id, units)
    waivers = [row for row in every_waiver if row.withdrawn_at is None]
    held = words_on_held_elsewhere(by_id, units)
    every_confirmation = list(UnitConfirmation.objects.filter(record__in=by_id).select_related("confirmed_by", "group"))
    confirmed = [row for row in every_confirmation if row.lapsed_at is None]
    decided: dict[int, set[int]] = defaultdict(set)
    for said in every_confirmation:
        decided[said.record_id].add(said.confirmed_by_id)
    for without in every_waiver:
        decided[without.record_id].add(without.waived_by_id)
    every = list(
        Signature.objects.filter(record__in=by_id).select_related("signer", "drawing", "voided_by__unlocked_by")
    )
    signed, voided = [row for row in every if not row.voided_at], [row for row in every if row.voided_at]
    marked = list(live_marks(by_id))
    of_record: dict[int, list[Claim]] = defaultdict(list)
    for claim in claims:
        of_record[claim.record_id].append(claim)
    named = {pk: {row.pk: row for row in instances if row.record_id == pk} for pk in by_id}
    # Items are few and claims are many.
    of_version = cache(confirmation_of)
    lines = {
        pk: [_line(claim, units[record.unit_id], named[pk], of_version) for claim in of_record[pk]]
        for pk, record in by_id.items()
    }
    versions = {line.version.pk: line.version for some in lines.values() for line in some}
    sights, files, method_records = (
        sights_of(versions),
        files_of(versions, with_files),
        method_records_of(versions, with_files),
    )
    found = {}
    for pk, record in by_id.items():
        outline = units[record.unit_id]
        places = {criterion.id: place for place, criterion in enumerate(outline.criteria)}
        found[pk] = RecordContents(
            record=record,
            outline=outline,
            lines=tuple(sorted(lines[pk], key=partial(_place, places=places))),
            confirmations=tuple(row for row in confirmed if row.record_id == pk),
            instances=tuple(named[pk].values()),
            waivers=tuple(row for row in waivers if row.record_id == pk),
            held_elsewhere=word_for(record, held, signed),
            signatures={row.slot: row for row in signed if row.record_id == pk},
            voided=tuple(row for row in voided if row.record_id == pk),
            marks={row.capacity: row for row in marked if row.record_id == pk},
            left=frozenset(row.capacity for row in marked if row.record_id == pk and has_left(row)),
            vouched=frozenset(row.signer_id for row in every if row.record_id == pk and row.slot in VOUCHING),
            decided=frozenset(decided[pk]),
            makers=makers,
            sights=sights,
            files=files,
            method_records=method_records,
        )
    return found


def contents_of_record(record: UnitRecord, *, with_files: bool = False) -> RecordContents:
    """The contents of one record that was fetched with RECORD_RELATIONS."""
    return contents_of([record], with_files=with_files)[record.pk]


def facts_of(contents: RecordContents) -> RecordFacts:
    """What the gate looks at, without the rows. Pure."""
    record = contents.record
    sufficient = contents.confirmed(UnitConfirmationKind.SUFFICIENT)
    reviewed = contents.confirmed(UnitConfirmationKind.REVIEWED)
    # Items are few and claims are many: what a version brings along is worked out once.
    of_version = cache(_version_facts)
    claims = tuple(_claim_facts(line, *of_version(line.version)) for line in contents.lines)
    return RecordFacts(
        outline=contents.outline,
        unit=UnitFacts(
            claims=claims,
            named=tuple(Named(row.pk, row.of, row.name) for row in contents.instances),
            waived=frozenset(row.criterion_id for row in contents.waivers),
            # Each assessor speaks for themself: what an earlier one confirmed is confirmed anew (Q23).
            confirmed=frozenset(
                (Ask(row.kind), row.group_id)
                for row in contents.confirmations
                if row.kind in _ASKED and row.confirmed_by_id == record.assessor.pk
            ),
        ),
        judged=tuple(_judged(line, claim) for line, claim in zip(contents.lines, claims, strict=True)),
        assessor_id=record.assessor.pk,
        sufficient_by=sufficient.confirmed_by_id if sufficient else None,
        reviewed_by=reviewed.confirmed_by_id if reviewed else None,
        registration_is_open=record.registration.is_open,
        criteria_are_held=not contents.outline.is_coverage_only or contents.held_elsewhere is not None,
    )


_ASKED = frozenset(map(str, Ask))
_VERDICTS = {str(verdict): verdict for verdict in Verdict}


def _version_facts(version: EvidenceVersion) -> tuple[Setting, frozenset[Method]]:
    return Setting(version.setting), frozenset(map(Method, version.methods))


def _claim_facts(line: ClaimLine, setting: Setting, methods: frozenset[Method]) -> ClaimFacts:
    claim = line.claim
    verdict = _VERDICTS[claim.state]
    is_offered = claim.evidence.state == EvidenceState.OFFERED
    offered_at = claim.evidence.offered_at
    waits = None
    if verdict is Verdict.UNDECIDED and is_offered and offered_at:
        # A claim waits from when it, the item's version and the offer were all there.
        waits = localdate(max(claim.made_at, line.version.made_at, offered_at))
    return ClaimFacts(
        reference=line.reference,
        evidence_id=claim.evidence_id,
        criterion_id=claim.criterion_id,
        instance_id=claim.instance_id,
        setting=setting,
        methods=methods,
        verdict=verdict,
        is_offered=is_offered,
        waits_since=waits,
    )


def _judged(line: ClaimLine, claim: ClaimFacts) -> Judged:
    witness = line.version.witness
    return Judged(
        claim=claim,
        judged_by=line.judged_by_id,
        is_confirmed=line.confirmation is not None and line.confirmation.is_whole,
        is_testimony=Method.WITNESS_TESTIMONY in claim.methods,
        witness_is_authenticated=witness is not None and witness.authenticated_at is not None,
    )


def _line(
    claim: Claim,
    outline: UnitOutline,
    instances: Mapping[int, Instance],
    confirmed: Callable[[EvidenceVersion], ItemConfirmation | None],
) -> ClaimLine:
    is_judged = claim.state in (ClaimState.ACCEPTED, ClaimState.RETURNED)
    version = claim.judged_version if is_judged else claim.evidence.current_version
    assert version is not None  # an item is made together with its first version
    return ClaimLine(
        claim=claim,
        version=version,
        criterion=outline.criteria_by_id[claim.criterion_id] if claim.criterion_id else None,
        confirmation=confirmed(version),
        judged_by_id=getattr(claim, "last_judge", None) if is_judged else None,
        judges=frozenset(map(int, filter(None, (getattr(claim, "every_judge", None) or "").split(",")))),
        judged_at=getattr(claim, "last_judged_at", None) if is_judged else None,
        comment=(getattr(claim, "last_comment", None) or "") if is_judged else "",
        instance=instances[claim.instance_id] if claim.instance_id else None,
    )


def _place(line: ClaimLine, places: Mapping[int, int]) -> tuple[int, int]:
    """By reference, and within one item in print order; a claim on the unit as a whole comes first."""
    return line.claim.evidence.number, places[line.criterion.id] if line.criterion else -1
