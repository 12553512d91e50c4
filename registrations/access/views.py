"""What the coordinator opens to external verifiers, and until when (Q25)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from centres import queries
from centres.decorators import seat_required
from centres.models import Role
from centres.people.views import PER_PAGE
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from registrations.access import actions
from registrations.access.forms import AccessForm
from registrations.access.queries import grants_listed, grants_of
from registrations.queries import registrations_for


@seat_required(Role.COORDINATOR)
def ev_access(request: SeatedRequest) -> HttpResponse:
    """Grants in force and still to come; those of the past below."""
    listed = grants_listed(request.seat)
    return render(
        request,
        "registrations/ev_access.html",
        {
            "grants": listed.current,
            "page": Paginator(listed.past, PER_PAGE).get_page(request.GET.get("page")),
            "today": queries.today(),
        },
    )


@seat_required(Role.COORDINATOR)
def open_ev_access(request: SeatedRequest) -> HttpResponse:
    """Open registrations to an EV for a time."""
    form = AccessForm(request.POST or None, centre=request.seat.centre)
    if request.method == "POST" and form.is_valid():
        try:
            grants = actions.open_registrations(by=request.seat, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            what = "1 registration is" if len(grants) == 1 else f"{len(grants)} registrations are"
            messages.success(request, f"{what} open to {form.cleaned_data['person']}.")
            return redirect("ev_access")
    page = {
        "form": form,
        "has_verifiers": queries.centre_people(request.seat.centre, Role.EV).exists(),
        "has_registrations": registrations_for(request.seat).exists(),
    }
    return render(request, "registrations/open_ev_access.html", page, status=422 if form.errors else 200)


@seat_required(Role.COORDINATOR)
def end_ev_access(request: SeatedRequest, pk: int) -> HttpResponse:
    """End a grant before its last day."""
    grant = get_object_or_404(grants_of(request.seat), pk=pk)
    if request.method == "POST":
        actions.end_access(grant=grant, by=request.seat)
        messages.success(request, f"This access of {grant.person} has ended.")
        return redirect("ev_access")
    return render(request, "registrations/end_ev_access.html", {"grant": grant, "back": reverse("ev_access")})
