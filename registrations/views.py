"""Registrations: the coordinator keeps them, everybody named on them reads them."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from centres.decorators import seat_required
from centres.drafts.forms import draft_of
from centres.models import Membership, Role, User
from centres.permissions import why_not
from centres.refusals import add_refusal, stand_for
from centres.requests import SeatedRequest
from registrations import enrolment
from registrations.forms import AddUnitForm, ChangeForm, ChooseQualificationForm, RegisterForm
from registrations.models import Registration
from registrations.permissions import (
    check_registration_not_ended,
    check_registration_open,
)
from registrations.queries import registrations_for
from units.models import Qualification


@seat_required(Role.COORDINATOR)
def register(request: SeatedRequest) -> HttpResponse:
    """Register a candidate: first the qualification, then the rest."""
    choice = ChooseQualificationForm(
        request.POST if request.method == "POST" else request.GET or None, seat=request.seat
    )
    if not choice.is_valid():
        return render(
            request,
            "registrations/register_choose.html",
            {"form": choice, "has_qualifications": choice.fields["qualification"].queryset.exists()},  # type: ignore[attr-defined]
            status=422 if choice.errors else 200,
        )
    chosen = choice.cleaned_data["qualification"]
    form = RegisterForm(
        request.POST if request.method == "POST" else None, centre=request.seat.centre, qualification=chosen
    )
    context = {
        "form": form,
        "draft": draft_of(request, form),
        "qualification": chosen,
        "lacking": form.lacking(),
    }
    if request.method == "POST" and form.is_valid():
        try:
            made = enrolment.register_candidate(qualification=chosen, by=request.seat, **form.cleaned_data)
        except ValidationError as refusal:
            if sent_before := _registered_before(request.seat, chosen, form.cleaned_data):
                return redirect("registration", sent_before.pk)
            add_refusal(form, refusal)
        else:
            messages.success(request, f"{made.candidate} is registered.")
            return redirect("registration", made.pk)
    return render(request, "registrations/register.html", context, status=422 if form.errors else 200)


@seat_required(Role.COORDINATOR)
def change_registration(request: SeatedRequest, pk: int) -> HttpResponse:
    """Correct number, employer, site or dates."""
    found = registration_kept(request, pk)
    form = ChangeForm(request.POST) if request.method == "POST" else ChangeForm.of(found)
    return one_form(
        request,
        "registrations/change_registration.html",
        form,
        {
            "registration": found,
            "facts": facts_of(found, request.seat),
            "why_not": why_not(check_registration_not_ended, found),
        },
        lambda data: enrolment.registrations.change_registration(registration=found, by=request.seat, **data),
        "The registration has been changed.",
        found.pk,
    )


@seat_required(Role.COORDINATOR)
def add_unit(request: SeatedRequest, pk: int) -> HttpResponse:
    """Open a record for one more unit."""
    found = registration_kept(request, pk)
    form = AddUnitForm(request.POST if request.method == "POST" else None, registration=found)
    return one_form(
        request,
        "registrations/add_unit.html",
        form,
        {
            "registration": found,
            "has_unit_left": form.fields["unit"].queryset.exists(),  # type: ignore[attr-defined]
            "why_not": why_not(check_registration_open, found),
        },
        lambda data: enrolment.add_unit(registration=found, by=request.seat, **data),
        "The unit has been added.",
        found.pk,
    )


def one_form(
    request: SeatedRequest,
    template: str,
    form: forms.Form,
    context: dict[str, Any],
    act: Callable[[dict[str, Any]], object],
    done: str,
    registration_id: int,
) -> HttpResponse:
    """A page with one form and one action behind it, which leads back to the registration."""
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            if getattr(refusal, "code", None) == "stale":
                # What it says now is on the page, so the next attempt is made knowing it; what was typed stays.
                now = Registration.objects.get(pk=registration_id)
                stand_for(form, {"revision": now.revision})
                context["is_stale"] = True
        else:
            messages.success(request, done)
            return redirect("registration", registration_id)
    return render(request, template, {"is_stale": False, **context, "form": form}, status=422 if form.errors else 200)


def _registered_before(seat: Membership, qualification: Qualification, said: dict[str, Any]) -> Registration | None:
    """The registration that this same form has made already, when it was sent twice."""
    return (
        registrations_for(seat)
        .filter(
            candidate=said["candidate"],
            qualification=qualification,
            number=" ".join(said["number"].split()),
            started_on=said["started_on"],
        )
        .first()
    )


def registration_kept(request: SeatedRequest, pk: int) -> Registration:
    return get_object_or_404(
        registrations_for(request.seat).select_related("candidate", "assessor", "iv", "centre", "qualification"), pk=pk
    )


def facts_of(registration: Registration, seat: Membership) -> list[dict[str, Any]]:
    def named(term: str, person: User) -> dict[str, Any]:
        """Whoever relies on their signature may look up their awards and approvals; they may, themselves."""
        may_read = seat.role != Role.ASSESSOR or person == seat.person
        return {"term": term, "value": person} | ({"url": reverse("authority", args=[person.pk])} if may_read else {})

    return [
        {"term": "Qualification", "value": registration.qualification},
        {"term": "Registration number", "value": registration.number},
        named("Assessor", registration.assessor),
        named("Internal verifier", registration.iv),
        {"term": "Employer", "value": registration.employer},
        {"term": "Site", "value": registration.site},
        {"term": "Registered on", "value": registration.started_on},
        {"term": "Expected end", "value": registration.expected_end_on},
        *([{"term": "Ended on", "value": registration.ended_on}] if registration.ended_on else []),
    ]
