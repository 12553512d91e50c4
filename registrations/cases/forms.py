"""The forms of appeals, malpractice and sanctions (R53, R54)."""

from typing import Any

from django import forms

from centres.forms import DayInput
from centres.models import Membership, User
from centres.queries import people_of, today
from registrations.cases.actions import LONGEST_TITLE, LONGEST_WORDS
from registrations.models import CaseKind, Registration
from registrations.queries import registrations_for


class RegistrationChoice(forms.ModelChoiceField):
    """One registration, by candidate and qualification."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.candidate}, {obj.number}: {obj.qualification}"


class AppealForm(forms.Form):
    """A candidate's own appeal. In: the seat, whose registrations can be chosen."""

    registration = RegistrationChoice(
        label="Which qualification is it about?",
        queryset=Registration.objects.none(),
        empty_label="Choose a registration",
    )
    title = forms.CharField(
        label="What do you appeal against?",
        max_length=LONGEST_TITLE,
        help_text="A few words, such as “E4 was returned twice”.",
    )
    what = forms.CharField(
        label="Why do you think the decision is wrong?",
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="In your own words. The centre coordinator reads it, and the verifiers of your registration.",
    )

    def __init__(self, *args: Any, seat: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["registration"]
        assert isinstance(field, RegistrationChoice)
        field.queryset = registrations_for(seat).select_related("candidate", "qualification")
        mine = list(field.queryset[:2])
        if len(mine) == 1:
            self.initial.setdefault("registration", mine[0])


class CaseForm(AppealForm):
    """A case as the coordinator opens it."""

    kind = forms.ChoiceField(label="What is it?", choices=CaseKind.choices, widget=forms.RadioSelect)
    person = forms.ModelChoiceField(
        label="Whom does it concern?",
        queryset=User.objects.none(),
        required=False,
        empty_label="The candidate of the registration",
        help_text="Somebody else at your centre, such as an assessor.",
    )
    opened_on = forms.DateField(label="Opened on", widget=DayInput, initial=today)
    field_order = ("kind", "registration", "person", "opened_on", "title", "what")

    def __init__(self, *args: Any, seat: Membership, **kwargs: Any) -> None:
        super().__init__(*args, seat=seat, **kwargs)
        registration, person = self.fields["registration"], self.fields["person"]
        assert isinstance(registration, RegistrationChoice)
        assert isinstance(person, forms.ModelChoiceField)
        registration.required = False
        registration.label, registration.empty_label = "Which registration is it about?", "None"
        registration.help_text = "An appeal is about one; its candidate sees the case."
        self.initial.pop("registration", None)
        person.queryset = people_of(seat)
        self.fields["title"].label, self.fields["title"].help_text = "Title", "A few words to know it by."
        self.fields["what"].label, self.fields["what"].help_text = "What has been said or found?", ""


class CaseStepForm(forms.Form):
    """What was done, and when."""

    what = forms.CharField(
        label="What was done?",
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="For example: the internal verifier judged E4 again and agreed with the candidate.",
    )
    on = forms.DateField(label="Date", widget=DayInput, initial=today)


class CloseCaseForm(forms.Form):
    """The outcome."""

    outcome = forms.CharField(
        label="Outcome",
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What was decided, by whom, and what follows from it.",
    )
    on = forms.DateField(label="Closed on", widget=DayInput, initial=today)
