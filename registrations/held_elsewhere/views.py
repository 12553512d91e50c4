"""Where the criteria of coverage-only units are held: the coordinator's word for the centre (Q2)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from centres.decorators import seat_required
from centres.models import Role
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from registrations import queries
from registrations.held_elsewhere import actions
from registrations.held_elsewhere.forms import HeldElsewhereForm

PAGE = 25


@seat_required(Role.COORDINATOR)
def held_elsewhere(request: SeatedRequest) -> HttpResponse:
    """The units in use that wait for the centre's word, and those that have it."""
    waiting = queries.units_not_held(request.seat)
    # A form that was sent knows those confirmed meanwhile too: the same one sent twice is no mistake.
    offered = queries.coverage_only_units(request.seat) if request.method == "POST" else waiting
    form = HeldElsewhereForm(request.POST if request.method == "POST" else None, units=offered)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.confirm_held_elsewhere(by=request.seat, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            codes = ", ".join(one.unit.code for one in made)
            messages.success(request, f"Confirmed for {codes}. Their records can be signed once the rest is there.")
            return redirect("held_elsewhere")
    page = Paginator(queries.held_elsewhere_of(request.seat).filter(ended_at=None), PAGE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "registrations/held_elsewhere.html",
        {"form": form, "has_waiting": form.is_bound or waiting.exists(), "page": page},
        status=422 if form.errors else 200,
    )


@seat_required(Role.COORDINATOR)
def end_held_elsewhere(request: SeatedRequest, pk: int) -> HttpResponse:
    """End the centre's word on one unit."""
    held = get_object_or_404(queries.held_elsewhere_of(request.seat), pk=pk)
    if held.ended_at is not None:
        return redirect("held_elsewhere")  # The button was pressed twice.
    if request.method == "POST":
        actions.end_held_elsewhere(held=held, by=request.seat)
        messages.success(request, f"{held.unit.code} is no longer confirmed as held elsewhere.")
        return redirect("held_elsewhere")
    consequences = [
        f"Records of unit {held.unit.code} that nobody has signed wait until the centre confirms it again.",
        "Records signed by then keep what was confirmed.",
    ]
    page = {"held": held, "consequences": consequences, "back": reverse("held_elsewhere")}
    return render(request, "registrations/end_held_elsewhere.html", page)
