"""Who may, with the reason why not. The page shows the same reason that the action raises (HOUSE, habit 2)."""

from collections.abc import Callable
from typing import Any, Protocol

from django.core.exceptions import PermissionDenied, ValidationError

from centres.decorators import with_article
from centres.models import Award, Centre, Invitation, Membership, Role, User
from ledger.queries import events_in
from ledger.subjects import Tellable


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


def why_not_both(person: User, centre: Centre, role: str) -> str:
    """Why a person who holds or has held other roles at a centre cannot be in this one there; "" where they can.

    An EV comes from the awarding body and verifies what a centre's own people did: nobody is both at one centre, not
    one after the other either (R41, R49). One query.
    """
    before = Membership.objects.filter(person=person, centre=centre)
    clash = before.exclude(role=Role.EV) if role == Role.EV else before.filter(role=Role.EV)
    return "" if (other := clash.order_by("pk").first()) is None else _not_both(person.name, centre, other.role)


def why_not_invited(*, email: str, name: str, centre: Centre, role: str) -> str:
    """The same of an address that has been invited in another role and has not answered: both could be accepted."""
    asked = Invitation.objects.filter(centre=centre, email=email, accepted_at=None, withdrawn_at=None)
    clash = asked.exclude(role=Role.EV) if role == Role.EV else asked.filter(role=Role.EV)
    waiting = next((invitation for invitation in clash if invitation.state == "waiting"), None)
    if waiting is None:
        return ""
    return (
        f"{name} has been invited as {with_article(waiting.role)}, and an external verifier comes from outside the "
        "centre: withdraw that invitation first."
    )


def _not_both(name: str, centre: Centre, other: str) -> str:
    if other == Role.EV:
        return f"{name} is or was an external verifier at {centre}, so they take no other role there."
    return (
        f"{name} is or was {with_article(other)} at {centre}, and an external verifier comes from outside the centre."
    )


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


class Revised(Tellable, Protocol):
    """A row that counts how often it was changed, and that the ledger tells of."""

    @property
    def revision(self) -> int: ...


def check_revision(row: Revised, revision: int) -> None:
    """Raises ValidationError, naming who was last, when a form was filled in on an older state of its subject.

    In: the row as it is now, and the revision that the form was made from.
    """
    if row.revision == revision:
        return
    last = events_in(row.chain).filter(subject=row.subject).order_by("-sequence").first()
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
