"""Writes to claims: an item offered against criteria of any units, each with a locator (R8, R9, Q12)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from centres.models import Membership
from evidence.actions.items import check_unchanged, lapse_for, locked_evidence, locked_records
from evidence.models import Claim, ClaimState, Evidence, UnitRecord
from evidence.permissions.portfolio import check_independent, check_may_add_claim, check_may_claim, check_unlocked
from evidence.states import claim_move
from ledger.actions import record as record_event
from ledger.events import EventType
from units.kinds import TICKED_KINDS
from units.models import Criterion
from units.queries import outlines
from units.twins import keys_of

LONGEST_LOCATOR = 100

# A cell of a unit record: its id, and the criterion's, or None for the unit as a whole.
type Cell = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class WantedClaim:
    """What the candidate ticked: a criterion of a unit record, or (None) the unit as a whole, and where to look."""

    record: UnitRecord
    criterion: Criterion | None
    locator: str

    @property
    def cell(self) -> Cell:
        return self.record.pk, self.criterion.pk if self.criterion else None


@transaction.atomic
def update_claims(*, evidence: Evidence, revision: int, wanted: Sequence[WantedClaim], by: Membership) -> Evidence:
    """Make an item's claims on records still open be what is wanted, in one go (R8).

    New cells are claimed; a changed locator is kept, and brings a returned claim back for judgement; what is no longer
    wanted is withdrawn. Claims on locked records stay as they are, wanted or not. Evidence from a setting that the unit
    bars may be claimed; it is refused at acceptance and does not count (R5).

    Raises PermissionDenied for anybody but the candidate; ValidationError when the item was changed meanwhile or
    withdrawn, for a cell wanted twice, of another unit or portfolio, or in a locked record, for a claim without a
    locator (R9), for an accepted claim that is no longer wanted as it was, and for a witness who is the unit's assessor
    or IV (R23).
    """
    evidence = locked_evidence(evidence.pk)
    check_may_claim(evidence, by)
    live = {_cell(claim): claim for claim in evidence.claims.exclude(state=ClaimState.WITHDRAWN)}
    records = locked_records({cell[0] for cell in live} | {want.record.pk for want in wanted})
    plan = _Plan()
    seen: set[Cell] = set()
    criteria = Criterion.objects.select_related("group").in_bulk(
        [want.criterion.pk for want in wanted if want.criterion]
    )
    for want in wanted:
        if want.cell in seen:
            raise ValidationError(f"{_label(want.criterion, want.record)} is ticked twice.")
        seen.add(want.cell)
        criterion = criteria.get(want.criterion.pk) if want.criterion else None
        _plan_wanted(plan, evidence, live.get(want.cell), records[want.record.pk], criterion, _located(want))
    for cell, claim in live.items():
        if cell not in seen and records[claim.record_id].is_open:
            if claim.state == ClaimState.ACCEPTED:
                raise ValidationError(f"{_label(claim.criterion, claim.record)} has been accepted, so it stays ticked.")
            plan.withdrawn.append(claim)
    if plan.touched:  # Otherwise the same choice was sent twice, and what it was made on does not matter.
        check_unchanged(evidence, revision)
        plan.carry_out(evidence, records, by)
    return evidence


@transaction.atomic
def add_claim(
    *, evidence: Evidence, record: UnitRecord, criterion: Criterion | None, locator: str, by: Membership
) -> Claim:
    """Add a claim that the candidate missed, for the unit's assessor, who then judges it like any other.

    The same form sent twice makes one claim. Raises PermissionDenied unless ``by`` is the unit's assessor;
    ValidationError for a locked record, evidence not on offer, a cell claimed already or of another unit, or a missing
    locator (R9).
    """
    evidence = locked_evidence(evidence.pk)
    record = locked_records([record.pk])[record.pk]
    check_may_add_claim(evidence, record, by)
    want = WantedClaim(record, criterion, locator)
    located = _located(want)
    live = evidence.claims.exclude(state=ClaimState.WITHDRAWN).filter(record=record, criterion=criterion).first()
    if live is not None:
        if (live.made_by_id, live.state, live.locator) == (by.person_id, ClaimState.UNDECIDED, located):
            return live
        raise ValidationError(f"{evidence.reference} is claimed against {_label(criterion, record)} already.")
    plan = _Plan()
    _plan_wanted(plan, evidence, None, record, criterion, located)
    plan.carry_out(evidence, {record.pk: record}, by)
    return plan.made[0]


@transaction.atomic
def add_twin_claim(
    *, evidence: Evidence, twin: Claim, record: UnitRecord, criterion: Criterion, by: Membership
) -> Claim:
    """Claim an item against one more point that is the same as one it is claimed against, at the same place (R8, R9).

    For the candidate, one press each (PRACTICE §5 pain 4). The same button pressed twice makes one claim.

    Raises as `update_claims` does; ValidationError too when the claim that it comes from was withdrawn, returned or
    made for another point.
    """
    evidence = locked_evidence(evidence.pk)
    check_may_claim(evidence, by)
    record = locked_records([record.pk])[record.pk]
    live = evidence.claims.exclude(state=ClaimState.WITHDRAWN)
    if there := live.filter(record=record, criterion=criterion).first():
        return there
    source = live.exclude(state=ClaimState.RETURNED).select_related("record").filter(pk=twin.pk).first()
    if source is None or not _are_twins(source, record, criterion):
        raise ValidationError(f"{evidence.reference} is no longer claimed against what {criterion.label} repeats.")
    plan = _Plan()
    _plan_wanted(plan, evidence, None, record, criterion, source.locator)
    plan.carry_out(evidence, {record.pk: record}, by)
    return plan.made[0]


def _are_twins(claim: Claim, record: UnitRecord, criterion: Criterion) -> bool:
    units = outlines({claim.record.unit_id, record.unit_id})
    wanted = keys_of(units[record.unit_id]).get(criterion.pk)
    return wanted is not None and keys_of(units[claim.record.unit_id]).get(claim.criterion_id or 0) == wanted


class _Plan:
    """What is to be written, gathered while everything is checked."""

    def __init__(self) -> None:
        self.made: list[Claim] = []
        self.changed: list[Claim] = []
        self.withdrawn: list[Claim] = []

    @property
    def touched(self) -> list[Claim]:
        """Every claim that something happens to."""
        return [*self.made, *self.changed, *self.withdrawn]

    def carry_out(self, evidence: Evidence, records: dict[int, UnitRecord], by: Membership) -> None:
        """Write it, with one event for each record and kind of change."""
        for claim in self.withdrawn:
            claim.state = claim_move(claim.state, ClaimState.WITHDRAWN).target
        for claim in self.made:
            claim.made_by = by.person
        Claim.objects.bulk_update([*self.changed, *self.withdrawn], ["state", "locator"])
        Claim.objects.bulk_create(self.made)
        evidence.revision += 1
        evidence.save(update_fields=["revision"])
        for type_, claims in (
            (EventType.CLAIM_MADE, self.made),
            (EventType.CLAIM_CHANGED, self.changed),
            (EventType.CLAIM_WITHDRAWN, self.withdrawn),
        ):
            for record_id in sorted({claim.record_id for claim in claims}):
                ids = [claim.pk for claim in claims if claim.record_id == record_id]
                record_event(
                    type=type_,
                    chain=evidence.portfolio.chain,
                    subject=f"evidence:{evidence.pk}",
                    by=by.person,
                    role=by.role,
                    data={"reference": evidence.reference, "unit_record": record_id, "claims": ids},
                )
        lapse_for(self.touched, records, by)


def _plan_wanted(
    plan: _Plan,
    evidence: Evidence,
    claim: Claim | None,
    record: UnitRecord,
    criterion: Criterion | None,
    locator: str,
) -> None:
    """Check one wanted cell and add to the plan what it takes. ``claim`` is the live one, where there is one."""
    if claim is None:
        _check_cell(evidence, record, criterion)
        plan.made.append(Claim(evidence=evidence, record=record, criterion=criterion, locator=locator))
        return
    if claim.locator == locator:
        return
    check_unlocked(record)
    if claim.state == ClaimState.ACCEPTED:
        raise ValidationError(f"{_label(criterion, record)} has been accepted, so its place stays “{claim.locator}”.")
    claim.locator = locator
    if claim.state == ClaimState.RETURNED:
        claim.state = claim_move(claim.state, ClaimState.UNDECIDED).target
    plan.changed.append(claim)


def _check_cell(evidence: Evidence, record: UnitRecord, criterion: Criterion | None) -> None:
    if record.portfolio_id != evidence.portfolio_id:
        raise ValidationError("This unit record belongs to another portfolio.")
    check_unlocked(record)
    if criterion is not None and (
        criterion.group.unit_id != record.unit_id or criterion.group.kind not in TICKED_KINDS
    ):
        raise ValidationError(f"{criterion.label} is not a criterion of unit {record.unit.code}.")
    version = evidence.current_version
    if version is not None and version.witness is not None:
        check_independent(version.witness, record)


def _located(want: WantedClaim) -> str:
    locator = " ".join(want.locator.split())
    if not locator:
        raise ValidationError(f"{_label(want.criterion, want.record)}: say where in the evidence to look.")
    if len(locator) > LONGEST_LOCATOR:
        raise ValidationError(
            f"{_label(want.criterion, want.record)}: the place is longer than {LONGEST_LOCATOR} letters."
        )
    return locator


def _label(criterion: Criterion | None, record: UnitRecord) -> str:
    return criterion.label if criterion else f"Unit {record.unit.code} as a whole"


def _cell(claim: Claim) -> Cell:
    return claim.record_id, claim.criterion_id
