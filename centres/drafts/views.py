"""Drafts of forms, as the pages' script keeps them, and thrown away by hand (decision 9)."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from centres.drafts.actions import OF_ANOTHER, Ticket, drop_draft, keep_draft, read_ticket
from centres.drafts.forms import elsewhere


@sensitive_post_parameters()
@require_POST
def keep(request: HttpRequest) -> JsonResponse:
    """Keep what one open page of a form holds now.

    409 with the other texts where another page has typed something that this one has not shown; both are kept then.
    413: too long. 403: the page is another person's.
    """
    try:
        ticket = _ticket_of(request)
    except PermissionDenied as refusal:
        # The script tells this from a refused token by its being JSON.
        return JsonResponse({"reason": str(refusal)}, status=HTTPStatus.FORBIDDEN)
    try:
        draft, unseen = keep_draft(
            ticket=ticket,
            seen=request.POST.get("draft_seen", ""),
            typed=ticket.text_in(request.POST),
            is_settled="draft_settled" in request.POST,
        )
    except ValidationError as refusal:
        return JsonResponse({"reason": " ".join(refusal.messages)}, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    kept_at = f"{timezone.localtime(draft.saved_at):%H:%M}"
    answer = {"seen": draft.seen, "kept_at": kept_at, "others": elsewhere(unseen)}
    return JsonResponse(answer, status=HTTPStatus.CONFLICT if unseen else HTTPStatus.OK)


@require_POST
def discard(request: HttpRequest) -> HttpResponse:
    """Throw away the draft that a page showed, and back to its form."""
    ticket = _ticket_of(request)
    if drop_draft(ticket=ticket, seen=request.POST.get("draft_seen", "")):
        messages.success(request, "What you had typed has been thrown away. The form shows what is saved.")
    else:
        messages.warning(request, "Something else was typed in another tab meanwhile. Here it is.")
    # The address is one of ours: we signed it.
    return redirect(ticket.form)


def _ticket_of(request: HttpRequest) -> Ticket:
    """The ticket that the page carries. Raises Http404 where it is not ours, PermissionDenied where it is another's."""
    ticket = read_ticket(request.POST.get("draft", ""))
    if ticket is None:
        raise Http404("This page keeps no draft any more. Load it again.")
    if ticket.person_id != request.user.pk:
        raise PermissionDenied(OF_ANOTHER)
    return ticket
