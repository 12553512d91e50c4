"""The living page of the design system: every component with sample data, for operators."""

from dataclasses import dataclass
from datetime import datetime

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Fieldset, Layout, Row, Submit
from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from centres.forms import DayInput
from evidence.models import ClaimState, EvidenceState
from registrations.models import RecordState, RegistrationStatus


@dataclass(frozen=True)
class SampleChip:
    reference: str
    state: str
    url: str = "#record"
    locator: str = "page 2"
    title: str = ""


@dataclass(frozen=True)
class SampleRow:
    label: str
    text: str
    claims: tuple[SampleChip, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class SampleEntry:
    what: str
    who: str
    when: datetime
    icon: str
    note: str = ""


class SampleForm(forms.Form):
    """One of each kind of field."""

    title = forms.CharField(help_text="A few words that you and your assessor will recognise.")
    happened_from = forms.DateField(label="From", widget=DayInput)
    happened_to = forms.DateField(label="To", required=False, widget=DayInput)
    methods = forms.MultipleChoiceField(
        label="Assessment methods",
        choices=[("O", "Observation"), ("PE", "Product evidence"), ("WT", "Witness testimony")],
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose every one that fits.",
    )
    setting = forms.ChoiceField(
        choices=[("real_job", "Real job, paid or voluntary"), ("simulation", "Simulation")],
        widget=forms.RadioSelect,
    )
    unit = forms.ChoiceField(choices=[("304", "304 Use customer service as a competitive tool")])
    what_happened = forms.CharField(widget=forms.Textarea, required=False)
    example = forms.FileField(required=False, help_text="A picture, PDF, Word file, spreadsheet, recording or video.")
    own_work = forms.BooleanField(label="This is my own work")

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.attrs = {"data-upload-form": ""}
        helper.layout = Layout(
            Fieldset("What it is", "title", Row(Column("happened_from"), Column("happened_to")), "methods", "setting"),
            Fieldset("What it shows", "unit", "what_happened", "example", "own_work"),
        )
        helper.add_input(Submit("save", "Save draft"))
        return helper


def design(request: HttpRequest) -> HttpResponse:
    """Show every component with sample data. Raises Http404 for everyone but operators."""
    if not request.user.is_staff:
        raise Http404
    states = [state.value for table in (EvidenceState, ClaimState, RecordState, RegistrationStatus) for state in table]
    context = {
        "form": SampleForm({"setting": "real_job"}),  # bound and incomplete: its errors show too
        "states": list(dict.fromkeys(states)),
        "today": timezone.localdate(),
        "pairs": [
            {"term": "Candidate", "value": "Aisha Rahman"},
            {"term": "Registration number", "value": "0412-77-2931"},
            {"term": "Assessor", "value": "Dan Okafor", "url": "#record"},
            {"term": "Internal verifier", "value": ""},
        ],
        "criteria": [
            SampleRow(
                "1.1", "A statement of the standard.", (SampleChip("E2", "accepted"), SampleChip("E7", "accepted"))
            ),
            SampleRow(
                "1.2",
                "A longer statement, which says at some length what must be shown, and on which occasions it counts.",
                (SampleChip("E11", "undecided"), SampleChip("E3", "returned")),
                "Two occasions",
            ),
            SampleRow("1.3", "A statement that nothing has been claimed against."),
        ],
        "entries": [
            SampleEntry(
                "Claim of E3 against 1.2 returned",
                "Dan Okafor, assessor",
                timezone.now(),
                "undo-2",
                "Say which customer this was, and when.",
            ),
            SampleEntry("E3 offered for assessment", "Aisha Rahman, candidate", timezone.now(), "send"),
        ],
        "stages": [
            {"label": "Evidence", "status": "done"},
            {"label": "Claims", "status": "current"},
            {"label": "Offer", "status": "later"},
        ],
        "consequences": ["Its 3 claims in open units are withdrawn.", "The number E7 is never used again."],
    }
    return render(request, "design/system.html", context)
