"""Ledger events turned into messages for the people they concern (HOUSE, "One way through").

A message is made from the rows as they stand when it is sent: an invitation withdrawn meanwhile, a claim mended or a
line signed meanwhile is not told of. Messages are sent at least once; the cursor moves when all of a chain's are out.
"""

from collections.abc import Iterable, Iterator, Sequence

from django.conf import settings
from django.urls import reverse

from assessment.queries import hang_judgements
from centres.decorators import with_article
from centres.models import Invitation, Role
from centres.people.invitations import link_for
from desk.cases import notices_of_cases
from desk.handovers import notices_of_handovers
from desk.messages import Notice, is_here
from desk.models import NoticeCursor
from desk.queries.signatures import records_awaiting_signature, signatures_due
from desk.signature_copies import copies_of_signatures
from desk.testimonies import notices_of_testimonies, notices_to_witnesses
from desk.unlockings import notices_of_unlockings
from evidence.models import Claim, ClaimState
from ledger.events import EventType
from ledger.models import Event
from ledger.queries import events_in
from registrations.models import RecordState, RegistrationStatus, UnitRecord
from signoff.contents import RECORD_RELATIONS, contents_of

# Every kind of event that may concern somebody; the others move the cursor and no more.
TOLD = (
    EventType.PERSON_INVITED,
    EventType.CLAIM_RETURNED,
    EventType.UNIT_CONFIRMED,
    EventType.RECORD_SIGNED,
    EventType.RECORD_COUNTERSIGNED,
    EventType.RECORD_UNLOCKED,
    EventType.SAMPLING_MARKED,
    EventType.REGISTRATION_REASSIGNED,
    EventType.UNIT_REASSIGNED,
    EventType.HANDED_OVER,
    EventType.CASE_OPENED,
    EventType.CASE_STEP,
    EventType.CASE_CLOSED,
    EventType.TESTIMONY_ASKED,
    EventType.TESTIMONY_GIVEN,
    EventType.TESTIMONY_SUSPENDED,
)


def deliver(chain: str) -> int:
    """Send what is new in one chain and move its cursor. Out: how many messages went out.

    Raises whatever the mail server raises; the cursor then stays, and the next event tries again. No transaction is
    held meanwhile: on SQLite it would keep everybody from writing.
    """
    cursor, _ = NoticeCursor.objects.get_or_create(chain=chain)
    new = list(events_in(chain).filter(sequence__gt=cursor.sequence))
    if not new:
        return 0
    sent = 0
    for notice in notices_of(new):
        notice.send()
        sent += 1
    # Somebody quicker may have moved it further.
    NoticeCursor.objects.filter(pk=cursor.pk, sequence__lt=new[-1].sequence).update(sequence=new[-1].sequence)
    return sent


def pass_over(chains: Iterable[str]) -> None:
    """Move the cursors of chains to their ends without telling anybody: for a centre that was filled by a command."""
    for chain in chains:
        last = events_in(chain).order_by("-sequence").first()
        if last is not None:
            NoticeCursor.objects.update_or_create(chain=chain, defaults={"sequence": last.sequence})


def notices_of(events: Sequence[Event]) -> Iterator[Notice]:
    """The messages that some events of one chain give rise to, each thing told once."""
    about: dict[str, dict[int, None]] = {}
    for event in events:
        if event.type in TOLD:
            kind, _, pk = event.subject.partition(":")
            about.setdefault(kind, {})[int(pk)] = None
    yield from _invitations(about.get("invitation", ()))
    yield from _returned(about.get("claim", ()))
    yield from copies_of_signatures(events)
    yield from notices_of_unlockings(events)
    yield from notices_of_handovers(events)
    yield from notices_of_cases(events)
    reassigned = UnitRecord.objects.filter(registration__in=about.get("registration", ())).values_list("pk", flat=True)
    yield from _signatures_due([*about.get("unit_record", ()), *(reassigned if "registration" in about else ())])
    yield from notices_to_witnesses(about.get("testimony_request", ()))
    yield from notices_of_testimonies(about.get("testimony", ()))


def _invitations(pks: Iterable[int]) -> Iterator[Notice]:
    for invitation in Invitation.objects.filter(pk__in=list(pks)).select_related("centre", "invited_by").order_by("pk"):
        if invitation.state != "waiting":
            continue
        role = with_article(invitation.role)
        yield Notice(
            to=invitation.email,
            subject=f"{invitation.centre} invites you as {role}",
            templates=("mail/invitation.txt", "mail/invitation.html"),
            context={"invitation": invitation, "role": role, "url": link_for(invitation)},
        )


def _returned(pks: Iterable[int]) -> Iterator[Notice]:
    """One message for each item, with every claim on it that is still returned."""
    claims = (
        Claim.objects.filter(pk__in=list(pks), state=ClaimState.RETURNED)
        .select_related(
            "evidence__current_version",
            "evidence__portfolio__candidate",
            "evidence__portfolio__centre",
            "record__unit",
            "criterion__group",
            "instance",
        )
        .order_by("evidence__number", "criterion__group__position", "criterion__position", "pk")
    )
    items: dict[int, list[Claim]] = {}
    for claim in hang_judgements(list(claims)):
        items.setdefault(claim.evidence_id, []).append(claim)
    for returned in items.values():
        evidence = returned[0].evidence
        if not is_here(evidence.portfolio.candidate, evidence.portfolio.centre, Role.CANDIDATE):
            continue
        last = returned[0].judgements[-1]
        lines = [
            {
                "label": claim.label,
                "comment": claim.comment,
            }
            for claim in returned
        ]
        yield Notice(
            to=evidence.portfolio.candidate.email,
            subject=f"{evidence.reference} was returned to you",
            templates=("mail/returned.txt", "mail/returned.html"),
            context={
                "evidence": evidence,
                "assessor": last.judged_by,
                "lines": lines,
                "url": settings.SITE_URL + reverse("evidence", args=[evidence.pk]),
            },
        )


def _signatures_due(pks: Iterable[int]) -> Iterator[Notice]:
    """To everybody who could give the signature that a record now waits for: the candidate once the gate is open."""
    records = UnitRecord.objects.filter(pk__in=list(pks), registration__status__in=_GOING_ON)
    still_open = records.filter(state=RecordState.OPEN).select_related(*RECORD_RELATIONS)
    for contents in contents_of(still_open).values():
        registration = contents.record.registration
        if contents.gate.is_open and is_here(registration.candidate, registration.centre, Role.CANDIDATE):
            yield Notice(
                to=contents.record.registration.candidate.email,
                subject=f"Unit {contents.record.unit.code} is ready for your signature",
                templates=("mail/ready_to_sign.txt", "mail/ready_to_sign.html"),
                context={
                    "record": contents.record,
                    "candidate": contents.record.registration.candidate,
                    "url": settings.SITE_URL + reverse("record", args=[contents.record.pk]),
                },
            )
    waiting = list(records_awaiting_signature(records))
    # What rests on a testimony that its witness has disowned is signed by nobody (R20a).
    disowned = {pk for pk, contents in contents_of(waiting).items() if contents.disowned} if waiting else set()
    for due in signatures_due(one for one in waiting if one.pk not in disowned):
        candidate = due.record.registration.candidate
        for person in due.people:
            yield Notice(
                to=person.email,
                subject=f"Unit {due.record.unit.code} of {candidate} waits for your signature",
                templates=("mail/signature_due.txt", "mail/signature_due.html"),
                context={
                    "due": due,
                    "candidate": candidate,
                    "person": person,
                    "others": len(due.people) - 1,
                    "url": settings.SITE_URL + reverse("record", args=[due.record.pk]),
                },
            )


_GOING_ON = (RegistrationStatus.ACTIVE, RegistrationStatus.COMPLETED)
