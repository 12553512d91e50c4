"""People leave: what somebody answers for goes to somebody else in one step (Q23; PRACTICE §5.9)."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from centres.models import Capacity, Membership, User
from centres.people.actions import lock_centre
from centres.permissions import check_coordinates
from centres.queries import people_of
from ledger.actions import tell
from ledger.chains import centre_chain
from ledger.events import EventType
from ledger.subjects import Named
from signoff.handover.queries import HandoverItem, handover_items
from signoff.handover.reassigning import reassign, reassign_unit


@transaction.atomic
def pass_on(
    *, person: User, assessor: User | None, iv: User | None, items: Collection[str], why: str, by: Membership
) -> list[HandoverItem]:
    """Hand the chosen registrations and units of a person over: all of them or, when one is refused, none.

    In: who takes over as assessor and as IV, and the keys of ``handover_items``. Each registration and unit tells of it
    in its own chain, and the centre's chain of the whole. What was judged stays attributed, sampling marks stay, and a
    new assessor records a review before signing (Q23); whose signature is due follows by itself (HOUSE decided 6). What
    the candidate has signed is unlocked first: ``signoff.handover.actions`` does both, and is what people come by.
    Raises PermissionDenied unless ``by`` coordinates the person's centre; ValidationError without a reason, with
    nothing chosen, when what is chosen is no longer the person's, and under "items", line by line, for what cannot be.
    """
    check_coordinates(centre=by.centre, by=by)
    lock_centre(by.centre)
    if not people_of(by).filter(pk=person.pk).exists():
        raise PermissionDenied(f"{person} is not known at {by.centre}.")
    errors: dict[str, list[str]] = {}
    for name, someone in (("assessor", assessor), ("iv", iv)):
        if someone == person:
            errors[name] = [f"{person} cannot take over from themself. Choose somebody else."]
    if not why.strip():
        errors["why"] = ["Say why this changes hands."]
    if not items:
        errors["items"] = ["Tick what is handed over."]
    if errors:
        raise ValidationError(dict(errors))
    standing = {item.key: item for item in handover_items(person=person, seat=by, assessor=assessor, iv=iv)}
    if not set(items) <= set(standing):
        raise ValidationError(
            f"Some of this has changed hands meanwhile. Look again at what {person} answers for.", code="stale"
        )
    chosen = [item for key, item in standing.items() if key in items]
    if reasons := _refusals(chosen, why=why, by=by):
        raise ValidationError({"items": reasons})
    tell(
        EventType.HANDED_OVER,
        about=Named(centre_chain(by.centre_id), f"person:{person.pk}"),
        by=by,
        note=why.strip(),
        assessor=assessor.pk if assessor and _of(chosen, Capacity.ASSESSOR) else None,
        iv=iv.pk if iv and _of(chosen, Capacity.IV) else None,
        registrations={
            capacity.value: [item.registration.pk for item in _of(chosen, capacity) if item.record is None]
            for capacity in Capacity
        },
        unit_records={
            capacity.value: [item.record.pk for item in _of(chosen, capacity) if item.record is not None]
            for capacity in Capacity
        },
    )
    return chosen


def _refusals(chosen: list[HandoverItem], *, why: str, by: Membership) -> list[str]:
    """Hand each over by the action that hands it over alone, and collect what was refused."""
    reasons = []
    for item in chosen:
        try:
            _hand_over(item, why=why, by=by)
        except ValidationError as refusal:
            reasons.append(f"{item.registration.candidate}, {item.what}: {' '.join(refusal.messages)}")
    return reasons


def _hand_over(item: HandoverItem, *, why: str, by: Membership) -> None:
    if item.successor is None:
        raise ValidationError(f"Choose who takes over as {item.capacity.label.lower()}.")
    is_assessor = item.capacity is Capacity.ASSESSOR
    registration, unit_record = item.registration, item.record
    if unit_record is None:
        reassign(
            registration=registration,
            revision=registration.revision,
            assessor=item.successor if is_assessor else registration.assessor,
            iv=registration.iv if is_assessor else item.successor,
            why=why,
            by=by,
        )
    else:
        reassign_unit(
            record_id=unit_record.pk,
            own_assessor=item.successor if is_assessor else unit_record.own_assessor,
            own_iv=unit_record.own_iv if is_assessor else item.successor,
            why=why,
            by=by,
        )


def _of(chosen: list[HandoverItem], capacity: Capacity) -> list[HandoverItem]:
    return [item for item in chosen if item.capacity is capacity]
