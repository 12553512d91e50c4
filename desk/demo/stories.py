"""The demo centre's past half year, candidate by candidate; ``clock.tell`` puts the steps in order."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from assessment.confirming.waivers import waive_criteria
from centres.drawn_signature.actions import save_drawn_signature
from centres.models import Role
from centres.people.actions import invite
from desk.demo import items
from desk.demo.cast import (
    AISHA,
    BETHAN,
    CANDIDATES,
    CHLOE,
    DAN,
    IRIS,
    JACK,
    JUDITH,
    MARTIN,
    MEGAN,
    PRIYA,
    RAVI,
    STAFF,
    TOM,
    Person,
    Seats,
    join,
    open_centre,
    open_second_centre,
    qualify_and_approve,
)
from desk.demo.changes import CHANGES, two_changes, waste_and_packaging
from desk.demo.clock import Story, tell
from desk.demo.conduct import an_appeal, competence_on_record
from desk.demo.first_pages import about_her_work, approved_environments
from desk.demo.pictures import signature
from desk.demo.records import signed_records
from desk.demo.shops import MARSH, QUILL, TIDEWATER, VALE, Shop
from desk.demo.standards import hand_in_own_edition, hand_in_the_template
from desk.demo.testimony import a_word_from_the_manager
from desk.demo.work import Work
from registrations.access.actions import open_registrations
from registrations.held_elsewhere.actions import confirm_held_elsewhere
from registrations.models import UnitRecord
from signoff.models import Slot
from units.models import Criterion, Unit

_HOW = "I know the candidate’s workplace and asked about it on my visit."
# Two changes (D2), a "should" (A18), and a unit with nothing to tick (D20).
_MORE_UNITS = ("D2", "A18", "D20")
# The cells of A14 that print the same as cells of 304: one item, claimed in two units at once (R8).
_SAME_IN_A14 = {"1a": "4a", "1b": "4b", "2a": "5a", "2b": "5b", "3a": "6a", "3b": "6b", "3c": "6c"}


def tell_everything() -> None:
    """Fill an empty installation that has the standards. Everything goes through the real actions."""
    unit, twin = Unit.objects.get(code="304"), Unit.objects.get(code="A14")
    more = [Unit.objects.get(code=code) for code in _MORE_UNITS]
    seats: Seats = {}
    works: dict[Person, Work] = {}
    tell(
        [
            _the_centre(seats, [unit, twin, *more]),
            _just_started(seats, works, unit),
            _halfway(seats, works, unit, twin),
            _records_of_methods(works, twin),
            _testimonies(works),
            _first_pages(works),
            _environments(seats),
            _register(seats),
            _appeal(seats, works),
            _four_units(seats, works, more),
            _ready_to_sign(seats, works, unit),
            _awaiting_countersignature(seats, works, unit),
            _complete(seats, works, unit),
            _verified(seats, works, unit),
            _visit(seats, works),
        ]
    )


def _the_centre(seats: Seats, units: list[Unit]) -> Story:
    yield 180
    _, first = open_centre()
    seats.update(first)
    yield 179
    join(STAFF, seats)
    yield 178
    qualify_and_approve(seats, units)
    yield 150
    join(CANDIDATES, seats)
    yield 60
    open_second_centre(seats)
    yield 4
    hand_in_the_template(seats[PRIYA])
    hand_in_own_edition(units[0], seats[PRIYA])
    yield 3
    invite(email="nadia.clarke@demo.example", name="Nadia Clarke", role=Role.ASSESSOR, by=seats[PRIYA])


def _begin(
    seats: Seats, works: dict[Person, Work], person: Person, assessor: Person, shop: Shop, unit: Unit, number: str
) -> Work:
    work = Work.begin(
        candidate=seats[person],
        assessor=seats[assessor],
        iv=seats[JUDITH],
        shop=shop,
        unit=unit,
        number=number,
        by=seats[PRIYA],
    )
    works.setdefault(person, work)
    return work


def _just_started(seats: Seats, works: dict[Person, Work], unit: Unit) -> Story:
    """Chloe: one item waits for her assessor, one is still a draft without criteria."""
    yield 12
    work = _begin(seats, works, CHLOE, DAN, QUILL, unit, "MA-26-00417")
    yield 5
    work.offer(items.at_the_counter(QUILL, CHLOE.name, 6))
    yield 1
    work.add(items.service_offer(QUILL, CHLOE.name, 5))


def _halfway(seats: Seats, works: dict[Person, Work], unit: Unit, twin: Unit) -> Story:
    """Aisha: two units of two qualifications; accepted, returned, waiting and draft items."""
    shop, name = TIDEWATER, AISHA.name
    yield 110
    work = _begin(seats, works, AISHA, DAN, shop, unit, "MA-26-00131")
    yield 109
    second = _begin(seats, works, AISHA, DAN, shop, twin, "MA-26-00132")
    yield 82
    item = items.service_offer(shop, name, 10)
    offered = work.offer(item, _also(second.record, item.claims))
    yield 79
    work.judge(offered, how=_HOW, comment="A clear comparison.")
    yield 60
    item = items.feedback(shop, name, 35)
    counted = work.offer(item, _also(second.record, item.claims))
    yield 55
    work.judge(counted, how=_HOW)
    yield 33
    briefed = work.offer(items.team_briefing(shop, name, 4))
    yield 26
    work.judge(briefed, how="Spoke to the witness by telephone.")
    yield 13
    counter = work.offer(items.at_the_counter(shop, name, 2))
    yield 9
    work.judge(
        counter,
        how="I was there.",
        returned={
            "304.2.3": "Say what you told Mrs Price about the water and the filter: the advice itself is missing here.",
            "304.2.2": "Which extra benefit did you remind her of? Name it and say what Watts & Co charge.",
        },
    )
    yield 6
    item = items.comes_back(shop, name, 8)
    work.offer(item, _also(second.record, item.claims))
    yield 2
    draft = items.sent_elsewhere(shop, name, 3)
    work.claim(work.add(draft), draft.claims)


def _records_of_methods(works: dict[Person, Work], twin: Unit) -> Story:
    yield 1.95
    yield from signed_records(works[AISHA], twin)


def _testimonies(works: dict[Person, Work]) -> Story:
    yield 5.6
    yield from a_word_from_the_manager(works[AISHA])


def _first_pages(works: dict[Person, Work]) -> Story:
    yield 107.5
    yield from about_her_work(works[AISHA])


def _environments(seats: Seats) -> Story:
    yield 149.5
    yield from approved_environments(seats[PRIYA])


def _register(seats: Seats) -> Story:
    yield 148
    yield from competence_on_record(seats)


def _appeal(seats: Seats, works: dict[Person, Work]) -> Story:
    yield 4.5
    yield from an_appeal(works[AISHA], seats[PRIYA])


def _four_units(seats: Seats, works: dict[Person, Work], units: Sequence[Unit]) -> Story:
    """Aisha takes three more units of 2010: one needs two changes, one has a “should”, one has nothing to tick."""
    shop, name = TIDEWATER, AISHA.name
    yield 108
    registration = works[AISHA].candidate.person.registrations.get(number="MA-26-00132")
    second = replace(works[AISHA], registration=registration)
    changes, green, _ = (second.add_unit(unit, by=seats[PRIYA]) for unit in units)
    yield 52
    confirm_held_elsewhere(
        units=[second.record.unit, *units[:2]], where="Awarding body’s logbook, office cabinet 2", by=seats[PRIYA]
    )
    yield 50
    named = second.name(changes, "change", CHANGES)
    yield 44
    report = second.add(two_changes(shop, name, 90))
    second.claim_for_each(report, changes, {"5a": "page 1", "5b": "page 1", "5c": "page 1"}, [named[CHANGES[0]]])
    yield 41
    second.judge(report, how=_HOW)
    yield 30
    left = second.add(waste_and_packaging(shop, name, 6))
    second.claim_for_each(left, green, waste_and_packaging(shop, name, 6).claims, [None])
    yield 28
    second.judge(left, how=_HOW)
    yield 27
    resistant = Criterion.objects.get(group__unit=green.unit, text__startswith="Resistant")
    waive_criteria(
        record_id=green.pk,
        criteria=[resistant.pk],
        reason="Every customer she met in six months was glad of it; I asked her manager too.",
        by=seats[DAN],
    )


def _also(record: UnitRecord, claims: Mapping[str, str]) -> tuple[UnitRecord, dict[str, str]]:
    return record, {_SAME_IN_A14[label]: locator for label, locator in claims.items() if label in _SAME_IN_A14}


def _fill(work: Work, name: str, first: int, last: int) -> Story:
    """Offer every item between two days, and judge each two days later."""
    step = (first - last) / len(items.EVERY_ITEM)
    for number, make in enumerate(items.EVERY_ITEM):
        day = first - number * step
        yield day
        offered = work.offer(make(work.shop, name, 30))
        yield day - 2
        work.judge(offered, how=_HOW)


def _ready_to_sign(seats: Seats, works: dict[Person, Work], unit: Unit) -> Story:
    """Iris: every cell is accepted and the gate is open."""
    yield 104
    work = _begin(seats, works, IRIS, DAN, MARSH, unit, "MA-26-00139")
    yield from _fill(work, IRIS.name, 95, 12)
    yield 1.5
    work.confirm_sufficient()


def _awaiting_countersignature(seats: Seats, works: dict[Person, Work], unit: Unit) -> Story:
    """Tom: his assessor has no award yet, so her signature waits for a second one (R31)."""
    yield 120
    work = _begin(seats, works, TOM, BETHAN, VALE, unit, "MA-26-00102")
    yield from _fill(work, TOM.name, 112, 20)
    yield 10
    work.confirm_sufficient()
    yield 8
    work.sign(Slot.CANDIDATE, seats[TOM])
    yield 7
    work.sign(Slot.ASSESSOR, seats[BETHAN])


def _complete(seats: Seats, works: dict[Person, Work], unit: Unit) -> Story:
    """Jack: complete, and nobody has sampled it yet. It was signed too early, unlocked, and signed again."""
    yield 130
    work = _begin(seats, works, JACK, DAN, TIDEWATER, unit, "MA-26-00088")
    yield from _fill(work, JACK.name, 120, 24)
    yield 18
    work.confirm_sufficient()
    yield 16
    work.sign(Slot.CANDIDATE, seats[JACK])
    yield 16
    work.unlock(seats[DAN], "Jack signed before we had gone through the price list together.")
    yield 15
    work.confirm_sufficient()
    work.sign(Slot.CANDIDATE, seats[JACK])
    yield 15
    work.sign(Slot.ASSESSOR, seats[DAN])


def _verified(seats: Seats, works: dict[Person, Work], unit: Unit) -> Story:
    """Megan: countersigned because her assessor was a trainee, sampled and signed by the IV. She and the IV draw their
    signatures, too."""
    yield 145
    work = _begin(seats, works, MEGAN, BETHAN, QUILL, unit, "MA-26-00051")
    yield from _fill(work, MEGAN.name, 140, 46)
    yield 40
    work.confirm_sufficient()
    for seed, person in enumerate((MEGAN, JUDITH), start=1):
        save_drawn_signature(file=io.BytesIO(signature(seed=seed)), name="signature.png", by=seats[person])
    yield 38
    work.sign(Slot.CANDIDATE, seats[MEGAN])
    yield 37
    work.sign(Slot.ASSESSOR, seats[BETHAN])
    yield 33
    work.sign(Slot.ASSESSOR_COUNTERSIGNATURE, seats[MARTIN])
    yield 24
    work.draw(seats[JUDITH], "First unit assessed by a new assessor")
    yield 23
    work.sign(Slot.IV, seats[JUDITH])


def _visit(seats: Seats, works: dict[Person, Work]) -> Story:
    """The EV reads two registrations for a month from yesterday on, and has drawn one record."""
    yield 1.2
    today = timezone.localdate()
    open_registrations(
        person=seats[RAVI].person,
        registrations=[works[MEGAN].registration, works[JACK].registration],
        starts_on=today,
        ends_on=today + timedelta(days=30),
        reason="Half-yearly visit",
        by=seats[PRIYA],
    )
    yield 0.4
    works[MEGAN].draw(seats[RAVI], "Trainee assessor, countersigned")
