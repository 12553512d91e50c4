"""The forms for claims: all cells of all open units at once, and one cell that the candidate missed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from evidence.actions.claims import LONGEST_LOCATOR, WantedClaim
from evidence.models import Evidence, UnitRecord
from evidence.queries.claims import WHOLE, CellToClaim, GroupToClaim, SectionToClaim, UnitToClaim
from units.models import Criterion
from units.outline import UnitOutline

PLACE = "Where to look in it"


@dataclass(frozen=True, slots=True)
class CellRow:
    """One cell with its two fields, as a template draws it."""

    cell: CellToClaim
    tick: BoundField
    place: BoundField


@dataclass(frozen=True, slots=True)
class GroupRows:
    group: GroupToClaim
    rows: tuple[CellRow, ...]


@dataclass(frozen=True, slots=True)
class SectionRows:
    section: SectionToClaim
    groups: tuple[GroupRows, ...]


@dataclass(frozen=True, slots=True)
class UnitRows:
    unit: UnitToClaim
    sections: tuple[SectionRows, ...]
    whole: CellRow


class ClaimsForm(forms.Form):
    """A tick box and a place for every cell of every open unit, and one place for all that are left blank.

    Cells that have been accepted stay as they are. Call ``wanted`` once the form is valid.
    """

    revision = forms.IntegerField(widget=forms.HiddenInput)
    place = forms.CharField(
        label="Use this place for all that I tick and leave blank",
        max_length=LONGEST_LOCATOR,
        required=False,
        help_text="Such as “page 2”, “second photo” or “04:10”. One place is enough for a short piece of evidence.",
    )

    def __init__(self, *args: Any, evidence: Evidence, units: Sequence[UnitToClaim], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["revision"] = evidence.revision
        self.units = [unit for unit in units if not unit.locked]
        for cell in self._cells():
            self._add_cell(cell)

    def _cells(self) -> Iterator[CellToClaim]:
        for unit in self.units:
            yield from unit.cells

    def _add_cell(self, cell: CellToClaim) -> None:
        fixed = cell.is_accepted
        self.fields[f"tick-{cell.key}"] = forms.BooleanField(
            label=cell.text, required=False, disabled=fixed, initial=cell.claim is not None
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

    def clean(self) -> dict[str, Any]:
        """Give ticked cells without a place the one at the top, and refuse what is half filled in."""
        cleaned = super().clean() or self.cleaned_data
        general = cleaned.get("place", "")
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

    def wanted(self) -> list[WantedClaim]:
        """What was ticked, as ``update_claims`` takes it."""
        ticked = [cell for cell in self._cells() if self.cleaned_data[f"tick-{cell.key}"]]
        criteria = Criterion.objects.in_bulk([cell.criterion.id for cell in ticked if cell.criterion])
        return [
            WantedClaim(
                cell.record,
                criteria[cell.criterion.id] if cell.criterion else None,
                self.cleaned_data[f"place-{cell.key}"],
            )
            for cell in ticked
        ]

    @property
    def unit_rows(self) -> list[UnitRows]:
        """The open units with their fields, for the template."""
        return [
            UnitRows(
                unit,
                tuple(
                    SectionRows(
                        section,
                        tuple(
                            GroupRows(group, tuple(self._row(cell) for cell in group.cells)) for group in section.groups
                        ),
                    )
                    for section in unit.sections
                ),
                self._row(unit.whole),
            )
            for unit in self.units
        ]

    def _row(self, cell: CellToClaim) -> CellRow:
        return CellRow(cell, self[f"tick-{cell.key}"], self[f"place-{cell.key}"])


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
        records: Sequence[tuple[UnitRecord, UnitOutline]],
        claimed: set[tuple[int, int | None]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._cells: dict[str, tuple[UnitRecord, int | None]] = {}
        choices: list[tuple[str, Any]] = [("", "Choose one")]
        for record, outline in records:
            options = []
            for criterion in outline.criteria:
                if (record.pk, criterion.id) not in claimed:
                    options.append((f"{record.pk}-{criterion.id}", f"{criterion.label} {criterion.text}"))
                    self._cells[options[-1][0]] = (record, criterion.id)
            if (record.pk, None) not in claimed:
                options.append((f"{record.pk}-{WHOLE}", f"Unit {outline.code} as a whole"))
                self._cells[options[-1][0]] = (record, None)
            choices.append((f"{outline.code} {outline.shown_title}", options))
        field = self.fields["cell"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def chosen(self) -> tuple[UnitRecord, Criterion | None]:
        """The record and the criterion (None: the unit as a whole)."""
        record, criterion_id = self._cells[self.cleaned_data["cell"]]
        return record, Criterion.objects.get(pk=criterion_id) if criterion_id else None
