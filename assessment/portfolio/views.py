"""The portfolio page: units, evidence index, witnesses, and what to do next."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode

from assessment.method_records.permissions import check_may_record
from assessment.method_records.queries import discussions_ahead, records_beside
from assessment.permissions import check_may_judge
from assessment.portfolio.next_steps import next_step
from assessment.portfolio.queries import EvidencePage, evidence_index, evidence_page, record_lines
from assessment.queries import sights_of
from centres.decorators import seat_required
from centres.models import Membership, Role
from centres.permissions import why_not
from centres.requests import SeatedRequest
from evidence.claims.suggestions import suggestions_for
from evidence.items.views import find_item
from evidence.models import Evidence, EvidenceState
from evidence.permissions import check_may_add, check_may_change, check_may_claim, check_may_offer, check_may_withdraw
from evidence.queries import evidence_for, witnesses_for
from evidence.search import find_evidence, show_found
from evidence.testimonies.queries import asking_of
from registrations.models import Portfolio
from registrations.queries import assessed_by, portfolios_for, records_for, registrations_in
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
        "assessment/portfolio.html",
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
        "assessment/search.html",
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


@seat_required()
def evidence(request: SeatedRequest, pk: int) -> HttpResponse:
    """One item: files, words, claims, and what to do next. ``?version=`` shows an older version."""
    seat = request.seat
    found = find_item(seat, pk)
    ordinal = request.GET.get("version", "")
    # Python refuses to read a number of thousands of digits.
    page = evidence_page(found, seat, int(ordinal[:9]) if ordinal.isdecimal() else None)
    if page is None:
        raise Http404("This evidence has no such version.")
    context: dict[str, Any] = {"page": page, "evidence": found, "version": page.version, "is_own": False}
    context |= {"suggestions": None, "just_claimed": "", "asking": asking_of(found, page.version, seat)}
    context |= {"method_records": records_beside(found), "sights": sights_of(page.version), "may_add_note": False}
    if seat.role == Role.CANDIDATE:
        context |= {
            "is_own": True,
            "why_not_change": why_not(check_may_change, found, seat),
            "why_not_claim": why_not(check_may_claim, found, seat),
            "why_not_offer": why_not(check_may_offer, found, seat),
            "why_not_withdraw": why_not(check_may_withdraw, found, seat),
        }
        context["may_add_note"] = page.is_current_version and not context["why_not_change"]
        if page.is_current_version and not context["why_not_claim"]:
            context |= {
                "suggestions": suggestions_for(found),
                "just_claimed": _just_claimed(page, request.GET.get("claimed", "")),
            }
    else:
        context |= _for_assessor(page, found, seat)
    return render(request, "assessment/evidence.html", context)


def _just_claimed(page: EvidencePage, claim_pk: str) -> str:
    """What a press among the suggestions has done, in a sentence; "" where nothing was pressed."""
    made = next((claim for claim in page.claims if str(claim.pk) == claim_pk), None)
    if made is None or made.criterion is None:
        return ""
    where = f"{made.record.unit.code} {made.label}"
    return f"{page.evidence.reference} is now claimed against {where} as well, at “{made.locator}”."


def _for_assessor(page: EvidencePage, found: Evidence, seat: Membership) -> dict[str, Any]:
    """Whether the page leads on to judging this item, and to adding what was missed."""
    if seat.role != Role.ASSESSOR or found.state != EvidenceState.OFFERED:
        return {"may_judge": False, "may_add_claim": False}
    mine = records_for(seat).filter(assessed_by(seat.person), portfolio=found.portfolio).exists()
    return {
        "may_judge": any(not why_not(check_may_judge, record=unit.record, by=seat) for unit in page.units),
        "may_add_claim": mine,
    }
