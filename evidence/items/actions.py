"""Writes to evidence items: added, changed or replaced, offered, withdrawn (R8-R12, Q20-Q22a)."""

import datetime
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from centres.models import Membership, RealisticWorkingEnvironment
from centres.permissions import check_revision
from evidence.items.versions import Words, digests, files_of, kept_testimony, make_version, named, put_files
from evidence.models import Claim, ClaimState, Evidence, EvidenceState, EvidenceVersion, Testimony, Witness
from evidence.permissions import check_independent, check_may_add, check_may_change, check_may_offer, check_may_withdraw
from evidence.states import evidence_move
from files.forms import HandedIn
from ledger.actions import tell
from ledger.events import EventType
from ledger.subjects import Named
from registrations.models import Portfolio, UnitRecord
from registrations.unit_records import lapse_confirmations
from units.methods import Method


@transaction.atomic
def add_evidence(
    *,
    portfolio: Portfolio,
    form_key: UUID,
    title: str,
    methods: Iterable[str],
    setting: str,
    simulation_basis: str = "",
    happened_from: datetime.date,
    happened_to: datetime.date | None = None,
    occasion: str = "",
    customer: str = "",
    what_happened: str,
    kept_at: str = "",
    witness: Witness | None = None,
    is_rpl: bool = False,
    environment: RealisticWorkingEnvironment | None = None,
    files: Sequence[HandedIn] = (),
    by: Membership,
) -> Evidence:
    """Make a draft with the next number of the portfolio, which is used up whatever becomes of it (R10, Q21).

    ``form_key`` is the form's own: the same form sent twice makes one item. ``happened_to`` is the first day where it
    is left out. ``files`` are stored already (``files.actions.store``).

    Raises PermissionDenied for anybody but the candidate; ValidationError by field for what is missing or wrong (dates
    to come, no method (Q20), a simulation without its basis (R6), another portfolio's witness), or for a read-only
    portfolio.
    """
    portfolio = Portfolio.objects.select_for_update().get(pk=portfolio.pk)
    check_may_add(portfolio, by)
    twin = Evidence.objects.select_related("current_version").filter(form_key=form_key).first()
    if twin is not None and twin.portfolio_id != portfolio.pk:
        raise ValidationError("This form belongs to another portfolio. Open it again.")
    words = Words.cleaned(
        portfolio=portfolio,
        title=title,
        methods=methods,
        setting=setting,
        simulation_basis=simulation_basis,
        happened_from=happened_from,
        happened_to=happened_to,
        occasion=occasion,
        customer=customer,
        what_happened=what_happened,
        kept_at=kept_at,
        witness=witness,
        is_rpl=is_rpl,
        environment=environment,
    )
    if twin is not None:
        if words.differing(_current(twin)):
            raise ValidationError(
                f"This form has been saved as {twin.reference} already. Change {twin.reference} instead."
            )
        return twin
    evidence = Evidence.objects.create(portfolio=portfolio, number=portfolio.next_number, form_key=form_key)
    portfolio.next_number += 1
    portfolio.save(update_fields=["next_number"])
    make_version(evidence, words, files, ordinal=1, why="", by=by.person)
    evidence.save(update_fields=["current_version"])
    tell(EventType.EVIDENCE_ADDED, about=evidence, by=by, reference=evidence.reference, files=digests(files))
    return evidence


@transaction.atomic
def change_evidence(
    *,
    evidence: Evidence,
    revision: int,
    title: str,
    methods: Iterable[str],
    setting: str,
    simulation_basis: str = "",
    happened_from: datetime.date,
    happened_to: datetime.date | None = None,
    occasion: str = "",
    customer: str = "",
    what_happened: str,
    kept_at: str = "",
    witness: Witness | None = None,
    is_rpl: bool = False,
    environment: RealisticWorkingEnvironment | None = None,
    files: Sequence[HandedIn] = (),
    why: str = "",
    by: Membership,
) -> Evidence:
    """Change a draft where it stands, or replace offered evidence by a new version (Q22).

    ``files`` are all the files from now on, kept ones included. A new version needs ``why``; judged claims on records
    still open wait for judgement again, and what the assessor confirmed of those units lapses. Signed records keep the
    version they were judged on (Q22a). The same form sent twice has one effect.

    Raises as `add_evidence` does; ValidationError too when the item was changed meanwhile or withdrawn, when a new
    version has no reason, nothing to look at, or does not differ.
    """
    evidence = locked_evidence(evidence.pk)
    check_may_change(evidence, by)
    words = Words.cleaned(
        portfolio=evidence.portfolio,
        title=title,
        methods=methods,
        setting=setting,
        simulation_basis=simulation_basis,
        happened_from=happened_from,
        happened_to=happened_to,
        occasion=occasion,
        customer=customer,
        what_happened=what_happened,
        kept_at=kept_at,
        witness=witness,
        is_rpl=is_rpl,
        environment=environment,
    )
    before = _current(evidence)
    if not words.differing(before) and named(files) == files_of(before):
        if evidence.state == EvidenceState.OFFERED and evidence.revision == revision:
            raise ValidationError("Nothing has been changed, so there is nothing to replace.")
        return evidence  # Saved already: the same form came twice.
    check_unchanged(evidence, revision)
    if evidence.state == EvidenceState.OFFERED:
        _replace(evidence, before, words, files, why.strip(), by)
    else:
        _change_draft(evidence, before, words, files, by)
    return evidence


@transaction.atomic
def offer_evidence(*, evidence: Evidence, revision: int, by: Membership) -> Evidence:
    """Offer a draft for assessment: from now on the assessor sees it.

    Raises PermissionDenied for anybody but the candidate; ValidationError when it was changed meanwhile, has nothing to
    look at (R12), is claimed for nothing or in locked units only, or lacks a proper witness (R20, R23).
    """
    evidence = locked_evidence(evidence.pk)
    check_unchanged(evidence, revision)
    check_may_offer(evidence, by)
    move = evidence_move(evidence.state, EvidenceState.OFFERED)
    evidence.state = move.target
    evidence.offered_at = timezone.now()
    evidence.revision += 1
    evidence.save(update_fields=["state", "offered_at", "revision"])
    claims = evidence.claims.exclude(state=ClaimState.WITHDRAWN)
    tell(
        move.event,
        about=evidence,
        by=by,
        reference=evidence.reference,
        version=_current(evidence).ordinal,
        unit_records=sorted({claim.record_id for claim in claims}),
        claims=len(claims),
    )
    return evidence


@transaction.atomic
def withdraw_evidence(*, evidence: Evidence, revision: int, why: str, by: Membership) -> Evidence:
    """Withdraw an item from every unit still open (Q22a). Its number is used up (R10).

    While a signed or closed unit rests on it, the item itself stays as offered, with its claims there; otherwise it
    becomes withdrawn. Raises PermissionDenied for anybody but the candidate; ValidationError without a reason, when it
    was changed meanwhile, or when there is no open unit to withdraw it from.
    """
    evidence = locked_evidence(evidence.pk)
    check_unchanged(evidence, revision)
    live = list(evidence.claims.exclude(state=ClaimState.WITHDRAWN))
    # Nobody signs one of them between the look and the withdrawal.
    records = locked_records({claim.record_id for claim in live})
    check_may_withdraw(evidence, by)
    if not why.strip():
        raise ValidationError({"why": "Say why you withdraw it."})
    withdrawn = [claim for claim in live if records[claim.record_id].is_open]
    kept_in = sorted({claim.record_id for claim in live if not records[claim.record_id].is_open})
    _set_state(withdrawn, ClaimState.WITHDRAWN)
    evidence.revision += 1
    changed = ["revision"]
    if not kept_in:
        move = evidence_move(evidence.state, EvidenceState.WITHDRAWN)
        evidence.state = move.target
        evidence.withdrawn_at = timezone.now()
        evidence.withdrawn_why = why.strip()[:300]
        changed += ["state", "withdrawn_at", "withdrawn_why"]
    evidence.save(update_fields=changed)
    tell(
        EventType.EVIDENCE_WITHDRAWN,
        about=evidence,
        by=by,
        note=why.strip(),
        reference=evidence.reference,
        unit_records=sorted({claim.record_id for claim in withdrawn}),
        claims=[claim.pk for claim in withdrawn],
        kept_in=kept_in,
    )
    lapse_for(withdrawn, records, by)
    return evidence


def judge_replaced_again(*, unit_record: UnitRecord, by: Membership) -> None:
    """Bring back for judgement what a record that opens again holds of evidence replaced meanwhile (Q22).

    While it was closed it kept the versions that it was judged on (Q22a); open, it speaks of the evidence as it is now.
    In the caller's transaction, with the record locked and its state written.
    """
    if not unit_record.is_open:
        return
    judged = Claim.objects.filter(record=unit_record, state__in=[ClaimState.ACCEPTED, ClaimState.RETURNED])
    # What was accepted on a testimony that its witness has disowned meanwhile cannot stand either (R20a).
    stale = ~Q(judged_version=F("evidence__current_version")) | Q(
        state=ClaimState.ACCEPTED, judged_version__testimony__suspended_at__isnull=False
    )
    outdated = list(judged.filter(stale).select_related("evidence").order_by("pk"))
    if not outdated:
        return
    _set_state(outdated, ClaimState.UNDECIDED)
    for evidence in {claim.evidence for claim in outdated}:
        tell(
            EventType.CLAIM_CHANGED,
            about=Named(unit_record.chain, evidence.subject),
            by=by,
            reference=evidence.reference,
            unit_record=unit_record.pk,
            claims=[claim.pk for claim in outdated if claim.evidence_id == evidence.pk],
        )
    lapse_confirmations(unit_record=unit_record, by=by)


def locked_evidence(evidence_id: int) -> Evidence:
    """The item, locked until the transaction ends, with its portfolio and current version.

    It is read once it is locked: PostgreSQL reads the locked row anew after waiting for it, but not what is joined to
    it, and so would hand out the people and versions of before.
    """
    Evidence.objects.select_for_update().get(pk=evidence_id)
    return Evidence.objects.select_related("portfolio__candidate", "current_version__witness").get(pk=evidence_id)


def locked_records(record_ids: Iterable[int]) -> dict[int, UnitRecord]:
    """Unit records by id, locked in one order, so that nobody signs them while they change; read as above."""
    wanted = UnitRecord.objects.filter(pk__in=set(record_ids)).order_by("pk")
    list(wanted.select_for_update().values_list("pk"))
    records = wanted.select_related(
        "portfolio",
        "unit",
        "registration__candidate",
        "registration__assessor",
        "registration__iv",
        "own_assessor",
        "own_iv",
    )
    return {record.pk: record for record in records}


def check_unchanged(evidence: Evidence, revision: int) -> None:
    """Raise ValidationError when the item was written since the form was opened, saying by whom."""
    check_revision(evidence, revision)


def lapse_for(claims: Iterable[Claim], records: dict[int, UnitRecord], by: Membership | None) -> None:
    """End what the assessor confirmed of the units of changed claims, where those are still open (R17)."""
    for record_id in sorted({claim.record_id for claim in claims}):
        if records[record_id].is_open:
            lapse_confirmations(unit_record=records[record_id], by=by)


def _change_draft(
    evidence: Evidence, version: EvidenceVersion, words: Words, files: Sequence[HandedIn], by: Membership
) -> None:
    changed = words.differing(version)
    for field in changed:
        setattr(version, field, getattr(words, field))
    if version.testimony_id and kept_testimony(version, words) is None:
        version.testimony = None
        changed.append("testimony")
    if changed:
        version.save(update_fields=changed)
    if named(files) != files_of(version):
        # Nobody has judged a draft: its list of files may be written anew. Files no longer listed stay stored.
        version.files.all().delete()
        put_files(version, files)
        changed.append("files")
    evidence.revision += 1
    evidence.save(update_fields=["revision"])
    tell(
        EventType.EVIDENCE_CHANGED,
        about=evidence,
        by=by,
        reference=evidence.reference,
        changed=changed,
        files=digests(files),
    )


def _replace(
    evidence: Evidence,
    before: EvidenceVersion,
    words: Words,
    files: Sequence[HandedIn],
    why: str,
    by: Membership,
) -> None:
    if not why:
        raise ValidationError({"why": "Say why you replace it. Your assessor reads this."})
    if not words.kept_at and not files and kept_testimony(before, words) is None:
        raise ValidationError({"files": "Hand in a file, or say where the evidence is kept at work."})
    if Method.WITNESS_TESTIMONY in words.methods and words.witness is None:
        raise ValidationError({"witness": "Say who the witness is: a witness testimony needs one."})
    replace_version(evidence, before, words, files, why, by)


def replace_version(
    evidence: Evidence,
    before: EvidenceVersion,
    words: Words,
    files: Sequence[HandedIn],
    why: str,
    by: Membership | None,
    *,
    testimony: Testimony | None = None,
) -> EvidenceVersion:
    """Put a new version in the place of an offered one, with what follows from it (Q22, Q22a).

    In the caller's transaction, with the item locked and everything checked. ``by`` is None where a witness gives their
    ``testimony``, who has no account: the version is then made for the one who asked them.
    """
    maker = by.person if by else testimony.request.asked_by if testimony else None
    assert maker is not None
    version = make_version(
        evidence, words, files, ordinal=before.ordinal + 1, why=why[:300], by=maker, testimony=testimony
    )
    live = list(evidence.claims.exclude(state=ClaimState.WITHDRAWN))
    records = locked_records({claim.record_id for claim in live})
    in_open_units = [claim for claim in live if records[claim.record_id].is_open]
    if words.witness is not None:
        for record_id in {claim.record_id for claim in in_open_units}:
            check_independent(words.witness, records[record_id])
    _set_state([claim for claim in in_open_units if claim.state != ClaimState.UNDECIDED], ClaimState.UNDECIDED)
    evidence.revision += 1
    evidence.save(update_fields=["current_version", "revision"])
    tell(
        EventType.EVIDENCE_REPLACED,
        about=evidence,
        by=by,
        note=why,
        reference=evidence.reference,
        version=version.ordinal,
        made_by=maker.pk,
        unit_records=sorted({claim.record_id for claim in in_open_units}),
        files=digests(files),
    )
    lapse_for(in_open_units, records, by)
    return version


def _set_state(claims: Sequence[Claim], state: ClaimState) -> None:
    for claim in claims:
        claim.state = state
    if claims:
        Claim.objects.bulk_update(claims, ["state"])


def _current(evidence: Evidence) -> EvidenceVersion:
    version = evidence.current_version
    assert version is not None  # an item is made together with its first version
    return version
