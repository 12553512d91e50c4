"""Handing over everything that somebody answers for (Q23)."""

from collections.abc import Collection, Iterable
from typing import Any

from django import forms

from centres.models import Capacity, Centre, Role, User
from centres.queries import centre_people

_FIELDS = (
    (Capacity.ASSESSOR, "assessor", Role.ASSESSOR, "New assessor"),
    (Capacity.IV, "iv", Role.IV, "New internal verifier"),
)


class SuccessorsForm(forms.Form):
    """Who takes over, asked for the capacities in which there is something to hand over."""

    def __init__(
        self, *args: Any, centre: Centre, person: User, capacities: Collection[Capacity], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for capacity, name, role, label in _FIELDS:
            if capacity in capacities:
                self.fields[name] = forms.ModelChoiceField(
                    label=label,
                    queryset=centre_people(centre, role).exclude(pk=person.pk),
                    required=False,
                    empty_label="Choose a person",
                )

    @property
    def chosen(self) -> dict[str, User | None]:
        """Who was chosen, by capacity; None where nobody, or nobody who could be, was."""
        said = self.cleaned_data if self.is_bound and self.is_valid() else {}
        return {name: said.get(name) for _, name, _, _ in _FIELDS}


class HandOverForm(SuccessorsForm):
    """What goes over, and why. In: the keys of the items that can be ticked."""

    items = forms.MultipleChoiceField(error_messages={"required": "Tick what is handed over."})
    why = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept with every registration and unit, such as “Anna leaves at the end of the month”.",
        error_messages={"required": "Say why this changes hands."},
    )

    def __init__(self, *args: Any, keys: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = [(key, key) for key in keys]  # type: ignore[attr-defined]
        for _, name, _, _ in _FIELDS:
            if name in self.fields:
                self.fields[name].widget = forms.HiddenInput()
