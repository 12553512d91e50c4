"""A coordinator's standards: the shared ones to read and take along, the centre's own to hand in, look at and load."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from centres.catalogue import standards_for
from centres.decorators import seat_required
from centres.forms import StandardFileForm
from centres.models import Role
from centres.people.views import PER_PAGE
from centres.permissions import why_not
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from centres.standards import actions, queries
from files.sniffing import clean_name
from units.spreadsheets.writing import MEDIA_TYPE, write_spreadsheet, write_template
from units.standard_files import StandardFileError, write_standard
from units.stored import stored_document


@seat_required(Role.COORDINATOR)
@require_safe
def centre_standards(request: SeatedRequest) -> HttpResponse:
    """What the centre has: standards to download, and files handed in that wait to be loaded."""
    return render(
        request,
        "centres/standards.html",
        {
            "page": Paginator(queries.standards_listed(request.seat), PER_PAGE).get_page(request.GET.get("page")),
            "uploads": list(
                queries.uploads_for(request.seat).filter(applied_at=None).defer("document", "problems")[:10]
            ),
        },
    )


@seat_required(Role.COORDINATOR)
def hand_in_standard(request: SeatedRequest) -> HttpResponse:
    """Hand in a file; its preview follows, or what is wrong with it."""
    form = StandardFileForm(request.POST, request.FILES) if request.method == "POST" else StandardFileForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            upload = actions.hand_in_standard(file=file, name=file.name, by=request.seat)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("standard_upload", upload.pk)
    return render(request, "centres/hand_in_standard.html", {"form": form}, status=422 if form.errors else 200)


@seat_required(Role.COORDINATOR)
def standard_upload(request: SeatedRequest, pk: int) -> HttpResponse:
    """The preview of a file handed in, or its problems; posting loads it."""
    upload = get_object_or_404(queries.uploads_for(request.seat), pk=pk)
    reasons: list[str] = []
    if request.method == "POST":
        try:
            upload = actions.load_handed_in(upload=upload, by=request.seat)
        except ValidationError as refusal:
            reasons = refusal.messages
    if upload.state == "applied":
        if request.method == "POST":
            messages.success(request, f"{upload.standard} is loaded. It is your centre’s own.")
        return redirect("centre_standards")
    preview = None
    if upload.state == "checked":
        try:
            preview = queries.preview_of(upload)
        except StandardFileError as refusal:
            reasons = reasons or list(refusal.problems)
    return render(
        request,
        "centres/standard_upload.html",
        {
            "upload": upload,
            "preview": preview,
            "reasons": reasons,
            "why_not": why_not(actions.check_may_load, upload),
            "problems_left": upload.problem_count - len(upload.problems),
            "back": reverse("centre_standards"),
        },
        status=422 if reasons else 200,
    )


@seat_required(Role.COORDINATOR)
@require_safe
def standard_template(request: SeatedRequest) -> HttpResponse:
    """The empty spreadsheet to fill in."""
    return _download(write_template(), "standard-template.xlsx", MEDIA_TYPE)


@seat_required(Role.COORDINATOR)
@require_safe
def download_standard(request: SeatedRequest, pk: int, form: str) -> HttpResponse:
    """A standard as a spreadsheet to add to, or as a standard file (Q2). Raises Http404 for any other form."""
    standard = get_object_or_404(standards_for(request.seat), pk=pk)
    document = stored_document(standard)
    name = clean_name(f"{standard.code} {standard.edition}")
    match form:
        case "xlsx":
            return _download(write_spreadsheet(document), f"{name}.xlsx", MEDIA_TYPE)
        case "json":
            return _download(write_standard(document).encode(), f"{name}.json", "application/json")
    raise Http404("A standard comes as xlsx or as json.")


def _download(content: bytes, name: str, media_type: str) -> HttpResponse:
    headers = {"Content-Disposition": str(content_disposition_header(True, name)), "Cache-Control": "private, no-cache"}
    return HttpResponse(content, content_type=media_type, headers=headers)
