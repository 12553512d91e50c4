"""Who may change a portfolio, and when. Each check raises with a reason to read; page and action both call it.

PermissionDenied: this person may not. ValidationError: not in this state.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet

from centres.models import Membership, Role
from evidence.models import Claim, ClaimState, Evidence, EvidenceState, EvidenceVersion, Witness
from registrations.models import Portfolio, RecordState, Registration, RegistrationStatus, UnitRecord
from registrations.unit_records import check_unlocked
from units.methods import Method
from units.text import folded


def check_own_portfolio(portfolio: Portfolio, by: Membership) -> None:
    """The seat is the candidate's own, at this centre. Raises PermissionDenied: nobody else writes in a portfolio."""
    is_own = (
        by.role == Role.CANDIDATE and by.person_id == portfolio.candidate_id and by.centre_id == portfolio.centre_id
    )
    if not is_own or by.ended_at is not None:
        raise PermissionDenied("Only the candidate can change their own portfolio.")


def check_portfolio_open(portfolio: Portfolio) -> None:
    """At least one registration is active; a portfolio is read-only once all have ended. Raises ValidationError."""
    active = Registration.objects.filter(
        centre=portfolio.centre_id, candidate=portfolio.candidate_id, status=RegistrationStatus.ACTIVE
    )
    if not active.exists():
        raise ValidationError("You have no active registration at this centre, so your portfolio is read-only.")


def check_may_add(portfolio: Portfolio, by: Membership) -> None:
    """Whether evidence or a witness may be added. Raises PermissionDenied or ValidationError."""
    check_own_portfolio(portfolio, by)
    check_portfolio_open(portfolio)


def check_may_change(evidence: Evidence, by: Membership) -> None:
    """Whether an item may be changed, or replaced once it has been offered (Q22). Raises as above."""
    check_own_portfolio(evidence.portfolio, by)
    if evidence.state == EvidenceState.WITHDRAWN:
        raise ValidationError(
            f"{evidence.reference} has been withdrawn, so it cannot be changed. Add it again instead."
        )
    version = evidence.current_version
    is_own = version is None or version.testimony_id or version.made_by_id == evidence.portfolio.candidate_id
    if not is_own:
        raise ValidationError(f"Your assessor wrote and signed {evidence.reference}, so only an assessor corrects it.")
    check_portfolio_open(evidence.portfolio)


def check_may_claim(evidence: Evidence, by: Membership) -> None:
    """Whether the candidate may choose criteria for an item (R8). Raises as above."""
    check_own_portfolio(evidence.portfolio, by)
    if evidence.state == EvidenceState.WITHDRAWN:
        raise ValidationError(f"{evidence.reference} has been withdrawn, so it cannot be claimed against criteria.")
    check_portfolio_open(evidence.portfolio)


def check_may_offer(evidence: Evidence, by: Membership) -> None:
    """Whether a draft may be offered: something to look at, something it is claimed for, and R20. Raises as above."""
    check_own_portfolio(evidence.portfolio, by)
    if evidence.state == EvidenceState.OFFERED:
        raise ValidationError(f"{evidence.reference} has been offered already.")
    if evidence.state == EvidenceState.WITHDRAWN:
        raise ValidationError(f"{evidence.reference} has been withdrawn. Add it again to offer it.")
    check_portfolio_open(evidence.portfolio)
    version = evidence.current_version
    assert version is not None  # an item is made together with its first version
    if version.testimony is not None and version.testimony.is_suspended:
        raise ValidationError(
            "The address that was asked says that the testimony is not theirs. Ask again, or hand in one on paper."
        )
    if not version.kept_at and version.testimony is None and not version.files.exists():
        raise ValidationError(_why_nothing_to_look_at(evidence, version))
    claims = evidence.claims.exclude(state=ClaimState.WITHDRAWN).select_related(
        "record__unit",
        "record__registration__assessor",
        "record__registration__iv",
        "record__own_assessor",
        "record__own_iv",
    )
    records = {claim.record_id: claim.record for claim in claims}
    if not records:
        raise ValidationError("Choose the criteria that this evidence is for.")
    still_open = [record for record in records.values() if record.is_open]
    if not still_open:
        check_unlocked(next(iter(records.values())))
    if Method.WITNESS_TESTIMONY in version.methods and version.witness is None:
        raise ValidationError("Say who the witness is: a witness testimony needs one.")
    if version.witness is not None:
        for record in still_open:
            check_independent(version.witness, record)


def _why_nothing_to_look_at(evidence: Evidence, version: EvidenceVersion) -> str:
    if Method.WITNESS_TESTIMONY not in version.methods or version.witness is None:
        return "Hand in a file, or say where the evidence is kept at work."
    if any(request.state == "waiting" for request in evidence.testimony_requests.filter(witness=version.witness)):
        return "The witness has been asked by email and has not answered yet. A testimony on paper will do as well."
    return "Hand in a file, ask the witness by email, or say where the evidence is kept at work."


def check_may_withdraw(evidence: Evidence, by: Membership) -> None:
    """Whether an item may be withdrawn: from open units only (Q22a). Raises as above."""
    check_own_portfolio(evidence.portfolio, by)
    if evidence.state == EvidenceState.WITHDRAWN:
        raise ValidationError(f"{evidence.reference} has been withdrawn already.")
    check_portfolio_open(evidence.portfolio)
    claims = evidence.claims.exclude(state=ClaimState.WITHDRAWN).select_related("record__registration")
    records = [claim.record for claim in claims]
    if records and not any(record.is_open for record in records):
        raise ValidationError(
            f"Every unit that {evidence.reference} is claimed in is signed or closed, so there it stays."
        )


def check_may_change_witness(witness: Witness, by: Membership) -> None:
    """Whether a witness's entry may be changed: not once the assessor has made sure of the person (R20a), nor while a
    signed record rests on their word (R66)."""
    check_may_add(witness.portfolio, by)
    if witness.authenticated_at is not None:
        raise ValidationError(
            f"{witness.authenticated_by} has made sure that {witness.name} is who you say, so this entry stays. "
            "If it is wrong, add the witness again."
        )
    signed = records_resting_on(witness).exclude(state=RecordState.OPEN).select_related("unit").first()
    if signed is not None:
        raise ValidationError(
            f"Unit {signed.unit.code} is signed and rests on evidence with {witness.name} as witness, so this entry "
            "stays. If it is wrong, ask the assessor to unlock the unit."
        )


def records_resting_on(witness: Witness) -> QuerySet[UnitRecord]:
    """The unit records with a live claim that was judged on evidence naming this witness."""
    judged = Claim.objects.filter(judged_version__witness=witness).exclude(state=ClaimState.WITHDRAWN)
    return UnitRecord.objects.filter(pk__in=judged.values("record")).order_by("pk")


def check_may_add_claim(evidence: Evidence, record: UnitRecord, by: Membership) -> None:
    """Whether an assessor may add a claim that the candidate missed. Raises as above."""
    if by.role != Role.ASSESSOR or by.ended_at is not None or by.centre_id != record.portfolio.centre_id:
        raise PermissionDenied("Only the assessor of the unit can add a claim that the candidate missed.")
    if by.person_id == record.portfolio.candidate_id:
        raise PermissionDenied("You cannot assess your own evidence.")
    if by.person_id != record.assessor.pk:
        raise PermissionDenied(f"Unit {record.unit.code} is assessed by {record.assessor}.")
    if evidence.portfolio_id != record.portfolio_id:
        raise ValidationError("This evidence belongs to another portfolio.")
    if evidence.state != EvidenceState.OFFERED:
        raise ValidationError(f"{evidence.reference} is not offered for assessment.")
    check_unlocked(record)


def check_independent(witness: Witness, record: UnitRecord) -> None:
    """The witness is neither the candidate nor the unit's assessor or IV, by name or address (R23, R41).

    Raises ValidationError. An address or a name may differ for one and the same person: the assessor looks again.
    """
    for person, what in (
        (record.registration.candidate, "the candidate"),
        (record.assessor, f"the assessor of unit {record.unit.code}"),
        (record.iv, f"the internal verifier of unit {record.unit.code}"),
    ):
        if is_same_person(witness.name, witness.contact, person.name, person.email):
            raise ValidationError(f"{witness.name} is {what}, so they cannot be a witness in it.")


def check_independent_of_portfolio(portfolio: Portfolio, name: str, contact: str) -> None:
    """R23, as early as it can be said; offering and claiming look again, since assessors change.

    Raises ValidationError for the candidate, and for the assessor or IV of any unit in the portfolio.
    """
    candidate = portfolio.candidate
    if is_same_person(name, contact, candidate.name, candidate.email):
        raise ValidationError("You cannot be a witness to your own work.")
    records = UnitRecord.objects.filter(portfolio=portfolio).select_related(
        "unit", "registration__assessor", "registration__iv", "own_assessor", "own_iv"
    )
    for record in records:
        for person, what in ((record.assessor, "assessor"), (record.iv, "internal verifier")):
            if is_same_person(name, contact, person.name, person.email):
                raise ValidationError(
                    f"{person.name} is your {what} for unit {record.unit.code}, so they cannot be a witness."
                )


def is_same_person(name: str, contact: str, other_name: str, other_email: str) -> bool:
    """Whether a witness's name or address is another person's, whatever the case and spacing."""
    return folded(name) == folded(other_name) or folded(contact) == folded(other_email)
