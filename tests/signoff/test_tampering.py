"""Every column that a signature covers: changed by SQL behind the product's back, it is found and named (R66).

The table says for each column what is written into it and what `verify` must say; what a signature does not cover is
listed with the reason. A column that a later change adds must be entered in one of the two. What the ledger tells of is
in test_tellings.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, models, transaction
from django.utils import timezone

from assessment.confirming.waivers import waive_criteria
from assessment.models import ItemConfirmation, Judgement
from centres.environments.actions import record_environment
from evidence.models import Claim, Evidence, EvidenceFile, EvidenceVersion, Instance, Witness
from files.models import Blob
from ledger.models import Event
from ledger.testing import ledger_open_for_tests
from proof.verify import faults
from registrations.models import HeldElsewhere, UnitConfirmation, UnitRecord, Waiver
from signoff.actions import unlock
from signoff.gate import Gate, judge_gate
from signoff.models import Signature, Slot, Unlocking
from tests.centres.drawings import keep_drawing
from tests.evidence.builders import (
    add_a_witness,
    add_item,
    add_offered_item,
    criteria_of,
    hand_in,
    jpeg,
    make_world,
    today,
)
from tests.evidence.other_units import record_of as record_of_2010
from tests.journeys.papers import a_pdf
from tests.signoff.builders import confirm_sufficient, judge, sign_line, trainee_ready
from tests.signoff.test_what_was_named import signed_with_risks
from units.queries import unit_outline

NOBODY_JUDGES_BY_IT = "nobody judges by it"
TWO_TOGETHER = "the database lets it change only together with the column beside it, which is covered"
TOLD = "it is compared with what the ledger tells: tests/signoff/test_tellings.py"
DERIVED = "made from the bytes, and only for showing them"


RECORD = "the record has changed since"
EVIDENCE = f"{RECORD}: evidence E1, version 1"
JUDGEMENT = "its verdict, or the version judged, is not the claim’s"
KEY = "the key’s signature is not genuine"
EVENT = "The event was changed after it was written."
VOIDING = "it was not voided by the unlocking that it names"
ITS_UNLOCKING = "the ledger tells of no unlocking"
LOOSE = "do not fit together any more"


@dataclass(frozen=True)
class Covered:
    """A column, what `verify` says once it was changed, and columns that the database wants changed with it."""

    model: type[models.Model]
    column: str
    says: str
    value: Any = None
    beside: dict[str, Any] | None = None


def covered() -> Iterator[Covered]:
    yield Covered(Claim, "evidence", f"{RECORD}: claims E1 against 1a")
    yield Covered(Claim, "record", f"{RECORD}: claims")
    yield Covered(Claim, "criterion", f"{RECORD}: claims E2 against 1a")
    yield Covered(Claim, "instance", LOOSE)
    yield Covered(Claim, "locator", f"{RECORD}: claims E2 against 1a: place")
    yield Covered(Claim, "state", f"{RECORD}: claims E2 against 1a: verdict", value="returned")
    yield Covered(Claim, "judged_version", JUDGEMENT)
    yield Covered(Claim, "comment", "its comment is not what the claim shows")
    yield Covered(Judgement, "claim", f"{RECORD}: claims")
    yield Covered(Judgement, "version", JUDGEMENT)
    yield Covered(Judgement, "is_accepted", JUDGEMENT, beside={"comment": "No."})
    yield Covered(Judgement, "judged_by", f"{RECORD}: claims E1 against 1a: who judged it")
    yield Covered(Judgement, "judged_at", f"{RECORD}: claims E1 against 1a: when it was judged")
    yield Covered(Evidence, "number", f"{RECORD}: evidence", value=99)
    yield Covered(EvidenceVersion, "evidence", LOOSE, beside={"ordinal": 7})
    yield Covered(EvidenceVersion, "ordinal", f"{RECORD}: evidence E1, version 1 is gone")
    yield Covered(EvidenceVersion, "title", f"{EVIDENCE}: title")
    yield Covered(EvidenceVersion, "methods", f"{EVIDENCE}: assessment methods", value=["OB"])
    yield Covered(EvidenceVersion, "setting", f"{EVIDENCE}: setting", value="placement")
    yield Covered(EvidenceVersion, "simulation_basis", f"{EVIDENCE}: why it was simulated")
    yield Covered(EvidenceVersion, "environment", f"{RECORD}: evidence E3, version 1: realistic working environment")
    yield Covered(EvidenceVersion, "happened_from", f"{EVIDENCE}: date", value=today() - timedelta(days=99))
    yield Covered(EvidenceVersion, "happened_to", f"{EVIDENCE}: last date", value=today())
    yield Covered(EvidenceVersion, "occasion", f"{EVIDENCE}: occasion")
    yield Covered(EvidenceVersion, "customer", f"{EVIDENCE}: customer")
    yield Covered(EvidenceVersion, "what_happened", f"{EVIDENCE}: what happened")
    yield Covered(EvidenceVersion, "is_rpl", f"{EVIDENCE}: earlier learning")
    yield Covered(EvidenceVersion, "kept_at", f"{EVIDENCE}: where it is kept")
    yield Covered(EvidenceVersion, "witness", f"{EVIDENCE}: witness")
    yield Covered(EvidenceFile, "version", f"{EVIDENCE}: file first.jpg", beside={"position": 9})
    yield Covered(EvidenceFile, "blob", f"{EVIDENCE}: file first.jpg")
    yield Covered(EvidenceFile, "name", f"{EVIDENCE}: file first.jpg")
    yield Covered(EvidenceFile, "position", f"{EVIDENCE}: file first.jpg", value=9)
    yield Covered(Blob, "sha256", f"{EVIDENCE}: file first.jpg")
    yield Covered(Blob, "stored_as", "it cannot be read")
    for column in ("version", "is_valid", "is_authentic", "is_current", "how_authenticated"):
        yield Covered(ItemConfirmation, column, f"{EVIDENCE}: valid, authentic and current")
    yield Covered(ItemConfirmation, "confirmed_by", f"{EVIDENCE}: valid, authentic and current")
    yield Covered(ItemConfirmation, "confirmed_at", f"{EVIDENCE}: valid, authentic and current")
    yield Covered(UnitConfirmation, "record", f"{RECORD}: confirmations")
    yield Covered(UnitConfirmation, "kind", f"{RECORD}: confirmations", value="reviewed", beside={"group": None})
    yield Covered(UnitConfirmation, "group", f"{RECORD}: confirmations")
    yield Covered(UnitConfirmation, "confirmed_by", f"{RECORD}: confirmations")
    yield Covered(UnitConfirmation, "confirmed_at", f"{RECORD}: confirmations")
    yield Covered(UnitConfirmation, "lapsed_at", f"{RECORD}: confirmations")
    yield Covered(Waiver, "record", f"{RECORD}: waivers")
    yield Covered(Waiver, "criterion", f"{RECORD}: waivers")
    yield Covered(Waiver, "reason", f"{RECORD}: waivers")
    yield Covered(Waiver, "waived_by", f"{RECORD}: waivers")
    yield Covered(Waiver, "waived_at", f"{RECORD}: waivers")
    yield Covered(Waiver, "withdrawn_at", f"{RECORD}: waivers", beside={"withdrawn_by": "waived_by"})
    yield Covered(Instance, "record", LOOSE)
    yield Covered(Instance, "of", f"{RECORD}: named")
    yield Covered(Instance, "name", RECORD)
    yield Covered(Instance, "removed_at", LOOSE)
    yield Covered(HeldElsewhere, "centre", RECORD)
    yield Covered(HeldElsewhere, "unit", RECORD)
    yield Covered(HeldElsewhere, "where", f"{RECORD}: criteria held elsewhere: where")
    yield Covered(HeldElsewhere, "confirmed_by", f"{RECORD}: criteria held elsewhere: by whom")
    yield Covered(HeldElsewhere, "confirmed_at", f"{RECORD}: criteria held elsewhere")
    yield Covered(UnitRecord, "state", "the ledger tells of another state", value="verified")
    yield Covered(UnitRecord, "completed_at", "it was not completed by a signature at the time")
    yield Covered(UnitRecord, "registration", f"{RECORD}: candidate")
    yield Covered(UnitRecord, "portfolio", "the ledger tells of it in another portfolio")
    yield Covered(UnitRecord, "unit", LOOSE)
    for column in ("record", "slot", "signer", "printed_name", "signed_at", "statement", "proof", "award"):
        yield Covered(Signature, column, KEY, value="ev" if column == "slot" else None)
    yield Covered(Signature, "drawing", KEY)
    yield Covered(Signature, "needs_countersignature", KEY, beside={"award": ""})
    yield Covered(Signature, "snapshot", "what was signed was changed afterwards", value={"format": 1})
    yield Covered(Signature, "snapshot_digest", "another one stands in its place")
    yield Covered(Signature, "key_signature", KEY)
    yield Covered(Signature, "key_fingerprint", KEY)
    yield Covered(Signature, "voided_at", ITS_UNLOCKING, beside={"voided_by": "an unlocking"})
    yield Covered(Unlocking, "record", VOIDING)
    yield Covered(Unlocking, "unlocked_by", VOIDING)
    yield Covered(Unlocking, "capacity", VOIDING)
    yield Covered(Unlocking, "unlocked_at", VOIDING)
    for column in ("type", "at", "actor_id", "actor_role", "subject", "data", "note_digest", "digest"):
        yield Covered(Event, column, EVENT, value={"unit_record": 1} if column == "data" else None)
    yield Covered(Event, "previous", "The event does not follow the one before it.")
    yield Covered(Event, "sequence", "An event is missing here.")
    yield Covered(Event, "chain", "An event is missing here.", beside={"sequence": 9999})


# What no signature covers, and why. A change there is no change of what was signed.
NOT_COVERED: dict[type[models.Model], dict[str, str]] = {
    Claim: {"made_by": NOBODY_JUDGES_BY_IT, "made_at": NOBODY_JUDGES_BY_IT},
    Judgement: {"comment": TOLD},
    Evidence: {
        **dict.fromkeys(
            ("portfolio", "state", "current_version", "offered_at", "withdrawn_at", "withdrawn_why"), TOLD
        ),
        "added_at": NOBODY_JUDGES_BY_IT,
        "form_key": "keeps a form from being taken twice",
        "revision": "keeps two windows from overwriting each other",
    },
    EvidenceVersion: {
        "testimony": "covered by its digest: tests/signoff/test_records_resting_on_testimony.py",
        "why": NOBODY_JUDGES_BY_IT,
        "made_by": TOLD,
        "made_at": TOLD,
    },
    EvidenceFile: {},
    Blob: dict.fromkeys(
        (
            "size", "kind", "media_type", "width", "height", "page_count", "preparation", "display_as",
            "thumbnail_as", "attached", "uploaded_by_id", "uploaded_at",
        ),
        DERIVED,
    ),

    ItemConfirmation: {},
    UnitConfirmation: {},
    Waiver: {"withdrawn_by": TWO_TOGETHER},
    Instance: {"named_by": NOBODY_JUDGES_BY_IT, "named_at": NOBODY_JUDGES_BY_IT},
    HeldElsewhere: {"ended_by": TOLD, "ended_at": TOLD},
    Witness: dict.fromkeys(
        (
            "portfolio", "name", "job_role", "relationship", "contact", "is_expert", "authenticated_how",
            "authenticated_by", "authenticated_at", "added_at",
        ),
        TOLD,
    ),
    UnitRecord: {
        "own_assessor": TOLD,
        "own_iv": TOLD,
        "opened_at": NOBODY_JUDGES_BY_IT,
    },
    Signature: {"proof_key": "keeps a code or a passkey's confirmation from signing twice", "voided_by": TWO_TOGETHER},
    Unlocking: {"reason": TOLD},
    Event: {},
}  # fmt: skip


class Scene:
    """Signed records which together have every kind of row that a signature covers."""

    def __init__(self) -> None:
        self.world = world = make_world()
        shops = [
            record_environment(
                name=name,
                what_it_is="A shop",
                approved_by="City and Guilds",
                approved_on=today() - timedelta(days=400),
                by=world.coordinator,
            )
            for name in ("Training shop", "Training salon")
        ]
        self.other_environment = shops[1]
        witness, self.other_witness = add_a_witness(world), add_a_witness(world, name="Walter Witness")
        with a_gate_that_is_open():
            self.item = self._item(
                files=[hand_in(world.candidate, "first.jpg"), hand_in(world.candidate, "second.pdf", a_pdf())],
                witness=witness,
                occasion="Sale",
                customer="Mrs Price",
                kept_at="The safe",
            )
            self.other_item = self._item(files=[hand_in(world.candidate, "third.jpg", jpeg("navy"))])
            confirm_sufficient(world.record, by=world.assessor)
            sign_line(world.record, Slot.CANDIDATE, by=world.candidate)
            drawing = keep_drawing(world.assessor).blob
            sign_line(world.record, Slot.ASSESSOR, by=world.assessor, seen_drawing=drawing.sha256)
            self.waived = record_of_2010(world, "A18")
            self.shoulds = sorted(unit_outline(self.waived.unit_id).can_be_waived)
            waive_criteria(
                record_id=self.waived.pk, criteria=self.shoulds[:1], reason="No such customer.", by=world.assessor
            )
            cells = criteria_of(self.waived.unit)[:1]
            words = {"setting": "rwe", "environment": shops[0], "title": "In the training shop"}
            self.in_training = add_offered_item(world, cells, record=self.waived, **words)
            judge(self.in_training, by=world.assessor)
            sign_line(self.waived, Slot.CANDIDATE, by=world.candidate)
            self.risks = signed_with_risks(world)
            self.untouched = add_item(world)
            self.unlocked = trainee_ready(world)
            sign_line(self.unlocked, Slot.CANDIDATE, by=world.trainee_candidate)
            unlock(record_id=self.unlocked.pk, reason="Wrong", by=world.coordinator)

    def _item(self, **words: Any) -> Evidence:
        item = add_offered_item(self.world, self.world.criteria[:2], **words)
        judge(item, by=self.world.assessor)
        return Evidence.objects.get(pk=item.pk)

    def row(self, one: Covered) -> models.Model:
        """The row whose column is changed."""
        shop, version = self.world.record, self.item.current_version
        if one.column == "environment":
            return Evidence.objects.get(pk=self.in_training.pk).current_version
        found: dict[type[models.Model], Any] = {
            Claim: lambda: self.other_item.claims.earliest("pk"),
            Judgement: lambda: Judgement.objects.get(claim=self.item.claims.earliest("pk")),
            Evidence: lambda: self.item,
            EvidenceVersion: lambda: version,
            EvidenceFile: lambda: version.files.get(name="first.jpg"),
            Blob: lambda: version.files.get(name="first.jpg").blob,
            ItemConfirmation: lambda: ItemConfirmation.objects.get(version=version),
            UnitConfirmation: lambda: self.risks.confirmations.exclude(group=None).earliest("pk"),
            Waiver: lambda: self.waived.waivers.get(),
            Instance: lambda: Instance.objects.filter(record=self.risks).get(name="A survey"),
            HeldElsewhere: lambda: HeldElsewhere.objects.get(unit=self.risks.unit),
            UnitRecord: lambda: UnitRecord.objects.get(pk=shop.pk),
            Signature: lambda: Signature.objects.filter(record=shop).get(slot=Slot.ASSESSOR),
            Unlocking: lambda: Unlocking.objects.get(),
            Event: lambda: Event.objects.filter(chain__key=shop.portfolio.chain, type="record_signed").earliest("pk"),
        }
        found_row: models.Model = found[one.model]()
        return found_row

    def other(self, field: models.ForeignKey[Any, Any], row: models.Model) -> Any:
        """Another row that the foreign key could point to."""
        special: dict[str, Any] = {
            "environment": self.other_environment.pk,
            "witness": self.other_witness.pk,
            "criterion": self.shoulds[-1] if isinstance(row, Waiver) else self.world.criteria[5].pk,
            "instance": Instance.objects.earliest("pk").pk,
            "judged_version": self.item.current_version_id,
            # The same bytes under another name would be the same to whoever signed.
            "blob": self.other_item.current_version.files.get().blob_id,
            # Of another candidate: one's own may be mended.
            "registration": self.world.other_registration.pk,
        }
        if field.name in special:
            return special[field.name]
        others = field.related_model.objects.exclude(pk=getattr(row, field.attname))
        if isinstance(row, ItemConfirmation) and field.name == "version":
            return self.untouched.current_version_id
        return others.latest("pk").pk


@contextmanager
def a_gate_that_is_open() -> Iterator[None]:
    """What a gate asks for is tested elsewhere; here every kind of row is to stand in a signed record."""

    def judged(facts: Any) -> Gate:
        return Gate(missing=(), coverage=judge_gate(facts).coverage)

    with mock.patch("signoff.contents.judge_gate", judged):
        yield


def write(row: models.Model, changes: dict[str, Any]) -> None:
    """SQL alone: no model, no action, no guard."""
    fields = [row._meta.get_field(name) for name in changes]
    columns = ", ".join(f'"{field.column}" = %s' for field in fields)
    values = [field.get_db_prep_save(value, connection) for field, value in zip(fields, changes.values(), strict=True)]
    with ledger_open_for_tests(), connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{row._meta.db_table}" SET {columns} WHERE id = %s', [*values, row.pk])
        assert cursor.rowcount == 1


def something_else(field: models.Field[Any, Any], row: models.Model, scene: Scene) -> Any:
    """A value of the column's kind that the row does not have."""
    now = getattr(row, field.attname)
    match field:
        case models.ForeignKey():
            return scene.other(field, row)
        case models.DateTimeField():
            return now - timedelta(hours=1) if now else timezone.now()
        case models.BooleanField():
            return not now
        case models.IntegerField():
            return (now or 0) + 1000
        case _:
            return "0" * 64 if field.max_length in (64, 128) else "changed"


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    """Made once for all columns, and undone after the last."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Scene()
        transaction.set_rollback(True)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_the_scene_holds_until_somebody_touches_it(db: None, scene: Scene) -> None:
    assert list(faults()) == []


@pytest.mark.parametrize("one", list(covered()), ids=lambda one: f"{one.model._meta.model_name}-{one.column}")
def test_a_changed_column_is_found_and_named(db: None, scene: Scene, one: Covered) -> None:
    row = scene.row(one)
    field = row._meta.get_field(one.column)
    changes = {one.column: one.value if one.value is not None else something_else(field, row, scene)}
    for name, value in (one.beside or {}).items():
        named = {"waived_by": lambda: row.waived_by_id, "an unlocking": lambda: Unlocking.objects.get().pk}
        changes[name] = named[value]() if value in named else value
    with undone():
        write(row, changes)
        found = [f"{fault.what}: {fault.why}" for fault in faults()]
    assert any(one.says in fault for fault in found), found


@pytest.mark.parametrize("model", NOT_COVERED, ids=lambda model: model._meta.model_name)
def test_every_column_is_covered_or_has_a_reason(model: type[models.Model]) -> None:
    columns = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    tried = [one.column for one in covered() if one.model is model]
    assert sorted([*tried, *NOT_COVERED[model]]) == sorted(columns)


@pytest.mark.parametrize("place", [0, 100, -1])
def test_any_byte_of_a_signed_file_is_found(db: None, scene: Scene, place: int) -> None:
    blob = scene.item.current_version.files.get(name="first.jpg").blob
    with default_storage.open(blob.stored_as) as file:
        content = file.read()
    changed = bytearray(content)
    changed[place] ^= 1
    try:
        overwrite(blob, bytes(changed))
        assert [fault.what for fault in faults()] == [f"File {blob.pk} ({blob.stored_as})"]
    finally:
        overwrite(blob, content)
    assert list(faults()) == []


@pytest.mark.parametrize("place", [0, 60, -1])
def test_any_byte_of_the_drawing_beside_a_signature_is_found(db: None, scene: Scene, place: int) -> None:
    blob = Signature.objects.filter(record=scene.world.record).get(slot=Slot.ASSESSOR).drawing
    with default_storage.open(blob.stored_as) as file:
        content = file.read()
    changed = bytearray(content)
    changed[place] ^= 1
    try:
        overwrite(blob, bytes(changed))
        for told in (faults(), faults(portfolio_id=scene.world.portfolio.pk), faults(centre_id=scene.world.centre.pk)):
            assert [fault.what for fault in told] == [f"File {blob.pk} ({blob.stored_as})"]
    finally:
        overwrite(blob, content)
    assert list(faults()) == []


@pytest.mark.parametrize(("slot", "drawing"), [(Slot.ASSESSOR, False), (Slot.CANDIDATE, True)], ids=["gone", "put on"])
def test_a_drawing_that_is_taken_off_or_put_on_afterwards_is_found(
    db: None, scene: Scene, slot: Slot, drawing: bool
) -> None:
    signatures = Signature.objects.filter(record=scene.world.record)
    other = signatures.get(slot=Slot.ASSESSOR).drawing_id if drawing else None
    with undone():
        write(signatures.get(slot=slot), {"drawing": other})
        assert KEY in [fault.why for fault in faults()]


def overwrite(blob: Blob, content: bytes) -> None:
    default_storage.delete(blob.stored_as)
    assert default_storage.save(blob.stored_as, ContentFile(content)) == blob.stored_as
