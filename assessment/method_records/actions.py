"""Records of assessment methods, signed by their author and never changed (R11, R14, R16, R19)."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from assessment.method_records.kinds import ASSESSORS_KINDS, CANDIDATES_KINDS, Body, MethodKind, as_text, cleaned_body
from assessment.method_records.permissions import check_may_correct, check_may_hold, check_may_record, check_signed_name
from assessment.models import AgreedDiscussion, MethodRecord
from centres.models import Membership, RealisticWorkingEnvironment
from evidence.items.actions import locked_evidence, replace_version
from evidence.items.versions import Words, digests, make_version
from evidence.models import Evidence, EvidenceState, EvidenceVersion
from evidence.permissions import check_may_change
from evidence.states import evidence_move
from files.forms import HandedIn
from ledger.actions import tell
from ledger.canonical import digest
from ledger.events import EventType
from registrations.models import Portfolio


@dataclass(frozen=True, kw_only=True)
class About:
    """What an assessor says of the evidence that their record becomes: a version's words, but its text and method."""

    title: str
    happened_from: datetime.date
    setting: str
    environment: RealisticWorkingEnvironment | None = None
    simulation_basis: str = ""
    occasion: str = ""
    customer: str = ""
    is_rpl: bool = False


@transaction.atomic
def record_method(
    *,
    portfolio: Portfolio,
    kind: MethodKind,
    form_key: UUID,
    about: About,
    body: Mapping[str, object],
    typed_name: str,
    files: Sequence[HandedIn] = (),
    discussion: AgreedDiscussion | None = None,
    by: Membership,
) -> MethodRecord:
    """Make evidence of an observation, of questions asked or of a discussion held, signed by the assessor (R11, R16).

    The item gets the next number of the candidate's portfolio (R10) and is on offer at once; it is claimed for nothing
    yet. A discussion names the one whose areas were agreed, and cannot be older than that. ``form_key`` is the form's
    own: the same form sent twice makes one record.

    Raises PermissionDenied unless ``by`` assesses a unit of the portfolio; ValidationError by field for what is missing
    or wrong, for another name than the assessor's under ``typed_name``, and where no such unit is open.
    """
    portfolio = Portfolio.objects.select_for_update(of=("self",)).select_related("candidate").get(pk=portfolio.pk)
    if kind not in ASSESSORS_KINDS:
        raise ValidationError("This is not a record that an assessor makes.")
    twin = _twin(form_key, portfolio, by)
    if twin is not None:
        return twin
    check_may_record(portfolio, by)
    if (kind == MethodKind.DISCUSSION) != (discussion is not None):
        raise ValidationError("A professional discussion is held on areas that were agreed beforehand.")
    if discussion is not None:
        discussion = (
            AgreedDiscussion.objects.select_for_update(of=("self",))
            .select_related("portfolio__candidate")
            .get(pk=discussion.pk, portfolio=portfolio)
        )
        check_may_hold(discussion, by)
    whole = _body_of(kind, body, about, discussion, typed_name, by)
    words = _words_of(portfolio, kind, about, whole)
    evidence = Evidence.objects.create(portfolio=portfolio, number=portfolio.next_number, form_key=form_key)
    portfolio.next_number += 1
    portfolio.save(update_fields=["next_number"])
    version = make_version(evidence, words, files, ordinal=1, why="", by=by.person)
    move = evidence_move(evidence.state, EvidenceState.OFFERED)
    evidence.state, evidence.offered_at = move.target, timezone.now()
    evidence.save(update_fields=["current_version", "state", "offered_at"])
    _tell_of(EventType.EVIDENCE_ADDED, evidence, by, {"files": digests(files)})
    _tell_of(move.event, evidence, by, {"version": 1, "unit_records": [], "claims": 0})
    return _sign(version, kind, whole, form_key, discussion, None, by)


@transaction.atomic
def correct_record(
    *,
    record: MethodRecord,
    form_key: UUID,
    about: About | None = None,
    body: Mapping[str, object],
    typed_name: str,
    why: str,
    files: Sequence[HandedIn] = (),
    by: Membership,
) -> MethodRecord:
    """Write a signed record anew; the old one stays readable beside it.

    An assessor's record is the evidence itself, so a new version of it takes the old one's place, and what was judged
    on it is judged again (Q22); ``about`` and ``files`` are what that version says and holds.

    Raises PermissionDenied for anybody but the author, or for one who assesses the candidate no more the unit's present
    assessor; ValidationError by field as the other actions do, without a reason, and for a record that was corrected
    already.
    """
    evidence = locked_evidence(record.version.evidence_id)
    twin = _twin(form_key, evidence.portfolio, by)
    if twin is not None:
        return twin
    record = MethodRecord.objects.select_related("version", "discussion").get(pk=record.pk)
    record.version.evidence = evidence
    check_may_correct(record, by)
    if not why.strip():
        raise ValidationError({"why": "Say what you correct. It stays on record."})
    kind, why = MethodKind(record.kind), why.strip()[:300]
    whole = _body_of(kind, body, about, record.discussion, typed_name, by)
    if about is None:
        version = _put_beside(evidence, why, by)
    else:
        words = _words_of(evidence.portfolio, kind, about, whole)
        version = replace_version(evidence, record.version, words, files, why, by)
    return _sign(version, kind, whole, form_key, record.discussion, record, by)


@transaction.atomic
def add_note(
    *,
    evidence: Evidence,
    kind: MethodKind,
    form_key: UUID,
    body: Mapping[str, object],
    typed_name: str,
    by: Membership,
) -> MethodRecord:
    """The candidate's personal statement, or what they say of a product, beside an item of their own (R14).

    It supports the item and can stand for nothing by itself: an item still needs a file or a place at work to be
    offered. On an item that is offered it makes a new version, which is judged again (Q22).

    Raises PermissionDenied for anybody but the candidate; ValidationError by field for what is missing, for another
    name than theirs under ``typed_name``, and for an item that was withdrawn or that their assessor wrote.
    """
    evidence = locked_evidence(evidence.pk)
    if kind not in CANDIDATES_KINDS:
        raise ValidationError("This is not a note that a candidate adds.")
    twin = _twin(form_key, evidence.portfolio, by)
    if twin is not None:
        return twin
    check_may_change(evidence, by)
    whole = _body_of(kind, body, None, None, typed_name, by)
    version = _put_beside(evidence, f"{kind.label} added", by)
    return _sign(version, kind, whole, form_key, None, None, by)


def digest_of(record: MethodRecord) -> str:
    """SHA-256 of what was signed: the words, about which version, by whom, under which name and when.

    No query where ``version__evidence`` was fetched with it.
    """
    return digest(
        {
            "portfolio": record.version.evidence.portfolio_id,
            "reference": record.version.evidence.reference,
            "version": record.version.ordinal,
            "kind": str(record.kind),
            "body": record.body,
            "author": record.author_id,
            "signed_name": record.signed_name,
            "signed_at": record.signed_at.astimezone(datetime.UTC).isoformat(timespec="microseconds"),
        }
    )


def _twin(form_key: UUID, portfolio: Portfolio, by: Membership) -> MethodRecord | None:
    """The record that this form made when it was sent before. Raises ValidationError where that was another's."""
    twin = MethodRecord.objects.select_related("version__evidence").filter(form_key=form_key).first()
    if twin is not None and (twin.author_id, twin.version.evidence.portfolio_id) != (by.person_id, portfolio.pk):
        raise ValidationError("This form belongs to another portfolio. Open it again.")
    return twin


def _body_of(
    kind: MethodKind,
    given: Mapping[str, object],
    about: About | None,
    discussion: AgreedDiscussion | None,
    typed_name: str,
    by: Membership,
) -> Body:
    """The whole body as it is stored and signed. Raises ValidationError with every wrong field at once."""
    errors: dict[str, Any] = {}
    body: Body = {}
    try:
        body = cleaned_body(kind, given)
    except ValidationError as refusal:
        if not hasattr(refusal, "error_dict"):
            raise
        errors |= refusal.message_dict
    try:
        check_signed_name(typed_name, by.person)
    except ValidationError as refusal:
        errors |= refusal.message_dict
    if (about is None) == (kind in ASSESSORS_KINDS):
        raise ValidationError("An assessor’s record says what evidence it is, a candidate’s note does not.")
    if about is not None:
        body["on"] = about.happened_from.isoformat()
    if discussion is not None and about is not None:
        agreed_on = timezone.localdate(discussion.agreed_at)
        body |= {"areas": list(discussion.areas), "agreed_on": agreed_on.isoformat()}
        if about.happened_from < agreed_on:
            errors["happened_from"] = f"The areas were agreed on {agreed_on:%d/%m/%Y}, so it was held then or later."
    if errors:
        raise ValidationError(errors)
    return body


def _words_of(portfolio: Portfolio, kind: MethodKind, about: About, body: Body) -> Words:
    assert kind.method is not None  # the caller has looked
    return Words.cleaned(
        portfolio=portfolio,
        title=about.title,
        methods=[kind.method],
        setting=about.setting,
        environment=about.environment,
        simulation_basis=about.simulation_basis,
        happened_from=about.happened_from,
        happened_to=None,
        occasion=about.occasion,
        customer=about.customer,
        what_happened=as_text(kind, body),
        kept_at="",
        witness=None,
        is_rpl=about.is_rpl,
    )


def _put_beside(evidence: Evidence, why: str, by: Membership) -> EvidenceVersion:
    """Where a candidate’s note belongs: a draft’s own version; of what is offered a new one, otherwise the same."""
    before = evidence.current_version
    assert before is not None  # an item is made together with its first version
    if evidence.state != EvidenceState.OFFERED:
        return before
    files = [HandedIn(file.blob, file.name) for file in before.files.select_related("blob")]
    return replace_version(evidence, before, Words.of(before), files, why, by)


def _sign(
    version: EvidenceVersion,
    kind: MethodKind,
    body: Body,
    form_key: UUID,
    discussion: AgreedDiscussion | None,
    corrects: MethodRecord | None,
    by: Membership,
) -> MethodRecord:
    record = MethodRecord(
        version=version,
        kind=kind,
        body=body,
        discussion=discussion,
        author=by.person,
        signed_name=by.person.name,
        signed_at=timezone.now(),
        corrects=corrects,
        form_key=form_key,
    )
    record.digest = digest_of(record)
    record.save()
    facts = {"version": version.ordinal, "kind": str(kind), "record": record.pk, "digest": record.digest}
    if corrects is not None:
        facts["corrects"] = corrects.pk
    _tell_of(EventType.METHOD_RECORD_SIGNED, version.evidence, by, facts)
    return record


def _tell_of(type_: EventType, evidence: Evidence, by: Membership, facts: dict[str, Any]) -> None:
    tell(type_, about=evidence, by=by, reference=evidence.reference, **facts)
