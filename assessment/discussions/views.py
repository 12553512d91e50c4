"""A professional discussion in the browser: its areas agreed, then written up or called off (R16)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from assessment.discussions.actions import agree_discussion, call_off_discussion
from assessment.method_records.forms import AgreeDiscussionForm
from assessment.method_records.permissions import check_may_hold, check_may_record
from assessment.method_records.queries import discussions_for
from assessment.method_records.views import write_up
from assessment.models import AgreedDiscussion
from centres.decorators import seat_required
from centres.drafts.forms import draft_of
from centres.models import Membership, Role
from centres.permissions import why_not
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from registrations.queries import portfolios_for


@seat_required(Role.ASSESSOR)
def agree(request: SeatedRequest, pk: int) -> HttpResponse:
    """Agree the areas of a discussion, before it is held."""
    portfolio = get_object_or_404(portfolios_for(request.seat).select_related("candidate"), pk=pk)
    try:
        check_may_record(portfolio, request.seat)
    except ValidationError as refusal:
        if request.method != "POST":
            messages.error(request, " ".join(refusal.messages))
            return redirect("portfolio", portfolio.pk)
    form = AgreeDiscussionForm(request.POST if request.method == "POST" else None)
    draft = draft_of(request, form)
    if request.method == "POST" and form.is_valid():
        try:
            made = agree_discussion(portfolio=portfolio, by=request.seat, **form.wanted)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Agreed. Write the discussion up once you have held it.")
            return redirect("discussion", made.pk)
    return render(
        request,
        "assessment/agree_discussion.html",
        {"form": form, "draft": draft, "portfolio": portfolio},
        status=422 if form.errors else 200,
    )


@seat_required(Role.CANDIDATE, Role.ASSESSOR)
def discussion(request: SeatedRequest, pk: int) -> HttpResponse:
    """What was agreed, for both to read; for the assessor the way on to writing it up, or to calling it off."""
    found = _find_discussion(request.seat, pk)
    return render(
        request,
        "assessment/discussion.html",
        {
            "discussion": found,
            "portfolio": found.portfolio,
            "record": found.records.select_related("version").order_by("-signed_at", "-pk").first(),
            "is_assessor": request.seat.role == Role.ASSESSOR,
            "why_not": why_not(check_may_hold, found, request.seat),
        },
    )


@seat_required(Role.ASSESSOR)
def hold_discussion(request: SeatedRequest, pk: int) -> HttpResponse:
    """Write up a discussion that was held."""
    found = _find_discussion(request.seat, pk)
    if request.method != "POST" and (reason := why_not(check_may_hold, found, request.seat)):
        messages.error(request, reason)
        return redirect("discussion", found.pk)
    return write_up(request, found)


@require_POST
@seat_required(Role.ASSESSOR)
def call_off(request: SeatedRequest, pk: int) -> HttpResponse:
    """Call a discussion off."""
    found = _find_discussion(request.seat, pk)
    try:
        call_off_discussion(discussion=found, by=request.seat)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, "The discussion is called off.")
    return redirect("discussion", found.pk)


def _find_discussion(seat: Membership, pk: int) -> AgreedDiscussion:
    return get_object_or_404(
        discussions_for(seat).select_related("portfolio__candidate", "portfolio__centre", "agreed_by"), pk=pk
    )
