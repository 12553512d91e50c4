"""What exactly a witness signs, as canonical data, and the installation's signature over it (R11, R21).

People and rows stand in it by id where we know them, and as they named themselves where they did.
"""

from datetime import UTC, datetime
from typing import Any

from evidence.models import Testimony
from ledger.canonical import canonical_json, digest
from ledger.signing import is_genuine, sign

FORMAT = 1
STATEMENT = (
    "I saw this myself. What I have written is true and in my own words, and I am the person named above. "
    "I know that I do not assess the candidate."
)


def content_of(testimony: Testimony) -> dict[str, Any]:
    """A testimony as it was signed, ready for ``ledger.canonical``. Needs its request and evidence."""
    request = testimony.request
    return {
        "format": FORMAT,
        "evidence": request.evidence_id,
        "reference": request.evidence.reference,
        "witness": request.witness_id,
        "asked": {
            "email": request.email,
            "at": _moment(request.asked_at),
            "title": request.title,
            "from": request.happened_from.isoformat(),
            "to": request.happened_to.isoformat(),
        },
        "name": testimony.name,
        "job_role": testimony.job_role,
        "relationship": testimony.relationship,
        "contact": testimony.contact,
        "seen_on": testimony.seen_on.isoformat(),
        "words": testimony.words,
        "statement": testimony.statement,
        "signed_name": testimony.signed_name,
        "signed_at": _moment(testimony.signed_at),
    }


def digest_and_sign(testimony: Testimony) -> None:
    """Fill in the digest and the installation's signature of a testimony that is about to be stored."""
    content = content_of(testimony)
    signed = sign(canonical_json(content))
    testimony.digest = digest(content)
    testimony.key_signature, testimony.key_fingerprint = signed.signature_hex, signed.fingerprint


def is_as_signed(testimony: Testimony) -> bool:
    """Whether a stored testimony still says what its witness signed."""
    content = content_of(testimony)
    return testimony.digest == digest(content) and is_genuine(
        canonical_json(content), testimony.key_signature, testimony.key_fingerprint
    )


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
