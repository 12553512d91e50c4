"""What is named in a unit record, for its page (R3)."""

from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from centres.models import Membership
from centres.permissions import why_not
from evidence.instances.permissions import check_may_remove, check_may_rename, live_claims
from evidence.models import Claim, ClaimState, Instance
from registrations.models import UnitRecord
from units.outline import ToName, UnitOutline
from units.text import in_words, listed, several


@dataclass(frozen=True, slots=True)
class NamedLine:
    """One that was named, the evidence claimed for it, and whether this seat may rename or remove it."""

    instance: Instance
    references: tuple[str, ...]
    may_change: bool


@dataclass(frozen=True, slots=True)
class NamedSet:
    """All that was named of one kind, such as the changes. ``position`` tells the kinds of a unit apart in a form."""

    position: int
    asked: ToName
    lines: tuple[NamedLine, ...]

    @property
    def word(self) -> str:
        return self.asked.word

    @property
    def title(self) -> str:
        """The kind in the plural, as a heading: "Communication media"."""
        words = several(self.word)
        return f"{words[0].upper()}{words[1:]}"

    @property
    def sentence(self) -> str:
        """What the unit asks for, and who says that it is enough: "Items 5 and 6 ask for two changes." """
        numbers = [group.printed_number for group in self.asked.groups if group.printed_number]
        items, verb = ("Items", "ask") if len(numbers) > 1 else ("Item", "asks")
        where = f"{items} {listed(numbers)} {verb}" if numbers else "The unit asks"
        if self.asked.wanted is None:
            return f"{where} about every {self.word} there is. The assessor confirms that none is left out."
        return f"{where} for {in_words(self.asked.wanted)} {several(self.word)}."


def named_in(record: UnitRecord) -> QuerySet[Instance]:
    """What is named in a record and was not removed, each with the claims that rest on it."""
    claims = Claim.objects.exclude(state=ClaimState.WITHDRAWN).select_related("evidence").order_by("evidence__number")
    return (
        Instance.objects.filter(record=record, removed_at=None)
        .select_related("named_by")
        .prefetch_related(Prefetch("claims", queryset=claims))
        .order_by("pk")
    )


def named_sets(record: UnitRecord, outline: UnitOutline, seat: Membership) -> list[NamedSet]:
    """Everything that a unit has named, kind by kind in print order, with what is named so far. Two queries."""
    lines: dict[str, list[NamedLine]] = {asked.word: [] for asked in outline.to_name}
    for instance in named_in(record):
        instance.record = record
        lines[instance.of].append(
            NamedLine(
                instance,
                tuple(dict.fromkeys(claim.evidence.reference for claim in live_claims(instance))),
                not why_not(check_may_rename, instance, seat) or not why_not(check_may_remove, instance, seat),
            )
        )
    return [
        NamedSet(position, asked, tuple(lines[asked.word])) for position, asked in enumerate(outline.to_name, start=1)
    ]
