"""A coordinator's home: people, registrations by status, and what is stuck, on whom (PRACTICE §5.9, §5.11)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from centres.authority.register import AwardEnding, TraineeDue, awards_ending, trainees_due
from centres.models import AccessGrant, Invitation, Membership, Role, ScopeKind, User
from centres.queries import invitations_pending, memberships_of
from desk.queries.signatures import SignatureDue, records_awaiting_signature, signatures_due
from registrations.cases.queries import cases_for
from registrations.models import Registration, RegistrationStatus, UnitRecord
from registrations.queries import records_for, registrations_for, units_not_held
from registrations.states import ASSESSOR_NOT_SIGNED, SIGNED_BY_IV

_GOING_ON = (RegistrationStatus.ACTIVE, RegistrationStatus.SUSPENDED)
# How many of the longest waits the page lists.
_LONGEST = 25


@dataclass(frozen=True, kw_only=True)
class Tally:
    """A figure with its word, such as 6 candidates."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Orphan:
    """A registration or one unit of it that is still assigned to somebody who no longer holds the role."""

    registration: Registration
    person_id: int
    what: str
    person: str
    role: str


@dataclass(frozen=True, kw_only=True)
class CoordinatorHome:
    """Everything on the page. ``nobody`` are signatures that no person at the centre could give."""

    people: tuple[Tally, ...]
    statuses: tuple[Tally, ...]
    orphans: tuple[Orphan, ...]
    # Who has had most of the time to qualify, or all of it, without an award (R32).
    trainees: tuple[TraineeDue, ...]
    awards_ending: tuple[AwardEnding, ...]
    nobody: tuple[SignatureDue, ...]
    stuck: tuple[SignatureDue, ...]
    stuck_in_all: int
    invitations: Sequence[Invitation]
    open_to_evs: int
    open_cases: int
    # The codes of coverage-only units in use whose criteria nobody has confirmed as held elsewhere (Q2).
    not_held: tuple[str, ...]


def coordinator_home(seat: Membership) -> CoordinatorHome:
    """The home page of a coordinator, in a constant number of queries."""
    held = dict(
        memberships_of(seat)
        .filter(ended_at=None)
        .values_list("role")
        .annotate(n=Count("person", distinct=True))
        .order_by("role")
    )
    statuses = dict(registrations_for(seat).values_list("status").annotate(n=Count("pk")).order_by("status"))
    due = signatures_due(records_awaiting_signature(records_for(seat)))
    return CoordinatorHome(
        people=tuple(Tally(value=role.value, label=str(role.label), count=held.get(role.value, 0)) for role in Role),
        statuses=tuple(
            Tally(value=status.value, label=str(status.label), count=statuses.get(status.value, 0))
            for status in RegistrationStatus
        ),
        orphans=_orphans(seat),
        trainees=tuple(trainees_due(seat.centre, timezone.localdate())),
        awards_ending=tuple(awards_ending(seat.centre, timezone.localdate())),
        nobody=tuple(each for each in due if not each.people),
        stuck=tuple(each for each in due if each.people)[:_LONGEST],
        stuck_in_all=sum(bool(each.people) for each in due),
        invitations=list(invitations_pending(seat).order_by("expires_at")),
        open_to_evs=AccessGrant.objects.running()
        .filter(centre=seat.centre_id, scope_kind=ScopeKind.REGISTRATION)
        .count(),
        open_cases=cases_for(seat).filter(closed_on=None).count(),
        not_held=tuple(units_not_held(seat).order_by("position", "code").values_list("code", flat=True)),
    )


def _orphans(seat: Membership) -> tuple[Orphan, ...]:
    """Work assigned to people who have left the role: it waits until it is reassigned. Two queries."""
    held = Membership.objects.active().filter(centre=seat.centre_id)
    of_whole = (
        registrations_for(seat)
        .filter(status__in=_GOING_ON)
        .annotate(
            has_assessor=Exists(held.filter(person=OuterRef("assessor"), role=Role.ASSESSOR)),
            has_iv=Exists(held.filter(person=OuterRef("iv"), role=Role.IV)),
        )
        .filter(Q(has_assessor=False) | Q(has_iv=False))
        .select_related("candidate", "assessor", "iv")
        .order_by("candidate__name", "pk")
    )
    of_unit = (
        UnitRecord.objects.filter(registration__centre=seat.centre_id, registration__status__in=_GOING_ON)
        .annotate(
            has_assessor=Exists(held.filter(person=OuterRef("own_assessor"), role=Role.ASSESSOR)),
            has_iv=Exists(held.filter(person=OuterRef("own_iv"), role=Role.IV)),
        )
        # What somebody has signed stays theirs, and nobody waits for them there (R66).
        .filter(
            Q(own_assessor__isnull=False, has_assessor=False, state__in=ASSESSOR_NOT_SIGNED)
            | Q(Q(own_iv__isnull=False, has_iv=False), ~Q(state__in=SIGNED_BY_IV))
        )
        .select_related("unit", "registration__candidate", "own_assessor", "own_iv")
        .order_by("registration__candidate__name", "pk")
    )
    found = []
    for registration in of_whole:
        for person, role, is_held in (
            (registration.assessor, Role.ASSESSOR, getattr(registration, "has_assessor", True)),
            (registration.iv, Role.IV, getattr(registration, "has_iv", True)),
        ):
            if not is_held:
                found.append(_orphan(registration, "the whole registration", person, role))
    for record in of_unit:
        for own, role, waits in (
            (record.own_assessor, Role.ASSESSOR, record.state in ASSESSOR_NOT_SIGNED and not _has(record, "assessor")),
            (record.own_iv, Role.IV, record.state not in SIGNED_BY_IV and not _has(record, "iv")),
        ):
            if own is not None and waits:
                found.append(_orphan(record.registration, f"unit {record.unit.code}", own, role))
    return tuple(found)


def _has(record: UnitRecord, part: str) -> bool:
    """Whether the record's own assessor or IV still holds the role, as the query above has annotated it."""
    return bool(getattr(record, f"has_{part}"))


def _orphan(registration: Registration, what: str, person: User, role: Role) -> Orphan:
    return Orphan(
        registration=registration, what=what, person_id=person.pk, person=person.name, role=str(role.label).lower()
    )
