"""Appeals, suspected malpractice and sanctions: opened, followed step by step, closed with an outcome (R53, R54).

What people write is personal, so the ledger holds it in erasable notes (R60).
"""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from centres.models import Membership, Role, User
from centres.people.actions import lock_centre
from centres.permissions import check_coordinates
from centres.queries import people_of, today
from ledger.actions import tell
from ledger.events import EventType
from registrations.cases.permissions import check_may_follow
from registrations.models import Case, CaseKind, CaseStep, Registration
from registrations.queries import registrations_for

LONGEST_TITLE = 120
LONGEST_WORDS = 3000


@transaction.atomic
def open_case(
    *,
    kind: str,
    title: str,
    what: str,
    opened_on: date,
    registration: Registration | None,
    person: User | None,
    by: Membership,
) -> Case:
    """Open a case at the coordinator's centre; ``what`` becomes its first step. The same case sent twice is one.

    Raises PermissionDenied unless ``by`` coordinates the centre, and for a registration or person of another one;
    ValidationError, by field, for blank or too long words, a day in the future, an appeal without a registration and
    anything else that is about nobody.
    """
    check_coordinates(centre=by.centre, by=by)
    if registration is not None and registration.centre_id != by.centre_id:
        raise PermissionDenied("This registration belongs to another centre.")
    if person is not None and not people_of(by).filter(pk=person.pk).exists():
        raise PermissionDenied(f"{person} is not known at {by.centre}.")
    errors = {}
    if kind == CaseKind.APPEAL and registration is None:
        errors["registration"] = "Say which registration the appeal is about."
    elif registration is None and person is None:
        errors["person"] = "Say which person or which registration this is about."
    if opened_on > today():
        errors["opened_on"] = "The date is in the future."
    if errors:
        raise ValidationError(errors)
    return _open(
        kind=kind, title=title, what=what, opened_on=opened_on, registration=registration, person=person, by=by
    )


@transaction.atomic
def open_appeal(*, registration: Registration, title: str, what: str, by: Membership) -> Case:
    """A candidate appeals against a decision about a registration of their own, in their own words. Today's.

    Raises PermissionDenied for anybody else's registration and from any other role; ValidationError, by field, for
    blank or too long words.
    """
    if by.role != Role.CANDIDATE or not registrations_for(by).filter(pk=registration.pk).exists() or by.ended_at:
        raise PermissionDenied("Candidates appeal about their own registrations. Others ask the centre coordinator.")
    return _open(
        kind=CaseKind.APPEAL, title=title, what=what, opened_on=today(), registration=registration, person=None, by=by
    )


def _open(
    *,
    kind: str,
    title: str,
    what: str,
    opened_on: date,
    registration: Registration | None,
    person: User | None,
    by: Membership,
) -> Case:
    centre = lock_centre(by.centre)
    case = Case(
        centre=centre,
        kind=kind,
        title=" ".join(title.split()),
        registration=registration,
        person=person,
        opened_on=opened_on,
        opened_by=by.person,
    )
    errors: dict[str, list[str]] = {}
    try:
        case.clean_fields(exclude=["registration", "person"])
    except ValidationError as refusal:
        errors.update(refusal.message_dict)
    words = _said(what, field="what", errors=errors)
    if errors:
        raise ValidationError(dict(errors))
    just_now = timezone.now() - timedelta(minutes=1)
    same = Case.objects.filter(
        centre=centre, kind=kind, title=case.title, registration=registration, person=person, opened_by=by.person
    )
    if known := same.filter(opened_at__gt=just_now, closed_on=None).first():
        return known  # The button was pressed twice.
    case.save(force_insert=True)
    CaseStep.objects.create(case=case, taken_on=opened_on, what=words, recorded_by=by.person)
    _tell(EventType.CASE_OPENED, case, on=opened_on, note=f"{case.title}. {words}", by=by)
    return case


@transaction.atomic
def add_case_step(*, case: Case, on: date, what: str, by: Membership) -> CaseStep:
    """Write down what was done in a case, and when. The same step twice is one.

    Raises as ``check_may_follow`` does; ValidationError, by field, for blank or too long words, and a day in the future
    or before the case.
    """
    case = _locked(case, by)
    errors: dict[str, list[str]] = {}
    words = _said(what, field="what", errors=errors)
    _check_day(case, on, errors=errors)
    if errors:
        raise ValidationError(dict(errors))
    known = CaseStep.objects.filter(case=case, taken_on=on, what=words).first()
    if known:
        return known
    step = CaseStep.objects.create(case=case, taken_on=on, what=words, recorded_by=by.person)
    _tell(EventType.CASE_STEP, case, on=on, note=words, by=by)
    return step


@transaction.atomic
def close_case(*, case: Case, on: date, outcome: str, by: Membership) -> Case:
    """Close a case with its outcome. Raises as ``add_case_step`` does, and for a day before the last step."""
    case = _locked(case, by)
    errors: dict[str, list[str]] = {}
    words = _said(outcome, field="outcome", errors=errors)
    _check_day(case, on, errors=errors)
    last = case.steps.order_by("-taken_on").values_list("taken_on", flat=True).first()
    if last and on < last and not errors:
        errors["on"] = [f"The last step was on {last:%d/%m/%Y}. Give that day or a later one."]
    if errors:
        raise ValidationError(dict(errors))
    case.closed_on, case.closed_by, case.outcome = on, by.person, words
    case.save(update_fields=["closed_on", "closed_by", "outcome"])
    _tell(EventType.CASE_CLOSED, case, on=on, note=words, by=by)
    return case


def _locked(case: Case, by: Membership) -> Case:
    locked = (
        Case.objects.select_for_update(of=("self",)).select_related("centre", "registration", "person").get(pk=case.pk)
    )
    check_may_follow(case=locked, by=by)
    return locked


def _said(text: str, *, field: str, errors: dict[str, list[str]]) -> str:
    said = text.replace("\r\n", "\n").strip()
    if not said:
        errors[field] = ["Fill this in."]
    elif len(said) > LONGEST_WORDS:
        errors[field] = [f"This is {len(said)} characters long; {LONGEST_WORDS} at most."]
    return said


def _check_day(case: Case, on: date, *, errors: dict[str, list[str]]) -> None:
    if on > today():
        errors["on"] = ["The date is in the future."]
    elif on < case.opened_on:
        errors["on"] = [f"The case was opened on {case.opened_on:%d/%m/%Y}. Give that day or a later one."]


def _tell(type: EventType, case: Case, *, on: date, note: str, by: Membership) -> None:
    tell(
        type,
        about=case,
        by=by,
        note=note,
        kind=case.kind,
        on=on.isoformat(),
        registration=case.registration_id,
        person=case.person_id,
    )
