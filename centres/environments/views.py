"""The centre's register of realistic working environments (R7)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from centres import queries
from centres.decorators import seat_required
from centres.drafts.forms import draft_of
from centres.environments import actions
from centres.forms import EndEnvironmentForm, EnvironmentForm
from centres.models import Role
from centres.refusals import add_refusal
from centres.requests import SeatedRequest

PAGE = 25


@seat_required(Role.COORDINATOR)
def environments(request: SeatedRequest) -> HttpResponse:
    """The register, and a form to add to it."""
    form = EnvironmentForm(
        request.POST if request.method == "POST" else None, initial={"approved_by": request.seat.centre.awarding_body}
    )
    draft = draft_of(request, form)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.record_environment(by=request.seat, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"{made.name} is on the register. Candidates can name it on their evidence.")
            return redirect("environments")
    page = Paginator(queries.environments_of(request.seat), PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "centres/environments.html",
        {"form": form, "draft": draft, "page": page},
        status=422 if form.errors else 200,
    )


@seat_required(Role.COORDINATOR)
def end_environment(request: SeatedRequest, pk: int) -> HttpResponse:
    """Say which day was the last."""
    environment = get_object_or_404(queries.environments_of(request.seat), pk=pk)
    if environment.ended_on is not None:
        return redirect("environments")  # The button was pressed twice.
    form = EndEnvironmentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_environment(environment=environment, by=request.seat, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"{environment.name} has ended. It stays on the register.")
            return redirect("environments")
    consequences = [
        "Evidence up to that day stays as it is, in signed records too.",
        "An assessor is warned of evidence from later days that names it.",
        "Candidates can name it for another year, for what happened before.",
    ]
    return render(
        request,
        "centres/end_environment.html",
        {"environment": environment, "form": form, "consequences": consequences, "back": reverse("environments")},
        status=422 if form.errors else 200,
    )
