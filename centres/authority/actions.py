"""The award register, competence, and the approvals for units (R30, R36)."""

from collections.abc import Iterable
from datetime import date
from typing import NoReturn

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from centres.catalogue import SHARED, owner_of
from centres.models import Award, Capacity, CompetenceNote, Membership, RecognisedAward, UnitApproval, User
from centres.people.actions import lock_centre
from centres.permissions import (
    check_coordinates,
    check_known_here,
    check_may_file_certificate,
    check_may_note_competence,
)
from centres.queries import today
from files.actions import NoLongerHere, attach
from files.forms import HandedIn
from ledger.actions import tell
from ledger.events import EventType
from ledger.subjects import Actor
from units.models import Unit


@transaction.atomic
def recognise_award(
    *,
    code: str,
    title: str,
    capacity: str,
    recognised_from: date | None = None,
    recognised_until: date | None = None,
    by: User | None = None,
) -> RecognisedAward:
    """Recognise a kind of award on this installation, or change the title and days of one (R30). For operators.

    Signatures made before keep what the register showed then (R35). Raises ValidationError, by field, for blank facts,
    days that are reversed, an unknown capacity, and for another capacity than the kind has had.
    """
    kind = RecognisedAward.objects.select_for_update().filter(code=code).first()
    if kind is None:
        kind = RecognisedAward(code=code.strip(), capacity=capacity)
    elif kind.capacity != capacity:
        raise ValidationError({"capacity": f"{kind.code} qualifies as {kind.get_capacity_display().lower()} already."})
    kind.title = title.strip()
    kind.recognised_from, kind.recognised_until = recognised_from, recognised_until
    kind.full_clean()
    kind.save()
    tell(
        EventType.AWARD_KIND_RECOGNISED,
        about=kind,
        by=Actor(by, "operator"),
        code=kind.code,
        title=kind.title,
        capacity=kind.capacity,
        from_=recognised_from.isoformat() if recognised_from else None,
        last_day=recognised_until.isoformat() if recognised_until else None,
    )
    return kind


@transaction.atomic
def record_award(
    *,
    person: User,
    kind: str,
    number: str,
    awarded_on: date,
    expires_on: date | None = None,
    certificate: HandedIn | None = None,
    by: Membership,
) -> Award:
    """Enter a recognised award in the centre's register (R30). The same entry made twice is one.

    ``kind`` is the code of an award recognised today; ``expires_on`` the last day on which it counts; ``certificate``
    a copy to file. Raises PermissionDenied unless ``by`` coordinates the person's centre; ValidationError, by field,
    for an award that is not recognised, a blank number, a date in the future, an end before the date, and an award that
    is on the register with other dates.
    """
    check_coordinates(centre=by.centre, by=by)
    centre = lock_centre(by.centre)
    check_known_here(person, by)
    award = Award(
        person=person,
        centre=centre,
        kind=kind,
        number=number.strip(),
        awarded_on=awarded_on,
        expires_on=expires_on,
        recorded_by=by.person,
    )
    award.clean_fields()
    if not RecognisedAward.objects.on(today()).filter(code=kind).exists():
        raise ValidationError({"kind": "Choose an award that is recognised."})
    if awarded_on > today():
        raise ValidationError({"awarded_on": "The date of award is in the future."})
    if expires_on and expires_on < awarded_on:
        raise ValidationError({"expires_on": "The last day is before the date of award. Give a later one."})
    known = Award.objects.filter(
        person=person, centre=centre, kind=kind, number=award.number, struck_out_at=None
    ).first()
    if known and (known.awarded_on, known.expires_on) == (awarded_on, expires_on):
        return known
    if known:
        on = date_format(known.awarded_on, "SHORT_DATE_FORMAT")
        until = f" and counts until {date_format(known.expires_on, 'SHORT_DATE_FORMAT')}" if known.expires_on else ""
        raise ValidationError(
            {"number": f"{known} is on the register already, dated {on}{until}. Strike that entry out if it is wrong."}
        )
    award.save(force_insert=True)
    tell(
        EventType.AWARD_RECORDED,
        about=award,
        by=by,
        note=award.number,
        award=award.pk,
        kind=kind,
        awarded_on=awarded_on.isoformat(),
        **({"last_day": expires_on.isoformat()} if expires_on else {}),
    )
    if certificate is not None:
        _file(award, certificate, by)
    return award


@transaction.atomic
def file_certificate(*, award: Award, certificate: HandedIn, by: Membership) -> Award:
    """File the copy of an award's certificate. The same file twice is one.

    Raises PermissionDenied unless ``by`` coordinates the centre; ValidationError where another one is on file, and for
    an entry that has been struck out.
    """
    award = Award.objects.select_for_update(of=("self",)).select_related("centre", "certificate").get(pk=award.pk)
    check_coordinates(centre=award.centre, by=by)
    if award.certificate is not None and award.certificate.sha256 == certificate.blob.sha256:
        return award
    check_may_file_certificate(award)
    _file(award, certificate, by)
    return award


def _file(award: Award, certificate: HandedIn, by: Membership) -> None:
    try:
        attach([certificate.blob])
    except NoLongerHere:
        raise ValidationError({"certificate": "This file was handed in too long ago. Choose it again."}) from None
    award.certificate, award.certificate_name = certificate.blob, certificate.name
    award.save(update_fields=["certificate", "certificate_name"])
    tell(
        EventType.AWARD_CERTIFICATE_FILED,
        about=award,
        by=by,
        note=certificate.name,
        award=award.pk,
        kind=award.kind,
        sha256=certificate.blob.sha256,
    )


@transaction.atomic
def note_competence(*, person: User, kind: str, what: str, happened_on: date, by: Membership) -> CompetenceNote:
    """Note what makes or keeps a person competent in the occupation: a dated line (R36). The same line twice is one.

    Raises as ``check_may_note_competence`` does; ValidationError, by field, for blank words and a date in the future.
    """
    check_may_note_competence(person=person, by=by)
    centre = lock_centre(by.centre)
    note = CompetenceNote(
        person=person,
        centre=centre,
        kind=kind,
        what=" ".join(what.split()),
        happened_on=happened_on,
        noted_by=by.person,
    )
    note.clean_fields()
    if happened_on > today():
        raise ValidationError({"happened_on": "The date is in the future."})
    known = CompetenceNote.objects.filter(
        person=person, centre=centre, kind=kind, what=note.what, happened_on=happened_on
    ).first()
    if known:
        return known
    note.save(force_insert=True)
    tell(
        EventType.COMPETENCE_NOTED,
        about=note,
        by=by,
        note=note.what,
        competence=note.pk,
        kind=kind,
        on=happened_on.isoformat(),
    )
    return note


@transaction.atomic
def strike_out_award(*, award: Award, why: str, by: Membership) -> Award:
    """Strike out an entry made in error: it stays to be read and no longer counts. Doing it twice changes nothing.

    Signatures made meanwhile keep what the register showed then (R35). Raises PermissionDenied unless ``by``
    coordinates the centre; ValidationError without a reason.
    """
    award = Award.objects.select_for_update(of=("self",)).select_related("centre", "person").get(pk=award.pk)
    check_coordinates(centre=award.centre, by=by)
    if award.struck_out_at is not None:
        return award
    if not why.strip():
        raise ValidationError({"why": "Say why this entry is struck out."})
    award.struck_out_at = timezone.now()
    award.save(update_fields=["struck_out_at"])
    tell(
        EventType.AWARD_WITHDRAWN,
        about=award,
        by=by,
        note=why.strip(),
        award=award.pk,
        kind=award.kind,
    )
    return award


@transaction.atomic
def give_approval(*, person: User, unit: Unit, capacity: str, starts_on: date, by: Membership) -> UnitApproval:
    """Approve a person to assess or verify one unit from a day on (R36). The same approval given twice is one.

    Raises PermissionDenied unless ``by`` coordinates the person's centre, and for a unit of another centre's standard;
    ValidationError, by field, for an unknown capacity and for a day on which the person is approved already.
    """
    check_coordinates(centre=by.centre, by=by)
    centre = lock_centre(by.centre)
    check_known_here(person, by)
    if unit.standard.owner not in (SHARED, owner_of(by)):
        raise PermissionDenied(f"Unit {unit.code} belongs to another centre's standard.")
    if capacity not in Capacity:
        raise ValidationError({"capacity": "Choose assessor or internal verifier."})
    given = (
        UnitApproval.objects.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on))
        .filter(person=person, centre=centre, unit=unit, capacity=capacity)
        .order_by("starts_on")
    )
    for other in given:
        if (other.starts_on, other.ends_on) == (starts_on, None):
            return other
        _refuse_overlap(other)
    approval = UnitApproval.objects.create(
        person=person, centre=centre, unit=unit, capacity=capacity, starts_on=starts_on, given_by=by.person
    )
    tell(
        EventType.APPROVAL_GIVEN,
        about=approval,
        by=by,
        approval=approval.pk,
        unit=unit.code,
        unit_id=unit.pk,
        capacity=capacity,
        from_=starts_on.isoformat(),
    )
    return approval


def _refuse_overlap(other: UnitApproval) -> NoReturn:
    since = date_format(other.starts_on, "SHORT_DATE_FORMAT")
    until = f" to {date_format(other.ends_on, 'SHORT_DATE_FORMAT')}" if other.ends_on else " on"
    raise ValidationError(
        {"starts_on": f"{other.person} is approved for {other.unit.code} from {since}{until} already."}
    )


@transaction.atomic
def give_approvals(
    *, person: User, units: Iterable[Unit], capacity: str, starts_on: date, by: Membership
) -> list[UnitApproval]:
    """Approve a person for several units at once: all of them or, when one is refused, none. See ``give_approval``."""
    approvals = [
        give_approval(person=person, unit=unit, capacity=capacity, starts_on=starts_on, by=by) for unit in units
    ]
    if not approvals:
        raise ValidationError({"units": "Choose at least one unit."})
    return approvals


@transaction.atomic
def end_approval(*, approval: UnitApproval, ends_on: date, by: Membership) -> UnitApproval:
    """Set the last day of an approval. The same day set twice changes nothing.

    What was signed while it ran stays. Raises PermissionDenied unless ``by`` coordinates the centre; ValidationError
    for a last day before the first, and for an approval that has ended already.
    """
    approval = UnitApproval.objects.select_for_update(of=("self",)).select_related("centre", "unit").get(pk=approval.pk)
    check_coordinates(centre=approval.centre, by=by)
    if approval.ends_on == ends_on:
        return approval
    if approval.ends_on is not None and approval.ends_on < today():
        raise ValidationError("This approval has ended. Give a new one if it should go on.")
    if ends_on < approval.starts_on:
        raise ValidationError({"ends_on": "An approval cannot end before it starts."})
    approval.ends_on = ends_on
    approval.save(update_fields=["ends_on"])
    tell(
        EventType.APPROVAL_ENDED,
        about=approval,
        by=by,
        approval=approval.pk,
        unit=approval.unit.code,
        unit_id=approval.unit_id,
        capacity=approval.capacity,
        last_day=ends_on.isoformat(),
    )
    return approval
