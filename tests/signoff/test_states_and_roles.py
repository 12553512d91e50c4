"""Every state of a unit record × each thing that is done to it × every kind of person, in literal tables.

Who may is written down here by hand; the checks that page and action share must say the same, and give a reason where
they refuse (Q6, R31, R33, R34, R40-R42, R48, Q25).
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from centres.models import AccessGrant, ScopeKind
from registrations.models import RecordState, UnitRecord
from signoff.contents import RECORD_RELATIONS, contents_of_record
from signoff.models import SamplingMark, Slot
from signoff.permissions import check_may_sign, check_may_unlock
from signoff.sampling import check_may_mark, check_may_withdraw_mark
from tests.evidence.builders import make_world, today
from tests.signoff.builders import REACH

PEOPLE = (
    "candidate", "other_candidate", "trainee_candidate", "assessor", "other_assessor", "trainee", "countersigner",
    "iv", "other_iv", "ev", "expired_ev", "coordinator", "foreign_assessor", "foreign_candidate", "foreign_coordinator",
    "foreign_iv",
)  # fmt: skip
UNSIGNED, SIGNED = RecordState.OPEN, RecordState.CANDIDATE_SIGNED
AWAITING, COMPLETE = RecordState.AWAITING_COUNTERSIGNATURE, RecordState.COMPLETE
AWAITING_IV, VERIFIED = RecordState.AWAITING_IV_COUNTERSIGNATURE, RecordState.VERIFIED
EXTERNAL = RecordState.EXTERNALLY_VERIFIED

# In each state, drawn by IV and EV: who may sign which line. All other pairs are refused. The record that awaits its
# countersignature is the trainee's. In AWAITING_IV the only IV who is approved is the one whose award was struck out.
MAY_SIGN: dict[str, set[tuple[str, str]]] = {
    UNSIGNED: {("candidate", Slot.CANDIDATE)},
    SIGNED: {("assessor", Slot.ASSESSOR)},
    AWAITING: {
        ("countersigner", Slot.ASSESSOR_COUNTERSIGNATURE),
        ("assessor", Slot.ASSESSOR_COUNTERSIGNATURE),
    },
    COMPLETE: {("iv", Slot.IV)},
    AWAITING_IV: set(),
    VERIFIED: {("ev", Slot.EV)},
    EXTERNAL: set(),
}
# Nothing is drawn: the same, but for verifiers.
MAY_SIGN_UNDRAWN = {state: {pair for pair in pairs if pair[0] not in ("iv", "ev")} for state, pairs in MAY_SIGN.items()}
MAY_DRAW = {state: set() if state == EXTERNAL else {"iv", "ev"} for state in RecordState}
MAY_UNLOCK: dict[str, set[str]] = {
    UNSIGNED: set(),
    SIGNED: {"assessor", "coordinator"},
    AWAITING: {"trainee", "coordinator"},
    COMPLETE: {"assessor", "coordinator"},
    AWAITING_IV: {"coordinator"},
    VERIFIED: {"coordinator"},
    EXTERNAL: {"coordinator"},
}


class Scene:
    """One world for each state, with the record in it: as it was reached, and drawn by both verifiers."""

    def __init__(self, state: str) -> None:
        self.world = make_world()
        self.record = REACH[state](self.world)
        self.state = state
        if self.record.registration_id != self.world.registration.pk:
            AccessGrant.objects.filter(person=self.world.ev.person).update(scope_id=self.record.registration_id)

    def draw(self) -> None:
        """Both verifiers have drawn the record, whatever has been drawn before."""
        for seat in (self.world.iv, self.world.ev):
            mark = {"record": self.record, "capacity": seat.role, "withdrawn_at": None}
            if not SamplingMark.objects.filter(**mark).exists():
                SamplingMark.objects.create(**mark, verifier=seat.person, marked_by=seat.person, reason="Ten per cent")
        grant = {"person": self.world.ev.person, "scope_kind": ScopeKind.UNIT_RECORD, "scope_id": self.record.pk}
        if not AccessGrant.objects.filter(**grant).exists():
            AccessGrant.objects.create(
                **grant, centre=self.world.centre, starts_on=today(), ends_on=today(), reason="Visit",
                granted_by=self.world.coordinator.person,
            )  # fmt: skip

    def refusal(self, check: Any, who: str, **more: Any) -> str:
        """Why the check refuses this person; "" where it does not."""
        record = UnitRecord.objects.select_related(*RECORD_RELATIONS).get(pk=self.record.pk)
        try:
            check(contents=contents_of_record(record), by=getattr(self.world, who), **more)
        except (PermissionDenied, ValidationError) as refused:
            return " ".join(getattr(refused, "messages", [str(refused)]))
        return ""


@pytest.fixture(scope="module", params=list(RecordState), ids=str)
def scene(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield Scene(request.param)
        transaction.set_rollback(True)


def walk(scene: Scene, check: Any, allowed: set[Any], who: str, key: Any, **more: Any) -> None:
    reason = scene.refusal(check, who, **more)
    assert (reason == "") is (key in allowed), f"{scene.state}: {who} {more}: {reason or 'allowed'}"
    assert not reason or reason.rstrip().endswith((".", "?")), reason


@pytest.mark.parametrize(("who", "slot"), list(product(PEOPLE, Slot)))
def test_who_signs_which_line_where_both_verifiers_have_drawn(db: None, scene: Scene, who: str, slot: Slot) -> None:
    scene.draw()
    walk(scene, check_may_sign, MAY_SIGN[scene.state], who, (who, slot), slot=slot)


@pytest.mark.parametrize(("who", "slot"), list(product(PEOPLE, Slot)))
def test_who_signs_which_line_where_nobody_has_drawn(db: None, scene: Scene, who: str, slot: Slot) -> None:
    SamplingMark.objects.filter(record=scene.record).delete()
    walk(scene, check_may_sign, MAY_SIGN_UNDRAWN[scene.state], who, (who, slot), slot=slot)


@pytest.mark.parametrize("who", PEOPLE)
def test_who_draws(db: None, scene: Scene, who: str) -> None:
    SamplingMark.objects.filter(record=scene.record).delete()
    walk(scene, check_may_mark, MAY_DRAW[scene.state], who, who)


@pytest.mark.parametrize("who", PEOPLE)
def test_who_takes_a_sample_back(db: None, scene: Scene, who: str) -> None:
    """Before it is signed for."""
    scene.draw()
    signed_for = {
        "iv": scene.state in (AWAITING_IV, VERIFIED, EXTERNAL),
        "ev": scene.state == EXTERNAL,
    }
    walk(scene, check_may_withdraw_mark, {name for name, is_done in signed_for.items() if not is_done}, who, who)


@pytest.mark.parametrize("who", PEOPLE)
def test_who_unlocks(db: None, scene: Scene, who: str) -> None:
    walk(scene, check_may_unlock, MAY_UNLOCK[scene.state], who, who)
