"""Proof that the signer is at the keyboard now: one proof, one signature (Q26).

A password or an authenticator code is typed into the signing form. A passkey is confirmed on its own page (allauth's)
and serves for the next signature within five minutes. A code and a passkey's confirmation sign once: the signature's
row keeps the name of either, and the database takes no name twice.
"""

import time
from dataclasses import dataclass
from http import HTTPStatus

from allauth.account.authentication import get_authentication_records
from allauth.core import ratelimit
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from centres.models import User
from signoff.models import Signature

PASSWORD = "password"
CODE = "authenticator code"
PASSKEY = "passkey"

PASSKEY_SECONDS = 5 * 60
TOO_MANY = "too_many_attempts"


@dataclass(frozen=True)
class Proof:
    """How presence was proved; `key` names a proof that could otherwise be used again, and is blank for a password."""

    kind: str
    key: str = ""


@dataclass(frozen=True)
class Means:
    """What a person can prove their presence with."""

    password: bool
    code: bool
    passkey: bool


def means_of(user: User) -> Means:
    """What this person has set up. One query."""
    types = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return Means(
        password=user.has_usable_password(),
        code=Authenticator.Type.TOTP in types,
        passkey=Authenticator.Type.WEBAUTHN in types,
    )


def fresh_passkey(request: HttpRequest, user: User) -> Proof | None:
    """The passkey confirmation of the last five minutes that has signed nothing yet, if there is one."""
    for entry in reversed(get_authentication_records(request, user)):
        is_passkey = entry.get("reauthenticated") and entry.get("type") == Authenticator.Type.WEBAUTHN
        if not is_passkey or time.time() - entry["at"] > PASSKEY_SECONDS:
            continue
        key = f"passkey:{user.pk}:{entry['at']:.6f}"
        if not Signature.objects.filter(proof_key=key).exists():
            return Proof(kind=PASSKEY, key=key)
    return None


def prove(request: HttpRequest, user: User, *, password: str, code: str) -> Proof:
    """Check what was typed, or take a fresh passkey confirmation when nothing was.

    Raises ValidationError by field; its code is TOO_MANY after five failures in five minutes, when even the right
    password is refused until the time has passed.
    """
    if not password and not code:
        if passkey := fresh_passkey(request, user):
            return passkey
        raise ValidationError({"password": "Type your password, so that nobody else can sign for you."})
    field = "code" if code else "password"
    budget = f"sign:{user.pk}"
    # allauth's own budget for failed sign-ins: five in five minutes for each person.
    if not ratelimit.consume(request, action="login_failed", key=budget):
        raise ValidationError(
            {field: ValidationError("Too many failed attempts. Wait five minutes, then try again.", code=TOO_MANY)}
        )
    if code:
        proof = _proof_by_code(user, code)
    else:
        proof = Proof(kind=PASSWORD) if user.check_password(password) else None
    if proof is None:
        wrong = (
            "This code is not right, or it has been used. Wait for the next one."
            if code
            else "This is not your password. Type it again."
        )
        raise ValidationError({field: wrong})
    ratelimit.clear(request, action="login_failed", key=budget)
    return proof


def status_of(error: ValidationError) -> HTTPStatus:
    """429 when there were too many attempts, otherwise 422."""
    fields = error.error_dict.values() if hasattr(error, "error_dict") else [[error]]
    if any(each.code == TOO_MANY for errors in fields for each in errors):
        return HTTPStatus.TOO_MANY_REQUESTS
    return HTTPStatus.UNPROCESSABLE_ENTITY


def _proof_by_code(user: User, code: str) -> Proof | None:
    authenticator, typed = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first(), code.strip()
    step = _step_of(authenticator, typed) if authenticator else None
    # allauth remembers in the cache which codes were used, for signing in too.
    if authenticator is None or step is None or not authenticator.wrap().validate_code(typed):
        return None
    authenticator.record_usage()
    return Proof(kind=CODE, key=f"code:{user.pk}:{step}")


def _step_of(authenticator: Authenticator, code: str) -> int | None:
    """The step in time that a code is right for; None when it is wrong now."""
    secret = decrypt(authenticator.data["secret"])
    for step in yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return step
    return None
