"""Rows beside what the ledger tells of them, event by event (R66).

A snapshot holds what was decided; these rows hold who decided it before, why, and with what authority. Each was told of
in the ledger when it was written, so a row that was changed, put in or taken out behind the product's back is one that
the ledger tells otherwise of. Each kind of row is one entry of a table; a note that was disposed of says nothing (R60).
"""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from django.db.models import Min, Q

from centres.actions.registrations import chain_of
from centres.models import (
    Award,
    Case,
    CaseKind,
    CaseStep,
    Centre,
    Membership,
    Registration,
    RegistrationStatus,
    UnitApproval,
)
from centres.states import ENDED
from evidence.actions.method_records import digest_of as digest_of_method_record
from evidence.models import Judgement, MethodRecord, Portfolio, SeenAtWork, UnitRecord, Witness
from ledger.chains import centre_chain
from ledger.events import EventType
from ledger.models import Event
from signoff.models import SamplingMark, Unlocking
from signoff.telling import Said, Telling, faults_of


def _number(event: Event) -> int:
    """The id in an event's subject, such as "claim:12"."""
    return int(event.subject.rpartition(":")[2])


def _kept(event: Any) -> str | None:
    """The event's note as `with_notes` fetched it; None when it was disposed of."""
    return None if event.note_is_disposed else event.note


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


_PORTFOLIO_OF_REGISTRATION = "unit_records__portfolio"


def _answers_for(field: str, name: str) -> Telling:
    """Who is a registration's assessor or IV: as it was made, or as it was handed over last."""

    def of_event(event: Event) -> Said | None:
        if field not in event.data:  # Handed over in the other capacity.
            return None
        told = event.data[field]
        return Said(_number(event), (told[-1] if isinstance(told, list) else told,))

    return Telling(
        name=f"{name} of registration",
        types=(EventType.CANDIDATE_REGISTERED, EventType.REGISTRATION_REASSIGNED),
        model=Registration,
        owner=_PORTFOLIO_OF_REGISTRATION,
        of_row=lambda row: Said(row.pk, (getattr(row, f"{field}_id"),)),
        of_event=of_event,
        is_latest=True,
    )


def _status_told(event: Event) -> tuple[object, ...]:
    _, status = event.data.get("status", ("", ""))
    return status, event.data.get("on") if status in ENDED else None


def _of_cases(owner: str, *, are_appeals: bool) -> tuple[Telling, ...]:
    """Cases, their steps and outcomes: an appeal in its candidate's chain, any other in the centre's (R53, R54)."""

    def where(kind: str) -> Q:
        return Q(**{kind: CaseKind.APPEAL}) if are_appeals else ~Q(**{kind: CaseKind.APPEAL})

    return (
        Telling(
            name="Case",
            types=(EventType.CASE_OPENED,),
            model=Case,
            owner=owner,
            related=("registration",),
            where=where("kind"),
            of_row=lambda row: Said(
                row.pk,
                (row.chain, row.kind, _day(row.opened_on), row.registration_id, row.person_id, row.opened_by_id),
            ),
            of_event=lambda event: Said(
                _number(event),
                (
                    event.chain.key,
                    event.data.get("kind"),
                    event.data.get("on"),
                    event.data.get("registration"),
                    event.data.get("person"),
                    event.actor_id,
                ),
            ),
        ),
        Telling(
            name="Step of a case",
            types=(EventType.CASE_OPENED, EventType.CASE_STEP),
            model=CaseStep,
            owner=f"case__{owner}",
            related=("case",),
            annotated={"first": Min("case__steps__pk")},
            where=where("case__kind"),
            of_row=lambda row: Said(
                row.case_id,
                (_day(row.taken_on), row.recorded_by_id),
                f"{row.case.title}. {row.what}" if row.pk == row.first else row.what,
            ),
            of_event=lambda event: Said(_number(event), (event.data.get("on"), event.actor_id), _kept(event)),
        ),
        Telling(
            name="Outcome of case",
            types=(EventType.CASE_CLOSED,),
            model=Case,
            owner=owner,
            where=where("kind") & Q(closed_on__isnull=False),
            of_row=lambda row: Said(row.pk, (_day(row.closed_on), row.closed_by_id), row.outcome),
            of_event=lambda event: Said(_number(event), (event.data.get("on"), event.actor_id), _kept(event)),
        ),
    )


OF_PORTFOLIOS: tuple[Telling, ...] = (
    Telling(
        name="Registration",
        types=(EventType.CANDIDATE_REGISTERED,),
        model=Registration,
        owner=_PORTFOLIO_OF_REGISTRATION,
        related=("qualification",),
        of_row=lambda row: Said(row.pk, (chain_of(row), row.qualification.code)),
        of_event=lambda event: Said(_number(event), (event.chain.key, event.data.get("qualification"))),
    ),
    _answers_for("assessor", "Assessor"),
    _answers_for("iv", "IV"),
    Telling(
        name="Status of registration",
        types=(EventType.REGISTRATION_STATUS_CHANGED,),
        model=Registration,
        owner=_PORTFOLIO_OF_REGISTRATION,
        of_row=lambda row: Said(row.pk, (row.status, _day(row.ended_on))),
        of_event=lambda event: Said(_number(event), _status_told(event)),
        is_latest=True,
        untouched=(RegistrationStatus.ACTIVE, None),
    ),
    Telling(
        name="Unit record",
        types=(EventType.UNIT_ADDED,),
        model=UnitRecord,
        owner="portfolio",
        related=("unit",),
        of_row=lambda row: Said(row.pk, (row.registration_id, row.unit.code)),
        of_event=lambda event: Said(_number(event), (event.data.get("registration"), event.data.get("unit"))),
    ),
    Telling(
        name="Who answers for unit record",
        types=(EventType.UNIT_REASSIGNED, EventType.UNIT_STAYED),
        model=UnitRecord,
        owner="portfolio",
        of_row=lambda row: Said(row.pk, (row.own_assessor_id, row.own_iv_id)),
        of_event=lambda event: Said(_number(event), (event.data.get("assessor"), event.data.get("iv"))),
        is_latest=True,
        untouched=(None, None),
    ),
    Telling(
        name="Judgement",
        types=(EventType.CLAIM_ACCEPTED, EventType.CLAIM_RETURNED),
        model=Judgement,
        owner="claim__record__portfolio",
        related=("version",),
        of_row=lambda row: Said(row.claim_id, (row.is_accepted, row.judged_by_id, row.version.ordinal), row.comment),
        of_event=lambda event: Said(
            _number(event),
            (event.type == EventType.CLAIM_ACCEPTED, event.actor_id, event.data.get("version")),
            _kept(event),
        ),
    ),
    Telling(
        name="Record of an assessment method",
        types=(EventType.METHOD_RECORD_SIGNED,),
        model=MethodRecord,
        owner="version__evidence__portfolio",
        related=("version__evidence",),
        of_row=lambda row: Said(
            row.pk,
            (row.kind, row.digest, digest_of_method_record(row), row.author_id, row.version.ordinal, row.corrects_id),
        ),
        of_event=lambda event: Said(
            event.data.get("record"),
            (
                event.data.get("kind"),
                event.data.get("digest"),
                event.data.get("digest"),
                event.actor_id,
                event.data.get("version"),
                event.data.get("corrects"),
            ),
        ),
    ),
    Telling(
        name="Seen at work",
        types=(EventType.SEEN_AT_WORK,),
        model=SeenAtWork,
        owner="version__evidence__portfolio",
        related=("version",),
        of_row=lambda row: Said(
            row.version.evidence_id, (row.version.ordinal, row.seen_on.isoformat(), row.seen_by_id), row.where
        ),
        of_event=lambda event: Said(
            _number(event), (event.data.get("version"), event.data.get("seen_on"), event.actor_id), _kept(event)
        ),
    ),
    Telling(
        name="Witness",
        types=(EventType.WITNESS_ADDED, EventType.WITNESS_CHANGED),
        model=Witness,
        owner="portfolio",
        of_row=lambda row: Said(row.pk, (), row.entry),
        # Entries from before the ledger kept their words have none to compare.
        of_event=lambda event: Said(_number(event), (), _kept(event) or None),
        is_latest=True,
    ),
    Telling(
        name="Authentication of a witness",
        types=(EventType.WITNESS_AUTHENTICATED,),
        model=Witness,
        owner="portfolio",
        where=Q(authenticated_at__isnull=False),
        of_row=lambda row: Said(row.pk, (row.authenticated_by_id,), row.authenticated_how),
        of_event=lambda event: Said(_number(event), (event.actor_id,), _kept(event)),
        is_latest=True,
    ),
    Telling(
        name="Sampling mark",
        types=(EventType.SAMPLING_MARKED,),
        model=SamplingMark,
        owner="record__portfolio",
        of_row=lambda row: Said(
            row.pk, (row.record_id, row.capacity, row.verifier_id, row.marked_by_id), row.reason
        ),
        of_event=lambda event: Said(
            event.data.get("mark"), (_number(event), event.data.get("capacity"), event.actor_id, event.actor_id),
            _kept(event),
        ),
    ),
    Telling(
        name="Sampling mark taken back",
        types=(EventType.SAMPLING_MARK_WITHDRAWN,),
        model=SamplingMark,
        owner="record__portfolio",
        where=Q(withdrawn_at__isnull=False),
        of_row=lambda row: Said(row.pk, (row.record_id, row.capacity)),
        of_event=lambda event: Said(event.data.get("mark"), (_number(event), event.data.get("capacity"))),
    ),
    Telling(
        name="Unlocking",
        types=(EventType.RECORD_UNLOCKED,),
        model=Unlocking,
        owner="record__portfolio",
        of_row=lambda row: Said(row.record_id, (row.unlocked_by_id, row.capacity), row.reason),
        of_event=lambda event: Said(_number(event), (event.actor_id, event.actor_role), _kept(event)),
    ),
    *_of_cases("registration__" + _PORTFOLIO_OF_REGISTRATION, are_appeals=True),
)  # fmt: skip

# What the register says is what a signature's authority was read from (R30, R35).
OF_CENTRES: tuple[Telling, ...] = (
    Telling(
        name="Award",
        types=(EventType.AWARD_RECORDED,),
        model=Award,
        owner="centre",
        of_row=lambda row: Said(
            row.pk,
            (row.person_id, row.kind, _day(row.awarded_on), _day(row.expires_on), row.recorded_by_id),
            row.number,
        ),
        of_event=lambda event: Said(
            event.data.get("award"),
            (
                _number(event),
                event.data.get("kind"),
                event.data.get("awarded_on"),
                event.data.get("last_day"),
                event.actor_id,
            ),
            _kept(event),
        ),
    ),
    Telling(
        name="Award struck out",
        types=(EventType.AWARD_WITHDRAWN,),
        model=Award,
        owner="centre",
        where=Q(struck_out_at__isnull=False),
        of_row=lambda row: Said(row.pk, (row.person_id,)),
        of_event=lambda event: Said(event.data.get("award"), (_number(event),)),
    ),
    Telling(
        name="Certificate of an award",
        types=(EventType.AWARD_CERTIFICATE_FILED,),
        model=Award,
        owner="centre",
        related=("certificate",),
        where=Q(certificate__isnull=False),
        of_row=lambda row: Said(row.pk, (row.certificate.sha256,), row.certificate_name),
        of_event=lambda event: Said(event.data.get("award"), (event.data.get("sha256"),), _kept(event)),
    ),
    Telling(
        name="Approval",
        types=(EventType.APPROVAL_GIVEN,),
        model=UnitApproval,
        owner="centre",
        of_row=lambda row: Said(
            row.pk, (row.person_id, row.unit_id, row.capacity, _day(row.starts_on), row.given_by_id)
        ),
        of_event=lambda event: Said(
            event.data.get("approval"),
            (
                _number(event),
                event.data.get("unit_id"),
                event.data.get("capacity"),
                event.data.get("from"),
                event.actor_id,
            ),
        ),
    ),
    Telling(
        name="Last day of an approval",
        types=(EventType.APPROVAL_ENDED,),
        model=UnitApproval,
        owner="centre",
        where=Q(ends_on__isnull=False),
        of_row=lambda row: Said(row.pk, (_day(row.ends_on),)),
        of_event=lambda event: Said(event.data.get("approval"), (event.data.get("last_day"),)),
        is_latest=True,
    ),
    Telling(
        name="Role",
        types=(EventType.ROLE_GIVEN,),
        model=Membership,
        owner="centre",
        of_row=lambda row: Said(row.pk, (row.person_id, row.role)),
        of_event=lambda event: Said(event.data.get("membership"), (_number(event), event.data.get("role"))),
    ),
    Telling(
        name="Role ended",
        types=(EventType.ROLE_ENDED,),
        model=Membership,
        owner="centre",
        where=Q(ended_at__isnull=False),
        of_row=lambda row: Said(row.pk, (row.person_id, row.role)),
        of_event=lambda event: Said(event.data.get("membership"), (_number(event), event.data.get("role"))),
    ),
    *_of_cases("centre", are_appeals=False),
)


def faults_of_portfolios(batch: Collection[Portfolio]) -> Iterator[tuple[str, str]]:
    """What was decided, sampled, unlocked and testified in some portfolios, and the ledger tells otherwise of.

    Each fault as two texts: which, and what is wrong with it. One query for each kind of row, and one for the events.
    """
    return faults_of(OF_PORTFOLIOS, {portfolio.chain: portfolio for portfolio in batch})


def faults_of_centres(batch: Collection[Centre]) -> Iterator[tuple[str, str]]:
    """The same of some centres' registers: roles, awards and approvals."""
    return faults_of(OF_CENTRES, {centre_chain(centre.pk): centre for centre in batch})
