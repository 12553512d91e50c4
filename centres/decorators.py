"""Which roles a page is for."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from centres.models import Membership, Role
from centres.requests import SeatedRequest

type SeatedView[**P] = Callable[Concatenate[SeatedRequest, P], HttpResponseBase]

_PLURALS = {
    Role.CANDIDATE: "candidates",
    Role.ASSESSOR: "assessors",
    Role.IV: "internal verifiers",
    Role.EV: "external verifiers",
    Role.COORDINATOR: "centre coordinators",
}


def with_article(role: str) -> str:
    """A role in the middle of a sentence: "an assessor"."""
    word = Role(role).label.lower()
    return f"{'an' if word[0] in 'aeio' else 'a'} {word}"


def why_wrong_seat(seat: Membership, seats: list[Membership], roles: tuple[str, ...]) -> str:
    """Why a page for ``roles`` is not open from this seat, and from which seat it would be."""
    wanted = [_PLURALS[Role(role)] for role in roles]
    reason = f"This page is for {' and '.join(filter(None, [', '.join(wanted[:-1]), wanted[-1]]))}."
    reason += f" You are here as {with_article(seat.role)} at {seat.centre}."
    if other := next((one for one in seats if one.role in roles), None):
        reason += f" Switch to your role as {with_article(other.role)} at {other.centre} to open it."
    return reason


def seat_required[**P](
    *roles: str,
) -> Callable[[SeatedView[P]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]]:
    """Open a view to people who act from a seat in one of ``roles``; in any role when none is named.

    Somebody without a seat is sent home, where it is explained. Raises PermissionDenied, with the reason, from a seat
    in another role.
    """

    def decorate(view: SeatedView[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def seated(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.seat is None:
                return redirect("home")
            if roles and request.seat.role not in roles:
                raise PermissionDenied(why_wrong_seat(request.seat, request.seats, roles))
            return view(request, *args, **kwargs)

        return seated

    return decorate
