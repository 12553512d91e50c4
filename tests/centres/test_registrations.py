"""Rules of a registration, its moves, and who may read it."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from centres.authority.actions import give_approvals
from centres.models import Capacity, Role, ScopeKind
from centres.people import actions as people
from centres.permissions import why_not
from registrations import actions
from registrations.access import actions as access
from registrations.models import Registration, RegistrationStatus
from registrations.permissions import check_registration_open
from registrations.queries import registrations_for
from registrations.states import ENDED, REGISTRATION_MOVES, move_between, moves_from

from .builders import College, ago, approve, facts, join, register, today

REFUSED: dict[str, tuple[Callable[[College], dict[str, Any]], str, str]] = {
    "number in use": (lambda c: {"number": register(c).number, "candidate": _newcomer(c)}, "number", "is in use"),
    "no number": (lambda c: {"number": " "}, "number", "cannot be blank"),
    "no employer": (lambda c: {"employer": ""}, "employer", "cannot be blank"),
    "no site": (lambda c: {"site": ""}, "site", "cannot be blank"),
    "registered in the future": (
        lambda c: {"started_on": today() + timedelta(days=1)}, "started_on", "in the future",
    ),
    "ends when it starts": (lambda c: {"expected_end_on": ago(100)}, "expected_end_on", "must come after"),
    "ends before it starts": (lambda c: {"expected_end_on": ago(101)}, "expected_end_on", "must come after"),
    "not a candidate": (lambda c: {"candidate": c.ev.person}, "candidate", "is not a candidate here"),
    "another centre's candidate": (
        lambda c: {"candidate": c.stranger_candidate.person}, "candidate", "is not a candidate here",
    ),
    "own assessor": (lambda c: {"assessor": c.candidate.person}, "assessor", "their own assessor"),
    "own IV": (lambda c: {"iv": c.candidate.person}, "iv", "their own internal verifier"),
    "one person assesses and verifies": (lambda c: {"iv": c.assessor.person}, "iv", "Nobody verifies their own"),
    "not an assessor": (lambda c: {"assessor": c.ev.person}, "assessor", "is not an assessor"),
    "not an IV": (lambda c: {"iv": c.ev.person}, "iv", "is not an internal verifier"),
    "assessor not approved": (
        lambda c: {"assessor": c.other_assessor.person}, "assessor", "not approved to assess units 304, A14 on",
    ),
    "no units": (lambda c: {"units": []}, "units", "at least one unit"),
    "unit of another qualification": (lambda c: {"units": c.units}, "units", "does not have B5"),
    "registered already": (
        lambda c: {"candidate": register(c).candidate}, "qualification", "is registered for NVQ in Customer Service",
    ),
}  # fmt: skip


def _newcomer(college: College) -> Any:
    return join(college.coordinator, Role.CANDIDATE, "Nina Newcomer").person


@pytest.mark.parametrize("case", REFUSED)
def test_registrations_refused(college: College, case: str) -> None:
    change, field, message = REFUSED[case]
    changed = change(college)
    before = Registration.objects.count()
    with pytest.raises(ValidationError) as refusal:
        register(college, **changed)
    assert message in " ".join(refusal.value.message_dict[field])
    assert Registration.objects.count() == before


def test_every_refusal_is_told_at_once(college: College) -> None:
    with pytest.raises(ValidationError) as refusal:
        register(college, number="", employer="", iv=college.ev.person, started_on=today() + timedelta(days=1))
    assert set(refusal.value.message_dict) == {"number", "employer", "iv", "started_on"}


def test_registration_is_made(college: College) -> None:
    registration = register(college, number="  R  77 ", expected_end_on=None, started_on=today())
    assert registration.number == "R 77"
    assert registration.is_open
    assert registration.centre == college.centre


def test_same_number_at_another_centre_is_no_clash(college: College) -> None:
    register(college, number="R1")
    stranger = college.stranger
    assessor, iv = join(stranger, Role.ASSESSOR, "Ada Away"), join(stranger, Role.IV, "Ian Away")

    for seat, capacity in ((assessor, Capacity.ASSESSOR), (iv, Capacity.IV)):
        give_approvals(person=seat.person, units=college.units[:2], capacity=capacity, starts_on=today(), by=stranger)
    registration = register(
        college,
        number="R1",
        candidate=college.stranger_candidate.person,
        assessor=assessor.person,
        iv=iv.person,
        by=stranger,
    )
    assert registration.centre == stranger.centre


@pytest.mark.parametrize("who", ["candidate", "assessor", "iv", "ev", "stranger"])
def test_only_the_coordinator_registers_and_changes(college: College, who: str) -> None:
    registration, by = register(college), getattr(college, who)
    if who != "stranger":
        with pytest.raises(PermissionDenied):
            register(college, candidate=_newcomer(college), by=by)
    with pytest.raises(PermissionDenied):
        actions.change_status(registration=registration, revision=1, status="suspended", on=today(), why="x", by=by)
    with pytest.raises(PermissionDenied):
        change(registration, by=by)
    with pytest.raises(PermissionDenied):
        reassign(college, registration, by=by)


def change(registration: Registration, **changed: Any) -> Registration:
    values: dict[str, Any] = {
        "registration": registration,
        "revision": registration.revision,
        "number": registration.number,
        "employer": registration.employer,
        "site": registration.site,
        "started_on": registration.started_on,
        "expected_end_on": registration.expected_end_on,
    }
    return actions.change_registration(**values | changed)


def reassign(college: College, registration: Registration, **changed: Any) -> Registration:
    values: dict[str, Any] = {
        "registration": registration,
        "revision": registration.revision,
        "assessor": college.other_assessor.person,
        "iv": college.iv.person,
        "units": college.units[:2],
        "why": "Anna is on leave",
        "by": college.coordinator,
    }
    return actions.reassign(**values | changed)


@pytest.mark.engine("order")
def test_change_counts_revisions_and_a_stale_form_is_refused(college: College) -> None:
    registration = register(college)
    changed = change(registration, site="Market Square", by=college.coordinator)
    assert (changed.site, changed.revision) == ("Market Square", 2)
    with pytest.raises(ValidationError, match="changed meanwhile by Cora Coordinator"):
        change(registration, site="Elsewhere", by=college.coordinator)
    assert change(changed, by=college.coordinator).revision == 2  # Nothing differs.
    other = register(college, candidate=_newcomer(college))
    with pytest.raises(ValidationError, match="is in use already"):
        change(changed, number=other.number, by=college.coordinator)


def test_reassigning(college: College) -> None:
    registration = register(college)
    with pytest.raises(ValidationError, match="not approved to assess"):
        reassign(college, registration)
    approve(college, college.other_assessor, Capacity.ASSESSOR)
    with pytest.raises(ValidationError, match="Say why"):
        reassign(college, registration, why="")
    with pytest.raises(ValidationError, match="Nobody has been changed"):
        reassign(college, registration, assessor=college.assessor.person)
    with pytest.raises(ValidationError, match="their own assessor"):
        reassign(college, registration, assessor=college.candidate.person)
    handed_over = reassign(college, registration)
    assert (handed_over.assessor, handed_over.revision) == (college.other_assessor.person, 2)
    with pytest.raises(ValidationError, match="changed meanwhile"):
        reassign(college, registration, assessor=college.assessor.person)


def test_handing_over_does_not_ask_for_approval_of_whoever_stays(college: College) -> None:
    """An IV whose role has ended does not stand in the way of a new assessor."""
    registration = register(college)
    approve(college, college.other_assessor, Capacity.ASSESSOR)
    people.end_role(membership=college.iv, by=college.coordinator)
    assert reassign(college, registration).assessor == college.other_assessor.person


# --- Moves -----------------------------------------------------------------------------------------------------------

EXPECTED_MOVES = {
    ("active", "suspended"), ("suspended", "active"), ("active", "withdrawn"), ("suspended", "withdrawn"),
    ("active", "completed"), ("completed", "certificated"), ("completed", "active"),
}  # fmt: skip
WAY_TO = {
    "active": [], "suspended": ["suspended"], "withdrawn": ["withdrawn"], "completed": ["completed"],
    "certificated": ["completed", "certificated"],
}  # fmt: skip


def move(college: College, registration: Registration, status: str, **changed: Any) -> Registration:
    values: dict[str, Any] = {
        "registration": registration,
        "revision": registration.revision,
        "status": status,
        "on": today(),
        "why": "Maternity leave",
        "by": college.coordinator,
    }
    return actions.change_status(**values | changed)


def in_status(college: College, status: str) -> Registration:
    registration = register(college)
    for step in WAY_TO[status]:
        registration = move(college, registration, step)
    assert registration.status == status
    return registration


@pytest.mark.parametrize(("source", "target"), list(product(RegistrationStatus.values, repeat=2)))
def test_every_pair_of_statuses(college: College, source: str, target: str) -> None:
    registration = in_status(college, source)
    if (source, target) in EXPECTED_MOVES:
        moved = move(college, registration, target)
        assert moved.status == target
        assert (moved.ended_on is not None) is (target in ENDED)
    else:
        with pytest.raises(ValidationError, match="cannot become"):
            move(college, registration, target)
        assert Registration.objects.get(pk=registration.pk).status == source


def test_the_table_is_the_expected_one() -> None:
    assert {(move.source, move.target) for move in REGISTRATION_MOVES} == EXPECTED_MOVES
    assert {move.target for move in moves_from("active")} == {"suspended", "withdrawn", "completed"}
    assert move_between("withdrawn", "active") is None


@pytest.mark.parametrize(
    ("status", "changed", "field"),
    [
        ("suspended", {"why": " "}, "why"),
        ("withdrawn", {"why": ""}, "why"),
        ("completed", {"on": today() + timedelta(days=1)}, "on"),
        ("completed", {"on": ago(101)}, "on"),
        ("nonsense", {}, "status"),
    ],
)
def test_moves_refused(college: College, status: str, changed: dict[str, Any], field: str) -> None:
    registration = register(college)
    with pytest.raises(ValidationError) as refusal:
        move(college, registration, status, **changed)
    assert set(refusal.value.message_dict) == {field}


def test_resuming_after_completion_needs_a_reason_and_no_newer_registration(college: College) -> None:
    """R48: what a verifier finds after completion can still be mended."""
    registration = move(college, register(college), "completed", why="")
    with pytest.raises(ValidationError) as refusal:
        move(college, registration, "active", why="")
    assert set(refusal.value.message_dict) == {"why"}
    register(college, number="R-second")
    with pytest.raises(ValidationError, match=r"has been registered for .* again"):
        move(college, registration, "active")
    assert Registration.objects.get(pk=registration.pk).status == "completed"


def test_certificate_is_not_dated_before_completion(college: College) -> None:
    registration = move(college, register(college), "completed", on=ago(5), why="")
    with pytest.raises(ValidationError, match="before the completion"):
        move(college, registration, "certificated", on=ago(6))
    assert move(college, registration, "certificated", on=ago(5)).ended_on == ago(5)


@pytest.mark.parametrize("status", RegistrationStatus.values)
def test_what_may_be_written_in_each_status(college: College, status: str) -> None:
    """Work goes on while it is active; facts may be mended until it has ended."""
    registration = in_status(college, status)
    assert bool(why_not(check_registration_open, registration)) is (status != "active")
    approve(college, college.other_assessor, Capacity.ASSESSOR)
    if status in ENDED:
        with pytest.raises(ValidationError, match="no longer changed"):
            change(registration, site="Elsewhere", by=college.coordinator)
        with pytest.raises(ValidationError, match="no longer changed"):
            reassign(college, registration)
    else:
        registration = change(registration, site="Elsewhere", by=college.coordinator)
        reassign(college, registration)


def test_registering_again_after_a_withdrawal(college: College) -> None:
    move(college, register(college), "withdrawn")
    assert register(college).is_open


# --- Who reads it ----------------------------------------------------------------------------------------------------


def test_who_reads_a_registration(college: College) -> None:
    """R64: candidate their own, assessor and IV theirs, coordinator the centre's, EV what is open to them."""
    registration = register(college)
    other = register(college, candidate=_newcomer(college))
    elsewhere = college.stranger
    readers = {
        college.candidate: {registration},
        college.assessor: {registration, other},
        college.other_assessor: set(),
        college.iv: {registration, other},
        college.coordinator: {registration, other},
        college.ev: set(),
        elsewhere: set(),
    }
    for seat, expected in readers.items():
        assert set(registrations_for(seat)) == expected, seat
    access.grant_access(
        person=college.ev.person,
        scope_kind=ScopeKind.REGISTRATION,
        scope_id=registration.pk,
        starts_on=today(),
        ends_on=today(),
        reason="Visit",
        by=college.coordinator,
    )
    assert set(registrations_for(college.ev)) == {registration}


def test_facts_are_complete(college: College) -> None:
    """The table of refusals starts from facts that are accepted."""
    assert actions.create_registration(**facts(college)).pk
