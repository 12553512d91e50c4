"""The portfolio page: units, evidence index, witnesses, and what to do next."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode

from centres.decorators import seat_required
from centres.models import Role
from centres.permissions import why_not
from centres.requests import SeatedRequest
from evidence.models import Portfolio
from evidence.next_steps import next_step
from evidence.permissions.method_records import check_may_record
from evidence.permissions.portfolio import check_may_add
from evidence.queries.method_records import discussions_ahead
from evidence.queries.portfolio import evidence_index, record_lines, registrations_in
from evidence.queries.scope import evidence_for, portfolios_for, witnesses_for
from evidence.queries.search import find_evidence, show_found
from units.catalogue import LONGEST_SEARCH

ITEMS_ON_A_PAGE = 25


@seat_required()
def portfolio(request: SeatedRequest, pk: int) -> HttpResponse:
    """A candidate's portfolio, for the candidate and, read-only and without drafts, for staff (R61, R64)."""
    seat = request.seat
    found = get_object_or_404(portfolios_for(seat).select_related("candidate", "centre"), pk=pk)
    if search := " ".join(request.GET.get("search", "").replace("\0", " ")[:LONGEST_SEARCH].split()):
        return _searched(request, found, search)
    lines = record_lines(found, seat)
    is_own = seat.role == Role.CANDIDATE
    items = evidence_index(evidence_for(seat).filter(portfolio=found), seat)
    return render(
        request,
        "evidence/portfolio.html",
        {
            "portfolio": found,
            "longest": LONGEST_SEARCH,
            "registrations": registrations_in(found, seat),
            "lines": lines,
            "page": Paginator(items, ITEMS_ON_A_PAGE).get_page(request.GET.get("page")),
            "witnesses": witnesses_for(seat).filter(portfolio=found).select_related("authenticated_by"),
            "is_own": is_own,
            "is_assessor": seat.role == Role.ASSESSOR,
            "may_record": seat.role == Role.ASSESSOR and not why_not(check_may_record, found, seat),
            "discussions": discussions_ahead(seat, found) if seat.role in (Role.CANDIDATE, Role.ASSESSOR) else (),
            "next": next_step(found, lines) if is_own else None,
            "why_not_add": why_not(check_may_add, found, seat) if is_own else "",
        },
    )


def _searched(request: SeatedRequest, found: Portfolio, search: str) -> HttpResponse:
    """The evidence of a portfolio in which the words stand, as far as this seat may see it."""
    evidence = evidence_for(request.seat).filter(portfolio=found)
    page = Paginator(find_evidence(evidence, search), ITEMS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "evidence/search.html",
        {
            "portfolio": found,
            "is_own": request.seat.role == Role.CANDIDATE,
            "search": search,
            "longest": LONGEST_SEARCH,
            "hits": show_found(evidence, list(page), search),
            "page": page,
            "query": f"{urlencode({'search': search})}&",
        },
    )
