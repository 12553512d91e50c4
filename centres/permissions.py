"""Who may, with the reason why not. The page shows the same reason that the action raises (HOUSE, habit 2)."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from ledger.queries import events_in

from .models import Award, Case, Centre, Invitation, Membership, Registration, Role, User
from .states import ENDED


def why_not(check: Callable[..., None], *args: Any, **kwargs: Any) -> str:
    """Ask a check instead of running into it: "" when it lets pass, else the reason it gives."""
    try:
        check(*args, **kwargs)
    except PermissionDenied as refusal:
        return str(refusal)
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    return ""


def check_coordinates(*, centre: Centre, by: Membership) -> None:
    """Raises PermissionDenied unless ``by`` is an active coordinator's seat at the centre."""
    if by.role != Role.COORDINATOR or by.centre_id != centre.pk or by.ended_at is not None:
        raise PermissionDenied(f"Only a coordinator of {centre} may do this.")


def check_may_end_role(*, membership: Membership, by: Membership) -> None:
    """Raises PermissionDenied for strangers, ValidationError for the centre's last coordinator."""
    check_coordinates(centre=membership.centre, by=by)
    if membership.role != Role.COORDINATOR or membership.ended_at is not None:
        return
    others = Membership.objects.active().filter(centre=membership.centre, role=Role.COORDINATOR)
    if not others.exclude(pk=membership.pk).exists():
        raise ValidationError(
            f"{membership.person} is the last coordinator of {membership.centre}. Give the role to somebody else first."
        )


def check_invitation_waits(invitation: Invitation) -> None:
    """Raises ValidationError, saying what to do, unless the invitation can still be accepted."""
    match invitation.state:
        case "accepted":
            raise ValidationError("This invitation has been used. Sign in with your email address and password.")
        case "withdrawn":
            raise ValidationError(f"This invitation has been withdrawn. Ask {invitation.centre} for a new one.")
        case "expired":
            raise ValidationError(f"This invitation has expired. Ask {invitation.centre} for a new one.")


def check_registration_open(registration: Registration) -> None:
    """Raises ValidationError unless work on the registration may go on: it is active."""
    if not registration.is_open:
        raise ValidationError(
            f"This registration is {registration.get_status_display().lower()}, so nothing on it can be changed."
        )


def check_registration_not_ended(registration: Registration) -> None:
    """Raises ValidationError once the registration has ended: it is read-only from then on."""
    if registration.status in ENDED:
        raise ValidationError(
            f"This registration is {registration.get_status_display().lower()}; it can be read but no longer changed."
        )


def check_revision(*, current: int, revision: int, chain: str, subject: str) -> None:
    """Raises ValidationError, naming who was last, when a form was filled in on an older state of its subject.

    In: the row's revision, the one that the form was made from, and where the ledger tells of the row.
    """
    if current == revision:
        return
    last = events_in(chain).filter(subject=subject).order_by("-sequence").first()
    actor = User.objects.filter(pk=last.actor_id).first() if last and last.actor_id else None
    raise ValidationError(
        f"This has been changed meanwhile by {actor or 'somebody else'}. Look again, then save.", code="stale"
    )


def check_known_here(person: User, by: Membership) -> None:
    """Raises PermissionDenied unless the person holds or has held a role at the centre of ``by``."""
    if not Membership.objects.filter(person=person, centre=by.centre).exists():
        raise PermissionDenied(f"{person} is not known at {by.centre}.")


def check_may_file_certificate(award: Award) -> None:
    """Raises ValidationError, saying what to do, where a certificate is on file or the entry is struck out."""
    if award.struck_out_at is not None:
        raise ValidationError("This entry has been struck out.")
    if award.certificate_id is not None:
        raise ValidationError(
            "A certificate is on file already. If it is the wrong one, strike this entry out and record the award anew."
        )


def check_may_note_competence(*, person: User, by: Membership) -> None:
    """Raises PermissionDenied unless ``by`` coordinates the person's centre, or is that assessor or IV (R36)."""
    if by.ended_at is None and by.person_id == person.pk and by.role in (Role.ASSESSOR, Role.IV):
        return
    check_coordinates(centre=by.centre, by=by)
    check_known_here(person, by)


def check_may_follow(*, case: Case, by: Membership) -> None:
    """Whether this seat may add a step to the case or close it.

    Raises PermissionDenied unless it coordinates the centre, ValidationError once the case is closed.
    """
    check_coordinates(centre=case.centre, by=by)
    if not case.is_open:
        raise ValidationError("This case is closed. Open another one that names it.")
