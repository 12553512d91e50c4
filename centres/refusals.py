"""What an action refused, put where it belongs on the form."""

from collections.abc import Mapping

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import QueryDict


def add_refusal(
    form: forms.BaseForm, refusal: ValidationError, *, now_shown: Mapping[str, object] | None = None
) -> None:
    """Put each of an action's reasons beside its field, or at the top where the form has no such field.

    ``now_shown``: for a form whose page shows what was saved meanwhile beside what was typed (``ShownDraft.others``),
    the hidden facts that it stands for from then on. Sent again, it is not refused as filled in on an older state.
    """
    if now_shown and getattr(refusal, "code", None) == "stale":
        stand_for(form, now_shown)
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for name, errors in refusal.error_dict.items():
        form.add_error(name if name in form.fields and name != NON_FIELD_ERRORS else None, errors)


def stand_for(form: forms.BaseForm, hidden: Mapping[str, object]) -> None:
    """Let a form that was sent stand for what its page shows by now: these hidden fields change, and all that was typed
    stays as it was typed, with every value of a field that has several."""
    assert isinstance(form.data, QueryDict)
    data = form.data.copy()
    for name, value in hidden.items():
        data[name] = str(value)
    form.data = data
