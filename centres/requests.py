"""What a view may rely on once somebody acts from a seat."""

from django.http import HttpRequest

from centres.models import Membership, User


class SeatedRequest(HttpRequest):
    """A request of a person who acts from a seat: ``seat_required`` has made sure of it. For annotations only."""

    user: User
    seat: Membership
    seats: list[Membership]
