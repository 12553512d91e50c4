"""A witness without an account is asked, testifies, and may say that it was somebody else (R20-R23, R20a)."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from centres.models import Membership
from evidence.items.actions import lapse_for, locked_evidence, locked_records, replace_version
from evidence.items.versions import Words
from evidence.models import (
    Claim,
    ClaimState,
    Evidence,
    EvidenceState,
    EvidenceVersion,
    Testimony,
    TestimonyRequest,
)
from evidence.permissions import check_independent_of_portfolio
from evidence.states import claim_move
from evidence.testimonies.permissions import (
    check_link_works,
    check_may_ask,
    check_may_be_disowned,
    check_may_withdraw_request,
)
from evidence.testimonies.signing import STATEMENT, digest_and_sign
from files.forms import HandedIn
from ledger.actions import tell
from ledger.events import EventType
from ledger.subjects import Named

# Whoever mistypes an address sends again; whoever sends more often than that is a nuisance to somebody.
MOST_A_DAY = 5


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a witness fills in. ``signed_name`` is their name, typed once more to sign."""

    name: str
    job_role: str
    relationship: str
    contact: str
    seen_on: datetime.date
    words: str
    signed_name: str


@transaction.atomic
def ask_witness(*, evidence: Evidence, email: str, last_request: int, by: Membership) -> TestimonyRequest:
    """Ask the item's witness to testify, by a link that works once within TESTIMONY_DAYS (R20).

    ``last_request`` is the latest request that the form knew of, or 0: the same form sent twice asks once. A link that
    still waits is withdrawn, since the new one takes its place.

    Raises PermissionDenied for anybody but the candidate; ValidationError for an item without a witness or without the
    method, under ``email`` for an address that cannot be one or is the candidate's, their assessor's or IV's (R23),
    for too many requests in a day, and when somebody else has asked or answered meanwhile.
    """
    evidence = locked_evidence(evidence.pk)
    check_may_ask(evidence, by)
    version = _current(evidence)
    witness = version.witness
    assert witness is not None  # check_may_ask has looked
    email = _checked_address(evidence, email.strip())
    asked = list(evidence.testimony_requests.select_for_update().order_by("-pk"))
    if asked and asked[0].pk != last_request:
        if asked[0].email == email and asked[0].witness_id == witness.pk and asked[0].state == "waiting":
            return asked[0]
        raise ValidationError("The witness has been asked or has answered meanwhile. Look again.", code="stale")
    now = timezone.now()
    if sum(request.asked_at > now - datetime.timedelta(days=1) for request in asked) >= MOST_A_DAY:
        raise ValidationError("You have asked several times today. Ask again tomorrow, or hand in a paper testimony.")
    for request in asked:
        if request.used_at is None and request.withdrawn_at is None:
            _withdraw(request, evidence, by)
    made = TestimonyRequest.objects.create(
        evidence=evidence,
        witness=witness,
        email=email,
        title=version.title,
        happened_from=version.happened_from,
        happened_to=version.happened_to,
        asked_by=by.person,
        asked_at=now,
        expires_at=now + datetime.timedelta(days=settings.TESTIMONY_DAYS),
    )
    _tell(EventType.TESTIMONY_ASKED, made, evidence, by)
    return made


@transaction.atomic
def withdraw_request(*, request: TestimonyRequest, by: Membership) -> TestimonyRequest:
    """Take a link back before it is used.

    Raises PermissionDenied for anybody but the candidate, ValidationError for a link that was used or withdrawn.
    """
    evidence = locked_evidence(request.evidence_id)
    request = TestimonyRequest.objects.select_for_update(of=("self",)).select_related("witness").get(pk=request.pk)
    request.evidence = evidence
    check_may_withdraw_request(request, by)
    _withdraw(request, evidence, by)
    return request


@transaction.atomic
def give_testimony(*, request: TestimonyRequest, said: Said) -> Testimony:
    """The witness testifies and signs (R21): the link is used up, and the item carries their words from now on.

    A draft stays the candidate's to offer. Of an offered item a new version is made, whose judged claims in open units
    wait for judgement again (Q22, Q22a). Nobody is signed in, so the ledger names no actor.

    Raises ValidationError for a link that no longer works; by field for what is missing or still to come, for a name
    under it that is not the one above, and for the candidate or one of their assessors and IVs (R23).
    """
    evidence = locked_evidence(request.evidence_id)
    request = TestimonyRequest.objects.select_for_update(of=("self",)).select_related("witness").get(pk=request.pk)
    request.evidence = evidence
    check_link_works(request)
    testimony = Testimony(request=request, signed_at=timezone.now(), **_cleaned(evidence, said))
    digest_and_sign(testimony)
    testimony.save(force_insert=True)
    request.used_at = testimony.signed_at
    request.save(update_fields=["used_at"])
    version = _current(evidence)
    if evidence.state == EvidenceState.OFFERED:
        files = [HandedIn(file.blob, file.name) for file in version.files.select_related("blob")]
        version = replace_version(
            evidence, version, Words.of(version), files, "The witness has testified.", None, testimony=testimony
        )
    else:
        version.testimony = testimony
        version.save(update_fields=["testimony"])
        evidence.revision += 1
        evidence.save(update_fields=["revision"])
    tell(
        EventType.TESTIMONY_GIVEN,
        about=Named(evidence.chain, testimony.subject),
        by=None,
        evidence=evidence.pk,
        reference=evidence.reference,
        version=version.ordinal,
        witness=request.witness_id,
        request=request.pk,
        digest=testimony.digest,
    )
    return testimony


@transaction.atomic
def suspend_testimony(*, testimony: Testimony) -> Testimony:
    """The invited address says that it was somebody else (R20a): nothing rests on the testimony any more.

    Claims accepted on it wait for judgement again where the unit is open. A signed record keeps what it was signed on;
    its assessor is told (``desk``), and whoever unlocks it finds those claims undecided. Raises ValidationError for one
    that is suspended already.
    """
    request = testimony.request
    evidence = locked_evidence(request.evidence_id)
    testimony = Testimony.objects.select_for_update().get(pk=testimony.pk)
    check_may_be_disowned(testimony)
    testimony.suspended_at = timezone.now()
    testimony.save(update_fields=["suspended_at"])
    resting = list(
        Claim.objects.filter(evidence=evidence, state=ClaimState.ACCEPTED, judged_version__testimony=testimony)
    )
    records = locked_records({claim.record_id for claim in resting})
    brought_back = [claim for claim in resting if records[claim.record_id].is_open]
    for claim in brought_back:
        claim.state = claim_move(claim.state, ClaimState.UNDECIDED).target
    Claim.objects.bulk_update(brought_back, ["state"])
    evidence.revision += 1
    evidence.save(update_fields=["revision"])
    tell(
        EventType.TESTIMONY_SUSPENDED,
        about=Named(evidence.chain, testimony.subject),
        by=None,
        evidence=evidence.pk,
        reference=evidence.reference,
        claims=[claim.pk for claim in brought_back],
        unit_records=sorted({claim.record_id for claim in brought_back}),
        kept_in=sorted({claim.record_id for claim in resting} - {claim.record_id for claim in brought_back}),
    )
    lapse_for(brought_back, records, None)
    return testimony


def _cleaned(evidence: Evidence, said: Said) -> dict[str, Any]:
    given: dict[str, Any] = {
        "name": " ".join(said.name.split()),
        "job_role": said.job_role.strip(),
        "relationship": said.relationship.strip(),
        "contact": said.contact.strip(),
        "words": said.words.strip(),
        "signed_name": " ".join(said.signed_name.split()),
    }
    errors = {field: "Fill this in." for field, text in given.items() if not text}
    if said.seen_on > timezone.localdate():
        errors["seen_on"] = "This date is still to come. Say when you saw it."
    if not errors and given["signed_name"].casefold() != given["name"].casefold():
        errors["signed_name"] = "Type your name as you wrote it above."
    if errors:
        raise ValidationError(errors)
    try:
        check_independent_of_portfolio(evidence.portfolio, given["name"], given["contact"])
    except ValidationError as refusal:
        # Who assesses the candidate is no business of whoever holds the link.
        raise ValidationError(
            {"name": "The candidate, their assessor and their internal verifier cannot be the witness."}
        ) from refusal
    return {**given, "seen_on": said.seen_on, "statement": STATEMENT}


def _checked_address(evidence: Evidence, email: str) -> str:
    try:
        validate_email(email)
        check_independent_of_portfolio(evidence.portfolio, "", email)
    except ValidationError as refusal:
        raise ValidationError({"email": refusal.messages}) from refusal
    return email


def _withdraw(request: TestimonyRequest, evidence: Evidence, by: Membership) -> None:
    request.withdrawn_at = timezone.now()
    request.save(update_fields=["withdrawn_at"])
    _tell(EventType.TESTIMONY_WITHDRAWN, request, evidence, by)


def _tell(type_: EventType, request: TestimonyRequest, evidence: Evidence, by: Membership) -> None:
    """The ledger names neither the address nor the key of the link."""
    tell(
        type_,
        about=Named(evidence.chain, request.subject),
        by=by,
        evidence=evidence.pk,
        reference=evidence.reference,
        witness=request.witness_id,
    )


def _current(evidence: Evidence) -> EvidenceVersion:
    version = evidence.current_version
    assert version is not None  # an item is made together with its first version
    return version
