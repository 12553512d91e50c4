"""Checking a print, without an account: whoever holds the paper knows its code, and nobody else does (Q26, R66).

Every code that opens nothing is answered with one page and one status, whatever is wrong with it.
"""

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate

from allauth.core.internal import ratelimit
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from ledger.keys import KeyTrouble
from proof.checking import confirmed_by
from records.codes import read_code

log = logging.getLogger(__name__)
# For each address, of both pages together: a verifier may have a pile of prints before them.
RATES = {"code": "60/5m/ip"}

type PublicView[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


class CheckForm(forms.Form):
    """The code of a print, however it is typed."""

    code = forms.CharField(
        label="Code on the print",
        max_length=80,
        help_text="It stands beside the square pattern at the end. Spaces, dashes and capitals do not matter.",
        error_messages={"required": "Type the code that stands on the print."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )

    def clean_code(self) -> str:
        code = read_code(self.cleaned_data["code"])
        if code is None:
            raise forms.ValidationError("A code has 26 letters and figures. Compare yours with the print.")
        return code


def open_to_everybody[**P](view: PublicView[P]) -> PublicView[P]:
    """Open a view to people without an account, so many times for each address.

    `proof.middleware` keeps it out of every list and cache.
    """

    @login_not_required
    @sensitive_post_parameters()
    @wraps(view)
    def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        # An empty form tells nothing, so it costs nothing.
        is_empty_form = not kwargs and request.method != "POST"
        if is_empty_form or ratelimit.consume(request, app="check", action="code", config=RATES, limit_get=True):
            return view(request, *args, **kwargs)
        typed = request.POST.get("code", "") or str(kwargs.get("code", ""))
        form = CheckForm(initial={"code": typed})
        return render(request, "proof/check_busy.html", {"form": form}, status=HTTPStatus.TOO_MANY_REQUESTS)

    return opened


@require_http_methods(["GET", "HEAD", "POST"])
@open_to_everybody
def check(request: HttpRequest) -> HttpResponse:
    """Where the code of a print is typed."""
    form = CheckForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return redirect("check_print", form.cleaned_data["code"])
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "proof/check.html", {"form": form}, status=status)


@require_safe
@open_to_everybody
def check_print(request: HttpRequest, code: str) -> HttpResponse:
    """What a print's code confirms. Without this installation's key nothing is, and nothing is held against it."""
    try:
        found = confirmed_by(code)
    except KeyTrouble as trouble:
        log.error("Prints cannot be checked: %s", trouble)
        return render(request, "proof/check_later.html", status=HTTPStatus.SERVICE_UNAVAILABLE)
    if found is None:
        return render(request, "proof/check_unknown.html", status=HTTPStatus.NOT_FOUND)
    return render(request, "proof/check_print.html", {"found": found})


@require_safe
@login_not_required
def robots(request: HttpRequest) -> HttpResponse:
    """Nothing here is for search engines: every page is somebody's own, or a matter of whoever holds a print."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")
