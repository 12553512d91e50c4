"""Rows beside what the ledger tells of them, event by event (R66).

A snapshot holds what was decided; these rows hold who decided it before, why, and with what authority. Each was told of
in the ledger when it was written, so a row that was changed, put in or taken out behind the product's back is one that
the ledger tells otherwise of. Each kind of row is one entry of a table; a note that was disposed of says nothing (R60).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest
from typing import Any

from django.db.models import F, Model, Q, QuerySet

from centres.models import Award, Centre, Membership, UnitApproval
from evidence.actions.method_records import digest_of as digest_of_method_record
from evidence.models import Judgement, MethodRecord, Portfolio, SeenAtWork, UnitRecord, Witness
from ledger.chains import centre_chain
from ledger.events import EventType
from ledger.models import Event
from ledger.queries import with_notes
from signoff.models import SamplingMark, Unlocking

_NOT_TOLD = "the ledger does not tell of it"
_OTHERWISE = "the ledger tells otherwise of it"
_OTHER_WORDS = "its words are not those that the ledger keeps"
_GONE = "the ledger tells of it, and it is gone"


@dataclass(frozen=True)
class Said:
    """What a row, or an event, says: about which thing, facts that both hold, and words; None where it keeps none."""

    about: Hashable
    facts: tuple[object, ...]
    words: str | None = None


@dataclass(frozen=True, kw_only=True)
class Telling:
    """One kind of row that the ledger tells of. Rows about one thing stand in the order of their events."""

    name: str
    types: tuple[EventType, ...]
    model: type[Model]
    # How a row leads to the portfolio or centre in whose chain it is told of, and what else is fetched with it.
    owner: str
    related: tuple[str, ...] = ()
    # Which rows were told of: all of them, or those that something further happened to.
    where: Q = field(default_factory=Q)
    of_row: Callable[[Any], Said]
    of_event: Callable[[Any], Said]
    # Whether the row was written anew each time, so that only the last event counts.
    is_latest: bool = False
    # What a row says that nothing has happened to, and so nothing is told of.
    untouched: tuple[object, ...] | None = None

    def rows(self, owners: Collection[Model]) -> QuerySet[Any]:
        """The rows of some portfolios or centres in the order in which they were written, each with `owned_by`."""
        rows = self.model._default_manager.filter(self.where, **{f"{self.owner}__in": owners})
        if self.related:
            rows = rows.select_related(*self.related)
        return rows.annotate(owned_by=F(self.owner)).order_by("pk")


def _number(event: Event) -> int:
    """The id in an event's subject, such as "claim:12"."""
    return int(event.subject.rpartition(":")[2])


def _kept(event: Any) -> str | None:
    """The event's note as `with_notes` fetched it; None when it was disposed of."""
    return None if event.note_is_disposed else event.note


OF_PORTFOLIOS: tuple[Telling, ...] = (
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
        types=(EventType.UNIT_REASSIGNED,),
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
)


def faults_of_portfolios(batch: Collection[Portfolio]) -> Iterator[tuple[str, str]]:
    """What was decided, sampled, unlocked and testified in some portfolios, and the ledger tells otherwise of.

    Each fault as two texts: which, and what is wrong with it. One query for each kind of row, and one for the events.
    """
    return _faults(OF_PORTFOLIOS, {portfolio.chain: portfolio for portfolio in batch})


def faults_of_centres(batch: Collection[Centre]) -> Iterator[tuple[str, str]]:
    """The same of some centres' registers: roles, awards and approvals."""
    return _faults(OF_CENTRES, {centre_chain(centre.pk): centre for centre in batch})


def _faults(tellings: Iterable[Telling], owners: Mapping[str, Model]) -> Iterator[tuple[str, str]]:
    # Rows first: what is written in between is told of by then, and looked at again before it is reported.
    kept = [(telling, list(telling.rows(list(owners.values())))) for telling in tellings]
    types = [kind for telling, _ in kept for kind in telling.types]
    told: Mapping[str, list[Event]] = defaultdict(list)
    events = Event.objects.filter(chain__key__in=owners, type__in=types).select_related("chain")
    for event in with_notes(events.order_by("pk")):
        told[event.type].append(event)
    for telling, rows in kept:
        its = sorted((event for kind in telling.types for event in told[kind]), key=lambda event: event.pk)
        yield from _differences(telling, rows, its, owners)


def _differences(
    telling: Telling, rows: Iterable[Any], events: Iterable[Event], owners: Mapping[str, Model]
) -> Iterator[tuple[str, str]]:
    kept: dict[Hashable, list[tuple[Model, Said]]] = defaultdict(list)
    for row in rows:
        said = telling.of_row(row)
        kept[row.owned_by, said.about].append((row, said))
    told: dict[Hashable, list[tuple[Event, Said]]] = defaultdict(list)
    for event in events:
        said = telling.of_event(event)
        about = owners[event.chain.key].pk, said.about
        if telling.is_latest:
            told[about].clear()
        told[about].append((event, said))
    for each in [*kept, *(each for each in told if each not in kept)]:
        for mine, its in zip_longest(kept.get(each, ()), told.get(each, ())):
            if mine is None:
                event = its[0]
                yield f"{telling.name}, event {event.sequence} of {event.chain.key}", _GONE
            elif its is None and mine[1].facts == telling.untouched:
                continue
            elif why := _NOT_TOLD if its is None else _difference(mine[1], its[1]):
                yield f"{telling.name} {mine[0].pk}", why


def _difference(mine: Said, its: Said) -> str:
    if mine.facts != its.facts:
        return _OTHERWISE
    return _OTHER_WORDS if None not in (mine.words, its.words) and mine.words != its.words else ""


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
