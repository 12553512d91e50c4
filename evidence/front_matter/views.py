"""What a portfolio opens with: the candidate and their work (R61)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from centres.decorators import seat_required
from centres.drafts.forms import draft_of
from centres.models import Membership, Role
from centres.permissions import why_not
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from evidence.front_matter.actions import change_front_matter
from evidence.front_matter.forms import FrontMatterForm
from evidence.front_matter.queries import front_matter_files_for, front_matter_for, parts_of
from evidence.items.file_views import serve_variant
from evidence.models import FrontMatterFile, FrontMatterKind
from evidence.permissions import check_may_add
from files.serving import serve
from registrations.models import Portfolio
from registrations.queries import portfolios_for, registrations_in


def _find_portfolio(seat: Membership, pk: int) -> Portfolio:
    return get_object_or_404(portfolios_for(seat).select_related("candidate", "centre"), pk=pk)


@seat_required()
def front_matter(request: SeatedRequest, pk: int) -> HttpResponse:
    """Profile or CV, job description, and what the registrations say of employer and site (R61)."""
    portfolio = _find_portfolio(request.seat, pk)
    is_own = request.seat.role == Role.CANDIDATE
    return render(
        request,
        "evidence/front_matter.html",
        {
            "portfolio": portfolio,
            "parts": parts_of(portfolio, request.seat),
            "registrations": registrations_in(portfolio, request.seat),
            "is_own": is_own,
            "why_not_change": why_not(check_may_add, portfolio, request.seat) if is_own else "",
        },
    )


@seat_required(Role.CANDIDATE)
def change_part(request: SeatedRequest, pk: int, kind: str) -> HttpResponse:
    """Write a part, or change it."""
    portfolio = _find_portfolio(request.seat, pk)
    if kind not in FrontMatterKind.values:
        raise Http404("The front matter has no such part.")
    part = FrontMatterKind(kind)
    if request.method != "POST" and (reason := why_not(check_may_add, portfolio, request.seat)):
        messages.error(request, reason)
        return redirect("front_matter", pk=portfolio.pk)
    current = front_matter_for(request.seat).filter(portfolio=portfolio, kind=part, replaced_at=None).first()
    form = FrontMatterForm(request.POST or None, request.FILES or None, person=request.user, kind=part, current=current)
    draft = draft_of(request, form, based_on=current.pk if current else "")
    if request.method == "POST" and form.is_valid():
        try:
            change_front_matter(portfolio=portfolio, kind=part, by=request.seat, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal, now_shown={"based_on": current.pk if current else ""})
        else:
            messages.success(request, f"{part.label}: saved.")
            return redirect("front_matter", pk=portfolio.pk)
    return render(
        request,
        "evidence/change_front_matter.html",
        {"form": form, "draft": draft, "portfolio": portfolio, "part": part},
        status=422 if request.method == "POST" else 200,
    )


def _find_file(seat: Membership, pk: int) -> FrontMatterFile:
    return get_object_or_404(front_matter_files_for(seat).select_related("blob"), pk=pk)


@require_safe
@seat_required()
def front_matter_file(request: SeatedRequest, pk: int) -> HttpResponseBase:
    """The original, as it was handed in."""
    file = _find_file(request.seat, pk)
    return serve(request, file.blob, filename=file.name)


@require_safe
@seat_required()
def front_matter_file_variant(request: SeatedRequest, pk: int, variant: str) -> HttpResponseBase:
    """What a page shows of it, as for the files of evidence."""
    file = _find_file(request.seat, pk)
    return serve_variant(request, file.blob, file.name, variant)


@require_safe
@seat_required()
def front_matter_file_page(request: SeatedRequest, pk: int, number: int) -> HttpResponseBase:
    """The picture of one page of a PDF."""
    file = _find_file(request.seat, pk)
    return serve(request, file.blob, filename=file.name, variant="page", page=number)
