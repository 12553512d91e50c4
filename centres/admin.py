"""The operators' admin: corrections to centres and accounts, and nothing that the ledger covers.

Nobody is made or deleted here: centres open by ``manage.py open_centre``, people come by invitation, operators by
``manage.py createsuperuser``.
"""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from centres.models import Centre, User
from centres.people.corrections import correct_centre, correct_person

# Operators sign in by the same door as everybody else, with its rate limits and second factors.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "NVQ Portfolio: operators"
# Rights come from memberships; groups would be a second system beside them.
admin.site.unregister(Group)
# With an address or a second factor of their own in it, an operator could sign in, and sign, as anybody.
admin.site.unregister([EmailAddress, Authenticator])


class CorrectionForm(forms.ModelForm[Any]):
    """The facts, and why they are put right."""

    why = forms.CharField(
        label="Reason",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stays on record, with your name and what was there before.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.corrected and not cleaned.get("why", "").strip():
            self.add_error("why", "Say why this is corrected. It stays on record.")
        return cleaned

    @property
    def corrected(self) -> dict[str, Any]:
        """The values that differ, by field."""
        return {name: self.cleaned_data.get(name) for name in self.changed_data if name != "why"}


class CorrectionsOnly[M: (Centre, User)](admin.ModelAdmin[M]):
    """Rows can be looked at and corrected with a reason, never made or deleted."""

    actions = None
    form = CorrectionForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Centre)
class CentreAdmin(CorrectionsOnly[Centre]):
    list_display = ["name", "number", "awarding_body", "opened_at"]
    search_fields = ["name", "number"]
    fields = ["name", "number", "awarding_body", "opened_at", "why"]
    readonly_fields = ["number", "opened_at"]

    def save_model(self, request: HttpRequest, obj: Centre, form: Any, change: bool) -> None:
        correct_centre(centre=obj, values=form.corrected, why=form.cleaned_data["why"], by=_operator(request))


@admin.register(User)
class UserAdmin(CorrectionsOnly[User]):
    """The e-mail address is changed by its owner, who proves it; the password by the link in a mail."""

    list_display = ["name", "email", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["name", "email"]
    fields = ["name", "email", "is_active", "is_staff", "is_superuser", "date_joined", "last_login", "why"]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        always = ["email", "date_joined", "last_login"]
        # Otherwise an operator could make themself, or anybody, more than that.
        return always if request.user.is_superuser else [*always, "is_staff", "is_superuser"]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        correct_person(person=obj, values=form.corrected, why=form.cleaned_data["why"], by=_operator(request))


def _operator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the admin lets nobody else in
    return request.user
