"""What every template knows about the person: where else they could act from."""

from django.http import HttpRequest

from centres.models import Membership


def seats(request: HttpRequest) -> dict[str, list[Membership] | Membership | None]:
    """``seats``: the active memberships of the person, none for a stranger; ``seat``: the one they act from."""
    return {"seats": getattr(request, "seats", []), "seat": getattr(request, "seat", None)}
