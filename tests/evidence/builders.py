"""Named people at two centres, each with something of their own, reached by calling the real actions.

Every room's tests stand on this world. ``make_world()`` gives seats; ``join`` and ``register`` add more people;
``add_item``, ``claim`` and ``offer`` make evidence; ``hand_in`` makes a stored file.

- ``candidate`` (304, assessed by ``assessor``, verified by ``iv``), ``other_candidate`` (A14, assessed by
  ``other_assessor``), ``trainee_candidate`` (304, assessed by ``trainee``, who has no award). A stranger is approved
  for another unit than the one they must not see, so that nothing opens to them by accident.
- ``countersigner``: a qualified assessor approved for 304, named on no registration.
- ``ev``: reads ``registration`` until next month; ``expired_ev``: read it until yesterday.
- ``foreign_*``: the same at another centre, where ``foreign_candidate`` is registered on 304 too.
"""

import dataclasses
import io
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any
from unittest import mock
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from centres.authority import actions as authority
from centres.models import AwardKind, Capacity, Centre, Membership, Role, ScopeKind, User
from centres.people import actions as people
from evidence.claims.actions import WantedClaim, update_claims
from evidence.items.actions import add_evidence, change_evidence, offer_evidence
from evidence.models import Claim, ClaimState, Evidence, Instance, Witness
from evidence.witnesses.actions import add_witness
from files.actions import store
from files.forms import HandedIn
from registrations.access import actions as access
from registrations.enrolment import register_candidate
from registrations.models import Portfolio, Registration, UnitRecord
from units.actions import load_standard
from units.documents import StandardDocument
from units.kinds import TICKED_KINDS
from units.models import Criterion, Qualification, Unit
from units.standard_files import FOLDER, read_standard_file

PASSWORD = "a long enough phrase 17"

_numbers = itertools.count(1)


@dataclass(kw_only=True)
class World:
    """Two centres and their people, by what they are to ``candidate``. Everybody is a seat (a membership)."""

    centre: Centre
    foreign_centre: Centre
    coordinator: Membership
    candidate: Membership
    other_candidate: Membership
    trainee_candidate: Membership
    assessor: Membership
    other_assessor: Membership
    trainee: Membership
    countersigner: Membership
    iv: Membership
    other_iv: Membership
    ev: Membership
    expired_ev: Membership
    foreign_coordinator: Membership
    foreign_assessor: Membership
    foreign_iv: Membership
    foreign_candidate: Membership
    unit: Unit  # 304
    other_unit: Unit  # A14
    registration: Registration
    other_registration: Registration
    trainee_registration: Registration
    foreign_registration: Registration

    @property
    def portfolio(self) -> Portfolio:
        """The candidate's."""
        return portfolio_of(self.candidate)

    @property
    def record(self) -> UnitRecord:
        """The candidate's record of unit 304, read anew."""
        return self.registration.unit_records.get(unit=self.unit)

    @property
    def trainee_record(self) -> UnitRecord:
        """The record of unit 304 of the trainee's candidate, read anew."""
        return self.trainee_registration.unit_records.get()

    @property
    def criteria(self) -> list[Criterion]:
        """The 27 cells of unit 304, in print order."""
        return criteria_of(self.unit)

    def client(self, seat: Membership | None) -> Client:
        """A browser in which that seat is signed in and acted from; None is somebody unknown."""
        client = Client()
        if seat is not None:
            client.force_login(seat.person, backend="django.contrib.auth.backends.ModelBackend")
            session = client.session
            session["seat"] = seat.pk
            session.save()
        return client


@cache
def _standards() -> tuple[StandardDocument, ...]:
    """Units 304 and A14 of the standard files; the other 67 would cost every test a tenth of a second."""
    record = read_standard_file(FOLDER / "unit-304-record.json")
    requirements = read_standard_file(FOLDER / "evidence-requirements-2010.json")
    (award,) = requirements.qualifications
    members = tuple(member for member in award.units if member.unit == "A14")
    return record, dataclasses.replace(
        requirements,
        units=tuple(unit for unit in requirements.units if unit.code == "A14"),
        qualifications=(dataclasses.replace(award, units=members),),
    )


def load_units() -> tuple[Unit, Unit]:
    """Units 304 and A14."""
    for document in _standards():
        load_standard(document=document)
    return Unit.objects.get(code="304"), Unit.objects.get(code="A14")


def open_centre(name: str) -> tuple[Centre, Membership]:
    """A centre with a coordinator."""
    number = next(_numbers)
    coordinator = User.objects.create_user(
        email=f"coordinator{number}@example.org", name=f"Cora Coordinator {number}", password=PASSWORD
    )
    centre = people.open_centre(
        name=name, number=f"C{number}", awarding_body="City and Guilds", coordinator=coordinator
    )
    return centre, Membership.objects.select_related("person", "centre").get(centre=centre, role=Role.COORDINATOR)


def join(coordinator: Membership, role: str, name: str) -> Membership:
    """Somebody new at the coordinator's centre, by invitation."""
    invitation = people.invite(
        email=f"{name.lower().replace(' ', '.').replace('’', '')}.{next(_numbers)}@example.org",
        name=name,
        role=role,
        by=coordinator,
    )
    seat = people.accept_invitation(invitation=invitation, name=name, password=PASSWORD)
    return Membership.objects.select_related("person", "centre").get(pk=seat.pk)


def approve(coordinator: Membership, seat: Membership, *units: Unit, award: str | None = None) -> Membership:
    """Approve an assessor or IV for units since last year, and put an award of 2015 on the register."""
    capacity = Capacity.IV if seat.role == Role.IV else Capacity.ASSESSOR
    for unit in units:
        authority.give_approval(
            person=seat.person, unit=unit, capacity=capacity, starts_on=today() - timedelta(days=365), by=coordinator
        )
    if award:
        authority.record_award(
            person=seat.person,
            kind=award,
            number=f"{award}-{next(_numbers)}",
            awarded_on=date(2015, 2, 1),
            by=coordinator,
        )
    return seat


def register(
    coordinator: Membership,
    candidate: Membership,
    *,
    assessor: Membership,
    iv: Membership,
    units: Sequence[Unit],
    number: str | None = None,
    **facts: Any,
) -> Registration:
    """Register a candidate on the qualification that the units belong to."""
    usual: dict[str, Any] = {
        "candidate": candidate.person,
        "qualification": Qualification.objects.filter(units=units[0]).order_by("pk")[0],
        "units": units,
        "assessor": assessor.person,
        "iv": iv.person,
        "number": number or f"R{next(_numbers):05}",
        "employer": "Marsh and Daughters",
        "site": "High Street",
        "started_on": today() - timedelta(days=200),
        "expected_end_on": today() + timedelta(days=200),
        "by": coordinator,
    }
    return register_candidate(**usual | facts)


def make_world() -> World:
    """The world of the module's docstring."""
    unit, other_unit = load_units()
    centre, coordinator = open_centre("Northgate College")
    foreign_centre, foreign_coordinator = open_centre("Southbank Training")
    assessor = approve(coordinator, join(coordinator, Role.ASSESSOR, "Anna Assessor"), unit, award=AwardKind.A1)
    other_assessor = approve(
        coordinator, join(coordinator, Role.ASSESSOR, "Oscar Otherwise"), other_unit, award=AwardKind.D32
    )
    trainee = approve(coordinator, join(coordinator, Role.ASSESSOR, "Terry Trainee"), unit)
    countersigner = approve(
        coordinator, join(coordinator, Role.ASSESSOR, "Connie Countersigner"), unit, award=AwardKind.CAVA
    )
    iv = approve(coordinator, join(coordinator, Role.IV, "Ivor Verifier"), unit, award=AwardKind.V1)
    other_iv = approve(coordinator, join(coordinator, Role.IV, "Olive Verifier"), other_unit, award=AwardKind.D34)
    ev = join(coordinator, Role.EV, "Eva External")
    expired_ev = join(coordinator, Role.EV, "Edgar Expired")
    foreign_assessor = approve(
        foreign_coordinator, join(foreign_coordinator, Role.ASSESSOR, "Fred Foreign"), unit, award=AwardKind.A1
    )
    foreign_iv = approve(
        foreign_coordinator, join(foreign_coordinator, Role.IV, "Fiona Foreign"), unit, award=AwardKind.V1
    )
    candidate = join(coordinator, Role.CANDIDATE, "Carla Candidate")
    other_candidate = join(coordinator, Role.CANDIDATE, "Otto Othercandidate")
    trainee_candidate = join(coordinator, Role.CANDIDATE, "Tina Traineescandidate")
    foreign_candidate = join(foreign_coordinator, Role.CANDIDATE, "Felix Foreigner")
    registration = register(coordinator, candidate, assessor=assessor, iv=iv, units=[unit])
    world = World(
        centre=centre,
        foreign_centre=foreign_centre,
        coordinator=coordinator,
        candidate=candidate,
        other_candidate=other_candidate,
        trainee_candidate=trainee_candidate,
        assessor=assessor,
        other_assessor=other_assessor,
        trainee=trainee,
        countersigner=countersigner,
        iv=iv,
        other_iv=other_iv,
        ev=ev,
        expired_ev=expired_ev,
        foreign_coordinator=foreign_coordinator,
        foreign_assessor=foreign_assessor,
        foreign_iv=foreign_iv,
        foreign_candidate=foreign_candidate,
        unit=unit,
        other_unit=other_unit,
        registration=registration,
        other_registration=register(
            coordinator, other_candidate, assessor=other_assessor, iv=other_iv, units=[other_unit]
        ),
        trainee_registration=register(coordinator, trainee_candidate, assessor=trainee, iv=iv, units=[unit]),
        foreign_registration=register(
            foreign_coordinator, foreign_candidate, assessor=foreign_assessor, iv=foreign_iv, units=[unit]
        ),
    )
    grant(world, ev, registration)
    # Given on a day that has passed, since nobody gives days that have.
    a_month_ago = today() - timedelta(days=30)
    with mock.patch.object(access, "today", return_value=a_month_ago):
        grant(world, expired_ev, registration, starts_on=a_month_ago, ends_on=today() - timedelta(days=1))
    return world


def grant(
    world: World,
    seat: Membership,
    registration: Registration,
    *,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Any:
    """Open a registration to an EV for 30 days, or for others."""
    return access.grant_access(
        person=seat.person,
        scope_kind=ScopeKind.REGISTRATION,
        scope_id=registration.pk,
        starts_on=starts_on or today(),
        ends_on=ends_on or today() + timedelta(days=30),
        reason="Visit in spring",
        by=world.coordinator,
    )


def today() -> date:
    """The day at the place of the installation."""
    return timezone.localdate()


def portfolio_of(candidate: Membership) -> Portfolio:
    """A candidate's portfolio at the centre of their seat."""
    return Portfolio.objects.get(centre=candidate.centre, candidate=candidate.person)


def criteria_of(unit: Unit) -> list[Criterion]:
    """The cells of a unit that claims are made against, in print order."""
    return list(
        Criterion.objects.filter(group__unit=unit, group__kind__in=TICKED_KINDS)
        .select_related("group")
        .order_by("group__position", "position")
    )


def jpeg(colour: str = "darkgreen", size: tuple[int, int] = (64, 48)) -> bytes:
    """A small photograph."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "JPEG")
    return buffer.getvalue()


def upload(name: str = "counter.jpg", content: bytes | None = None) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content if content is not None else jpeg())


def hand_in(seat: Membership, name: str = "counter.jpg", content: bytes | None = None) -> HandedIn:
    """A file as the form's field gives it: stored, with the name it came under."""
    return HandedIn(store(upload=upload(name, content), name=name, by=seat.person), name)


def words(**changed: Any) -> dict[str, Any]:
    """Everything that an evidence form asks for, but the files."""
    return {
        "title": "Returned kettle at the counter",
        "methods": ["PE"],
        "setting": "real_job",
        "simulation_basis": "",
        "happened_from": today() - timedelta(days=10),
        "happened_to": None,
        "what_happened": "A customer brought a kettle back. I offered a better one and explained why it costs more.",
        "kept_at": "",
        "witness": None,
    } | changed


def add_item(world: World, seat: Membership | None = None, *, with_file: bool = True, **changed: Any) -> Evidence:
    """A draft of the candidate, or of another seat, with one photograph."""
    seat = seat or world.candidate
    form_key = changed.pop("form_key", None) or uuid4()
    files = changed.pop("files", None)
    if files is None:
        files = [hand_in(seat)] if with_file else []
    return add_evidence(portfolio=portfolio_of(seat), form_key=form_key, files=files, by=seat, **words(**changed))


def claim(
    world: World,
    evidence: Evidence,
    criteria: Iterable[Criterion | None],
    *,
    record: UnitRecord | None = None,
    locator: str = "page 1",
    instance: Instance | None = None,
    seat: Membership | None = None,
) -> list[Claim]:
    """Claim an item against more criteria of a record (None: the unit as a whole), keeping its other claims."""
    record = record or world.record
    evidence = Evidence.objects.get(pk=evidence.pk)
    live = list(
        evidence.claims.exclude(state=ClaimState.WITHDRAWN).select_related("record", "criterion__group", "instance")
    )
    claimed = {(one.record_id, one.criterion_id, one.instance_id) for one in live}
    wanted = [WantedClaim(one.record, one.criterion, one.locator, one.instance) for one in live]
    new = (WantedClaim(record, criterion, locator, instance) for criterion in criteria)
    wanted += [want for want in new if want.cell not in claimed]
    update_claims(evidence=evidence, revision=evidence.revision, wanted=wanted, by=seat or world.candidate)
    return list(evidence.claims.exclude(state=ClaimState.WITHDRAWN).filter(record=record))


def offer(world: World, evidence: Evidence, *, seat: Membership | None = None) -> Evidence:
    """Offer a draft for assessment."""
    evidence = Evidence.objects.get(pk=evidence.pk)
    return offer_evidence(evidence=evidence, revision=evidence.revision, by=seat or world.candidate)


def add_offered_item(
    world: World,
    criteria: Iterable[Criterion | None] | None = None,
    *,
    seat: Membership | None = None,
    record: UnitRecord | None = None,
    instance: Instance | None = None,
    **changed: Any,
) -> Evidence:
    """An item claimed against criteria (all cells of the record when none are named) and offered."""
    record = record or world.record
    evidence = add_item(world, seat, **changed)
    wanted = criteria_of(record.unit) if criteria is None else criteria
    claim(world, evidence, wanted, record=record, instance=instance, seat=seat)
    return offer(world, evidence, seat=seat)


def replace(
    world: World,
    evidence: Evidence,
    *,
    seat: Membership | None = None,
    title: str = "Returned kettle, receipt dated",
) -> Evidence:
    """A new version of an offered item, with another title."""
    seat = seat or world.candidate
    evidence = Evidence.objects.get(pk=evidence.pk)
    return change_evidence(
        evidence=evidence,
        revision=evidence.revision,
        why="The receipt had no date",
        files=[hand_in(seat)],
        by=seat,
        **words(title=title),
    )


def add_a_witness(world: World, seat: Membership | None = None, **changed: Any) -> Witness:
    """Somebody at work on the candidate's witness list."""
    seat = seat or world.candidate
    usual: dict[str, Any] = {
        "portfolio": portfolio_of(seat),
        "name": "Wendy Witness",
        "job_role": "Shop manager",
        "relationship": "My manager",
        "contact": "wendy@marsh.example",
        "is_expert": False,
        "by": seat,
    }
    return add_witness(**usual | changed)
