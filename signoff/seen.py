"""What a signer is shown: every value of the snapshot that is about to be signed, in words for a page (Q26). Pure.

It reads the very snapshot whose digest the form sends back, so that page and signature speak of the same thing. Beside
it stand only the names of people, who are in the snapshot by id, and the printed words of criteria, which it seals by
the digest of the unit's wording.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from assessment.confirming.statements import Confirming, statement_of
from assessment.method_records.kinds import MethodKind
from evidence.models import ClaimState
from registrations.models import UnitConfirmationKind
from signoff.models import Slot
from signoff.statements import PRINTED_LINES
from units.methods import Method
from units.outline import UnitOutline
from units.setting_policy import Setting
from units.text import capitalised

# The keys under which a snapshot names somebody by the id of their account.
_PEOPLE = frozenset({"assessor", "iv", "candidate", "by", "judged_by", "signer"})
_CONFIRMED = ("valid", "authentic", "current")


@dataclass(frozen=True)
class Fact:
    """A term and its value. `is_digest`: long, and read letter by letter if at all."""

    term: str
    value: str
    is_digest: bool = False


@dataclass(frozen=True)
class SeenFile:
    """One file of an item, under the name it was handed in, with the digest of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True)
class SeenClaim:
    """What one decision is about: the criterion by its label and words, the instance, and where to look."""

    label: str
    text: str
    instance: str
    place: str


@dataclass(frozen=True)
class Decision:
    """Claims that were decided alike: "Accepted", by "Anna Assessor, 22/11/2026 14:30"."""

    verdict: str
    by: str
    claims: tuple[SeenClaim, ...]


@dataclass(frozen=True)
class SeenItem:
    """One evidence item in the version that counts, with everything that is signed about it."""

    reference: str
    title: str
    facts: tuple[Fact, ...]
    what_happened: str
    files: tuple[SeenFile, ...]
    decisions: tuple[Decision, ...]

    @property
    def tally(self) -> str:
        """How its claims were decided, in a few words: "27 claims: 26 accepted, 1 returned"."""
        counts = Counter[str]()
        for decision in self.decisions:
            counts[decision.verdict.lower()] += len(decision.claims)
        total = sum(counts.values())
        how = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        return f"{total} claim{'' if total == 1 else 's'}: {how}" if total else "No claim"


@dataclass(frozen=True)
class Word:
    """Somebody's word on the unit that is no signature: what, their reason or place if they gave one, who and when."""

    text: str
    reason: str
    by: str


@dataclass(frozen=True)
class Standing:
    """A signature that stands already; the new one seals it by its key's signature."""

    line: str
    by: str
    key_signature: str


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Everything in a snapshot, in the order in which a page shows it."""

    facts: tuple[Fact, ...]
    items: tuple[SeenItem, ...]
    words: tuple[Word, ...]
    named: tuple[Fact, ...]
    standing: tuple[Standing, ...]
    seals: tuple[Fact, ...]
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Names:
    """What people are called, by the id of their account; witnesses have none, so they go by their own."""

    people: Mapping[int, str]
    witnesses: Mapping[int, str]

    def person(self, pk: int) -> str:
        return self.people.get(pk, f"person {pk}")

    def witness(self, pk: int) -> str:
        return self.witnesses.get(pk, f"witness {pk}")


def people_in(snapshot: Any) -> frozenset[int]:
    """The ids of all accounts that a snapshot speaks of, so that their names are looked up at once."""
    return frozenset(_people_in(snapshot))


def _people_in(value: Any) -> Iterator[int]:
    if isinstance(value, Mapping):
        for key, within in value.items():
            if key in _PEOPLE and isinstance(within, int):
                yield within
            else:
                yield from _people_in(within)
    elif isinstance(value, list):
        for within in value:
            yield from _people_in(within)


def seen_of(snapshot: Mapping[str, Any], *, fingerprint: str, names: Names, outline: UnitOutline) -> Seen:
    """Turn a snapshot (`snapshot.snapshot_of`) into what its signer reads.

    In: its digest; the names of `people_in` it and of the witnesses; the outline of the unit, for the printed words.
    Raises ValueError where it holds a decision on evidence that it does not hold: better no page than half of one.
    """
    header, record = snapshot["header"], snapshot["record"]
    unit = record["unit"]
    return Seen(
        facts=(
            Fact("Candidate", names.person(record["candidate"])),
            Fact("Registration number", header["registration"]),
            Fact("Centre number", header["centre"]),
            Fact("Qualification", header["qualification"]),
            Fact("Unit", f"{unit['code']} {outline.shown_title}"),
            Fact("Standard", f"{unit['standard']}, edition {unit['edition']}"),
            Fact("Assessor", names.person(header["assessor"])),
            Fact("Internal verifier", names.person(header["iv"])),
            Fact("Number of this record", str(record["id"])),
        ),
        items=tuple(_items(record, names, outline)),
        words=tuple(_words(record, names, outline)),
        named=tuple(Fact(capitalised(row["of"]), row["name"]) for row in record.get("named", ())),
        standing=tuple(
            Standing(
                line=PRINTED_LINES[Slot(row["slot"])],
                by=_by(row["signer"], row["signed_at"], names),
                key_signature=row["key_signature"],
            )
            for row in snapshot["signatures"]
        ),
        seals=(
            Fact("Wording of this unit", header["unit_wording"], is_digest=True),
            Fact("Standard as it was loaded", header["standard_digest"], is_digest=True),
            Fact("Format", str(snapshot["format"])),
        ),
        fingerprint=fingerprint,
    )


def _items(record: Mapping[str, Any], names: Names, outline: UnitOutline) -> Iterator[SeenItem]:
    decided = _decisions(record["claims"], names, outline)
    for version in record["evidence"]:
        yield SeenItem(
            reference=version["reference"],
            title=version["title"],
            facts=tuple(_facts(version, names)),
            what_happened=version["what_happened"],
            files=tuple(SeenFile(file["name"], file["sha256"]) for file in version["files"]),
            decisions=decided.pop((version["reference"], version["version"]), ()),
        )
    if decided:
        raise ValueError(f"Decisions on evidence that is not there: {sorted(decided)}")


def _facts(version: Mapping[str, Any], names: Names) -> Iterator[Fact]:
    yield Fact("Version", str(version["version"]))
    yield Fact("Kind", ", ".join(f"{Method(code).label} ({code})" for code in version["methods"]))
    first, last = _day(version["from"]), _day(version["to"])
    yield Fact("Date", first) if first == last else Fact("Dates", f"{first} to {last}")
    for key, term in (("occasion", "Occasion"), ("customer", "Customer")):
        if key in version:
            yield Fact(term, version[key])
    yield Fact("Setting", str(Setting(version["setting"]).label))
    if environment := version.get("environment"):
        yield Fact("Which one", f"{environment['name']} (number {environment['id']} on the centre’s register)")
    if version["simulation_basis"]:
        yield Fact("Based on", version["simulation_basis"])
    if version.get("is_rpl"):
        yield Fact("Earlier learning", "Yes (RPL)")
    if version["kept_at"]:
        yield Fact("Kept at work", version["kept_at"])
    if version["witness"] is not None:
        yield Fact("Witness", names.witness(version["witness"]))
    if "testimony" in version:
        yield Fact("Digest of the testimony", version["testimony"], is_digest=True)
    for row in version.get("records", ()):
        yield Fact(str(MethodKind(row["kind"]).label), f"Signed by {_by(row['by'], row['at'], names)}")
        yield Fact("Digest of what they wrote", row["digest"], is_digest=True)
    for row in version.get("seen", ()):
        yield Fact("Seen at work", f"{row['where']}: {names.person(row['by'])}, {_day(row['on'])}")
    yield from _confirmed(version["confirmed"], names)


def _confirmed(confirmed: Mapping[str, Any] | None, names: Names) -> Iterator[Fact]:
    """The assessor's V, A and C (R17): each of the three, how, by whom and when."""
    if confirmed is None:
        yield Fact("Confirmed", "Not for this record: nothing of it is accepted here")
        return
    said = capitalised(", ".join(one if confirmed[one] else f"not {one}" for one in _CONFIRMED))
    yield Fact("Confirmed", f"{said}. {_by(confirmed['by'], confirmed['at'], names)}")
    if confirmed["how"]:
        yield Fact("How made sure", confirmed["how"])


def _decisions(
    claims: Iterable[Mapping[str, Any]], names: Names, outline: UnitOutline
) -> dict[tuple[str, int], tuple[Decision, ...]]:
    """The decisions on each version of an item: those of one verdict, judge and minute together, in print order."""
    texts = _texts(outline)
    found: dict[tuple[str, int], dict[tuple[str, str], list[SeenClaim]]] = {}
    for claim in claims:
        label, item = claim["criterion"], claim.get("item")
        about = SeenClaim(
            label="" if label is None else f"{label}{_at(item)}",
            text="The unit as a whole" if label is None else texts.get((label, item), ""),
            instance=claim.get("instance", ""),
            place=claim["locator"],
        )
        of_version = found.setdefault((claim["reference"], claim["version"]), {})
        verdict = str(ClaimState(claim["verdict"]).label)
        by = _by(claim["judged_by"], claim["judged_at"], names) if claim["judged_at"] else ""
        of_version.setdefault((verdict, by), []).append(about)
    return {key: tuple(Decision(*how, tuple(about)) for how, about in alike.items()) for key, alike in found.items()}


def _texts(outline: UnitOutline) -> dict[tuple[str, int | None], str]:
    """The printed words of each cell, by its label and, where several bear the same label, its item's place."""
    return {
        (cell.label, group.position if cell.label in outline.doubled else None): cell.text
        for group in outline.groups
        for cell in group.criteria
        if cell.is_ticked
    }


def _words(record: Mapping[str, Any], names: Names, outline: UnitOutline) -> Iterator[Word]:
    groups = {group.position: group for group in outline.groups}
    for row in record["confirmations"]:
        kind = UnitConfirmationKind(row["kind"])
        group = groups[row["item"]] if "item" in row else None
        said = statement_of(Confirming(kind, group.id if group else None), outline)
        yield Word(f"{kind.label}{_at(row.get('item'))}: {said}", "", _by(row["by"], row["at"], names))
    texts = _texts(outline)
    for row in record.get("waivers", ()):
        item = row.get("item")
        text = f"Waived: {row['criterion']}{_at(item)} {texts.get((row['criterion'], item), '')}".rstrip()
        yield Word(text, row["reason"], _by(row["by"], row["at"], names))
    if held := record.get("held_elsewhere"):
        text = "The centre confirms that the do and know criteria are held elsewhere."
        yield Word(text, held["where"], _by(held["by"], held["at"], names))


def _at(item: int | None) -> str:
    """Which item of the unit, by its position, where a number does not tell."""
    return "" if item is None else f" (position {item} in the unit)"


def _by(person: int, moment: str, names: Names) -> str:
    return f"{names.person(person)}, {_moment(moment)}"


def _moment(text: str) -> str:
    """A moment of the snapshot, which is in UTC, by the clock of the place: "22/11/2026 14:30"."""
    return f"{timezone.localtime(datetime.fromisoformat(text)):%d/%m/%Y %H:%M}"


def _day(text: str) -> str:
    """dd/mm/yyyy (Q26)."""
    return f"{date.fromisoformat(text):%d/%m/%Y}"
