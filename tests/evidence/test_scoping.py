"""Who sees what (R64, Q24, Q25). Everybody has something of their own, so that "nothing" is no accident."""

from datetime import timedelta

import pytest
from django.db.models import QuerySet

from centres.authority.actions import record_award
from centres.models import AccessGrant, AwardKind, Role, ScopeKind
from evidence.items.actions import withdraw_evidence
from evidence.queries import evidence_files_for, evidence_for, witnesses_for
from registrations.access.actions import grant_access
from registrations.models import RecordState, UnitRecord
from registrations.queries import portfolios_for, records_for, records_listed_for
from signoff.handover.reassigning import reassign_unit
from tests.evidence.builders import (
    World,
    add_a_witness,
    add_item,
    add_offered_item,
    approve,
    join,
    portfolio_of,
    today,
)

# Whose unit record, portfolio, draft and offered item each seat sees: c the candidate's, o the other candidate's,
# t the trainee's candidate's, f the foreign candidate's. EVs list before drawing, so their lists differ.
RECORDS = {
    "candidate": "c",
    "other_candidate": "o",
    "trainee_candidate": "t",
    "assessor": "c",
    "other_assessor": "o",
    "trainee": "t",
    "countersigner": "",
    "iv": "ct",
    "other_iv": "o",
    "ev": "",
    "expired_ev": "",
    "coordinator": "cot",
    "foreign_coordinator": "f",
    "foreign_assessor": "f",
    "foreign_iv": "f",
    "foreign_candidate": "f",
}
LISTED = RECORDS | {"ev": "c"}
DRAFTS = {who: seen if who.endswith("candidate") else "" for who, seen in RECORDS.items()}


class Owned:
    """One of everything for four candidates, each row known by the letter of its owner."""

    def __init__(self, world: World) -> None:
        owners = {
            "c": (world.candidate, world.registration),
            "o": (world.other_candidate, world.other_registration),
            "t": (world.trainee_candidate, world.trainee_registration),
            "f": (world.foreign_candidate, world.foreign_registration),
        }
        self.records: dict[int, str] = {}
        self.portfolios: dict[int, str] = {}
        self.drafts: dict[int, str] = {}
        self.offered: dict[int, str] = {}
        self.witnesses: dict[int, str] = {}
        for letter, (seat, registration) in owners.items():
            record = registration.unit_records.get()
            self.records[record.pk] = letter
            self.portfolios[portfolio_of(seat).pk] = letter
            self.drafts[add_item(world, seat).pk] = letter
            witness = add_a_witness(world, seat)
            self.witnesses[witness.pk] = letter
            item = add_offered_item(world, seat=seat, record=record, methods=["WT"], witness=witness)
            self.offered[item.pk] = letter

    @staticmethod
    def letters(rows: QuerySet, owned: dict[int, str]) -> str:
        """The owners of those rows that are among the owned, each once (a join must not double a row)."""
        return "".join(sorted(owned[pk] for pk in rows.values_list("pk", flat=True) if pk in owned))


@pytest.fixture
def owned(world: World) -> Owned:
    return Owned(world)


def test_each_seat_sees_what_is_its_own_and_nothing_else(world: World, owned: Owned) -> None:
    for who, seen in RECORDS.items():
        seat = getattr(world, who)
        expected, listed = "".join(sorted(seen)), "".join(sorted(LISTED[who]))
        assert owned.letters(records_for(seat), owned.records) == expected, f"records of {who}"
        assert owned.letters(records_listed_for(seat), owned.records) == listed, f"list of {who}"
        assert owned.letters(portfolios_for(seat), owned.portfolios) == listed, f"portfolios of {who}"
        assert owned.letters(evidence_for(seat), owned.offered) == expected, f"offered evidence of {who}"
        assert owned.letters(evidence_for(seat), owned.drafts) == DRAFTS[who], f"drafts of {who}"
        assert owned.letters(witnesses_for(seat), owned.witnesses) == expected, f"witnesses of {who}"
        files = evidence_files_for(seat)
        of_offered = {file.version.evidence_id for file in files.select_related("version")} & set(owned.offered)
        assert "".join(sorted(owned.offered[pk] for pk in of_offered)) == expected, f"files of {who}"


def test_a_draft_that_was_withdrawn_stays_the_candidate_s_own(world: World) -> None:
    draft = add_item(world)
    offered = add_offered_item(world, world.criteria[:1])
    withdraw_evidence(evidence=draft, revision=1, why="Wrong", by=world.candidate)
    withdraw_evidence(evidence=offered, revision=offered.revision, why="Wrong", by=world.candidate)
    assert set(evidence_for(world.candidate)) == {draft, offered}
    assert set(evidence_for(world.assessor)) == {offered}
    assert set(evidence_for(world.coordinator)) == {offered}
    assert not evidence_for(world.iv).exists(), "nothing of it stands on a record any more"


def test_a_unit_with_an_assessor_of_its_own_opens_to_them_and_not_to_the_first(world: World) -> None:
    approve(world.coordinator, world.other_assessor, world.unit)
    item = add_offered_item(world, world.criteria[:1])
    reassign_unit(
        record_id=world.record.pk,
        own_assessor=world.other_assessor.person,
        own_iv=None,
        why="On leave",
        by=world.coordinator,
    )
    assert list(records_for(world.other_assessor).filter(portfolio=world.portfolio)) == [world.record]
    assert item in evidence_for(world.other_assessor)
    assert not records_for(world.assessor).exists()
    assert not evidence_for(world.assessor).exists()


def test_a_record_awaiting_a_countersignature_opens_to_whoever_could_give_it(world: World) -> None:
    item = add_offered_item(world, seat=world.trainee_candidate, record=world.trainee_registration.unit_records.get())
    record = world.trainee_registration.unit_records
    record.update(state=RecordState.AWAITING_COUNTERSIGNATURE)
    assert set(evidence_for(world.countersigner)) == {item}
    assert set(records_for(world.countersigner)) == set(record.all())
    assert not records_for(world.other_assessor).filter(pk__in=record.values("pk")).exists(), "not approved for 304"
    record.update(state=RecordState.OPEN)
    assert not evidence_for(world.countersigner).exists()


def test_a_record_awaiting_a_countersignature_stays_shut_to_who_is_not_qualified(world: World) -> None:
    """R33, R64: approved for the unit, yet without an award on the register they could not give it."""
    item = add_offered_item(world, seat=world.trainee_candidate, record=world.trainee_registration.unit_records.get())
    world.trainee_registration.unit_records.update(state=RecordState.AWAITING_COUNTERSIGNATURE)
    another_trainee = approve(world.coordinator, join(world.coordinator, Role.ASSESSOR, "Tom Trainee"), world.unit)
    assert not records_for(another_trainee).exists()
    assert not evidence_for(another_trainee).exists()
    record_award(person=another_trainee.person, kind=AwardKind.A1, number="1", awarded_on=today(), by=world.coordinator)
    assert set(evidence_for(another_trainee)) == {item}


def test_a_record_awaiting_an_iv_s_countersignature_opens_to_approved_ivs(world: World) -> None:
    UnitRecord.objects.filter(pk=world.record.pk).update(
        state=RecordState.AWAITING_IV_COUNTERSIGNATURE, completed_at=world.record.opened_at
    )
    assert world.record not in records_for(world.other_iv)
    approve(world.coordinator, world.other_iv, world.unit)
    assert world.record in records_for(world.other_iv)
    assert world.record not in records_for(world.countersigner), "an assessor countersigns no IV"


def test_a_candidate_who_is_assessor_too_does_not_countersign_their_own_record(world: World) -> None:
    seat = world.countersigner
    seat.person = world.trainee_candidate.person
    approve(world.coordinator, seat, world.unit)
    world.trainee_registration.unit_records.update(state=RecordState.AWAITING_COUNTERSIGNATURE)
    assert not records_for(seat).exists()


def test_an_ev_opens_what_was_drawn_until_the_grant_ends(world: World, owned: Owned) -> None:
    drawn = grant_access(
        person=world.ev.person,
        scope_kind=ScopeKind.UNIT_RECORD,
        scope_id=world.record.pk,
        starts_on=today(),
        ends_on=today() + timedelta(days=5),
        reason="Sampled",
        by=world.ev,
    )
    assert list(records_for(world.ev)) == [world.record]
    assert owned.letters(evidence_for(world.ev), owned.offered) == "c"
    assert owned.letters(evidence_for(world.ev), owned.drafts) == ""
    AccessGrant.objects.filter(pk=drawn.pk).update(
        starts_on=today() - timedelta(days=9), ends_on=today() - timedelta(days=1)
    )
    assert not records_for(world.ev).exists()
    assert not evidence_files_for(world.ev).exists()
    assert list(records_listed_for(world.ev)) == [world.record], "the registration is still open to them"


def test_a_grant_at_one_centre_opens_nothing_at_another(world: World, owned: Owned) -> None:
    """The same person may be EV at two centres; each seat keeps to its own."""
    AccessGrant.objects.create(
        person=world.ev.person,
        centre=world.foreign_centre,
        scope_kind=ScopeKind.UNIT_RECORD,
        scope_id=world.foreign_registration.unit_records.get().pk,
        starts_on=today(),
        ends_on=today(),
        reason="Visit",
        granted_by=world.foreign_coordinator.person,
    )
    assert not records_for(world.ev).exists()
