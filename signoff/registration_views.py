"""A registration as it stands, how it moves on, and who answers for it: pages that look at what is signed."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode

from centres.decorators import seat_required
from centres.models import Membership, Role
from centres.permissions import why_not
from centres.requests import SeatedRequest
from evidence.progress import RecordProgress, progress_of
from registrations.combination import combination_of
from registrations.forms import ReassignForm, ReassignUnitForm, StatusForm
from registrations.history import history_of_registration
from registrations.models import Registration, RegistrationStatus, UnitRecord
from registrations.permissions import check_registration_not_ended, check_registration_open
from registrations.queries import portfolios_for, records_for, records_listed_for, registrations_for
from registrations.states import moves_from
from registrations.views import facts_of, one_form, registration_kept
from signoff.handover import reassigning
from signoff.handover.permissions import check_unit_goes_on, units_that_go_on
from signoff.moving_on import change_status as move_on
from signoff.moving_on import check_may_move_on

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
        "signoff/registrations.html",
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
        "signoff/registration.html",
        {
            "registration": found,
            "portfolio": portfolios_for(seat).filter(candidate=found.candidate).first(),
            "facts": facts_of(found, seat),
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
def change_status(request: SeatedRequest, pk: int) -> HttpResponse:
    """Suspend, resume, withdraw, complete, certificate."""
    found = registration_kept(request, pk)
    form = StatusForm(
        request.POST if request.method == "POST" else None,
        registration=found,
        initial={"status": request.GET.get("to")},
    )
    return one_form(
        request,
        "signoff/change_status.html",
        form,
        {"registration": found, "why_not": "" if moves_from(found.status) else STANDS},
        lambda data: move_on(registration=found, by=request.seat, **data),
        "The registration has been moved on.",
        found.pk,
    )


@seat_required(Role.COORDINATOR)
def reassign(request: SeatedRequest, pk: int) -> HttpResponse:
    """Hand the registration to another assessor or IV."""
    found = registration_kept(request, pk)
    form = ReassignForm(
        request.POST if request.method == "POST" else None,
        centre=request.seat.centre,
        initial={"revision": found.revision, "assessor": found.assessor, "iv": found.iv},
    )
    return one_form(
        request,
        "signoff/reassign.html",
        form,
        {"registration": found, "why_not": why_not(check_registration_not_ended, found)},
        lambda data: reassigning.reassign(registration=found, by=request.seat, **data),
        "The registration has been handed over.",
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
    return one_form(
        request,
        "signoff/reassign_unit.html",
        form,
        {
            "record": record,
            "registration": record.registration,
            "why_not": why_not(check_unit_goes_on, record, is_iv_only=True),
        },
        lambda data: reassigning.reassign_unit(record_id=record.pk, by=request.seat, **data),
        f"Unit {record.unit.code} has been handed over.",
        record.registration_id,
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
