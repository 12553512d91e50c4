"""Registrations opened to an external verifier (Q25)."""

from typing import Any

from django import forms

from centres.forms import DayInput, RowsField
from centres.models import Centre, Role, User
from centres.queries import centre_people, today
from registrations.access.actions import LONGEST_GRANT_DAYS
from registrations.models import Registration


class RegistrationsField(RowsField):
    """Registrations to tick."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Registration) -> str:
        return f"{obj.candidate}, {obj.number}: {obj.qualification} ({obj.get_status_display().lower()})"


class AccessForm(forms.Form):
    """Registrations opened to an EV (Q25)."""

    person = forms.ModelChoiceField(
        label="External verifier", queryset=User.objects.none(), empty_label="Choose a person"
    )
    registrations = RegistrationsField(label="Registrations", queryset=Registration.objects.none())
    starts_on = forms.DateField(label="From", widget=DayInput, initial=today)
    ends_on = forms.DateField(
        label="Last day", widget=DayInput, help_text=f"Access ends by itself. {LONGEST_GRANT_DAYS} days at most."
    )
    reason = forms.CharField(label="Reason", max_length=200, help_text="For example: spring visit.")

    def __init__(self, *args: Any, centre: Centre, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person, registrations = self.fields["person"], self.fields["registrations"]
        assert isinstance(person, forms.ModelChoiceField)
        assert isinstance(registrations, RegistrationsField)
        person.queryset = centre_people(centre, Role.EV)
        registrations.queryset = Registration.objects.filter(centre=centre).select_related("candidate", "qualification")
