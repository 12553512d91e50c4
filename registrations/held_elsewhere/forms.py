"""Where the criteria of units that print none are held (Q2)."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from centres.forms import UnitsField
from registrations.held_elsewhere.actions import LONGEST_PLACE
from units.models import Unit


class HeldElsewhereForm(forms.Form):
    """Where the criteria of units that print none are held (Q2)."""

    units = UnitsField(
        label="Units", queryset=Unit.objects.none(), error_messages={"required": "Choose at least one unit."}
    )
    where = forms.CharField(
        label="Where are their criteria held?",
        max_length=LONGEST_PLACE,
        help_text="So that a verifier finds them, such as “Blue folders in the assessors’ office, by candidate”. It "
        "stands on the printed records.",
    )

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["units"]
        assert isinstance(field, UnitsField)
        field.queryset = units
        field.offer(units)
