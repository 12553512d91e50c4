"""The crispy pack (templates/nvq): every field is named, described and reachable, whatever its widget."""

from html.parser import HTMLParser

import pytest
from crispy_forms.bootstrap import FormActions, InlineRadios, PrependedText
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Button, Column, Div, Fieldset, Layout, Row, Submit
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template.loader import render_to_string

CHOICES = [("PE", "Product evidence"), ("WT", "Witness testimony")]


class OneOfEach(forms.Form):
    """Every kind of field that the product asks with."""

    title = forms.CharField(help_text="A few words.")
    note = forms.CharField(widget=forms.Textarea, required=False, help_text="What happened.")
    day = forms.DateField()
    amount = forms.DecimalField(help_text="In pounds.")
    unit = forms.ChoiceField(choices=CHOICES)
    setting = forms.ChoiceField(choices=[("Real", CHOICES[:1]), ("Other", CHOICES[1:])], widget=forms.RadioSelect)
    methods = forms.MultipleChoiceField(
        choices=CHOICES, widget=forms.CheckboxSelectMultiple, help_text="Every one that fits."
    )
    own_work = forms.BooleanField(help_text="Nobody else made it.")
    moment = forms.SplitDateTimeField(help_text="Day and time.")
    file = forms.FileField(required=False, help_text="A picture.")
    key = forms.CharField(widget=forms.HiddenInput)


class Reader(HTMLParser):
    """Collects what a screen reader would go by."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.named: set[str] = set()
        self.described: list[str] = []
        self.inputs: list[dict[str, str]] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "label":
            self.named.add(given["for"])
        if tag == "a":
            self.links.append(given["href"])
        if tag in {"input", "select", "textarea"} and given.get("type") != "hidden":
            self.inputs.append(given)
        self.described += given.get("aria-describedby", "").split()


def laid_out(form: forms.Form) -> str:
    helper = FormHelper()
    helper.layout = Layout(
        Fieldset("What it is", "title", Row(Column("day"), Column(PrependedText("amount", "£"))), "methods"),
        Div("unit", "note", InlineRadios("setting")),
        "own_work",
        "moment",
        "file",
        "key",
        FormActions(Submit("save", "Save"), Button("look", "Look")),
    )
    return render_crispy_form(form, helper)


def plain(form: forms.Form) -> str:
    return render_crispy_form(form, FormHelper())


@pytest.mark.parametrize("draw", [laid_out, plain])
@pytest.mark.parametrize("data", [None, {}, {"title": "Log", "methods": ["PE"], "setting": "WT"}])
def test_names_descriptions_and_links_lead_somewhere(draw, data) -> None:
    reader = Reader(draw(OneOfEach(data)))
    assert len(reader.ids) == len(set(reader.ids))
    assert set(reader.described) <= set(reader.ids)
    assert {link.removeprefix("#") for link in reader.links} <= set(reader.ids)
    unnamed = [given["name"] for given in reader.inputs if given["id"] not in reader.named]
    # The two halves of a day and time are named by the legend around them.
    assert set(unnamed) == {"moment_0", "moment_1"}


def test_every_error_is_beside_its_field_and_in_the_summary() -> None:
    form = OneOfEach({})
    html = laid_out(form)
    reader = Reader(html)
    visible = [name for name in form.errors if name != "key"]
    assert len(visible) == 8
    for name in visible:
        assert f"id_{name}_error" in reader.ids
        assert f"id_{name}_error" in reader.described
        label = form[name].label if form[name].label.endswith("?") else f"{form[name].label}:"
        said = ["Fill this in.", "Choose one.", "Tick at least one.", "Choose a file.", form.errors[name][0]]
        assert sum(html.count(f"{label} {words}") for words in said) == 1
    assert html.count("This field is required") == 1, "Django's own words stand only for the hidden field"
    assert len(reader.links) == len(visible)
    assert html.index('role="alert"') < html.index("<fieldset")
    assert "There is a problem" in html


def test_a_good_form_has_no_summary_and_says_what_is_optional() -> None:
    html = laid_out(OneOfEach())
    assert "error-summary" not in html
    assert "aria-invalid" not in html
    assert html.count('<span class="optional">(optional)</span>') == 2


def test_a_hidden_field_that_is_wrong_is_told_without_a_link() -> None:
    class Hidden(forms.Form):
        revision = forms.IntegerField(widget=forms.HiddenInput)

    html = plain(Hidden({"revision": "x"}))
    assert "Enter a whole number." in html
    assert Reader(html).links == []


def test_what_was_typed_is_kept() -> None:
    html = laid_out(OneOfEach({"title": '<b>"Log"</b>', "methods": ["WT"], "note": "First\n\nthen"}))
    assert 'value="&lt;b&gt;&quot;Log&quot;&lt;/b&gt;"' in html
    assert "First\n\nthen" in html
    checked = [given["value"] for given in Reader(html).inputs if "checked" in given]
    assert checked == ["WT"]


def test_formset_draws_each_form_and_its_management() -> None:
    html = plain(forms.formset_factory(OneOfEach, extra=2)({"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2"}))
    assert html.count('class="form-section"') == 2
    assert 'name="form-TOTAL_FORMS"' in html
    ids = Reader(html).ids
    assert len(ids) == len(set(ids))


def test_files_make_the_form_multipart_and_no_form_validates_in_the_browser() -> None:
    html = laid_out(OneOfEach())
    assert 'enctype="multipart/form-data"' in html
    assert "novalidate" in html


def test_the_confirmation_asks_inside_its_own_form() -> None:
    class Why(forms.Form):
        why = forms.CharField(label="Reason")

    html = render_to_string(
        "components/confirm.html",
        {"form": Why(), "text": "Withdraw E7?", "consequences": ["Gone."], "label": "Withdraw", "back": "/back/"},
    )
    assert html.count("<form") == 1
    assert 'href="/back/"' in html
    assert 'name="why"' in html
