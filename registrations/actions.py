"""One candidate on one qualification: who answers for it, and where it stands.

``evidence`` calls ``create_registration`` when it registers a candidate, since it opens the portfolio and the unit
records in the same transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.formats import date_format

from centres.catalogue import standards_for
from centres.models import Capacity, Membership, Role, User
from centres.people.actions import lock_centre
from centres.permissions import check_coordinates, check_revision
from centres.queries import holds_role, today
from ledger.actions import tell
from ledger.events import EventType
from registrations.models import Registration, RegistrationStatus
from registrations.permissions import check_registration_not_ended, why_may_not_answer_for
from registrations.states import ENDED, move_between
from units.combination import check_combination
from units.models import Qualification, Unit
from units.queries import structure_of

type Errors = dict[str, list[str]]


@transaction.atomic
def create_registration(
    *,
    candidate: User,
    qualification: Qualification,
    units: Sequence[Unit],
    assessor: User,
    iv: User,
    number: str,
    employer: str,
    site: str,
    started_on: date,
    expected_end_on: date | None,
    by: Membership,
) -> Registration:
    """Register a candidate at the coordinator's centre for units of a qualification.

    Raises PermissionDenied unless ``by`` coordinates the centre; ValidationError, by field and all at once: a number in
    use, blank facts, dates in the future or reversed, a person without the role, one person in two of the three parts,
    an assessor or IV without approval for one of the units today, units of another qualification, units that may not be
    taken together, a mandatory one left out, another centre's qualification, and a candidate who is registered for the
    qualification already.
    """
    check_coordinates(centre=by.centre, by=by)
    centre = lock_centre(by.centre)
    registration = Registration(
        centre=centre,
        candidate=candidate,
        qualification=qualification,
        number=" ".join(number.split()),
        assessor=assessor,
        iv=iv,
        employer=employer.strip(),
        site=site.strip(),
        started_on=started_on,
        expected_end_on=expected_end_on,
    )
    errors = _errors_in_facts(registration)
    if not holds_role(candidate, centre, Role.CANDIDATE):
        _add(errors, "candidate", f"{candidate} is not a candidate here.")
    if not standards_for(by).filter(pk=qualification.standard_id).exists():
        _add(errors, "qualification", f"{qualification} belongs to another centre.")
    if _others_going_on(registration).exists():
        _add(errors, "qualification", f"{candidate} is registered for {qualification} already.")
    _add_errors_in_units(errors, qualification, units)
    _add_errors_in_people(errors, registration, units=units, changed={"assessor", "iv"})
    if errors:
        raise ValidationError(dict(errors))
    registration.save(force_insert=True)
    tell(
        EventType.CANDIDATE_REGISTERED,
        about=registration,
        by=by,
        note=". ".join(f"{name}: {value}" for name, value in _facts(registration).items() if value),
        qualification=qualification.code,
        units=[unit.code for unit in units],
        assessor=assessor.pk,
        iv=iv.pk,
    )
    return registration


@transaction.atomic
def change_registration(
    *,
    registration: Registration,
    revision: int,
    number: str,
    employer: str,
    site: str,
    started_on: date,
    expected_end_on: date | None,
    by: Membership,
) -> Registration:
    """Correct the facts of a registration. Nothing is written when nothing differs.

    Raises PermissionDenied unless ``by`` coordinates the centre; ValidationError once it has ended, when ``revision``
    is stale, and, by field, as ``create_registration`` does.
    """
    registration = _locked(registration, revision=revision, by=by)
    check_registration_not_ended(registration)
    before = _facts(registration)
    registration.number = " ".join(number.split())
    registration.employer, registration.site = employer.strip(), site.strip()
    registration.started_on, registration.expected_end_on = started_on, expected_end_on
    if errors := _errors_in_facts(registration):
        raise ValidationError(dict(errors))
    after = _facts(registration)
    changed = [name for name in after if before[name] != after[name]]
    if not changed:
        return registration
    registration.revision += 1
    registration.save(update_fields=["number", "employer", "site", "started_on", "expected_end_on", "revision"])
    tell(
        EventType.REGISTRATION_CHANGED,
        about=registration,
        by=by,
        note=". ".join(f"{name}: {before[name] or 'none'} → {after[name] or 'none'}" for name in changed),
        changed=changed,
    )
    return registration


@transaction.atomic
def change_status(
    *, registration: Registration, revision: int, status: str, on: date, why: str, by: Membership
) -> Registration:
    """Move a registration along ``states.REGISTRATION_MOVES``, as of a day.

    Whether every unit is complete is for ``evidence`` to ask before it is completed. Raises PermissionDenied unless
    ``by`` coordinates the centre; ValidationError for a stale ``revision``, a move that is not in the table, a day in
    the future or before the registration or its end, and a suspension or withdrawal without a reason.
    """
    registration = _locked(registration, revision=revision, by=by)
    move = move_between(registration.status, status)
    if move is None:
        wanted = RegistrationStatus(status).label.lower() if status in RegistrationStatus else "something unknown"
        raise ValidationError(
            {"status": f"A registration that is {registration.get_status_display().lower()} cannot become {wanted}."}
        )
    errors: Errors = {}
    if on > today():
        _add(errors, "on", "The date is in the future.")
    if on < registration.started_on:
        started = date_format(registration.started_on, "SHORT_DATE_FORMAT")
        _add(errors, "on", f"The date comes before the registration, {started}.")
    if registration.ended_on and on < registration.ended_on:
        ended = date_format(registration.ended_on, "SHORT_DATE_FORMAT")
        _add(errors, "on", f"The date comes before the completion, {ended}.")
    if move.needs_reason and not why.strip():
        _add(errors, "why", "Say why.")
    if move.target in _GOING_ON and _others_going_on(registration).exists():
        _add(errors, "status", f"{registration.candidate} has been registered for {registration.qualification} again.")
    if errors:
        raise ValidationError(dict(errors))
    registration.status = move.target
    registration.ended_on = on if move.target in ENDED else None
    registration.revision += 1
    registration.save(update_fields=["status", "ended_on", "revision"])
    tell(
        move.event,
        about=registration,
        by=by,
        note=why.strip(),
        status=[move.source.value, move.target.value],
        on=on.isoformat(),
    )
    return registration


@transaction.atomic
def reassign(
    *,
    registration: Registration,
    revision: int,
    assessor: User,
    iv: User,
    units: Sequence[Unit],
    why: str,
    by: Membership,
) -> Registration:
    """Hand a registration to another assessor or IV. ``units``: those that they will answer for.

    Accepted claims stay attributed to whoever accepted them (Q23). Raises PermissionDenied unless ``by`` coordinates
    the centre; ValidationError once it has ended, for a stale ``revision``, without a reason, when nobody changes, and,
    by field, for whoever is new as ``create_registration`` does.
    """
    registration = _locked(registration, revision=revision, by=by)
    check_registration_not_ended(registration)
    before = {"assessor": registration.assessor_id, "iv": registration.iv_id}
    registration.assessor, registration.iv = assessor, iv
    after = {"assessor": assessor.pk, "iv": iv.pk}
    changed = {name for name in after if before[name] != after[name]}
    if not changed:
        raise ValidationError("Nobody has been changed: choose another assessor or internal verifier.")
    errors: Errors = {}
    _add_errors_in_people(errors, registration, units=units, changed=changed)
    if not why.strip():
        _add(errors, "why", "Say why.")
    if errors:
        raise ValidationError(dict(errors))
    registration.revision += 1
    registration.save(update_fields=["assessor", "iv", "revision"])
    tell(
        EventType.REGISTRATION_REASSIGNED,
        about=registration,
        by=by,
        note=why.strip(),
        **{name: [before[name], after[name]] for name in sorted(changed)},
    )
    return registration


_GOING_ON = (RegistrationStatus.ACTIVE, RegistrationStatus.SUSPENDED)


def _others_going_on(registration: Registration) -> QuerySet[Registration]:
    """The candidate's other registrations here for the same qualification that have not ended."""
    return Registration.objects.filter(
        centre=registration.centre,
        candidate=registration.candidate,
        qualification=registration.qualification,
        status__in=_GOING_ON,
    ).exclude(pk=registration.pk)


def _locked(registration: Registration, *, revision: int, by: Membership) -> Registration:
    check_coordinates(centre=registration.centre, by=by)
    lock_centre(registration.centre)
    locked = (
        Registration.objects.select_for_update(of=("self",))
        .select_related("centre", "candidate", "assessor", "iv", "qualification")
        .get(pk=registration.pk)
    )
    check_revision(locked, revision)
    return locked


def _facts(registration: Registration) -> dict[str, str]:
    """A registration's facts by name, as text. They are personal, so the ledger keeps them in erasable notes (R60)."""
    days = {"Registered on": registration.started_on, "Expected end": registration.expected_end_on}
    return {
        "Number": registration.number,
        "Employer": registration.employer,
        "Site": registration.site,
        **{name: date_format(day, "SHORT_DATE_FORMAT") if day else "" for name, day in days.items()},
    }


def _add(errors: Errors, field: str, message: str) -> None:
    errors.setdefault(field, []).append(message)


def _errors_in_facts(registration: Registration) -> Errors:
    errors: Errors = {}
    try:
        registration.clean_fields(exclude=["candidate", "qualification", "assessor", "iv", "centre"])
    except ValidationError as refusal:
        errors.update(refusal.message_dict)
    same_number = Registration.objects.filter(centre=registration.centre_id, number=registration.number)
    if same_number.exclude(pk=registration.pk).exists():
        _add(errors, "number", f"Registration number {registration.number} is in use already at this centre.")
    if registration.started_on > today():
        _add(errors, "started_on", "The date of registration is in the future.")
    if registration.expected_end_on and registration.expected_end_on <= registration.started_on:
        _add(errors, "expected_end_on", "The expected end must come after the date of registration.")
    return errors


def _add_errors_in_units(errors: Errors, qualification: Qualification, units: Sequence[Unit]) -> None:
    """What adding units later would not mend, and mandatory units left out; other units may still be added (Q30)."""
    if not units:
        _add(errors, "units", "Choose at least one unit.")
        return
    own = set(qualification.units.filter(pk__in=[unit.pk for unit in units]))
    if strangers := set(units) - own:
        codes = ", ".join(sorted(unit.code for unit in strangers))
        _add(errors, "units", f"{qualification} does not have {codes}.")
    chosen = check_combination(structure_of(qualification), [unit.code for unit in own])
    for reason in (*chosen.not_chosen, *chosen.wrong):
        _add(errors, "units", reason)


def _add_errors_in_people(
    errors: Errors, registration: Registration, *, units: Iterable[Unit], changed: set[str]
) -> None:
    """Independence of candidate, assessor and IV; role and approval of whoever is new (HOUSE decided 7)."""
    assessor, iv, candidate = registration.assessor, registration.iv, registration.candidate
    if assessor == candidate:
        _add(errors, "assessor", "A candidate cannot be their own assessor.")
    if iv == candidate:
        _add(errors, "iv", "A candidate cannot be their own internal verifier.")
    if iv == assessor:
        _add(errors, "iv", "Nobody verifies their own assessment decisions: choose another internal verifier.")
    wanted = Unit.objects.filter(pk__in=[unit.pk for unit in units])
    for field, person, capacity, role in (
        ("assessor", assessor, Capacity.ASSESSOR, Role.ASSESSOR),
        ("iv", iv, Capacity.IV, Role.IV),
    ):
        if field not in changed:
            continue
        if reason := why_may_not_answer_for(person, registration.centre, wanted, capacity=capacity, role=role):
            _add(errors, field, reason)
