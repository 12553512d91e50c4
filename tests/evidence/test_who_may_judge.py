"""Who may judge, and who may authenticate a witness: nobody by accident (R23, R41, Q24)."""

from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assessment.judging.actions import Verdict, authenticate_witness, judge_claim
from centres.authority.actions import end_approval
from centres.models import Membership, Role, UnitApproval
from centres.people.actions import end_role
from evidence.models import ClaimState, Evidence
from ledger.events import EventType
from ledger.models import Event
from registrations.actions import change_status
from registrations.models import RegistrationStatus, UnitRecord
from signoff.handover.reassigning import reassign_unit
from tests.evidence.builders import (
    World,
    add_a_witness,
    add_offered_item,
    today,
)
from tests.evidence.decisions import judge_it, standing, version_of
from tests.signoff.builders import candidate_signed


@pytest.mark.parametrize("does", ["judge", "authenticate"])
def test_nobody_does_so_in_a_role_that_has_ended(world: World, does: str) -> None:
    """Authority is role, assignment and approval on the day (HOUSE decided 7)."""
    item, witness = add_offered_item(world, world.criteria[:1]), add_a_witness(world)
    before, seat = standing(), end_role(membership=world.assessor, by=world.coordinator)
    calls = {
        "judge": partial(judge_it, item, seat),
        "authenticate": partial(authenticate_witness, witness=witness, how="Rang the shop", by=seat),
    }
    with pytest.raises(PermissionDenied):
        calls[does]()
    assert standing()[:-1] == before[:-1]


# --- Who may judge ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who",
    [
        "candidate",
        "other_assessor",
        "countersigner",
        "trainee",
        "iv",
        "ev",
        "coordinator",
        "foreign_assessor",
        "foreign_coordinator",
    ],
)
def test_nobody_but_the_units_assessor_judges(world: World, who: str) -> None:
    """Isolation: each of them has a unit or a role of their own."""
    item = add_offered_item(world, world.criteria[:1])
    before = standing()
    with pytest.raises(PermissionDenied):
        judge_it(item, getattr(world, who))
    with pytest.raises(PermissionDenied):
        judge_claim(
            claim_id=item.claims.get().pk,
            version=version_of(item),
            verdict=Verdict(item.claims.get().pk, is_accepted=False, comment="No"),
            by=getattr(world, who),
        )
    assert standing() == before


def test_an_assessor_judges_the_units_given_to_them_and_no_longer_those_taken_away(world: World) -> None:
    """Q24."""
    item = add_offered_item(world, world.criteria[:1])
    reassign_unit(
        record_id=world.record.pk,
        own_assessor=world.countersigner.person,
        own_iv=None,
        why="Holiday",
        by=world.coordinator,
    )
    with pytest.raises(PermissionDenied, match="Connie Countersigner"):
        judge_it(item, world.assessor)
    judge_it(item, world.countersigner)
    assert item.claims.get().state == ClaimState.ACCEPTED


def test_an_approval_that_has_ended_ends_judging(world: World) -> None:
    """HOUSE decided 7."""
    item = add_offered_item(world, world.criteria[:1])
    approval = UnitApproval.objects.get(person=world.assessor.person, unit=world.unit)
    approval.starts_on = today().replace(year=today().year - 2)
    approval.save(update_fields=["starts_on"])
    end_approval(approval=approval, ends_on=today().replace(year=today().year - 1), by=world.coordinator)
    with pytest.raises(PermissionDenied, match="not approved"):
        judge_it(item, world.assessor)


def test_an_assessor_who_is_a_candidate_too_does_not_judge_their_own(world: World) -> None:
    """R23, R41: even where a row says that they assess themselves."""
    item = add_offered_item(world, world.criteria[:1])
    own_seat = Membership.objects.create(person=world.candidate.person, centre=world.centre, role=Role.ASSESSOR)
    UnitRecord.objects.filter(pk=world.record.pk).update(own_assessor=own_seat.person)
    with pytest.raises(PermissionDenied, match="their own"):
        judge_it(item, own_seat)


def test_a_suspended_registration_is_not_judged(world: World) -> None:
    """R66."""
    item = add_offered_item(world, world.criteria[:1])
    change_status(
        registration=world.registration,
        revision=world.registration.revision,
        status=RegistrationStatus.SUSPENDED,
        on=today(),
        why="Leave",
        by=world.coordinator,
    )
    with pytest.raises(ValidationError, match="suspended"):
        judge_it(item, world.assessor)


@pytest.mark.stage(reach=candidate_signed)
def test_nothing_is_judged_once_the_candidate_has_signed(world: World) -> None:
    item = Evidence.objects.get()
    before = standing()
    with pytest.raises(ValidationError, match="signed"):
        judge_it(item, world.assessor, is_accepted=False, comment="On second thoughts", confirmation=None)
    assert standing() == before


# --- Witnesses --------------------------------------------------------------------------------------------------------


def test_the_assessor_records_how_a_witness_was_authenticated(world: World) -> None:
    """R20a."""
    witness = add_a_witness(world)
    with pytest.raises(ValidationError):
        authenticate_witness(witness=witness, how="  ", by=world.assessor)
    authenticate_witness(witness=witness, how="Rang the shop’s main number", by=world.assessor)
    witness.refresh_from_db()
    assert witness.authenticated_by == world.assessor.person
    told = Event.objects.get(type=EventType.WITNESS_AUTHENTICATED)
    assert told.subject == f"witness:{witness.pk}"
    # Sent twice, it is recorded once; nobody writes over it.
    authenticate_witness(witness=witness, how="Rang the shop’s main number", by=world.assessor)
    with pytest.raises(ValidationError, match="Anna Assessor"):
        authenticate_witness(witness=witness, how="Something else", by=world.assessor)
    assert Event.objects.filter(type=EventType.WITNESS_AUTHENTICATED).count() == 1


@pytest.mark.parametrize(
    "who", ["candidate", "other_assessor", "countersigner", "iv", "coordinator", "foreign_assessor"]
)
def test_nobody_else_authenticates_a_witness(world: World, who: str) -> None:
    witness = add_a_witness(world)
    with pytest.raises(PermissionDenied):
        authenticate_witness(witness=witness, how="I know her", by=getattr(world, who))
