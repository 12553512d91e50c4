"""The coordinator's people: the list, a person's page, invitations and roles."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from centres import queries
from centres.authority.register import standing
from centres.decorators import seat_required, with_article
from centres.forms import InviteForm, PeopleFilterForm, RoleForm
from centres.models import Capacity, Membership, Role, User
from centres.people import actions
from centres.people.history import person_history
from centres.permissions import check_may_end_role, why_not
from centres.refusals import add_refusal
from centres.requests import SeatedRequest

PER_PAGE = 25


@seat_required(Role.COORDINATOR)
def people(request: SeatedRequest) -> HttpResponse:
    """Everybody at the centre, and who has been invited."""
    form = PeopleFilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    listed = queries.people_listed(
        request.seat,
        search=wanted.get("search", ""),
        role=wanted.get("role", ""),
        left=wanted.get("left") == "yes",
    )
    chosen = {name: value for name, value in wanted.items() if value}
    return render(
        request,
        "centres/people.html",
        {
            "form": form,
            "page": Paginator(listed, PER_PAGE).get_page(request.GET.get("page")),
            "query": f"{urlencode(chosen)}&" if chosen else "",
            "is_filtered": bool(chosen),
            "invitations": list(queries.invitations_pending(request.seat)),
        },
    )


@seat_required(Role.COORDINATOR)
def invite(request: SeatedRequest) -> HttpResponse:
    """Ask somebody to join the centre."""
    form = InviteForm(request.POST or None)
    known: User | None = None
    if request.method == "POST" and form.is_valid():
        try:
            invitation = actions.invite(by=request.seat, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            known = _known_here(request.seat, refusal)
        else:
            messages.success(request, f"{invitation.name} has been invited as {with_article(invitation.role)}.")
            return redirect("people")
    return render(request, "centres/invite.html", {"form": form, "known": known}, status=422 if form.errors else 200)


def _known_here(seat: Membership, refusal: ValidationError) -> User | None:
    """The person that a refused invitation was for, when they are known at this centre already."""
    pks = [e.params["pk"] for e in refusal.error_dict.get("email", []) if e.code == "known_here" and e.params]
    return queries.people_of(seat).filter(pk__in=pks).first()


@require_POST
@seat_required(Role.COORDINATOR)
def withdraw_invitation(request: SeatedRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = get_object_or_404(queries.invitations_for(request.seat), pk=pk)
    try:
        actions.withdraw_invitation(invitation=invitation, by=request.seat)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, f"The invitation to {invitation.name} has been withdrawn.")
    return redirect("people")


@seat_required(Role.COORDINATOR)
def person(request: SeatedRequest, pk: int) -> HttpResponse:
    """One person at the centre: roles, awards, approvals, and what they are qualified for today."""
    someone = get_object_or_404(queries.people_of(request.seat), pk=pk)
    centre, today = request.seat.centre, queries.today()
    memberships = list(queries.memberships_of(request.seat).filter(person=someone).order_by("ended_at", "started_at"))
    awards = list(queries.awards_of(request.seat).filter(person=someone))
    approvals = list(queries.approvals_of(request.seat).filter(person=someone))
    active = [membership for membership in memberships if membership.ended_at is None]
    held = {membership.role for membership in active}
    capacities = [
        capacity
        for capacity in Capacity
        if capacity in held or any(approval.capacity == capacity for approval in approvals)
    ]
    return render(
        request,
        "centres/person.html",
        {
            "person": someone,
            "roles": [(role, why_not(check_may_end_role, membership=role, by=request.seat)) for role in active],
            "past_roles": [membership for membership in memberships if membership.ended_at is not None],
            "can_hold_more": len(held) < len(Role),
            "standings": [standing(someone, centre, capacity, today) for capacity in capacities],
            "awards": awards,
            "approvals": approvals,
            "notes": list(queries.competence_notes(someone, centre)),
            "today": today,
            "hands_over": any(membership.role in Capacity for membership in memberships),
            "history": person_history(someone, centre),
        },
    )


@seat_required(Role.COORDINATOR)
def give_role(request: SeatedRequest, pk: int) -> HttpResponse:
    """One more role for somebody known at the centre."""
    someone = get_object_or_404(queries.people_of(request.seat), pk=pk)
    held = list(queries.seats_of(someone).filter(centre=request.seat.centre).values_list("role", flat=True))
    if request.method == "POST" and request.POST.get("role") in held:
        return redirect("person", pk)  # The button was pressed twice.
    form = RoleForm(request.POST or None, held=held)
    if request.method == "POST" and form.is_valid():
        try:
            role = actions.give_role(person=someone, role=form.cleaned_data["role"], by=request.seat)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"{someone} is now {with_article(role.role)} here.")
            return redirect("person", pk)
    page: dict[str, Any] = {"form": form, "person": someone}
    return render(request, "centres/give_role.html", page, status=422 if form.errors else 200)
