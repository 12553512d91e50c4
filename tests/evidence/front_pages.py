"""What tests of a portfolio's front matter share."""

from typing import Any

from centres.models import Membership
from evidence.front_matter.actions import change_front_matter
from evidence.models import FrontMatter, FrontMatterKind
from tests.evidence.builders import World, portfolio_of


def write_front_matter(
    world: World, seat: Membership | None = None, kind: FrontMatterKind = FrontMatterKind.CV, **changed: Any
) -> FrontMatter:
    """A part of the candidate's front matter, or of another seat's, saved over what stands there."""
    seat = seat or world.candidate
    portfolio = portfolio_of(seat)
    standing = FrontMatter.objects.filter(portfolio=portfolio).filter(kind=kind, replaced_at=None).first()
    given = {"based_on": standing.pk if standing else None, "text": "Eight years in shops.", "files": [], "by": seat}
    return change_front_matter(**{"portfolio": portfolio, "kind": kind} | given | changed)
