"""The assessor at work: evidence beside the criteria it is claimed against."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from assessment.judging import actions as judging
from assessment.judging.forms import AuthenticateWitnessForm, JudgeForm
from assessment.judging.queue import days_since, queue_for, waiting_since
from assessment.method_records.permissions import check_seen_at_work
from assessment.method_records.queries import records_beside
from assessment.models import ItemConfirmation
from assessment.permissions import check_may_authenticate, check_may_judge, check_on_offer
from assessment.queries import hang_judgements, sights_of
from centres.decorators import seat_required
from centres.drafts.forms import draft_of
from centres.models import Membership, Role
from centres.permissions import why_not
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from evidence.items.queries import is_old
from evidence.models import Claim, ClaimState, Evidence, EvidenceVersion
from evidence.queries import evidence_for, witnesses_for
from registrations.models import UnitRecord
from registrations.queries import assessed_by, records_for
from units.kinds import Section
from units.setting_policy import may_count


@seat_required(Role.ASSESSOR)
def judge(request: SeatedRequest, pk: int) -> HttpResponse:
    """Judge every claim of one item in one go, then on to what waits next."""
    evidence = get_object_or_404(
        evidence_for(request.seat).select_related(
            "portfolio__candidate", "current_version__witness", "current_version__environment"
        ),
        pk=pk,
    )
    version = evidence.current_version
    assert version is not None  # an item is made together with its first version
    claims, refusals = _claims_to_judge(request.seat, evidence, version)
    confirmation = ItemConfirmation.objects.filter(version=version).select_related("confirmed_by").first()
    form = JudgeForm(
        request.POST if request.method == "POST" else None, version=version, claims=claims, confirmation=confirmation
    )
    draft = draft_of(request, form, based_on=version.pk)
    if request.method == "POST" and form.is_valid():
        waiting = list(queue_for(request.seat).values_list("pk", flat=True))
        try:
            judging.judge_item(
                evidence=evidence,
                version=EvidenceVersion.objects.get(pk=form.cleaned_data["version"], evidence=evidence),
                verdicts=form.verdicts(),
                confirmation=form.confirmation(),
                by=request.seat,
            )
        except EvidenceVersion.DoesNotExist:
            form.add_error(None, "This page is out of date. Open the evidence again.")
        except ValidationError as refusal:
            add_refusal(form, refusal)
            if getattr(refusal, "code", None) == "stale":
                form.look_at(version)
        else:
            return _onwards(request, evidence, waiting)
    rows = form.rows()
    since = waiting_since(evidence, version, [claim for claim, _ in claims])
    return render(
        request,
        "assessment/judge.html",
        {
            "evidence": evidence,
            "version": version,
            "files": version.files.select_related("blob__text")
            .defer("blob__text__whole", "blob__text__folded")
            .prefetch_related("blob__page_images"),
            "is_old": is_old(version.happened_to),
            "form": form,
            "draft": draft,
            "rows": [row for row in rows if row.claim.state == ClaimState.UNDECIDED],
            "judged_rows": [row for row in rows if row.claim.state != ClaimState.UNDECIDED],
            "refusals": refusals,
            "confirmation": confirmation,
            "waits_days": None if since is None else days_since(since, timezone.now()),
            "sights": sights_of(version),
            "must_see": bool(why_not(check_seen_at_work, version)),
            "method_records": records_beside(evidence),
            "needs_witness": bool(version.witness and not version.witness.authenticated_at),
        },
        status=422 if form.errors else 200,
    )


@seat_required(Role.ASSESSOR)
def authenticate_witness(request: SeatedRequest, pk: int) -> HttpResponse:
    """Record how a witness was authenticated (R20a)."""
    witness = get_object_or_404(
        witnesses_for(request.seat).select_related("portfolio__candidate", "authenticated_by"), pk=pk
    )
    form = AuthenticateWitnessForm(request.POST if request.method == "POST" else None)
    draft = draft_of(request, form)
    wanted = request.GET.get("evidence", "")
    waiting_item = evidence_for(request.seat).filter(pk=wanted).first() if wanted.isdecimal() else None
    back = (
        reverse("judge", args=[waiting_item.pk]) if waiting_item else reverse("portfolio", args=[witness.portfolio_id])
    )
    if request.method == "POST" and form.is_valid():
        try:
            judging.authenticate_witness(witness=witness, how=form.cleaned_data["how"], by=request.seat)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"{witness.name} is recorded as authenticated.")
            return redirect(back)
    return render(
        request,
        "assessment/authenticate_witness.html",
        {
            "witness": witness,
            "form": form,
            "draft": draft,
            "back": back,
            "waiting_item": waiting_item,
            "why_not": why_not(check_may_authenticate, witness=witness, by=request.seat),
        },
        status=422 if form.errors else 200,
    )


def _claims_to_judge(
    seat: Membership, evidence: Evidence, version: EvidenceVersion
) -> tuple[list[tuple[Claim, str]], list[str]]:
    """The live claims of an item that this assessor may judge now, each with what bars it (R5), in print order.

    And the reasons why others of theirs may not be judged: the unit is signed, an approval has ended, the evidence has
    been withdrawn.
    """
    mine = (
        Claim.objects.filter(
            evidence=evidence,
            record__in=records_for(seat).filter(assessed_by(seat.person)).order_by().values("pk"),
        )
        .exclude(state=ClaimState.WITHDRAWN)
        .select_related("criterion__group", "instance")
        .order_by(
            "record__unit__position",
            "record_id",
            F("criterion__group__position").asc(nulls_last=True),
            "criterion__position",
            "pk",
        )
    )
    claims = hang_judgements(list(mine))
    if reason := why_not(check_on_offer, evidence):
        return [], [reason]
    records = _records_of(claims)
    refusals = {pk: why_not(check_may_judge, record=record, by=seat) for pk, record in records.items()}
    judged = []
    for claim in claims:
        if refusals[claim.record_id]:
            continue
        claim.record, claim.evidence = records[claim.record_id], evidence
        section = claim.criterion.group.section if claim.criterion else Section.COVER
        ruling = may_count(claim.record.unit.setting_policy, version.setting, section)
        judged.append((claim, "" if ruling.allowed else ruling.reason))
    return judged, [reason for reason in refusals.values() if reason]


def _records_of(claims: list[Claim]) -> dict[int, UnitRecord]:
    """The unit records of some claims with all that judging asks of them, each once."""
    return UnitRecord.objects.select_related(
        "unit",
        "portfolio",
        "registration__candidate",
        "registration__assessor",
        "registration__centre",
        "own_assessor",
    ).in_bulk({claim.record_id for claim in claims})


def _onwards(request: SeatedRequest, judged: Evidence, waiting: list[int]) -> HttpResponse:
    """To the item that comes next in what was waiting, oldest first; home at its end.

    What was left undecided on the item just judged stays in the queue, yet does not come up again in this round.
    """
    after = waiting[waiting.index(judged.pk) + 1 :] if judged.pk in waiting else waiting
    still = set(queue_for(request.seat).filter(pk__in=[*after, judged.pk]).values_list("pk", flat=True))
    done = (
        f"{judged.reference} is saved; some of its claims wait still."
        if judged.pk in still
        else (f"{judged.reference} is judged.")
    )
    following = next((pk for pk in after if pk in still), None)
    if following is None:
        messages.success(request, f"{done} You have seen everything that waits for you.")
        return redirect("home")
    messages.success(request, f"{done} This has waited longest of the rest.")
    return redirect("judge", following)
