"""The form for naming what a unit asks for several of (R3)."""

from typing import Any

from django import forms

from evidence.instances.actions import LONGEST_NAME


class NameForm(forms.Form):
    """The name of one of them. ``word`` is what it is: "change", "risk"."""

    name = forms.CharField(
        max_length=LONGEST_NAME,
        error_messages={"required": "Give it a name."},
        help_text="A few words that tell it from the others.",
    )

    def __init__(self, *args: Any, word: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = f"Name of the {word}"
