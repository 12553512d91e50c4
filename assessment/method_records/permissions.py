"""Who may record, correct and add notes, and what must have been seen at work (R11, R12, R16).

PermissionDenied: this person may not. ValidationError: not in this state.
"""

from django.core.exceptions import PermissionDenied, ValidationError

from assessment.models import AgreedDiscussion, BankedQuestion, MethodRecord, SeenAtWork
from centres.models import Membership, Role, User
from evidence.models import Claim, ClaimState, Evidence, EvidenceVersion
from evidence.models import EvidenceState as State
from evidence.permissions import check_may_change
from registrations.models import Portfolio, UnitRecord
from registrations.queries import assessed_by


def check_assesses(portfolio: Portfolio, by: Membership) -> None:
    """Raise PermissionDenied unless ``by`` assesses a unit in the portfolio of somebody else."""
    if by.role != Role.ASSESSOR or by.ended_at is not None or by.centre_id != portfolio.centre_id:
        raise PermissionDenied("This is recorded by the candidate’s assessor.")
    if by.person_id == portfolio.candidate_id:
        raise PermissionDenied("Nobody assesses their own evidence.")
    if not UnitRecord.objects.filter(assessed_by(by.person), portfolio=portfolio).exists():
        raise PermissionDenied(f"You assess no unit of {portfolio.candidate}.")


def check_may_record(portfolio: Portfolio, by: Membership) -> None:
    """Whether an assessor may observe, question or discuss: they assess a unit here that is open. Raises as above."""
    check_assesses(portfolio, by)
    mine = UnitRecord.objects.filter(assessed_by(by.person), portfolio=portfolio).select_related("registration")
    if not any(record.is_open for record in mine):
        raise ValidationError("Every unit that you assess here is signed or closed, so nothing can be added to it.")


def check_may_hold(discussion: AgreedDiscussion, by: Membership) -> None:
    """Whether a discussion that was agreed may be written up, or called off. Raises as above."""
    check_may_record(discussion.portfolio, by)
    if discussion.called_off_at is not None:
        raise ValidationError("This discussion has been called off.")
    if discussion.records.exists():
        raise ValidationError("This discussion has been written up and signed already.")


def check_may_correct(record: MethodRecord, by: Membership) -> None:
    """Whether a signed record may be corrected by a new one: by whoever signed it, once, on the newest version.

    For an assessor who assesses the candidate no more, whoever assesses a unit that the evidence is claimed in writes
    the new one, in their own name; the old one stays beside it. Raises as above.
    """
    evidence = record.version.evidence
    if by.ended_at is not None or (by.person_id != record.author_id and not _takes_over(record, by)):
        raise PermissionDenied(f"{record.signed_name} signed this record, so they alone correct it.")
    if record.is_assessors:
        check_may_record(evidence.portfolio, by)
        if evidence.state == State.WITHDRAWN:
            raise ValidationError(f"{evidence.reference} has been withdrawn.")
    else:
        check_may_change(evidence, by)
    if hasattr(record, "corrected_by"):
        raise ValidationError("This record has been corrected already. Correct the newer one instead.")


def _takes_over(record: MethodRecord, by: Membership) -> bool:
    """Whether an assessor's record is this seat's to correct, since its author assesses the candidate no more."""
    portfolio = record.version.evidence.portfolio
    if not record.is_assessors or by.role != Role.ASSESSOR:
        return False
    held = Membership.objects.active().filter(person=record.author_id, centre=portfolio.centre_id, role=Role.ASSESSOR)
    if held.exists() and UnitRecord.objects.filter(assessed_by(record.author), portfolio=portfolio).exists():
        return False
    mine = UnitRecord.objects.filter(assessed_by(by.person), portfolio=portfolio)
    claims = Claim.objects.filter(evidence=record.version.evidence).exclude(state=ClaimState.WITHDRAWN)
    return mine.filter(pk__in=claims.values("record")).exists() or (mine.exists() and not claims.exists())


def check_own_question(question: BankedQuestion, by: Membership) -> None:
    """Raise PermissionDenied unless the question is kept by this assessor, at this centre."""
    if by.role != Role.ASSESSOR or (by.person_id, by.centre_id) != (question.owner_id, question.centre_id):
        raise PermissionDenied("Questions are kept by each assessor for themselves.")


def is_location_only(version: EvidenceVersion) -> bool:
    """Whether the evidence stays at work, with nothing of it handed in (R12)."""
    return bool(version.kept_at) and not version.files.exists()


def check_may_record_seen(evidence: Evidence, by: Membership) -> None:
    """Whether an assessor may record having seen an item at work. Raises as above."""
    check_assesses(evidence.portfolio, by)
    if evidence.state != State.OFFERED:
        raise ValidationError(f"{evidence.reference} is not offered for assessment.")
    version = evidence.current_version
    if version is None or not is_location_only(version):
        raise ValidationError(f"The files of {evidence.reference} are here, so there is nothing to see at work.")


def check_seen_at_work(version: EvidenceVersion) -> None:
    """Raise ValidationError for evidence that stays at work until an assessor has recorded seeing it (R12)."""
    if is_location_only(version) and not SeenAtWork.objects.filter(version=version).exists():
        raise ValidationError("Record first where and when you saw this at work.")


def check_signed_name(typed: str, person: User) -> None:
    """The name typed is the account's, whatever case and spacing (R11). Raises ValidationError by field."""
    if " ".join(typed.split()).casefold() != " ".join(person.name.split()).casefold():
        raise ValidationError({"typed_name": f"Type your name as it stands on your account: {person.name}."})
