"""The seat: the role at a centre that the signed-in person acts from."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class SeatMiddleware:
    """Sets ``request.seat``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.seat = None  # type: ignore[attr-defined]
        return self.get_response(request)
