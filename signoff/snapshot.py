"""What exactly is signed: a record as canonical data, its digest, and the words that the key signs (Q26).

People stand in it by id, so that lawful disposal of names leaves it verifiable (R60; HOUSE, first, 3). It reads only
rows that `contents.py` has fetched.
"""

from datetime import UTC, datetime
from typing import Any

from ledger.canonical import canonical_json, digest
from registrations.models import UnitConfirmation
from signoff.contents import ClaimLine, RecordContents
from signoff.models import Signature, Slot
from units.outline import CriterionOutline, UnitOutline

# 2: records of assessment methods, and what was seen at work. A record is signed to its end in the format in which its
# first signature was given, and looked at in that one.
FORMAT = 2


def snapshot_of(contents: RecordContents, *, before: Slot | None = None) -> dict[str, Any]:
    """A record as it stands, ready for `ledger.canonical`.

    In: contents with files; `before` leaves out the signature on that line and on all later ones. Out: three parts.
    "header" says whose record it is as of now, and in which wording (a registration number, or a misprint in the
    standard, may be mended later); "record" is what was judged and must never change once signed (R66); "signatures"
    are those that stand already, so that each one seals the last.
    """
    number = _format_of(contents)
    return {
        "format": number,
        "header": _header(contents),
        "record": _record(contents, number),
        "signatures": _signatures(contents, before=before),
    }


def digest_of(snapshot: dict[str, Any]) -> str:
    """The digest that the page shows, the form sends back, and the signature stores."""
    return digest(snapshot)


def record_digest_of(snapshot: dict[str, Any]) -> str:
    """The digest of what was judged: that part of a snapshot which every signature on a record covers alike.

    It stands on a print, and the page that confirms the print compares it with what each signer saw.
    """
    return digest(snapshot.get("record"))


def signed_words(signature: Signature) -> bytes:
    """What the installation's key signs: every column of the signature, snapshot and drawing by their digests.

    Where there is no drawing it is not spoken of, so that signatures given before there were any still verify.
    """
    return canonical_json(
        {
            "record": signature.record_id,
            "slot": str(signature.slot),
            "signer": signature.signer_id,
            "printed_name": signature.printed_name,
            "signed_at": _moment(signature.signed_at),
            "statement": signature.statement,
            "proof": signature.proof,
            "award": signature.award,
            "needs_countersignature": signature.needs_countersignature,
            "snapshot_digest": signature.snapshot_digest,
            **({"drawing": signature.drawing.sha256} if signature.drawing else {}),
        }
    )


def _format_of(contents: RecordContents) -> int:
    snapshots = (signature.snapshot for signature in contents.signatures.values())
    given = (snapshot.get("format") for snapshot in snapshots if isinstance(snapshot, dict))
    return min((number for number in given if isinstance(number, int)), default=FORMAT)


def _header(contents: RecordContents) -> dict[str, Any]:
    registration = contents.record.registration
    return {
        "centre": registration.centre.number,
        "registration": registration.number,
        "qualification": registration.qualification.code,
        "standard_digest": contents.record.unit.standard.digest,
        "unit_wording": contents.outline.wording,
        "assessor": contents.record.assessor.pk,
        "iv": contents.record.iv.pk,
    }


def _record(contents: RecordContents, number: int) -> dict[str, Any]:
    record, outline = contents.record, contents.outline
    # V, A and C of an item are shared by every unit that it is claimed in. Accepted claims hold them fast; where an
    # item was only returned here, they may be confirmed later for another unit, so they are no part of this record.
    accepted_last = sorted(contents.lines, key=lambda line: line.is_accepted)
    versions = {(line.claim.evidence.number, line.version.ordinal): line for line in accepted_last}
    return {
        "id": record.pk,
        "candidate": record.registration.candidate_id,
        "unit": {
            "code": record.unit.code,
            "standard": record.unit.standard.code,
            "edition": outline.edition,
        },
        "evidence": [
            _version(line, contents) | (_vouched_for(line, contents) if number > 1 else {})
            for _, line in sorted(versions.items())
        ],
        "claims": [_claim(line, contents.outline) for line in contents.lines],
        "confirmations": [
            {"kind": str(row.kind), "by": row.confirmed_by_id, "at": _moment(row.confirmed_at)}
            | ({"item": row.group.position} if row.group else {})
            for row in sorted(contents.confirmations, key=_kind_and_item)
        ],
        **_where_asked_for(contents),
    }


def _kind_and_item(row: UnitConfirmation) -> tuple[str, int]:
    return str(row.kind), row.group.position if row.group else 0


def _where_asked_for(contents: RecordContents) -> dict[str, Any]:
    """What only some records hold; it is left out elsewhere, so that records signed before it existed still verify."""
    held = contents.held_elsewhere
    waivers = [
        {
            **_cell(contents.outline.criteria_by_id[row.criterion_id], contents.outline),
            "reason": row.reason,
            "by": row.waived_by_id,
            "at": _moment(row.waived_at),
        }
        for row in contents.waivers
    ]
    # One claim may be for all of an open set, so what was named says what every one of them was (R3).
    named = [{"of": row.of, "name": row.name} for row in contents.instances]
    found: dict[str, Any] = {key: rows for key, rows in (("waivers", waivers), ("named", named)) if rows}
    if held:
        found["held_elsewhere"] = {
            "where": held.where,
            "by": held.confirmed_by_id,
            "at": _moment(held.confirmed_at),
        }
    return found


def _version(line: ClaimLine, contents: RecordContents) -> dict[str, Any]:
    version, confirmation = line.version, line.confirmation if line.is_accepted else None
    return {
        "reference": line.reference,
        "version": version.ordinal,
        "title": version.title,
        "methods": list(version.methods),
        "setting": str(version.setting),
        "simulation_basis": version.simulation_basis,
        "from": version.happened_from.isoformat(),
        "to": version.happened_to.isoformat(),
        "what_happened": version.what_happened,
        "kept_at": version.kept_at,
        **{key: value for key in ("occasion", "customer", "is_rpl") if (value := getattr(version, key))},
        **(
            {"environment": {"id": version.environment.pk, "name": version.environment.name}}
            if version.environment
            else {}
        ),
        "witness": version.witness_id,
        **({"testimony": version.testimony.digest} if version.testimony else {}),
        "files": [{"name": file.name, "sha256": file.blob.sha256} for file in contents.files.get(version.pk, ())],
        "confirmed": None
        if confirmation is None
        else {
            "valid": confirmation.is_valid,
            "authentic": confirmation.is_authentic,
            "current": confirmation.is_current,
            "how": confirmation.how_authenticated,
            "by": confirmation.confirmed_by_id,
            "at": _moment(confirmation.confirmed_at),
        },
    }


def _vouched_for(line: ClaimLine, contents: RecordContents) -> dict[str, Any]:
    """What people wrote and signed about a version (R11, R16), and who had seen it at work when it was accepted (R12).

    Somebody may look at it again for another unit afterwards: that is no part of this record.
    """
    written = [
        {"kind": str(row.kind), "by": row.author_id, "at": _moment(row.signed_at), "digest": row.digest}
        for row in contents.method_records.get(line.version.pk, ())
    ]
    seen = [
        {"by": row.seen_by_id, "on": row.seen_on.isoformat(), "where": row.where}
        for row in contents.sights.get(line.version.pk, ())
        if line.judged_at and row.recorded_at <= line.judged_at
    ]
    return {key: rows for key, rows in (("records", written), ("seen", seen)) if rows}


def _cell(criterion: CriterionOutline, outline: UnitOutline) -> dict[str, Any]:
    """A criterion by its label, and its item's place where the print gives several the same label (PRACTICE §2)."""
    place = {"item": outline.place_of(criterion.id)} if criterion.label in outline.doubled else {}
    return {"criterion": criterion.label, **place}


def _claim(line: ClaimLine, outline: UnitOutline) -> dict[str, Any]:
    return {
        "reference": line.reference,
        "version": line.version.ordinal,
        # None is a claim against the unit as a whole.
        **(_cell(line.criterion, outline) if line.criterion else {"criterion": None}),
        **({"instance": line.instance.name} if line.instance else {}),
        "locator": line.claim.locator,
        "verdict": str(line.claim.state),
        "judged_by": line.judged_by_id,
        "judged_at": _moment(line.judged_at) if line.judged_at else None,
    }


def _signatures(contents: RecordContents, *, before: Slot | None) -> list[dict[str, Any]]:
    order = list(Slot)
    standing = order[: order.index(before)] if before else order
    return [
        {
            "slot": str(slot),
            "signer": signature.signer_id,
            "signed_at": _moment(signature.signed_at),
            "key_signature": signature.key_signature,
        }
        for slot in standing
        if (signature := contents.signed(slot))
    ]


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
