"""What the assessor says of a whole unit: that it is confirmed, and which "should" it can do without."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from assessment.confirming import actions as confirmations
from assessment.confirming import waivers
from assessment.confirming.forms import ConfirmRecordForm, WaiveForm
from assessment.confirming.queries import confirmations_due
from assessment.permissions import check_may_confirm, check_may_waive
from assessment.sufficiency.queries import judgements_of_others, sufficiency_of
from centres.decorators import seat_required
from centres.drafts.forms import draft_of
from centres.models import Role
from centres.permissions import why_not
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from evidence.progress import progress_of
from registrations.models import UnitRecord, Waiver
from registrations.queries import records_for
from units.queries import unit_outline


@seat_required(Role.ASSESSOR)
def confirm_unit(request: SeatedRequest, pk: int) -> HttpResponse:
    """Everything that a unit asks its assessor to confirm, on one page (R3, R4, Q12, Q23)."""
    record = _find_record(request, pk)
    outline = unit_outline(record.unit_id)
    inherited = judgements_of_others(record, request.seat.person)
    reason = why_not(check_may_confirm, record=record, by=request.seat)
    form = ConfirmRecordForm(
        request.POST if request.method == "POST" else None,
        due=confirmations_due(record, outline, request.seat.person, has_inherited=bool(inherited)),
        is_possible=request.method == "POST" or not reason,
    )
    if request.method == "POST" and form.is_valid():
        if form.is_all_done:
            return redirect("record", record.pk)  # The button was pressed twice.
        try:
            made = confirmations.confirm_record(record_id=record.pk, wanted=form.wanted, by=request.seat)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            things = "One thing is" if len(made) == 1 else f"{len(made)} things are"
            messages.success(request, f"{things} confirmed for unit {record.unit.code}.")
            return redirect("record", record.pk)
    return render(
        request,
        "assessment/confirm_unit.html",
        {
            "record": record,
            "outline": outline,
            "form": form,
            "rows": form.rows(),
            "sufficiency": sufficiency_of(record),
            "inherited": inherited,
            "can_waive": bool(outline.can_be_waived),
            "why_not": reason,
        },
        status=422 if form.errors else 200,
    )


@seat_required(Role.ASSESSOR)
def waive(request: SeatedRequest, pk: int) -> HttpResponse:
    """The unit's "should" criteria: how each stands, what is waived and why, and waiving more (Q11)."""
    record = _find_record(request, pk)
    outline = unit_outline(record.unit_id)
    reason = why_not(check_may_waive, record=record, can_be_waived=outline.can_be_waived, by=request.seat)
    standing = {
        row.criterion_id: row
        for row in record.waivers.filter(withdrawn_at=None).select_related("waived_by").order_by("pk")
    }
    should = [(group, one) for group in outline.groups for one in group.criteria if one.id in outline.can_be_waived]
    coverage = progress_of([record])[record.pk].coverage.by_criterion
    form = WaiveForm(
        request.POST if request.method == "POST" else None,
        should=[one for _, one in should],
        waived=standing,
        initial={"criteria": request.GET.getlist("criterion")},
    )
    draft = draft_of(request, form)
    if request.method == "POST" and form.is_valid():
        try:
            made = waivers.waive_criteria(record_id=record.pk, by=request.seat, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            count = "1 criterion" if len(made) == 1 else f"{len(made)} criteria"
            messages.success(request, f"{count} of unit {record.unit.code} waived. The internal verifier sees why.")
            return redirect("waive", record.pk)
    return render(
        request,
        "assessment/waive.html",
        {
            "record": record,
            "form": form,
            "draft": draft,
            "rows": [
                {"group": group, "criterion": one, "coverage": coverage[one.id], "waiver": standing.get(one.id)}
                for group, one in should
            ],
            "has_more": len(standing) < len(should),
            "why_not": reason,
        },
        status=422 if form.errors else 200,
    )


@require_POST
@seat_required(Role.ASSESSOR)
def withdraw_waiver(request: SeatedRequest, pk: int) -> HttpResponse:
    """Ask for a waived criterion after all."""
    waiver = get_object_or_404(
        Waiver.objects.filter(record__in=records_for(request.seat).order_by().values("pk")).select_related(
            "criterion__group"
        ),
        pk=pk,
    )
    try:
        waivers.withdraw_waiver(waiver_id=waiver.pk, by=request.seat)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, f"{waiver.criterion.label} is asked for again.")
    return redirect("waive", waiver.record_id)


def _find_record(request: SeatedRequest, pk: int) -> UnitRecord:
    found = records_for(request.seat).select_related(
        "unit",
        "portfolio",
        "registration__candidate",
        "registration__assessor",
        "registration__iv",
        "own_assessor",
        "own_iv",
    )
    return get_object_or_404(found, pk=pk)
