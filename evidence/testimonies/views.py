"""Asking a witness, taking a request back, and reading what they signed (R20, R21)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from centres.decorators import seat_required
from centres.models import Role
from centres.permissions import why_not
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from evidence.items.views import find_item
from evidence.testimonies import actions as testimonies
from evidence.testimonies.forms import AskWitnessForm
from evidence.testimonies.permissions import check_may_ask
from evidence.testimonies.queries import requests_for, testimonies_for


@seat_required(Role.CANDIDATE)
def ask_witness(request: SeatedRequest, pk: int) -> HttpResponse:
    """Send the item's witness a link, or a new one in the place of the last."""
    evidence = find_item(request.seat, pk)
    if reason := why_not(check_may_ask, evidence, request.seat):
        messages.error(request, reason)
        return redirect("evidence", pk=evidence.pk)
    version = evidence.current_version
    assert version is not None  # check_may_ask has looked
    witness = version.witness
    assert witness is not None
    latest = evidence.testimony_requests.first()
    form = AskWitnessForm(request.POST or None, witness=witness, latest=latest)
    if request.method == "POST" and form.is_valid():
        try:
            asked = testimonies.ask_witness(evidence=evidence, by=request.seat, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal, now_shown={"last_request": latest.pk if latest else 0})
        else:
            messages.success(request, f"{witness.name} gets a link at {asked.email}. You see here when they answer.")
            return redirect("evidence", pk=evidence.pk)
    return render(
        request,
        "evidence/testimony_ask.html",
        {"form": form, "evidence": evidence, "version": version, "witness": witness, "latest": latest},
        status=422 if request.method == "POST" else 200,
    )


@require_POST
@seat_required(Role.CANDIDATE)
def withdraw_request(request: SeatedRequest, pk: int) -> HttpResponse:
    """Take a link back before it is used."""
    asked = get_object_or_404(requests_for(request.seat), pk=pk)
    try:
        testimonies.withdraw_request(request=asked, by=request.seat)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, "The link no longer works.")
    return redirect("evidence", pk=asked.evidence_id)


@seat_required()
def testimony(request: SeatedRequest, pk: int) -> HttpResponse:
    """One testimony on a page of its own, to read and to print."""
    found = get_object_or_404(
        testimonies_for(request.seat).select_related("request__evidence__portfolio__candidate", "request__witness"),
        pk=pk,
    )
    return render(request, "evidence/testimony.html", {"testimony": found, "evidence": found.request.evidence})
