"""The catalogue of units: families, search by word, two that disagree. Pure: outlines in, values out.

The search reads outlines, which are kept in memory anyway, and not the tables: it is then the same on every database,
and no character that somebody types means anything to it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from units.kinds import Section
from units.outline import SectionOutline, UnitOutline
from units.rules_in_words import SettingLine, setting_lines

# Longer than any question; what is beyond is not looked for.
LONGEST_SEARCH = 100
MOST_WORDS = 8
PASSAGES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a text, and whether it is one of the words that were looked for."""

    text: str
    is_match: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A text of a unit in which a word was found, under the number it stands at."""

    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A unit in which every word was found. `printed_title` is empty unless the word stands in that title only."""

    outline: UnitOutline
    code: tuple[Piece, ...]
    title: tuple[Piece, ...]
    printed_title: tuple[Piece, ...]
    passages: tuple[Passage, ...]
    passages_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Units printed one after another whose codes start with the same letters."""

    name: str
    anchor: str
    units: tuple[UnitOutline, ...]


def words_of(search: str) -> tuple[str, ...]:
    """The words to look for, each once; at most MOST_WORDS of the first LONGEST_SEARCH characters."""
    found = {word.casefold(): word for word in search.replace("\0", " ")[:LONGEST_SEARCH].split()}
    return tuple(found.values())[:MOST_WORDS]


def find(outlines: Iterable[UnitOutline], search: str) -> list[Hit]:
    """The units that hold every word of `search` in code, title, items or points, the likeliest first.

    A unit of exactly that code comes before those with all words in the title, and these before the others; within
    each, the order given stays. Case does not matter, nor which apostrophe is typed. No words find nothing.
    """
    words = words_of(search)
    if not words:
        return []
    patterns = [_pattern([word]) for word in words]
    any_word = _pattern(sorted(words, key=len, reverse=True))
    ranked = []
    for outline in outlines:
        texts = [outline.code, outline.shown_title, outline.title, *(text for _, text in _texts(outline))]
        if all(any(pattern.search(text) for text in texts) for pattern in patterns):
            in_title = all(pattern.search(f"{outline.code} {outline.shown_title}") for pattern in patterns)
            is_code = search.strip().casefold() == outline.code.casefold()
            ranked.append((not is_code, not in_title, outline))
    ranked.sort(key=lambda entry: entry[:2])
    return [_hit(outline, any_word) for *_, outline in ranked]


def families(outlines: Iterable[UnitOutline]) -> list[Family]:
    """Units in the order given, in families by the letters of their codes: "F1 to F6"; "" where a code has none."""
    found: list[Family] = []
    for (standard, letters), members in groupby(outlines, lambda one: (one.standard_id, _letters(one.code))):
        units = tuple(members)
        first, last = units[0].code, units[-1].code
        name = "" if not letters else first if first == last else f"{first} to {last}"
        found.append(Family(name=name, anchor=f"family-{standard}-{len(found) + 1}", units=units))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDifference:
    """One setting, and what the two units say of it."""

    one: SettingLine
    other: SettingLine

    @property
    def differs(self) -> bool:
        """Whether evidence from there counts in one unit for what it does not count for in the other."""
        return (self.one.counts_for_performance, self.one.counts_for_knowledge) != (
            self.other.counts_for_performance,
            self.other.counts_for_knowledge,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two units that contradict each other, side by side (Q1). `about` is what each says of the other.

    `cells` pairs the title of each section that one of them has with how many cells each holds there, and `shared`
    the sections that both have.
    """

    one: UnitOutline
    other: UnitOutline
    about: tuple[str, ...]
    settings: tuple[PolicyDifference, ...]
    cells: tuple[tuple[str, int, int], ...]
    shared: tuple[tuple[SectionOutline, SectionOutline], ...]


def disagree(one: UnitOutline, other: UnitOutline) -> bool:
    """Whether either unit is known to contradict the other (Q1)."""
    return bool(_about(one, other) or _about(other, one))


def compare(one: UnitOutline, other: UnitOutline) -> Comparison:
    """Two units that disagree, side by side."""
    ones, others = ({held.section: held for held in unit.sections} for unit in (one, other))
    return Comparison(
        one=one,
        other=other,
        about=(*_about(one, other), *_about(other, one)),
        settings=tuple(
            PolicyDifference(one=left, other=right)
            for left, right in zip(setting_lines(one.setting_policy), setting_lines(other.setting_policy), strict=True)
        ),
        cells=tuple(
            (str(section.label), _cells(ones.get(section)), _cells(others.get(section)))
            for section in Section
            if section in ones or section in others
        ),
        shared=tuple((ones[section], others[section]) for section in Section if section in ones and section in others),
    )


def _cells(section: SectionOutline | None) -> int:
    return sum(criterion.is_ticked for criterion in section.criteria) if section else 0


def _about(one: UnitOutline, other: UnitOutline) -> tuple[str, ...]:
    return tuple(conflict.about for conflict in one.conflicts if conflict.unit == other.code)


def _letters(code: str) -> str:
    return "".join(takewhile(str.isalpha, code))


def _texts(outline: UnitOutline) -> Iterator[tuple[str, str]]:
    """Everything that is searched besides code and title, each with its number."""
    for element in outline.elements:
        yield element.number, element.text
    for group in outline.groups:
        if not group.is_implied:
            yield group.number, group.text
        for criterion in group.criteria:
            yield criterion.label, criterion.text


def _hit(outline: UnitOutline, any_word: re.Pattern[str]) -> Hit:
    found = [
        Passage(label=label, pieces=_pieces(text, any_word)) for label, text in _texts(outline) if any_word.search(text)
    ]
    printed = outline.title if outline.title != outline.shown_title else ""
    return Hit(
        outline=outline,
        code=_pieces(outline.code, any_word),
        title=_pieces(outline.shown_title, any_word),
        printed_title=_pieces(printed, any_word) if any_word.search(printed) else (),
        passages=tuple(found[:PASSAGES_SHOWN]),
        passages_left=max(0, len(found) - PASSAGES_SHOWN),
    )


def _pieces(text: str, any_word: re.Pattern[str]) -> tuple[Piece, ...]:
    """The text cut at the words: joined together again it is the text."""
    # The pattern has one group, so every other part of the split is a match.
    return tuple(Piece(part, bool(place % 2)) for place, part in enumerate(any_word.split(text)) if part)


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    either = "|".join(re.sub(r"['’]", "['’]", re.escape(word)) for word in words)
    return re.compile(f"({either})", re.IGNORECASE)
