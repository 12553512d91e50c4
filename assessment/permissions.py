"""Who may judge, and what may be accepted."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from assessment.method_records.permissions import check_seen_at_work
from centres.authority.register import is_approved
from centres.models import Capacity, Membership, Role
from evidence.models import Claim, ClaimState, Evidence, EvidenceState, EvidenceVersion, Witness
from evidence.permissions import check_independent
from evidence.testimonies.permissions import check_testimony_stands
from registrations.models import UnitRecord
from registrations.queries import assessed_by
from registrations.unit_records import check_unlocked
from units.coverage import ClaimFacts, is_unplaced, why_barred
from units.methods import Method
from units.queries import outlines_of
from units.setting_policy import Setting


def check_may_judge(*, record: UnitRecord, by: Membership) -> None:
    """Raise unless ``by`` is the assessor of this unit and approved for it today (HOUSE decided 7), and it is open.

    PermissionDenied for the person, ValidationError for the state of the record.
    """
    if by.role != Role.ASSESSOR or by.ended_at is not None or by.centre_id != record.registration.centre_id:
        raise PermissionDenied("Evidence is judged by the candidate's assessor.")
    if by.person_id == record.registration.candidate_id:
        raise PermissionDenied("Nobody judges their own evidence.")
    if by.person != record.assessor:
        raise PermissionDenied(f"The assessor of this unit is {record.assessor.name}.")
    if not is_approved(
        person=by.person,
        centre=by.centre,
        unit=record.unit,
        capacity=Capacity.ASSESSOR,
        day=timezone.localdate(),
    ):
        raise PermissionDenied(f"You are not approved to assess unit {record.unit.code}. Ask your centre coordinator.")
    check_unlocked(record)


def check_may_accept(*, claim: Claim, version: EvidenceVersion, is_confirmed: bool) -> None:
    """Raise ValidationError when this claim cannot be accepted: setting (R5), witness (R20a, R23), V, A and C (R17),
    and evidence that stays at work and was not seen there (R12).

    ``is_confirmed`` says whether valid, authentic and current are all confirmed of the version.
    """
    _check_counts(claim, version)
    if Method.WITNESS_TESTIMONY in version.methods and not (version.witness and version.witness.authenticated_at):
        raise ValidationError("Record first how you made sure that the witness is genuine.")
    check_testimony_stands(version)
    if version.witness:
        check_independent(version.witness, claim.record)
    check_seen_at_work(version)
    if not is_confirmed:
        raise ValidationError("Confirm that this evidence is valid, authentic and current before you accept it.")


def _check_counts(claim: Claim, version: EvidenceVersion) -> None:
    """Raise unless coverage would count the claim (R3, R5, Q16): asked of the one engine that counts it."""
    unit = outlines_of([claim.record.unit])[claim.record.unit_id]
    facts = ClaimFacts(
        reference=claim.evidence.reference,
        evidence_id=claim.evidence_id,
        criterion_id=claim.criterion_id,
        instance_id=claim.instance_id,
        setting=Setting(version.setting),
        methods=frozenset(map(Method, version.methods)),
    )
    if reason := why_barred(unit, facts):
        raise ValidationError(reason)
    if claim.criterion_id and is_unplaced(unit, facts):
        group, criterion = unit.cells[claim.criterion_id]
        word = group.instance_word(criterion)
        raise ValidationError(f"The candidate has not said which {word} this shows for {group.name_of(criterion)}.")


def check_may_authenticate(*, witness: Witness, by: Membership) -> None:
    """Raise unless ``by`` assesses a unit in the witness's portfolio, and nobody has authenticated the witness (R20a).

    PermissionDenied for the person; ValidationError where it is recorded already, since judgements rest on the entry.
    """
    assessed = UnitRecord.objects.filter(assessed_by(by.person), portfolio=witness.portfolio_id)
    is_here = by.role == Role.ASSESSOR and by.ended_at is None and by.centre_id == witness.portfolio.centre_id
    if not is_here or not assessed.exists():
        raise PermissionDenied("Witnesses are authenticated by the candidate’s assessor.")
    if witness.authenticated_by:
        raise ValidationError(f"{witness.authenticated_by} has recorded already how {witness.name} was authenticated.")


def check_on_offer(evidence: Evidence) -> None:
    """Raise ValidationError unless the item is offered for assessment."""
    if evidence.state != EvidenceState.OFFERED:
        raise ValidationError(f"{evidence.reference} is not offered for assessment.")


def check_judged_version(*, evidence: Evidence, version: EvidenceVersion) -> None:
    """Raise ValidationError unless the version judged is the one that is on offer now (Q22)."""
    check_on_offer(evidence)
    if evidence.current_version_id != version.pk:
        raise ValidationError(
            f"{evidence.reference} has been replaced since you opened this page. Look at the new version, then judge.",
            code="stale",
        )


def check_may_confirm(*, record: UnitRecord, by: Membership) -> None:
    """Raise unless the unit's assessor may confirm something of it now (R4, Q12, Q23): judged, something accepted.

    What an earlier assessor of the unit confirmed does not stand in the way: each speaks for themself. PermissionDenied
    for the person, ValidationError for the state of the record.
    """
    check_may_judge(record=record, by=by)
    if Claim.objects.filter(record=record, state=ClaimState.UNDECIDED, evidence__state=EvidenceState.OFFERED).exists():
        raise ValidationError("Some claims on this unit still wait for your judgement. Judge them first.")
    if not Claim.objects.filter(record=record, state=ClaimState.ACCEPTED).exists():
        raise ValidationError("Nothing on this unit has been accepted yet.")


def check_may_waive(*, record: UnitRecord, can_be_waived: Collection[int], by: Membership) -> None:
    """Raise unless ``by`` may do without a "should" of this unit now, or take that back (Q11): whoever judges it.

    ``can_be_waived``: the ids of the unit's criteria that are printed so. PermissionDenied for the person,
    ValidationError for the state of the record and for a unit without any.
    """
    check_may_judge(record=record, by=by)
    if not can_be_waived:
        raise ValidationError(f"Unit {record.unit.code} asks for nothing by a “should”, so nothing can be waived.")
