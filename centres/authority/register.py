"""Who may assess, verify and countersign, and what the award register says of them (R30-R36; HOUSE decided 7).

Authority is role + assignment + approval for the unit on the day. Role and approval are checked here; the assignment is
checked where unit records are known (``evidence``, ``signoff``). Lacking an award is not lack of authority: it creates
the duty of a countersignature (R31, R34).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.utils.formats import date_format

from centres.models import Award, Capacity, Centre, Membership, RecognisedAward, Role, UnitApproval, User
from units.models import Unit

_ROLE_OF = {Capacity.ASSESSOR: Role.ASSESSOR, Capacity.IV: Role.IV}
_VERB_OF = {Capacity.ASSESSOR: "assess", Capacity.IV: "verify"}
_NOUN_OF = {Capacity.ASSESSOR: "assessor", Capacity.IV: "internal verifier"}
# How many months before its end a person and their coordinator are warned (R32).
_WARNED_MONTHS = 3


def award_on(person: User, centre: Centre, capacity: str, day: date) -> Award | None:
    """The earliest recognised award that the centre's register shows for a capacity on a day; None if none (R30, Q3).

    Awards dated later or expired by then and entries struck out do not count.
    """
    return awards_on(person, centre, capacity, day).order_by("awarded_on", "pk").first()


def awards_on(person: User, centre: Centre, capacity: str, day: date) -> QuerySet[Award]:
    """Every recognised award that the centre's register shows for a capacity on a day (R30)."""
    return awards_counting(capacity, day).filter(person=person, centre=centre)


def awards_counting(capacity: str, day: date) -> QuerySet[Award]:
    """Everybody's awards that count for a capacity on a day, at every centre; for narrowing (R30).

    Such an award is of a kind recognised that day, dated by then, not expired and not struck out.
    """
    return Award.objects.filter(
        Q(expires_on=None) | Q(expires_on__gte=day),
        kind__in=RecognisedAward.objects.on(day).filter(capacity=capacity).values("code"),
        awarded_on__lte=day,
        struck_out_at=None,
    )


def is_qualified(person: User, centre: Centre, capacity: str, day: date) -> bool:
    """Whether a signature of that day counts without a second one (R31, R34)."""
    return award_on(person, centre, capacity, day) is not None


def _approvals_on(person: User, centre: Centre, capacity: str, day: date) -> QuerySet[UnitApproval]:
    return UnitApproval.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=day), person=person, centre=centre, capacity=capacity, starts_on__lte=day
    )


def is_approved(person: User, centre: Centre, unit: Unit, capacity: str, day: date) -> bool:
    """Whether the centre approves a person for a unit on a day; the last day counts."""
    return _approvals_on(person, centre, capacity, day).filter(unit=unit).exists()


def approved_units(person: User, centre: Centre, capacity: str, day: date) -> QuerySet[UnitApproval, int]:
    """Subquery: the ids of the units that a person is approved for on a day."""
    return _approvals_on(person, centre, capacity, day).values_list("unit", flat=True)


def units_not_approved(person: User, centre: Centre, units: QuerySet[Unit], capacity: str, day: date) -> list[Unit]:
    """Those of ``units`` that a person is not approved for on a day. One query."""
    return list(units.exclude(pk__in=approved_units(person, centre, capacity, day)))


def check_may_assess(person: User, centre: Centre, unit: Unit, day: date) -> None:
    """Raises PermissionDenied, with the reason, unless the person is an assessor here approved for the unit."""
    _check_role_and_approval(person, centre, unit, Capacity.ASSESSOR, day)


def check_may_verify(person: User, centre: Centre, unit: Unit, day: date) -> None:
    """Raises PermissionDenied, with the reason, unless the person is an IV here approved for the unit."""
    _check_role_and_approval(person, centre, unit, Capacity.IV, day)


def check_may_countersign(
    person: User, centre: Centre, unit: Unit, capacity: str, day: date, *, signer: User, candidate: User
) -> None:
    """Raises PermissionDenied, with the reason, unless the person may discharge a countersignature (R33, R35).

    The countersigner holds the role, is approved for the unit, is qualified on that date, and is neither the signer nor
    the candidate.
    """
    capacity = Capacity(capacity)
    if person.pk == candidate.pk:
        raise PermissionDenied("Candidates cannot countersign their own unit record.")
    if person.pk == signer.pk:
        raise PermissionDenied("Nobody countersigns their own signature.")
    _check_role_and_approval(person, centre, unit, capacity, day)
    if not is_qualified(person, centre, capacity, day):
        raise PermissionDenied(
            f"{person} has no recognised {_NOUN_OF[capacity]} award on the register of {centre}, "
            "and only a qualified person countersigns."
        )


def _check_role_and_approval(person: User, centre: Centre, unit: Unit, capacity: Capacity, day: date) -> None:
    # One query for both questions: every page asks them.
    approvals = Exists(_approvals_on(person, centre, capacity, day).filter(unit=unit))
    seats = Membership.objects.active().filter(person=person, centre=centre, role=_ROLE_OF[capacity])
    found = seats.annotate(is_approved=approvals).values_list("is_approved", flat=True).first()
    if found is None:
        raise PermissionDenied(f"{person} is not an {_NOUN_OF[capacity]} at {centre}.")
    if not found:
        raise PermissionDenied(why_not_approved(person, [unit], capacity, day))


def why_not_approved(person: User, units: list[Unit], capacity: str, day: date) -> str:
    """The reason in plain words: who is not approved, for which units, on which day."""
    codes = ", ".join(unit.code for unit in units)
    word = "unit" if len(units) == 1 else "units"
    on = date_format(day, "SHORT_DATE_FORMAT")
    return f"{person} is not approved to {_VERB_OF[Capacity(capacity)]} {word} {codes} on {on}."


@dataclass(frozen=True)
class Standing:
    """What the register says of a person in one capacity, for a page: ``needs_attention`` when time runs out (R32).

    ``award`` counts that day; without one, ``expired`` is the last that did.
    """

    capacity: Capacity
    award: Award | None
    expired: Award | None
    trainee_since: date | None
    qualify_by: date | None
    needs_attention: bool

    @property
    def title(self) -> str:
        noun = _NOUN_OF[self.capacity]
        return f"Qualified {noun}" if self.award else f"No recognised {noun} award"

    @property
    def detail(self) -> str:
        if self.award:
            text = f"{self.award}, {date_format(self.award.awarded_on, 'SHORT_DATE_FORMAT')}"
            if not self.award.expires_on:
                return text
            text += f", counts until {_day(self.award.expires_on)}"
            return text + (". Without another, every unit is countersigned after that." if self.needs_attention else "")
        text = "Every unit they sign needs a countersignature by somebody qualified."
        if self.expired and self.expired.expires_on:
            text += f" {self.expired} counted until {_day(self.expired.expires_on)}."
        if self.trainee_since and self.qualify_by:
            text += f" Approved as a trainee on {_day(self.trainee_since)}; the time to qualify ends on "
            text += f"{_day(self.qualify_by)}."
        return text


def standing(person: User, centre: Centre, capacity: str, day: date) -> Standing:
    """What the register says of a person in one capacity on a day (R30-R32, R34).

    The months to qualify count from the first approval as a trainee, see ``_trainee_approvals``; attention is due from
    three months before their end, and as long before the end of an award that expires.
    """
    capacity = Capacity(capacity)
    counting = list(awards_on(person, centre, capacity, day).order_by("awarded_on", "pk"))
    award, expired, since = next(iter(counting), None), None, None
    if award is None:
        expired = _expired(person, centre, capacity, day)
        approvals = _trainee_approvals(centre, capacity, day).filter(person=person)
        since = approvals.order_by("starts_on").values_list("starts_on", flat=True).first()
    until = add_months(since, settings.TRAINEE_MONTHS) if since else None
    lasts = [award.expires_on for award in counting if award.expires_on]
    # Qualified for good, as soon as one of several awards has no end.
    ends = until or (max(lasts) if lasts and len(lasts) == len(counting) else None)
    return Standing(
        capacity=capacity,
        award=award,
        expired=expired,
        trainee_since=since,
        qualify_by=until,
        needs_attention=expired is not None or (ends is not None and day >= add_months(ends, -_WARNED_MONTHS)),
    )


def _trainee_approvals(centre: Centre, capacity: str, day: date) -> QuerySet[UnitApproval]:
    """The approvals by a day that were given to a trainee: since which no award of the person has counted (R32).

    An award that has expired makes nobody a trainee of before: whoever was approved then was qualified, or became it.
    An approval given after its last day does.
    """
    kinds = RecognisedAward.objects.filter(
        Q(recognised_from=None) | Q(recognised_from__lte=day),
        Q(recognised_until=None) | Q(recognised_until__gte=OuterRef(OuterRef("starts_on"))),
        capacity=capacity,
    )
    counted_since = Award.objects.filter(
        Q(expires_on=None) | Q(expires_on__gte=OuterRef("starts_on")),
        person=OuterRef("person"),
        centre=centre,
        kind__in=kinds.values("code"),
        awarded_on__lte=day,
        struck_out_at=None,
    )
    return UnitApproval.objects.filter(~Exists(counted_since), centre=centre, capacity=capacity, starts_on__lte=day)


def _expired(person: User, centre: Centre, capacity: Capacity, day: date) -> Award | None:
    """The award that counted for a capacity until it expired, the last of several."""
    kinds = RecognisedAward.objects.filter(capacity=capacity).values("code")
    return (
        Award.objects.filter(person=person, centre=centre, kind__in=kinds, expires_on__lt=day, struck_out_at=None)
        .order_by("-expires_on", "pk")
        .first()
    )


@dataclass(frozen=True, kw_only=True)
class TraineeDue:
    """Somebody approved for units who has had most of the time to qualify, or all of it, and no award (R32)."""

    person_id: int
    person: str
    capacity: Capacity
    qualify_by: date
    is_over: bool

    @property
    def noun(self) -> str:
        return _NOUN_OF[self.capacity]


def trainees_due(centre: Centre, day: date) -> list[TraineeDue]:
    """Who holds the role, was approved as a trainee and has no award that counts, from three months before the time to
    qualify ends (R32), by the same rule as ``standing``. Whose time ends first comes first. Two queries.
    """
    found = []
    for capacity in Capacity:
        counting = awards_counting(capacity, day).filter(person=OuterRef("person"), centre=centre)
        held = Membership.objects.active().filter(person=OuterRef("person"), centre=centre, role=_ROLE_OF[capacity])
        rows = (
            _trainee_approvals(centre, capacity, day)
            .filter(~Exists(counting), Exists(held))
            .order_by()
            .values_list("person", "person__name")
            .annotate(since=Min("starts_on"))
        )
        for person, name, since in rows:
            until = add_months(since, settings.TRAINEE_MONTHS)
            if day >= add_months(until, -_WARNED_MONTHS):
                found.append(
                    TraineeDue(person_id=person, person=name, capacity=capacity, qualify_by=until, is_over=day > until)
                )
    return sorted(found, key=lambda due: (due.qualify_by, due.person))


@dataclass(frozen=True, kw_only=True)
class AwardEnding:
    """Somebody whose last award in a capacity expires soon: what they sign after that is countersigned (R31)."""

    person_id: int
    person: str
    capacity: Capacity
    ends_on: date

    @property
    def noun(self) -> str:
        return _NOUN_OF[self.capacity]


def awards_ending(centre: Centre, day: date) -> list[AwardEnding]:
    """Who holds the role and has no award that counts for longer than three months, by the same rule as ``standing``.
    Whose ends first comes first. Two queries.
    """
    found = []
    for capacity in Capacity:
        held = Membership.objects.active().filter(person=OuterRef("person"), centre=centre, role=_ROLE_OF[capacity])
        rows = (
            awards_counting(capacity, day)
            .filter(Exists(held), centre=centre)
            .order_by()
            .values_list("person", "person__name")
            .annotate(last=Max("expires_on"), endless=Count("pk", filter=Q(expires_on=None)))
        )
        for person, name, last, endless in rows:
            if not endless and day >= add_months(last, -_WARNED_MONTHS):
                found.append(AwardEnding(person_id=person, person=name, capacity=capacity, ends_on=last))
    return sorted(found, key=lambda ending: (ending.ends_on, ending.person))


def _day(day: date) -> str:
    return str(date_format(day, "SHORT_DATE_FORMAT"))


def add_months(day: date, months: int) -> date:
    """The same day so many months on; the last day of a month that is too short for it."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return day.replace(year=year, month=month, day=min(day.day, monthrange(year, month)[1]))
