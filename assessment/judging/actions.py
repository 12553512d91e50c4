"""The assessor's decisions: claims accepted or returned, and the V, A and C of an item."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from assessment.models import ItemConfirmation, Judgement
from assessment.permissions import check_judged_version, check_may_accept, check_may_authenticate, check_may_judge
from centres.models import Membership
from evidence.models import Claim, ClaimState, Evidence, EvidenceVersion, Witness
from evidence.states import claim_move
from ledger.actions import tell
from ledger.events import EventType
from ledger.subjects import Named
from registrations.models import UnitRecord
from registrations.unit_records import lapse_confirmations, locked_record


@dataclass(frozen=True)
class Verdict:
    """The decision on one claim. ``comment`` is demanded of a return."""

    claim_id: int
    is_accepted: bool
    comment: str = ""


@dataclass(frozen=True)
class Confirmation:
    """The assessor's V, A and C (R17), and how they made sure that it is authentic (R11)."""

    is_valid: bool
    is_authentic: bool
    is_current: bool
    how_authenticated: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether all three are confirmed."""
        return self.is_valid and self.is_authentic and self.is_current


@transaction.atomic
def judge_item(
    *,
    evidence: Evidence,
    version: EvidenceVersion,
    verdicts: Sequence[Verdict],
    confirmation: Confirmation | None,
    by: Membership,
) -> list[Judgement]:
    """Judge claims of one item in one go: everything or nothing. What is returned goes first, since V, A and C can be
    taken back only where no accepted claim rests on them, and what is accepted comes last, since it needs them.

    ``version`` is the one the assessor looked at. ``confirmation`` replaces what was confirmed of it; None leaves that
    as it is. Errors about one claim are raised under the key ``claim_<id>``, those about V, A and C under
    ``confirmation``; code "stale" when the evidence was replaced meanwhile.
    """
    evidence = Evidence.objects.select_for_update().get(pk=evidence.pk)
    check_judged_version(evidence=evidence, version=version)
    # In the order of their keys, as every action that locks several, so that two never wait for each other.
    live = evidence.claims.exclude(state=ClaimState.WITHDRAWN).values_list("record_id", flat=True)
    records = [locked_record(pk) for pk in sorted(set(live))]
    made = [
        judge_claim(claim_id=verdict.claim_id, version=version, verdict=verdict, by=by)
        for verdict in verdicts
        if not verdict.is_accepted
    ]
    if confirmation is not None:
        _confirm(version=version, records=records, confirmation=confirmation, by=by)
    made += [
        judge_claim(claim_id=verdict.claim_id, version=version, verdict=verdict, by=by)
        for verdict in verdicts
        if verdict.is_accepted
    ]
    return made


@transaction.atomic
def judge_claim(*, claim_id: int, version: EvidenceVersion, verdict: Verdict, by: Membership) -> Judgement:
    """Accept or return one claim on the version that was looked at.

    The same decision sent twice is made once; the same decision with another comment adds that comment. Raises
    PermissionDenied unless ``by`` is the unit's assessor (R23, R41: never the candidate); ValidationError under
    ``claim_<id>`` when the record is locked, the evidence was replaced meanwhile, a return has no comment, or the claim
    cannot be accepted (R5, R17, R20a).
    """
    claim = _locked_claim(claim_id)
    key = f"claim_{claim.pk}"
    target = ClaimState.ACCEPTED if verdict.is_accepted else ClaimState.RETURNED
    try:
        check_may_judge(record=claim.record, by=by)
        check_judged_version(evidence=claim.evidence, version=version)
        if claim.state == ClaimState.WITHDRAWN:
            raise ValidationError("The candidate has withdrawn this claim.")
        if claim.state == target:
            latest = Judgement.objects.filter(claim=claim).order_by("judged_at", "pk").last()
            if latest and latest.version_id == version.pk and verdict.comment.strip() in ("", latest.comment):
                return latest
        else:
            claim_move(claim.state, target)
        if verdict.is_accepted:
            confirmed = ItemConfirmation.objects.filter(version=version).first()
            check_may_accept(claim=claim, version=version, is_confirmed=bool(confirmed and confirmed.is_whole))
        elif not verdict.comment.strip():
            raise ValidationError("Say what is missing, so that it can be mended.")
    except ValidationError as error:
        raise ValidationError({key: error.messages}) from error
    judgement = Judgement.objects.create(
        claim=claim,
        version=version,
        is_accepted=verdict.is_accepted,
        comment=verdict.comment.strip(),
        judged_by=by.person,
    )
    claim.state = target
    claim.judged_version = version
    claim.comment = judgement.comment
    claim.save(update_fields=["state", "judged_version", "comment"])
    tell(
        EventType.CLAIM_ACCEPTED if verdict.is_accepted else EventType.CLAIM_RETURNED,
        about=claim,
        by=by,
        note=verdict.comment.strip(),
        evidence=claim.evidence_id,
        reference=claim.evidence.reference,
        unit_record=claim.record_id,
        unit=claim.record.unit.code,
        criterion=claim.criterion.label if claim.criterion else "",
        version=version.ordinal,
    )
    lapse_confirmations(unit_record=claim.record, by=by)
    return judgement


@transaction.atomic
def authenticate_witness(*, witness: Witness, how: str, by: Membership) -> Witness:
    """The assessor records how they made sure that a witness is genuine (R20a).

    Raises as ``check_may_authenticate`` does; ValidationError, under ``how``, without a description. Said twice in the
    same words by the same person, it is recorded once.
    """
    Witness.objects.select_for_update().get(pk=witness.pk)
    witness = Witness.objects.select_related("portfolio", "authenticated_by").get(pk=witness.pk)
    if witness.authenticated_by == by.person and witness.authenticated_how == how.strip():
        return witness
    check_may_authenticate(witness=witness, by=by)
    if not how.strip():
        raise ValidationError({"how": "Say how you made sure that the witness is genuine."})
    witness.authenticated_how = how.strip()
    witness.authenticated_by = by.person
    witness.authenticated_at = timezone.now()
    witness.save(update_fields=["authenticated_how", "authenticated_by", "authenticated_at"])
    tell(EventType.WITNESS_AUTHENTICATED, about=witness, by=by, note=how.strip())
    return witness


def _confirm(
    *, version: EvidenceVersion, records: Sequence[UnitRecord], confirmation: Confirmation, by: Membership
) -> None:
    """Record V, A and C of a version; what was confirmed stays while accepted claims rest on it."""
    _check_may_judge_any(records, by)
    if confirmation.is_authentic and not confirmation.how_authenticated.strip():
        raise ValidationError({"confirmation": "Say how you made sure that it is authentic."})
    earlier = ItemConfirmation.objects.filter(version=version).first()
    if earlier and earlier.is_whole:
        if confirmation.is_whole:
            return  # Confirmed already: signed records may rest on it, so it stays as it is.
        if version.evidence.claims.filter(state=ClaimState.ACCEPTED, judged_version=version).exists():
            raise ValidationError(
                {"confirmation": "Accepted claims rest on this. Return those claims before you take it back."}
            )
    ItemConfirmation.objects.update_or_create(
        version=version,
        defaults={
            "is_valid": confirmation.is_valid,
            "is_authentic": confirmation.is_authentic,
            "is_current": confirmation.is_current,
            "how_authenticated": confirmation.how_authenticated.strip(),
            "confirmed_by": by.person,
            "confirmed_at": timezone.now(),
        },
    )
    tell(
        EventType.ITEM_CONFIRMED,
        about=Named(records[0].chain, f"evidence:{version.evidence_id}"),
        by=by,
        note=confirmation.how_authenticated.strip(),
        version=version.ordinal,
        valid=confirmation.is_valid,
        authentic=confirmation.is_authentic,
        current=confirmation.is_current,
    )


def _check_may_judge_any(records: Sequence[UnitRecord], by: Membership) -> None:
    """Raise unless ``by`` may judge on one of the records; where none is open to them, say why theirs is not."""
    refusals: list[PermissionDenied | ValidationError] = []
    for unit_record in records:
        try:
            check_may_judge(record=unit_record, by=by)
        except (PermissionDenied, ValidationError) as refusal:
            refusals.append(refusal)
        else:
            return
    if not refusals:
        raise ValidationError("It is claimed against nothing.")
    raise next((refusal for refusal in refusals if isinstance(refusal, ValidationError)), refusals[0])


def _locked_claim(claim_id: int) -> Claim:
    """The claim with all that judging looks at; the claim, its item and its unit record are locked."""
    claim = (
        Claim.objects.select_for_update(of=("self", "evidence"))
        .select_related("evidence", "criterion__group")
        .get(pk=claim_id)
    )
    claim.record = locked_record(claim.record_id)
    return claim
