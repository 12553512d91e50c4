"""What stands in a unit record, read once: page, gate, snapshot and signing all start from here.

However many records and claims: six queries, one more with the files, and one for each of instances, waivers and
criteria held elsewhere where a unit asks for them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property, partial

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.timezone import localdate

from centres.models import HeldElsewhere
from evidence.models import (
    Claim,
    ClaimState,
    EvidenceFile,
    EvidenceState,
    EvidenceVersion,
    Instance,
    ItemConfirmation,
    Judgement,
    UnitConfirmation,
    UnitConfirmationKind,
    UnitRecord,
    Waiver,
)
from signoff.gate import Gate, Judged, RecordFacts, judge_gate
from signoff.models import SamplingMark, Signature
from units.coverage import Ask, ClaimFacts, Named, UnitFacts, Verdict
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
    # Files by version; only there when asked for.
    files: Mapping[int, tuple[EvidenceFile, ...]] = field(default_factory=dict)

    @property
    def accepted(self) -> tuple[ClaimLine, ...]:
        return tuple(line for line in self.lines if line.is_accepted)

    @cached_property
    def gate(self) -> Gate:
        """What is missing before anybody signs (R1, R4, R5, R17, Q13, Q23). Judged once: page and checks ask alike."""
        return judge_gate(facts_of(self))

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


def contents_of(records: Iterable[UnitRecord], *, with_files: bool = False) -> dict[int, RecordContents]:
    """The contents of records that were fetched with RECORD_RELATIONS, by record id."""
    by_id = {record.pk: record for record in records}
    units = outlines_of(record.unit for record in by_id.values())
    claims = list(_claims(by_id))
    _hang_on_their_versions(claims)
    instances = _instances(by_id, units)
    waivers = _waivers(by_id, units)
    held = _held_elsewhere(by_id, units)
    confirmations = UnitConfirmation.objects.filter(record__in=by_id, lapsed_at=None).select_related(
        "confirmed_by", "group"
    )
    signatures = Signature.objects.filter(record__in=by_id, voided_at=None).select_related("signer", "drawing")
    marks = SamplingMark.objects.filter(record__in=by_id, withdrawn_at=None).select_related("verifier")
    confirmed, signed, marked = list(confirmations), list(signatures), list(marks)
    of_record: dict[int, list[Claim]] = defaultdict(list)
    for claim in claims:
        of_record[claim.record_id].append(claim)
    found = {}
    for pk, record in by_id.items():
        outline = units[record.unit_id]
        named = {row.pk: row for row in instances if row.record_id == pk}
        lines = [_line(claim, outline, named) for claim in of_record[pk]]
        places = {criterion.id: place for place, criterion in enumerate(outline.criteria)}
        found[pk] = RecordContents(
            record=record,
            outline=outline,
            lines=tuple(sorted(lines, key=partial(_place, places=places))),
            confirmations=tuple(row for row in confirmed if row.record_id == pk),
            instances=tuple(named.values()),
            waivers=tuple(row for row in waivers if row.record_id == pk),
            held_elsewhere=_held_for(record, held, signed),
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
    sufficient = contents.confirmed(UnitConfirmationKind.SUFFICIENT)
    reviewed = contents.confirmed(UnitConfirmationKind.REVIEWED)
    # Items are few and claims are many: what a version brings along is worked out once.
    of_version = cache(_version_facts)
    claims = tuple(_claim_facts(line, *of_version(line.version)) for line in contents.lines)
    return RecordFacts(
        rules=contents.outline.rules,
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


# What no unit here asks for is not looked up: most units have neither instances nor anything that could be waived.


def _instances(records: Mapping[int, UnitRecord], units: Mapping[int, UnitOutline]) -> list[Instance]:
    asking = [pk for pk, record in records.items() if units[record.unit_id].rules.instance_words]
    if not asking:
        return []
    return list(Instance.objects.filter(record__in=asking, removed_at=None).order_by("pk"))


def _waivers(records: Mapping[int, UnitRecord], units: Mapping[int, UnitOutline]) -> list[Waiver]:
    asking = [pk for pk, record in records.items() if units[record.unit_id].can_be_waived]
    if not asking:
        return []
    return list(
        Waiver.objects.filter(record__in=asking, withdrawn_at=None).select_related("criterion__group", "waived_by")
    )


def _held_elsewhere(records: Mapping[int, UnitRecord], units: Mapping[int, UnitOutline]) -> list[HeldElsewhere]:
    asking = [record for record in records.values() if units[record.unit_id].is_coverage_only]
    if not asking:
        return []
    of_centres = HeldElsewhere.objects.filter(
        unit__in={record.unit_id for record in asking},
        centre__in={record.registration.centre_id for record in asking},
    )
    return list(of_centres.select_related("confirmed_by").order_by("pk"))


def _held_for(
    record: UnitRecord, held: Iterable[HeldElsewhere], signatures: Iterable[Signature]
) -> HeldElsewhere | None:
    """The centre's word on this unit: as it stood when the record was first signed, or as it stands."""
    first = min((row.signed_at for row in signatures if row.record_id == record.pk), default=None)
    for row in held:
        if (row.unit_id, row.centre_id) != (record.unit_id, record.registration.centre_id):
            continue
        if first is None and row.ended_at is None:
            return row
        if first is not None and row.confirmed_at <= first and (row.ended_at is None or row.ended_at > first):
            return row
    return None


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
        ).select_related("evidence", "witness", "testimony", "environment", "confirmation")
    }
    items = {version.evidence_id: version.evidence for version in versions.values()}
    for item in items.values():
        if item.current_version_id:
            item.current_version = versions[item.current_version_id]
    for claim in claims:
        claim.evidence = items[claim.evidence_id]
        if claim.judged_version_id:
            claim.judged_version = versions[claim.judged_version_id]


def _line(claim: Claim, outline: UnitOutline, instances: Mapping[int, Instance]) -> ClaimLine:
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
        instance=instances[claim.instance_id] if claim.instance_id else None,
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
