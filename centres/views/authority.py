"""The award register and the approvals for units, on a person's page."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from .. import queries
from ..actions import authority as actions
from ..catalogue import units_for
from ..decorators import seat_required
from ..forms import ApprovalForm, AwardForm, EndApprovalForm, StrikeOutForm
from ..models import Role
from ..refusals import add_refusal
from ..requests import SeatedRequest


@seat_required(Role.COORDINATOR)
def add_award(request: SeatedRequest, pk: int) -> HttpResponse:
    """Enter an award that the coordinator has seen."""
    person = get_object_or_404(queries.people_of(request.seat), pk=pk)
    form = AwardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            award = actions.record_award(person=person, by=request.seat, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"{award} is on the register.")
            return redirect("person", pk)
    return render(
        request, "centres/add_award.html", {"form": form, "person": person}, status=422 if form.errors else 200
    )


@seat_required(Role.COORDINATOR)
def strike_out_award(request: SeatedRequest, pk: int) -> HttpResponse:
    """Strike out an entry made in error."""
    award = get_object_or_404(queries.awards_of(request.seat), pk=pk)
    form = StrikeOutForm(request.POST or None)
    if award.struck_out_at is not None:
        return redirect("person", award.person_id)
    if request.method == "POST" and form.is_valid():
        try:
            actions.strike_out_award(award=award, by=request.seat, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"{award} has been struck out.")
            return redirect("person", award.person_id)
    page = {"form": form, "award": award, "back": reverse("person", args=[award.person_id])}
    return render(request, "centres/strike_out_award.html", page, status=422 if form.errors else 200)


@seat_required(Role.COORDINATOR)
def give_approval(request: SeatedRequest, pk: int) -> HttpResponse:
    """Approve a person for units."""
    person = get_object_or_404(queries.people_of(request.seat), pk=pk)
    units = units_for(request.seat)
    form = ApprovalForm(request.POST or None, units=units)
    if request.method == "POST" and form.is_valid():
        try:
            given = actions.give_approvals(person=person, by=request.seat, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            codes = ", ".join(approval.unit.code for approval in given)
            messages.success(request, f"{person} is approved for {codes}.")
            return redirect("person", pk)
    page = {"form": form, "person": person, "has_units": units.exists()}
    return render(request, "centres/give_approval.html", page, status=422 if form.errors else 200)


@seat_required(Role.COORDINATOR)
def end_approval(request: SeatedRequest, pk: int) -> HttpResponse:
    """Set the last day of an approval."""
    approval = get_object_or_404(queries.approvals_of(request.seat), pk=pk)
    form = EndApprovalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_approval(approval=approval, by=request.seat, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"The approval of {approval.person} for {approval.unit.code} has its last day.")
            return redirect("person", approval.person_id)
    page = {"form": form, "approval": approval, "back": reverse("person", args=[approval.person_id])}
    return render(request, "centres/end_approval.html", page, status=422 if form.errors else 200)
