"""The assessor's forms about a whole unit: what they confirm of it, and which "should" they do without."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from assessment.confirming.queries import ConfirmationDue
from assessment.confirming.statements import Confirming
from assessment.confirming.waivers import LONGEST_REASON
from units.outline import CriterionOutline


@dataclass(frozen=True)
class ConfirmationRow:
    """One box on the page: what is confirmed, and its field."""

    due: ConfirmationDue
    field: forms.BoundField


class ConfirmRecordForm(forms.Form):
    """A box for everything that a unit asks to be confirmed; what is confirmed already is ticked and stays.

    `is_possible`: whether anything can be confirmed now; otherwise the boxes are only shown.
    """

    def __init__(self, *args: Any, due: Sequence[ConfirmationDue], is_possible: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._due = due
        for one in due:
            printed = {"aria-describedby": f"printed-{one.confirming.key}"} if one.printed else {}
            self.fields[one.confirming.key] = forms.BooleanField(
                label=one.statement,
                required=False,
                initial=one.is_done,
                disabled=one.is_done or not is_possible,
                widget=forms.CheckboxInput(attrs=printed),
            )

    def rows(self) -> list[ConfirmationRow]:
        """The boxes in order."""
        return [ConfirmationRow(one, self[one.confirming.key]) for one in self._due]

    @property
    def is_all_done(self) -> bool:
        """Whether nothing is left to confirm."""
        return all(one.is_done for one in self._due)

    @property
    def wanted(self) -> list[Confirming]:
        """What was ticked just now."""
        return [one.confirming for one in self._due if not one.is_done and self.cleaned_data[one.confirming.key]]


class WaiveForm(forms.Form):
    """Which "should" criteria to do without, and why (Q11).

    A form that was sent knows those waived already too: the same one sent twice is no mistake.
    """

    criteria = forms.TypedMultipleChoiceField(
        label="What do you waive?",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick what you waive."},
    )
    reason = forms.CharField(
        label="Why can the unit do without it?",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The internal verifier reads this, and it stands on the printed record.",
    )

    def __init__(self, *args: Any, should: Iterable[CriterionOutline], waived: Container[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["criteria"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [
            (one.id, f"{one.label} {one.text}{' (waived already)' if one.id in waived else ''}")
            for one in should
            if self.is_bound or one.id not in waived
        ]
