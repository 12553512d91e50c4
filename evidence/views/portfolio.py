"""The portfolio page: units, evidence index, witnesses, and what to do next."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from centres.decorators import seat_required
from centres.models import Role
from centres.permissions import why_not
from centres.requests import SeatedRequest
from evidence.next_steps import next_step
from evidence.permissions.method_records import check_may_record
from evidence.permissions.portfolio import check_may_add
from evidence.queries.method_records import discussions_ahead
from evidence.queries.portfolio import evidence_index, record_lines, registrations_in
from evidence.queries.scope import evidence_for, portfolios_for, witnesses_for

ITEMS_ON_A_PAGE = 25


@seat_required()
def portfolio(request: SeatedRequest, pk: int) -> HttpResponse:
    """A candidate's portfolio, for the candidate and, read-only and without drafts, for staff (R61, R64)."""
    seat = request.seat
    found = get_object_or_404(portfolios_for(seat).select_related("candidate", "centre"), pk=pk)
    lines = record_lines(found, seat)
    is_own = seat.role == Role.CANDIDATE
    items = evidence_index(evidence_for(seat).filter(portfolio=found), seat)
    return render(
        request,
        "evidence/portfolio.html",
        {
            "portfolio": found,
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
