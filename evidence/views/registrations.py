"""Registrations: the coordinator keeps them, everybody named on them reads them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from centres.decorators import seat_required
from centres.drafted_forms import draft_of
from centres.models import Membership, Registration, RegistrationStatus, Role, User
from centres.permissions import check_registration_not_ended, check_registration_open, why_not
from centres.queries import registrations_for
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from centres.states import moves_from
from evidence.actions import enrolment
from evidence.forms.registrations import (
    AddUnitForm,
    ChangeForm,
    ChooseQualificationForm,
    ReassignForm,
    ReassignUnitForm,
    RegisterForm,
    StatusForm,
)
from evidence.models import UnitRecord
from evidence.permissions.enrolment import check_may_move_on, check_unit_goes_on, units_that_go_on
from evidence.queries.combination import combination_of
from evidence.queries.history import history_of_registration
from evidence.queries.progress import RecordProgress, progress_of
from evidence.queries.scope import portfolios_for, records_for, records_listed_for
from units.models import Qualification

PAGE = 25
STANDS = "The certificate is recorded. Nothing comes after that."
READERS = (Role.ASSESSOR, Role.IV, Role.EV, Role.COORDINATOR)


@seat_required(*READERS)
def registrations(request: SeatedRequest) -> HttpResponse:
    """The list: search by name or number, filter by status."""
    search = request.GET.get("search", "").replace("\0", "").strip()  # PostgreSQL knows no zero byte
    status = request.GET.get("status", "")
    found = _with_people(request.seat)
    if search:
        found = found.filter(Q(candidate__name__icontains=search) | Q(number__icontains=search))
    if status in RegistrationStatus.values:
        found = found.filter(status=status)
    page = Paginator(found.order_by("candidate__name", "pk"), PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    progress = progress_of([record for one in shown for record in one.listed_records])
    rows = [{"registration": one, **_sum_of(one.listed_records, progress)} for one in shown]
    return render(
        request,
        "evidence/registrations.html",
        {
            "page": page,
            "rows": rows,
            "search": search,
            "status": status,
            "statuses": RegistrationStatus.choices,
            "is_filtered": bool(search or status),
            "query": "".join(
                f"{urlencode({name: value})}&" for name, value in (("search", search), ("status", status)) if value
            ),
        },
    )


@seat_required(*READERS)
def registration(request: SeatedRequest, pk: int) -> HttpResponse:
    """One registration: its facts, its units, what may be done with it, and what happened to it."""
    seat = request.seat
    found = get_object_or_404(_with_people(seat), pk=pk)
    progress = progress_of(found.listed_records)
    opened = set(records_for(seat).filter(registration=found).values_list("pk", flat=True))
    keeps = seat.role == Role.COORDINATOR
    hands_over = units_that_go_on(found, found.listed_records) if keeps else set()
    held = found.unit_records.values("unit")
    return render(
        request,
        "evidence/registration.html",
        {
            "registration": found,
            "portfolio": portfolios_for(seat).filter(candidate=found.candidate).first(),
            "facts": _facts(found, seat),
            "combination": _combination(found),
            "units": [
                {
                    "record": record,
                    "progress": progress[record.pk],
                    "opens": record.pk in opened,
                    "hands_over": record.pk in hands_over,
                }
                for record in found.listed_records
            ],
            "keeps": keeps,
            "has_unit_left": keeps and found.qualification.units.exclude(pk__in=held).exists(),
            "why_not_changed": why_not(check_registration_not_ended, found),
            "why_not_worked_on": why_not(check_registration_open, found),
            "moves": [
                {"move": move, "why_not": _why_not_moved(found, move.target)} for move in moves_from(found.status)
            ]
            if keeps
            else [],
            "history": history_of_registration(found) if keeps else [],
        },
    )


@seat_required(Role.COORDINATOR)
def register(request: SeatedRequest) -> HttpResponse:
    """Register a candidate: first the qualification, then the rest."""
    choice = ChooseQualificationForm(
        request.POST if request.method == "POST" else request.GET or None, seat=request.seat
    )
    if not choice.is_valid():
        return render(
            request,
            "evidence/register_choose.html",
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
    return render(request, "evidence/register.html", context, status=422 if form.errors else 200)


@seat_required(Role.COORDINATOR)
def change_registration(request: SeatedRequest, pk: int) -> HttpResponse:
    """Correct number, employer, site or dates."""
    found = _kept(request, pk)
    form = ChangeForm(request.POST) if request.method == "POST" else ChangeForm.of(found)
    return _one_form(
        request,
        "evidence/change_registration.html",
        form,
        {
            "registration": found,
            "facts": _facts(found, request.seat),
            "why_not": why_not(check_registration_not_ended, found),
        },
        lambda data: enrolment.registrations.change_registration(registration=found, by=request.seat, **data),
        "The registration has been changed.",
        found.pk,
    )


@seat_required(Role.COORDINATOR)
def change_status(request: SeatedRequest, pk: int) -> HttpResponse:
    """Suspend, resume, withdraw, complete, certificate."""
    found = _kept(request, pk)
    form = StatusForm(
        request.POST if request.method == "POST" else None,
        registration=found,
        initial={"status": request.GET.get("to")},
    )
    return _one_form(
        request,
        "evidence/change_status.html",
        form,
        {"registration": found, "why_not": "" if moves_from(found.status) else STANDS},
        lambda data: enrolment.change_status(registration=found, by=request.seat, **data),
        "The registration has been moved on.",
        found.pk,
    )


@seat_required(Role.COORDINATOR)
def reassign(request: SeatedRequest, pk: int) -> HttpResponse:
    """Hand the registration to another assessor or IV."""
    found = _kept(request, pk)
    form = ReassignForm(
        request.POST if request.method == "POST" else None,
        centre=request.seat.centre,
        initial={"revision": found.revision, "assessor": found.assessor, "iv": found.iv},
    )
    return _one_form(
        request,
        "evidence/reassign.html",
        form,
        {"registration": found, "why_not": why_not(check_registration_not_ended, found)},
        lambda data: enrolment.reassign(registration=found, by=request.seat, **data),
        "The registration has been handed over.",
        found.pk,
    )


@seat_required(Role.COORDINATOR)
def add_unit(request: SeatedRequest, pk: int) -> HttpResponse:
    """Open a record for one more unit."""
    found = _kept(request, pk)
    form = AddUnitForm(request.POST if request.method == "POST" else None, registration=found)
    return _one_form(
        request,
        "evidence/add_unit.html",
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


@seat_required(Role.COORDINATOR)
def reassign_unit(request: SeatedRequest, pk: int) -> HttpResponse:
    """Give one unit an assessor or IV of its own."""
    record = get_object_or_404(
        records_for(request.seat).select_related(
            "unit",
            "registration__centre",
            "registration__candidate",
            "registration__assessor",
            "registration__iv",
            "own_assessor",
            "own_iv",
        ),
        pk=pk,
    )
    form = ReassignUnitForm(
        request.POST if request.method == "POST" else None,
        record=record,
        initial={"own_assessor": record.own_assessor_id, "own_iv": record.own_iv_id},
    )
    return _one_form(
        request,
        "evidence/reassign_unit.html",
        form,
        {
            "record": record,
            "registration": record.registration,
            "why_not": why_not(check_unit_goes_on, record, is_iv_only=True),
        },
        lambda data: enrolment.reassign_unit(record_id=record.pk, by=request.seat, **data),
        f"Unit {record.unit.code} has been handed over.",
        record.registration_id,
    )


def _one_form(
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
                form.data = {**form.data, "revision": str(now.revision)}
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


def _why_not_moved(registration: Registration, target: str) -> str:
    """Why a registration cannot make a legal move yet; "" when it can."""
    return why_not(check_may_move_on, registration=registration, status=target)


def _combination(registration: Registration) -> dict[str, Any] | None:
    """How far the units make up the qualification; None where it has no rules, and for whoever knows of some only."""
    found = combination_of(registration)
    listed = len(registration.listed_records)  # type: ignore[attr-defined]
    if not found.structure.has_rules or listed < sum(share.units for share in found.shares):
        return None
    return {
        "shares": [{"term": share.part.rule.name, "value": share.words} for share in (*found.shares, *found.totals)],
        "wrong": found.wrong,
        "missing": (*found.not_chosen, *found.not_yet_enough),
    }


def _sum_of(records: Sequence[UnitRecord], progress: Mapping[int, RecordProgress]) -> dict[str, int]:
    """How far all units of a registration are together."""
    of_each = [progress[record.pk] for record in records]
    return {
        "units": len(records),
        "complete": sum(record.completed_at is not None for record in records),
        "needed": sum(one.coverage.required for one in of_each),
        "claimed": sum(one.coverage.claimed for one in of_each),
        "accepted": sum(one.coverage.accepted for one in of_each),
        "undecided": sum(one.undecided for one in of_each),
    }


def _kept(request: SeatedRequest, pk: int) -> Registration:
    return get_object_or_404(
        registrations_for(request.seat).select_related("candidate", "assessor", "iv", "centre", "qualification"), pk=pk
    )


def _with_people(seat: Membership) -> Any:
    """Registrations with all that a list shows; ``listed_records`` are the unit records that the seat may know of."""
    return (
        registrations_for(seat)
        .select_related("candidate", "assessor", "iv", "qualification", "centre")
        .prefetch_related(
            Prefetch(
                "unit_records",
                queryset=records_listed_for(seat)
                .select_related("unit", "own_assessor", "own_iv")
                .order_by("unit__position", "unit__code"),
                to_attr="listed_records",
            )
        )
    )


def _facts(registration: Registration, seat: Membership) -> list[dict[str, Any]]:
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
