"""Who is told that a signed record was opened again: its candidate, its assessor and everybody whose signature is void
(R48). The work goes back to the assessor, who looks at it again and confirms it anew."""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.urls import reverse

from centres.models import Role, User
from desk.messages import Notice, is_here, is_open_to
from ledger.events import EventType
from ledger.models import Event
from signoff.models import Signature, Slot
from signoff.permissions import SLOT_ROLES
from signoff.statements import PRINTED_LINES


def notices_of_unlockings(events: Iterable[Event]) -> Iterator[Notice]:
    """One message to each person whom an unlocking concerns, but whoever unlocked the record."""
    told = [event for event in events if event.type == EventType.RECORD_UNLOCKED]
    numbers = {pk for event in told for pk in event.data.get("voided", ())}
    relations = (
        "signer",
        "voided_by__unlocked_by",
        "record__unit",
        "record__registration__candidate",
        "record__registration__centre",
        "record__registration__assessor",
        "record__own_assessor",
        "record__portfolio",
    )
    by_unlocking: dict[int, list[Signature]] = {}
    for signature in Signature.objects.filter(pk__in=numbers, voided_by__isnull=False).select_related(*relations):
        by_unlocking.setdefault(signature.voided_by_id or 0, []).append(signature)
    for signatures in by_unlocking.values():
        yield from _notices(signatures)


def _notices(signatures: list[Signature]) -> Iterator[Notice]:
    unlocking, record = signatures[0].voided_by, signatures[0].record
    assert unlocking is not None  # only signatures with one were fetched
    registration = record.registration
    concerned: dict[User, str] = {registration.candidate: Role.CANDIDATE, record.assessor: Role.ASSESSOR}
    lines: dict[User, list[str]] = {}
    for signature in sorted(signatures, key=lambda one: list(Slot).index(Slot(one.slot))):
        concerned.setdefault(signature.signer, SLOT_ROLES[Slot(signature.slot)])
        lines.setdefault(signature.signer, []).append(PRINTED_LINES[Slot(signature.slot)])
    has_left = not is_here(record.assessor, registration.centre, Role.ASSESSOR)
    for person, role in concerned.items():
        if person == unlocking.unlocked_by or not is_here(person, registration.centre, role):
            continue
        may_read = is_open_to(person, record)
        yield Notice(
            to=person.email,
            subject=f"Unit {record.unit.code} of {registration.candidate} was unlocked",
            templates=("mail/unlocked.txt", "mail/unlocked.html"),
            context={
                "person": person,
                "record": record,
                "candidate": registration.candidate,
                "unlocking": unlocking,
                "lines": lines.get(person, []),
                "is_assessor": person == record.assessor,
                "assessor": record.assessor,
                "assessor_has_left": has_left,
                # Whom the record does not open to any more is told that it is void, and not what was the matter.
                "reason": unlocking.reason if may_read else "",
                "url": settings.SITE_URL + reverse("record", args=[record.pk]) if may_read else "",
            },
        )
