"""The link in an invitation: a signed number, so that nothing secret is stored (HOUSE, "One way through")."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from centres.models import Invitation

_SIGNER = signing.Signer(salt="centres.invitation")


def token_for(invitation: Invitation) -> str:
    """The token that names an invitation in its link. Whether it can still be used is read from the row."""
    return _SIGNER.sign(str(invitation.pk))


def link_for(invitation: Invitation) -> str:
    """The whole address of the page that accepts an invitation, for mail and for the command line."""
    return settings.SITE_URL + reverse("accept_invitation", args=[token_for(invitation)])


def invitation_from(token: str) -> Invitation | None:
    """The invitation that a token names, in whatever state; None for a token that we did not make."""
    try:
        pk = int(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    return Invitation.objects.select_related("centre", "invited_by").filter(pk=pk).first()
