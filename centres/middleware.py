"""The seat: the role at a centre that the signed-in person acts from."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from .models import Membership
from .queries import seats_of

SESSION_KEY = "seat"


class SeatMiddleware:
    """Sets ``request.seats``, the person's active memberships, and ``request.seat``, the one they act from.

    The session remembers the choice; without one, or when that role has ended, it is the first. One query for a
    person who is signed in, none for anybody else (Q24).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seats: list[Membership] = list(seats_of(request.user)) if request.user.is_authenticated else []
        chosen = request.session.get(SESSION_KEY) if seats else None
        request.seats = seats  # type: ignore[attr-defined]
        request.seat = next((seat for seat in seats if seat.pk == chosen), seats[0] if seats else None)  # type: ignore[attr-defined]
        return self.get_response(request)
