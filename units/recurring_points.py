"""Points that recur across units, in the same words or nearly (PRACTICE §5 pain 4). Pure.

Nothing is learnt or scored: a point's key is what is left of it once print, grammar and the wordings below are set
aside, so that anybody can see why two points are twins. The tables were made by reading all 68 units of 2010 by eye.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from units.kinds import Section
from units.outline import CriterionOutline, GroupOutline, UnitOutline

# Whether it is knowledge; the words that matter; what its item is about, where that makes another point of it.
type TwinKey = tuple[bool, frozenset[str], str]

# Words that carry nothing in a point. "have", "to" and "you" are also printed in excess, or "you" for "your". "not",
# "on", "off", "own" and "other" stay: they tell the points of one item from each other.
_FILLERS = frozenset(
    re.findall(
        r"\w+",
        "a an and any are as at be been by can do each for from had has have in into is it its of or some that the"
        " their these this those to use used using was were when where which who will with within you your",
    )
)

# Misprints, and words that the units use for one another, in the singular.
_SAME_WORD = {"bought": "brought", "lack": "shortage", "recourse": "resource", "vernal": "verbal"}

# What other units word otherwise, on plain text. A wider point stands with the narrower one that always shows it.
_SAME_WORDING = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r" such as .*", ""),  # Examples are not the point.
        # Customers: the item says "customers who are:", or the point does.
        (r"^customers who (are|have) ", ""),
        (r"^have an easy going attitude$", "easy to deal with"),
        (r"^have a difficult attitude$", "difficult to deal with"),
        (r"^have routine expectations ", "have standard expectations "),
        (r"^experienced problems with your organisations services.*", "experienced difficulties dealing organisation"),
        (r".* customers who have different needs and expectations$", "different needs and expectations"),
        (r"^potential or new customers$", "new customers"),
        # Problems: who noticed, where they come from, how they were solved.
        (r"^a problem first identified by customers$", "brought to your attention by customers"),
        (r"^a problem identified within the organisation before .*", "identified first by colleagues"),
        (r"^(a )?problem (caused by|resulting from) ", ""),
        (r"^(a )?differences? between (your )?customers? expectations and what .*", "expectations differ from offer"),
        (r"^have used agreed organisational procedures when solving problems$", "follow organisational guidelines"),
        (r"^follow organisational procedures or guidelines$", "follow organisational guidelines"),
        (r"^(have made|make agreed and authorised) exceptions to usual practice.*", "agreed exceptions"),
        # The groups of people that somebody works with.
        (r"^team members or colleagues$", "colleagues"),
        (r"^people in other departments or sections of the organisation$", "colleagues in other departments"),
        (r"^suppliers or service partners$", "service partners"),
        (r"^supervisors team leaders or managers$", "supervisors or team leaders"),
        # Information and how it came, personal development, media.
        (r"^(quantitative|qualitative) information$", r"\1"),
        (r"^using (two different )?(formal|informal) methods$", r"\2"),
        (r"^information about the knowledge and skills relevant to your ", ""),
        (r"^own preferred method of learning$", "own learning style preferences"),
        (r".* using two different communication media$", "two different communication media"),
    )
)

# An occasion is the same one whatever was done on it.
_OCCASION = re.compile(r"^(during|when) ")

# Items that make the same words another point: staff who are trained are not staff who are asked, and the codes that an
# approach to diversity rests on are not those for complaints.
_SENSES = tuple(
    (re.compile(pattern), sense)
    for pattern, sense in (
        (r"\bappropriate person\b", "who guides the candidate"),
        (r"\btraining and development of staff\b", "who is trained"),
        (r"\bof benefit to$", "who benefits"),
        (r"\bpoint of view of$", "whose point of view"),
        (r"\bapproach to diversity\b", "diversity"),
        (r"\bprocessed complaints\b", "complaints"),
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a point stands: its unit, its item and itself."""

    unit: UnitOutline
    group: GroupOutline
    criterion: CriterionOutline


@lru_cache(maxsize=8192)
def twin_key(text: str, item: str = "", *, is_knowledge: bool = False) -> TwinKey:
    """What a point has in common with its twins.

    In: its text and its item's, as printed, and whether it is what one must know: nothing that was done is a twin of
    that. Out: the key; equal keys mean twins, in different items. Case, punctuation, hyphens, number and order of words
    do not matter. Keys are kept by text, so that a standard that is loaded anew finds its own.
    """
    point = _plain(text)
    sense = "" if _OCCASION.match(point) else _sense(_plain(item))
    for pattern, instead in _SAME_WORDING:
        point = pattern.sub(instead, point)
    words = [_SAME_WORD.get(word, word) for word in map(_singular, point.split())]
    return is_knowledge, frozenset(words) - _FILLERS or frozenset(words), sense


def key_of(group: GroupOutline, criterion: CriterionOutline) -> TwinKey:
    """The key of one cell of an outline."""
    # An unlettered item's one cell repeats it, so that the item says nothing about its sense.
    item = "" if criterion.is_implied else group.text
    return twin_key(criterion.text, item, is_knowledge=criterion.section is Section.KNOW)


def places_in(unit: UnitOutline) -> Iterator[tuple[TwinKey, Place]]:
    """Every cell of a unit with its key, in print order."""
    for group in unit.groups:
        for criterion in group.criteria:
            if criterion.is_ticked:
                yield key_of(group, criterion), Place(unit, group, criterion)


def keys_of(unit: UnitOutline) -> dict[int, TwinKey]:
    """The key of every cell of a unit, by the criterion's id."""
    return {place.criterion.id: key for key, place in places_in(unit)}


def twins(outlines: Iterable[UnitOutline]) -> Mapping[TwinKey, tuple[Place, ...]]:
    """The points that recur in the units given, in different items, by their key; each as often as it stands there.

    Points of one item are meant to differ, so they are never twins of each other, and what recurs nowhere else is left
    out. Which points stand together does not depend on the order of the units.
    """
    found: dict[TwinKey, list[Place]] = defaultdict(list)
    for unit in outlines:
        for key, place in places_in(unit):
            found[key].append(place)
    return {key: tuple(places) for key, places in found.items() if len({place.group.id for place in places}) > 1}


def _plain(text: str) -> str:
    """Small letters and single spaces: no punctuation, no hyphens, no apostrophes."""
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"['’‘]", "", text.casefold())))


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _sense(item: str) -> str:
    return next((sense for pattern, sense in _SENSES if pattern.search(item)), "")
