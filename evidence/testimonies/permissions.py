"""Who may ask a witness, until when a link works, and what a testimony must be before it counts (R20, R20a, R23).

PermissionDenied: this person may not. ValidationError: not in this state.
"""

from django.core.exceptions import ValidationError

from centres.models import Membership
from evidence.models import Evidence, EvidenceState, EvidenceVersion, Testimony, TestimonyRequest
from evidence.permissions import check_independent_of_portfolio, check_own_portfolio, check_portfolio_open
from registrations.models import Registration, RegistrationStatus
from units.methods import Method

MAY_BE_ASKED_ANEW = "If you still want to say what you saw, ask whoever asked you to send a new link."
GIVEN = "given"


def check_may_ask(evidence: Evidence, by: Membership) -> None:
    """Whether the candidate may ask the item's witness to testify. Raises PermissionDenied or ValidationError.

    While an earlier link waits they may too: the new one then takes its place.
    """
    check_own_portfolio(evidence.portfolio, by)
    if evidence.state == EvidenceState.WITHDRAWN:
        raise ValidationError(f"{evidence.reference} has been withdrawn, so there is nothing to testify to.")
    check_portfolio_open(evidence.portfolio)
    version = evidence.current_version
    assert version is not None  # an item is made together with its first version
    if Method.WITNESS_TESTIMONY not in version.methods:
        raise ValidationError(f"{evidence.reference} is no witness testimony. Change its kind first.")
    if version.witness is None:
        raise ValidationError("Say who the witness is first.")
    check_independent_of_portfolio(evidence.portfolio, version.witness.name, version.witness.contact)


def check_may_withdraw_request(request: TestimonyRequest, by: Membership) -> None:
    """Whether a link that is on its way may be taken back. Raises PermissionDenied or ValidationError."""
    check_own_portfolio(request.evidence.portfolio, by)
    if request.state == "given":
        raise ValidationError(f"{request.witness.name} has testified already, so there is nothing to take back.")
    if request.state == "withdrawn":
        raise ValidationError("This request has been withdrawn already.")


def check_link_works(request: TestimonyRequest) -> None:
    """Whether a witness's link still works: once, in time, and while the item waits for this witness.

    Raises ValidationError with a reason that tells a stranger nothing; its code is GIVEN for a link that was used.
    """
    if request.state == "given":
        raise ValidationError(
            "This link has been used, and links work once. If it was you, there is nothing more to do: a copy of what "
            "you wrote went to the address that the link came to.",
            code=GIVEN,
        )
    if request.state == "expired":
        raise ValidationError(f"This link has expired. {MAY_BE_ASKED_ANEW}")
    if request.state == "withdrawn" or not _is_still_asked_for(request):
        raise ValidationError(f"This link is no longer needed. {MAY_BE_ASKED_ANEW}")


def check_testimony_stands(version: EvidenceVersion) -> None:
    """What an assessor cannot accept yet: a testimony that is suspended, or one that is only asked for (R20a).

    A testimony on paper, handed in as a file, needs no answer by email. Raises ValidationError.
    """
    if version.testimony is not None and version.testimony.is_suspended:
        raise ValidationError(
            "The address that was asked says that this testimony is not theirs, so it is suspended and nothing that "
            "rests on it can be accepted."
        )
    if Method.WITNESS_TESTIMONY not in version.methods or version.testimony or version.files.exists():
        return
    for request in version.evidence.testimony_requests.filter(used_at=None, withdrawn_at=None):
        if request.state == "waiting":
            raise ValidationError("The witness has been asked by email and has not answered yet.")


def check_may_be_disowned(testimony: Testimony) -> None:
    """Whether the invited address may still say that it was somebody else. Raises ValidationError."""
    if testimony.is_suspended:
        raise ValidationError("You have said this already. The testimony is suspended, and the assessor has been told.")


def _is_still_asked_for(request: TestimonyRequest) -> bool:
    evidence = request.evidence
    version = evidence.current_version
    return (
        evidence.state != EvidenceState.WITHDRAWN
        and version is not None
        and Method.WITNESS_TESTIMONY in version.methods
        and version.witness_id == request.witness_id
        and Registration.objects.filter(
            centre=evidence.portfolio.centre_id,
            candidate=evidence.portfolio.candidate_id,
            status=RegistrationStatus.ACTIVE,
        ).exists()
    )
