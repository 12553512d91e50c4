"""The forms for claims: all cells of all open units at once, and one cell that the candidate missed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict

from evidence.claims.actions import LONGEST_LOCATOR, Cell, WantedClaim
from evidence.claims.queries import (
    WHOLE,
    CellToClaim,
    GroupToClaim,
    PointToClaim,
    SectionToClaim,
    UnitToClaim,
    WordToName,
)
from evidence.instances.actions import LONGEST_NAME
from evidence.models import Evidence, Instance
from registrations.models import UnitRecord
from units.models import Criterion
from units.outline import UnitOutline

PLACE = "Where to look in it"


# From more than this many units, a page of every criterion is longer than anybody scrolls on a phone.
MOST_OPEN_UNITS = 2


@dataclass(frozen=True, slots=True)
class CellRow:
    """One cell with its two fields, as a template draws it."""

    cell: CellToClaim
    tick: BoundField
    place: BoundField


@dataclass(frozen=True, slots=True)
class PointRows:
    point: PointToClaim
    rows: tuple[CellRow, ...]


@dataclass(frozen=True, slots=True)
class NameRow:
    """What can be named at an item, with its field; ``just_named`` was named a moment ago."""

    word: WordToName
    field: BoundField
    just_named: str


@dataclass(frozen=True, slots=True)
class GroupRows:
    group: GroupToClaim
    names: tuple[NameRow, ...]
    points: tuple[PointRows, ...]


@dataclass(frozen=True, slots=True)
class SectionRows:
    section: SectionToClaim
    groups: tuple[GroupRows, ...]


@dataclass(frozen=True, slots=True)
class UnitRows:
    """One unit with its fields. ``is_open``: its criteria are shown at once, not behind its heading."""

    unit: UnitToClaim
    sections: tuple[SectionRows, ...]
    whole: CellRow
    is_open: bool


class NamesForm(forms.Form):
    """A field for everything that the open units have named (R3), sent together with the claims."""

    def __init__(self, *args: Any, units: Sequence[UnitToClaim], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = [word for unit in units if not unit.locked for word in unit.to_name]
        self.just_named: dict[str, str] = {}
        for word in self.words:
            self.fields[field_of(word)] = forms.CharField(
                label=f"Name of the {word.asked.word}", max_length=LONGEST_NAME, required=False
            )

    @property
    def is_sent(self) -> bool:
        """Whether something is to be named: its button was pressed, or a name typed that *Save* would lose."""
        return "name" in self.data or any(self.data.get(name, "").strip() for name in self.fields)

    def clean(self) -> dict[str, Any]:
        """Ask for a name where the button was pressed without one."""
        cleaned = super().clean() or self.cleaned_data
        pressed = f"name-{self.data.get('name', '')}"
        if pressed in cleaned and not any(cleaned.values()):
            self.add_error(pressed, "Give it a name.")
        return cleaned

    @property
    def wanted(self) -> list[tuple[WordToName, str]]:
        """What was typed, with what it names."""
        return [(word, name) for word in self.words if (name := self.cleaned_data.get(field_of(word)))]

    def row(self, word: WordToName) -> NameRow:
        """One field, as a template draws it."""
        return NameRow(word, self[field_of(word)], self.just_named.get(word.key, ""))


class ClaimsForm(forms.Form):
    """A tick box and a place for every cell of every open unit, and one place for all that are left blank.

    Cells that have been accepted stay as they are. Call ``wanted`` once the form is valid. ``typed``: what a browser
    sent, shown again as it was, without a word on what is missing from it.
    """

    revision = forms.IntegerField(widget=forms.HiddenInput)
    place = forms.CharField(
        label="Use this place for all that I tick and leave blank",
        max_length=LONGEST_LOCATOR,
        required=False,
        help_text="Such as “page 2”, “second photo” or “04:10”. One place is enough for a short piece of evidence.",
    )

    def __init__(
        self,
        *args: Any,
        evidence: Evidence,
        units: Sequence[UnitToClaim],
        typed: QueryDict | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial["revision"] = evidence.revision
        self.units = [unit for unit in units if not unit.locked]
        for cell in self._cells():
            self._add_cell(cell)
        if typed is not None:
            self._show(typed)

    def _cells(self) -> Iterator[CellToClaim]:
        for unit in self.units:
            yield from unit.cells

    def _add_cell(self, cell: CellToClaim) -> None:
        fixed = cell.is_accepted
        self.fields[f"tick-{cell.key}"] = forms.BooleanField(
            label=cell.label if cell.is_split else cell.text,
            required=False,
            disabled=fixed,
            initial=cell.claim is not None,
        )
        self.fields[f"place-{cell.key}"] = forms.CharField(
            label=f"{cell.label}, {PLACE.lower()}",
            max_length=LONGEST_LOCATOR,
            required=False,
            disabled=fixed,
            initial=cell.claim.locator if cell.claim else "",
            # The stylesheet puts the field of an unticked row away for as long as its placeholder shows.
            widget=forms.TextInput(attrs={"placeholder": " "}),
        )

    def _show(self, typed: QueryDict) -> None:
        for name, field in self.fields.items():
            if not field.disabled:
                is_tick = isinstance(field, forms.BooleanField)
                self.initial[name] = name in typed if is_tick else typed.get(name, "").replace("\0", "")

    def clean(self) -> dict[str, Any]:
        """Give ticked cells without a place the one at the top, and refuse what is half filled in."""
        cleaned = super().clean() or self.cleaned_data
        general = cleaned.get("place", "")
        for before, now in self._told():
            if cleaned.get(f"place-{now.key}") == "":
                cleaned[f"place-{now.key}"] = cleaned.get(f"place-{before.key}", "")
        for cell in self._cells():
            tick, place = f"tick-{cell.key}", f"place-{cell.key}"
            if place not in cleaned:
                continue
            if cleaned[tick] and not cleaned[place]:
                cleaned[place] = general
                if not general and "place" not in self.errors:
                    self.add_error(place, "Say where in the evidence to look, here or once for all at the top.")
            elif cleaned[place] and not cleaned[tick] and cell.claim is None:
                self.add_error(place, "Tick the criterion too, or clear this place.")
        return cleaned

    def _told(self) -> Iterator[tuple[CellToClaim, CellToClaim]]:
        """The claims that were made without saying for which, each with the first new tick that does say."""
        for unit in self.units:
            for point in unit.points:
                first, *others = point.cells or (None,)
                if first is None or not first.is_unplaced or first.is_accepted:
                    continue
                new = [cell for cell in others if cell.claim is None and self.cleaned_data.get(f"tick-{cell.key}")]
                if new:
                    yield first, new[0]

    def wanted(self) -> list[WantedClaim]:
        """What was ticked, as ``update_claims`` takes it."""
        told = {before.key for before, _ in self._told()}
        ticked = [cell for cell in self._cells() if self.cleaned_data[f"tick-{cell.key}"] and cell.key not in told]
        criteria = Criterion.objects.in_bulk([cell.criterion.id for cell in ticked if cell.criterion])
        named = [cell.instance.id for cell in ticked if cell.instance]
        instances = Instance.objects.in_bulk(named) if named else {}
        return [
            WantedClaim(
                cell.record,
                criteria[cell.criterion.id] if cell.criterion else None,
                self.cleaned_data[f"place-{cell.key}"],
                instances[cell.instance.id] if cell.instance else None,
            )
            for cell in ticked
        ]

    def unit_rows(self, names: NamesForm) -> list[UnitRows]:
        """The open units with their fields, and those of ``names``, for the template."""
        return [
            UnitRows(
                unit,
                tuple(
                    SectionRows(section, tuple(self._group(group, names) for group in section.groups))
                    for section in unit.sections
                ),
                self._row(unit.whole),
                # Of many units, those that this item stands in are shown; and everything once something was sent.
                is_open=self.is_bound or len(self.units) <= MOST_OPEN_UNITS or bool(unit.claimed_here),
            )
            for unit in self.units
        ]

    def _group(self, group: GroupToClaim, names: NamesForm) -> GroupRows:
        return GroupRows(
            group,
            tuple(names.row(word) for word in group.to_name),
            tuple(PointRows(point, tuple(self._row(cell) for cell in point.cells)) for point in group.points),
        )

    def _row(self, cell: CellToClaim) -> CellRow:
        return CellRow(cell, self[f"tick-{cell.key}"], self[f"place-{cell.key}"])


def field_of(word: WordToName) -> str:
    """The name of the field that names one of these."""
    return f"name-{word.key}"


class TwinForm(forms.Form):
    """What the button beside a suggestion sends: the point, which change it is for, and the claim that it repeats."""

    record = forms.IntegerField()
    criterion = forms.IntegerField()
    instance = forms.IntegerField(required=False)
    claim = forms.IntegerField()


class MissedClaimForm(forms.Form):
    """One claim that the candidate missed: which cell of which of the assessor's units, and where to look."""

    cell = forms.ChoiceField(label="Criterion", widget=forms.Select)
    locator = forms.CharField(
        label=PLACE, max_length=LONGEST_LOCATOR, help_text="Such as “page 2”, “second photo” or “04:10”."
    )

    def __init__(
        self,
        *args: Any,
        records: Sequence[tuple[UnitRecord, UnitOutline, Sequence[Instance]]],
        claimed: set[Cell],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._cells: dict[str, WantedCell] = {}
        choices: list[tuple[str, Any]] = [("", "Choose one")]
        for record, outline, named in records:
            options = []
            for criterion_id, instance, text in _cells_of(outline, named):
                if (record.pk, criterion_id, instance.pk if instance else None) in claimed:
                    continue
                key = f"{record.pk}-{criterion_id or WHOLE}{f'-{instance.pk}' if instance else ''}"
                options.append((key, text))
                self._cells[key] = (record, criterion_id, instance)
            choices.append((f"{outline.code} {outline.shown_title}", options))
        field = self.fields["cell"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def chosen(self) -> tuple[UnitRecord, Criterion | None, Instance | None]:
        """The record, the criterion (None: the unit as a whole) and for which of several it is, where it is (R3)."""
        record, criterion_id, instance = self._cells[self.cleaned_data["cell"]]
        criterion = Criterion.objects.select_related("group").get(pk=criterion_id) if criterion_id else None
        return record, criterion, instance


type WantedCell = tuple[UnitRecord, int | None, Instance | None]


def _cells_of(outline: UnitOutline, named: Sequence[Instance]) -> Iterator[tuple[int | None, Instance | None, str]]:
    """Every cell of a unit in print order, each with what the list of choices says; the unit as a whole at the end."""
    for criterion in outline.criteria:
        if not outline.must_name_instance(criterion.id):
            yield criterion.id, None, f"{criterion.label} {criterion.text}"
        for instance in named:
            if instance.of == outline.instance_word(criterion.id):
                yield criterion.id, instance, f"{criterion.label} for “{instance}”: {criterion.text}"
    yield None, None, f"Unit {outline.code} as a whole"
