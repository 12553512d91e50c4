"""The form for one part of a portfolio's front matter (R61)."""

from typing import Any

from django import forms

from centres.models import User
from evidence.front_matter.actions import LONGEST_TEXT
from evidence.models import FrontMatter, FrontMatterKind
from files.forms import EvidenceFilesField, HandedIn

_HELP = {
    FrontMatterKind.CV: (
        "Where you have worked, what you have learned, and what you do now. A few lines are enough. Leave out your "
        "home address and date of birth."
    ),
    FrontMatterKind.JOB_DESCRIPTION: "What your job is, and what you answer for. Copy it in, or hand in the file.",
}


class FrontMatterForm(forms.Form):
    """Text, files or both. ``based_on`` is the row that the form was filled in from."""

    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        required=False, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 12}), label="In your words"
    )
    # Declared fields become `fields`, so Django's own attribute `files` is not touched.
    files = EvidenceFilesField(label="Files", required=False)  # type: ignore[assignment]

    def __init__(
        self, *args: Any, person: User, kind: FrontMatterKind, current: FrontMatter | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if current is not None:
            files = [HandedIn(file.blob, file.name) for file in current.files.select_related("blob")]
            self.initial.update({"based_on": current.pk, "text": current.text, "files": files})
        files_field = self.fields["files"]
        assert isinstance(files_field, EvidenceFilesField)
        files_field.for_user(person)
        self.fields["text"].help_text = _HELP[kind]
