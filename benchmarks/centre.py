"""A centre at work: thirty candidates on unit 304, one of them with a well-filled record. Made by the real actions."""

from dataclasses import dataclass
from itertools import cycle, islice

from assessment.judging.actions import Confirmation, Verdict, judge_item
from centres.models import Role
from evidence.models import Claim, Evidence
from registrations.models import UnitRecord
from tests.evidence.builders import World, add_item, add_offered_item, claim, join, make_world, offer, register

CANDIDATES = 30
ITEMS, CELLS_PER_ITEM = 9, 12


@dataclass(frozen=True)
class Busy:
    """The world, the well-filled record, one like the others, and an item whose 27 claims wait for judgement."""

    world: World
    record: UnitRecord
    usual: UnitRecord
    to_judge: Evidence


def make_busy_centre() -> Busy:
    """Thirty candidates of one assessor, three items each, one judged; the first has ten items and 135 claims."""
    world = make_world()
    cells = world.criteria
    around = cycle(cells)
    for ordinal in range(ITEMS):
        item = add_item(world, title=f"Comparing our offer, customer {ordinal + 1}")
        claim(world, item, list(islice(around, CELLS_PER_ITEM)), locator=f"page {ordinal + 1}, second paragraph")
        offer(world, item)
        if ordinal % 3:
            judge(item, world)
    to_judge = add_offered_item(world, cells, title="A week of offers at the counter")
    for ordinal in range(CANDIDATES - 1):
        seat = join(world.coordinator, Role.CANDIDATE, f"Candidate Number {ordinal + 2}")
        registration = register(world.coordinator, seat, assessor=world.assessor, iv=world.iv, units=[world.unit])
        record = registration.unit_records.get()
        for third in range(3):
            item = add_offered_item(world, cells[third * 9 : third * 9 + 9], seat=seat, record=record)
            if third == 0:
                judge(item, world)
    return Busy(world, world.record, record, to_judge)


def judge(item: Evidence, world: World) -> None:
    """Accept every claim of an item but the first, which goes back."""
    item = Evidence.objects.select_related("current_version").get(pk=item.pk)
    claims = list(Claim.objects.filter(evidence=item).order_by("criterion__position"))
    judge_item(
        evidence=item,
        version=item.current_version,
        verdicts=[
            Verdict(claim_id=one.pk, is_accepted=bool(place), comment="" if place else "Say where to look.")
            for place, one in enumerate(claims)
        ],
        confirmation=Confirmation(
            is_valid=True, is_authentic=True, is_current=True, how_authenticated="Saw the originals on site."
        ),
        by=world.assessor,
    )
