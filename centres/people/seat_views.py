"""Choosing a role to act from, and taking one up by an invitation."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from centres.decorators import seat_required, with_article
from centres.forms import AcceptForm, SeatForm
from centres.middleware import SESSION_KEY
from centres.models import Invitation
from centres.people.actions import accept_invitation as accept
from centres.people.invitations import invitation_from
from centres.permissions import check_invitation_waits, why_not, why_not_both
from centres.queries import account_of
from centres.refusals import add_refusal
from centres.requests import SeatedRequest


@require_POST
@seat_required()
def switch_seat(request: SeatedRequest) -> HttpResponse:
    """Act from another of one's own active roles from now on (Q24)."""
    form = SeatForm(request.POST, seats=request.seats)
    if not form.is_valid():
        raise Http404
    seat = next(seat for seat in request.seats if seat.pk == form.cleaned_data["seat"])
    request.session[SESSION_KEY] = seat.pk
    messages.success(request, f"You are now working as {with_article(seat.role)} at {seat.centre}.")
    return redirect("home")


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an invitation's link: for somebody new, for somebody with an account, or the reason why not."""
    invitation = invitation_from(token)
    if invitation is None:
        reason = "This link is not complete. Copy the whole link from the message, or ask for a new invitation."
        return _refused(request, reason, status=404)
    if invitation.accepted_at and invitation.accepted_by == request.user:
        return redirect("home")
    if reason := why_not(check_invitation_waits, invitation):
        return _refused(request, reason, status=410)
    invited = account_of(invitation.email)
    page = {"invitation": invitation, "as_role": with_article(invitation.role)}
    if request.user.is_authenticated and request.user != invited:
        return render(request, "centres/invitation_of_another.html", page)
    if invited and not request.user.is_authenticated:
        back = urlencode({"next": request.path})
        return render(request, "centres/invitation_sign_in.html", {**page, "url": f"{reverse('account_login')}?{back}"})
    if invited and (reason := why_not_both(invited, invitation.centre, invitation.role)):
        return _refused(request, reason, status=409)
    if invited:
        return _join(request, invitation, page)
    return _start(request, invitation, page)


def _join(request: HttpRequest, invitation: Invitation, page: dict[str, object]) -> HttpResponse:
    if request.method != "POST":
        return render(request, "centres/invitation_join.html", page)
    assert request.user.is_authenticated
    try:
        membership = accept(invitation=invitation, person=request.user)
    except ValidationError as refusal:
        return _refused(request, " ".join(refusal.messages), status=410)
    request.session[SESSION_KEY] = membership.pk
    messages.success(request, f"You are now {page['as_role']} at {invitation.centre}.")
    return redirect("home")


def _start(request: HttpRequest, invitation: Invitation, page: dict[str, object]) -> HttpResponse:
    form = AcceptForm(request.POST or None, initial={"email": invitation.email, "name": invitation.name})
    if request.method == "POST" and form.is_valid():
        try:
            membership = accept(
                invitation=invitation, name=form.cleaned_data["name"], password=form.cleaned_data["password"]
            )
        except ValidationError as refusal:
            add_refusal(form, refusal)
        except PermissionDenied:  # The address has got an account meanwhile, by another invitation: sign in with it.
            return redirect(request.path)
        else:
            login(request, membership.person, backend="django.contrib.auth.backends.ModelBackend")
            request.session[SESSION_KEY] = membership.pk
            messages.success(request, f"Welcome. You are now {page['as_role']} at {invitation.centre}.")
            return redirect("home")
    return render(request, "centres/invitation_start.html", {**page, "form": form}, status=422 if form.errors else 200)


def _refused(request: HttpRequest, reason: str, *, status: int) -> HttpResponse:
    return render(request, "centres/invitation_refused.html", {"reason": reason}, status=status)
