"""One's own drawn signature: drawn or handed in, looked at, taken away (Q26)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from centres.decorators import seat_required
from centres.drawn_signature.actions import FILE_NAME, remove_drawn_signature, save_drawn_signature
from centres.drawn_signature.forms import DrawingForm, own_address
from centres.queries import drawn_signature_of
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from files.serving import serve


@require_http_methods(["GET", "HEAD", "POST"])
@seat_required()
def drawn_signature(request: SeatedRequest) -> HttpResponse:
    """Draw a signature, or hand in a picture of it. Who came from a page of ours, such as to sign, goes back to it."""
    is_sent = request.method == "POST"
    back = own_address(request.POST.get("next") if is_sent else request.GET.get("next"))
    form = DrawingForm(request.POST, request.FILES) if is_sent else DrawingForm(initial={"next": back})
    if is_sent and form.is_valid():
        picture = form.cleaned_data["picture"]
        try:
            save_drawn_signature(file=picture, name=picture.name, by=request.seat)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Your drawn signature is kept. It stands beside your name when you next sign.")
            return redirect(back or "drawn_signature")
    page = {"form": form, "drawing": drawn_signature_of(request.user), "back": back}
    return render(request, "centres/drawn_signature.html", page, status=422 if form.errors else 200)


@require_POST
@seat_required()
def remove_drawing(request: SeatedRequest) -> HttpResponse:
    """Take it away. What was signed with it keeps it."""
    remove_drawn_signature(by=request.seat)
    messages.success(request, "Your drawn signature is taken away. What you have signed stays as it is.")
    return redirect("drawn_signature")


@require_safe
@seat_required()
def own_drawing(request: SeatedRequest) -> HttpResponseBase:
    """The drawing itself, for the person whose it is."""
    kept = drawn_signature_of(request.user)
    if kept is None:
        raise Http404("You keep no drawn signature.")
    return serve(request, kept.blob, filename=FILE_NAME)
