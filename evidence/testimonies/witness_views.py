"""The pages behind a witness's links: open to whoever holds one, without an account (R20-R21, R20a).

Opening a link uses nothing up, since mail programs open links to look at them; only sending the form does. What cannot
be used is answered with one calm page that tells a stranger nothing.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from allauth.core.internal import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from centres.permissions import why_not
from centres.refusals import add_refusal
from evidence.testimonies import actions as testimonies
from evidence.testimonies.forms import TestimonyForm
from evidence.testimonies.links import request_from, testimony_from
from evidence.testimonies.permissions import check_link_works, check_may_be_disowned

# For each address, of opening and sending together: a whole shop may share one.
RATES = {"link": "60/5m/ip"}
_INCOMPLETE = "This link is not complete. Open it again from the message, or copy the whole of it."

type LinkView[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


def behind_a_link[**P](view: LinkView[P]) -> LinkView[P]:
    """Open a view to people without an account, so many times for each address, and keep it out of every list.

    Nothing keeps the page, and no other page learns of the link by it: browsers send on the site alone.
    """

    @login_not_required
    @never_cache
    @sensitive_post_parameters()
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if ratelimit.consume(request, app="testimony", action="link", config=RATES, limit_get=True):
            response = view(request, *args, **kwargs)
        else:
            response = _closed(request, "Too many tries in a short time. Wait five minutes, then try again.", 429)
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Referrer-Policy"] = "strict-origin"
        return response

    return opened


@behind_a_link
def testify(request: HttpRequest, token: str) -> HttpResponse:
    """Where a witness says who they are and what they saw, and signs."""
    asked = request_from(token)
    if asked is None:
        return _closed(request, _INCOMPLETE, 404)
    if reason := why_not(check_link_works, asked):
        return _closed(request, reason, 410)
    form = TestimonyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            testimonies.give_testimony(request=asked, said=form.said)
        except ValidationError as refusal:
            asked.refresh_from_db()
            if reason := why_not(check_link_works, asked):
                return _closed(request, reason, 410)
            add_refusal(form, refusal)
        else:
            return redirect("testimony_received")
    return render(
        request,
        "evidence/testimony_give.html",
        {"form": form, "asked": asked, "candidate": asked.evidence.portfolio.candidate},
        status=422 if request.method == "POST" else 200,
    )


@behind_a_link
def testimony_received(request: HttpRequest) -> HttpResponse:
    """Thanks, on a page that anybody may open: it says nothing of anybody."""
    return render(request, "evidence/testimony_received.html")


@behind_a_link
def disown_testimony(request: HttpRequest, token: str) -> HttpResponse:
    """ "This was not me": the link under the copy that goes to the invited address (R20a)."""
    testimony = testimony_from(token)
    if testimony is None:
        return _closed(request, _INCOMPLETE, 404)
    if reason := why_not(check_may_be_disowned, testimony):
        return _closed(request, reason, 410)
    if request.method == "POST":
        try:
            testimonies.suspend_testimony(testimony=testimony)
        except ValidationError as refusal:
            return _closed(request, " ".join(refusal.messages), 410)
        return redirect("testimony_disowned")
    return render(request, "evidence/testimony_disown.html", {"testimony": testimony, "asked": testimony.request})


@behind_a_link
def testimony_disowned(request: HttpRequest) -> HttpResponse:
    """What follows from it, on a page that says nothing of anybody."""
    return render(request, "evidence/testimony_disowned.html")


def _closed(request: HttpRequest, reason: str, status: int) -> HttpResponse:
    """The one page for every link that cannot be used. What was typed meanwhile is shown, to be copied."""
    typed = request.POST.get("words", "").strip()
    return render(request, "evidence/testimony_closed.html", {"reason": reason, "typed": typed}, status=status)
