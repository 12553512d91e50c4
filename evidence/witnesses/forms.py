"""The form for an entry of the witness list (R20)."""

from typing import Any

from django import forms

from evidence.models import Witness


class WitnessForm(forms.ModelForm[Witness]):
    """Who somebody at work is. Whether they may be a witness, the action says (R23)."""

    class Meta:
        model = Witness
        fields = ["name", "job_role", "relationship", "contact", "is_expert"]
        help_texts = {
            "job_role": "What they do at work, such as “Shop manager”.",
            "relationship": "Such as “My manager” or “A colleague in the same team”.",
            "contact": "So that your assessor can make sure that it is really them.",
            "is_expert": (
                "Tick this only if your assessor has agreed: an expert witness knows the job well enough to be briefed "
                "on the standard."
            ),
        }
        labels = {"is_expert": "They are an expert witness"}

    @property
    def entry(self) -> dict[str, Any]:
        """The entry, as the actions take it."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def _post_clean(self) -> None:
        """The row is written by the action: nothing is put on the instance, and what was typed stays here."""
