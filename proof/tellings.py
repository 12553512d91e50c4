"""Rows beside what the ledger tells of them, event by event (R66).

A snapshot holds what was decided; these rows hold who decided it before, why, and with what authority. Each was told of
in the ledger when it was written, so a row that was changed, put in or taken out behind the product's back is one that
the ledger tells otherwise of. Each kind of row is one entry of a table; a note that was disposed of says nothing (R60).
"""

from collections.abc import Collection, Iterator

from django.db.models import Q

from assessment.method_records.actions import digest_of as digest_of_method_record
from assessment.models import Judgement, MethodRecord, SeenAtWork
from centres.models import Centre
from evidence.models import Evidence, EvidenceState, EvidenceVersion, Witness
from ledger.chains import centre_chain
from ledger.events import EventType
from ledger.models import Event
from proof.telling import Said, Telling, day_of, faults_of, note_of, number_in
from proof.tellings_of_centres import OF_CENTRES, of_cases
from registrations.models import Portfolio, Registration, RegistrationStatus, UnitConfirmation, UnitRecord
from registrations.states import ENDED
from signoff.models import SamplingMark, Unlocking

_PORTFOLIO_OF_REGISTRATION = "unit_records__portfolio"


def _answers_for(field: str, name: str) -> Telling:
    """Who is a registration's assessor or IV: as it was made, or as it was handed over last."""

    def of_event(event: Event) -> Said | None:
        if field not in event.data:  # Handed over in the other capacity.
            return None
        told = event.data[field]
        return Said(number_in(event), (told[-1] if isinstance(told, list) else told,))

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


def _withdrawn(event: Event) -> Said | None:
    """That an item was withdrawn: from its open units only, while a closed one rests on it (Q22a)."""
    if event.data.get("kept_in"):
        return None
    words = note_of(event)
    return Said(number_in(event), (EvidenceState.WITHDRAWN,), None if words is None else words[:300])


OF_PORTFOLIOS: tuple[Telling, ...] = (
    Telling(
        name="Registration",
        types=(EventType.CANDIDATE_REGISTERED,),
        model=Registration,
        owner=_PORTFOLIO_OF_REGISTRATION,
        related=("qualification",),
        of_row=lambda row: Said(row.pk, (row.chain, row.qualification.code)),
        of_event=lambda event: Said(number_in(event), (event.chain.key, event.data.get("qualification"))),
    ),
    _answers_for("assessor", "Assessor"),
    _answers_for("iv", "IV"),
    Telling(
        name="Status of registration",
        types=(EventType.REGISTRATION_STATUS_CHANGED,),
        model=Registration,
        owner=_PORTFOLIO_OF_REGISTRATION,
        of_row=lambda row: Said(row.pk, (row.status, day_of(row.ended_on))),
        of_event=lambda event: Said(number_in(event), _status_told(event)),
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
        of_event=lambda event: Said(number_in(event), (event.data.get("registration"), event.data.get("unit"))),
    ),
    Telling(
        name="Who answers for unit record",
        types=(EventType.UNIT_REASSIGNED, EventType.UNIT_STAYED),
        model=UnitRecord,
        owner="portfolio",
        of_row=lambda row: Said(row.pk, (row.own_assessor_id, row.own_iv_id)),
        of_event=lambda event: Said(number_in(event), (event.data.get("assessor"), event.data.get("iv"))),
        is_latest=True,
        untouched=(None, None),
    ),
    Telling(
        name="Evidence",
        types=(EventType.EVIDENCE_ADDED, EventType.EVIDENCE_REPLACED),
        model=Evidence,
        owner="portfolio",
        related=("current_version",),
        of_row=lambda row: Said(row.pk, (row.reference, row.current_version.ordinal)),
        of_event=lambda event: Said(number_in(event), (event.data.get("reference"), event.data.get("version", 1))),
        is_latest=True,
    ),
    Telling(
        name="Version of evidence",
        types=(EventType.EVIDENCE_ADDED, EventType.EVIDENCE_REPLACED),
        model=EvidenceVersion,
        owner="evidence__portfolio",
        when="made_at",
        of_row=lambda row: Said((row.evidence_id, row.ordinal), (row.made_by_id,)),
        # A testimony makes a version for whoever had asked for it.
        of_event=lambda event: Said(
            (number_in(event), event.data.get("version", 1)), (event.data.get("made_by", event.actor_id),)
        ),
    ),
    Telling(
        name="Offer of evidence",
        types=(EventType.EVIDENCE_OFFERED,),
        model=Evidence,
        owner="portfolio",
        when="offered_at",
        where=Q(offered_at__isnull=False),
        of_row=lambda row: Said(row.pk, ()),
        of_event=lambda event: Said(number_in(event), ()),
    ),
    Telling(
        name="Withdrawal of evidence",
        types=(EventType.EVIDENCE_WITHDRAWN,),
        model=Evidence,
        owner="portfolio",
        when="withdrawn_at",
        where=Q(withdrawn_at__isnull=False),
        of_row=lambda row: Said(row.pk, (row.state,), row.withdrawn_why),
        of_event=_withdrawn,
    ),
    Telling(
        name="Confirmation of a unit",
        types=(EventType.UNIT_CONFIRMED,),
        model=UnitConfirmation,
        owner="record__portfolio",
        when="confirmed_at",
        of_row=lambda row: Said((row.record_id, row.kind, row.group_id), (row.confirmed_by_id,)),
        of_event=lambda event: Said(
            (number_in(event), event.data.get("kind"), event.data.get("group")), (event.actor_id,)
        ),
    ),
    Telling(
        name="Judgement",
        when="judged_at",
        types=(EventType.CLAIM_ACCEPTED, EventType.CLAIM_RETURNED),
        model=Judgement,
        owner="claim__record__portfolio",
        related=("version",),
        of_row=lambda row: Said(row.claim_id, (row.is_accepted, row.judged_by_id, row.version.ordinal), row.comment),
        of_event=lambda event: Said(
            number_in(event),
            (event.type == EventType.CLAIM_ACCEPTED, event.actor_id, event.data.get("version")),
            note_of(event),
        ),
    ),
    Telling(
        name="Record of an assessment method",
        when="signed_at",
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
        when="recorded_at",
        types=(EventType.SEEN_AT_WORK,),
        model=SeenAtWork,
        owner="version__evidence__portfolio",
        related=("version",),
        of_row=lambda row: Said(
            row.version.evidence_id, (row.version.ordinal, row.seen_on.isoformat(), row.seen_by_id), row.where
        ),
        of_event=lambda event: Said(
            number_in(event), (event.data.get("version"), event.data.get("seen_on"), event.actor_id), note_of(event)
        ),
    ),
    Telling(
        name="Witness",
        types=(EventType.WITNESS_ADDED, EventType.WITNESS_CHANGED),
        model=Witness,
        owner="portfolio",
        of_row=lambda row: Said(row.pk, (), row.entry),
        # Entries from before the ledger kept their words have none to compare.
        of_event=lambda event: Said(number_in(event), (), note_of(event) or None),
        is_latest=True,
    ),
    Telling(
        name="Authentication of a witness",
        when="authenticated_at",
        types=(EventType.WITNESS_AUTHENTICATED,),
        model=Witness,
        owner="portfolio",
        where=Q(authenticated_at__isnull=False),
        of_row=lambda row: Said(row.pk, (row.authenticated_by_id,), row.authenticated_how),
        of_event=lambda event: Said(number_in(event), (event.actor_id,), note_of(event)),
        is_latest=True,
    ),
    Telling(
        name="Sampling mark",
        when="marked_at",
        types=(EventType.SAMPLING_MARKED,),
        model=SamplingMark,
        owner="record__portfolio",
        of_row=lambda row: Said(
            row.pk, (row.record_id, row.capacity, row.verifier_id, row.marked_by_id), row.reason
        ),
        of_event=lambda event: Said(
            event.data.get("mark"), (number_in(event), event.data.get("capacity"), event.actor_id, event.actor_id),
            note_of(event),
        ),
    ),
    Telling(
        name="Sampling mark taken back",
        when="withdrawn_at",
        types=(EventType.SAMPLING_MARK_WITHDRAWN,),
        model=SamplingMark,
        owner="record__portfolio",
        where=Q(withdrawn_at__isnull=False),
        of_row=lambda row: Said(row.pk, (row.record_id, row.capacity)),
        of_event=lambda event: Said(event.data.get("mark"), (number_in(event), event.data.get("capacity"))),
    ),
    Telling(
        name="Unlocking",
        when="unlocked_at",
        types=(EventType.RECORD_UNLOCKED,),
        model=Unlocking,
        owner="record__portfolio",
        of_row=lambda row: Said(row.pk, (row.record_id, row.unlocked_by_id, row.capacity), row.reason),
        of_event=lambda event: Said(
            event.data.get("unlocking"), (number_in(event), event.actor_id, event.actor_role), note_of(event)
        ),
    ),
    *of_cases("registration__" + _PORTFOLIO_OF_REGISTRATION, are_appeals=True),
)  # fmt: skip


def faults_of_portfolios(batch: Collection[Portfolio]) -> Iterator[tuple[str, str]]:
    """What was decided, sampled, unlocked and testified in some portfolios, and the ledger tells otherwise of.

    Each fault as two texts: which, and what is wrong with it. One query for each kind of row, and one for the events.
    """
    return faults_of(OF_PORTFOLIOS, {portfolio.chain: portfolio for portfolio in batch})


def faults_of_centres(batch: Collection[Centre]) -> Iterator[tuple[str, str]]:
    """The same of some centres' registers: roles, awards and approvals."""
    return faults_of(OF_CENTRES, {centre_chain(centre.pk): centre for centre in batch})
