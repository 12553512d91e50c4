"""What the frame of a candidate's pages needs: the way to their own portfolio."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from centres.models import Role
from registrations.models import Portfolio


def own_portfolio(request: HttpRequest) -> dict[str, object]:
    """``own_portfolio_id``: the candidate's portfolio at the centre they act at; None for everybody else. One query."""
    seat = getattr(request, "seat", None)
    if seat is None or seat.role != Role.CANDIDATE:
        return {"own_portfolio_id": None}
    own = Portfolio.objects.filter(centre=seat.centre_id, candidate=seat.person_id).values_list("pk", flat=True)
    return {"own_portfolio_id": SimpleLazyObject(own.first)}
