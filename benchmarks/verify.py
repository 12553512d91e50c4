"""How long `manage.py verify` takes and how much memory, and how both grow, beside reading the same bytes.

`python -m benchmarks.verify` (part of `make bench`) has one unit record of 304 signed by the real actions, copies its
rows, has the copies signed over their own snapshots, appended to the ledger and sealed, and verifies each stage in a
process of its own, so that the memory measured is that of verifying alone. Writes benchmarks/verify.md.
"""

import hashlib
import json
import os
import platform
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from assessment.models import ItemConfirmation

if TYPE_CHECKING:
    from django.db.models import Model

    from ledger.events import EventType
    from registrations.models import UnitRecord

from benchmarks.pages import set_up

STAGES = (100, 1_000, 10_000)
AT_A_TIME = 100
FILE_BYTES = 20_000
RESULTS = Path(__file__).parent / "verify.md"


@dataclass(frozen=True)
class Measured:
    """One verification: what there was, seconds by the clock and of the processor, and by how many MiB memory grew."""

    records: int
    claims: int
    events: int
    megabytes: float
    seconds: float
    working: float
    grown: float
    hashing: float
    faults: int


def copies_of(rows: "list[Any]", **changes: Any) -> "list[Any]":
    """New rows like these, each with the given columns changed: a value, or a function of the row's old id."""
    from copy import copy

    made = []
    for row in rows:
        fresh = copy(row)
        for name, value in changes.items():
            setattr(fresh, name, value(row) if callable(value) else value)
        fresh.pk, fresh._state = None, type(row._state)()
        fresh._state.adding = True
        made.append(fresh)
    return made


def copy_record(model: "UnitRecord", ordinal: int) -> "UnitRecord":
    """One more registration on the unit with all evidence, claims and judgements, as if it had never been signed."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage
    from django.utils import timezone

    from assessment.models import Judgement
    from evidence.models import Claim, Evidence, EvidenceFile, EvidenceVersion
    from ledger.events import EventType
    from registrations.models import UnitConfirmation

    def saved(rows: "list[Model]") -> "list[Any]":
        return type(rows[0]).objects.bulk_create(rows) if rows else []  # type: ignore[attr-defined]

    def one(row: "Model", **changes: Any) -> Any:
        return saved(copies_of([row], **changes))[0]

    candidate = one(model.registration.candidate, email=f"candidate{ordinal}@example.org")
    portfolio = one(model.portfolio, candidate=candidate, uuid=uuid4())
    registration = one(model.registration, number=f"B{ordinal:06}", candidate=candidate)
    record = one(model, registration=registration, portfolio=portfolio, state="open", completed_at=None)
    registered = {
        "qualification": registration.qualification.code,
        "assessor": registration.assessor_id,
        "iv": registration.iv_id,
    }
    added = {"registration": registration.pk, "unit": record.unit.code}
    told = [
        (EventType.CANDIDATE_REGISTERED, f"registration:{registration.pk}", candidate.pk, registered),
        (EventType.UNIT_ADDED, f"unit_record:{record.pk}", candidate.pk, added),
    ]
    claims = list(Claim.objects.filter(record=model).select_related("evidence").order_by("pk"))
    for item in {claim.evidence for claim in claims}:
        mine = [claim for claim in claims if claim.evidence_id == item.pk]
        assert item.current_version_id is not None
        version = EvidenceVersion.objects.get(pk=item.current_version_id)
        evidence = one(item, portfolio=portfolio, current_version=None, form_key=uuid4(), offered_at=timezone.now())
        fresh = one(version, evidence=evidence, made_by=candidate, made_at=timezone.now())
        Evidence.objects.filter(pk=evidence.pk).update(current_version=fresh)
        one(ItemConfirmation.objects.get(version=version), version=fresh)
        for file in EvidenceFile.objects.filter(version=version).select_related("blob"):
            content = secrets.token_bytes(FILE_BYTES)
            stored = default_storage.save(f"originals/bench/{ordinal}.jpg", ContentFile(content))
            blob = one(file.blob, stored_as=stored, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
            one(file, version=fresh, blob=blob)
        made = saved(copies_of(mine, record=record, evidence=evidence, judged_version=fresh))
        new = {old.pk: claim for old, claim in zip(mine, made, strict=True)}
        judgements = list(Judgement.objects.filter(claim__in=mine))
        judged = saved(
            copies_of(judgements, version=fresh, claim=lambda row, new=new: new[row.claim_id], judged_at=timezone.now())
        )
        told += [
            (EventType.EVIDENCE_ADDED, f"evidence:{evidence.pk}", candidate.pk, {"reference": evidence.reference}),
            (EventType.EVIDENCE_OFFERED, f"evidence:{evidence.pk}", candidate.pk, {}),
        ]
        told += [
            (EventType.CLAIM_ACCEPTED, f"claim:{row.claim_id}", row.judged_by_id, {"version": 1}) for row in judged
        ]
    confirmed = saved(
        copies_of(list(UnitConfirmation.objects.filter(record=model)), record=record, confirmed_at=timezone.now())
    )
    told += [
        (EventType.UNIT_CONFIRMED, f"unit_record:{record.pk}", row.confirmed_by_id, {"kind": str(row.kind)})
        for row in confirmed
    ]
    begin_chain(portfolio.chain, told)
    return record


def begin_chain(key: str, told: "list[tuple[EventType, str, int, dict[str, Any]]]") -> None:
    """The ledger tells of what was copied, as the actions that made the original did; all of it in one write."""
    from django.utils import timezone

    from ledger.models import Chain, Event

    chain, events, head = Chain.objects.create(key=key), [], ""
    for place, (type_, subject, actor, data) in enumerate(told, start=1):
        event = Event(
            chain=chain,
            sequence=place,
            type=type_,
            at=timezone.now(),
            actor_id=actor,
            subject=subject,
            data=data,
            previous=head,
        )
        event.digest = head = event.as_link(key).digest
        events.append(event)
    Event.objects.bulk_create(events)
    Chain.objects.filter(pk=chain.pk).update(length=len(events), head=head)


def sign_copies(records: "list[UnitRecord]", model: "UnitRecord") -> None:
    """Candidate and assessor sign each copy over its own snapshot, the ledger tells of it, and the heads are sealed."""
    from django.utils import timezone

    from ledger.actions import seal_heads, tell
    from ledger.events import EventType
    from ledger.signing import sign
    from registrations.models import UnitRecord
    from signoff.contents import RECORD_RELATIONS, contents_of
    from signoff.models import Signature, Slot
    from signoff.snapshot import digest_of, signed_words, snapshot_of

    originals = {row.slot: row for row in Signature.objects.filter(record=model)}
    for slot, state in ((Slot.CANDIDATE, "candidate_signed"), (Slot.ASSESSOR, "complete")):
        fetched = UnitRecord.objects.filter(pk__in=[one.pk for one in records]).select_related(*RECORD_RELATIONS)
        for contents in contents_of(fetched, with_files=True).values():
            snapshot = snapshot_of(contents, before=slot)
            (signature,) = copies_of(
                [originals[slot]],
                record=contents.record,
                signer=contents.record.registration.candidate if slot is Slot.CANDIDATE else contents.record.assessor,
                signed_at=timezone.now(),
                snapshot=snapshot,
                snapshot_digest=digest_of(snapshot),
                proof_key="",
            )
            signature.key_signature = sign(signed_words(signature)).signature_hex
            signature.save(force_insert=True)
            contents.record.state = state
            contents.record.completed_at = signature.signed_at if state == "complete" else None
            contents.record.save(update_fields=["state", "completed_at"])
            tell(
                EventType.RECORD_SIGNED,
                about=contents.record,
                by=signature.signer,
                unit_record=contents.record.pk,
                signature=signature.pk,
                to=state,
                snapshot_digest=signature.snapshot_digest,
                key_signature=signature.key_signature,
            )
            seal_heads()


def measure() -> Measured:
    """Verify everything in this process, and read every file once more for comparison."""
    from django.core.files.storage import default_storage

    from evidence.models import Claim
    from files.models import Blob
    from ledger.models import Event
    from proof.verify import faults
    from registrations.models import RecordState, UnitRecord

    before, start, worked = _peak(), time.perf_counter(), time.process_time()
    found = sum(1 for _ in faults())
    seconds, working, grown = time.perf_counter() - start, time.process_time() - worked, _peak() - before
    start, read = time.perf_counter(), 0
    for name in Blob.objects.values_list("stored_as", flat=True):
        with default_storage.open(name) as file:
            content = file.read()
            read += len(content)
            hashlib.sha256(content).hexdigest()
    return Measured(
        records=UnitRecord.objects.exclude(state=RecordState.OPEN).count(),
        claims=Claim.objects.count(),
        events=Event.objects.count(),
        megabytes=read / 1e6,
        seconds=seconds,
        working=working,
        grown=grown,
        hashing=time.perf_counter() - start,
        faults=found,
    )


def _peak() -> float:
    """The most memory that this process has held so far, in MiB; what its parent held before does not count."""
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def measured_apart(folder: Path) -> Measured:
    """The same in a process of its own."""
    found = subprocess.run(
        [sys.executable, "-m", "benchmarks.verify", "--measure"],
        env=os.environ | {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "benchmarks.settings"},
        check=True,
        capture_output=True,
        text=True,
    )
    return Measured(**json.loads(found.stdout))


def stages(folder: Path) -> list[Measured]:
    from django.conf import settings
    from django.db import transaction

    from tests.evidence.builders import make_world
    from tests.signoff.builders import complete

    settings.LEDGER_LISTENERS = []  # nobody is mailed
    model, made, found = complete(make_world()), 1, []
    for stage in STAGES:
        while made < stage:
            step = min(AT_A_TIME, stage - made)
            with transaction.atomic():
                sign_copies([copy_record(model, made + each) for each in range(step)], model)
            made += step
        found.append(measured_apart(folder))
    return found


def report(found: list[Measured]) -> str:
    from django.utils import timezone

    lines = [
        "# How long verifying takes, and how much memory",
        "",
        f"Written by `python -m benchmarks.verify` on {timezone.localdate():%d/%m/%Y}: Python "
        f"{platform.python_version()}, {os.cpu_count()} CPUs, SQLite. Records of unit 304, each in a portfolio of its "
        "own with one file, 27 claims and two signatures, each followed by a seal of chain heads; every judgement and "
        "signature is told of in the ledger. Processor: the time that "
        "the process worked, whatever else the machine did. Memory: by how much it grew.",
        "",
        "| signed records | claims | events | verify, s | processor, s | ms of it a record | memory, MiB | "
        "*SHA-256 of the files, s* |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {one.records:,} | {one.claims:,} | {one.events:,} | {one.seconds:.1f} | {one.working:.1f} | "
            f"{one.working * 1000 / one.records:.1f} | {one.grown:.1f} | "
            f"{one.hashing:.2f} ({one.megabytes:.0f} MB) |"
            for one in found
        ),
        "",
        "In italics: the same files read and hashed, without anything else, to tell verifying from the machine.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    if "--measure" in sys.argv:
        import django

        django.setup()
        sys.stdout.write(json.dumps(asdict(measure())))
        return
    folder = Path(tempfile.mkdtemp(prefix="nvq-bench-"))
    try:
        set_up(folder)
        found = stages(folder)
        assert not any(one.faults for one in found), found
        RESULTS.write_text(report(found))
        sys.stdout.write(RESULTS.read_text())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
