"""Somebody's work handed over as the coordinator's page does it."""

from typing import Any

from centres.models import Membership, Role
from centres.people.actions import give_role
from signoff.handover.actions import hand_over
from signoff.handover.queries import HandoverItem, handover_items
from tests.evidence.builders import World, approve, join


def both_roles(world: World, seat: Membership, role: str, award: str | None = None) -> Membership:
    """One more role for somebody, approved for unit 304."""
    given = give_role(person=seat.person, role=role, by=world.coordinator)
    given = Membership.objects.select_related("person", "centre").get(pk=given.pk)
    return approve(world.coordinator, given, world.unit, award=award)


def new_iv(world: World) -> Membership:
    return approve(world.coordinator, join(world.coordinator, Role.IV, "Iris Verifier"), world.unit, award="V1")


def items_of(
    world: World, leaver: Membership, assessor: Membership | None = None, iv: Membership | None = None
) -> list[HandoverItem]:
    return handover_items(
        person=leaver.person,
        seat=world.coordinator,
        assessor=assessor.person if assessor else None,
        iv=iv.person if iv else None,
    )


def hand(
    world: World,
    leaver: Membership,
    *,
    assessor: Membership | None = None,
    iv: Membership | None = None,
    items: Any = None,
    **changed: Any,
) -> list[HandoverItem]:
    said = {
        "person": leaver.person,
        "assessor": assessor.person if assessor else None,
        "iv": iv.person if iv else None,
        "items": [item.key for item in items_of(world, leaver)] if items is None else items,
        "why": "Anna has left",
        "by": world.coordinator,
    }
    return hand_over(**said | changed)
