"""What stands in a unit record, read once: page, gate, snapshot and signing all start from here.

However many records and claims: six queries, and one more with the files.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial

from django.db.models import OuterRef, QuerySet, Subquery

from evidence.models import (
    Claim,
    ClaimState,
    EvidenceFile,
    EvidenceState,
    EvidenceVersion,
    ItemConfirmation,
    Judgement,
    UnitConfirmation,
    UnitConfirmationKind,
    UnitRecord,
)
from signoff.gate import WHOLE_UNIT, ClaimFacts, Gate, RecordFacts, Verdict, judge_gate
from signoff.models import SamplingMark, Signature
from units.kinds import Section
from units.methods import Method
from units.outline import CriterionOutline, UnitOutline
from units.queries import outlines_of
from units.setting_policy import Setting, SettingPolicy

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


@dataclass(frozen=True, kw_only=True)
class ClaimLine:
    """A live claim with the version that counts for it: the judged one, or the current one while undecided (Q22a)."""

    claim: Claim
    version: EvidenceVersion
    criterion: CriterionOutline | None
    confirmation: ItemConfirmation | None
    judged_by_id: int | None
    judged_at: datetime | None
    comment: str

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
    """One unit record with everything that bears on its sign-off. Signatures and marks are the live ones."""

    record: UnitRecord
    outline: UnitOutline
    lines: tuple[ClaimLine, ...]
    confirmations: Mapping[str, UnitConfirmation]
    signatures: Mapping[str, Signature]
    marks: Mapping[str, SamplingMark]
    # Files by version; only there when asked for.
    files: Mapping[int, tuple[EvidenceFile, ...]] = field(default_factory=dict)

    @property
    def accepted(self) -> tuple[ClaimLine, ...]:
        return tuple(line for line in self.lines if line.is_accepted)

    @cached_property
    def gate(self) -> Gate:
        """What is missing before anybody signs (R1, R4, R5, R17, Q13, Q23). Judged once: page and checks ask alike."""
        return judge_gate(facts_of(self))

    def signed(self, slot: str) -> Signature | None:
        """The live signature on one line, if there is one."""
        return self.signatures.get(slot)


def contents_of(records: Iterable[UnitRecord], *, with_files: bool = False) -> dict[int, RecordContents]:
    """The contents of records that were fetched with RECORD_RELATIONS, by record id."""
    by_id = {record.pk: record for record in records}
    units = outlines_of(record.unit for record in by_id.values())
    claims = list(_claims(by_id))
    _hang_on_their_versions(claims)
    confirmations = UnitConfirmation.objects.filter(record__in=by_id, lapsed_at=None).select_related("confirmed_by")
    signatures = Signature.objects.filter(record__in=by_id, voided_at=None).select_related("signer")
    marks = SamplingMark.objects.filter(record__in=by_id, withdrawn_at=None).select_related("verifier")
    confirmed, signed, marked = list(confirmations), list(signatures), list(marks)
    found = {}
    for pk, record in by_id.items():
        outline = units[record.unit_id]
        lines = [_line(claim, outline) for claim in claims if claim.record_id == pk]
        places = {criterion.id: place for place, criterion in enumerate(outline.criteria)}
        found[pk] = RecordContents(
            record=record,
            outline=outline,
            lines=tuple(sorted(lines, key=partial(_place, places=places))),
            confirmations={row.kind: row for row in confirmed if row.record_id == pk},
            signatures={row.slot: row for row in signed if row.record_id == pk},
            marks={row.capacity: row for row in marked if row.record_id == pk},
            files=_files(lines) if with_files else {},
        )
    return found


def contents_of_record(record: UnitRecord, *, with_files: bool = False) -> RecordContents:
    """The contents of one record that was fetched with RECORD_RELATIONS."""
    return contents_of([record], with_files=with_files)[record.pk]


def facts_of(contents: RecordContents) -> RecordFacts:
    """What the gate looks at, without the rows. Pure."""
    record = contents.record
    sufficient = contents.confirmations.get(UnitConfirmationKind.SUFFICIENT)
    reviewed = contents.confirmations.get(UnitConfirmationKind.REVIEWED)
    return RecordFacts(
        needs=contents.outline.needs,
        policy=SettingPolicy(record.unit.setting_policy),
        claims=tuple(_claim_facts(line) for line in contents.lines),
        assessor_id=record.assessor.pk,
        sufficient_by=sufficient.confirmed_by_id if sufficient else None,
        reviewed_by=reviewed.confirmed_by_id if reviewed else None,
        registration_is_open=record.registration.is_open,
    )


def _claim_facts(line: ClaimLine) -> ClaimFacts:
    witness = line.version.witness
    return ClaimFacts(
        reference=line.reference,
        evidence_id=line.claim.evidence_id,
        criterion_id=line.claim.criterion_id,
        label=line.criterion.label if line.criterion else WHOLE_UNIT,
        section=line.criterion.section if line.criterion else Section.COVER,
        setting=Setting(line.version.setting),
        verdict=Verdict(line.claim.state),
        is_offered=line.claim.evidence.state == EvidenceState.OFFERED,
        judged_by=line.judged_by_id,
        is_confirmed=line.confirmation is not None and line.confirmation.is_whole,
        is_testimony=Method.WITNESS_TESTIMONY in line.version.methods,
        witness_is_authenticated=witness is not None and witness.authenticated_at is not None,
    )


def _claims(records: Iterable[int]) -> QuerySet[Claim]:
    last = Judgement.objects.filter(claim=OuterRef("pk")).order_by("-judged_at", "-pk")
    return (
        Claim.objects.filter(record__in=list(records))
        .exclude(state=ClaimState.WITHDRAWN)
        .annotate(
            last_judge=Subquery(last.values("judged_by")[:1]),
            last_judged_at=Subquery(last.values("judged_at")[:1]),
            last_comment=Subquery(last.values("comment")[:1]),
        )
        .order_by("pk")
    )


def _hang_on_their_versions(claims: list[Claim]) -> None:
    """Give each claim its item, judged and current version in one query.

    Items are few and claims are many: joined to the claims, every item would be read and built once for each of them.
    """
    versions = {
        version.pk: version
        for version in EvidenceVersion.objects.filter(
            evidence__in={claim.evidence_id for claim in claims}
        ).select_related("evidence", "witness", "confirmation")
    }
    items = {version.evidence_id: version.evidence for version in versions.values()}
    for item in items.values():
        if item.current_version_id:
            item.current_version = versions[item.current_version_id]
    for claim in claims:
        claim.evidence = items[claim.evidence_id]
        if claim.judged_version_id:
            claim.judged_version = versions[claim.judged_version_id]


def _line(claim: Claim, outline: UnitOutline) -> ClaimLine:
    is_judged = claim.state in (ClaimState.ACCEPTED, ClaimState.RETURNED)
    version = claim.judged_version if is_judged else claim.evidence.current_version
    assert version is not None  # an item is made together with its first version
    return ClaimLine(
        claim=claim,
        version=version,
        criterion=outline.criteria_by_id[claim.criterion_id] if claim.criterion_id else None,
        confirmation=getattr(version, "confirmation", None),
        judged_by_id=getattr(claim, "last_judge", None) if is_judged else None,
        judged_at=getattr(claim, "last_judged_at", None) if is_judged else None,
        comment=(getattr(claim, "last_comment", None) or "") if is_judged else "",
    )


def _place(line: ClaimLine, places: Mapping[int, int]) -> tuple[int, int]:
    """By reference, and within one item in print order; a claim on the unit as a whole comes first."""
    return line.claim.evidence.number, places[line.criterion.id] if line.criterion else -1


def _files(lines: Iterable[ClaimLine]) -> dict[int, tuple[EvidenceFile, ...]]:
    versions = {line.version.pk for line in lines}
    found: dict[int, tuple[EvidenceFile, ...]] = {}
    for file in EvidenceFile.objects.filter(version__in=versions).select_related("blob").order_by("position"):
        found[file.version_id] = (*found.get(file.version_id, ()), file)
    return found
