"""An assessor's home: what waits for judgement or signature, oldest first (R63)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef
from django.utils import timezone

from assessment.judging.queue import WaitingCandidate, candidates_waiting, days_since, queue_for, waiting_claims
from centres.models import Membership
from desk.queries.signatures import SignatureDue, signatures_due_from
from evidence.models import Claim, ClaimState, Evidence
from evidence.progress import progress_of
from registrations.models import RecordState, RegistrationStatus, UnitRecord
from registrations.queries import assessed_by, registrations_for
from signoff.contents import RECORD_RELATIONS, contents_of
from signoff.to_do import ToDo, to_do
from units.gaps import Party

PER_PAGE = 25
_MOST_TO_DO = 3


@dataclass(frozen=True, kw_only=True)
class QueueLine:
    """An item that waits: how many claims, and for how many whole days."""

    evidence: Evidence
    claims: int
    days: int


@dataclass(frozen=True, kw_only=True)
class LastSteps:
    """A unit with nothing left to judge, and what its assessor still owes it."""

    record: UnitRecord
    to_do: tuple[ToDo, ...]

    @property
    def shown(self) -> tuple[ToDo, ...]:
        """As much as fits a list."""
        return self.to_do[:_MOST_TO_DO]

    @property
    def more(self) -> int:
        return len(self.to_do) - len(self.shown)


@dataclass(frozen=True, kw_only=True)
class AssessorHome:
    """Everything on the page. ``page`` is the queue's page; ``lines`` are its items."""

    due: Sequence[SignatureDue]
    to_confirm: Sequence[LastSteps]
    page: Page[Evidence]
    lines: tuple[QueueLine, ...]
    candidates: Sequence[WaitingCandidate]
    registrations: int


def assessor_home(seat: Membership, *, page: str | None = None) -> AssessorHome:
    """The home page of an assessor, in a constant number of queries. ``page``: of the queue, as the address has it."""
    now = timezone.now()
    queue = Paginator(queue_for(seat), PER_PAGE).get_page(page)
    return AssessorHome(
        due=signatures_due_from(seat),
        to_confirm=to_confirm(seat),
        page=queue,
        lines=tuple(
            QueueLine(evidence=item, claims=_asked(item, "waiting"), days=days_since(_since(item), now))
            for item in queue
        ),
        candidates=candidates_waiting(seat),
        registrations=registrations_for(seat).filter(status=RegistrationStatus.ACTIVE).count(),
    )


def to_confirm(seat: Membership) -> list[LastSteps]:
    """Units of this assessor that lack nothing but what they themselves confirm and record (R3, R4, R17, R20a, Q23).

    Whatever is not covered lacks something of the candidate's: only the rest is read whole.
    """
    waiting = waiting_claims(seat).filter(record=OuterRef("pk"))
    accepted = Claim.objects.filter(record=OuterRef("pk"), state=ClaimState.ACCEPTED)
    records = list(
        UnitRecord.objects.filter(
            assessed_by(seat.person),
            ~Exists(waiting),
            Exists(accepted),
            state=RecordState.OPEN,
            registration__centre=seat.centre_id,
            registration__status=RegistrationStatus.ACTIVE,
        )
        .select_related(*RECORD_RELATIONS)
        .order_by("pk")
    )
    progress = progress_of(records)
    covered = [record for record in records if progress[record.pk].coverage.is_covered]
    return [
        LastSteps(record=contents.record, to_do=to_do(contents, seat))
        for contents in contents_of(covered).values()
        if not contents.gate.is_open and all(one.who is Party.ASSESSOR for one in contents.gate.missing)
    ]


def _asked(item: Evidence, name: str) -> int:
    return int(getattr(item, name))


def _since(item: Evidence) -> datetime:
    since: datetime = getattr(item, "waiting_since")  # noqa: B009  # annotated by queue_for
    return since
