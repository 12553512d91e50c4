"""What else an item may show, in the browser: one press, one claim."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from centres.decorators import seat_required
from centres.models import Role
from centres.requests import SeatedRequest
from evidence.claims.actions import add_twin_claim
from evidence.claims.forms import TwinForm
from evidence.items.views import find_item
from evidence.models import Claim, Instance
from registrations.queries import records_for
from units.models import Criterion


@require_POST
@seat_required(Role.CANDIDATE)
def suggestions(request: SeatedRequest, pk: int) -> HttpResponse:
    """Claim an item against the point that was pressed, at the place of the claim that it repeats.

    Back on the item's page, the list of what else it may show says what was claimed.
    """
    found = find_item(request.seat, pk)
    form = TwinForm(request.POST)
    if not form.is_valid():
        raise Http404("There is no such point to claim.")
    chosen = form.cleaned_data
    record = get_object_or_404(records_for(request.seat), pk=chosen["record"])
    criterion = get_object_or_404(Criterion.objects.select_related("group"), pk=chosen["criterion"])
    instance = get_object_or_404(Instance, record=record, pk=chosen["instance"]) if chosen["instance"] else None
    twin = get_object_or_404(Claim, pk=chosen["claim"], evidence=found)
    page = reverse("evidence", args=[found.pk])
    try:
        made = add_twin_claim(
            evidence=found, twin=twin, record=record, criterion=criterion, instance=instance, by=request.seat
        )
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect(page)
    return redirect(f"{page}?claimed={made.pk}#suggestions")
