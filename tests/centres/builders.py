"""Two centres with named people, reached by calling the real actions; with units of their own, not a real standard."""

import itertools
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from centres.authority import actions as authority
from centres.models import Capacity, Centre, Membership, Role, User
from centres.people import actions as people
from registrations import actions as registrations
from registrations.models import Registration
from units.models import Qualification, QualificationUnit, Standard, Unit

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def today() -> date:
    return timezone.localdate()


def ago(days: int) -> date:
    return today() - timedelta(days=days)


@dataclass(kw_only=True)
class College:
    """The centre of most tests. ``assessor`` and ``iv`` are approved for both units, ``other_assessor`` for none."""

    centre: Centre
    coordinator: Membership
    candidate: Membership
    assessor: Membership
    other_assessor: Membership
    iv: Membership
    ev: Membership
    stranger: Membership  # coordinator of another centre
    stranger_candidate: Membership
    units: list[Unit]
    qualification: Qualification


def make_units() -> tuple[Qualification, list[Unit]]:
    """A standard with three units; the qualification has the first two."""
    standard = Standard.objects.create(
        code="customer-service", edition="2010", title="Customer service", source="", digest="0" * 64,
        loaded_at=timezone.now(),
    )  # fmt: skip
    units = [
        Unit.objects.create(
            standard=standard, code=code, position=position, title=f"Unit {code}", setting_policy="real_job_required"
        )
        for position, code in enumerate(["304", "A14", "B5"], start=1)
    ]
    qualification = Qualification.objects.create(
        standard=standard, code="cs3", position=1, title="NVQ in Customer Service level 3"
    )
    for position, unit in enumerate(units[:2], start=1):
        QualificationUnit.objects.create(qualification=qualification, unit=unit, position=position, is_mandatory=True)
    return qualification, units


def make_person(name: str) -> User:
    return User.objects.create_user(
        email=f"{name.lower().replace(' ', '.')}.{next(_numbers)}@college.example.org", name=name, password=PASSWORD
    )


def open_centre(name: str, coordinator: str) -> Membership:
    """A centre, as the seat of its coordinator."""
    person = make_person(coordinator)
    centre = people.open_centre(
        name=name, number=f"K{next(_numbers)}", awarding_body="City and Guilds", coordinator=person
    )
    return Membership.objects.select_related("person", "centre").get(centre=centre)


def join(coordinator: Membership, role: str, name: str) -> Membership:
    """Somebody new, by invitation."""
    invitation = people.invite(
        email=f"{name.lower().replace(' ', '.')}.{next(_numbers)}@college.example.org",
        name=name,
        role=role,
        by=coordinator,
    )
    seat = people.accept_invitation(invitation=invitation, name=name, password=PASSWORD)
    return Membership.objects.select_related("person", "centre").get(pk=seat.pk)


def make_college() -> College:
    qualification, units = make_units()
    coordinator = open_centre("Northgate College", "Cora Coordinator")
    stranger = open_centre("Southbank Training", "Stan Stranger")
    college = College(
        centre=coordinator.centre,
        coordinator=coordinator,
        candidate=join(coordinator, Role.CANDIDATE, "Carla Candidate"),
        assessor=join(coordinator, Role.ASSESSOR, "Anna Assessor"),
        other_assessor=join(coordinator, Role.ASSESSOR, "Oscar Otherwise"),
        iv=join(coordinator, Role.IV, "Ivor Verifier"),
        ev=join(coordinator, Role.EV, "Eva External"),
        stranger=stranger,
        stranger_candidate=join(stranger, Role.CANDIDATE, "Sarah Strangerscandidate"),
        units=units,
        qualification=qualification,
    )
    approve(college, college.assessor, Capacity.ASSESSOR)
    approve(college, college.iv, Capacity.IV)
    return college


def approve(college: College, seat: Membership, capacity: str, starts_on: date | None = None) -> None:
    authority.give_approvals(
        person=seat.person,
        units=college.units[:2],
        capacity=capacity,
        starts_on=starts_on or ago(365),
        by=college.coordinator,
    )


def facts(college: College, **changed: Any) -> dict[str, Any]:
    """Everything that a registration needs, and nothing that is refused."""
    return {
        "candidate": college.candidate.person,
        "qualification": college.qualification,
        "units": college.units[:2],
        "assessor": college.assessor.person,
        "iv": college.iv.person,
        "number": f"R{next(_numbers):05}",
        "employer": "Marsh and Daughters",
        "site": "High Street",
        "started_on": ago(100),
        "expected_end_on": today() + timedelta(days=100),
        "by": college.coordinator,
    } | changed


def register(college: College, **changed: Any) -> Registration:
    return registrations.create_registration(**facts(college, **changed))


def client_of(seat: Membership | None) -> Client:
    """A browser in which that seat is signed in and acted from; None is somebody unknown."""
    client = Client()
    if seat is not None:
        client.force_login(seat.person, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["seat"] = seat.pk
        session.save()
    return client
