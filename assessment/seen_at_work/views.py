"""Recording in the browser that evidence was seen at work (R12)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from assessment.method_records.forms import SeenAtWorkForm
from assessment.method_records.permissions import check_may_record_seen
from assessment.queries import sights_of
from assessment.seen_at_work.actions import record_seen
from centres.decorators import seat_required
from centres.models import Role
from centres.permissions import why_not
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from evidence.items.views import find_item


@seat_required(Role.ASSESSOR)
def seen_at_work(request: SeatedRequest, pk: int) -> HttpResponse:
    """When and where the assessor saw what stays at work."""
    found = find_item(request.seat, pk)
    version = found.current_version
    assert version is not None  # an item is made together with its first version
    form = SeenAtWorkForm(
        request.POST if request.method == "POST" else None,
        initial={"version": version.pk, "seen_on": timezone.localdate()},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            record_seen(
                evidence=found,
                version_id=data["version"],
                seen_on=data["seen_on"],
                where=data["where"],
                by=request.seat,
            )
        except ValidationError as refusal:
            add_refusal(form, refusal, now_shown={"version": version.pk})
        else:
            messages.success(request, f"It is recorded that you saw {found.reference}.")
            return redirect("judge", found.pk)
    return render(
        request,
        "assessment/seen_at_work.html",
        {
            "evidence": found,
            "version": version,
            "sights": sights_of(version),
            "form": form,
            "why_not": why_not(check_may_record_seen, found, request.seat),
        },
        status=422 if form.errors else 200,
    )
