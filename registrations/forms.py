"""The coordinator's forms: registering, correcting, moving on and handing over."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone

from centres.catalogue import standards_for
from centres.forms import DayInput, RowsField
from centres.models import Centre, Membership, Role, User
from centres.queries import centre_people
from registrations.combination import combination_of
from registrations.models import Registration, RegistrationStatus, UnitRecord
from registrations.states import moves_from
from units.combination import Part, Structure, counted
from units.models import Qualification, Unit
from units.queries import structure_of


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


def unit_label(unit: Unit) -> str:
    """A unit to choose, by code and title, with level and credits where they were loaded (Q30)."""
    known = [f"level {unit.level}" if unit.level else "", counted(unit.credits, "credit") if unit.credits else ""]
    told = ", ".join(filter(None, known))
    return f"{unit.code}  {unit.shown_title}" + (f" ({told})" if told else "")


def under_headings(parts: Iterable[tuple[Part, str]], units: Iterable[Unit]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Units to choose under the groups they belong to, each group with what is said of it; none without a unit."""
    by_code = {unit.code: unit for unit in units}
    headings = [
        (
            ": ".join(filter(None, [part.rule.name, said])),
            [(by_code[m.code].pk, unit_label(by_code[m.code])) for m in part.members if m.code in by_code],
        )
        for part, said in parts
    ]
    return [(heading, choices) for heading, choices in headings if choices]


class UnitChoice(RowsField):
    """The units of a qualification, under the headings of its structure."""

    widget = forms.CheckboxSelectMultiple

    def offer(self, structure: Structure, units: Iterable[Unit]) -> None:
        """Group the boxes, each group with its rule; what holds for all of them is the help."""
        self.choices = under_headings(((part, part.words) for part in structure.parts), units)
        self.help_text = " ".join(structure.sentences)


class ChooseQualificationForm(forms.Form):
    """The first step of registering: everything after it depends on the qualification."""

    qualification = forms.ModelChoiceField(
        queryset=Qualification.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages=asks("Choose a qualification."),
    )

    def __init__(self, *args: Any, seat: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["qualification"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = (
            Qualification.objects.filter(standard__in=standards_for(seat).order_by(), members__isnull=False)
            .select_related("standard")
            .distinct()
            .order_by("title", "pk")
        )
        # An edition stands beside the one before it, with the same titles (Q31).
        titles = Counter(row.title for row in field.queryset)
        field.choices = [
            (row.pk, row.title if titles[row.title] == 1 else f"{row.title}, edition {row.standard.edition}")
            for row in field.queryset
        ]


class RegisterForm(PeopleForm, FactsForm):
    """A new registration for one qualification, chosen beforehand."""

    candidate = forms.ModelChoiceField(
        queryset=User.objects.none(),
        error_messages=asks("Choose a candidate."),
        help_text="People who have joined your centre as candidates.",
    )
    units = UnitChoice(
        queryset=Unit.objects.none(),
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
        structure = structure_of(qualification)
        field = self.fields["units"]
        assert isinstance(field, UnitChoice)
        field.queryset = qualification.units.all()
        field.offer(structure, field.queryset)
        mandatory = {member.code for member in structure.members if member.is_mandatory}
        self.initial.setdefault("units", [unit.pk for unit in field.queryset if unit.code in mandatory])
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
        left = registration.qualification.units.exclude(pk__in=registration.unit_records.values("unit"))
        field = self.fields["unit"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = left.order_by("position", "code")
        so_far = combination_of(registration)
        field.choices = under_headings(((share.part, share.words) for share in so_far.shares), field.queryset)
        field.help_text = " ".join(so_far.structure.sentences)


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
