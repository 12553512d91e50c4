"""Which units make up a qualification (Q30, pain 16). Pure: dataclasses in, dataclasses out, no database.

The rules are data that a centre loads; where it loads none, any choice will do. What is *wrong* stays wrong whatever is
added (two barred units, too many of a group) and is refused when units are chosen. What is *not yet enough* is told
then, and refused when the qualification is completed and its certificate claimed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from units.text import counted, is_or_are, listed, uncapitalised

MANDATORY_PART = "Mandatory units"
OPTIONAL_PART = "Optional units"
IN_ALL = "In all"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRule:
    """One named group of a qualification's units, and how much of it is taken. None: no such rule."""

    name: str
    at_least_units: int | None = None
    at_most_units: int | None = None
    at_least_credits: int | None = None

    def __str__(self) -> str:
        return f"{self.name}: {self.words}" if self.words else self.name

    @property
    def words(self) -> str:
        """The rule as a coordinator reads it: "at least 3 units, at least 12 credits"; "" where there is none."""
        least, most = self.at_least_units, self.at_most_units
        if least is not None and least == most:
            units = counted(least, "unit")
        else:
            units = " and ".join(
                f"{bound} {counted(count, 'unit')}"
                for bound, count in (("at least", least), ("at most", most))
                if count is not None
            )
        credits = "" if self.at_least_credits is None else f"at least {counted(self.at_least_credits, 'credit')}"
        return ", ".join(filter(None, [units, credits]))


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberUnit:
    """One unit of a qualification: its group, if any, and the credits and level that a centre loaded, if any."""

    code: str
    group: str = ""
    is_mandatory: bool = False
    credits: int | None = None
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Units that are chosen under one heading, in order: a named group, or those in no group."""

    rule: GroupRule
    members: tuple[MemberUnit, ...]

    @property
    def mandatory(self) -> tuple[MemberUnit, ...]:
        """Its units that everybody takes."""
        return tuple(member for member in self.members if member.is_mandatory)

    @property
    def at_least_units(self) -> int:
        """How many of its units are taken at the very least, mandatory ones counted."""
        return max(self.rule.at_least_units or 0, len(self.mandatory))

    @property
    def words(self) -> str:
        """What is asked of it: "at least 3 units; F1 is mandatory", "all of them are mandatory"; "" for nothing."""
        mandatory = self.mandatory
        if not mandatory:
            told = ""
        elif len(mandatory) == len(self.members):
            told = "" if self.rule.name == MANDATORY_PART else "all of them are mandatory"
        else:
            codes = [member.code for member in mandatory]
            told = f"{listed(codes)} {is_or_are(len(codes))} mandatory"
        return "; ".join(filter(None, [self.rule.words, told]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A qualification's rules of combination. `barred` are sets of units of which one at most may be taken.

    `at_least_credits_at_level` counts the credits of units at the qualification's own level or above; levels are
    compared where they are whole numbers, and a unit whose level is anything else counts for none.
    """

    level: str = ""
    at_least_units: int | None = None
    at_least_credits: int | None = None
    at_least_credits_at_level: int | None = None
    groups: tuple[GroupRule, ...] = ()
    barred: tuple[tuple[str, ...], ...] = ()
    members: tuple[MemberUnit, ...] = ()

    @property
    def has_rules(self) -> bool:
        """Whether there is any rule to keep: without one, any choice of units will do."""
        totals = (self.at_least_units, self.at_least_credits, self.at_least_credits_at_level)
        return bool(
            self.groups
            or self.barred
            or any(total is not None for total in totals)
            or any(member.is_mandatory for member in self.members)
        )

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every unit under its heading: mandatory ones of no group, the groups in order, the others of no group."""
        loose = [member for member in self.members if not member.group]
        parts = (
            Part(
                rule=GroupRule(name=MANDATORY_PART),
                members=tuple(member for member in loose if member.is_mandatory),
            ),
            *(
                Part(rule=rule, members=tuple(member for member in self.members if member.group == rule.name))
                for rule in self.groups
            ),
            Part(
                rule=GroupRule(name=OPTIONAL_PART),
                members=tuple(member for member in loose if not member.is_mandatory),
            ),
        )
        return tuple(part for part in parts if part.members)

    @property
    def totals(self) -> tuple[Part, ...]:
        """The qualification as a whole, and its units at its own level or above, where there are rules for them."""
        in_all = GroupRule(name=IN_ALL, at_least_units=self.at_least_units, at_least_credits=self.at_least_credits)
        at_level = GroupRule(name=self.at_level, at_least_credits=self.at_least_credits_at_level)
        high_enough = tuple(member for member in self.members if is_at_level(member.level, self.level))
        parts = (Part(rule=in_all, members=self.members), Part(rule=at_level, members=high_enough))
        return tuple(part for part in parts if part.rule.words)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The rules that belong to no one group, as sentences: the totals, then what is barred."""
        totals = (
            (self.at_least_units, "unit", ""),
            (self.at_least_credits, "credit", ""),
            (self.at_least_credits_at_level, "credit", f" {uncapitalised(self.at_level)}"),
        )
        wanted = [f"{counted(count, noun)}{where}" for count, noun, where in totals if count is not None]
        return (
            *([f"The qualification needs at least {listed(wanted)}."] if wanted else []),
            *(_barred(codes) for codes in self.barred),
        )

    @property
    def at_level(self) -> str:
        """What the units that count towards its own level are called: "At level 3 or above"."""
        return f"At level {self.level} or above"


class ProblemKind(StrEnum):
    """What is the matter with a choice of units."""

    FOREIGN = "foreign"
    BARRED = "barred"
    TOO_MANY = "too_many"
    MANDATORY = "mandatory"
    TOO_FEW = "too_few"


# No unit that is added later puts these right.
WRONG_KINDS = frozenset({ProblemKind.FOREIGN, ProblemKind.BARRED, ProblemKind.TOO_MANY})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a choice of units does not keep to, as a plain sentence."""

    kind: ProblemKind
    text: str

    @property
    def is_wrong(self) -> bool:
        """Whether adding units cannot mend it; otherwise there is only not yet enough."""
        return self.kind in WRONG_KINDS


@dataclass(frozen=True, slots=True)
class Share:
    """How much of one part is chosen: the units taken of it, in order."""

    part: Part
    taken: tuple[MemberUnit, ...]

    @property
    def units(self) -> int:
        """How many are taken."""
        return len(self.taken)

    @property
    def credits(self) -> int:
        """What they bring."""
        return credits_of(self.taken)

    @property
    def is_met(self) -> bool:
        """Whether the part's own rule is kept; what is barred between parts, `Combination.problems` says."""
        rule = self.part.rule
        return (
            self.units >= self.part.at_least_units
            and (rule.at_most_units is None or self.units <= rule.at_most_units)
            and self.credits >= (rule.at_least_credits or 0)
            and set(self.part.mandatory) <= set(self.taken)
        )

    @property
    def words(self) -> str:
        """How far it is: "2 of 3 units", "2 of 3 units, 8 of 12 credits", "3 units, at most 2"."""
        rule = self.part.rule
        if needed := self.part.at_least_units:
            units = f"{self.units} of {counted(needed, 'unit')}"
        else:
            units = counted(self.units, "unit")
        if rule.at_most_units is not None and rule.at_most_units != needed:
            units += f", at most {rule.at_most_units}"
        if rule.at_least_credits is None:
            return units
        return f"{units}, {self.credits} of {counted(rule.at_least_credits, 'credit')}"


@dataclass(frozen=True, slots=True)
class Combination:
    """What a choice of units amounts to: its problems, those that are wrong first; how much of each part it has, and
    of the qualification as a whole where that has rules of its own."""

    structure: Structure
    problems: tuple[Problem, ...]
    shares: tuple[Share, ...]
    totals: tuple[Share, ...]

    @property
    def is_complete(self) -> bool:
        """Whether the certificate may be claimed with these units."""
        return not self.problems

    @property
    def wrong(self) -> tuple[str, ...]:
        """What no further unit can mend: refused when units are chosen, and ever after."""
        return tuple(problem.text for problem in self.problems if problem.is_wrong)

    @property
    def not_chosen(self) -> tuple[str, ...]:
        """The mandatory units that were left out, as a sentence: everybody takes them from the start."""
        return tuple(problem.text for problem in self.problems if problem.kind is ProblemKind.MANDATORY)

    @property
    def not_yet_enough(self) -> tuple[str, ...]:
        """What may still be added: told when units are chosen, refused when the certificate is claimed."""
        return tuple(problem.text for problem in self.problems if problem.kind is ProblemKind.TOO_FEW)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every problem as a sentence."""
        return tuple(problem.text for problem in self.problems)


def check_combination(structure: Structure, chosen: Iterable[str]) -> Combination:
    """Hold a choice of units against a qualification's rules (Q30).

    `chosen` are unit codes; order and repetition do not matter, and a unit that is mandatory counts in its group and in
    the totals like any other. A unit without credits counts for none. Raises nothing: what is amiss is in the result.
    """
    codes = frozenset(chosen)
    shares = tuple(_share(part, codes) for part in structure.parts)
    totals = tuple(_share(part, codes) for part in structure.totals)
    problems = (
        *_wrong(structure, codes, shares),
        *_mandatory(structure, codes),
        *(problem for share in shares for problem in _too_few(share, share.part.rule.name)),
        *(problem for share in totals for problem in _too_few(share, "The qualification", _where(share.part))),
    )
    return Combination(structure, problems, shares, totals)


def _share(part: Part, codes: frozenset[str]) -> Share:
    return Share(part, tuple(member for member in part.members if member.code in codes))


def _wrong(structure: Structure, codes: frozenset[str], shares: Sequence[Share]) -> Iterator[Problem]:
    known = {member.code for member in structure.members}
    if foreign := sorted(codes - known):
        text = f"{_units(foreign)} {is_or_are(len(foreign))} not part of this qualification."
        yield Problem(ProblemKind.FOREIGN, text)
    for barred in structure.barred:
        if len(together := [code for code in barred if code in codes]) > 1:
            yield Problem(ProblemKind.BARRED, _barred(together))
    for share in shares:
        most = share.part.rule.at_most_units
        if most is not None and share.units > most:
            text = f"{share.part.rule.name} allows at most {counted(most, 'unit')}; {_chosen(share.units)}."
            yield Problem(ProblemKind.TOO_MANY, text)


def _mandatory(structure: Structure, codes: frozenset[str]) -> Iterator[Problem]:
    left_out = [member.code for member in structure.members if member.is_mandatory and member.code not in codes]
    if left_out:
        text = f"{_units(left_out)} {is_or_are(len(left_out))} mandatory and not chosen."
        yield Problem(ProblemKind.MANDATORY, text)


def _too_few(share: Share, who: str, where: str = "") -> Iterator[Problem]:
    """What a part, or the whole, still needs; `where` says of which units."""
    units, credits = share.part.rule.at_least_units, share.part.rule.at_least_credits
    if units is not None and share.units < units:
        text = f"{who} needs at least {counted(units, 'unit')}{where}; {_chosen(share.units)}."
        yield Problem(ProblemKind.TOO_FEW, text)
    if credits is not None and share.credits < credits:
        have = f"the units chosen have {share.credits or 'none'}"
        yield Problem(ProblemKind.TOO_FEW, f"{who} needs at least {counted(credits, 'credit')}{where}; {have}.")


def _where(total: Part) -> str:
    return "" if total.rule.name == IN_ALL else f" {uncapitalised(total.rule.name)}"


def credits_of(members: Iterable[MemberUnit]) -> int:
    """The credits of units together; one without credits counts for none."""
    return sum(member.credits or 0 for member in members)


def is_at_level(level: str, wanted: str) -> bool:
    """Whether a level is the wanted one or above it; False where either is not a whole number ("Entry 3")."""
    one, other = as_level(level), as_level(wanted)
    return one is not None and other is not None and one >= other


def as_level(level: str) -> int | None:
    """A level as a number; None where it is not a whole number."""
    return int(level) if level.isascii() and level.isdigit() else None


def _barred(codes: Sequence[str]) -> str:
    if len(codes) == 2:
        return f"{_units(codes)} may not be taken together."
    return f"Only one of {_units(codes, first='units')} may be taken."


def _units(codes: Sequence[str], *, first: str = "Units") -> str:
    return f"{first if len(codes) > 1 else 'Unit'} {listed(codes)}"


def _chosen(count: int) -> str:
    return f"{count or 'none'} {is_or_are(count)} chosen"
