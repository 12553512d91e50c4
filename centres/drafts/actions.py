"""Drafts of forms: kept as they are typed, per person and form, until the form is accepted (decision 9).

Two open pages of one form never write over each other's text: what the second had not seen is kept beside its own.
"""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from centres.models import FormDraft, User
from centres.models.draft import LONGEST_ADDRESS

KEPT_FOR = timedelta(days=30)
# The longest unit records have some hundred fields; a book has no place in one of them.
MOST_CHARACTERS = 200_000
# Texts of other pages that are kept beside the newest one.
MOST_OTHERS = 3
OF_ANOTHER = "This page was filled in by somebody else, who was signed in here before you. Nothing was changed."
_SALT = "centres.drafts.actions"

type Typed = dict[str, list[str]]


def address_of(request: HttpRequest) -> str:
    """The address that a form's draft is kept under: with what it was asked for by, such as a qualification."""
    asked = request.GET.copy()
    asked.pop("draft", None)
    address = f"{request.path}?{asked.urlencode()}" if asked else request.path
    return address if len(address) <= LONGEST_ADDRESS else request.path[:LONGEST_ADDRESS]


def pattern_of(name: str) -> str:
    """A field's name without its numbers: a form with a field for each of 500 cells names two of them."""
    return re.sub(r"[0-9]+", "#", name)


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """What one open page of a form may keep a draft of. The page carries it, signed by us.

    ``form``: the form's address. ``page``: tells open pages apart. ``based_on``: the state of the record that the form
    was made from. ``fields``: patterns of the names that are kept; nothing else that a browser sends is looked at.
    """

    person_id: int
    form: str
    page: str
    based_on: str
    fields: tuple[str, ...]

    def signed(self) -> str:
        """As a page carries it."""
        facts = [self.person_id, self.form, self.page, self.based_on, self.fields]
        return signing.dumps(facts, salt=_SALT, compress=True)

    def text_in(self, sent: QueryDict) -> Typed:
        """What was typed into the fields that are kept, with the line ends of a browser's text area made plain."""
        fields = set(self.fields)
        return {
            # PostgreSQL takes no such character, and nobody types one.
            name: [value.replace("\r\n", "\n").replace("\0", "") for value in sent.getlist(name)]
            for name in sent
            if pattern_of(name) in fields
        }


def read_ticket(signed: str) -> Ticket | None:
    """The ticket that a page carried; None when it is not ours, or older than any session gets."""
    try:
        person_id, form, page, based_on, fields = signing.loads(signed, salt=_SALT, max_age=settings.SESSION_COOKIE_AGE)
    except signing.BadSignature:
        return None
    return Ticket(person_id=person_id, form=form, page=page, based_on=based_on, fields=tuple(fields))


def draft_for(person: User, form: str) -> FormDraft | None:
    """What this person has typed into the form at that address and not saved; nobody else's is ever found."""
    return FormDraft.objects.filter(person=person, form=form, saved_at__gt=timezone.now() - KEPT_FOR).first()


def is_unseen(draft: FormDraft, ticket: Ticket, seen: str, typed: Typed) -> bool:
    """Whether the draft holds another page's text that the ticket's page has not shown."""
    return draft.page != ticket.page and draft.seen != seen and bool(draft.typed) and draft.typed != typed


@transaction.atomic
def keep_draft(
    *, ticket: Ticket, seen: str, typed: Typed, is_settled: bool = False
) -> tuple[FormDraft, list[dict[str, Any]]]:
    """Keep what a page holds now.

    In: the page's ticket; the state of the draft it last saw (``FormDraft.seen``, "" for none); the text; whether its
    person has chosen between all that was shown. Out: the draft, and the texts of other pages that this page has not
    seen: they stay beside it, newest first (``page``, ``typed``, ``saved_at``).
    Raises ValidationError when there is no such person any more, or the text is too long to be kept.
    """
    if len(json.dumps(typed, ensure_ascii=False)) > MOST_CHARACTERS:
        raise ValidationError("This is too long to be kept. Save the form soon.", code="too_long")
    if not User.objects.filter(pk=ticket.person_id, is_active=True).exists():
        raise ValidationError("Nobody may keep a draft with this page any more.", code="gone")
    draft, is_new = FormDraft.objects.select_for_update().get_or_create(
        person_id=ticket.person_id,
        form=ticket.form,
        defaults={"typed": typed, "based_on": ticket.based_on, "page": ticket.page},
    )
    if is_new:
        return draft, []
    unseen: list[dict[str, Any]] = []
    if is_settled:
        draft.others = []
    elif is_unseen(draft, ticket, seen, typed):
        before = {"page": draft.page, "typed": draft.typed, "saved_at": draft.saved_at.isoformat()}
        rest = [other for other in draft.others if other["page"] not in (ticket.page, draft.page)]
        unseen = draft.others = [before, *rest][:MOST_OTHERS]
    draft.typed, draft.based_on, draft.page = typed, ticket.based_on, ticket.page
    draft.revision += 1
    draft.saved_at = timezone.now()
    draft.save(update_fields=["typed", "based_on", "page", "revision", "saved_at", "others"])
    return draft, unseen


@transaction.atomic
def drop_draft(*, ticket: Ticket, seen: str) -> bool:
    """Erase the draft once its form is accepted, or its person discards it; whether it is gone.

    A text that was typed in another page and that this one has not shown stays.
    """
    draft = FormDraft.objects.select_for_update().filter(person_id=ticket.person_id, form=ticket.form).first()
    if draft is None:
        return True
    if draft.page != ticket.page and draft.seen != seen:
        return False
    draft.delete()
    return True


def erase_old_drafts(older_than: timedelta = KEPT_FOR) -> int:
    """Erase drafts that nobody came back to; how many."""
    return FormDraft.objects.filter(saved_at__lte=timezone.now() - older_than).delete()[0]
