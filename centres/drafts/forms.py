"""Forms that keep a draft: filled in with what was typed before, and shown beside it what says otherwise.

A view that shows a long form calls ``draft_of`` once, puts what it gives into the context as ``draft``, and its
template includes ``components/draft.html`` before the form, which carries the id that it names. The rest happens by
itself: ``static/js/drafts.js`` sends what is typed, and ``DraftMiddleware`` keeps what a view refused and drops what it
took.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.formats import date_format

from centres.drafts.actions import Ticket, Typed, address_of, draft_for, is_unseen, pattern_of, read_ticket
from centres.models import FormDraft
from centres.requests import SeatedRequest

SAVED, KEPT = "saved", "kept"
# Their browsers send nothing for what is not chosen.
_SILENT = (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.SelectMultiple, forms.RadioSelect)
_NEVER_KEPT = (forms.HiddenInput, forms.PasswordInput, forms.FileInput, forms.MultiWidget)


@dataclass(frozen=True)
class OtherText:
    """One field of another version: its text as a person reads it, and as a browser would send it."""

    label: str
    link: str
    text: str


@dataclass(frozen=True)
class OtherVersion:
    """What stands somewhere else in the fields of a form, where it differs from what the page is filled in with.

    ``href`` fills the form in with it. ``typed`` is for the page's script.
    """

    key: str
    href: str
    title: str
    texts: list[OtherText]
    typed: str


@dataclass(frozen=True)
class ShownDraft:
    """What a page knows of the draft of its form. ``kept_at``: when that was typed which the form is filled in with."""

    ticket: str
    seen: str
    fields: str
    kept_at: datetime | None
    others: list[OtherVersion]


def draft_of(request: SeatedRequest, *drafted: forms.BaseForm, based_on: object = "") -> ShownDraft:
    """Fill in a form that is asked for with what this person typed into it before, and say what stands beside that.

    In: the form, before anything is asked of it, or the forms that are sent together under prefixes of their own; and
    what changes when the record does that they are made from, such as its revision. Where that is not what the draft
    was typed on, the form shows what is saved, and the draft beside it. ``?draft=`` asks for one of the versions.
    A form that was sent shows what was sent.
    """
    fields = _fields_of(drafted)
    names = sorted({pattern_of(name) for name in fields})
    base = _digest(based_on)
    address = address_of(request)
    draft = draft_for(request.user, address)
    saved = {name: _sent_for(field) for name, field in fields.items()}

    sent = read_ticket(request.POST.get("draft", "")) if request.method == "POST" else None
    if sent and (sent.person_id, sent.form) != (request.user.pk, address):
        sent = None
    page = sent.page if sent else get_random_string(12)
    ticket = Ticket(person_id=request.user.pk, form=address, page=page, based_on=base, fields=tuple(names))

    if request.method == "POST":
        seen, kept_at = request.POST.get("draft_seen", ""), None
        now = _whole(saved, ticket.text_in(request.POST), fields)
        versions: dict[str, tuple[str, Typed]] = {}
        if sent and sent.based_on != base:
            versions[SAVED] = ("What is saved now", saved)
        if draft and sent and is_unseen(draft, ticket, seen, ticket.text_in(request.POST)):
            versions[KEPT] = (_elsewhere(draft.saved_at), _whole(saved, draft.typed, fields))
        versions |= _others_of(draft, saved, fields)
    else:
        versions = {SAVED: ("What is saved now", saved)}
        is_current = draft is None or draft.based_on == base
        if draft:
            title = f"What you typed {_moment(draft.saved_at)}"
            versions[KEPT] = (title, _whole(saved, draft.typed, fields))
        versions |= _others_of(draft, saved, fields)
        usual = KEPT if draft and is_current else SAVED
        chosen = request.GET.get("draft", "")
        chosen = chosen if chosen in versions else usual
        _, now = versions.pop(chosen)
        if is_current:
            versions.pop(SAVED, None)
        kept_at = draft.saved_at if draft and chosen == KEPT and _differs(now, saved) else None
        # A page that is filled in with something else has not taken the draft up: its first save keeps both.
        seen = draft.seen if draft and chosen == KEPT else ""
        _fill_in(fields, {name: values for name, values in now.items() if values != saved[name]})

    asked = f"{address}{'&' if '?' in address else '?'}draft="
    beside = [_beside(key, asked + key, title, typed, now, fields) for key, (title, typed) in versions.items()]
    return ShownDraft(ticket.signed(), seen, json.dumps(names), kept_at, [one for one in beside if one.texts])


def _fields_of(drafted: tuple[forms.BaseForm, ...]) -> dict[str, BoundField]:
    """The fields of which a draft is kept, by the names that browsers send: no files, passwords or hidden facts."""
    return {
        bound.html_name: bound
        for form in drafted
        for bound in form
        if not isinstance(bound.field.widget, _NEVER_KEPT) and not bound.field.disabled
    }


def _digest(based_on: object) -> str:
    """The same for the same state of a record, short enough for a column; "" for what is made from nothing."""
    if based_on == "":
        return ""
    return hashlib.sha256(json.dumps(based_on, default=str, sort_keys=True).encode()).hexdigest()[:16]


def _sent_for(bound: BoundField) -> list[str]:
    """What a browser would send for a field that stands as it is saved."""
    value = bound.field.prepare_value(bound.form.get_initial_for_field(bound.field, bound.name))
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if value else []
    shown = widget.format_value(value)
    return _plain(shown if isinstance(shown, list | tuple) else [shown])


def _plain(values: Any) -> list[str]:
    """Without what stands for nothing, and with the line ends that drafts have."""
    return [str(one).replace("\r\n", "\n") for one in values if one is not None and str(one).strip()]


def _whole(saved: Typed, typed: Mapping[str, list[str]], fields: Mapping[str, BoundField]) -> Typed:
    """A draft as the values of all fields: one that it does not know, because it is new, stands as it is saved."""
    return {
        name: _plain(typed[name]) if name in typed else ([] if isinstance(bound.field.widget, _SILENT) else saved[name])
        for name, bound in fields.items()
    }


def _others_of(draft: FormDraft | None, saved: Typed, fields: Mapping[str, BoundField]) -> dict[str, tuple[str, Typed]]:
    others = draft.others if draft else []
    return {
        str(number): (_elsewhere(datetime.fromisoformat(other["saved_at"])), _whole(saved, other["typed"], fields))
        for number, other in enumerate(others, start=1)
    }


def _moment(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"on {date_format(local, 'SHORT_DATE_FORMAT')} at {date_format(local, 'TIME_FORMAT')}"


def _elsewhere(moment: datetime) -> str:
    return f"Typed in another tab {_moment(moment)}"


def elsewhere(unseen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What ``keep_draft`` found unseen, for the script of the page: ``title`` and ``typed``."""
    return [
        {"title": _elsewhere(datetime.fromisoformat(other["saved_at"])), "typed": other["typed"]} for other in unseen
    ]


def _differs(one: Typed, other: Typed) -> bool:
    return any(_trimmed(one[name]) != _trimmed(other[name]) for name in one)


def _trimmed(values: list[str]) -> list[str]:
    return sorted(value.strip() for value in values)


def _fill_in(fields: Mapping[str, BoundField], typed: Typed) -> None:
    """Let unbound forms show a version: with these initial values, and without any complaint about them."""
    for name, values in typed.items():
        bound = fields[name]
        widget = bound.field.widget
        if isinstance(widget, forms.CheckboxInput):
            value: Any = bool(values)
        elif isinstance(widget, forms.CheckboxSelectMultiple | forms.SelectMultiple):
            value = values
        else:
            value = values[0] if values else ""
        bound.form.initial[bound.name] = value


def _beside(
    key: str, href: str, title: str, typed: Typed, now: Typed, fields: Mapping[str, BoundField]
) -> OtherVersion:
    """The fields of a version that differ from what the page shows. What is blank in a draft takes nothing away."""
    apart = {
        name: values
        for name, values in typed.items()
        if _trimmed(values) != _trimmed(now[name]) and (values or key == SAVED)
    }
    texts = [
        OtherText(
            str(fields[name].label), fields[name].id_for_label or fields[name].auto_id, _read(fields[name], values)
        )
        for name, values in apart.items()
    ]
    return OtherVersion(key, href, title, texts, json.dumps(apart))


def _read(bound: BoundField, values: list[str]) -> str:
    """What a person reads where a browser sends these values."""
    field = bound.field
    if isinstance(field.widget, forms.CheckboxInput):
        return "Ticked" if values else "Not ticked"
    if not values:
        return "Nothing"
    if isinstance(field.widget, forms.widgets.ChoiceWidget):
        labels = dict(_flat(field.widget.choices))
        return ", ".join(labels.get(value, value) for value in values)
    if isinstance(field, forms.DateField):
        with suppress(ValidationError):  # half a date is shown as it was typed
            return date_format(field.to_python(values[0]) or "", "SHORT_DATE_FORMAT")
    return values[0]


def _flat(choices: Any) -> Iterator[tuple[str, str]]:
    """Every choice, out of its group."""
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield str(value), str(label)
