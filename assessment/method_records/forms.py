"""The forms of signed records: one for each kind, made from its shape, with numbered rows that need no script (R16)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils import timezone

from assessment.discussions.actions import LONGEST_AREA, MOST_AREAS
from assessment.method_records.actions import About
from assessment.method_records.kinds import MOST_ROWS, SHAPES, Line, MethodKind, cleaned_body
from assessment.models import BankedQuestion, MethodRecord
from assessment.questions.actions import LONGEST_QUESTION
from assessment.seen_at_work.actions import LONGEST_PLACE
from centres.forms import DayInput
from centres.models import User
from evidence.items.earlier_words import EarlierWords
from evidence.items.forms import SETTING_CHOICES, offer_environments
from evidence.models import EvidenceVersion
from files.forms import EvidenceFilesField, EvidenceFilesInput, HandedIn
from registrations.models import Portfolio
from units.models import Unit

MORE_ROWS, FROM_BANK = "rows", "bank"
_ABOUT = ("title", "happened_from", "setting", "environment", "simulation_basis", "occasion", "customer", "is_rpl")


class SignedForm(forms.Form):
    """What the candidate's notes ask for: the texts of their kind, and a name typed as signature.

    ``row_count`` rows are shown, however many were sent; ``record`` is the signed one that this form corrects.
    """

    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        kind: MethodKind,
        person: User,
        record: MethodRecord | None = None,
        row_count: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.shape = kind, SHAPES[kind]
        self.row_count = 0
        self._add_about(person)
        for line in self.shape.lines:
            self.fields[line.name] = _field_of(line, line.label, is_needed=bool(line.refusal))
        if rows := self.shape.rows:
            self.row_count = min(max(row_count, rows.spare), MOST_ROWS)
            for number in range(1, self.row_count + 1):
                for column in rows.columns:
                    self.fields[f"{column.name}-{number}"] = _field_of(column, column.label_of(number))
        if record is not None:
            self.fields["why"] = forms.CharField(
                label="What do you correct?", max_length=300, help_text="It stays on record beside the old one."
            )
        self.fields["typed_name"] = forms.CharField(
            label="Your full name",
            max_length=120,
            help_text="Typed as your signature, as it stands on your account. The date is today’s.",
            widget=forms.TextInput(attrs={"autocomplete": "name"}),
        )
        said = self._said_before(record) if record else self._usually()
        self.initial = {"form_key": uuid4(), **said, **self.initial}

    def _add_about(self, person: User) -> None:
        """Add what comes before the texts of the kind."""

    def _usually(self) -> dict[str, Any]:
        """What a blank form is filled in with."""
        return {}

    def _said_before(self, record: MethodRecord) -> dict[str, Any]:
        """What the record says that is corrected."""
        said: dict[str, Any] = {line.name: record.body.get(line.name, "") for line in self.shape.lines}
        if rows := self.shape.rows:
            for number, row in enumerate(record.body[rows.name], start=1):
                said |= {f"{column.name}-{number}": row[column.name] for column in rows.columns}
        return said

    def clean(self) -> dict[str, Any]:
        """Say what is wrong in the rows together with everything else."""
        cleaned = super().clean() or self.cleaned_data
        try:
            cleaned_body(self.kind, self.body)
        except ValidationError as refusal:
            if not hasattr(refusal, "error_dict"):
                raise
            for name, errors in refusal.error_dict.items():
                if name not in self.errors:
                    self.add_error(name, errors)
        return cleaned

    @property
    def line_fields(self) -> list[BoundField]:
        """The texts of the kind, in their order."""
        return [self[line.name] for line in self.shape.lines]

    @property
    def rows(self) -> list[list[BoundField]]:
        """The fields of the numbered rows, row by row."""
        columns = self.shape.rows.columns if self.shape.rows else ()
        return [[self[f"{column.name}-{number}"] for column in columns] for number in range(1, self.row_count + 1)]

    @property
    def has_wide_rows(self) -> bool:
        """Whether a row has several fields, which the page keeps together."""
        return self.shape.rows is not None and len(self.shape.rows.columns) > 1

    @property
    def can_have_more_rows(self) -> bool:
        return 0 < self.row_count < MOST_ROWS

    @property
    def body(self) -> dict[str, object]:
        """What was typed, as the actions take it; rows keep their numbers, so that blank ones are among them."""
        typed: dict[str, object] = {line.name: self.cleaned_data.get(line.name, "") for line in self.shape.lines}
        if self.shape.rows:
            typed[self.shape.rows.name] = [
                {
                    column.name: self.cleaned_data.get(f"{column.name}-{number}", "")
                    for column in self.shape.rows.columns
                }
                for number in range(1, self.row_count + 1)
            ]
        return typed

    def typed_again(self) -> dict[str, Any]:
        """What was sent, to fill a form with more rows with."""
        assert isinstance(self.data, QueryDict)
        return {name: self.data.get(name, "") for name in self.fields}

    @property
    def file_errors(self) -> list[str]:
        """Why files were refused."""
        return []

    @property
    def signed(self) -> dict[str, Any]:
        """Everything that an action wants of this form."""
        names = [name for name in ("form_key", "typed_name", "why") if name in self.fields]
        return {name: self.cleaned_data[name] for name in names} | {"body": self.body}


class RecordForm(SignedForm):
    """What an assessor's record asks for besides: what evidence it becomes, and files."""

    def __init__(self, *args: Any, portfolio: Portfolio, earlier: EarlierWords | None = None,
                 questions: Sequence[BankedQuestion] = (), **kwargs: Any) -> None:  # fmt: skip
        self.earlier, self._questions = earlier, list(questions)
        super().__init__(*args, **kwargs)
        corrected: MethodRecord | None = kwargs.get("record")
        offer_environments(self, portfolio.centre_id, corrected.version.environment if corrected else None)
        if self.kind == MethodKind.QUESTIONING and self._questions:
            self.fields["bank"] = forms.MultipleChoiceField(
                label="Your questions",
                choices=[(str(one.pk), one.text) for one in self._questions],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )

    def _add_about(self, person: User) -> None:
        self.fields["title"] = forms.CharField(
            max_length=150,
            help_text="A few words that both of you will know it by, such as “Saturday at the returns desk”.",
        )
        self.fields["happened_from"] = forms.DateField(label="Date", widget=DayInput)
        self.fields["setting"] = forms.ChoiceField(
            label="Where does it come from?",
            choices=SETTING_CHOICES,
            widget=forms.RadioSelect,
            error_messages={"required": "Say where this comes from."},
        )
        self.fields["simulation_basis"] = forms.CharField(
            label="What real experience is the simulation based on?",
            required=False,
            widget=forms.Textarea(attrs={"rows": 3, "placeholder": " "}),
            help_text="Only for a simulation.",
        )
        self.fields["occasion"] = forms.CharField(
            label="On what occasion?",
            required=False,
            max_length=80,
            widget=forms.TextInput(attrs={"list": "earlier-occasions", "autocomplete": "off"}),
            help_text="A few words: “Saturday sale”.",
        )
        self.fields["customer"] = forms.CharField(
            label="With which customer?",
            required=False,
            max_length=60,
            widget=forms.TextInput(attrs={"list": "earlier-customers", "autocomplete": "off"}),
            help_text="Never a name: “Customer A”.",
        )
        self.fields["is_rpl"] = forms.BooleanField(
            label="This shows earlier learning (RPL)",
            required=False,
            help_text="It is judged by the same tests as everything else.",
        )
        recording = self.kind == MethodKind.DISCUSSION
        self.fields["files"] = EvidenceFilesField(
            label="Recording" if recording else "Files",
            required=False,
            person=person,
            help_text="Make sure that no customer can be recognised, and that everybody agrees to be recorded."
            if recording
            else "Cover or cut out what identifies customers before you hand it in.",
        )

    def _usually(self) -> dict[str, Any]:
        return {"happened_from": timezone.localdate(), "setting": self.earlier.setting if self.earlier else ""}

    def _said_before(self, record: MethodRecord) -> dict[str, Any]:
        version: EvidenceVersion = record.version
        files = [HandedIn(file.blob, file.name) for file in version.files.select_related("blob")]
        return super()._said_before(record) | {name: getattr(version, name) for name in _ABOUT} | {"files": files}

    @property
    def signed(self) -> dict[str, Any]:
        about = About(**{name: self.cleaned_data[name] for name in _ABOUT if name in self.fields})
        return super().signed | {"about": about, "files": self.cleaned_data["files"]}

    def typed_again(self) -> dict[str, Any]:
        """The same with the files, which are stored, and with the questions that were chosen in rows left empty."""
        self.is_valid()  # stores the files
        files = self.fields["files"].widget
        assert isinstance(files, EvidenceFilesInput)
        typed = super().typed_again() | {"files": list(files.kept), "bank": []}
        if self.data.get("more") != FROM_BANK or not isinstance(self.data, QueryDict):
            return typed
        chosen = set(self.data.getlist("bank"))
        there = {" ".join(str(value).split()) for name, value in typed.items() if name.startswith("question-")}
        texts = [one.text for one in self._questions if str(one.pk) in chosen and one.text not in there]
        numbers = range(1, MOST_ROWS + 1)
        empty = [n for n in numbers if not (typed.get(f"question-{n}") or typed.get(f"answer-{n}"))]
        return typed | {f"question-{number}": text for number, text in zip(empty, texts, strict=False)}

    @property
    def file_errors(self) -> list[str]:
        return [str(error) for error in self.errors.get("files", [])]


def rows_wanted(typed: Mapping[str, Any], *, filled_only: bool = False) -> int:
    """How many rows a form needs for the fields that were sent, or for those of them that hold something.

    A number that somebody wrote into a field's name is believed only as far as a record has rows.
    """
    numbers = (
        int(found[1])
        for name, value in typed.items()
        if (found := re.fullmatch(r"[a-z]+-([1-9][0-9]?)", name)) and (value or not filled_only)
    )
    return max(numbers, default=0)


def _field_of(line: Line, label: str, *, is_needed: bool = False) -> forms.Field:
    """A field for a text. Whether one in a row may stay empty is for the shape to say, which knows the whole row."""
    if line.is_choice:
        choices = [("", "Choose one"), ("yes", "Yes"), ("no", "Not yet")]
        return forms.ChoiceField(label=label, choices=choices, required=False)
    return forms.CharField(
        label=label,
        required=is_needed,
        widget=forms.Textarea(attrs={"rows": line.lines}) if line.lines > 1 else forms.TextInput(),
        help_text=line.help,
        error_messages={"required": line.refusal},
    )


class AgreeDiscussionForm(forms.Form):
    """What will be discussed, and when."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    planned_for = forms.DateField(label="When will you talk?", widget=DayInput)
    areas = forms.CharField(
        label="Areas that you will talk about",
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=MOST_AREAS * (LONGEST_AREA + 2),
        help_text="One on each line, such as “How you keep your promises to customers (304.2)”. "
        "The candidate sees them and can prepare.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("form_key", uuid4())

    @property
    def wanted(self) -> dict[str, Any]:
        """As the action takes it."""
        data = self.cleaned_data
        key: UUID = data["form_key"]
        return {"planned_for": data["planned_for"], "areas": data["areas"].splitlines(), "form_key": key}


class SeenAtWorkForm(forms.Form):
    """When and where the assessor saw evidence that stays at work (R12)."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    seen_on = forms.DateField(label="When did you see it?", widget=DayInput)
    where = forms.CharField(
        label="Where did you see it?",
        max_length=LONGEST_PLACE,
        help_text="Such as “Shop office, with the manager present”.",
    )


class UnitChoice(forms.ModelChoiceField):
    """A unit by its code and title."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.code} {obj.shown_title}"


class QuestionForm(forms.Form):
    """A question to keep. In: the units that it may be for."""

    text = forms.CharField(label="Question", max_length=LONGEST_QUESTION, widget=forms.Textarea(attrs={"rows": 2}))
    unit = UnitChoice(queryset=Unit.objects.none(), required=False, empty_label="Any unit")

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitChoice)
        unit.queryset = units
