"""Random histories of a small centre: after every step the rules still hold, on SQLite and on PostgreSQL.

Named people try what the product offers, rightly and wrongly: evidence is added, claimed, judged, replaced and
withdrawn, records are signed, drawn, countersigned and unlocked, people and awards come and go. A model that imports
nothing of the product (model.py) says which signatures, marks and unlockings are allowed; what is refused must change
nothing, what is done must stand in the ledger; the invariants are in invariants.py.

CI walks the histories below from fixed seeds. For a longer walk, from another seed, say for how many seconds:

    HISTORIES_SECONDS=600 HISTORIES_SEED=7 .venv/bin/python -m pytest -s --timeout 0 tests/signoff/histories

A history that fails is told step by step, after every step that does not matter to it has been left out.
"""

import os
import sys
import time
from collections.abc import Iterator
from random import Random

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.signoff.histories.model import LINES
from tests.signoff.histories.walking import HistoryFailed, Number, Tally, shortest, walk
from tests.signoff.histories.world import Scene, make_scene

# How many histories, and of how many steps; up to so many more long ones while something was seldom tried.
SHORT, LONG, MORE = (24, 25), (10, 90), 15
# A walk that never gets so far, or never tries what is forbidden, proves nothing.
LET_THROUGH, REFUSED = 2, 1
KINDS = {
    "accept", "access of an EV", "add evidence", "add witness", "approval", "authenticate", "award", "change a name",
    "change claims", "claim", "confirm", "disown testimony", "draw as ev", "draw as iv", "hand over",
    "move a registration", "name a change", "offer", "reassign a registration", "reassign a unit", "replace evidence",
    "return", "role", "take back a sample", "take back a waiver", "testify", "unlock as assessor",
    "unlock as coordinator", "waive", "withdraw evidence", *(f"sign as {line}" for line in LINES),
}  # fmt: skip
# What comes up only where something rare went before it: these at least once, drawing anew as an IV whenever it does.
RARE = {"draw anew as ev", "hand over, unlocking", "take back a sample as coordinator"}
RAREST = {"draw anew as iv"}
# Somebody else draws and unlocks in vain, and nobody of the centre becomes its EV.
IN_VAIN = {"draw as somebody else", "make an EV of one's own", "unlock as somebody else"}


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    """Made once for all histories, and undone after the last."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_scene()
        transaction.set_rollback(True)


def histories() -> Iterator[list[Number]]:
    """The fixed ones, or new ones until the time is up."""
    if seconds := float(os.environ.get("HISTORIES_SECONDS", 0)):
        rnd, until = Random(os.environ.get("HISTORIES_SEED", "")), time.monotonic() + seconds
        while time.monotonic() < until:
            yield history(rnd, rnd.choice([SHORT[1], LONG[1]]))
        return
    for number, steps in (SHORT, LONG):
        for place in range(number):
            yield history(Random(f"{steps} steps, {place}"), steps)


def history(rnd: Random, steps: int) -> list[Number]:
    return [rnd.getrandbits(48) for _ in range(steps)]


@pytest.mark.timeout(0)
def test_random_histories(db: None, scene: Scene) -> None:
    tally = Tally()
    for numbers in histories():
        walk_or_tell(scene, numbers, tally)
    for place in range(MORE):
        if not seldom(tally) or "HISTORIES_SECONDS" in os.environ:
            break
        walk_or_tell(scene, history(Random(f"more, {place}"), LONG[1]), tally)
    sys.stdout.write(f"\n{tally}\n")
    # How often each kind comes up is fixed with the seeds, and left to chance in a walk of one's own.
    assert not seldom(tally) or "HISTORIES_SECONDS" in os.environ, tally
    assert tally.kinds <= KINDS | RARE | RAREST | IN_VAIN
    assert not any(tally.accepted[kind] for kind in IN_VAIN)


def seldom(tally: Tally) -> set[str]:
    """The kinds of steps that were too seldom let through, or too seldom refused."""
    rarely_done = {kind for kind in KINDS if tally.accepted[kind] < LET_THROUGH}
    never_done = {kind for kind in RARE if not tally.accepted[kind]}
    return rarely_done | never_done | {kind for kind in KINDS | IN_VAIN if tally.refused[kind] < REFUSED}


def walk_or_tell(scene: Scene, numbers: list[Number], tally: Tally) -> None:
    """Walk it; what fails is told by the shortest way to a failure."""
    try:
        walk(scene, numbers, tally)
    except HistoryFailed:
        walk(scene, shortest(scene, numbers), Tally())
        raise
