"""What a unit asks for several of, in the browser: named once, picked when claiming (R3)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from centres.decorators import seat_required
from centres.models import Membership, Role
from centres.permissions import why_not
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from evidence.instances.actions import name_instance, remove_instance, rename_instance
from evidence.instances.forms import NameForm
from evidence.instances.permissions import check_may_name, check_may_remove, check_may_rename
from evidence.instances.queries import named_sets
from evidence.models import Instance
from registrations.queries import records_for
from units.queries import unit_outline

_PEOPLE = (
    "unit",
    "portfolio",
    "registration__candidate",
    "registration__assessor",
    "registration__iv",
    "own_assessor",
    "own_iv",
)


@seat_required(Role.CANDIDATE, Role.ASSESSOR)
def instances(request: SeatedRequest, pk: int) -> HttpResponse:
    """What is named in a unit, and naming more."""
    record = get_object_or_404(records_for(request.seat).select_related(*_PEOPLE), pk=pk)
    sets = named_sets(record, unit_outline(record.unit_id), request.seat)
    sent = request.POST.get("kind") if request.method == "POST" else None
    forms = {
        one: NameForm(request.POST if str(one.position) == sent else None, word=one.word, prefix=f"kind-{one.position}")
        for one in sets
    }
    named = next((one for one, form in forms.items() if form.is_bound), None)
    if request.method == "POST" and named is None:
        raise Http404("This unit asks for nothing of that kind.")
    if named and forms[named].is_valid():
        try:
            made = name_instance(
                record_id=record.pk, of=named.word, name=forms[named].cleaned_data["name"], by=request.seat
            )
        except ValidationError as refusal:
            add_refusal(forms[named], refusal)
        else:
            messages.success(request, f"“{made}” is named. Pick it when you choose criteria.")
            return redirect("instances", record.pk)
    return render(
        request,
        "evidence/instances.html",
        {
            "record": record,
            "rows": list(forms.items()),
            # The page's title says that something is wrong.
            "form": forms[named] if named else None,
            "why_not": why_not(check_may_name, record, request.seat),
        },
        status=422 if named else 200,
    )


@seat_required(Role.CANDIDATE, Role.ASSESSOR)
def change_instance(request: SeatedRequest, pk: int) -> HttpResponse:
    """Give one another name, or take it away."""
    instance = get_object_or_404(_instances_for(request.seat).filter(removed_at=None), pk=pk)
    form = NameForm(
        request.POST if request.method == "POST" else None, word=instance.of, initial={"name": instance.name}
    )
    if request.method == "POST" and form.is_valid():
        try:
            rename_instance(instance_id=instance.pk, name=form.cleaned_data["name"], by=request.seat)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "The name has been saved.")
            return redirect("instances", instance.record_id)
    return render(
        request,
        "evidence/change_instance.html",
        {
            "instance": instance,
            "form": form,
            "why_not_rename": why_not(check_may_rename, instance, request.seat),
            "why_not_remove": why_not(check_may_remove, instance, request.seat),
        },
        status=422 if request.method == "POST" else 200,
    )


@require_POST
@seat_required(Role.CANDIDATE, Role.ASSESSOR)
def take_instance_away(request: SeatedRequest, pk: int) -> HttpResponse:
    """Take one away that no claim rests on."""
    instance = get_object_or_404(_instances_for(request.seat), pk=pk)
    try:
        remove_instance(instance_id=instance.pk, by=request.seat)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("change_instance", instance.pk)
    messages.success(request, f"“{instance}” has been removed.")
    return redirect("instances", instance.record_id)


def _instances_for(seat: Membership) -> QuerySet[Instance]:
    """What is named in the unit records that open to this seat."""
    records = records_for(seat).order_by().values("pk")
    return Instance.objects.filter(record__in=records).select_related(
        "named_by", *(f"record__{name}" for name in _PEOPLE)
    )
