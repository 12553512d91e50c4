"""The seat: the role at a centre that the signed-in person acts from. And what browsers may keep of their pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

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


class PrivatePagesMiddleware:
    """Pages of somebody signed in are kept by no proxy and asked for again; signing out empties the browser's cache.

    Without ``no-store``: that would also take away what was typed into a form when somebody goes back to it. A page
    that says itself how it may be kept is left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if was_signed_in and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        if was_signed_in and not request.user.is_authenticated:
            response.headers["Clear-Site-Data"] = '"cache"'
        return response
