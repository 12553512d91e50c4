"""Who may name what a unit asks for several of, change a name and take it away again (R3).

PermissionDenied: this person may not. ValidationError: not in this state.
"""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError

from centres.models import Membership, Role
from evidence.models import Claim, ClaimState, Instance
from registrations.models import UnitRecord
from registrations.unit_records import check_unlocked
from units.text import listed


def check_may_name(record: UnitRecord, by: Membership) -> None:
    """Whether things may be named: by the candidate, and by the unit's assessor for a claim that was missed.

    Raises PermissionDenied or ValidationError.
    """
    candidate_id = record.portfolio.candidate_id
    is_own = by.role == Role.CANDIDATE and by.person_id == candidate_id
    is_assessor = by.role == Role.ASSESSOR and by.person_id == record.assessor.pk != candidate_id
    if by.ended_at is not None or by.centre_id != record.portfolio.centre_id or not (is_own or is_assessor):
        raise PermissionDenied(
            "Only the candidate names this, and the assessor of the unit for a claim that was missed."
        )
    check_unlocked(record)


def check_may_rename(instance: Instance, by: Membership) -> None:
    """Whether a name may be changed: not once a claim was accepted for it. Raises as above."""
    _check_may_change(instance, by)
    accepted = [claim for claim in live_claims(instance) if claim.state == ClaimState.ACCEPTED]
    if accepted:
        raise ValidationError(f"{_references(accepted)} accepted for “{instance}”, so this name stays.")


def check_may_remove(instance: Instance, by: Membership) -> None:
    """Whether one may be taken away: while no claim rests on it. Raises as above."""
    _check_may_change(instance, by)
    if claims := live_claims(instance):
        raise ValidationError(f"{_references(claims)} claimed for “{instance}”, so it stays. Take that off first.")


def live_claims(instance: Instance) -> list[Claim]:
    """The claims that rest on it. One query with those of its evidence, none where they were fetched with it."""
    return [claim for claim in instance.claims.all() if claim.state != ClaimState.WITHDRAWN]


def _check_may_change(instance: Instance, by: Membership) -> None:
    """A name is changed by the candidate, or by the assessor who gave it."""
    check_may_name(instance.record, by)
    if by.role == Role.ASSESSOR and by.person_id != instance.named_by_id:
        raise PermissionDenied(f"“{instance}” was named by {instance.named_by}, who can change it.")


def _references(claims: Iterable[Claim]) -> str:
    references = sorted({(claim.evidence.number, claim.evidence.reference) for claim in claims})
    return f"{listed(reference for _, reference in references)} {'is' if len(references) == 1 else 'are'}"
