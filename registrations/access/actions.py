"""Reading rights for a time (HOUSE decided 4, Q25)."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from centres.models import AccessGrant, Membership, Role, ScopeKind, User
from centres.people.actions import lock_centre
from centres.permissions import check_coordinates, why_not_both
from centres.queries import holds_role, today
from ledger.actions import tell
from ledger.events import EventType
from registrations.models import Registration

LONGEST_GRANT_DAYS = 92


@transaction.atomic
def grant_access(
    *, person: User, scope_kind: str, scope_id: int, starts_on: date, ends_on: date, reason: str, by: Membership
) -> AccessGrant:
    """Let a person read one registration or unit record of the centre for a time.

    The coordinator opens registrations to an EV. An EV who draws a unit record opens that record to themself; that it
    lies within a registration open to them is for the caller (``signoff``) to have checked. Where a grant covers the
    same days already, it is returned and nothing is written.

    Raises PermissionDenied for anybody else; ValidationError, by field, for a person who is not an EV here and nothing
    else, or is named on the registration, for days in the past, reversed or too many, and without a reason.
    """
    if not _is_own_draw(scope_kind=scope_kind, person_id=person.pk, by=by):
        check_coordinates(centre=by.centre, by=by)
    centre = lock_centre(by.centre)
    _check_reader(person, scope_kind=scope_kind, scope_id=scope_id, by=by)
    _check_days(starts_on, ends_on)
    reason = " ".join(reason.split())
    if not reason:
        raise ValidationError({"reason": "Say why access is given."})
    covering = AccessGrant.objects.filter(
        person=person,
        centre=centre,
        scope_kind=scope_kind,
        scope_id=scope_id,
        starts_on__lte=starts_on,
        ends_on__gte=ends_on,
        ended_at=None,
    ).first()
    if covering:
        return covering
    grant = AccessGrant(
        person=person,
        centre=centre,
        scope_kind=scope_kind,
        scope_id=scope_id,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason,
        granted_by=by.person,
    )
    grant.clean_fields()
    grant.save(force_insert=True)
    tell(
        EventType.ACCESS_GRANTED,
        about=grant,
        by=by,
        note=reason,
        grant=grant.pk,
        person=person.pk,
        from_=starts_on.isoformat(),
        last_day=ends_on.isoformat(),
    )
    return grant


def _check_reader(person: User, *, scope_kind: str, scope_id: int, by: Membership) -> None:
    if not holds_role(person, by.centre, Role.EV):
        raise ValidationError({"person": f"{person} is not an external verifier here. Invite or give the role first."})
    # Whoever got both roles before that was refused reads nothing as an EV (R49).
    if reason := why_not_both(person, by.centre, Role.EV):
        raise ValidationError({"person": reason})
    if scope_kind != ScopeKind.REGISTRATION:
        return
    registration = Registration.objects.filter(pk=scope_id, centre=by.centre).first()
    if registration is None:
        raise PermissionDenied("Only registrations of your own centre can be opened.")
    if person.pk in {registration.candidate_id, registration.assessor_id, registration.iv_id}:
        raise ValidationError(
            {"registrations": f"{person} is named on the registration {registration.number} and cannot verify it."}
        )


def _check_days(starts_on: date, ends_on: date) -> None:
    if starts_on < today():
        raise ValidationError({"starts_on": "Access cannot start in the past."})
    if ends_on < starts_on:
        raise ValidationError({"ends_on": "The last day comes before the first."})
    if (ends_on - starts_on).days > LONGEST_GRANT_DAYS:
        raise ValidationError({"ends_on": f"Access can be given for {LONGEST_GRANT_DAYS} days at most."})


@transaction.atomic
def open_registrations(
    *, person: User, registrations: Iterable[Registration], starts_on: date, ends_on: date, reason: str, by: Membership
) -> list[AccessGrant]:
    """Open several registrations to an EV at once: all of them or, when one is refused, none. See ``grant_access``."""
    grants = [
        grant_access(
            person=person,
            scope_kind=ScopeKind.REGISTRATION,
            scope_id=registration.pk,
            starts_on=starts_on,
            ends_on=ends_on,
            reason=reason,
            by=by,
        )
        for registration in registrations
    ]
    if not grants:
        raise ValidationError({"registrations": "Choose at least one registration."})
    return grants


@transaction.atomic
def end_access(*, grant: AccessGrant, by: Membership) -> AccessGrant:
    """End a grant before its last day. Ending it twice changes nothing.

    Raises PermissionDenied unless ``by`` coordinates the centre, or is the EV who takes back what they drew.
    """
    grant = AccessGrant.objects.select_for_update(of=("self",)).select_related("centre").get(pk=grant.pk)
    if not _is_own_draw(scope_kind=grant.scope_kind, person_id=grant.person_id, by=by):
        check_coordinates(centre=grant.centre, by=by)
    if grant.ended_at is not None:
        return grant
    grant.ended_at = timezone.now()
    grant.save(update_fields=["ended_at"])
    tell(EventType.ACCESS_ENDED, about=grant, by=by, grant=grant.pk, person=grant.person_id)
    return grant


def _is_own_draw(*, scope_kind: str, person_id: int, by: Membership) -> bool:
    """Whether an EV opens to themself, or closes again, a unit record that they draw (Q25)."""
    return scope_kind == ScopeKind.UNIT_RECORD and by.role == Role.EV and by.person_id == person_id
