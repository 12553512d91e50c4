"""The page on which a coordinator hands over everything that somebody answers for (Q23)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from centres.decorators import seat_required
from centres.models import Role
from centres.queries import people_of
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from signoff.handover.actions import hand_over as hand_over_now
from signoff.handover.forms import HandOverForm, SuccessorsForm
from signoff.handover.queries import handover_items


@seat_required(Role.COORDINATOR)
def hand_over(request: SeatedRequest, pk: int) -> HttpResponse:
    """First who takes over, then the list with what stands in the way of each, then the reason."""
    seat = request.seat
    person = get_object_or_404(people_of(seat), pk=pk)
    items = handover_items(person=person, seat=seat, assessor=None, iv=None)
    asked: dict[str, Any] = {"centre": seat.centre, "person": person, "capacities": {item.capacity for item in items}}
    said = request.POST if request.method == "POST" else request.GET
    people = SuccessorsForm(said or None, auto_id="to_%s", **asked)
    successors = people.chosen
    is_chosen = any(successors.values())
    if is_chosen:
        items = handover_items(person=person, seat=seat, **successors)
    free = [item.key for item in items if item.successor and not item.reason]
    form = HandOverForm(
        request.POST if request.method == "POST" else None,
        keys=[item.key for item in items],
        initial=successors,
        **asked,
    )
    if request.method == "POST" and form.is_valid():
        try:
            done = hand_over_now(
                person=person,
                items=form.cleaned_data["items"],
                why=form.cleaned_data["why"],
                by=seat,
                **form.chosen,
            )
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            what = "1 thing has" if len(done) == 1 else f"{len(done)} things have"
            messages.success(request, f"{what} been handed over from {person}.")
            return redirect("person", pk)
    page = {
        "person": person,
        "items": items,
        "people": people,
        "form": form,
        "is_chosen": is_chosen,
        "can_be": bool(free),
        "ticked": request.POST.getlist("items") if request.method == "POST" else free,
    }
    return render(request, "signoff/hand_over.html", page, status=422 if form.errors else 200)
