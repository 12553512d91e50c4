"""Writes to claims: an item offered against criteria of any units, each with a locator (R8, R9, Q12)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from centres.models import Membership
from evidence.items.actions import check_unchanged, lapse_for, locked_evidence, locked_records
from evidence.models import Claim, ClaimState, Evidence, Instance, point_label
from evidence.permissions import check_independent, check_may_add_claim, check_may_claim
from evidence.states import claim_move
from ledger.actions import tell
from ledger.events import EventType
from registrations.models import UnitRecord
from registrations.unit_records import check_unlocked
from units.kinds import TICKED_KINDS
from units.models import Criterion
from units.outline import UnitOutline
from units.queries import outlines, unit_outline
from units.recurring_points import keys_of

LONGEST_LOCATOR = 100

# A cell of a unit record: the record's id; the criterion's, or None for the unit as a whole; and that of the change,
# medium or risk that it is about, or None where it is about none or all of them (R3).
type Cell = tuple[int, int | None, int | None]


@dataclass(frozen=True, slots=True)
class WantedClaim:
    """What the candidate ticked: a criterion of a unit record, or (None) the unit as a whole, and where to look.

    ``instance``: for which change, medium or risk, where the unit asks for several (R3).
    """

    record: UnitRecord
    criterion: Criterion | None
    locator: str
    instance: Instance | None = None

    @property
    def label(self) -> str:
        """What it is against, as ``Claim.label`` says it."""
        if self.criterion is None:
            return f"Unit {self.record.unit.code} as a whole"
        return point_label(self.criterion, self.instance)

    @property
    def place(self) -> str:
        """The locator, checked (R9). Raises ValidationError where it is blank or too long to keep."""
        locator = " ".join(self.locator.split())
        if not locator:
            raise ValidationError(f"{self.label}: say where in the evidence to look.")
        if len(locator) > LONGEST_LOCATOR:
            raise ValidationError(f"{self.label}: the place is longer than {LONGEST_LOCATOR} letters.")
        return locator

    @property
    def cell(self) -> Cell:
        return (
            self.record.pk,
            self.criterion.pk if self.criterion else None,
            self.instance.pk if self.instance else None,
        )


@transaction.atomic
def update_claims(*, evidence: Evidence, revision: int, wanted: Sequence[WantedClaim], by: Membership) -> Evidence:
    """Make an item's claims on records still open be what is wanted, in one go (R8).

    New cells are claimed; a changed locator is kept, and brings a returned claim back for judgement; what is no longer
    wanted is withdrawn. Claims on locked records stay as they are, wanted or not. Evidence from a setting that the unit
    bars may be claimed; it is refused at acceptance and does not count (R5). A claim that ought to say for which change
    or value it is (R3), and was made without, becomes the first one wanted for its criterion that does say.

    Raises PermissionDenied for anybody but the candidate; ValidationError when the item was changed meanwhile or
    withdrawn, for a cell wanted twice, of another unit or portfolio, or in a locked record, for a claim without a
    locator (R9) or without a name that is asked for, or with one of another unit record or kind, for an accepted claim
    that is no longer wanted as it was, and for a witness who is the unit's assessor or IV (R23).
    """
    evidence = locked_evidence(evidence.pk)
    check_may_claim(evidence, by)
    live = {
        _cell(claim): claim
        for claim in evidence.claims.exclude(state=ClaimState.WITHDRAWN).select_related("criterion__group", "instance")
    }
    records = locked_records({cell[0] for cell in live} | {want.record.pk for want in wanted})
    units = outlines({record.unit_id for record in records.values()})
    plan = _Plan()
    seen: set[Cell] = set()
    cells = {want.cell for want in wanted}
    for want in _read_anew(wanted, records):
        if want.cell in seen:
            raise ValidationError(f"{want.label} is ticked twice.")
        seen.add(want.cell)
        outline = units[want.record.unit_id]
        claim = live.get(want.cell)
        unplaced = (*want.cell[:2], None)
        if claim is None and unplaced not in cells and _can_be_placed(live.get(unplaced), want, outline):
            claim = live.pop(unplaced)
        _plan_wanted(plan, evidence, claim, want, outline)
    for cell, claim in live.items():
        if cell not in seen and records[claim.record_id].is_open:
            if claim.state == ClaimState.ACCEPTED:
                raise ValidationError(f"{claim.label} has been accepted, so it stays ticked.")
            plan.withdrawn.append(claim)
    if plan.touched:  # Otherwise the same choice was sent twice, and what it was made on does not matter.
        check_unchanged(evidence, revision)
        plan.carry_out(evidence, records, by)
    return evidence


@transaction.atomic
def add_claim(
    *,
    evidence: Evidence,
    record: UnitRecord,
    criterion: Criterion | None,
    locator: str,
    instance: Instance | None = None,
    by: Membership,
) -> Claim:
    """Add a claim that the candidate missed, for the unit's assessor, who then judges it like any other.

    The same form sent twice makes one claim. Raises PermissionDenied unless ``by`` is the unit's assessor;
    ValidationError for a locked record, evidence not on offer, a cell claimed already or of another unit, a missing
    locator (R9), and an instance that is missing or not one of this cell's (R3).
    """
    evidence = locked_evidence(evidence.pk)
    record = locked_records([record.pk])[record.pk]
    check_may_add_claim(evidence, record, by)
    (want,) = _read_anew([WantedClaim(record, criterion, locator, instance)], {record.pk: record})
    live = evidence.claims.exclude(state=ClaimState.WITHDRAWN)
    there = live.filter(record=record, criterion=criterion, instance=instance).first()
    if there is not None:
        if (there.made_by_id, there.state, there.locator) == (by.person_id, ClaimState.UNDECIDED, want.place):
            return there
        raise ValidationError(f"{evidence.reference} is claimed against {want.label} already.")
    plan = _Plan()
    _plan_wanted(plan, evidence, None, want, unit_outline(record.unit_id))
    plan.carry_out(evidence, {record.pk: record}, by)
    return plan.made[0]


@transaction.atomic
def add_twin_claim(
    *,
    evidence: Evidence,
    twin: Claim,
    record: UnitRecord,
    criterion: Criterion,
    instance: Instance | None = None,
    by: Membership,
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
    if there := live.filter(record=record, criterion=criterion, instance=instance).first():
        return there
    source = live.exclude(state=ClaimState.RETURNED).select_related("record").filter(pk=twin.pk).first()
    if source is None or not _are_twins(source, record, criterion):
        raise ValidationError(f"{evidence.reference} is no longer claimed against what {criterion.label} repeats.")
    plan = _Plan()
    (want,) = _read_anew([WantedClaim(record, criterion, source.locator, instance)], {record.pk: record})
    _plan_wanted(plan, evidence, None, want, unit_outline(record.unit_id))
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
        Claim.objects.bulk_update([*self.changed, *self.withdrawn], ["state", "locator", "instance"])
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
                tell(
                    type_,
                    about=evidence,
                    by=by,
                    reference=evidence.reference,
                    unit_record=record_id,
                    claims=ids,
                )
        lapse_for(self.touched, records, by)


def _read_anew(wanted: Sequence[WantedClaim], records: dict[int, UnitRecord]) -> Iterator[WantedClaim]:
    """What is wanted with the locked records, and with criteria and names as they are now."""
    criteria = Criterion.objects.select_related("group").in_bulk({want.cell[1] for want in wanted} - {None})
    named = {want.cell[2] for want in wanted} - {None}
    instances = Instance.objects.in_bulk(named) if named else {}
    for want in wanted:
        yield WantedClaim(
            records[want.record.pk],
            criteria[want.criterion.pk] if want.criterion else None,
            want.locator,
            instances[want.instance.pk] if want.instance else None,
        )


def _can_be_placed(claim: Claim | None, want: WantedClaim, outline: UnitOutline) -> bool:
    """Whether a claim was made before it could say for which change or value it is, and can be told now."""
    return (
        claim is not None
        and claim.criterion_id is not None
        and claim.state != ClaimState.ACCEPTED
        and want.instance is not None
        and outline.must_name_instance(claim.criterion_id)
    )


def _plan_wanted(plan: _Plan, evidence: Evidence, claim: Claim | None, want: WantedClaim, outline: UnitOutline) -> None:
    """Check one wanted cell and add to the plan what it takes. ``claim`` is the live one, where there is one."""
    locator = want.place
    if claim is None:
        _check_cell(evidence, want, outline)
        made = Claim(
            evidence=evidence, record=want.record, criterion=want.criterion, instance=want.instance, locator=locator
        )
        plan.made.append(made)
        return
    is_placed = claim.instance_id != (want.instance.pk if want.instance else None)
    if claim.locator == locator and not is_placed:
        return
    check_unlocked(want.record)
    if claim.state == ClaimState.ACCEPTED:
        raise ValidationError(f"{want.label} has been accepted, so its place stays “{claim.locator}”.")
    if is_placed:
        _check_instance(want, outline)
    claim.locator, claim.instance = locator, want.instance
    if claim.state == ClaimState.RETURNED:
        claim.state = claim_move(claim.state, ClaimState.UNDECIDED).target
    plan.changed.append(claim)


def _check_cell(evidence: Evidence, want: WantedClaim, outline: UnitOutline) -> None:
    record, criterion = want.record, want.criterion
    if record.portfolio_id != evidence.portfolio_id:
        raise ValidationError("This unit record belongs to another portfolio.")
    check_unlocked(record)
    if criterion is not None and (
        criterion.group.unit_id != record.unit_id or criterion.group.kind not in TICKED_KINDS
    ):
        raise ValidationError(f"{criterion.label} is not a criterion of unit {record.unit.code}.")
    _check_instance(want, outline)
    version = evidence.current_version
    if version is not None and version.witness is not None:
        check_independent(version.witness, record)


def _check_instance(want: WantedClaim, outline: UnitOutline) -> None:
    """It is one that was named in this record, of the kind that the cell asks for; and there, where there must be one.

    Raises ValidationError (R3).
    """
    criterion, instance = want.criterion, want.instance
    word = outline.instance_word(criterion.pk) if criterion else ""
    if instance is None:
        if criterion and outline.must_name_instance(criterion.pk):
            raise ValidationError(f"{want.label}: say which {word} it shows.")
        return
    if instance.record_id != want.record.pk:
        raise ValidationError(f"What was picked for {want.label} was named in another unit record.")
    if instance.of != word:
        cell = criterion.label if criterion else want.label
        raise ValidationError(f"{cell} does not ask which {instance.of} it shows.")
    if instance.removed_at is not None:
        raise ValidationError(f"“{instance}” has been removed meanwhile. Pick another {word}.")


def _cell(claim: Claim) -> Cell:
    return claim.record_id, claim.criterion_id, claim.instance_id
