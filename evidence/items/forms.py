"""The forms for an evidence item: added, changed or replaced, and the reason for withdrawing it."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.formats import date_format

from centres.forms import DayInput
from centres.models import RealisticWorkingEnvironment, User
from centres.queries import environments_to_name
from evidence.items.earlier_words import earlier_words
from evidence.models import EvidenceVersion, Witness
from files.forms import EvidenceFilesField, HandedIn
from registrations.models import Portfolio
from units.methods import Method
from units.setting_policy import Setting

# What each method means to somebody who has never read the key.
METHOD_CHOICES = [
    (Method.OBSERVATION, "Observation (O): your assessor watched you"),
    (Method.QUESTIONING, "Questioning (Q): your assessor asked you questions"),
    (Method.PRODUCT_EVIDENCE, "Product Evidence (PE): something you made, wrote or used at work"),
    (Method.WITNESS_TESTIMONY, "Witness Testimony (WT): somebody at work says what they saw you do"),
    (Method.PROFESSIONAL_DISCUSSION, "Professional Discussion (PD): you and your assessor talked it through"),
]
SETTING_CHOICES = [
    (Setting.REAL_JOB, "Real job, paid or voluntary: your everyday work with real customers"),
    (Setting.RWE, "Realistic working environment: a training shop or salon with real customers"),
    (Setting.PLACEMENT, "Work placement: with an employer, as part of a course"),
    (Setting.SIMULATION, "Simulation: role play or an exercise"),
    (Setting.STAGED_EMERGENCY, "Staged emergency practice: a drill"),
]


class WitnessChoice(forms.ModelChoiceField):
    """Somebody of the portfolio's witness list."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {obj.job_role}"


class EnvironmentChoice(forms.ModelChoiceField):
    """One of the centre's realistic working environments (R7)."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} (until {date_format(obj.ended_on, 'SHORT_DATE_FORMAT')})" if obj.ended_on else obj.name


def offer_environments(form: forms.Form, centre_id: int, named: RealisticWorkingEnvironment | None) -> None:
    """Ask which environment it was, of those that may be named and what is ``named`` already (R7).

    A centre that has none is not asked. The stylesheet puts the field away without that setting, for as long as nothing
    is chosen in it.
    """
    known = environments_to_name(centre_id)
    if named is not None:
        known = known | RealisticWorkingEnvironment.objects.filter(pk=named.pk)
    if known.exists():
        form.fields["environment"] = EnvironmentChoice(
            label="Which realistic working environment?",
            queryset=known,
            required=False,
            empty_label="None of these",
            help_text="The centre keeps this list. The assessor is warned of one that is not on it.",
        )


class EvidenceForm(forms.Form):
    """What an item says: asked in the order in which a candidate thinks of it."""

    title = forms.CharField(
        max_length=150, help_text="A few words that you will know it by, such as “Kettle exchange”."
    )
    what_happened = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=(
            "Who did what, when, and what you did yourself. Leave out names and details of customers and others: "
            "write “a customer” instead."
        ),
    )
    happened_from = forms.DateField(label="Date", widget=DayInput, help_text="When it happened.")
    happened_to = forms.DateField(
        label="Last date",
        required=False,
        widget=DayInput,
        help_text="Only if it went on over several days.",
    )
    occasion = forms.CharField(
        label="On what occasion?",
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"list": "earlier-occasions", "autocomplete": "off"}),
        help_text="A few words, such as “Saturday sale” or “the week before Christmas”.",
    )
    customer = forms.CharField(
        label="With which customer?",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"list": "earlier-customers", "autocomplete": "off"}),
        help_text="Never a name: “Customer A” or “the man in the wheelchair”. Your assessor looks for different ones.",
    )
    # Declared fields become `fields`, so Django's own attribute `files` is not touched.
    files = EvidenceFilesField(  # type: ignore[assignment]
        label="Files", required=False, help_text="Cover or cut out what identifies customers before you hand it in."
    )
    kept_at = forms.CharField(
        label="Or where it is kept at work",
        required=False,
        max_length=200,
        help_text="If it must not leave work, say what it is and where your assessor can see it.",
    )
    methods = forms.MultipleChoiceField(
        label="What kind of evidence is it?",
        choices=METHOD_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick all that apply. The letters go into your unit record.",
        error_messages={"required": "Choose at least one method."},
    )
    witness = WitnessChoice(
        queryset=Witness.objects.none(),
        required=False,
        empty_label="Nobody",
        help_text="Needed for a witness testimony. Not you, your assessor or your internal verifier.",
    )
    setting = forms.ChoiceField(
        label="Where does it come from?",
        choices=SETTING_CHOICES,
        widget=forms.RadioSelect,
        help_text="Some units take evidence from a real job only.",
        error_messages={"required": "Say where this comes from."},
    )
    simulation_basis = forms.CharField(
        label="What real experience is the simulation based on?",
        required=False,
        # The stylesheet puts the field away without a simulation for as long as its placeholder shows.
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": " "}),
        help_text="Only for a simulation.",
    )
    is_rpl = forms.BooleanField(
        label="This shows earlier learning (RPL)",
        required=False,
        help_text="You learned it before you registered. It is judged by the same tests as everything else.",
    )

    def __init__(self, *args: Any, person: User, portfolio: Portfolio, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.earlier = earlier_words(portfolio)
        files, witness = self.fields["files"], self.fields["witness"]
        assert isinstance(files, EvidenceFilesField)
        assert isinstance(witness, WitnessChoice)
        files.for_user(person)
        witness.queryset = Witness.objects.filter(portfolio=portfolio)
        offer_environments(self, portfolio.centre_id, self.initial.get("environment"))

    @property
    def words(self) -> dict[str, Any]:
        """What goes into a version, as the actions take it."""
        hidden = {"form_key", "revision"}
        return {name: value for name, value in self.cleaned_data.items() if name not in hidden}


class AddEvidenceForm(EvidenceForm):
    """A new item. ``form_key`` makes the same form sent twice one item."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("form_key", uuid4())
        # Most candidates work in one place: what they said last is most likely true again.
        self.initial.setdefault("setting", self.earlier.setting)

    @property
    def is_draft_only(self) -> bool:
        """Whether the candidate wants to come back to it before anything else."""
        return self.data.get("then") == "draft"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        needs_witness = Method.WITNESS_TESTIMONY in cleaned.get("methods", []) and not self.is_draft_only
        if needs_witness and "witness" not in self.errors and cleaned.get("witness") is None:
            self.add_error("witness", "Say who the witness is. If they are not on your list yet, save this as a draft.")
        return cleaned


class ChangeEvidenceForm(EvidenceForm):
    """An item as it is now, to be changed; ``why`` is asked when it becomes a new version."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    why = forms.CharField(
        label="Why do you replace it?",
        max_length=300,
        help_text="Your assessor reads this, such as “The date was missing on the receipt”.",
    )

    def __init__(self, *args: Any, version: EvidenceVersion, revision: int, is_offered: bool, **kwargs: Any) -> None:
        words = (
            "title",
            "what_happened",
            "happened_from",
            "occasion",
            "customer",
            "methods",
            "witness",
            "setting",
            "environment",
            "simulation_basis",
            "is_rpl",
            "kept_at",
        )
        initial = {name: getattr(version, name) for name in words} | {
            "happened_to": version.happened_to if version.happened_to != version.happened_from else None,
            "files": [HandedIn(file.blob, file.name) for file in version.files.select_related("blob")],
            "revision": revision,
        }
        super().__init__(*args, initial=initial, **kwargs)
        if not is_offered:
            del self.fields["why"]


class OfferForm(forms.Form):
    """The confirmation of an offer."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class WithdrawForm(forms.Form):
    """The confirmation of a withdrawal, with its reason."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    why = forms.CharField(
        label="Why do you withdraw it?", max_length=300, help_text="It stays on record, with this reason."
    )
