"""The gate's list for one person: what is missing, who must do it, and the way to where it is mended. Pure."""

from dataclasses import dataclass

from django.urls import reverse

from centres.models import Membership, Role
from registrations.models import UnitConfirmationKind
from signoff.contents import RecordContents
from signoff.gate import Kind, Missing
from units.gaps import Party

WHO = {Party.CANDIDATE: "Candidate", Party.ASSESSOR: "Assessor", Party.COORDINATOR: "Coordinator"}


@dataclass(frozen=True, kw_only=True)
class ToDo:
    """One thing that is missing, who must do it, and the way there for whoever is looking."""

    text: str
    who: str
    is_yours: bool
    url: str = ""
    link: str = ""


def to_do(contents: RecordContents, seat: Membership) -> tuple[ToDo, ...]:
    """Everything that keeps a record from being signed, as this seat sees it."""
    return tuple(_to_do(missing, contents, seat) for missing in contents.gate.missing)


def anchor_of(criterion_id: int) -> str:
    """Where on the record's page a criterion stands."""
    return f"criterion-{criterion_id}"


def _to_do(missing: Missing, contents: RecordContents, seat: Membership) -> ToDo:
    record = contents.record
    is_yours = missing.who == seat.role
    if is_yours and seat.role == Role.ASSESSOR:
        is_yours = seat.person_id == record.assessor.pk
    url, link = _way_to(missing, contents) if is_yours else ("", "")
    if not url and missing.criteria:
        url, link = f"{reverse('record', args=[record.pk])}#{anchor_of(missing.criteria[0])}", "Show me where"
    return ToDo(text=missing.what, who=WHO[missing.who], is_yours=is_yours, url=url, link=link)


def _way_to(missing: Missing, contents: RecordContents) -> tuple[str, str]:
    """Where the person who must act does it."""
    record = contents.record
    match missing.kind:
        case Kind.COVERAGE:
            return reverse("add_evidence", args=[record.portfolio_id]), "Add evidence"
        case Kind.INSTANCE:
            return reverse("instances", args=[record.pk]), "Name them"
        case Kind.BARRED if missing.who is Party.CANDIDATE:
            return reverse("claims", args=[missing.evidence[0]]), "Change its criteria"
        case Kind.NOT_OFFERED:
            return reverse("evidence", args=[missing.evidence[0]]), "Open it"
        case Kind.UNDECIDED | Kind.BARRED | Kind.UNCONFIRMED:
            return reverse("judge", args=[missing.evidence[0]]), "Judge it"
        case Kind.WITNESS:
            return reverse("evidence", args=[missing.evidence[0]]), "Open it"
        case Kind.REVIEW:
            return f"{reverse('confirm_unit', args=[record.pk])}?kind={UnitConfirmationKind.REVIEWED}", "Review them"
        case Kind.SUFFICIENCY | Kind.CONFIRMATION:
            return reverse("confirm_unit", args=[record.pk]), "Confirm"
        case Kind.HELD_ELSEWHERE:
            return reverse("held_elsewhere"), "Confirm for the centre"
        case Kind.REGISTRATION:
            return reverse("registration", args=[record.registration_id]), "Open the registration"
