"""The award register, competence, and the approvals for units: kept by the coordinator, read by verifiers."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from centres import queries
from centres.authority import actions
from centres.catalogue import units_for
from centres.decorators import seat_required
from centres.forms import ApprovalForm, AwardForm, CertificateForm, EndApprovalForm, StrikeOutForm
from centres.models import Role
from centres.permissions import check_may_file_certificate, why_not
from centres.refusals import add_refusal
from centres.requests import SeatedRequest


def _sent(request: SeatedRequest) -> tuple[Any, Any]:
    """What a form with a file was sent with. A browser that sends nothing at all is told what is missing, too."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


@seat_required(Role.COORDINATOR)
def add_award(request: SeatedRequest, pk: int) -> HttpResponse:
    """Enter an award that the coordinator has seen."""
    person = get_object_or_404(queries.people_of(request.seat), pk=pk)
    form = AwardForm(*_sent(request), person=request.seat.person)
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
def file_certificate(request: SeatedRequest, pk: int) -> HttpResponse:
    """File a copy of the certificate of an award that is on the register."""
    award = get_object_or_404(queries.awards_of(request.seat), pk=pk)
    form = CertificateForm(*_sent(request), person=request.seat.person)
    if request.method == "POST" and form.is_valid():
        try:
            actions.file_certificate(award=award, by=request.seat, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"The certificate of {award} is on file.")
            return redirect("person", award.person_id)
    page = {"form": form, "award": award, "why_not": why_not(check_may_file_certificate, award)}
    return render(request, "centres/file_certificate.html", page, status=422 if form.errors else 200)


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
