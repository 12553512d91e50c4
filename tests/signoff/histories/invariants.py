"""What must hold after every step, read from the rows and compared with the model."""

from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Model as Table

from desk.queries.signatures import records_awaiting_signature, signatures_due
from evidence.models import Claim, ClaimState, Evidence
from ledger.models import Event
from registrations.models import Portfolio, UnitRecord
from signoff.contents import RECORD_RELATIONS, RecordContents, contents_of
from signoff.models import Signature
from signoff.snapshot import snapshot_of
from tests.rows import digest_of_rows
from tests.signoff.histories.model import LINES, ROLE_FOR, Record
from tests.signoff.histories.world import Scene
from units.coverage import Verdict

_ROOMS = ("centres", "evidence", "signoff", "files", "ledger", "django_tasks_database")
_TABLES = sorted(
    model._meta.db_table for model in apps.get_models() if model._meta.app_label in _ROOMS and model is not Event
)
_NEVER_CHANGES = (
    "record_id", "slot", "signer_id", "printed_name", "signed_at", "statement", "proof", "award",
    "needs_countersignature", "snapshot_digest", "key_signature",
)  # fmt: skip


def digest_of_all_rows() -> dict[str, str]:
    """Of everything that an action may write."""
    return digest_of_rows(_TABLES)


def events_so_far() -> int:
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


@dataclass
class Watch:
    """The invariants over one history. It remembers what must never change."""

    scene: Scene
    signatures: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    voided: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    frozen_claims: dict[int, dict[int, tuple[Any, ...]]] = field(default_factory=dict)
    numbers: dict[int, tuple[int, int]] = field(default_factory=dict)
    words: dict[int, str] = field(default_factory=dict)

    def look(self) -> None:
        """Raises AssertionError for the first thing that does not hold."""
        scene = self.scene
        self.words = {person.pk: word for word, person in scene.people.items()}
        records = list(
            UnitRecord.objects.filter(pk__in=scene.records.values()).select_related(*RECORD_RELATIONS).order_by("pk")
        )
        found = contents_of(records, with_files=True)
        names = {pk: name for name, pk in scene.records.items()}
        live = self._signatures_stay()
        self._numbers_stay()
        claims = self._claims()
        for pk, contents in found.items():
            name, record = names[pk], scene.model.records[names[pk]]
            self._agrees(name, contents, record, [row for row in live if row.record_id == pk])
            self._is_sealed(contents)
            self._is_independent(contents)
            self._gate(name, contents, record, claims[pk])
            self._claims_agree(name, record, claims[pk])
        if live:
            self._nobody_has_left()

    def _signatures_stay(self) -> list[Signature]:
        """Nothing of a signature ever changes but that it is voided, once, by an unlocking of its record (R35, R48)."""
        rows = list(Signature.objects.order_by("signed_at", "pk").select_related("voided_by"))
        seen = {row.pk for row in rows}
        assert set(self.signatures) <= seen, "a signature is gone"
        for row in rows:
            now = tuple(getattr(row, column) for column in _NEVER_CHANGES)
            assert self.signatures.setdefault(row.pk, now) == now, f"signature {row.pk} has changed"
            if row.voided_at is None:
                assert row.pk not in self.voided, f"signature {row.pk} stands again"
                continue
            by = row.voided_by
            assert by is not None, "voided by nothing"
            assert (by.record_id, by.unlocked_at, bool(by.reason)) == (row.record_id, row.voided_at, True)
            now = (row.voided_at, by.pk)
            assert self.voided.setdefault(row.pk, now) == now
        return [row for row in rows if row.voided_at is None]

    def _numbers_stay(self) -> None:
        """No evidence number is used twice, whatever becomes of the item (R10, Q21)."""
        rows = Evidence.objects.values_list("pk", "portfolio", "number")
        numbers = {pk: (portfolio, number) for pk, portfolio, number in rows}
        assert len(set(numbers.values())) == len(numbers)
        assert self.numbers.items() <= numbers.items(), "an item is gone, or has another number"
        self.numbers = numbers
        for portfolio in Portfolio.objects.filter(pk__in=self.scene.portfolios.values()):
            used = [number for its, number in numbers.values() if its == portfolio.pk]
            assert sorted(used) == list(range(1, portfolio.next_number))

    def _agrees(self, name: str, contents: RecordContents, record: Record, live: list[Signature]) -> None:
        """State, signatures, marks and people are what the model says; the live signatures are in the order of Q6."""
        row, words = contents.record, self.words
        assert row.state == record.state, f"{name} is {row.state}, not {record.state}"
        signed = [(each.slot, words[each.signer_id], each.needs_countersignature) for each in live]
        expected = [(line, one.by, one.is_second_due) for line, one in record.signed.items()]
        assert signed == expected, f"{name} carries {signed}, not {expected}"
        lines, people = [line for line, _, _ in signed], [who for _, who, _ in signed]
        assert lines == sorted(lines, key=LINES.index), "out of order"
        assert len(set(lines)) == len(lines)
        assert len(set(people)) == len(people), "somebody signed two lines"
        assert not lines or lines[0] == "candidate"
        drawn = {capacity: words[mark.verifier_id] for capacity, mark in contents.marks.items()}
        assert drawn == record.drawn, f"{name} is drawn by {drawn}, not {record.drawn}"
        assert {"iv", "ev"} & set(lines) <= set(drawn), "a verifier signed what was not drawn (R42)"
        assert "ev" not in lines or drawn["ev"] == dict(zip(lines, people, strict=True))["ev"]
        people_now = (words[row.assessor.pk], words[row.iv.pk])
        assert people_now == (record.assessor, record.iv), f"{name} is answered for by {people_now}"
        assert len({record.candidate, *people_now}) == 3, "one person in two of the three parts"
        assert row.registration.status == record.enrolment.status
        said = {one.kind: words[one.confirmed_by_id] for one in contents.confirmations}
        assert said == record.confirmed, f"{name} is confirmed as {said}, not {record.confirmed}"

    def _is_sealed(self, contents: RecordContents) -> None:
        """What was signed is what stands (R66)."""
        if not contents.signatures:
            return
        stands = snapshot_of(contents)["record"]
        for signature in contents.signatures.values():
            assert signature.snapshot["record"] == stands, f"{contents.record} has changed under {signature}"

    def _is_independent(self, contents: RecordContents) -> None:
        """Nobody verifies their own decision, read from what the verifier signed (R40)."""
        for line in ("iv", "iv_countersignature", "ev"):
            if signature := contents.signed(line):
                record = signature.snapshot["record"]
                judges = {claim["judged_by"] for claim in record["claims"]}
                judges |= {item["confirmed"]["by"] for item in record["evidence"] if item["confirmed"]}
                assert signature.signer_id not in judges, f"{signature} verifies their own decision"

    def _gate(self, name: str, contents: RecordContents, record: Record, claims: list[Claim]) -> None:
        """The gate is open when the model's is; it counts nothing as accepted that is a draft or undecided."""
        counted = {
            (claim.evidence_id, claim.criterion_id, claim.instance_id)
            for claim in contents.gate.coverage.facts.claims
            if claim.verdict is Verdict.ACCEPTED
        }
        accepted = [row for row in claims if row.state == ClaimState.ACCEPTED]
        assert counted == {(row.evidence_id, row.criterion_id, row.instance_id) for row in accepted}
        assert all(row.evidence.state != "draft" for row in accepted), "a draft is accepted"
        assert contents.gate.is_open == self.scene.model.is_ready(record), f"{name}: {contents.gate.missing}"

    def _claims(self) -> dict[int, list[Claim]]:
        rows = Claim.objects.filter(record__in=self.scene.records.values()).select_related("instance", "evidence")
        found: dict[int, list[Claim]] = {pk: [] for pk in self.scene.records.values()}
        for row in rows:
            found[row.record_id].append(row)
        return found

    def _claims_agree(self, name: str, record: Record, rows: list[Claim]) -> None:
        """Claims are as in the model, and none on a frozen record ever changes (Q22a)."""
        live = {
            (row.evidence.number, self.scene.cell_of(row)): row.state
            for row in rows
            if row.state != ClaimState.WITHDRAWN
        }
        expected = {key: claim.state for key, claim in record.claims.items() if claim.is_live}
        assert live == expected, f"the claims on {name} are {live}, not {expected}"
        now = {row.pk: _columns(row) for row in rows}
        key = self.scene.records[name]
        if not record.is_frozen:
            self.frozen_claims.pop(key, None)
        else:
            assert self.frozen_claims.setdefault(key, now) == now, f"a claim on frozen {name} has changed"

    def _nobody_has_left(self) -> None:
        """No line waits for somebody who does not hold the role that it takes (PRACTICE §5, pain 9)."""
        records = UnitRecord.objects.filter(pk__in=self.scene.records.values())
        for due in signatures_due(records_awaiting_signature(records)):
            for person in due.people:
                who = self.scene.word_for(person), ROLE_FOR[due.slot]
                assert who in self.scene.model.roles, f"{due.record} waits for {who}, who has left"


def _columns(row: Table) -> tuple[Any, ...]:
    return tuple(getattr(row, one.attname) for one in row._meta.concrete_fields)
