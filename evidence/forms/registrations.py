"""The coordinator's forms: registering, correcting, moving on and handing over."""

from typing import Any

from django import forms
from django.utils import timezone

from centres.forms import DayInput, RowsField
from centres.models import Centre, Registration, RegistrationStatus, Role, User
from centres.queries import centre_people
from centres.states import moves_from
from evidence.models import UnitRecord
from units.models import Qualification, Unit


def asks(sentence: str) -> dict[str, str]:
    """What a field says when it was left empty."""
    return {"required": sentence}


class FactsForm(forms.Form):
    """What a registration says of itself."""

    number = forms.CharField(
        label="Registration number",
        max_length=40,
        error_messages=asks("Enter the registration number."),
        help_text="As the awarding body gave it; used once in your centre.",
    )
    employer = forms.CharField(label="Employer", max_length=120, error_messages=asks("Enter the employer."))
    site = forms.CharField(
        label="Site",
        max_length=120,
        error_messages=asks("Enter the site."),
        help_text="Where the candidate works, such as a branch or shop.",
    )
    started_on = forms.DateField(
        label="Registered on", widget=DayInput, error_messages=asks("Enter the date of registration.")
    )
    expected_end_on = forms.DateField(label="Expected end", widget=DayInput, required=False)


class PeopleForm(forms.Form):
    """Who answers for the candidate's evidence."""

    assessor = forms.ModelChoiceField(
        queryset=User.objects.none(),
        error_messages=asks("Choose an assessor."),
        help_text="Assessors must be approved for every unit chosen.",
    )
    iv = forms.ModelChoiceField(
        queryset=User.objects.none(),
        label="Internal verifier",
        error_messages=asks("Choose an internal verifier."),
        help_text="Not the assessor: nobody verifies their own decisions.",
    )

    def __init__(self, *args: Any, centre: Centre, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assessor"].queryset = centre_people(centre, Role.ASSESSOR)  # type: ignore[attr-defined]
        self.fields["iv"].queryset = centre_people(centre, Role.IV)  # type: ignore[attr-defined]


class UnitChoice(RowsField):
    """The units of a qualification, each by code and title."""

    def label_from_instance(self, obj: Unit) -> str:
        return f"{obj.code}  {obj.shown_title}"


class ChooseQualificationForm(forms.Form):
    """The first step of registering: everything after it depends on the qualification."""

    qualification = forms.ModelChoiceField(
        queryset=Qualification.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages=asks("Choose a qualification."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["qualification"].queryset = (  # type: ignore[attr-defined]
            Qualification.objects.filter(members__isnull=False).distinct().order_by("title", "pk")
        )


class RegisterForm(PeopleForm, FactsForm):
    """A new registration for one qualification, chosen beforehand."""

    candidate = forms.ModelChoiceField(
        queryset=User.objects.none(),
        error_messages=asks("Choose a candidate."),
        help_text="People who have joined your centre as candidates.",
    )
    units = UnitChoice(
        queryset=Unit.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages=asks("Choose at least one unit."),
    )

    field_order = (
        "candidate",
        "number",
        "units",
        "assessor",
        "iv",
        "employer",
        "site",
        "started_on",
        "expected_end_on",
    )

    def __init__(self, *args: Any, centre: Centre, qualification: Qualification, **kwargs: Any) -> None:
        super().__init__(*args, centre=centre, **kwargs)
        self.fields["candidate"].queryset = centre_people(centre, Role.CANDIDATE)  # type: ignore[attr-defined]
        self.fields["units"].queryset = qualification.units.all()  # type: ignore[attr-defined]
        members = list(qualification.members.select_related("unit").order_by("position"))
        mandatory = [member.unit for member in members if member.is_mandatory]
        optional = [member.unit for member in members if not member.is_mandatory]
        label = self.fields["units"].label_from_instance  # type: ignore[attr-defined]
        self.fields["units"].choices = [  # type: ignore[attr-defined]
            (name, [(unit.pk, label(unit)) for unit in units])
            for name, units in (("Mandatory units", mandatory), ("Optional units", optional))
            if units
        ]
        self.initial.setdefault("units", [unit.pk for unit in mandatory])
        self.initial.setdefault("started_on", timezone.localdate())

    def lacking(self) -> list[str]:
        """The parts that nobody at the centre could take, in words for the coordinator."""
        return [
            f"Nobody at your centre is {who} yet."
            for name, who in (
                ("candidate", "a candidate"),
                ("assessor", "an assessor"),
                ("iv", "an internal verifier"),
            )
            if not self.fields[name].queryset.exists()  # type: ignore[attr-defined]
        ]


class ChangeForm(FactsForm):
    """Correcting a registration."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, registration: Registration) -> "ChangeForm":
        """The form filled in with what the registration says now."""
        fields = ("revision", "number", "employer", "site", "started_on", "expected_end_on")
        return cls(initial={name: getattr(registration, name) for name in fields})


class StatusForm(forms.Form):
    """Moving a registration on. Offers the legal moves only."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    status = forms.ChoiceField(
        label="It becomes", widget=forms.RadioSelect, error_messages=asks("Choose what it becomes.")
    )
    on = forms.DateField(label="As of", widget=DayInput, error_messages=asks("Enter the date."))
    why = forms.CharField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text="Needed when it is suspended, withdrawn, or resumed after completion.",
    )

    def __init__(self, *args: Any, registration: Registration, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = [  # type: ignore[attr-defined]
            (move.target.value, RegistrationStatus(move.target).label) for move in moves_from(registration.status)
        ]
        self.initial.setdefault("revision", registration.revision)
        self.initial.setdefault("on", timezone.localdate())


class ReassignForm(PeopleForm):
    """Handing a registration to another assessor or IV."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    why = forms.CharField(
        label="Reason", widget=forms.Textarea(attrs={"rows": 3}), error_messages=asks("Say why it changes hands.")
    )


class AddUnitForm(forms.Form):
    """One more unit of the qualification."""

    unit = forms.ModelChoiceField(
        queryset=Unit.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages=asks("Choose a unit."),
    )

    def __init__(self, *args: Any, registration: Registration, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = registration.qualification.units.exclude(  # type: ignore[attr-defined]
            pk__in=registration.unit_records.values("unit")
        ).order_by("position", "code")


class ReassignUnitForm(PeopleForm):
    """An assessor or IV of its own for one unit (Q24)."""

    why = forms.CharField(
        label="Reason", widget=forms.Textarea(attrs={"rows": 3}), error_messages=asks("Say why it changes hands.")
    )

    def __init__(self, *args: Any, record: UnitRecord, **kwargs: Any) -> None:
        super().__init__(*args, centre=record.registration.centre, **kwargs)
        for name, source, usual in (
            ("own_assessor", "assessor", record.registration.assessor),
            ("own_iv", "iv", record.registration.iv),
        ):
            field = self.fields.pop(source)
            field.required = False
            field.empty_label = f"As for the registration: {usual}"  # type: ignore[attr-defined]
            field.help_text = ""
            field.label = "Assessor of this unit" if source == "assessor" else "Internal verifier of this unit"
            self.fields[name] = field
        self.order_fields(["own_assessor", "own_iv", "why"])
