"""The messages of a testimony: to witness and candidate, and to the assessor where it is disowned (R20, R20a)."""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format

from centres.models import Role, User
from centres.permissions import why_not
from centres.queries import centre_people
from desk.messages import Notice, is_here
from evidence.models import Claim, ClaimState, EvidenceState, Testimony, TestimonyRequest
from evidence.testimonies.links import link_to_disown, link_to_testify
from evidence.testimonies.permissions import check_link_works
from registrations.models import RecordState

# R48; a registration that was completed goes on first.
_WHO_UNLOCKS = (
    "by the assessor until a verifier has signed, then by the coordinator, who first resumes a registration that was "
    "completed"
)
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
    """To each assessor of a unit that the item is claimed in, since nobody but the candidate knows of a draft; to the
    coordinators for what is signed, which they alone unlock once a verifier has signed, and for who has left."""
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
    centre = evidence.portfolio.centre
    coordinators = list(centre_people(centre, Role.COORDINATOR))
    told: dict[User, tuple[list[str], list[str]]] = {}
    for record in records:
        is_signed = record.state != RecordState.OPEN
        has_left = not is_here(record.assessor, centre, Role.ASSESSOR)
        for person in [*([] if has_left else [record.assessor]), *(coordinators if is_signed or has_left else [])]:
            still_open, signed = told.setdefault(person, ([], []))
            units = signed if is_signed else still_open
            if record.unit.code not in units:
                units.append(record.unit.code)
    for person, (open_units, signed_units) in told.items():
        yield Notice(
            to=person.email,
            subject=f"A testimony on {evidence.reference} of {evidence.portfolio.candidate} is suspended",
            templates=("mail/testimony_suspended.txt", "mail/testimony_suspended.html"),
            context={
                "testimony": testimony,
                "evidence": evidence,
                "candidate": evidence.portfolio.candidate,
                "person": person,
                "open_units": open_units,
                "signed_units": signed_units,
                "who_unlocks": _WHO_UNLOCKS,
                "url": settings.SITE_URL + reverse("evidence", args=[evidence.pk]),
            },
        )


def _dates(asked: TestimonyRequest) -> str:
    first, last = (date_format(day, "SHORT_DATE_FORMAT") for day in (asked.happened_from, asked.happened_to))
    return first if first == last else f"{first} to {last}"
