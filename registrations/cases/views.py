"""Appeals, suspected malpractice and sanctions: the list, a case, and what is written in it (R53, R54)."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from centres.decorators import seat_required
from centres.drafts.forms import draft_of
from centres.models import Role
from centres.people.views import PER_PAGE
from centres.permissions import why_not
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from registrations.cases import actions
from registrations.cases.forms import AppealForm, CaseForm, CaseStepForm, CloseCaseForm
from registrations.cases.permissions import check_may_follow
from registrations.cases.queries import cases_for
from registrations.models import Case
from registrations.queries import registrations_for

READERS = (Role.CANDIDATE, Role.IV, Role.EV, Role.COORDINATOR)


@require_safe
@seat_required(*READERS)
def cases(request: SeatedRequest) -> HttpResponse:
    """Every case that opens to this seat, open ones first."""
    page = Paginator(cases_for(request.seat), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "registrations/cases.html", {"page": page, "is_own": request.seat.role == Role.CANDIDATE})


@require_safe
@seat_required(*READERS)
def case(request: SeatedRequest, pk: int) -> HttpResponse:
    """One case: what it is about, what was done, and the outcome."""
    found = get_object_or_404(cases_for(request.seat), pk=pk)
    about = found.registration
    facts = [
        {"term": "Concerns", "value": found.person or (about and about.candidate)},
        {"term": "Registration", "value": f"{about.number}, {about.qualification}" if about else "None"},
        {"term": "Opened", "value": found.opened_on},
        {"term": "Opened by", "value": found.opened_by},
        *([{"term": "Closed", "value": found.closed_on}] if found.closed_on else []),
    ]
    return render(
        request,
        "registrations/case.html",
        {
            "case": found,
            "facts": facts,
            "steps": list(found.steps.select_related("recorded_by")),
            "keeps": request.seat.role == Role.COORDINATOR,
        },
    )


@seat_required(Role.CANDIDATE, Role.COORDINATOR)
def open_case(request: SeatedRequest) -> HttpResponse:
    """A coordinator opens any case; a candidate appeals about a registration of their own."""
    seat = request.seat
    is_own = seat.role == Role.CANDIDATE
    data = request.POST if request.method == "POST" else None
    form = AppealForm(data, seat=seat) if is_own else CaseForm(data, seat=seat)
    act: Callable[..., Case] = actions.open_appeal if is_own else actions.open_case
    draft = draft_of(request, form)
    if request.method == "POST" and form.is_valid():
        try:
            opened = act(by=seat, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Your appeal is opened." if is_own else "The case is opened.")
            return redirect("case", opened.pk)
    page = {
        "form": form,
        "draft": draft,
        "is_own": is_own,
        "has_registrations": not is_own or registrations_for(seat).exists(),
    }
    return render(request, "registrations/open_case.html", page, status=422 if form.errors else 200)


@seat_required(Role.COORDINATOR)
def add_case_step(request: SeatedRequest, pk: int) -> HttpResponse:
    """Write down what was done."""
    data = request.POST if request.method == "POST" else None
    return _follow(request, pk, CaseStepForm(data), actions.add_case_step, "Add a step", "The step is written down.")


@seat_required(Role.COORDINATOR)
def close_case(request: SeatedRequest, pk: int) -> HttpResponse:
    """Close the case with its outcome."""
    data = request.POST if request.method == "POST" else None
    return _follow(request, pk, CloseCaseForm(data), actions.close_case, "Close the case", "The case is closed.")


def _follow(
    request: SeatedRequest, pk: int, form: forms.Form, act: Callable[..., object], label: str, done: str
) -> HttpResponse:
    found = get_object_or_404(cases_for(request.seat), pk=pk)
    draft = draft_of(request, form)
    if request.method == "POST" and form.is_valid():
        try:
            act(case=found, by=request.seat, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, done)
            return redirect("case", pk)
    page: dict[str, Any] = {
        "case": found,
        "form": form,
        "draft": draft,
        "label": label,
        "why_not": why_not(check_may_follow, case=found, by=request.seat),
    }
    return render(request, "registrations/follow_case.html", page, status=422 if form.errors else 200)
