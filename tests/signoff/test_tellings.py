"""What the ledger tells of rows that no snapshot holds: changed, taken out or put in by SQL, they are found and named.

Who decided before, why, and with what authority (R30, R35, R48, R66). The table says for each column what `verify` must
say; what nobody is told of is listed with the reason. A column that a later change adds must be entered in one of them.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, models, transaction

from assessment.models import Judgement, MethodRecord, SeenAtWork
from centres.authority.actions import recognise_award
from centres.models import AccessGrant, Award, AwardKind, Capacity, Membership, RecognisedAward, Role, UnitApproval
from evidence.models import Evidence, EvidenceVersion, Witness
from files.models import Blob
from ledger.actions import dispose_note
from ledger.models import Event
from proof.tellings import OF_PORTFOLIOS
from proof.tellings_of_centres import OF_CENTRES
from proof.verify import faults
from registrations.models import (
    Case,
    CaseKind,
    CaseStep,
    HeldElsewhere,
    Registration,
    RegistrationStatus,
    UnitConfirmation,
    UnitRecord,
)
from signoff.models import SamplingMark, Unlocking
from tests.evidence.builders import (
    today,
)
from tests.signoff.test_tampering import undone, write
from tests.signoff.told_rows import Scene

OTHERWISE = "the ledger tells otherwise of it"
WORDS = "its words are not those that the ledger keeps"
NOT_TOLD = "the ledger does not tell of it"
TIME = "the ledger tells of it at another time"
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
    (Evidence, "portfolio", "other portfolio", GONE),
    (Evidence, "number", 99, OTHERWISE),
    (Evidence, "current_version", "first version", OTHERWISE),
    (Evidence, "offered_at", timedelta(days=-9), TIME),
    (Evidence, "withdrawn_at", timedelta(days=-9), TIME),
    (Evidence, "withdrawn_why", "No reason", WORDS),
    (EvidenceVersion, "made_by", "other person", OTHERWISE),
    (EvidenceVersion, "made_at", timedelta(days=-9), TIME),
    (EvidenceVersion, "ordinal", 9, GONE),
    (UnitConfirmation, "record", "other record", GONE),
    (UnitConfirmation, "kind", "reviewed", GONE),
    (UnitConfirmation, "confirmed_by", "other person", OTHERWISE),
    (UnitConfirmation, "confirmed_at", timedelta(days=-9), TIME),
    (Judgement, "claim", "other claim", OTHERWISE),
    (Judgement, "version", "other version", OTHERWISE),
    (Judgement, "is_accepted", True, OTHERWISE),
    (Judgement, "comment", "All is well.", WORDS),
    (Judgement, "judged_by", "other person", OTHERWISE),
    (Judgement, "judged_at", timedelta(days=-9), TIME),
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
    (SeenAtWork, "recorded_at", timedelta(days=-9), TIME),
    (Witness, "portfolio", "other portfolio", GONE),
    (Witness, "name", "Somebody Else", WORDS),
    (Witness, "job_role", "Chairman", WORDS),
    (Witness, "relationship", "My uncle", WORDS),
    (Witness, "contact", "other@example.org", WORDS),
    (Witness, "is_expert", True, WORDS),
    (Witness, "authenticated_how", "Not at all", WORDS),
    (Witness, "authenticated_by", "other person", OTHERWISE),
    (Witness, "authenticated_at", timedelta(days=-9), TIME),
    (SamplingMark, "record", "other record", GONE),
    (SamplingMark, "capacity", "ev", OTHERWISE),
    (SamplingMark, "verifier", "other person", OTHERWISE),
    (SamplingMark, "marked_by", "other person", OTHERWISE),
    (SamplingMark, "reason", "At random", WORDS),
    (SamplingMark, "withdrawn_at", "now", NOT_TOLD),
    (SamplingMark, "marked_at", timedelta(days=-9), TIME),
    (Unlocking, "record", "other record", GONE),
    (Unlocking, "unlocked_by", "other person", OTHERWISE),
    (Unlocking, "capacity", "coordinator", OTHERWISE),
    (Unlocking, "reason", "A slip", WORDS),
    (Unlocking, "unlocked_at", timedelta(days=-9), TIME),
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
    (Award, "recorded_at", timedelta(days=-9), TIME),
    (UnitApproval, "person", "other person", OTHERWISE),
    (UnitApproval, "centre", "other centre", GONE),
    (UnitApproval, "unit", "other unit", OTHERWISE),
    (UnitApproval, "capacity", Capacity.IV, OTHERWISE),
    (UnitApproval, "starts_on", timedelta(days=-900), OTHERWISE),
    (UnitApproval, "ends_on", "tomorrow", NOT_TOLD),
    (UnitApproval, "given_by", "other person", OTHERWISE),
    (UnitApproval, "given_at", timedelta(days=-9), TIME),
    (AccessGrant, "person", "other person", OTHERWISE),
    (AccessGrant, "centre", "other centre", GONE),
    (AccessGrant, "scope_kind", "unit_record", OTHERWISE),
    (AccessGrant, "scope_id", 999, OTHERWISE),
    (AccessGrant, "starts_on", timedelta(days=-9), OTHERWISE),
    (AccessGrant, "ends_on", timedelta(days=9), OTHERWISE),
    (AccessGrant, "reason", "A chat", WORDS),
    (AccessGrant, "granted_by", "other person", OTHERWISE),
    (AccessGrant, "granted_at", timedelta(days=-9), TIME),
    (AccessGrant, "ended_at", None, GONE),
    (HeldElsewhere, "centre", "other centre", GONE),
    (HeldElsewhere, "unit", "other unit", OTHERWISE),
    (HeldElsewhere, "where", "Nowhere", WORDS),
    (HeldElsewhere, "confirmed_by", "other person", OTHERWISE),
    (HeldElsewhere, "confirmed_at", timedelta(days=-9), TIME),
    (HeldElsewhere, "ended_by", "other person", OTHERWISE),
    (HeldElsewhere, "ended_at", timedelta(days=-9), TIME),
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
    (Case, "opened_at", timedelta(days=-9), TIME),
    (CaseStep, "case", "other case", GONE),
    (CaseStep, "taken_on", timedelta(days=-9), OTHERWISE),
    (CaseStep, "what", "Nothing was done.", WORDS),
    (CaseStep, "recorded_by", "other person", OTHERWISE),
    (CaseStep, "recorded_at", timedelta(days=-9), TIME),
    (Membership, "person", "other person", OTHERWISE),
    (Membership, "centre", "other centre", GONE),
    (Membership, "role", Role.IV, OTHERWISE),
    (Membership, "ended_at", "now", NOT_TOLD),
    (Membership, "started_at", timedelta(days=-9), TIME),
]

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
    Judgement: {},
    MethodRecord: {
        "discussion": "what was agreed stands in the body, which is signed",
        "form_key": "keeps a form from being taken twice",
    },
    SeenAtWork: {},
    Witness: {"added_at": NOBODY_ACTS_BY_IT},
    SamplingMark: {},
    Unlocking: {},
    Award: {},
    UnitApproval: {},
    Case: {},
    CaseStep: {},
    AccessGrant: {},
    HeldElsewhere: {},
    Membership: {},
    Evidence: {
        "state": "with its days: test_nobody_hides_an_item",
        "added_at": NOBODY_ACTS_BY_IT,
        "form_key": "keeps a form from being taken twice",
        "revision": "counts writes",
    },
    UnitConfirmation: {
        "group": "with its kind: the snapshot holds both",
        "lapsed_at": "what stands is in the snapshot, and who confirmed is asked whether it lapsed or not",
    },
}


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


def test_nobody_hides_an_item(db: None, scene: Scene) -> None:
    """An offered item made a draft again would be nobody's but the candidate's to see."""
    offered = Evidence.objects.get(pk=scene.observed.version.evidence_id)
    with undone():
        write(offered, {"state": "draft", "offered_at": None})
        assert [fault.rpartition(": ")[2] for fault in found()] == [GONE]


def test_nobody_brings_a_withdrawn_item_back(db: None, scene: Scene) -> None:
    with undone():
        write(scene.withdrawn, {"state": "offered", "withdrawn_at": None, "withdrawn_why": ""})
        assert [fault.rpartition(": ")[2] for fault in found()] == [GONE]


@pytest.mark.parametrize("change", [{"recognised_until": today}, {"capacity": lambda: Capacity.IV}])
def test_a_kind_of_award_counts_as_the_ledger_tells(db: None, scene: Scene, change: dict[str, Any]) -> None:
    """R30: one that an operator had never touched, and one that they had."""
    recognise_award(code="NEW", title="A new award", capacity=Capacity.ASSESSOR)
    assert found() == []
    for code in (AwardKind.A1, "NEW"):
        with undone():
            kind = RecognisedAward.objects.get(code=code)
            write(kind, {column: value() for column, value in change.items()})
            assert found() == [f"Kind of award {code}: {OTHERWISE}"]


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
