"""Home: for each role, what needs this person next."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from centres.models import Role
from desk.queries.assessor import assessor_home
from desk.queries.candidate import candidate_home
from desk.queries.coordinator import coordinator_home
from desk.queries.verifier import ev_home, iv_home


@require_safe
def home(request: Any) -> HttpResponse:
    """The home page of the seat acted from. Somebody without a seat is told why there is nothing here."""
    seat = request.seat
    if seat is None:
        return render(request, "desk/home_none.html")
    page = request.GET.get("page")
    match seat.role:
        case Role.CANDIDATE:
            return render(request, "desk/home_candidate.html", {"home": candidate_home(seat)})
        case Role.ASSESSOR:
            return render(request, "desk/home_assessor.html", {"home": assessor_home(seat, page=page)})
        case Role.IV:
            return render(request, "desk/home_iv.html", {"home": iv_home(seat, page=page)})
        case Role.EV:
            return render(request, "desk/home_ev.html", {"home": ev_home(seat)})
        case _:
            return render(request, "desk/home_coordinator.html", {"home": coordinator_home(seat)})
