"""The register of realistic working environments that the awarding body has approved at a centre (R7)."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from centres.models import Membership, RealisticWorkingEnvironment
from centres.people.actions import lock_centre
from centres.permissions import check_coordinates
from ledger.actions import tell
from ledger.events import EventType

LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_APPROVER, LONGEST_REFERENCE = 80, 300, 120, 60


@transaction.atomic
def record_environment(
    *,
    name: str,
    what_it_is: str,
    approved_by: str,
    approval_reference: str = "",
    approved_on: datetime.date,
    by: Membership,
) -> RealisticWorkingEnvironment:
    """Put an approved environment on the centre's register (R7). The same entry twice makes one.

    Raises PermissionDenied unless ``by`` coordinates the centre; ValidationError, by field, for what is blank or too
    long, an approval still to come, and a name that is on the register already.
    """
    check_coordinates(centre=by.centre, by=by)
    centre = lock_centre(by.centre)
    given = {
        "name": " ".join(name.split()),
        "what_it_is": what_it_is.strip(),
        "approved_by": approved_by.strip(),
        "approval_reference": approval_reference.strip(),
    }
    errors = _wrong_words(given)
    if approved_on > timezone.localdate():
        errors["approved_on"] = "This date is still to come. Add it once it has been approved."
    running = RealisticWorkingEnvironment.objects.filter(centre=centre, ended_on=None)
    if twin := running.filter(approved_on=approved_on, **given).first():
        return twin
    if running.filter(name__iexact=given["name"]).exists():
        errors["name"] = f"{given['name']} is on the register already. End that entry first, or give this another name."
    if errors:
        raise ValidationError(errors)
    made = RealisticWorkingEnvironment.objects.create(
        centre=centre, approved_on=approved_on, recorded_by=by.person, **given
    )
    tell(
        EventType.RWE_RECORDED,
        about=made,
        by=by,
        note=made.what_it_is,
        name=made.name,
        approved_on=approved_on.isoformat(),
    )
    return made


@transaction.atomic
def end_environment(
    *, environment: RealisticWorkingEnvironment, ended_on: datetime.date, by: Membership
) -> RealisticWorkingEnvironment:
    """Say which day was the last on which an environment was approved (R7). Twice ends it once.

    Raises PermissionDenied unless ``by`` coordinates the centre; ValidationError, by field, for a day before its
    approval or still to come.
    """
    environment = (
        RealisticWorkingEnvironment.objects.select_for_update(of=("self",))
        .select_related("centre")
        .get(pk=environment.pk)
    )
    check_coordinates(centre=environment.centre, by=by)
    if environment.ended_on is not None:
        return environment
    if ended_on < environment.approved_on:
        day = date_format(environment.approved_on, "SHORT_DATE_FORMAT")
        raise ValidationError({"ended_on": f"It was approved on {day}. Give a later day."})
    if ended_on > timezone.localdate():
        raise ValidationError({"ended_on": "This day is still to come. End it when it has passed."})
    environment.ended_on, environment.ended_by = ended_on, by.person
    environment.save(update_fields=["ended_on", "ended_by"])
    tell(EventType.RWE_ENDED, about=environment, by=by, name=environment.name, ended_on=ended_on.isoformat())
    return environment


def _wrong_words(given: dict[str, str]) -> dict[str, str]:
    blank = {
        "name": "Say what it is called.",
        "what_it_is": "Say what it is, and who its customers are.",
        "approved_by": "Say who approved it.",
    }
    longest = {
        "name": LONGEST_NAME,
        "what_it_is": LONGEST_DESCRIPTION,
        "approved_by": LONGEST_APPROVER,
        "approval_reference": LONGEST_REFERENCE,
    }
    wrong = {name: words for name, words in blank.items() if not given[name]}
    return wrong | {name: f"Say it in {most} characters." for name, most in longest.items() if len(given[name]) > most}
