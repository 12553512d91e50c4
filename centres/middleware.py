"""The seat that somebody acts from, what browsers may keep of their pages, and what becomes of a form's draft."""

from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

from centres.drafts.actions import OF_ANOTHER, Ticket, address_of, drop_draft, keep_draft, read_ticket
from centres.models import Membership
from centres.queries import seats_of

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


class DraftMiddleware:
    """Drops the draft of a form that a view took, and keeps what was sent where it was not taken (decision 9).

    Taken means: answered by sending somebody who is signed in on to another page. Everything else is kept: a form
    refused with its mistakes or by a stale token, an error of ours, and what arrives after the session has ended. The
    page's ticket says whose text it is. Nobody's text is ever sent in another's name: such a form is refused.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        ticket = self._ticket_of(request)
        if ticket is None:
            return response
        is_signed_in, seen = request.user.is_authenticated, request.POST.get("draft_seen", "")
        if is_signed_in and request.user.pk != ticket.person_id:
            return response
        if is_signed_in and HTTPStatus.MULTIPLE_CHOICES <= response.status_code < HTTPStatus.BAD_REQUEST:
            drop_draft(ticket=ticket, seen=seen)
            return response
        with suppress(ValidationError):  # too long to be kept: nothing is lost that was kept before
            keep_draft(ticket=ticket, seen=seen, typed=ticket.text_in(request.POST))
            if not is_signed_in:
                messages.info(request, "You were signed out. What you typed is kept: sign in to go on with it.")
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        """Raises PermissionDenied for a form that somebody else had open in this browser."""
        ticket = self._ticket_of(request)
        if ticket and request.user.is_authenticated and request.user.pk != ticket.person_id:
            raise PermissionDenied(OF_ANOTHER)

    @staticmethod
    def _ticket_of(request: HttpRequest) -> Ticket | None:
        """The ticket of a form that was sent to its own address; drafts go to addresses of theirs."""
        if request.method != "POST" or "draft" not in request.POST:
            return None
        ticket = read_ticket(request.POST["draft"])
        return ticket if ticket and ticket.form == address_of(request) else None
