"""The form for a drawn signature: a picture that the page's script draws, or that was chosen by hand."""

from typing import Any

from django import forms
from django.utils.http import url_has_allowed_host_and_scheme

from files.drawn import ACCEPT


class DrawingForm(forms.Form):
    """A picture of the signature. `back` is where to go on afterwards: an address of ours, or nowhere."""

    picture = forms.FileField(
        label="A picture of your signature",
        help_text=(
            "A PNG or JPEG picture of at most 10 MB, such as a photograph of your signature in dark ink on white paper."
        ),
        error_messages={
            "required": "Draw your signature, or choose a picture of it.",
            "empty": "This file is empty. Choose another one.",
        },
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_next(self) -> str:
        return own_address(self.cleaned_data["next"])


def own_address(wanted: Any) -> str:
    """An address as somebody's link gives it, where it leads to a page of ours; else ""."""
    return wanted if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""
