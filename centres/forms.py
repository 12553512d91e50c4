"""What the coordinator fills in. Whether it is allowed is for the actions to say; their refusals come back here."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from centres.environments.actions import LONGEST_APPROVER, LONGEST_DESCRIPTION, LONGEST_NAME, LONGEST_REFERENCE
from centres.models import Capacity, CompetenceKind, Membership, RecognisedAward, Role, User
from centres.queries import today
from files.forms import EvidenceFilesField
from units.models import Unit
from units.uploads import MOST_BYTES


class DayInput(forms.DateInput):
    """The browser's own calendar; without one, a date typed as dd/mm/yyyy is understood too."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows. A number that no row can have is refused here: SQLite does not take it even to look for it."""

    def clean(self, value: Any) -> Any:
        for given in value if isinstance(value, list | tuple) else ():
            if len(str(given)) > 18:
                raise ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": f"{given:.18}…"}
                )
        return super().clean(value)


class UnitsField(RowsField):
    """Units to tick, each with code and title, grouped by standard."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Unit) -> str:
        return str(obj)

    def offer(self, units: Iterable[Unit]) -> None:
        """Group the boxes by standard and edition. ``units`` come with their standard, in order."""
        grouped: dict[str, list[tuple[int, str]]] = {}
        for unit in units:
            whose = "" if unit.standard.is_shared else ", your centre’s own"
            grouped.setdefault(f"{unit.standard}{whose}", []).append((unit.pk, self.label_from_instance(unit)))
        self.choices = list(grouped.items())


class PeopleFilterForm(forms.Form):
    """The people list's search."""

    search = forms.CharField(label="Name or email address", required=False, max_length=120)
    role = forms.ChoiceField(label="Role", required=False, choices=[("", "Any role"), *Role.choices])
    left = forms.ChoiceField(
        label="Show", required=False, choices=[("", "People with a role here now"), ("yes", "People who have left")]
    )


class InviteForm(forms.Form):
    """Ask somebody to join the centre."""

    email = forms.EmailField(label="Email address", max_length=254, help_text="The invitation goes to this address.")
    name = forms.CharField(
        label="Full name", max_length=120, help_text="They can correct it. It is printed on unit records."
    )
    role = forms.ChoiceField(
        label="Role",
        choices=Role.choices,
        widget=forms.RadioSelect,
        help_text="One person may hold several roles: give the others on their page once they have joined.",
    )


class AcceptForm(forms.Form):
    """What a new person says of themself when they accept an invitation."""

    email = forms.EmailField(label="Email address", disabled=True, help_text="You sign in with this.")
    name = forms.CharField(
        label="Full name",
        max_length=120,
        help_text="As you sign it. It is printed on unit records.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label="Choose a password",
        strip=False,
        help_text="At least 10 characters. Three words that do not belong together are good and easy to remember.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class RoleForm(forms.Form):
    """One more role for somebody known here. In: the roles that they hold already."""

    def __init__(self, *args: Any, held: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [(value, label) for value, label in Role.choices if value not in set(held)]
        self.fields["role"] = forms.ChoiceField(
            label="Role",
            widget=forms.RadioSelect,
            choices=others,
            help_text="An external verifier comes from outside the centre: nobody is one and something else here.",
        )


class CertificateField(EvidenceFilesField):
    """One file: the copy of a certificate. Gives a HandedIn, or None."""

    def clean(self, value: Any) -> Any:
        files = super().clean(value)
        if len(files) > 1:
            raise ValidationError("One file is enough: take the others away.")
        return files[0] if files else None


class AwardForm(forms.Form):
    """One entry in the award register (R30). In: who hands in the certificate."""

    kind = forms.ChoiceField(label="Award")
    number = forms.CharField(label="Certificate number", max_length=60, help_text="As printed on the certificate.")
    awarded_on = forms.DateField(label="Date of award", widget=DayInput)
    expires_on = forms.DateField(
        label="Last day", required=False, widget=DayInput, help_text="Only if the certificate says that it expires."
    )
    certificate = CertificateField(
        label="Copy of the certificate", required=False, help_text="The person, verifiers and coordinators can open it."
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, certificate = self.fields["kind"], self.fields["certificate"]
        assert isinstance(kind, forms.ChoiceField)
        assert isinstance(certificate, CertificateField)
        kind.choices = [("", "Choose an award"), *kinds_of_award()]
        certificate.for_user(person)


def kinds_of_award() -> list[tuple[str, list[tuple[str, str]]]]:
    """The kinds recognised today, grouped by what they qualify for. One query."""
    grouped: dict[str, list[tuple[str, str]]] = {}
    for kind in RecognisedAward.objects.on(today()):
        grouped.setdefault(f"{Capacity(kind.capacity).label} awards", []).append((kind.code, kind.title))
    return list(grouped.items())


class CertificateForm(forms.Form):
    """The copy of a certificate, filed later. In: who hands it in."""

    certificate = CertificateField(
        label="Copy of the certificate", help_text="The person, verifiers and coordinators can open it."
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        certificate = self.fields["certificate"]
        assert isinstance(certificate, CertificateField)
        certificate.for_user(person)


class CompetenceForm(forms.Form):
    """One line on occupational competence or CPD (R36)."""

    kind = forms.ChoiceField(label="What is it about?", choices=CompetenceKind.choices, widget=forms.RadioSelect)
    what = forms.CharField(
        label="What was it?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For example: two days in the shop on Market Street, or standardisation training.",
    )
    happened_on = forms.DateField(label="Date", widget=DayInput, help_text="The last day, if it took several.")


class StrikeOutForm(forms.Form):
    """Why an entry is struck out."""

    why = forms.CharField(
        label="What is wrong with this entry?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For example: the certificate number was mistyped.",
    )


class ApprovalForm(forms.Form):
    """Approval for units (R36)."""

    capacity = forms.ChoiceField(label="Approve as", choices=Capacity.choices, widget=forms.RadioSelect)
    starts_on = forms.DateField(label="From", widget=DayInput, initial=today)
    units = UnitsField(label="Units", queryset=Unit.objects.none())

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["units"]
        assert isinstance(field, UnitsField)
        field.queryset = units
        field.offer(units)


class EndApprovalForm(forms.Form):
    """The last day of an approval."""

    ends_on = forms.DateField(
        label="Last day", widget=DayInput, initial=today, help_text="The approval counts on this day for the last time."
    )


class StandardFileForm(forms.Form):
    """A standard handed in by a coordinator."""

    file = forms.FileField(
        label="Spreadsheet or standard file",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.json"}),
        help_text=f"A spreadsheet (.xlsx) made from the template, or a standard file (.json): "
        f"{MOST_BYTES // 1024**2} MB at most.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty. Choose another."},
    )


class EnvironmentForm(forms.Form):
    """A realistic working environment for the register (R7)."""

    name = forms.CharField(
        max_length=LONGEST_NAME, help_text="As candidates know it, such as “Training shop, ground floor”."
    )
    what_it_is = forms.CharField(
        label="What is it?",
        max_length=LONGEST_DESCRIPTION,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What is sold or done there, and who its customers are.",
    )
    approved_by = forms.CharField(
        label="Who approved it?", max_length=LONGEST_APPROVER, help_text="The awarding body, or its external verifier."
    )
    approval_reference = forms.CharField(
        label="Reference of the approval",
        required=False,
        max_length=LONGEST_REFERENCE,
        help_text="Such as the number of the visit report that says so.",
    )
    approved_on = forms.DateField(label="Date of approval", widget=DayInput)


class EndEnvironmentForm(forms.Form):
    """The last day of an environment's approval."""

    ended_on = forms.DateField(
        label="Last day", widget=DayInput, initial=today, help_text="It was approved on this day for the last time."
    )


class SeatForm(forms.Form):
    """Which role to act from. In: the person's active memberships."""

    def __init__(self, *args: Any, seats: Iterable[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(seat.pk, str(seat)) for seat in seats]
        self.fields["seat"] = forms.TypedChoiceField(coerce=int, choices=choices)
