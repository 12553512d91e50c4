"""The rows that the contents of unit records are made of, for many records at once.

What no unit here asks for is not looked up: most units have neither instances nor anything that could be waived.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, StringAgg, Subquery, Value
from django.db.models.functions import Cast

from assessment.models import Judgement, MethodRecord, SeenAtWork
from assessment.queries import with_confirmations
from centres.models import AccessGrant, Membership, Role, ScopeKind
from evidence.models import Claim, ClaimState, EvidenceFile, EvidenceVersion, Instance
from registrations.models import HeldElsewhere, UnitRecord, Waiver
from signoff.models import SamplingMark, Signature
from units.outline import UnitOutline


def instances_of(records: Mapping[int, UnitRecord], units: Mapping[int, UnitOutline]) -> list[Instance]:
    """What the candidate has named, where a unit asks for several of something (R3). One query or none."""
    asking = [pk for pk, record in records.items() if units[record.unit_id].instance_words]
    if not asking:
        return []
    return list(Instance.objects.filter(record__in=asking, removed_at=None).order_by("pk"))


def waivers_of(records: Mapping[int, UnitRecord], units: Mapping[int, UnitOutline]) -> list[Waiver]:
    """What the assessor does without, where a unit has a "should" (Q11), taken back or not. One query or none."""
    asking = [pk for pk, record in records.items() if units[record.unit_id].can_be_waived]
    if not asking:
        return []
    return list(Waiver.objects.filter(record__in=asking).select_related("criterion__group", "waived_by"))


def words_on_held_elsewhere(records: Mapping[int, UnitRecord], units: Mapping[int, UnitOutline]) -> list[HeldElsewhere]:
    """The centre's words on criteria held elsewhere, ended ones too, where a unit has none itself (Q2)."""
    asking = [record for record in records.values() if units[record.unit_id].is_coverage_only]
    if not asking:
        return []
    of_centres = HeldElsewhere.objects.filter(
        unit__in={record.unit_id for record in asking},
        centre__in={record.registration.centre_id for record in asking},
    )
    return list(of_centres.select_related("confirmed_by").order_by("pk"))


def word_for(
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


def live_marks(records: Iterable[int | UnitRecord]) -> QuerySet[SamplingMark]:
    """The sampling marks that stand, each with `has_left`: whether whoever drew the record can act on it no more.

    One query. An IV acts in their role, an EV in theirs while the record and its registration are open to them (Q25).
    """
    running = AccessGrant.objects.running().filter(person=OuterRef("verifier"))
    can_read = Exists(running.filter(scope_kind=ScopeKind.UNIT_RECORD, scope_id=OuterRef("record"))) & Exists(
        running.filter(scope_kind=ScopeKind.REGISTRATION, scope_id=OuterRef("record__registration"))
    )
    held = Exists(
        Membership.objects.active().filter(
            person=OuterRef("verifier"), centre=OuterRef("record__portfolio__centre"), role=OuterRef("capacity")
        )
    )
    marks = SamplingMark.objects.filter(record__in=list(records), withdrawn_at=None).select_related("verifier")
    return marks.annotate(has_left=~held | (Q(capacity=Role.EV) & ~can_read))


def has_left(mark: SamplingMark) -> bool:
    """What `live_marks` has found out of whoever drew the record."""
    return bool(getattr(mark, "has_left", False))


def claims_of(records: Iterable[int]) -> QuerySet[Claim]:
    """Live claims with who judged them last, when, and what they said of it, and with all who ever did. One query."""
    judgements = Judgement.objects.filter(claim=OuterRef("pk"))
    last = judgements.order_by("-judged_at", "-pk")
    every = judgements.order_by().values("claim").annotate(all=StringAgg(Cast("judged_by", CharField()), Value(",")))
    return (
        Claim.objects.filter(record__in=list(records))
        .exclude(state=ClaimState.WITHDRAWN)
        .annotate(
            last_judge=Subquery(last.values("judged_by")[:1]),
            last_judged_at=Subquery(last.values("judged_at")[:1]),
            last_comment=Subquery(last.values("comment")[:1]),
            every_judge=Subquery(every.values("all")),
        )
        .order_by("pk")
    )


def hang_on_their_versions(claims: list[Claim]) -> dict[int, frozenset[int]]:
    """Give each claim its item, judged and current version in one query. Out: who made any version, by item.

    Items are few and claims are many: joined to the claims, every item would be read and built once for each of them.
    """
    versions = {
        version.pk: version
        for version in with_confirmations(
            EvidenceVersion.objects.filter(evidence__in={claim.evidence_id for claim in claims})
        ).select_related("evidence", "witness", "testimony__request", "environment")
    }
    items = {version.evidence_id: version.evidence for version in versions.values()}
    for item in items.values():
        if item.current_version_id:
            item.current_version = versions[item.current_version_id]
    for claim in claims:
        claim.evidence = items[claim.evidence_id]
        if claim.judged_version_id:
            claim.judged_version = versions[claim.judged_version_id]
    makers: dict[int, set[int]] = defaultdict(set)
    for version in versions.values():
        makers[version.evidence_id].add(version.made_by_id)
    return {pk: frozenset(people) for pk, people in makers.items()}


type ByVersion[Row] = dict[int, tuple[Row, ...]]
type Versions = Mapping[int, EvidenceVersion]


def _by_version[Row: EvidenceFile | MethodRecord | SeenAtWork](rows: Iterable[Row]) -> ByVersion[Row]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.version_id].append(row)
    return {version: tuple(of_it) for version, of_it in found.items()}


def files_of(versions: Versions, are_wanted: bool) -> ByVersion[EvidenceFile]:
    """The files of some versions with their digests, in order."""
    rows = EvidenceFile.objects.filter(version__in=versions).select_related("blob").order_by("position")
    return _by_version(rows) if are_wanted else {}


def method_records_of(versions: Versions, are_wanted: bool) -> ByVersion[MethodRecord]:
    """What an assessor or the candidate wrote and signed about some versions (R11, R16)."""
    rows = MethodRecord.objects.filter(version__in=versions).order_by("pk")
    return _by_version(rows) if are_wanted else {}


def sights_of(versions: Versions) -> ByVersion[SeenAtWork]:
    """What an assessor recorded seeing at work, where any of it is kept there; mostly nothing is."""
    there = [pk for pk, version in versions.items() if version.kept_at]
    return _by_version(SeenAtWork.objects.filter(version__in=there).order_by("pk")) if there else {}
