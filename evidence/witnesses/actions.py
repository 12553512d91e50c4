"""Writes to the witness list (R20, R23)."""

from django.core.exceptions import ValidationError
from django.db import transaction

from centres.models import Membership
from evidence.models import Witness
from evidence.permissions import (
    check_independent_of_portfolio,
    check_may_add,
    check_may_change_witness,
    records_resting_on,
)
from ledger.actions import tell
from ledger.events import EventType
from registrations.models import Portfolio

FIELDS = ("name", "job_role", "relationship", "contact", "is_expert")


@transaction.atomic
def add_witness(
    *,
    portfolio: Portfolio,
    name: str,
    job_role: str,
    relationship: str,
    contact: str,
    is_expert: bool = False,
    by: Membership,
) -> Witness:
    """Put somebody on the candidate's witness list (R20). The same entry sent twice makes one.

    Raises PermissionDenied for anybody but the candidate; ValidationError for a read-only portfolio, a blank field, or
    the candidate or one of their assessors and IVs as the witness (R23).
    """
    portfolio = Portfolio.objects.select_for_update().get(pk=portfolio.pk)
    check_may_add(portfolio, by)
    given = _cleaned(portfolio, name, job_role, relationship, contact, is_expert)
    twin = Witness.objects.filter(portfolio=portfolio, **given).first()
    if twin is not None:
        return twin
    witness = Witness.objects.create(portfolio=portfolio, **given)
    tell(EventType.WITNESS_ADDED, about=witness, by=by, note=witness.entry, is_expert=witness.is_expert)
    return witness


@transaction.atomic
def change_witness(
    *,
    witness: Witness,
    name: str,
    job_role: str,
    relationship: str,
    contact: str,
    is_expert: bool = False,
    by: Membership,
) -> Witness:
    """Change an entry of the witness list, until the assessor has authenticated the person (R20a).

    Raises as `add_witness` does, and ValidationError once the witness has been authenticated, or while a signed record
    rests on them (R66).
    """
    witness = Witness.objects.select_for_update(of=("self",)).select_related("portfolio").get(pk=witness.pk)
    # Nobody signs one of these meanwhile.
    list(records_resting_on(witness).select_for_update())
    check_may_change_witness(witness, by)
    given = _cleaned(witness.portfolio, name, job_role, relationship, contact, is_expert)
    changed = [field for field in FIELDS if getattr(witness, field) != given[field]]
    if not changed:
        return witness
    for field in changed:
        setattr(witness, field, given[field])
    witness.save(update_fields=changed)
    tell(EventType.WITNESS_CHANGED, about=witness, by=by, note=witness.entry, changed=changed)
    return witness


def _cleaned(
    portfolio: Portfolio, name: str, job_role: str, relationship: str, contact: str, is_expert: bool
) -> dict[str, str | bool]:
    given: dict[str, str | bool] = {
        "name": " ".join(name.split()),
        "job_role": job_role.strip(),
        "relationship": relationship.strip(),
        "contact": contact.strip(),
        "is_expert": is_expert,
    }
    missing = [field for field in FIELDS[:4] if not given[field]]
    if missing:
        raise ValidationError(dict.fromkeys(missing, "This is needed."))
    try:
        check_independent_of_portfolio(portfolio, str(given["name"]), str(given["contact"]))
    except ValidationError as refusal:
        raise ValidationError({"name": refusal.messages}) from refusal
    return given
