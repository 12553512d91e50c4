"""The messages of a testimony: to witness and candidate, and to the assessor where it is disowned (R20, R20a)."""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format

from centres.models import Role, User
from centres.permissions import why_not
from evidence.models import Claim, ClaimState, EvidenceState, RecordState, Testimony, TestimonyRequest
from evidence.permissions.testimonies import check_link_works
from evidence.testimony_links import link_to_disown, link_to_testify

from .messages import Notice, is_here

_RELATIONS = ("evidence__portfolio__candidate", "evidence__portfolio__centre", "evidence__current_version", "witness")


def notices_to_witnesses(pks: Iterable[int]) -> Iterator[Notice]:
    """The link, to whoever was asked; nothing where the request was withdrawn meanwhile."""
    for asked in TestimonyRequest.objects.filter(pk__in=list(pks)).select_related(*_RELATIONS).order_by("pk"):
        if why_not(check_link_works, asked):
            continue
        portfolio = asked.evidence.portfolio
        yield Notice(
            to=asked.email,
            subject=f"{portfolio.candidate} asks you to say what you saw",
            templates=("mail/testimony_asked.txt", "mail/testimony_asked.html"),
            context={
                "asked": asked,
                "candidate": portfolio.candidate,
                "centre": portfolio.centre,
                "dates": _dates(asked),
                "url": link_to_testify(asked),
            },
        )


def notices_of_testimonies(pks: Iterable[int]) -> Iterator[Notice]:
    """Of one given: a copy to the invited address, a word to the candidate. Of one disowned: to the assessors."""
    given = Testimony.objects.filter(pk__in=list(pks)).select_related(*(f"request__{name}" for name in _RELATIONS))
    for testimony in given.order_by("pk"):
        if testimony.is_suspended:
            yield from _suspended(testimony)
        else:
            yield _copy(testimony)
            yield from _given(testimony)


def _copy(testimony: Testimony) -> Notice:
    asked, candidate = testimony.request, testimony.request.evidence.portfolio.candidate
    return Notice(
        to=asked.email,
        subject=f"Your testimony about {candidate}",
        templates=("mail/testimony_copy.txt", "mail/testimony_copy.html"),
        context={
            "testimony": testimony,
            "asked": asked,
            "candidate": candidate,
            "dates": _dates(asked),
            "url": link_to_disown(testimony),
        },
    )


def _given(testimony: Testimony) -> Iterator[Notice]:
    evidence = testimony.request.evidence
    candidate = evidence.portfolio.candidate
    if is_here(candidate, evidence.portfolio.centre, Role.CANDIDATE):
        yield Notice(
            to=candidate.email,
            subject=f"Your witness has answered about {evidence.reference}",
            templates=("mail/testimony_given.txt", "mail/testimony_given.html"),
            context={
                "testimony": testimony,
                "asked": testimony.request,
                "evidence": evidence,
                "candidate": candidate,
                "is_draft": evidence.state == EvidenceState.DRAFT,
                "url": settings.SITE_URL + reverse("evidence", args=[evidence.pk]),
            },
        )


def _suspended(testimony: Testimony) -> Iterator[Notice]:
    """To each assessor of a unit that the item is claimed in: nobody but the candidate knows of a draft."""
    evidence = testimony.request.evidence
    if evidence.offered_at is None:
        return
    claims = (
        Claim.objects.filter(Q(judged_version__testimony=testimony) | Q(state=ClaimState.UNDECIDED), evidence=evidence)
        .exclude(state=ClaimState.WITHDRAWN)
        .select_related("record__unit", "record__registration__assessor", "record__own_assessor")
        .order_by("record__unit__code")
    )
    records = {claim.record_id: claim.record for claim in claims}.values()
    assessors: dict[User, tuple[list[str], list[str]]] = {}
    for record in records:
        still_open, signed = assessors.setdefault(record.assessor, ([], []))
        (still_open if record.state == RecordState.OPEN else signed).append(record.unit.code)
    for assessor, (open_units, signed_units) in assessors.items():
        if not is_here(assessor, evidence.portfolio.centre, Role.ASSESSOR):
            continue
        yield Notice(
            to=assessor.email,
            subject=f"A testimony on {evidence.reference} of {evidence.portfolio.candidate} is suspended",
            templates=("mail/testimony_suspended.txt", "mail/testimony_suspended.html"),
            context={
                "testimony": testimony,
                "evidence": evidence,
                "candidate": evidence.portfolio.candidate,
                "person": assessor,
                "open_units": open_units,
                "signed_units": signed_units,
                "url": settings.SITE_URL + reverse("evidence", args=[evidence.pk]),
            },
        )


def _dates(asked: TestimonyRequest) -> str:
    first, last = (date_format(day, "SHORT_DATE_FORMAT") for day in (asked.happened_from, asked.happened_to))
    return first if first == last else f"{first} to {last}"
