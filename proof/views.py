"""The coordinator's pages on verification: start one, see how far it is and what came of it (R66)."""

from http import HTTPStatus

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_safe

from centres.decorators import seat_required
from centres.models import Role
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from proof.runs import runs_for, start_verification

PER_PAGE = 25


class VerifyForm(forms.Form):
    """A ledger entry that somebody kept, or nothing."""

    anchor = forms.CharField(
        label="Ledger entry from an email or a printout",
        required=False,
        max_length=300,
        help_text="It stands under each signature. With it we also find out whether the end of the ledger was cut off.",
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@seat_required(Role.COORDINATOR)
def verify(request: SeatedRequest) -> HttpResponse:
    """Start a verification of one's centre; those of before, newest first."""
    form = VerifyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            run = start_verification(anchor=form.cleaned_data["anchor"], by=request.seat)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("verification_run", run.pk)
    page = Paginator(runs_for(request.seat), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "proof/verify.html",
        {"form": form, "page": page},
        status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK,
    )


@require_safe
@seat_required(Role.COORDINATOR)
def verification_run(request: SeatedRequest, pk: int) -> HttpResponse:
    """How far one verification is, or what came of it. Meanwhile the page asks again, with and without scripts."""
    run = get_object_or_404(runs_for(request.seat), pk=pk)
    part = ""
    if getattr(request, "htmx", False):
        # The count alone, which is not read aloud; once there is a result, that in its place.
        part = "#progress" if run.is_under_way else "#state"
    response = render(
        request,
        f"proof/verification_run.html{part}",
        {"run": run, "unlisted": run.fault_count - len(run.first_faults), "is_swapped": bool(part)},
    )
    patch_vary_headers(response, ["HX-Request"])
    return response
