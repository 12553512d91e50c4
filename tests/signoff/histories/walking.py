"""Walking a history: which step comes next, what is asked of each, and the shortest way to a failure."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from evidence.models import Witness
from proof.verify import faults
from tests.signoff.histories import steps_of_evidence as evidence
from tests.signoff.histories import steps_of_people as people
from tests.signoff.histories import steps_of_signoff as signoff
from tests.signoff.histories.attempts import Attempt, next_line, pick, should_sign
from tests.signoff.histories.invariants import Watch, digest_of_all_rows, events_so_far
from tests.signoff.histories.model import FOR_EACH_CHANGE, Record
from tests.signoff.histories.world import Scene

type Step = Callable[[Scene, Random], Attempt | None]
# One step of a history: its number seeds every choice in it, so that it means the same when others are left out.
type Number = int

VERIFY_EVERY = 15

RARELY: tuple[Step, ...] = (
    people.role,
    people.approval,
    people.award,
    people.award,
    people.hand_a_leaver_over,
    people.hand_a_leaver_over,
    people.reassign_one,
    people.reassign_one,
    people.reassign_one,
    people.reassign_one,
    people.registration,
    people.registration,
    people.access,
    people.access,
    people.access,
    people.make_an_ev,
    evidence.add,
    evidence.new_witness,
    evidence.authenticate,
    evidence.testify,
    evidence.testify,
    evidence.testify,
    evidence.change_name,
    evidence.change_name,
    evidence.withdraw,
    signoff.take_back_waiver,
    signoff.take_back_waiver,
    signoff.take_back_waiver,
)
OFTEN: tuple[Step, ...] = (
    evidence.claim,
    evidence.change_claims,
    evidence.offer,
    evidence.judge,
    evidence.replace,
    signoff.confirm,
    signoff.waive,
    signoff.sign_a_line,
    signoff.sign_a_line,
    signoff.sign_a_line,
    signoff.draw,
    signoff.draw_what_they_judged,
    signoff.take_back_sample,
    signoff.unlock_it,
)


@dataclass
class Tally:
    """How often each kind of step was let through and refused."""

    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    steps: int = 0

    @property
    def kinds(self) -> set[str]:
        return {*self.accepted, *self.refused}

    def __str__(self) -> str:
        rows = [f"{kind:<38}{self.accepted[kind]:>8}{self.refused[kind]:>8}" for kind in sorted(self.kinds)]
        return "\n".join([f"{self.steps} steps{'accepted':>32}{'refused':>8}", *rows])


class HistoryFailed(AssertionError):
    """A history after which something does not hold, told step by step."""


def walk(scene: Scene, numbers: list[Number], tally: Tally) -> None:
    """One history from the beginning; its rows are undone. Raises HistoryFailed."""
    told: list[str] = []
    try:
        with transaction.atomic():
            _walk(scene.fork(), numbers, tally, told)
            transaction.set_rollback(True)
    except AssertionError as broken:
        raise HistoryFailed("\n".join([*told, str(broken) or repr(broken)])) from broken


def _walk(scene: Scene, numbers: list[Number], tally: Tally, told: list[str]) -> None:
    watch, before = Watch(scene), digest_of_all_rows()
    for place, number in enumerate(numbers, start=1):
        attempt = choose(scene, Random(number))
        if attempt is None:
            continue
        after = _try(attempt, tally, told, before)
        if after != before:
            watch.look()
        before = after
        if place % VERIFY_EVERY == 0:
            assert [str(one) for one in faults()] == []
    assert [str(one) for one in faults()] == []


def choose(scene: Scene, rnd: Random) -> Attempt | None:
    """Half of the steps take a record on towards its last signature, so that walks get somewhere."""
    chance = rnd.random()
    if scene.testimonies and rnd.random() < 0.1:
        return evidence.disown(scene, rnd)
    if chance < 0.6:
        return take_on(scene, rnd)
    return rnd.choice(OFTEN if chance < 0.85 else RARELY)(scene, rnd)


def _try(attempt: Attempt, tally: Tally, told: list[str], before: dict[str, str]) -> dict[str, str]:
    """Try it. What is refused changes nothing; what changes anything is told in the ledger (R66)."""
    events = events_so_far()
    try:
        answer = attempt.call()
    except (PermissionDenied, ValidationError) as refusal:
        told.append(f"{attempt.words}: refused, {refusal}")
        tally.steps += 1
        tally.refused[attempt.kind] += 1
        assert attempt.is_allowed is not True, "it is refused, though the rules allow it"
        assert (digest_of_all_rows(), events_so_far()) == (before, events), "what was refused has changed something"
        return before
    told.append(attempt.words)
    tally.steps += 1
    tally.accepted[attempt.kind] += 1
    assert attempt.is_allowed is not False, "it is let through, though the rules forbid it"
    after = digest_of_all_rows()
    assert (after != before) is (events_so_far() > events), "it was written and not told, or told and not written"
    attempt.then(answer)
    return after


def take_on(scene: Scene, rnd: Random) -> Attempt | None:
    """What a record waits for next, mostly by whoever should do it."""
    # Some records more often than the others, so that they get far.
    name = rnd.choice([*scene.model.records, "carla-W1", "carla-W1", "carla-W2"])
    record = scene.model.records[name]
    if record.enrolment.status != "active" and rnd.random() < 0.6:
        return people.registration(scene, rnd, record.candidate, "active")
    if record.is_frozen:
        return _take_on_a_signed_one(scene, rnd, name, record)
    if FOR_EACH_CHANGE[record.unit] and len(record.changes) < 2:
        return evidence.name_change(scene, rnd, name)
    there = {cell for (_, cell), one in record.claims.items() if one.state in ("accepted", "undecided")}
    missing = [cell for cell in evidence.all_cells(record) if cell not in there and cell[0] not in record.waived]
    if missing:
        fitting = [item for item in scene.model.items[record.candidate] if item.state != "withdrawn"]
        fitting = [item for item in fitting if item.setting == "real_job"]
        free = [
            item for item in fitting
            if not any(number == item.number and one.is_live for (number, _), one in record.claims.items())
        ]  # fmt: skip
        if item := pick(rnd, free):
            return evidence.claim(scene, rnd, name, item, missing)
        return evidence.add(scene, rnd, record.candidate, setting="real_job")
    if drafts := [one.item for one in record.live if one.item.state == "draft"]:
        return evidence.offer(scene, rnd, drafts[0])
    if waiting := [one.item for one in record.live if one.state == "undecided"]:
        unsure = Witness.objects.filter(portfolio=scene.portfolio(record.candidate), authenticated_at=None)
        if any(one.witness for one in waiting) and rnd.random() < 0.8 and unsure.exists():
            return evidence.authenticate(scene, rnd, record.candidate)
        return evidence.judge(
            scene,
            rnd,
            name,
            rnd.choice(waiting),
            is_accepted=rnd.random() < 0.9 and not (waiting[0].setting == "rwe" and record.unit == "W1"),
        )
    if record.assessor in record.judges() and rnd.random() < 0.2:
        return people.reassign_one(scene, rnd, name)
    if not scene.model.is_ready(record):
        return signoff.confirm(scene, rnd, name)
    return signoff.sign_a_line(scene, rnd, name, "candidate", (record.candidate, "candidate"))


def _take_on_a_signed_one(scene: Scene, rnd: Random, name: str, record: Record) -> Attempt:
    is_opened = any(candidate == record.candidate for _, candidate in scene.model.opened)
    if record.state == "complete" and not record.drawn:
        return signoff.draw(scene, rnd, name, "ev" if is_opened and rnd.random() < 0.3 else "iv")
    if record.state == "verified" and "ev" not in record.drawn:
        return signoff.draw(scene, rnd, name, "ev") if is_opened else people.access(scene, rnd)
    handed = (
        record.state == "candidate_signed"
        and rnd.random() < 0.2
        and people.hand_a_leaver_over(scene, rnd, record.assessor)
    )
    if rest := handed or _of_an_ev_who_leaves(scene, rnd, name, record):
        return rest
    if record.state == "externally_verified" and rnd.random() < 0.5:
        return signoff.unlock_it(scene, rnd)
    line, chance = next_line(scene, name), rnd.random()
    return signoff.sign_a_line(scene, rnd, name, line, should_sign(scene, name, line) if chance < 0.75 else None)


def _of_an_ev_who_leaves(scene: Scene, rnd: Random, name: str, record: Record) -> Attempt | None:
    """Whoever drew it loses their access; then the coordinator takes that back, or another EV draws anew."""
    if "ev" not in record.drawn or "ev" in record.signed:
        return None
    if not scene.model.has_left(name, "ev"):
        closing = record.drawn["ev"], record.candidate
        return people.access(scene, rnd, closing=closing) if rnd.random() < 0.25 else None
    if rnd.random() < 0.4:
        return signoff.take_back_sample(scene, rnd, name)
    others = [(who, "ev") for who in ("eva", "edwin") if who != record.drawn["ev"]]
    able = [other for other in others if scene.model.may_mark(name, *other)]
    return signoff.draw(scene, rnd, name, "ev", able[0]) if able and rnd.random() < 0.7 else None


def shortest(scene: Scene, numbers: list[Number]) -> list[Number]:
    """The steps of a failing history without which it still fails, found by leaving some out again and again."""
    size = max(1, len(numbers) // 2)
    while size:
        start = 0
        while start < len(numbers):
            fewer = numbers[:start] + numbers[start + size :]
            if _fails(scene, fewer):
                numbers = fewer
            else:
                start += size
        size //= 2
    return numbers


def _fails(scene: Scene, numbers: list[Number]) -> bool:
    try:
        walk(scene, numbers, Tally())
    except HistoryFailed:
        return True
    return False
