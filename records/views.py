"""Printing a unit record: ask for it, wait for it, fetch it."""

from http import HTTPStatus

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from centres.decorators import seat_required
from centres.requests import SeatedRequest
from files.serving import serve
from records.actions import ask_for_print
from records.models import PrintState
from records.queries import prints_for
from registrations.models import UnitRecord


@require_POST
@seat_required()
def print_record(request: SeatedRequest, pk: int) -> HttpResponse:
    """Ask for a print; a record that has not changed is not printed twice."""
    try:
        asked = ask_for_print(record_id=pk, by=request.seat)
    except UnitRecord.DoesNotExist as missing:
        raise Http404 from missing
    return redirect("print", asked.pk)


@require_safe
@seat_required()
def print_page(request: SeatedRequest, pk: int) -> HttpResponse:
    """Where a print is to be had. While it is being made the page asks again by itself, with and without scripts.

    As long as nothing has changed a script is answered with no content: what is read aloud, or has the focus, stays.
    """
    asked = get_object_or_404(prints_for(request.seat), pk=pk)
    is_part = bool(getattr(request, "htmx", False))
    if is_part and asked.state == PrintState.WAITING:
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Vary": "HX-Request"})
    response = render(
        request,
        "records/print.html#state" if is_part else "records/print.html",
        {"print": asked, "is_waiting": asked.state == PrintState.WAITING, "is_ready": asked.state == PrintState.READY},
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@seat_required()
def print_pdf(request: SeatedRequest, pk: int) -> HttpResponseBase:
    """The PDF itself, under the unit's and the candidate's name."""
    asked = get_object_or_404(prints_for(request.seat).filter(state=PrintState.READY), pk=pk)
    assert asked.blob is not None  # a print that is ready has a file
    record = asked.record
    return serve(request, asked.blob, filename=f"{record.unit.code} {record.registration.candidate.name}.pdf")
