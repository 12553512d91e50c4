"""What one step of a history is, and how it chooses: mostly what is next and who should, often anything by anybody."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from centres.models import Membership
from tests.signoff.histories.model import LINES, ROLE_FOR, Record
from tests.signoff.histories.things import Item
from tests.signoff.histories.world import SEATS, Scene

type Seat = tuple[str, str]

CORA: Seat = ("cora", "coordinator")


def _nothing(_: Any) -> None:
    """For what moves nothing that the model knows."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Something that somebody tries. `is_allowed`: what the model says of it, None where it does not say.

    `then` carries into the model what came of it, with what the product answered.
    """

    kind: str
    words: str
    call: Callable[[], Any]
    then: Callable[[Any], None] = _nothing
    is_allowed: bool | None = None


def pick[T](rnd: Random, among: Sequence[T]) -> T | None:
    return rnd.choice(among) if among else None


def seat_of(rnd: Random, right: Seat | None, *, rightly: float = 0.75) -> Seat:
    """Who tries it: mostly who should."""
    return right if right and rnd.random() < rightly else rnd.choice(SEATS)


def verifier_of(rnd: Random, record: Record, right: Seat | None, role: str, *, rightly: float) -> Seat:
    """The same of a line or a sample: otherwise somebody in the role that it takes, above all one who had a part."""
    if right and rnd.random() < rightly:
        return right
    in_role = [seat for seat in SEATS if seat[1] == role]
    had_a_part = record.judges() | record.witnesses() | {one.by for one in record.signed.values()}
    tempted = [seat for seat in in_role if seat[0] in had_a_part | {record.assessor, record.iv, record.candidate}]
    chance = rnd.random()
    return rnd.choice(tempted if tempted and chance < 0.5 else in_role if chance < 0.8 else SEATS)


def pick_record(scene: Scene, rnd: Random, prefer: Callable[[Record], Any] = bool) -> tuple[str, Record]:
    """Any record; mostly one that is preferred, where there is one."""
    every = list(scene.model.records.items())
    preferred = [one for one in every if prefer(one[1])]
    return rnd.choice(preferred if preferred and rnd.random() < 0.8 else every)


def pick_item(scene: Scene, rnd: Random, *states: str, owner: str | None = None) -> Item | None:
    found = [
        item
        for who, items in scene.model.items.items()
        for item in items
        if owner in (None, who) and (not states or item.state in states)
    ]
    return pick(rnd, found)


def membership(scene: Scene, seat: Seat) -> Membership:
    return scene.seat(*seat)


def candidates_seat(record: Record) -> Seat:
    return record.candidate, "candidate"


def assessors_seat(record: Record) -> Seat:
    return record.assessor, "assessor"


def is_right(scene: Scene, seat: Seat, right: Seat) -> bool:
    """Whether whoever tries it is who should, and still holds the role."""
    return seat == right and seat in scene.model.roles


def should_sign(scene: Scene, name: str, line: str) -> Seat | None:
    """Somebody who may sign this line now, if anybody may; else who is named for it."""
    record = scene.model.records[name]
    for who, role in SEATS:
        if role == ROLE_FOR[line] and scene.model.may_sign(name, line, who, role):
            return who, role
    named = {"candidate": record.candidate, "assessor": record.assessor, "iv": record.iv}
    return (named[line], ROLE_FOR[line]) if line in named else None


def next_line(scene: Scene, name: str) -> str:
    due = scene.model.due(scene.model.records[name])
    return next((line for line in LINES if line in due), "ev")
