"""The files of evidence. Who may have one is decided here; how it is sent, in ``files.serving``."""

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from centres.decorators import seat_required
from centres.models import Membership
from centres.requests import SeatedRequest
from evidence.models import EvidenceFile
from evidence.queries import evidence_files_for
from files.models import Blob
from files.serving import serve


def _find_file(seat: Membership, pk: int) -> EvidenceFile:
    return get_object_or_404(evidence_files_for(seat).select_related("blob"), pk=pk)


def serve_variant(request: SeatedRequest, blob: Blob, name: str, variant: str) -> HttpResponseBase:
    """A view of a file that this person may have: one of those below. Raises Http404 for any other."""
    match variant:
        case "display":
            return serve(request, blob, filename=name, variant="display")
        case "thumbnail":
            return serve(request, blob, filename=name, variant="thumbnail")
        case "media" if blob.type.is_playable:
            return serve(request, blob, filename=name)
    raise Http404("There is no such view of this file.")


@require_safe
@seat_required()
def evidence_file(request: SeatedRequest, pk: int) -> HttpResponseBase:
    """The original, as it was handed in (R11)."""
    file = _find_file(request.seat, pk)
    return serve(request, file.blob, filename=file.name)


@require_safe
@seat_required()
def evidence_file_variant(request: SeatedRequest, pk: int, variant: str) -> HttpResponseBase:
    """What a page shows of it: ``display``, ``thumbnail``, or ``media``, the sound or film that a player asks for."""
    file = _find_file(request.seat, pk)
    return serve_variant(request, file.blob, file.name, variant)


@require_safe
@seat_required()
def evidence_file_page(request: SeatedRequest, pk: int, number: int) -> HttpResponseBase:
    """The picture of one page of a PDF."""
    file = _find_file(request.seat, pk)
    return serve(request, file.blob, filename=file.name, variant="page", page=number)
