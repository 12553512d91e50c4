"""The two links of a testimony: to write it, and to say that it was somebody else (R20, R20a).

Each is the row's random key (128 bits) with a signature over it, so that what the database holds opens nothing.
Whether a link can still be used is read from the row.
"""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from evidence.models import Testimony, TestimonyRequest

_TO_TESTIFY = signing.Signer(salt="evidence.testimony.testify")
_TO_DISOWN = signing.Signer(salt="evidence.testimony.disown")


def token_to_testify(request: TestimonyRequest) -> str:
    """The token in the link that the witness is sent."""
    return _TO_TESTIFY.sign(request.key)


def link_to_testify(request: TestimonyRequest) -> str:
    """The whole address of the page where the witness writes."""
    return settings.SITE_URL + reverse("testify", args=[token_to_testify(request)])


def request_from(token: str) -> TestimonyRequest | None:
    """The request that a token names, in whatever state; None for a token that we did not make."""
    try:
        key = _TO_TESTIFY.unsign(token)
    except signing.BadSignature:
        return None
    return (
        TestimonyRequest.objects.select_related(
            "witness", "evidence__portfolio__candidate", "evidence__portfolio__centre", "evidence__current_version"
        )
        .filter(key=key)
        .first()
    )


def token_to_disown(testimony: Testimony) -> str:
    """The token in the link under the copy that goes to the invited address."""
    return _TO_DISOWN.sign(testimony.request.key)


def link_to_disown(testimony: Testimony) -> str:
    """The whole address of the page that says "this was not me"."""
    return settings.SITE_URL + reverse("disown_testimony", args=[token_to_disown(testimony)])


def testimony_from(token: str) -> Testimony | None:
    """The testimony that a token disowns, suspended or not; None for a token that we did not make."""
    try:
        key = _TO_DISOWN.unsign(token)
    except signing.BadSignature:
        return None
    return (
        Testimony.objects.select_related("request__evidence__portfolio__candidate", "request__witness")
        .filter(request__key=key)
        .first()
    )
