"""What the ledger tells of rows that no snapshot holds: changed, taken out or put in by SQL, they are found and named.

Who decided before, why, and with what authority (R30, R35, R48, R66). The table says for each column what `verify` must
say; what nobody is told of is listed with the reason. A column that a later change adds must be entered in one of them.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, models, transaction

from centres.actions.authority import end_approval, record_award, strike_out_award
from centres.actions.cases import add_case_step, close_case, open_case
from centres.actions.people import end_role
from centres.models import (
    Award,
    AwardKind,
    Capacity,
    Case,
    CaseKind,
    CaseStep,
    Membership,
    Registration,
    RegistrationStatus,
    Role,
    UnitApproval,
    User,
)
from evidence.actions.enrolment import change_status
from evidence.actions.judging import authenticate_witness
from evidence.models import Evidence, Judgement, MethodRecord, SeenAtWork, UnitRecord, Witness
from files.models import Blob
from ledger.actions import dispose_note
from ledger.models import Event
from signoff.actions import mark_sample, unlock, withdraw_sample
from signoff.models import SamplingMark, Slot, Unlocking
from signoff.tellings import OF_CENTRES, OF_PORTFOLIOS
from signoff.verify import faults
from tests.evidence.builders import (
    add_a_witness,
    add_offered_item,
    approve,
    claim,
    hand_in,
    join,
    jpeg,
    make_world,
    register,
    today,
)
from tests.evidence.signed_records import note, see
from tests.evidence.signed_records import sign as sign_observation
from tests.signoff.builders import judge, ready, sign_line
from tests.signoff.test_tampering import undone, write

OTHERWISE = "the ledger tells otherwise of it"
WORDS = "its words are not those that the ledger keeps"
NOT_TOLD = "the ledger does not tell of it"
GONE = "the ledger tells of it, and it is gone"
# Which column of which kind of row is changed into what, and what is said of it.
type Change = tuple[type[models.Model], str, Any, str]

CHANGES: list[Change] = [
    (Registration, "centre", "other centre", OTHERWISE),
    (Registration, "candidate", "other person", OTHERWISE),
    (Registration, "qualification", "other qualification", OTHERWISE),
    (Registration, "assessor", "other person", OTHERWISE),
    (Registration, "iv", "other person", OTHERWISE),
    (Registration, "status", RegistrationStatus.COMPLETED, OTHERWISE),
    (Registration, "ended_on", timedelta(days=-9), OTHERWISE),
    (UnitRecord, "registration", "other registration", OTHERWISE),
    (UnitRecord, "portfolio", "other portfolio", GONE),
    (UnitRecord, "unit", "other unit", OTHERWISE),
    (UnitRecord, "own_assessor", "other person", NOT_TOLD),
    (UnitRecord, "own_iv", "other person", NOT_TOLD),
    (Judgement, "claim", "other claim", OTHERWISE),
    (Judgement, "version", "other version", OTHERWISE),
    (Judgement, "is_accepted", True, OTHERWISE),
    (Judgement, "comment", "All is well.", WORDS),
    (Judgement, "judged_by", "other person", OTHERWISE),
    (MethodRecord, "version", "other version", OTHERWISE),
    (MethodRecord, "kind", "questioning", OTHERWISE),
    (MethodRecord, "body", {"where": "Elsewhere"}, OTHERWISE),
    (MethodRecord, "author", "other person", OTHERWISE),
    (MethodRecord, "signed_name", "Somebody Else", OTHERWISE),
    (MethodRecord, "signed_at", timedelta(hours=-1), OTHERWISE),
    (MethodRecord, "digest", "0" * 64, OTHERWISE),
    (MethodRecord, "corrects", "other method record", OTHERWISE),
    (SeenAtWork, "version", "other version", GONE),
    (SeenAtWork, "seen_on", timedelta(days=-9), OTHERWISE),
    (SeenAtWork, "where", "The pub", WORDS),
    (SeenAtWork, "seen_by", "other person", OTHERWISE),
    (Witness, "portfolio", "other portfolio", GONE),
    (Witness, "name", "Somebody Else", WORDS),
    (Witness, "job_role", "Chairman", WORDS),
    (Witness, "relationship", "My uncle", WORDS),
    (Witness, "contact", "other@example.org", WORDS),
    (Witness, "is_expert", True, WORDS),
    (Witness, "authenticated_how", "Not at all", WORDS),
    (Witness, "authenticated_by", "other person", OTHERWISE),
    (SamplingMark, "record", "other record", GONE),
    (SamplingMark, "capacity", "ev", OTHERWISE),
    (SamplingMark, "verifier", "other person", OTHERWISE),
    (SamplingMark, "marked_by", "other person", OTHERWISE),
    (SamplingMark, "reason", "At random", WORDS),
    (SamplingMark, "withdrawn_at", "now", NOT_TOLD),
    (Unlocking, "record", "other record", GONE),
    (Unlocking, "unlocked_by", "other person", OTHERWISE),
    (Unlocking, "capacity", "coordinator", OTHERWISE),
    (Unlocking, "reason", "A slip", WORDS),
    (Award, "person", "other person", OTHERWISE),
    (Award, "kind", "V1", OTHERWISE),
    (Award, "number", "Z-9", WORDS),
    (Award, "awarded_on", timedelta(days=-900), OTHERWISE),
    (Award, "expires_on", "tomorrow", OTHERWISE),
    (Award, "recorded_by", "other person", OTHERWISE),
    (Award, "certificate", "other blob", OTHERWISE),
    (Award, "certificate_name", "other.pdf", WORDS),
    (Award, "struck_out_at", "now", NOT_TOLD),
    (Award, "centre", "other centre", GONE),
    (UnitApproval, "person", "other person", OTHERWISE),
    (UnitApproval, "centre", "other centre", GONE),
    (UnitApproval, "unit", "other unit", OTHERWISE),
    (UnitApproval, "capacity", Capacity.IV, OTHERWISE),
    (UnitApproval, "starts_on", timedelta(days=-900), OTHERWISE),
    (UnitApproval, "ends_on", "tomorrow", NOT_TOLD),
    (UnitApproval, "given_by", "other person", OTHERWISE),
    (Case, "centre", "other centre", OTHERWISE),
    (Case, "kind", CaseKind.SANCTION, GONE),
    (Case, "title", "Nothing much", WORDS),
    (Case, "registration", "other registration", OTHERWISE),
    (Case, "person", "other person", OTHERWISE),
    (Case, "opened_on", timedelta(days=-9), OTHERWISE),
    (Case, "opened_by", "other person", OTHERWISE),
    (Case, "closed_on", "tomorrow", OTHERWISE),
    (Case, "closed_by", "other person", OTHERWISE),
    (Case, "outcome", "Upheld", WORDS),
    (CaseStep, "case", "other case", GONE),
    (CaseStep, "taken_on", timedelta(days=-9), OTHERWISE),
    (CaseStep, "what", "Nothing was done.", WORDS),
    (CaseStep, "recorded_by", "other person", OTHERWISE),
    (Membership, "person", "other person", OTHERWISE),
    (Membership, "centre", "other centre", GONE),
    (Membership, "role", Role.IV, OTHERWISE),
    (Membership, "ended_at", "now", NOT_TOLD),
]

THE_EVENTS_OWN = "the event carries a time of its own, a moment apart"
NOBODY_ACTS_BY_IT = "nobody acts by it"
MAY_BE_MENDED = "it may be mended; what it was stands in the ledger’s notes"
NOT_TOLD_OF: dict[type[models.Model], dict[str, str]] = {
    Registration: {
        **dict.fromkeys(["number", "employer", "site", "started_on", "expected_end_on"], MAY_BE_MENDED),
        "revision": "counts writes",
        "created_at": NOBODY_ACTS_BY_IT,
    },
    UnitRecord: {
        "state": "it follows from the signatures: test_tampering.py",
        "opened_at": NOBODY_ACTS_BY_IT,
        "completed_at": "it is the moment of a signature: test_tampering.py",
    },
    Judgement: {"judged_at": "that of the last judgement is in the snapshot"},
    MethodRecord: {
        "discussion": "what was agreed stands in the body, which is signed",
        "form_key": "keeps a form from being taken twice",
    },
    SeenAtWork: {"recorded_at": THE_EVENTS_OWN},
    Witness: {"added_at": NOBODY_ACTS_BY_IT, "authenticated_at": THE_EVENTS_OWN},
    SamplingMark: {"marked_at": THE_EVENTS_OWN},
    Unlocking: {"unlocked_at": "it is the moment at which the signatures were voided: test_tampering.py"},
    Award: {"recorded_at": THE_EVENTS_OWN},
    UnitApproval: {"given_at": THE_EVENTS_OWN},
    Case: {"opened_at": THE_EVENTS_OWN},
    CaseStep: {"recorded_at": THE_EVENTS_OWN},
    Membership: {"started_at": THE_EVENTS_OWN},
}


class Scene:
    """A record that has been through everything: returned, seen at work, observed, sampled, signed and unlocked."""

    def __init__(self) -> None:
        self.world = world = make_world()
        kept = add_offered_item(world, world.criteria[:1], with_file=False, kept_at="The safe")
        see(Evidence.objects.get(pk=kept.pk), world.assessor)
        self.observed = sign_observation(world)
        self.noted = note(Evidence.objects.get(pk=add_offered_item(world, world.criteria[:1]).pk), world.candidate)
        self.witness = add_a_witness(world)
        authenticate_witness(witness=self.witness, how="Rang the shop’s main number", by=world.assessor)
        claim(world, self.observed.version.evidence, world.criteria[1:2])
        judge(kept, by=world.assessor, is_accepted=False, comment="Which binder?")
        judge(kept, by=world.assessor)
        for item in (self.observed.version.evidence, self.noted.version.evidence):
            judge(item, by=world.assessor)
        record = ready(world)
        sign_line(record, Slot.CANDIDATE, by=world.candidate)
        unlock(record_id=record.pk, reason="A page was missing", by=world.assessor)
        mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
        withdraw_sample(record_id=record.pk, reason="The wrong candidate", by=world.iv)
        mark_sample(record_id=record.pk, reason="Ten per cent of them", by=world.iv)
        self.record = record
        self.second = register(
            world.coordinator,
            world.candidate,
            assessor=world.other_assessor,
            iv=world.other_iv,
            units=[world.other_unit],
        )
        change_status(
            registration=self.second,
            revision=self.second.revision,
            status=RegistrationStatus.WITHDRAWN,
            on=today(),
            why="They have moved away",
            by=world.coordinator,
        )
        self.award = record_award(
            person=world.trainee.person,
            kind=AwardKind.A1,
            number="A1-X",
            awarded_on=today(),
            certificate=hand_in(world.coordinator, "certificate.jpg"),
            by=world.coordinator,
        )
        self.other_blob = hand_in(world.coordinator, "other.jpg", jpeg("navy")).blob
        struck = record_award(
            person=world.trainee.person, kind=AwardKind.CAVA, number="C-X", awarded_on=today(), by=world.coordinator
        )
        strike_out_award(award=struck, why="It is somebody else’s", by=world.coordinator)
        leaver = approve(world.coordinator, join(world.coordinator, Role.ASSESSOR, "Lea Leaver"), world.unit)
        for approval in UnitApproval.objects.filter(person=leaver.person):
            end_approval(approval=approval, ends_on=today() + timedelta(days=9), by=world.coordinator)
            end_approval(approval=approval, ends_on=today(), by=world.coordinator)
        self.left = end_role(membership=leaver, by=world.coordinator)
        self.appeal = self.case(registration=world.registration)
        self.sanction = self.case(person=world.trainee.person)

    def case(self, registration: Registration | None = None, person: User | None = None) -> Case:
        by = self.world.coordinator
        kind = CaseKind.APPEAL if registration else CaseKind.MALPRACTICE
        what = "The decision on 5a was wrong."
        case = open_case(
            kind=kind,
            title="Decision on 5a",
            what=what,
            opened_on=today(),
            registration=registration,
            person=person,
            by=by,
        )
        add_case_step(case=case, on=today(), what="Both were heard.", by=by)
        return close_case(case=case, on=today(), outcome="Dismissed.", by=by)

    def row(self, model: type[models.Model]) -> models.Model:
        """The row that is changed: one that much has happened to, and that its constraints let be changed."""
        found: dict[type[models.Model], Any] = {
            Registration: lambda: Registration.objects.get(pk=self.second.pk),
            Case: lambda: Case.objects.get(pk=self.appeal.pk),
            CaseStep: lambda: self.appeal.steps.latest("pk"),
            UnitRecord: lambda: UnitRecord.objects.get(pk=self.record.pk),
            Judgement: lambda: Judgement.objects.filter(is_accepted=False).get(),
            MethodRecord: lambda: self.observed,
            SeenAtWork: lambda: SeenAtWork.objects.get(),
            Witness: lambda: Witness.objects.get(pk=self.witness.pk),
            SamplingMark: lambda: SamplingMark.objects.get(withdrawn_at=None),
            Unlocking: lambda: Unlocking.objects.get(),
            Award: lambda: Award.objects.get(pk=self.award.pk),
            UnitApproval: lambda: UnitApproval.objects.get(person=self.world.trainee.person),
            Membership: lambda: Membership.objects.get(pk=self.world.countersigner.pk),
        }
        row: models.Model = found[model]()
        return row

    def other(self, value: Any, now: Any) -> Any:
        """What a value of the table stands for."""
        world = self.world
        named: dict[str, Any] = {
            "other claim": Judgement.objects.filter(is_accepted=True).latest("pk").claim_id,
            "other version": self.noted.version_id,
            "other person": world.foreign_assessor.person_id,
            "other method record": self.noted.pk,
            "other portfolio": world.other_registration.unit_records.get().portfolio_id,
            "other record": world.other_registration.unit_records.get().pk,
            "other blob": self.other_blob.pk,
            "other centre": world.foreign_centre.pk,
            "other unit": world.other_unit.pk,
            # Of the same candidate: another qualification, and another number on the print.
            "other registration": self.second.pk,
            "other qualification": world.registration.qualification_id,
            "other case": self.sanction.pk,
            "now": self.record.opened_at + timedelta(days=1),
            "tomorrow": today() + timedelta(days=1),
        }
        if isinstance(value, timedelta):
            return now + value
        return named.get(value, value) if isinstance(value, str) else value


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    """Made once for all columns, and undone after the last."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Scene()
        transaction.set_rollback(True)


def found() -> list[str]:
    return [f"{fault.what}: {fault.why}" for fault in faults()]


def test_the_scene_holds_until_somebody_touches_it(db: None, scene: Scene) -> None:
    assert found() == []


def test_the_scene_holds_every_kind_of_row(db: None, scene: Scene) -> None:
    """Otherwise the tests of rows taken out would pass for want of any."""
    centres, portfolios = [scene.world.centre], [scene.record.portfolio]
    for telling, owners in [(one, portfolios) for one in OF_PORTFOLIOS] + [(one, centres) for one in OF_CENTRES]:
        assert telling.rows(owners).exists(), telling.name


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change[0]._meta.model_name}-{change[1]}")
def test_a_changed_column_is_found_and_named(db: None, scene: Scene, change: Change) -> None:
    model, column, value, says = change
    row = scene.row(model)
    with undone():
        write(row, {column: scene.other(value, getattr(row, column))})
        faults_found = found()
    assert any(fault.endswith(f": {says}") for fault in faults_found), faults_found


@pytest.mark.parametrize("model", NOT_TOLD_OF, ids=lambda model: model._meta.model_name)
def test_every_column_is_told_of_or_has_a_reason(model: type[models.Model]) -> None:
    columns = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    assert sorted([*(change[1] for change in CHANGES if change[0] is model), *NOT_TOLD_OF[model]]) == sorted(columns)


TABLES = [Judgement, MethodRecord, SeenAtWork, SamplingMark, Award, UnitApproval, Membership, CaseStep]


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.model_name)
def test_a_row_that_was_taken_out_is_missed(db: None, scene: Scene, model: type[models.Model]) -> None:
    row = scene.row(model)
    with undone(), connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{model._meta.db_table}" WHERE id = %s', [row.pk])
        assert any(fault.endswith((f": {GONE}", f": {OTHERWISE}")) for fault in found()), found()


@pytest.mark.parametrize("model", [*TABLES, Unlocking], ids=lambda model: model._meta.model_name)
def test_a_row_that_was_put_in_is_found(db: None, scene: Scene, model: type[models.Model]) -> None:
    """A copy, but for what the database lets be there once."""
    row = scene.row(model)
    once: dict[type[models.Model], dict[str, Any]] = {
        MethodRecord: {"form_key": "00000000-0000-0000-0000-000000000001"},
        SeenAtWork: {"where": "The other safe"},
        SamplingMark: {"capacity": "ev"},
        Award: {"number": "A1-Y"},
        UnitApproval: {"capacity": Capacity.IV},
        Membership: {"role": Role.IV},
    }
    with undone():
        for name, value in once.get(model, {}).items():
            setattr(row, name, value)
        row.pk = None
        models.Model.save_base(row, raw=True, force_insert=True)
        assert any(fault.endswith(f": {NOT_TOLD}") for fault in found()), found()


def test_what_was_disposed_of_is_no_fault(db: None, scene: Scene) -> None:
    """R60: the ledger's words went lawfully, so there is nothing to compare the row's with."""
    with undone():
        told = Event.objects.get(type="record_unlocked")
        dispose_note(event=told, by=scene.world.coordinator.person, reason="Three years are over")
        Unlocking.objects.update(reason="Disposed of")
        assert found() == []


def test_a_certificate_is_filed_once_more_by_nobody(db: None, scene: Scene) -> None:
    """What SQL files is found, though the bytes are those of a file that is there."""
    with undone():
        blob = Blob.objects.exclude(pk=scene.award.certificate_id).earliest("pk")
        write(Award.objects.filter(certificate=None, struck_out_at=None).earliest("pk"),
              {"certificate": blob.pk, "certificate_name": "forged.pdf"})  # fmt: skip
        assert [fault.rpartition(": ")[2] for fault in found()] == [NOT_TOLD]
