"""The people of the demo centre, brought in by the real actions: invited, accepted, qualified, approved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from allauth.account.models import EmailAddress
from django.utils import timezone

from centres.authority import actions as authority
from centres.models import AwardKind, Capacity, Centre, Membership, Role, User
from centres.people import actions as people
from units.models import Unit

PASSWORD = "harbour-and-vale"
CENTRE_NUMBER = "HV-4127"
SECOND_CENTRE_NUMBER = "QS-2210"
AWARDING_BODY = "Meridian Awards"


@dataclass(frozen=True)
class Person:
    """Somebody of the demo centre. ``what`` says in the table of sign-ins why one would be them."""

    name: str
    role: Role
    what: str

    @property
    def email(self) -> str:
        return f"{'.'.join(self.name.lower().split())}@demo.example"


PRIYA = Person("Priya Nair", Role.COORDINATOR, "keeps people, awards, registrations")
DAN = Person("Dan Okafor", Role.ASSESSOR, "qualified; evidence waits for him")
BETHAN = Person("Bethan Price", Role.ASSESSOR, "no award yet: her signatures are countersigned")
MARTIN = Person("Martin Hale", Role.ASSESSOR, "countersigns; coordinator of a second centre")
JUDITH = Person("Judith Amos", Role.IV, "qualified; records to sample")
RAVI = Person("Ravi Menon", Role.EV, "reads two registrations for a month; one to sign")
CHLOE = Person("Chloe Barker", Role.CANDIDATE, "has just started")
AISHA = Person("Aisha Rahman", Role.CANDIDATE, "halfway, with a returned claim; five units")
TOM = Person("Tom Whitfield", Role.CANDIDATE, "signed; awaits the countersignature")
JACK = Person("Jack Pearce", Role.CANDIDATE, "complete, not sampled yet")
MEGAN = Person("Megan Lloyd", Role.CANDIDATE, "internally verified; the EV is next")
IRIS = Person("Iris Vance", Role.CANDIDATE, "everything accepted: ready to sign")

STAFF = (DAN, BETHAN, MARTIN, JUDITH, RAVI)
CANDIDATES = (CHLOE, AISHA, IRIS, TOM, JACK, MEGAN)
EVERYBODY = (PRIYA, *STAFF, *CANDIDATES)

# Who is qualified by what, since when; and approved in which capacity. Bethan has no award, which is the point of her.
_AWARDS: dict[Person, tuple[AwardKind, str, date]] = {
    DAN: (AwardKind.A1, "60214", date(2009, 3, 12)),
    MARTIN: (AwardKind.CAVA, "88120", date(2016, 11, 4)),
    JUDITH: (AwardKind.V1, "31907", date(2008, 6, 20)),
}
_CAPACITIES = {
    DAN: Capacity.ASSESSOR,
    BETHAN: Capacity.ASSESSOR,
    MARTIN: Capacity.ASSESSOR,
    JUDITH: Capacity.IV,
}

type Seats = dict[Person, Membership]


def open_centre() -> tuple[Centre, Seats]:
    """The demo centre with its coordinator. Out: the centre and the seats so far."""
    user = User.objects.create_user(email=PRIYA.email, name=PRIYA.name, password=PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    centre = people.open_centre(
        name="Harbour & Vale College", number=CENTRE_NUMBER, awarding_body=AWARDING_BODY, coordinator=user
    )
    return centre, {PRIYA: Membership.objects.select_related("person", "centre").get(person=user, centre=centre)}


def join(who: Sequence[Person], seats: Seats) -> None:
    """Invite people and let them accept; their seats are added."""
    for person in who:
        invitation = people.invite(email=person.email, name=person.name, role=person.role, by=seats[PRIYA])
        seat = people.accept_invitation(invitation=invitation, name=person.name, password=PASSWORD)
        seats[person] = Membership.objects.select_related("person", "centre").get(pk=seat.pk)


def qualify_and_approve(seats: Seats, units: Sequence[Unit]) -> None:
    """Enter the awards, and approve everybody who assesses or verifies for the units, since last year."""
    for person, (kind, number, awarded_on) in _AWARDS.items():
        authority.record_award(
            person=seats[person].person, kind=kind, number=number, awarded_on=awarded_on, by=seats[PRIYA]
        )
    for person, capacity in _CAPACITIES.items():
        authority.give_approvals(
            person=seats[person].person,
            units=units,
            capacity=capacity,
            starts_on=timezone.localdate() - timedelta(days=180),
            by=seats[PRIYA],
        )


def open_second_centre(seats: Seats) -> Centre:
    """A small centre that Martin coordinates: one login, two centres, two roles (Q24)."""
    return people.open_centre(
        name="Quayside Skills",
        number=SECOND_CENTRE_NUMBER,
        awarding_body=AWARDING_BODY,
        coordinator=seats[MARTIN].person,
    )
