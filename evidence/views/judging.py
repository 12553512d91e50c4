"""The assessor at work: evidence beside the criteria it is claimed against."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from centres.decorators import seat_required
from centres.models import Role
from centres.permissions import why_not
from centres.requests import SeatedRequest
from evidence.actions import confirmations, judging
from evidence.forms.judging import AuthenticateWitnessForm, ConfirmUnitForm, JudgeForm
from evidence.forms.refusals import add_refusal
from evidence.models import Claim, ClaimState, EvidenceVersion, ItemConfirmation, UnitConfirmationKind
from evidence.permissions.judging import check_may_judge
from evidence.queries.queue import days_since, queue_for
from evidence.queries.scope import evidence_for, records_for, witnesses_for
from evidence.queries.sufficiency import sufficiency_of
from units.setting_policy import may_count

CONFIRMATIONS = {
    UnitConfirmationKind.SUFFICIENT: (
        "I am confident that this evidence is sufficient: over a long enough time, with different customers, on "
        "different occasions."
    ),
    UnitConfirmationKind.REVIEWED: (
        "I have reviewed the judgements that somebody else made on this unit, and I stand by them."
    ),
}


@seat_required(Role.ASSESSOR)
def judge(request: SeatedRequest, pk: int) -> HttpResponse:
    """Judge every claim of one item in one go, then on to what waits next."""
    evidence = get_object_or_404(
        evidence_for(request.seat).select_related("portfolio__candidate", "current_version__witness"), pk=pk
    )
    version = evidence.current_version
    assert version is not None  # an item is made together with its first version
    claims = _claims_to_judge(request, evidence.pk, version)
    confirmation = ItemConfirmation.objects.filter(version=version).first()
    form = JudgeForm(request.POST or None, version=version, claims=claims, confirmation=confirmation)
    if request.method == "POST" and form.is_valid():
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
        else:
            return _onwards(request, evidence.pk, evidence.reference)
    now = timezone.now()
    return render(
        request,
        "evidence/judge.html",
        {
            "evidence": evidence,
            "version": version,
            "files": version.files.select_related("blob").prefetch_related("blob__pages"),
            "form": form,
            "rows": form.rows(),
            "waits_days": days_since(version.made_at, now),
            "needs_witness": bool(version.witness and not version.witness.authenticated_at),
        },
        status=422 if form.errors else 200,
    )


@seat_required(Role.ASSESSOR)
def confirm_unit(request: SeatedRequest, pk: int) -> HttpResponse:
    """Confirm that a unit's evidence is sufficient (R4), or that earlier judgements were reviewed (Q23)."""
    record = get_object_or_404(
        records_for(request.seat).select_related(
            "unit",
            "portfolio",
            "registration__candidate",
            "registration__assessor",
            "registration__iv",
            "own_assessor",
            "own_iv",
        ),
        pk=pk,
    )
    kind = request.GET.get("kind", "")
    if kind not in UnitConfirmationKind.values:
        kind = UnitConfirmationKind.SUFFICIENT
    form = ConfirmUnitForm(request.POST or None, wording=CONFIRMATIONS[UnitConfirmationKind(kind)])
    if request.method == "POST" and form.is_valid():
        try:
            confirmations.confirm_unit(record_id=record.pk, kind=kind, by=request.seat)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"Confirmed for unit {record.unit.code}.")
            return redirect("record", record.pk)
    return render(
        request,
        "evidence/confirm_unit.html",
        {
            "record": record,
            "kind": kind,
            "form": form,
            "sufficiency": sufficiency_of(record),
            "why_not": why_not(check_may_judge, record=record, by=request.seat),
        },
        status=422 if form.errors else 200,
    )


@seat_required(Role.ASSESSOR)
def authenticate_witness(request: SeatedRequest, pk: int) -> HttpResponse:
    """Record how a witness was authenticated (R20a)."""
    witness = get_object_or_404(witnesses_for(request.seat).select_related("portfolio__candidate"), pk=pk)
    form = AuthenticateWitnessForm(request.POST or None, initial={"how": witness.authenticated_how})
    waiting_item = request.GET.get("evidence", "")
    back = (
        reverse("judge", args=[waiting_item])
        if waiting_item.isdigit()
        else reverse("portfolio", args=[witness.portfolio_id])
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
        "evidence/authenticate_witness.html",
        {"witness": witness, "form": form, "back": back},
        status=422 if form.errors else 200,
    )


def _claims_to_judge(request: SeatedRequest, evidence_id: int, version: EvidenceVersion) -> list[tuple[Claim, str]]:
    """The live claims of an item on the open records that this assessor answers for, each with what bars it (R5)."""
    claims = (
        Claim.objects.filter(evidence=evidence_id, record__in=records_for(request.seat).order_by().values("pk"))
        .exclude(state=ClaimState.WITHDRAWN)
        .select_related(
            "criterion__group",
            "record__unit",
            "record__registration__candidate",
            "record__registration__assessor",
            "record__own_assessor",
        )
        .prefetch_related("judgements__judged_by")
        .order_by("record__unit__position", "record_id", "criterion__group__position", "criterion__position")
    )
    judged = []
    for claim in claims:
        if claim.record.assessor != request.seat.person or not claim.record.is_open:
            continue
        section = claim.criterion.group.section if claim.criterion else "cover"
        ruling = may_count(claim.record.unit.setting_policy, version.setting, section)
        judged.append((claim, "" if ruling.allowed else ruling.reason))
    return judged


def _onwards(request: SeatedRequest, judged_id: int, reference: str) -> HttpResponse:
    """To the item that has waited longest; home when there is none. The one just judged does not come up again."""
    following = queue_for(request.seat).exclude(pk=judged_id).first()
    if following is None:
        messages.success(request, f"{reference} is judged. Nothing else waits for you.")
        return redirect("home")
    messages.success(request, f"{reference} is judged. This is what has waited longest.")
    return redirect("judge", following.pk)
