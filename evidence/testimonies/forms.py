"""The forms of a testimony: the address that a witness is asked at, and what the witness says (R20, R21)."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from centres.forms import DayInput
from evidence.models import TestimonyRequest, Witness
from evidence.testimonies.actions import Said
from evidence.testimonies.signing import STATEMENT


class AskWitnessForm(forms.Form):
    """Where the link goes. ``last_request`` tells a form that was sent twice from one that asks again."""

    email = forms.EmailField(
        label="Their email address",
        help_text="One that only they read, best of all their address at work. Your assessor sees where it went.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    last_request = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, witness: Witness, latest: TestimonyRequest | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {
            "last_request": latest.pk if latest else 0,
            "email": latest.email if latest and latest.witness_id == witness.pk else _address_in(witness.contact),
        }


class TestimonyForm(forms.Form):
    """The short page of a witness. Nothing is filled in for them: they say themselves who they are (R20a)."""

    name = forms.CharField(
        label="Your full name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    job_role = forms.CharField(
        label="Your job role",
        max_length=120,
        help_text="Such as “Shop manager”.",
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    relationship = forms.CharField(label="How you know them", max_length=120, help_text="Such as “I am their manager”.")
    contact = forms.CharField(
        label="Your email address or telephone number",
        max_length=120,
        help_text="So that the assessor can make sure that it was you.",
    )
    seen_on = forms.DateField(label="When did you see it?", widget=DayInput)
    words = forms.CharField(
        label="What did you see?",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=(
            "In your own words: what they did and said, and how it went. Leave out customers’ names. You need not say "
            "whether it is good enough: the assessor decides that."
        ),
    )
    is_confirmed = forms.BooleanField(
        label="I confirm this",
        help_text=STATEMENT,
        error_messages={"required": "Tick this if it is so. Without it your word does not count."},
    )
    signed_name = forms.CharField(
        label="Type your name to sign", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    @property
    def said(self) -> Said:
        """What the witness says, as the action takes it."""
        return Said(**{name: value for name, value in self.cleaned_data.items() if name != "is_confirmed"})


def _address_in(contact: str) -> str:
    """A witness's contact where it is an email address, otherwise nothing."""
    try:
        validate_email(contact)
    except ValidationError:
        return ""
    return contact
