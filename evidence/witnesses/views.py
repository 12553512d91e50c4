"""The witness list in the browser (R20)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from centres.decorators import seat_required
from centres.drafts.forms import draft_of
from centres.models import Role
from centres.permissions import why_not
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from evidence.permissions import check_may_add, check_may_change_witness
from evidence.queries import witnesses_for
from evidence.witnesses import actions as witnesses
from evidence.witnesses.forms import WitnessForm
from registrations.queries import portfolios_for


@seat_required(Role.CANDIDATE)
def add_witness(request: SeatedRequest, pk: int) -> HttpResponse:
    """Put somebody on the list."""
    portfolio = get_object_or_404(portfolios_for(request.seat).select_related("candidate"), pk=pk)
    if request.method != "POST" and (reason := why_not(check_may_add, portfolio, request.seat)):
        messages.error(request, reason)
        return redirect("portfolio", pk=portfolio.pk)
    form = WitnessForm(request.POST or None)
    draft = draft_of(request, form)
    if request.method == "POST" and form.is_valid():
        try:
            witness = witnesses.add_witness(portfolio=portfolio, by=request.seat, **form.entry)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"{witness.name} is on your witness list.")
            return redirect("portfolio", pk=portfolio.pk)
    return render(
        request,
        "evidence/add_witness.html",
        {"form": form, "draft": draft, "portfolio": portfolio},
        status=422 if request.method == "POST" else 200,
    )


@seat_required(Role.CANDIDATE)
def change_witness(request: SeatedRequest, pk: int) -> HttpResponse:
    """Change an entry that no assessor has authenticated yet."""
    witness = get_object_or_404(
        witnesses_for(request.seat).select_related("portfolio__candidate", "authenticated_by"), pk=pk
    )
    if request.method != "POST" and (reason := why_not(check_may_change_witness, witness, request.seat)):
        messages.error(request, reason)
        return redirect("portfolio", pk=witness.portfolio_id)
    form = WitnessForm(request.POST or None, instance=witness)
    draft = draft_of(request, form, based_on=form.initial)
    if request.method == "POST" and form.is_valid():
        try:
            witnesses.change_witness(witness=witness, by=request.seat, **form.entry)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "The entry has been saved.")
            return redirect("portfolio", pk=witness.portfolio_id)
    return render(
        request,
        "evidence/change_witness.html",
        {"form": form, "draft": draft, "witness": witness, "portfolio": witness.portfolio},
        status=422 if request.method == "POST" else 200,
    )
