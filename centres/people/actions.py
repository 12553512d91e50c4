"""Centres, invitations and roles: who belongs where."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from centres.decorators import with_article
from centres.models import Centre, Invitation, Membership, Role, User
from centres.permissions import (
    check_coordinates,
    check_invitation_waits,
    check_may_end_role,
    why_not_both,
    why_not_invited,
)
from centres.queries import account_of, holds_role
from ledger.actions import tell
from ledger.chains import INSTALLATION
from ledger.events import EventType
from ledger.subjects import Actor, Named


def lock_centre(centre: Centre) -> Centre:
    """Hold the centre's row until the transaction ends: what must be unique in a centre is checked behind it."""
    return Centre.objects.select_for_update(no_key=True).get(pk=centre.pk)


@transaction.atomic
def open_centre(
    *, name: str, number: str, awarding_body: str, coordinator: User | None = None, by: User | None = None
) -> Centre:
    """Open a centre, with its first coordinator where that person has an account already. For operators.

    Raises ValidationError for a centre number in use and for blank facts.
    """
    centre = Centre(name=name.strip(), number=number.strip(), awarding_body=awarding_body.strip())
    centre.full_clean()
    centre.save(force_insert=True)
    tell(
        EventType.CENTRE_OPENED,
        about=Named(INSTALLATION, centre.subject),
        by=Actor(by, "operator"),
        name=centre.name,
        number=centre.number,
        awarding_body=centre.awarding_body,
    )
    if coordinator is not None:
        _start_membership(person=coordinator, centre=centre, role=Role.COORDINATOR, by=by, by_role="operator")
    return centre


@transaction.atomic
def invite_coordinator(*, centre: Centre, email: str, name: str, by: User | None = None) -> Invitation:
    """Ask somebody to be a new centre's first coordinator. For operators; ``invite`` is for everybody else.

    Raises ValidationError once the centre has a coordinator, who invites from then on.
    """
    centre = lock_centre(centre)
    if Membership.objects.active().filter(centre=centre, role=Role.COORDINATOR).exists():
        raise ValidationError(f"{centre} has a coordinator already, who can invite others.")
    return _ask(centre=centre, email=email, name=name, role=Role.COORDINATOR, by=by, by_role="operator")


@transaction.atomic
def invite(*, email: str, name: str, role: str, by: Membership) -> Invitation:
    """Ask somebody to join the coordinator's centre in a role. ``desk`` mails the link.

    An account elsewhere makes no difference and is never told of. The same invitation sent twice within a minute is
    one. Raises PermissionDenied unless ``by`` coordinates the centre; ValidationError, by field, for an address that
    holds the role here, has an account here or has been invited already, also in a role that goes with this one not.
    """
    check_coordinates(centre=by.centre, by=by)
    return _ask(centre=lock_centre(by.centre), email=email, name=name, role=role, by=by.person, by_role=by.role)


def _ask(*, centre: Centre, email: str, name: str, role: str, by: User | None, by_role: str) -> Invitation:
    now = timezone.now()
    invitation = Invitation(
        centre=centre,
        email=email.strip().lower(),
        name=name.strip(),
        role=role,
        invited_by=by,
        invited_at=now,
        expires_at=now + timedelta(days=settings.INVITATION_DAYS),
    )
    invitation.clean_fields()
    _check_not_here(invitation)
    if reason := why_not_invited(email=invitation.email, name=invitation.name, centre=centre, role=role):
        raise ValidationError({"email": reason})
    waiting = Invitation.objects.filter(
        centre=centre, email=invitation.email, role=role, accepted_at=None, withdrawn_at=None
    ).first()
    if waiting and waiting.state == "waiting":
        if (
            waiting.name == invitation.name
            and waiting.invited_by == by
            and waiting.invited_at > now - timedelta(minutes=1)
        ):
            return waiting  # The button was pressed twice.
        raise ValidationError(
            {"email": f"{waiting.email} has been invited as {with_article(role)} and has not answered."}
        )
    if waiting:
        _close(waiting, by=by, by_role=by_role, why="expired")
    invitation.save(force_insert=True)
    tell(EventType.PERSON_INVITED, about=invitation, by=Actor(by, by_role), role=role)
    return invitation


def _check_not_here(invitation: Invitation) -> None:
    """Refuse an address that is known here. An account known only to other centres must not be told of."""
    person = account_of(invitation.email)
    if person is None:
        return
    if holds_role(person, invitation.centre, invitation.role):
        raise ValidationError({"email": f"{person} is {with_article(invitation.role)} here already."})
    if person.memberships.filter(centre=invitation.centre).exists():
        raise ValidationError(
            {
                "email": ValidationError(
                    "%(person)s has an account here already: give them the role on their page.",
                    code="known_here",
                    params={"person": person.name, "pk": person.pk},
                )
            }
        )


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: Membership) -> Invitation:
    """Take an invitation back, so that its link no longer works. Doing it twice changes nothing.

    Raises PermissionDenied unless ``by`` coordinates the centre; ValidationError once it has been accepted.
    """
    invitation = Invitation.objects.select_for_update(of=("self",)).select_related("centre").get(pk=invitation.pk)
    check_coordinates(centre=invitation.centre, by=by)
    if invitation.accepted_at:
        raise ValidationError(f"{invitation.name} has accepted this invitation. End the role on their page instead.")
    if invitation.withdrawn_at is None:
        _close(invitation, by=by.person, by_role=by.role, why="withdrawn")
    return invitation


def _close(invitation: Invitation, *, by: User | None, by_role: str, why: str) -> None:
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    tell(EventType.INVITATION_WITHDRAWN, about=invitation, by=Actor(by, by_role), why=why)


@transaction.atomic
def accept_invitation(
    *, invitation: Invitation, person: User | None = None, name: str = "", password: str = ""
) -> Membership:
    """Take the role that an invitation offers: as ``person``, who is signed in, or as somebody new with a password.

    The link came by mail, so the address counts as proved. Raises ValidationError when the invitation is used,
    withdrawn or expired, and, by field, for a blank name or a weak password, and under "role" where somebody would be
    an EV and something else at one centre (R49); PermissionDenied when ``person`` is not who was invited, or nobody is
    given though the address has an account.
    """
    invitation = Invitation.objects.select_for_update(of=("self",)).select_related("centre").get(pk=invitation.pk)
    check_invitation_waits(invitation)
    invited = account_of(invitation.email)
    of_another = f"This invitation is for {invitation.email}. Sign in with that address to accept it."
    if person is None and invited is None:
        try:
            with transaction.atomic():
                person = _create_person(email=invitation.email, name=name, password=password)
        except IntegrityError as taken:  # Another invitation of this address was accepted at the same moment.
            raise PermissionDenied(of_another) from taken
    elif person is None or person != invited:
        raise PermissionDenied(of_another)
    invitation.accepted_at, invitation.accepted_by = timezone.now(), person
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    tell(
        EventType.INVITATION_ACCEPTED,
        about=invitation,
        by=Actor(person, invitation.role),
        role=invitation.role,
        person=person.pk,
    )
    held = Membership.objects.active().filter(person=person, centre=invitation.centre, role=invitation.role).first()
    return held or _start_membership(
        person=person, centre=invitation.centre, role=invitation.role, by=invitation.invited_by, by_role=""
    )


def _create_person(*, email: str, name: str, password: str) -> User:
    person = User(email=email.lower(), name=" ".join(name.split()))
    errors: dict[str, list[ValidationError]] = {}
    try:
        person.clean_fields(exclude=["password"])
    except ValidationError as refusal:
        errors.update(refusal.error_dict)
    try:
        validate_password(password, person)
    except ValidationError as refusal:
        errors["password"] = refusal.error_list
    if errors:
        raise ValidationError(errors)
    person = User.objects.create_user(email=person.email, name=person.name, password=password)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


@transaction.atomic
def give_role(*, person: User, role: str, by: Membership) -> Membership:
    """Give a person who is known at the coordinator's centre one more role there. A role held already stays as it is.

    Raises PermissionDenied unless ``by`` coordinates the centre and the person is known there; ValidationError for a
    role that does not exist, and where somebody would be an EV and something else at one centre (R41, R49).
    """
    check_coordinates(centre=by.centre, by=by)
    centre = lock_centre(by.centre)
    if role not in Role:
        raise ValidationError({"role": "There is no such role."})
    if not Membership.objects.filter(person=person, centre=centre).exists():
        raise PermissionDenied("Only people known at your centre can be given a role; invite others.")
    held = Membership.objects.active().filter(person=person, centre=centre, role=role).first()
    return held or _start_membership(person=person, centre=centre, role=role, by=by.person, by_role=by.role)


def _start_membership(*, person: User, centre: Centre, role: str, by: User | None, by_role: str) -> Membership:
    if reason := why_not_both(person, centre, role):
        raise ValidationError({"role": reason})
    membership = Membership.objects.create(person=person, centre=centre, role=role)
    tell(EventType.ROLE_GIVEN, about=membership, by=Actor(by, by_role), role=role, membership=membership.pk)
    return membership


@transaction.atomic
def end_role(*, membership: Membership, by: Membership) -> Membership:
    """End a role; what the person did in it stays on record. A role that has ended stays as it is.

    Registrations that name the person keep their name until they are reassigned. Raises PermissionDenied unless ``by``
    coordinates the centre; ValidationError for the centre's last coordinator.
    """
    lock_centre(membership.centre)
    membership = Membership.objects.select_related("person", "centre").get(pk=membership.pk)
    check_may_end_role(membership=membership, by=by)
    if membership.ended_at is not None:
        return membership
    membership.ended_at = timezone.now()
    membership.save(update_fields=["ended_at"])
    tell(EventType.ROLE_ENDED, about=membership, by=by, role=membership.role, membership=membership.pk)
    return membership
