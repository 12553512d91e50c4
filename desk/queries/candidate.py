"""A candidate's home: how far each unit is, what was returned, and the one thing to do next (R63)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from assessment.models import Judgement
from assessment.portfolio.next_steps import NextStep, next_step
from assessment.portfolio.queries import RecordLine, evidence_index, record_lines
from centres.models import Membership
from desk.queries.signatures import SignatureDue, records_awaiting_signature, signatures_due
from evidence.models import Claim, ClaimState, Evidence
from evidence.queries import evidence_for
from registrations.models import Portfolio, UnitRecord
from registrations.queries import portfolios_for, records_for
from signoff.contents import RecordContents
from signoff.models import Slot
from signoff.queries import open_contents
from signoff.to_do import ToDo, to_do

_RECENT = 5
_MOST_TO_DO = 3


@dataclass(frozen=True, kw_only=True)
class ReturnedItem:
    """An item with claims that the assessor returned, each a criterion's label and the comment on it."""

    evidence: Evidence
    assessor: str
    comments: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class UnitLine:
    """One unit with its progress, and whose signature it waits for once it is signed."""

    line: RecordLine
    due: SignatureDue | None
    to_do: tuple[ToDo, ...] = ()

    @property
    def yours(self) -> tuple[ToDo, ...]:
        """What the candidate can do now, as much as fits a home page."""
        return tuple(one for one in self.to_do if one.is_yours)[:_MOST_TO_DO]

    @property
    def more(self) -> int:
        """How much more is missing, whoever must do it."""
        return len(self.to_do) - len(self.yours)

    @property
    def waits_for(self) -> str:
        """In a sentence; blank when the record waits for nobody's signature."""
        if self.due is None:
            return ""
        people = " or ".join(person.name for person in self.due.people)
        return f"Waits for {people}." if people else "Waits for somebody qualified; your centre is looking for them."


@dataclass(frozen=True, kw_only=True)
class CandidateHome:
    """Everything on the page. Without a registration there is no portfolio yet."""

    portfolio: Portfolio | None
    step: NextStep | None
    units: tuple[UnitLine, ...]
    returned: tuple[ReturnedItem, ...]
    recent: Sequence[Evidence]


def candidate_home(seat: Membership) -> CandidateHome:
    """The home page of a candidate, in a constant number of queries."""
    portfolio = portfolios_for(seat).first()
    if portfolio is None:
        return CandidateHome(portfolio=None, step=None, units=(), returned=(), recent=())
    lines = record_lines(portfolio, seat)
    due = {each.record.pk: each for each in signatures_due(records_awaiting_signature(records_for(seat)))}
    returned = _returned([line.record for line in lines if line.record.is_open])
    contents = {one.record.pk: one for one in open_contents(seat)}
    return CandidateHome(
        portfolio=portfolio,
        step=_step(portfolio, lines, contents.values(), has_returned=bool(returned)),
        units=tuple(
            UnitLine(
                line=line,
                due=due.get(line.record.pk),
                to_do=to_do(contents[line.record.pk], seat) if line.record.pk in contents else (),
            )
            for line in lines
        ),
        returned=returned,
        recent=list(evidence_index(evidence_for(seat), seat)[:_RECENT]),
    )


def _step(
    portfolio: Portfolio, lines: Sequence[RecordLine], contents: Iterable[RecordContents], *, has_returned: bool
) -> NextStep | None:
    """Signing comes before new work, mending before signing."""
    ready = [] if has_returned else [one.record for one in contents if one.gate.is_open]
    if not ready:
        return next_step(portfolio, lines)
    unit = ready[0].unit
    return NextStep(
        f"Sign unit {unit.code}: everything in it is accepted",
        "Your assessor has confirmed that the evidence is sufficient. You sign first.",
        f"Sign unit {unit.code}",
        reverse("sign", args=[ready[0].pk, Slot.CANDIDATE.value]),
    )


def _returned(records: Sequence[UnitRecord]) -> tuple[ReturnedItem, ...]:
    """What was returned on open records, by item, in print order. One query."""
    last = Judgement.objects.filter(claim=OuterRef("pk")).order_by("-judged_at", "-pk")
    claims = (
        Claim.objects.filter(record__in=[record.pk for record in records], state=ClaimState.RETURNED)
        .select_related("evidence__current_version", "criterion__group", "instance", "record__unit")
        .annotate(judge=Subquery(last.values("judged_by__name")[:1]))
        .order_by("evidence__number", "criterion__group__position", "criterion__position", "pk")
    )
    items: dict[int, list[Claim]] = {}
    for claim in claims:
        items.setdefault(claim.evidence_id, []).append(claim)
    return tuple(
        ReturnedItem(
            evidence=same[0].evidence,
            assessor=getattr(same[0], "judge", ""),
            comments=tuple((claim.label, claim.comment) for claim in same),
        )
        for same in items.values()
    )
