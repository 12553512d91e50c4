"""The forms of sign-off: the signature, and reasons for drawing, taking back and unlocking."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from centres.models import User
from signoff.actions import check_typed_name
from signoff.presence import Means, Proof, prove


class SigningForm(forms.Form):
    """A typed name and a proof of presence. Once valid, `proof` says how presence was proved.

    Passwords and codes are never sent back to the page; the typed name is.
    """

    typed_name = forms.CharField(
        label="Your full name",
        max_length=120,
        help_text="Type it as it stands on your account. It is printed on the signature line.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label="Your password",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label="Code from your authenticator app",
        required=False,
        max_length=12,
        help_text="Instead of the password.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(
        self, *args: Any, request: HttpRequest, person: User, means: Means, has_passkey_proof: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.person = request, person
        self.proof: Proof | None = None
        self.refusal: ValidationError | None = None
        if has_passkey_proof or not means.password:
            del self.fields["password"]
        if has_passkey_proof or not means.code:
            del self.fields["code"]
        if "password" in self.fields and "code" not in self.fields and not means.passkey:
            # Nothing else will do, so it is not called optional.
            self.fields["password"].required = True
            self.fields["password"].error_messages["required"] = (
                "Type your password, so that nobody else can sign for you."
            )

    def clean_typed_name(self) -> str:
        typed: str = self.cleaned_data["typed_name"]
        try:
            check_typed_name(typed, self.person)
        except ValidationError as refusal:
            raise ValidationError(refusal.messages) from refusal
        return typed

    def clean(self) -> dict[str, Any]:
        """Presence is proved last: a name typed wrong costs no attempt."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            self.proof = prove(
                self.request, self.person, password=cleaned.get("password", ""), code=cleaned.get("code", "")
            )
        except ValidationError as refusal:
            self.refusal = refusal
            for name, errors in refusal.error_dict.items():
                self.add_error(name if name in self.fields else None, errors)
        return cleaned


STAYS_ON_RECORD = "It stays on record and is shown in the history."


class ReasonForm(forms.Form):
    """A reason that stays in the ledger. `longest` is what the row it goes into holds, `told` who reads it."""

    def __init__(
        self,
        *args: Any,
        label: str,
        longest: int = 500,
        told: str = STAYS_ON_RECORD,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = forms.CharField(
            label=label,
            max_length=longest,
            help_text=told,
            widget=forms.Textarea(attrs={"rows": 3}),
        )
