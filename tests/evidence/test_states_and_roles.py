"""Every state of evidence and of claims × each thing that is done to them × every kind of person (R23, R41, Q22)."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from assessment.judging.actions import Verdict, judge_item
from centres.models import Membership
from evidence.claims.actions import update_claims
from evidence.items.actions import change_evidence, offer_evidence, withdraw_evidence
from evidence.models import Claim, ClaimState, Evidence, EvidenceState
from ledger.models import Event
from tests.evidence.builders import add_item, add_offered_item, claim, hand_in, make_world, words
from tests.evidence.decisions import CONFIRMED, judge_it

PEOPLE = (
    "candidate", "other_candidate", "trainee_candidate", "assessor", "other_assessor", "trainee", "countersigner",
    "iv", "other_iv", "ev", "expired_ev", "coordinator", "foreign_assessor", "foreign_candidate", "foreign_coordinator",
    "foreign_iv",
)  # fmt: skip


class Scene:
    """An item in each state, and an item whose only claim is in each state; all of them of the world's candidate."""

    def __init__(self) -> None:
        self.world = world = make_world()
        cells = iter(world.criteria)
        draft = add_item(world)
        claim(world, draft, [next(cells)])
        offered = add_offered_item(world, [next(cells)])
        withdrawn = add_offered_item(world, [next(cells)])
        withdraw(self.fresh(withdrawn.pk), world.candidate)
        self.items = {
            EvidenceState.DRAFT: draft.pk,
            EvidenceState.OFFERED: offered.pk,
            EvidenceState.WITHDRAWN: withdrawn.pk,
        }
        undecided, accepted, returned, dropped = (add_offered_item(world, [next(cells)]) for _ in ClaimState)
        judge_it(accepted, world.assessor)
        judge_it(returned, world.assessor, is_accepted=False, comment="Which customer?", confirmation=None)
        drop(self.fresh(dropped.pk), world.candidate)
        self.claimed = {
            ClaimState.UNDECIDED: undecided.pk,
            ClaimState.ACCEPTED: accepted.pk,
            ClaimState.RETURNED: returned.pk,
            ClaimState.WITHDRAWN: dropped.pk,
        }

    def fresh(self, pk: int) -> Evidence:
        return Evidence.objects.select_related("current_version").get(pk=pk)

    def attempt(self, act: Callable[[Evidence, Membership], object], pk: int, who: str) -> bool:
        """Whether it was done; whatever was done is undone, and what was refused has told the ledger nothing."""
        before = Event.objects.count()
        with transaction.atomic():
            try:
                act(self.fresh(pk), getattr(self.world, who))
            except (PermissionDenied, ValidationError):
                assert Event.objects.count() == before
                return False
            done = Event.objects.count() > before
            transaction.set_rollback(True)
        return done


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield Scene()
        transaction.set_rollback(True)


# --- Evidence ---------------------------------------------------------------------------------------------------------


def offer(item: Evidence, by: Membership) -> object:
    return offer_evidence(evidence=item, revision=item.revision, by=by)


def change(item: Evidence, by: Membership) -> object:
    return change_evidence(
        evidence=item,
        revision=item.revision,
        why="No date",
        files=[hand_in(by)],
        by=by,
        **words(title="Another title"),
    )


def withdraw(item: Evidence, by: Membership) -> object:
    return withdraw_evidence(evidence=item, revision=item.revision, why="The wrong one", by=by)


# Each is the candidate's alone; an offered item that is changed gets a new version (Q22).
OF_EVIDENCE: dict[Callable[[Evidence, Membership], object], set[str]] = {
    offer: {EvidenceState.DRAFT},
    change: {EvidenceState.DRAFT, EvidenceState.OFFERED},
    withdraw: {EvidenceState.DRAFT, EvidenceState.OFFERED},
}


@pytest.mark.parametrize(
    ("act", "state", "who"),
    list(product(OF_EVIDENCE, EvidenceState, PEOPLE)),
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_who_does_what_to_evidence_in_each_state(
    db: None, scene: Scene, act: Callable[[Evidence, Membership], object], state: str, who: str
) -> None:
    allowed = who == "candidate" and state in OF_EVIDENCE[act]
    assert scene.attempt(act, scene.items[EvidenceState(state)], who) is allowed


# --- Claims -----------------------------------------------------------------------------------------------------------


def accept(item: Evidence, by: Membership) -> object:
    return decide(item, by, is_accepted=True)


def send_back(item: Evidence, by: Membership) -> object:
    return decide(item, by, is_accepted=False)


def decide(item: Evidence, by: Membership, *, is_accepted: bool) -> object:
    verdicts = [
        Verdict(one.pk, is_accepted, "" if is_accepted else "Which one?") for one in Claim.objects.filter(evidence=item)
    ]
    version = item.current_version
    return judge_item(evidence=item, version=version, verdicts=verdicts, confirmation=CONFIRMED, by=by)


def drop(item: Evidence, by: Membership) -> object:
    return update_claims(evidence=item, revision=item.revision, wanted=[], by=by)


# An assessor may think again until the record is signed; an accepted claim goes only with its whole item (Q22a).
OF_CLAIMS: dict[Callable[[Evidence, Membership], object], tuple[str, set[str]]] = {
    accept: ("assessor", {ClaimState.UNDECIDED, ClaimState.RETURNED}),
    send_back: ("assessor", {ClaimState.UNDECIDED, ClaimState.ACCEPTED, ClaimState.RETURNED}),
    drop: ("candidate", {ClaimState.UNDECIDED, ClaimState.RETURNED}),
}


@pytest.mark.parametrize(
    ("act", "state", "who"),
    list(product(OF_CLAIMS, ClaimState, PEOPLE)),
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_who_does_what_to_a_claim_in_each_state(
    db: None, scene: Scene, act: Callable[[Evidence, Membership], object], state: str, who: str
) -> None:
    owner, states = OF_CLAIMS[act]
    assert scene.attempt(act, scene.claimed[ClaimState(state)], who) is (who == owner and state in states)
