"""A centre for random histories: two candidates with two units each, and the same people and papers as a `Model`.

Both units of a candidate share their evidence; one of them is assessed by a trainee. Several people hold two roles, so
that independence can be broken by somebody who has all the authority that it takes (Q24). EVs are nobody else (R49).
"""

import copy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from centres.models import Membership, Role, User
from centres.people.actions import give_role
from evidence.models import Claim, Evidence, Instance
from evidence.witnesses.actions import add_witness
from files.forms import HandedIn
from registrations.access.actions import open_registrations
from registrations.enrolment import register_candidate
from registrations.models import Portfolio, Registration, UnitRecord
from signoff.contents import RECORD_RELATIONS
from signoff.handover.reassigning import reassign_unit
from tests.evidence.builders import approve, hand_in, join, open_centre, today
from tests.signoff.histories.model import CELLS, Cell, Model, Record
from tests.signoff.histories.things import Enrolment, Item
from units.actions import load_standard
from units.models import Criterion, Qualification, Unit

# Who is there, by first name: their roles at the centre, each with the award that the register shows for it.
CAST: dict[str, dict[str, str]] = {
    "carla": {"candidate": "", "assessor": "A1"},
    "tina": {"candidate": ""},
    "anna": {"assessor": "A1"},
    "terry": {"assessor": ""},
    "connie": {"assessor": "CAVA", "iv": "V1"},
    "oscar": {"assessor": "D32", "iv": "V1"},
    "ivor": {"iv": "V1", "assessor": "A1"},
    "ivy": {"iv": ""},
    "olive": {"iv": "D34"},
    "eva": {"ev": ""},
    "edwin": {"ev": ""},
}
# The registration's assessor and IV, and those that unit W2 has of its own (Q24).
ENROLMENTS = {"carla": ("anna", "ivor", "terry", "ivy"), "tina": ("terry", "ivor", "oscar", "olive")}
WITNESSES = {
    "wendy": "Wendy Witness",
    "connie": "Connie Castmember",
    "ivor": "Ivor Castmember",
    "edwin": "Edwin Castmember",
}
AWARD_OF = {"assessor": "A2", "iv": "IQA4"}
CORA, FRED = "cora", "fred"
CHANGE = "change"


def standard() -> dict[str, Any]:
    """Units W1 and W2 of `model.CELLS`, each a qualification of its own."""

    def points(section: str, number: str, *texts: str, **more: Any) -> dict[str, Any]:
        criteria = [{"printed_label": letter, "text": text} for letter, text in zip("abc", texts, strict=False)]
        return {
            "section": section, "kind": "points", "printed_number": number, "text": "You must show:",
            "criteria": criteria,
        } | more  # fmt: skip

    return {
        "$schema": "./standard.schema.json",
        "code": "histories",
        "edition": "1",
        "title": "Two small units",
        "source": "Made for the tests.",
        "units": [
            {
                "code": "W1",
                "title": "Serve a customer",
                "setting_policy": "real_job_required",
                "groups": [
                    points("cover", "5", "a loyal customer", "a new customer"),
                    points("do", "1", "greet the customer"),
                    points("know", "2", "say why the greeting matters"),
                ],
            },
            {
                "code": "W2",
                "title": "Change a service",
                "setting_policy": "real_job_preferred",
                "groups": [
                    points("cover", "5", "how it began", per_instance=CHANGE, instances=2),
                    points("cover", "6", "how your manager took it", is_should=True),
                    points("know", "2", "say why it was changed"),
                ],
            },
        ],
        "qualifications": [
            {"code": "Q", "title": "Service", "units": [{"unit": code, "is_mandatory": True} for code in CELLS]}
        ],
    }


@dataclass(kw_only=True)
class Scene:
    """The rows behind the words of the model."""

    model: Model
    people: dict[str, User]
    registrations: dict[str, int] = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)
    portfolios: dict[str, int] = field(default_factory=dict)
    criteria: dict[tuple[str, str], Criterion] = field(default_factory=dict)
    photographs: dict[str, HandedIn] = field(default_factory=dict)
    items: dict[tuple[str, int], int] = field(default_factory=dict)
    # What was shown to whoever looked last, by record and line, so that it can be signed too late.
    shown: dict[tuple[str, str], str] = field(default_factory=dict)
    testimonies: dict[int, Item] = field(default_factory=dict)

    def fork(self) -> "Scene":
        """A copy for one history, whose rows are undone after it."""
        copied = copy.copy(self)
        copied.model = copy.deepcopy(self.model)
        copied.items, copied.shown, copied.testimonies = {}, {}, {}
        return copied

    def seat(self, person: str, role: str) -> Membership:
        """The latest seat of a person in a role, ended or not; whoever never held it gets one that is ended."""
        found = Membership.objects.select_related("person", "centre").filter(person=self.people[person], role=role)
        return found.order_by("-pk")[0]

    def record(self, name: str) -> UnitRecord:
        return UnitRecord.objects.select_related(*RECORD_RELATIONS).get(pk=self.records[name])

    def registration(self, name: str) -> Registration:
        return Registration.objects.select_related("centre", "candidate", "assessor", "iv").get(
            pk=self.registrations[name]
        )

    def portfolio(self, candidate: str) -> Portfolio:
        return Portfolio.objects.get(pk=self.portfolios[candidate])

    def evidence(self, item: Item) -> Evidence:
        return Evidence.objects.select_related("current_version__witness").get(pk=self.items[item.owner, item.number])

    def instance(self, name: str, change: str | None) -> Instance | None:
        if change is None:
            return None
        return Instance.objects.get(record=self.records[name], name=change, removed_at=None)

    def word_for(self, person: User) -> str:
        return next(word for word, one in self.people.items() if one.pk == person.pk)

    def cell_of(self, claim: Claim) -> Cell:
        """What a claim is against, in the model's words. The claim comes with criterion and instance."""
        criterion = next(key for (_, key), one in self.criteria.items() if one.pk == claim.criterion_id)
        return criterion, claim.instance.name if claim.instance else None


# Everybody who could try something, in each of their roles; the last is of another centre.
SEATS = [*((who, role) for who, roles in CAST.items() for role in roles), (CORA, "coordinator"), (FRED, "assessor")]


def make_scene() -> Scene:
    """The centre, by the real actions. A few hundred queries."""
    load_standard(document=standard())
    units = {code: Unit.objects.get(code=code, standard__code="histories") for code in CELLS}
    _, cora = open_centre("Northgate College")
    _, foreign = open_centre("Southbank Training")
    fred = approve(foreign, join(foreign, Role.ASSESSOR, "Fred Foreign"), *units.values(), award="A1")
    scene = Scene(model=Model(roles={(CORA, "coordinator")}), people={CORA: cora.person, FRED: fred.person})
    for who, roles in CAST.items():
        for role, award in roles.items():
            _take_role(scene, cora, who, role, award, units)
    for code, unit in units.items():
        cells = Criterion.objects.filter(group__unit=unit).select_related("group")
        in_order = cells.order_by("group__position", "position")
        scene.criteria |= {(code, key): cell for key, cell in zip(CELLS[code], in_order, strict=True)}
    for who in ENROLMENTS:
        _enrol(scene, cora, who, units)
    # One of them is open to both EVs, so that either can draw where the other had drawn.
    for ev, who in (("eva", "carla"), ("edwin", "carla"), ("edwin", "tina")):
        open_registrations(
            person=scene.people[ev],
            registrations=[scene.registration(who)],
            starts_on=today(),
            ends_on=today() + timedelta(days=30),
            reason="Visit in spring",
            by=cora,
        )
        scene.model.opened.add((ev, who))
    return scene


def _take_role(scene: Scene, cora: Membership, who: str, role: str, award: str, units: dict[str, Unit]) -> None:
    person = scene.people.get(who)
    seat = give_role(person=person, role=role, by=cora) if person else join(cora, role, f"{who.title()} Castmember")
    scene.people[who] = seat.person
    scene.model.roles.add((who, role))
    if role in AWARD_OF:
        approve(cora, seat, *units.values(), award=award or None)
        scene.model.approved |= {(who, code, role) for code in units}
        scene.model.awards[who, role] = 1 if award else 0


def _enrol(scene: Scene, cora: Membership, who: str, units: dict[str, Unit]) -> None:
    assessor, iv, own_assessor, own_iv = ENROLMENTS[who]
    registration = register_candidate(
        candidate=scene.people[who],
        qualification=Qualification.objects.get(standard__code="histories"),
        units=list(units.values()),
        assessor=scene.people[assessor],
        iv=scene.people[iv],
        number=f"H-{who}",
        employer="Marsh and Daughters",
        site="High Street",
        started_on=today() - timedelta(days=200),
        expected_end_on=None,
        by=cora,
    )
    enrolment = scene.model.enrolments[who] = Enrolment(who, assessor, iv)
    scene.registrations[who], scene.model.items[who] = registration.pk, []
    for record in registration.unit_records.select_related("unit", "portfolio"):
        name = f"{who}-{record.unit.code}"
        scene.records[name], scene.portfolios[who] = record.pk, record.portfolio_id
        scene.model.records[name] = Record(enrolment, record.unit.code)
    own = scene.model.records[f"{who}-W2"]
    own.own_assessor, own.own_iv = own_assessor, own_iv
    reassign_unit(
        record_id=scene.records[f"{who}-W2"],
        own_assessor=scene.people[own_assessor],
        own_iv=scene.people[own_iv],
        why="They know the service",
        by=cora,
    )
    candidate = scene.seat(who, "candidate")
    scene.photographs[who] = hand_in(candidate)
    # One who is nobody else, and one who might come to assess or verify (R23, R41).
    for word in ("wendy", "connie"):
        add_witness(
            portfolio=scene.portfolio(who),
            name=WITNESSES[word],
            job_role="Shop manager",
            relationship="My manager",
            contact="01234 567890",
            by=candidate,
        )
