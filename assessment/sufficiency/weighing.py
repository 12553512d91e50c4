"""Is there enough? Occasions, customers, period and methods of a unit's accepted evidence, and what to think about
twice (R4, R15, R18, R23). Pure, and without thresholds: enough is what the assessor says is enough.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from centres.authority.register import add_months
from units.kinds import Section
from units.methods import Method
from units.text import folded, listed

ONLY_TALK = frozenset({Method.QUESTIONING, Method.PROFESSIONAL_DISCUSSION})
# The narrowest mark on the strip, as a share of the period: one day in two years can still be seen.
_NARROWEST = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedClaim:
    """One accepted claim with the facts of the version that it was judged on.

    `label` and `section` are those of its criterion; "" and None where it stands for the unit as a whole.
    """

    evidence_id: int
    reference: str
    title: str
    first_day: date
    last_day: date
    methods: frozenset[Method]
    occasion: str = ""
    customer: str = ""
    label: str = ""
    section: Section | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One piece of evidence on the timeline. `is_old`: its last day is past the age at which currency is doubted."""

    evidence_id: int
    reference: str
    title: str
    is_old: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What happened on the same dates under the same name. `start` and `width` are its mark on the strip, in days."""

    first_day: date
    last_day: date
    name: str
    customers: tuple[str, ...]
    methods: str
    pieces: tuple[Piece, ...]
    start: int
    width: int

    @property
    def is_one_day(self) -> bool:
        return self.first_day == self.last_day


@dataclass(frozen=True, kw_only=True)
class Sufficiency:
    """How much accepted evidence there is, as a timeline, and what the assessor should think about twice."""

    occasions: tuple[Occasion, ...]
    customers: tuple[str, ...]
    methods: tuple[str, ...]
    items: int
    dates: int
    span: int
    warnings: tuple[str, ...]

    @property
    def first_day(self) -> date | None:
        return self.occasions[0].first_day if self.occasions else None

    @property
    def last_day(self) -> date | None:
        return max((occasion.last_day for occasion in self.occasions), default=None)


def weigh(claims: Iterable[AcceptedClaim], *, today: date, current_months: int) -> Sufficiency:
    """Put the accepted evidence of one unit on its timeline. `claims` come in print order.

    Evidence whose last day lies more than `current_months` before `today` is warned of (R18).
    """
    given, current_since = list(claims), add_months(today, -current_months)
    items = {claim.evidence_id: claim for claim in given}
    ordered = sorted(items.values(), key=lambda item: (item.first_day, item.last_day, item.evidence_id))
    first = min((item.first_day for item in ordered), default=today)
    span = (max((item.last_day for item in ordered), default=today) - first).days + 1
    groups: dict[tuple[date, date, str], list[AcceptedClaim]] = {}
    for item in ordered:
        groups.setdefault((item.first_day, item.last_day, folded(item.occasion)), []).append(item)
    methods = {method for item in ordered for method in item.methods}
    return Sufficiency(
        occasions=tuple(_occasion(group, first, span, current_since) for group in groups.values()),
        customers=_distinct(item.customer for item in ordered),
        methods=tuple(str(method.label) for method in Method if method in methods),
        items=len(ordered),
        dates=len({item.first_day for item in ordered}),
        span=span,
        warnings=tuple(_warnings(given, ordered, current_months, current_since)),
    )


def _occasion(items: list[AcceptedClaim], first: date, span: int, current_since: date) -> Occasion:
    head = items[0]
    methods = {method for item in items for method in item.methods}
    narrowest = -(-span // _NARROWEST)
    width = max((head.last_day - head.first_day).days + 1, narrowest)
    return Occasion(
        first_day=head.first_day,
        last_day=head.last_day,
        name=head.occasion.strip(),
        customers=_distinct(item.customer for item in items),
        methods=", ".join(method.value for method in Method if method in methods),
        pieces=tuple(
            Piece(
                evidence_id=item.evidence_id,
                reference=item.reference,
                title=item.title,
                is_old=item.last_day < current_since,
            )
            for item in items
        ),
        # A mark at the very end is moved in, so that its whole width is seen.
        start=max(0, min((head.first_day - first).days, span - width)),
        width=width,
    )


def _warnings(
    claims: list[AcceptedClaim], items: list[AcceptedClaim], current_months: int, current_since: date
) -> Iterable[str]:
    """Each a sentence or two: what stands out, and what to ask oneself."""
    if not items:
        return
    if len({day for item in items for day in (item.first_day, item.last_day)}) == 1:
        yield "All of it comes from one date. Is that a sufficient period of time?"
    elif len({folded(item.occasion) for item in items}) == 1 and items[0].occasion.strip() and len(items) > 1:
        yield f"All of it comes from one occasion: “{items[0].occasion.strip()}”. Was it shown on others, too?"
    customers = _distinct(item.customer for item in items)
    if len(customers) == 1:
        yield f"Only one customer is named: “{customers[0]}”. Was it shown with different customers?"
    if old := [item.reference for item in items if item.last_day < current_since]:
        ages, does = ("is", "Does it") if len(old) == 1 else ("are", "Do they")
        yield (
            f"{listed(old)} {ages} older than {current_months} months. {does} still show what the candidate can do now?"
        )
    if {method for item in items for method in item.methods} == {Method.WITNESS_TESTIMONY}:
        yield "Witness testimony alone carries this unit."
    by_cell: dict[str, list[AcceptedClaim]] = {}
    for claim in claims:
        if claim.section == Section.DO:
            by_cell.setdefault(claim.label, []).append(claim)
    if talked := [label for label, found in by_cell.items() if _rests_on_talk(found)]:
        yield f"These rest on questioning or discussion only: {', '.join(talked)}."


def _rests_on_talk(claims: Iterable[AcceptedClaim]) -> bool:
    """Whether nothing but questioning and discussion was accepted for a criterion (R15)."""
    return all(claim.methods <= ONLY_TALK for claim in claims)


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once, whatever its case and spacing, as it was first written; blanks left out."""
    found: dict[str, str] = {}
    for word in words:
        if plain := folded(word):
            found.setdefault(plain, word.strip())
    return tuple(found.values())
